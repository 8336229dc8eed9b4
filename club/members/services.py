"""Writing members. A new member comes in through `club.awards.enrolment`, which opens the wallets too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.members.cards import follow_number, new_card_number, note_issued
from club.members.checks import checked
from club.members.circles import agent_comes_back, comes_back
from club.members.models import AgentCode, CustomField, Member, NameToken
from club.members.referral_codes import new_referral_code, normal_code
from core import audit, events
from core.errors import AppError, Conflict, NotFound, Text, ValidationFailed
from core.jalali import to_jalali
from core.rows import insert_rows
from core.tenancy.scope import current_club_id
from core.text import search_key
from sms import outbox

EDITABLE = (
    "first_name",
    "last_name",
    "email",
    "city",
    "gender",
    "language",
    "birth_date",
    "source",
    "tags",
    "custom",
    "phone",
    "external_id",
    "card",
)
# What is written of a new member: all but what the database gives.
WRITTEN = [
    field.attname for field in Member._meta.concrete_fields if field.attname not in ("id", "club_id", "created_at")
]
# The first number of the advisory lock under which a club's chain of referrers is read and lengthened.
REFERRAL_LOCK = 7_002
CIRCLE = _("این معرفی دور می‌سازد.")


class DuplicatePhone(AppError):
    code = "duplicate_phone"
    http_status = 409
    message = _("این شماره پیش‌تر عضو شده است.")


class MemberBlocked(AppError):
    code = "member_blocked"
    http_status = 409
    message = _("این عضو مسدود است؛ با مدیر هماهنگ کنید.")


class ReferralRefused(AppError):
    code = "referral_refused"
    http_status = 409
    message = _("این معرفی پذیرفته نیست.")


@dataclass(frozen=True)
class NewMember:
    """Who joins: at least one of phone, external_id and card."""

    phone: str | None = None
    external_id: str | None = None
    card: str | None = None
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    city: str = ""
    gender: str = ""
    language: str = ""
    birth_date: date | None = None
    source: str = ""
    tags: tuple[str, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)


def prepare_member(
    person: NewMember, *, enrolled_at: datetime, tier_floor: str = "", own: Mapping[str, CustomField] | None = None
) -> Member:
    """The member to be, checked and not yet written; `own`, for many, is what `own_fields` says.

    Raises ValidationFailed by field.
    """
    values = checked({name: getattr(person, name) for name in EDITABLE}, own)
    if not (values["phone"] or values["external_id"] or values["card"]):
        raise ValidationFailed({"phone": [_("شمارهٔ موبایل را بنویسید.")]})
    member = Member(enrolled_at=enrolled_at, tier_floor=tier_floor, **values)
    member.card = member.card or new_card_number()
    if member.phone:
        member.sms_consent_at, member.sms_consent_source = enrolled_at, "enrolment"
    _derive(member)
    return member


def fill_blanks(member: Member, told: dict[str, Any]) -> None:
    """Take what a member to be left open from what was told elsewhere and checked there."""
    for name, value in told.items():
        if not getattr(member, name):
            setattr(member, name, value)
    _derive(member)


def insert_members(members: Sequence[Member], *, actor: str) -> None:
    """Insert who was prepared, in the running transaction, with a referral code each: all of them or none.

    Raises DuplicatePhone, Conflict.
    """
    now = timezone.now()
    for member in members:
        member.referral_code, member.updated_at = new_referral_code(), now
    try:
        with transaction.atomic():
            ids = insert_rows(Member, WRITTEN, [[getattr(member, name) for name in WRITTEN] for member in members])
            for member, member_id in zip(members, ids, strict=True):
                member.pk, member.club_id = member_id, current_club_id()
                member._state.adding = False  # noqa: SLF001 - as bulk_create does
            note_issued(members, actor=actor)
    except IntegrityError as error:
        raise _taken(error) from error
    write_name_tokens(members)


@transaction.atomic
def update_member(member_id: int, changes: dict[str, Any], *, actor: str) -> Member:
    """Change the named fields, with the old and new values in the audit. Raises as a new one does, and NotFound."""
    member = Member.objects.select_for_update().filter(pk=member_id).exclude(status=Member.Status.ERASED).first()
    if member is None:
        raise NotFound
    unknown = changes.keys() - {*EDITABLE, "enrolled_at"}
    if unknown:
        raise ValidationFailed({name: [_("این فیلد را نمی‌شود عوض کرد.")] for name in sorted(unknown)})
    before = {name: getattr(member, name) for name in changes}
    for name, value in checked(changes, kept=member.custom).items():
        setattr(member, name, value)
    if not (member.phone or member.external_id or member.card):
        raise ValidationFailed({"phone": [_("شمارهٔ موبایل را بنویسید.")]})
    _derive(member)
    _take_own_back(member, changes)
    try:
        with transaction.atomic():
            member.save(
                update_fields=[*changes, "phone_reversed", "birth_jalali_month", "birth_jalali_day", "updated_at"]
            )
            if "card" in changes:
                follow_number(member, before["card"], actor=actor)
            if (old := before.get("phone")) and old != member.phone:
                outbox.follow_number(member.pk, old=old, new=member.phone)
    except IntegrityError as error:
        raise _taken(error) from error
    if changes.keys() & {"first_name", "last_name"}:
        write_name_tokens([member], anew=True)
    audit.record(
        "member.update",
        actor=actor,
        target=f"member:{member.pk}",
        before=_plain(before),
        after=_plain({name: getattr(member, name) for name in changes}),
    )
    return member


def _take_own_back(member: Member, changes: dict[str, Any]) -> None:
    """What a record that was merged into this one still answers to, and is now to be the member's own again."""
    for name in ("phone", "external_id"):
        if changes.get(name):
            derived = {"phone_reversed": ""} if name == "phone" else {}
            old = Member.objects.filter(merged_into=member, **{name: getattr(member, name)})
            old.update(**{name: None}, **derived)


@transaction.atomic
def set_referrer(member_id: int, code: str, *, actor: str) -> None:
    """Note which member or agent brought the member, once, before the first purchase, in the running transaction.

    The same referrer again changes nothing. Raises NotFound, ValidationFailed for a code that is nobody's,
    ReferralRefused for the own code or phone, a circle, a second referrer, a customer of old or a closed code.
    """
    lock_referrals()
    member = Member.objects.select_for_update().filter(pk=member_id).exclude(status=Member.Status.ERASED).first()
    if member is None:
        raise NotFound
    named = Member.objects.select_related("merged_into").filter(referral_code=normal_code(code))
    known = named.first()
    if known is None:
        _set_agent(member, code, actor=actor)
        return
    referrer = known.merged_into or known
    if referrer.status == Member.Status.ERASED:
        raise _nobodys_code()
    if member.referred_by_id == referrer.pk:
        return
    reason = _why_not_referred(member, referrer)
    if reason:
        raise ReferralRefused(reason)
    _note_referrer(member, {"referred_by_id": referrer.pk}, {"referred_by": referrer.pk}, actor=actor)


@transaction.atomic
def hold_referral(member_id: int, *, held: bool) -> None:
    """Have who brought the member count, or not for now, as the fact `referred`; again changes nothing."""
    brought = Member.objects.filter(pk=member_id, referred_by__isnull=False)
    brought.exclude(referral_held=held).update(referral_held=held, updated_at=Now())


def _set_agent(member: Member, code: str, *, actor: str) -> None:
    agent = AgentCode.objects.filter(code=normal_code(code)).first()
    if agent is None:
        raise _nobodys_code()
    if member.agent_code_id == agent.pk:
        return
    reason = _why_not_by_agent(member, agent)
    if reason:
        raise ReferralRefused(reason)
    _note_referrer(member, {"agent_code_id": agent.pk}, {"agent_code": agent.code}, actor=actor)


def _note_referrer(member: Member, values: dict[str, int], told: dict[str, Any], *, actor: str) -> None:
    Member.objects.filter(pk=member.pk).update(**values, updated_at=Now())
    target, before = f"member:{member.pk}", dict.fromkeys(told)
    audit.record("member.referred", actor=actor, target=target, before=before, after=told)
    events.emit("member.referred", document=target, member_id=member.pk, occurred_at=timezone.now(), data=told)


def _nobodys_code() -> ValidationFailed:
    return ValidationFailed({"referred_by": [_("چنین کد معرفی در باشگاه نیست.")]})


def lock_referrals() -> None:
    """Hold the chain of referrers until the end of the transaction: two who name each other would close a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [REFERRAL_LOCK, current_club_id()])


def _why_not_referred(member: Member, referrer: Member) -> Text | None:
    if referrer.pk == member.pk:
        return _("کسی معرف خودش نمی‌شود.")
    if reason := _why_not_at_all(member):
        return reason
    return CIRCLE if comes_back(referrer.pk, {member.pk}) else None


def _why_not_by_agent(member: Member, agent: AgentCode) -> Text | None:
    if not agent.is_active:
        return _("این کد معرفی دیگر کار نمی‌کند.")
    if member.phone == agent.phone:
        return _("کسی معرف خودش نمی‌شود.")
    if reason := _why_not_at_all(member):
        return reason
    return CIRCLE if agent_comes_back(agent, {member.pk}) else None


def _why_not_at_all(member: Member) -> Text | None:
    if member.is_referred:
        return _("این عضو معرف دیگری دارد.")
    if member.first_purchase_at is not None:
        return _("این عضو پیش از این خرید کرده است.")
    return None


def _derive(member: Member) -> None:
    member.phone_reversed = (member.phone or "")[::-1]
    member.birth_jalali_month, member.birth_jalali_day = (
        to_jalali(member.birth_date)[1:] if member.birth_date else (None, None)
    )


def write_name_tokens(members: Sequence[Member], *, anew: bool = False) -> None:
    """The words under which the members are found; `anew` in place of what they were."""
    if anew:
        NameToken.objects.filter(member__in=members).delete()
    tokens = [(member.pk, token) for member in members for token in _name_tokens(member)]
    insert_rows(NameToken, ("member_id", "token"), tokens)


def _name_tokens(member: Member) -> list[str]:
    """The words of the name, half-spaces taken as spaces and as nothing: «علی‌رضا» is found by all its spellings."""
    words = search_key(member.full_name.replace("\u200c", " ")).split()
    joined = [search_key(part).replace(" ", "") for part in (member.first_name, member.last_name)]
    return sorted({token[:60] for token in [*words, *joined] if token})


def _taken(error: IntegrityError) -> AppError:
    if "member_phone_once" in str(error):
        return DuplicatePhone()
    if "card_number_once" in str(error):
        return Conflict(_("این شمارهٔ کارت پیش‌تر صادر شده است؛ شمارهٔ دیگری بنویسید."), field="card")
    field_name = next((name for name in ("external_id", "card") if f"member_{name}_once" in str(error)), "")
    return Conflict(_("این شناسه یا کارت از آنِ عضو دیگری است."), field=field_name)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
