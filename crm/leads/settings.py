"""How a club goes about its leads: the incentive of a qualified one, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import Conflict, NotFound, ValidationFailed
from core.tenancy.scope import club_zone
from core.text import clean_name
from crm.leads.assigning import experts
from crm.leads.models import LeadKind, LeadRule, LeadSettings
from offers.models import Offer
from offers.parsing import parse
from offers.rules import conditions

SETTINGS = "leadsettings:1"
RULES = "leadrules:1"
MOST_DAYS = 3_650


@dataclass(frozen=True)
class Rule:
    """Who gets the leads of a source and kind; blank fits all."""

    owner_id: int
    source: str = ""
    kind: str = ""


def settings_now() -> LeadSettings:
    """What the club has decided, or what holds where it has not; the latter unsaved."""
    return LeadSettings.objects.select_related("incentive").first() or LeadSettings()


def incentives(*, kept: int | None = None) -> list[Offer]:
    """The offers that may be given as codes: live ones of purchases that ask for a code; the one chosen stays."""
    live = Q(status=Offer.Status.LIVE, trigger="purchase", code_required=True, made_for="")
    return list(Offer.objects.filter(live | Q(pk=kept or 0)).order_by("-pk")[:200])


def is_for_newcomers(offer: Offer) -> bool:
    """Whether the offer asks for a first purchase; else a lead's code works on any."""
    asked = conditions(parse(offer.terms, zone=club_zone).when)
    return any(one.fact == "is_first_purchase" and one.value is True for one in asked)


@transaction.atomic
def choose_incentive(incentive_id: int | None, *, days: int, shares_out: bool, actor: str) -> None:
    """Give qualified leads a code of this offer, good for so many days; None gives nothing. Raises ValidationFailed."""
    now = settings_now()
    if incentive_id is not None and incentive_id not in {offer.pk for offer in incentives(kept=now.incentive_id)}:
        raise ValidationFailed({"incentive": [_("پیشنهادی فعال و «با کد» برگزینید.")]})
    if not 1 <= days <= MOST_DAYS:
        raise ValidationFailed({"incentive_days": [_("عددی از ۱ تا ۳٬۶۵۰ بنویسید.")]})
    values = {"incentive_id": incentive_id, "incentive_days": days, "shares_out": shares_out}
    before = {name: getattr(now, name) for name in values}
    LeadSettings.objects.update_or_create(defaults=values)
    audit.record("lead.settings", actor=actor, target=SETTINGS, before=before, after=values)


def rules() -> list[LeadRule]:
    """The rules in their order."""
    return list(LeadRule.objects.select_related("owner").order_by("position", "pk"))


@transaction.atomic
def add_rule(rule: Rule, *, actor: str) -> LeadRule:
    """Add a rule behind the others. Raises ValidationFailed by field, Conflict where one says the same."""
    if rule.owner_id not in {user.pk for user in experts()}:
        raise ValidationFailed({"owner": [_("این کاربر سرنخ‌ها را نمی‌بیند؛ کس دیگری را برگزینید.")]})
    if rule.kind not in ("", *LeadKind.values):
        raise ValidationFailed({"kind": [_("یکی از گزینه‌ها را برگزینید.")]})
    source = clean_name(rule.source)[:40]
    position = (LeadRule.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            made: LeadRule = LeadRule.objects.create(
                position=position, source=source, kind=rule.kind, owner_id=rule.owner_id
            )
    except IntegrityError as error:
        raise Conflict(_("برای همین‌ها قاعده‌ای هست؛ نخست آن را بردارید."), field="source") from error
    after = {"source": source, "kind": rule.kind, "owner": made.owner_id}
    audit.record("lead.rule", actor=actor, target=RULES, before={}, after=after)
    return made


@transaction.atomic
def drop_rule(rule_id: int, *, actor: str) -> None:
    """Take a rule back. Raises NotFound."""
    found = LeadRule.objects.filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    before = {"source": found.source, "kind": found.kind, "owner": found.owner_id}
    found.delete()
    audit.record("lead.rule", actor=actor, target=RULES, before=before, after={})
