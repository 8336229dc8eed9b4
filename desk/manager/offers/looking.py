"""An offer as others will see it: its sentence, what members are shown, what is wrong with it, what it may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from club.awards.naming import names_for
from club.purchases.overlooking import club_of, others_live
from core.errors import Text
from core.jalali import format_date, last_day
from core.language import grouped
from core.tenancy.scope import club_zone
from desk.manager.offers.conditions import Said
from desk.manager.offers.listing import read, trigger_name
from offers.cost import Cost, question, worst_cost
from offers.findings import Finding
from offers.known import Known
from offers.lint import lint
from offers.models import Offer
from offers.parsing_conditions import GroupField
from offers.rules import AllOf, Terms
from offers.words import Words


@dataclass(frozen=True)
class Seen:
    """What is said of an offer before it is published."""

    terms: Terms
    sentence: str
    when: Sequence[str]
    gives: str
    notes: Sequence[Text]
    findings: Sequence[Finding]
    cost: Cost
    question: str

    @property
    def stops(self) -> list[Finding]:
        """What must be put right before it is published."""
        return [one for one in self.findings if one.severity == "error"]

    @property
    def headline(self) -> str:
        """What is given, for those who read no more."""
        return self.gives

    @property
    def told(self) -> str:
        """What members read of it."""
        return self.terms.summary or self.sentence


def sentence_of(terms: Terms) -> str:
    """The offer in one sentence."""
    return Words(names_for([terms])).offer(terms)


def seen(offer: Offer, terms: Terms, *, known: Known) -> Seen:
    """The offer in words, with what is found and what it may cost."""
    now = timezone.now()
    others = others_live(now)
    club = club_of(terms, others, now=now, known=known)
    cost = worst_cost(terms, club)
    return Seen(
        terms=terms,
        sentence=club.words.offer(terms),
        when=conditions(club.words, terms),
        gives=club.words.benefit(terms.benefit),
        notes=notes(terms, club.words),
        findings=lint(terms, others, club, number=offer.pk),
        cost=cost,
        question=question(cost, club),
    )


def conditions(words: Words, terms: Terms) -> list[str]:
    """Each of the conditions that must hold together."""
    parts = terms.when.parts if isinstance(terms.when, AllOf) else (terms.when,)
    return [said for part in parts if (said := words.group(part))]


def notes(terms: Terms, words: Words) -> list[Text]:
    """When it is given, on which days, and how it goes with others."""
    zone, said = club_zone(), []
    if terms.trigger != "purchase":
        said.append(_("هنگام: %(trigger)s") % {"trigger": trigger_name(terms.trigger, words)})
    if terms.starts_at:
        said.append(_("از %(day)s") % {"day": format_date(terms.starts_at, tz=zone)})
    if terms.ends_at:
        said.append(_("تا پایان %(day)s") % {"day": format_date(last_day(terms.ends_at, zone))})
    if terms.code_required:
        said.append(_("تنها با کد تخفیف"))
    if terms.stacking == "always":
        said.append(_("با پیشنهادهای دیگر جمع می‌شود"))
    if terms.stacking == "alone":
        said.append(_("به‌جای همهٔ پیشنهادهای دیگر"))
    if terms.control_bp:
        said.append(_("%(percent)s٪ اعضا شاهدند و نمی‌گیرند") % {"percent": grouped(terms.control_bp // 100)})
    return list(said)


def told_groups(groups: Sequence[Said], offer: Offer) -> list[str]:
    """The groups that are kept as JSON, in words."""
    terms = read(offer.terms, club_zone())
    words = Words(names_for([terms] if terms else []))
    return [words.group(GroupField().read(group, "", {})) for group in groups]
