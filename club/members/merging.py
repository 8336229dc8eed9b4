"""One member's record taken over by another's: who the person is, how to reach and find them, who brought whom.

Value and purchases lie above and are moved by `club.purchases.merging`.
"""

from datetime import date
from typing import Any

from django.db.models.functions import Greatest, Least, Now
from django.utils import timezone

from club.members.circles import agent_comes_back, comes_back
from club.members.consent import follow_phone
from club.members.models import Card, CardCode, ConsentChange, Member, NameToken, Note
from club.members.scores import forget_scores
from club.members.services import lock_referrals, write_name_tokens
from club.members.standing import tell_outbox
from sms import outbox

# What the one left takes over where it has nothing of its own. Those of the second line belong to one record at once.
FILLED = ("email", "city", "gender", "language", "birth_date", "source", "first_name", "last_name")
UNIQUE = ("phone", "external_id", "card")


def lock_records(source_id: int, into_id: int) -> dict[int, Member]:
    """Both records by id, locked, and with them the chain of referrers; one that is not there is left out."""
    lock_referrals()
    rows = Member.objects.select_for_update().filter(pk__in=[source_id, into_id]).order_by("pk")
    return {row.pk: row for row in rows}


def taken_over(source: Member, into: Member) -> dict[str, Any]:
    """What `into` would take over from `source`: the new values by field."""
    names = ("first_name", "last_name")
    skipped = names if into.full_name else ()
    taken: dict[str, Any] = {
        name: getattr(source, name)
        for name in (*FILLED, *UNIQUE)
        if name not in skipped and not getattr(into, name) and getattr(source, name)
    }
    joined = {"tags": sorted({*into.tags, *source.tags}), "custom": {**source.custom, **into.custom}}
    taken |= {name: value for name, value in joined.items() if value != getattr(into, name)}
    if source.enrolled_at < into.enrolled_at:
        taken["enrolled_at"] = source.enrolled_at
    if source.status == Member.Status.BLOCKED != into.status:
        taken["status"] = source.status
    # Who said no to one of the two said no; who was never asked has not.
    if into.sms_consent and not source.sms_consent and source.sms_consent_at:
        taken |= {name: getattr(source, name) for name in ("sms_consent", "sms_consent_at", "sms_consent_source")}
    return taken | _mail_consent(source, into)


def _mail_consent(source: Member, into: Member) -> dict[str, Any]:
    """An address brings along what was allowed for it; a no that one of the two said counts for both."""
    comes = not into.email and bool(source.email)
    allowed = source.email_consent if comes else into.email_consent
    if allowed and not (source.email_consent and into.email_consent):
        last = (
            ConsentChange.objects.filter(member__in=[source.pk, into.pk], channel=ConsentChange.Channel.EMAIL)
            .order_by("member_id", "-id")
            .distinct("member_id")
        )
        allowed = all(row.given for row in last)
    return {"email_consent": allowed} if allowed != into.email_consent else {}


def differing(source: Member, into: Member) -> dict[str, Any]:
    """What of `source` is left behind, as `into` has a value of its own there."""
    shown = (*FILLED, *UNIQUE)
    return {
        name: getattr(source, name)
        for name in shown
        if getattr(source, name) and getattr(into, name) and getattr(source, name) != getattr(into, name)
    }


def take_over(source: Member, into: Member) -> dict[str, Any]:
    """Make `source` a record that only leads to `into`, in the running transaction; what `into` took over, by field.

    Both are locked. Phone, card, external id and referral code of `source` find `into` from now on.
    """
    taken = taken_over(source, into)
    brought_by = _brought_by(source, into)
    figures = {
        "visits": into.visits + source.visits,
        "spent_rial": into.spent_rial + source.spent_rial,
        "first_purchase_at": Least("first_purchase_at", source.first_purchase_at),
        "last_purchase_at": Greatest("last_purchase_at", source.last_purchase_at),
    }
    derived = _derived_of(source, taken)
    Member.objects.filter(pk=source.pk).update(
        status=Member.Status.ERASED,
        merged_into=into,
        visits=0,
        spent_rial=0,
        tier_code="",
        tier_floor="",
        referred_by=None,
        agent_code=None,
        referral_held=False,
        updated_at=Now(),
        **{name: None for name in UNIQUE if name in taken},
        **({"phone_reversed": ""} if "phone" in taken else {}),
    )
    Member.objects.filter(merged_into=source).update(merged_into=into)
    Member.objects.filter(referred_by=source).exclude(pk=into.pk).update(referred_by=into, updated_at=Now())
    Member.objects.filter(pk=into.pk).update(**taken, **derived, **figures, **brought_by, updated_at=Now())
    Card.objects.filter(member=source).update(member=into)
    Note.objects.filter(member=source).update(member=into)
    CardCode.objects.filter(member=source).delete()
    NameToken.objects.filter(member=source).delete()
    forget_scores([source.pk])  # the night scores both as one
    into.refresh_from_db()
    write_name_tokens([into], anew=True)
    follow_phone(into, now=timezone.now())
    tell_outbox(into)
    outbox.let_through(source.pk)  # its messages are the other's from here on
    return taken


def _derived_of(source: Member, taken: dict[str, Any]) -> dict[str, Any]:
    """The columns for searching that go with what is taken over."""
    names: list[str] = ["phone_reversed"] if "phone" in taken else []
    names += ["birth_jalali_month", "birth_jalali_day"] if "birth_date" in taken else []
    return {name: getattr(source, name) for name in names}


def _brought_by(source: Member, into: Member) -> dict[str, Any]:
    """Who brought the person: of the one left, else of the one that goes; never the person, and never in a circle."""
    people = (source.pk, into.pk)
    for record in (into, source):
        if record.referred_by_id is not None and not comes_back(record.referred_by_id, people):
            return _brought(by=record.referred_by_id, held=record.referral_held)
        if record.agent_code and not agent_comes_back(record.agent_code, people):
            return _brought(agent_code=record.agent_code_id)
    return _brought()


def _brought(*, by: int | None = None, agent_code: int | None = None, held: bool = False) -> dict[str, Any]:
    return {"referred_by_id": by, "agent_code_id": agent_code, "referral_held": held}


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """The values as the audit keeps them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
