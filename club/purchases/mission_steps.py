"""What a purchase did to missions, in words: for the till, the receipt and the member's own pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from club.awards.naming import names_for
from club.missions.models import MissionWin
from club.missions.words import progress
from core.tenancy.scope import club_zone, current_club
from offers.models import Coupon, Offer
from offers.parsing import parse
from offers.words import Words


@dataclass(frozen=True)
class MissionStep:
    """A mission as a purchase left it; `gift` and `coupon` where it filled a round that is rewarded."""

    name: str
    icon: str
    text: str
    filled: bool = False
    gift: str = ""
    coupon: str = ""

    @property
    def said(self) -> str:
        """The whole in one line, without the code: one reads it off the receipt."""
        parts = [_("مأموریت «%(name)s»: %(text)s") % {"name": self.name, "text": self.text}]
        if self.filled:
            parts.append(_("پر شد: %(gift)s") % {"gift": self.gift} if self.gift else _("پر شد"))
        return " · ".join(parts)


def steps_of(said: Sequence[Mapping[str, Any]], *, document: str = "") -> list[MissionStep]:
    """The missions of a receipt in words; of a recorded purchase (`document`) with what was won by it."""
    won = _won(document) if document and any(one["filled"] for one in said) else {}
    unit = current_club().currency_unit
    return [
        MissionStep(
            one["name"],
            one["icon"],
            progress(one["counts"], one["progress"], one["target"], unit),
            bool(one["filled"]),
            *won.get(one["id"], ("", "")),
        )
        for one in said
    ]


def gift_words(offer_ids: Iterable[int | None]) -> dict[int | None, str]:
    """What hidden offers give, in the language of now: a handful of queries however many; nothing for none."""
    wanted = {pk for pk in offer_ids if pk}
    if not wanted:
        return {None: ""}
    terms = {offer.pk: parse(offer.terms, zone=club_zone) for offer in Offer.objects.filter(pk__in=wanted)}
    words = Words(names_for(terms.values()))
    return {None: "", **{pk: words.benefit(one.benefit) for pk, one in terms.items()}}


def benefit_words(benefits: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    """What benefits give that are no offers yet, by whatever they are called."""
    said = {"name": "x", "trigger": "purchase", "code_required": True}
    terms = {key: parse({**said, "benefit": dict(one)}, zone=club_zone) for key, one in benefits.items()}
    words = Words(names_for(terms.values()))
    return {key: words.benefit(one.benefit) for key, one in terms.items()}


def _won(document: str) -> dict[int, tuple[str, str]]:
    """By mission the gift and the code that the purchase brought and that still hold."""
    wins = list(MissionWin.objects.filter(cause=document, taken_back=False).order_by("pk"))
    codes = dict(Coupon.objects.filter(document__in=[win.document for win in wins]).values_list("document", "code"))
    gifts = gift_words(win.offer_id for win in wins)
    return {win.mission_id: (gifts[win.offer_id], codes.get(win.document, "")) for win in wins}
