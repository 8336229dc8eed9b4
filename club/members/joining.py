"""Invitations to join and requests to be let in, as rows; what becomes of them is `club.awards.joining`'s."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from club.members.models import JoinInvitation, JoinRequest, Member
from club.members.referral_codes import new_referral_code
from club.members.services import NewMember, fill_blanks, prepare_member
from core import audit
from core.errors import AppError, NotFound, ValidationFailed
from core.jalali import local_date
from core.keyset import older
from core.models import Club
from core.tenancy.scope import current_club, current_club_id
from core.text import clean_name, latin_digits

WAYS = {
    Club.Joining.OPEN.value: _("هر که شماره‌اش را با کد ثابت کند همان دم عضو می‌شود."),
    Club.Joining.INVITED.value: _("تنها کسی که دعوت‌نامه دارد عضو می‌شود."),
    Club.Joining.APPROVED.value: _("درخواست می‌دهد و با تأیید شما عضو می‌شود."),
    Club.Joining.CLOSED.value: _("کسی خودش عضو نمی‌شود؛ تنها صندوق عضو می‌سازد."),
}
TOLD = ("first_name", "last_name", "birth_date", "custom", "source")
MOST_USES = 10_000
LONGEST_CODE = 40


class InvitationSpent(AppError):
    """No such invitation, used up, too old or taken back: one answer for all."""

    code = "invitation_spent"
    http_status = 409
    message = _("این دعوت دیگر کار نمی‌کند؛ از باشگاه دعوت تازه بخواهید.")


@dataclass(frozen=True)
class Joiner:
    """Who asks to join with a phone that was proven, what was told, and what was agreed to in which words.

    `device` is a keyed hash of the browser.
    """

    phone: str
    first_name: str = ""
    last_name: str = ""
    birth_date: date | None = None
    custom: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    invitation: str = ""
    referrer: str = ""
    device: str = ""
    sms_consent: bool = False
    consent_text: str = ""
    rules_number: int | None = None
    address: str = ""

    @property
    def person(self) -> dict[str, Any]:
        """The fields of a new member."""
        return {name: getattr(self, name) for name in ("phone", *TOLD)}


@transaction.atomic
def choose_way(way: str, *, actor: str) -> None:
    """Say who may join the club in scope from its own page. Raises ValidationFailed (joining)."""
    if way not in Club.Joining.values:
        raise ValidationFailed({"joining": [_("یکی از گزینه‌ها را برگزینید.")]})
    club = Club.objects.select_for_update().get(pk=current_club_id())
    before, club.joining = club.joining, way
    if before != way:
        club.save(update_fields=["joining"])
        states = {"before": {"joining": before}, "after": {"joining": way}}
        audit.record("club.joining", actor=actor, target=f"club:{club.pk}", **states)


def way_now() -> str:
    """Who may join at this moment: read anew, as pages remember the club for a few seconds."""
    way: str = Club.objects.values_list("joining", flat=True).get(pk=current_club_id())
    return way


@transaction.atomic
def make_invitation(*, note: str, most_uses: int, last_day: date | None, actor: str, now: datetime) -> JoinInvitation:
    """An invitation good for so many newcomers, to the end of its last day. Raises ValidationFailed by field."""
    errors: dict[str, list[Any]] = {}
    if not 1 <= most_uses <= MOST_USES:
        errors["most_uses"] = [_("عددی از ۱ تا ۱۰٬۰۰۰ بنویسید.")]
    if last_day is not None and last_day < _today(now):
        errors["last_day"] = [_("این روز گذشته است.")]
    if errors:
        raise ValidationFailed(errors)
    made: JoinInvitation = JoinInvitation.objects.create(
        code=new_referral_code(),
        note=clean_name(note)[:60],
        most_uses=most_uses,
        last_day=last_day,
        made_by=actor,
        made_at=now,
    )
    after = {"most_uses": most_uses, "last_day": last_day.isoformat() if last_day else None}
    audit.record("join.invite", actor=actor, target=f"joininvitation:{made.pk}", before={}, after=after)
    return made


@transaction.atomic
def revoke_invitation(invitation_id: int, *, actor: str, now: datetime) -> None:
    """Take the invitation back; who joined by it stays. Once taken back, nothing changes. Raises NotFound."""
    if not JoinInvitation.objects.filter(pk=invitation_id).exists():
        raise NotFound
    if JoinInvitation.objects.filter(pk=invitation_id, revoked_at=None).update(revoked_at=now):
        audit.record("join.revoke", actor=actor, target=f"joininvitation:{invitation_id}", before={}, after={})


def open_invitation(code: str, *, now: datetime) -> JoinInvitation | None:
    """The invitation that still lets somebody in under this code, in any digits and case."""
    found: JoinInvitation | None = _good(now).filter(code=_normal(code)).first()
    return found


def use_invitation(code: str, *, now: datetime) -> JoinInvitation:
    """Count one use in the running transaction: the last one is given once. Raises InvitationSpent."""
    good = _good(now).filter(code=_normal(code))
    if not good.update(used=F("used") + 1):
        raise InvitationSpent
    return JoinInvitation.objects.get(code=_normal(code))


def invitations(*, limit: int, before: int | None = None) -> list[JoinInvitation]:
    """The newest invitations, spent ones as well; `before` is the id of the last one already shown."""
    rows = JoinInvitation.objects.order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def is_good(invitation: JoinInvitation, now: datetime) -> bool:
    """Whether it still lets somebody in."""
    is_late = invitation.last_day is not None and invitation.last_day < _today(now)
    return invitation.revoked_at is None and invitation.used < invitation.most_uses and not is_late


def ask_to_join(joiner: Joiner, *, now: datetime) -> JoinRequest:
    """Keep the request of a phone; who asked before is not asked about again. Raises ValidationFailed by field."""
    prepared = prepare_member(NewMember(**joiner.person), enrolled_at=now)  # its checks are those of a member
    told = {name: getattr(prepared, name) for name in TOLD}
    agreed = {name: getattr(joiner, name) for name in ("sms_consent", "rules_number", "address", "referrer", "device")}
    values = {**told, **agreed, "consent_text": joiner.consent_text[:500], "asked_at": now}
    request, _is_new = JoinRequest.objects.get_or_create(phone=prepared.phone, defaults=values)
    return request


def request_of(phone: str) -> JoinRequest | None:
    """What a phone asked for, waiting or refused."""
    return JoinRequest.objects.filter(phone=phone).first()


def requests_in(state: str, *, limit: int, before: int | None = None) -> list[JoinRequest]:
    """The requests in this state: of those that wait the oldest first, of decided ones the newest.

    `before` is the id of the last one already shown.
    """
    order = ("id",) if state == JoinRequest.State.WAITING else ("-decided_at", "-id")
    last = JoinRequest.objects.filter(pk=before).first() if before else None
    rows = older(JoinRequest.objects.filter(state=state), order, last)
    return list(rows.select_related("member").order_by(*order)[:limit])


def count_waiting() -> int:
    """How many wait for a decision."""
    return JoinRequest.objects.filter(state=JoinRequest.State.WAITING).count()


def claim_requests(members: Iterable[Member]) -> list[tuple[Member, JoinRequest]]:
    """What those who are about to be made members asked for, locked; what they told then fills what is blank now."""
    by_phone = {member.phone: member for member in members if member.phone}
    asked = JoinRequest.objects.select_for_update().filter(phone__in=by_phone).order_by("pk")
    claimed = [(by_phone[request.phone or ""], request) for request in asked]
    for member, request in claimed:
        fill_blanks(member, {name: getattr(request, name) for name in TOLD})
    return claimed


def settle(request: JoinRequest, member: Member, *, actor: str, now: datetime) -> None:
    """Note in the running transaction that this request became this member, and keep nothing of the person twice."""
    request.phone, request.first_name, request.last_name, request.birth_date, request.custom = None, "", "", None, {}
    request.state, request.member = JoinRequest.State.APPROVED, member
    request.decided_at, request.decided_by = now, actor
    request.save()
    audit.record("join.approve", actor=actor, target=f"joinrequest:{request.pk}", before={}, after={})


def take_device(member_id: int) -> str:
    """With which browser the member asked to join, told once, in the running transaction; "" where that is unknown."""
    asked = JoinRequest.objects.select_for_update().filter(member=member_id).exclude(device="").order_by("-pk").first()
    if asked is None:
        return ""
    JoinRequest.objects.filter(pk=asked.pk).update(device="")
    return str(asked.device)


def _today(now: datetime) -> date:
    return local_date(now, current_club().time_zone)


def _good(now: datetime) -> Any:
    in_time = Q(last_day=None) | Q(last_day__gte=_today(now))
    return JoinInvitation.objects.filter(in_time, revoked_at=None, used__lt=F("most_uses"))


def _normal(code: str) -> str:
    return latin_digits(code).strip().upper()[:LONGEST_CODE].replace("\x00", "")
