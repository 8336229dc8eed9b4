"""Cards of members: issued, lost, blocked. A number is given once, and a blocked one opens nobody, ever."""

import secrets
from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Card, Member
from core import audit
from core.errors import Conflict, NotFound, ValidationFailed
from core.jalali import format_date
from core.rows import insert_rows
from core.tenancy.scope import current_club
from core.text import latin_digits

LONGEST_REASON = 200


class CardBlocked(Conflict):
    """The card was reported lost or replaced; `data` has its number and the day. Nobody is opened by it."""

    message = _("این کارت %(day)s بسته شده است؛ شمارهٔ موبایل عضو را بپرسید یا به مدیر بگویید.")


def issue_card(member_id: int, *, actor: str, reason: str = "") -> Member:
    """Give the member a new card with a new number; what was open before is blocked.

    Raises NotFound, ValidationFailed (reason).
    """
    return _replace(member_id, new_card_number(), actor=actor, reason=reason)


def block_card(member_id: int, *, actor: str, reason: str) -> Member:
    """From now on no card that the member was given opens anything.

    Raises NotFound, ValidationFailed (reason), Conflict where no card is open.
    """
    return _replace(member_id, None, actor=actor, reason=reason)


@transaction.atomic
def _replace(member_id: int, number: str | None, *, actor: str, reason: str) -> Member:
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise ValidationFailed({"reason": [_("دلیل بلندتر از ۲۰۰ نویسه است.")]})
    member = Member.objects.select_for_update().filter(pk=member_id).exclude(status=Member.Status.ERASED).first()
    if member is None:
        raise NotFound
    blocked = Card.objects.filter(member=member, blocked_at=None).update(
        blocked_at=Now(), blocked_by=actor, reason=reason
    )
    if not blocked and number is None:
        raise Conflict(_("این عضو کارت بازی ندارد."))
    before, member.card = {"card": member.card}, number
    member.save(update_fields=["card", "updated_at"])
    note_issued([member], actor=actor)
    action = "member.card_issued" if number else "member.card_blocked"
    after = {"card": number, **({"reason": reason} if reason else {})}
    audit.record(action, actor=actor, target=f"member:{member.pk}", before=before, after=after)
    return member


def note_issued(members: Iterable[Member], *, actor: str) -> None:
    """Keep that these members were given the cards they have. An IntegrityError says that a number was given before."""
    given = [(member.pk, member.card, actor) for member in members if member.card]
    insert_rows(Card, ("member_id", "number", "issued_by"), given)


def follow_number(member: Member, before: str | None, *, actor: str) -> None:
    """Keep that the number of the member's card was changed by hand from what it was before."""
    if before == member.card:
        return
    Card.objects.filter(member=member, number=before, blocked_at=None).update(blocked_at=Now(), blocked_by=actor)
    note_issued([member], actor=actor)


def refuse_blocked(number: str) -> None:
    """Raises CardBlocked for the number of a card that was blocked; any other text passes."""
    number = latin_digits(number).strip().replace("\x00", "")
    card = Card.objects.filter(number=number, blocked_at__isnull=False).first() if number else None
    if card and card.blocked_at:
        raise CardBlocked(card=card.number, day=format_date(card.blocked_at, tz=current_club().time_zone))


def why_blocked(text: str) -> str:
    """Why the card of this number, typed in whatever groups, opens nobody; nothing for any other text."""
    try:
        refuse_blocked("".join(text.split()))
    except CardBlocked as blocked:
        return blocked.detail
    return ""


def cards_of(member_id: int) -> list[Card]:
    """Every card the member was ever given, the newest first."""
    return list(Card.objects.filter(member=member_id).order_by("-id"))


def new_card_number() -> str:
    """Sixteen random digits, the last a Luhn check, so that a misread digit finds nobody."""
    body = f"6{secrets.randbelow(10**14):014}"
    return body + luhn_digit(body)


def luhn_digit(body: str) -> str:
    """The check digit of ISO/IEC 7812."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
