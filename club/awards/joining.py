"""Joining from the club's own page: at once, by an invitation, or after a manager's word, as the club wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.awards.enrolment import agree, enrol_member, refer
from club.members.joining import Joiner, ask_to_join, settle, use_invitation, way_now
from club.members.models import JoinRequest, Member
from club.members.reaching import in_language_of
from club.members.selectors import member_by_phone
from club.members.services import DuplicatePhone
from core import audit
from core.errors import AppError, NotFound
from core.models import Club
from core.tenancy.scope import current_club
from sms import outbox


class JoiningClosed(AppError):
    code = "joining_closed"
    http_status = 409
    message = _("عضویت از این صفحه بسته است؛ در خرید بعدی شماره‌ات را به صندوق بگو.")


@dataclass(frozen=True)
class Joined:
    """What came of it: a member, new or known before, or a request that waits or was refused."""

    member: Member | None = None
    request: JoinRequest | None = None


@transaction.atomic
def join_club(joiner: Joiner, *, actor: str, now: datetime) -> Joined:
    """Let the owner of a proven phone join, in the way that the club has chosen; a known one stays what it was.

    Raises JoiningClosed, InvitationSpent, ValidationFailed by field; then nothing has been written.
    """
    known = member_by_phone(joiner.phone)
    if known:
        return Joined(known)
    way = way_now()
    if way == Club.Joining.CLOSED:
        raise JoiningClosed
    if way == Club.Joining.APPROVED:
        return Joined(request=ask_to_join(joiner, now=now))
    try:
        with transaction.atomic():
            return Joined(_let_in(joiner, by_invitation=way == Club.Joining.INVITED, actor=actor, now=now))
    except DuplicatePhone:  # the till was quicker
        return Joined(member_by_phone(joiner.phone))


def approve_request(request_id: int, *, actor: str, now: datetime) -> Member:
    """Make who asked a member, and tell them by SMS; a refused request may be approved later. Raises NotFound.

    Somebody who was let in otherwise meanwhile, or whose number is another's by now, is the member there is.
    """
    with transaction.atomic():
        request = JoinRequest.objects.select_for_update().filter(pk=request_id).first()
        if request is None:
            raise NotFound
        if request.member_id:
            return Member.objects.get(pk=request.member_id)
        phone = request.phone or ""
        known = member_by_phone(phone)
        if known:
            settle(request, known, actor=actor, now=now)
            return known
        # Which takes over what the request says. A welcome does not reach who wants no messages; the answer does.
        member = enrol_member(phone=phone, actor=actor, now=now, quiet=not request.sms_consent)
        if not request.sms_consent:
            _answer(member)
        return member


@transaction.atomic
def refuse_request(request_id: int, *, actor: str, now: datetime) -> bool:
    """Say no to who waits, by SMS as well; False when it was decided before. Raises NotFound."""
    request = JoinRequest.objects.filter(pk=request_id).first()
    if request is None:
        raise NotFound
    waiting = JoinRequest.objects.filter(pk=request_id, state=JoinRequest.State.WAITING)
    if not waiting.update(state=JoinRequest.State.REFUSED, decided_at=now, decided_by=actor):
        return False
    document = f"joinrequest:{request_id}"
    outbox.enqueue(
        "join_refused", phone=request.phone or "", context={"shop_phone": current_club().phone}, document=document
    )
    audit.record("join.refuse", actor=actor, target=document, before={}, after={})
    return True


def decide_requests(request_ids: Sequence[int], *, approve: bool, actor: str, now: datetime) -> int:
    """Approve or refuse each of these, each in a transaction of its own; how many were. Unknown ids are passed over."""
    known = JoinRequest.objects.filter(pk__in=request_ids).order_by("pk").values_list("pk", flat=True)
    if approve:
        return len([approve_request(request_id, actor=actor, now=now) for request_id in known])
    return sum(refuse_request(request_id, actor=actor, now=now) for request_id in known)


def _answer(member: Member) -> None:
    outbox.enqueue(
        "join_approved",
        phone=member.phone or "",
        member_id=member.pk,
        document=f"member:{member.pk}",
        context={"name": member.first_name, **in_language_of(member)},
    )


def _let_in(joiner: Joiner, *, by_invitation: bool, actor: str, now: datetime) -> Member:
    source = f"invitation:{use_invitation(joiner.invitation, now=now).code}" if by_invitation else joiner.source
    member = enrol_member(actor=actor, now=now, **{**joiner.person, "source": source})
    agree(member, joiner, actor=actor, now=now)
    refer(member, joiner.referrer, actor=actor)
    return member
