"""What an act was done to: what the audit calls `kind:number`, as people call it, with the page of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import ApiKey
from accounts.rights import Person
from club.catalogue.models import Branch, Group, Product
from club.gift_cards.models import GiftCard
from club.lotteries.models import Lottery
from club.members.models import AgentCode, CustomField, Member, Segment
from club.missions.models import Mission
from club.purchases.models import Purchase, Refund
from club.rewards.models import Grant, Reward
from club.tiers.models import Tier
from core.language import in_language
from core.named_days import NAMES as NAMED_DAYS
from core.tenancy.models import ClubModel
from crm.campaigns.models import Campaign
from crm.leads.models import Lead, LeadStage
from crm.occasions.models import ActivityType
from desk.audit.words import LISTS, THINGS
from desk.manager.record import actors, numbers_of
from offers.models import Offer
from sms.kinds import name_of
from sms.models import SmsTemplate
from tickets.models import CannedAnswer, Department, Ticket


@dataclass(frozen=True)
class Target:
    """Something in words, and where it is looked at: nothing where there is no such page."""

    text: str
    url: str = ""


def targets_of(names: Iterable[str], reader: Person) -> dict[str, Target]:
    """What the audit's names mean; records of the club in scope that are there still, in one query for each kind.

    A page is named only to a reader who may open it.
    """
    kept = set(names)
    found = {name: Target(_in_words(name)) for name in kept}
    for kind, (model, say) in KINDS.items():
        if numbers := numbers_of(kept, kind):
            may_see = kind not in PAGELESS and reader.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
            for row in model.objects.filter(pk__in=numbers):
                found[f"{kind}:{row.pk}"] = Target(say(row), _address(kind, model, row.pk) if may_see else "")
    people = {name for name in kept if name.startswith("user:")}
    for name, said in actors(people).items():
        found[name] = Target(_("کاربر: %(name)s") % {"name": said}, _address_of_person(name))
    return found


def _in_words(name: str) -> str:
    kind, _colon, rest = name.partition(":")
    if kind == "list":
        return _("فهرست %(name)s") % {"name": _list_name(rest)}
    if kind == "named_day":
        return str(NAMED_DAYS.get(rest, rest))
    if kind == "occasion_day":
        return str(name_of(rest))
    return f"{THINGS.get(kind, kind)} {in_language(rest)}".strip()


def _list_name(code: str) -> str:
    """As the reader calls it; what was kept in words, as it was once."""
    if code in LISTS:
        return str(LISTS[code])
    model = next((model for model in apps.get_models() if model._meta.model_name == code), None)
    return str(model._meta.verbose_name_plural) if model else _(code or "—")


def _address(kind: str, model: type[ClubModel], number: int) -> str:
    route = PAGES.get(kind, f"admin:{model._meta.app_label}_{model._meta.model_name}_change")
    return reverse(route, args=[number])


def _address_of_person(name: str) -> str:
    return reverse("desk:staff_person", args=[name.removeprefix("user:")])


PAGELESS = frozenset({"activity_type", "agentcode", "department", "leadstage"})
# The pages of their own; the others are records of the admin.
PAGES = {
    "cannedanswer": "desk:ticket_canned_one",
    "giftcard": "desk:gift_card",
    "campaign": "desk:campaign",
    "grant": "desk:grant",
    "lead": "desk:lead",
    "member": "desk:member",
    "mission": "desk:mission",
    "offer": "desk:offer",
    "purchase": "desk:receipt",
    "reward": "desk:reward",
    "segment": "desk:segment",
    "ticket": "desk:ticket",
}
KINDS: dict[str, tuple[type[ClubModel], Callable[[Any], str]]] = {
    "activity_type": (ActivityType, lambda row: _("نوع «%(name)s»") % {"name": row}),
    "agentcode": (AgentCode, lambda row: _("عامل: %(name)s") % {"name": row}),
    "api_key": (ApiKey, lambda row: _("کلید «%(name)s»") % {"name": row.name}),
    "branch": (Branch, lambda row: _("شعبهٔ «%(name)s»") % {"name": row}),
    "cannedanswer": (CannedAnswer, lambda row: _("پاسخ آمادهٔ «%(name)s»") % {"name": row}),
    "campaign": (Campaign, lambda row: _("کارزار «%(name)s»") % {"name": row}),
    "customfield": (CustomField, lambda row: _("فیلد «%(name)s»") % {"name": row}),
    "department": (Department, lambda row: _("واحد «%(name)s»") % {"name": row}),
    "giftcard": (GiftCard, lambda row: _("کارت هدیهٔ %(number)s") % {"number": in_language(row.pk)}),
    "grant": (Grant, lambda row: _("هدیه به فهرست «%(name)s»") % {"name": row}),
    "group": (Group, lambda row: _("گروه «%(name)s»") % {"name": row}),
    "lead": (Lead, lambda row: _("سرنخ: %(name)s") % {"name": row}),
    "leadstage": (LeadStage, lambda row: _("مرحلهٔ «%(name)s»") % {"name": row}),
    "lottery": (Lottery, lambda row: _("قرعه‌کشی «%(name)s»") % {"name": row}),
    "member": (Member, lambda row: _("عضو: %(name)s") % {"name": row}),
    "mission": (Mission, lambda row: _("مأموریت «%(name)s»") % {"name": row}),
    "offer": (Offer, lambda row: _("پیشنهاد «%(name)s»") % {"name": row}),
    "product": (Product, lambda row: _("کالای «%(name)s»") % {"name": row}),
    "purchase": (Purchase, str),
    "refund": (Refund, str),
    "reward": (Reward, lambda row: _("جایزهٔ «%(name)s»") % {"name": row}),
    "segment": (Segment, lambda row: _("گروه مشتریان «%(name)s»") % {"name": row}),
    "smstemplate": (SmsTemplate, lambda row: _("متن «%(name)s»") % {"name": row}),
    "ticket": (Ticket, lambda row: _("تیکت %(name)s") % {"name": row}),
    "tier": (Tier, lambda row: _("سطح «%(name)s»") % {"name": row}),
}
