"""Posting a reward to the referrer's credit, and taking it back as the sale comes back."""

from datetime import datetime

from club.ledger.book import Book, load_lots, lock_book
from club.ledger.models import Unit
from club.ledger.taking_back import Earner, take_back_earned
from club.members.models import Member
from club.members.reaching import in_language_of
from club.programme.selectors import programme_at
from club.programme.validity import idle_days, usable_span
from core.errors import InProgress
from core.tenancy.scope import club_zone
from crm.referrals.models import ReferralReward
from sms import outbox

State = ReferralReward.State
CAUSE = "referral"


def person_of(member_id: int) -> Member:
    """Who the record is of by now: itself, or who has taken it over."""
    member = Member.objects.select_related("merged_into").get(pk=member_id)
    return member.merged_into or member


def held_book(member_id: int) -> Book:
    """The person's wallets, locked. Raises InProgress where the member was merged while we waited."""
    owner = person_of(member_id)
    book = lock_book(owner.pk)
    if Member.objects.filter(pk=owner.pk, merged_into__isnull=False).exists():
        raise InProgress
    return book


def pay(reward: ReferralReward, book: Book, *, at: datetime, quiet: bool = False) -> bool:
    """Post what is left of it into the referrer's book, locked; False where somebody was first. The caller writes."""
    if not claim(reward, at=at):
        return False
    reward.refresh_from_db()
    referrer = person_of(reward.referral.referrer_id)
    if reward.left <= 0 or referrer.status == Member.Status.ERASED:
        ReferralReward.objects.filter(pk=reward.pk).update(state=State.CANCELLED, paid_at=None)
        return False
    unit, programme = Unit.CREDIT.value, programme_at(at)
    begin, end = usable_span(unit, programme, at, club_zone())
    idle = idle_days(unit, programme)
    book.earn(unit, reward.left, reward.document, CAUSE, at, usable_from=begin, expires_at=end, idle_days=idle)
    if not quiet:
        _tell(reward, referrer, balance=book.credit.balance)
    return True


def claim(reward: ReferralReward, *, at: datetime) -> bool:
    """Be the one who gives it; False for whoever comes second."""
    waiting = ReferralReward.objects.filter(pk=reward.pk, state=State.WAITING)
    return bool(waiting.update(state=State.PAID, paid_at=at))


def take_back(reward: ReferralReward, taken: int, book: Book, *, document: str, at: datetime) -> None:
    """Have `taken` of the reward in all be back, for the refund of this document. The caller writes the book.

    What has not been given yet is given less; what was spent meanwhile is let go or owed, as the programme says.
    """
    more = taken - reward.taken
    if more <= 0 or reward.state == State.CANCELLED:
        return
    values = {"taken": taken}
    if taken == reward.amount and reward.state != State.PAID:
        ReferralReward.objects.filter(pk=reward.pk).update(**values, state=State.CANCELLED)
        return
    ReferralReward.objects.filter(pk=reward.pk).update(**values)
    if reward.state == State.PAID:
        load_lots(book, also_of=[reward.document])
        take_back_earned(
            book,
            Unit.CREDIT.value,
            more,
            of=Earner(reward.document, reward.amount),
            document=document,
            cause=CAUSE,
            at=at,
            carry_debt=programme_at(at).refund_shortfall == "debt",
        )


def cancel(reward: ReferralReward) -> None:
    """Give nothing for it; what was given stays."""
    not_given = [State.HELD, State.WAITING]
    ReferralReward.objects.filter(pk=reward.pk, state__in=not_given).update(state=State.CANCELLED)


def _tell(reward: ReferralReward, referrer: Member, *, balance: int) -> None:
    if not referrer.phone:
        return
    friend = reward.referral.friend
    outbox.enqueue(
        "friend_bought",
        phone=referrer.phone,
        member_id=referrer.pk,
        document=reward.document,
        context={
            "name": referrer.first_name,
            "friend": friend.first_name,
            "credit": reward.left,
            "credit_balance": balance,
            **in_language_of(referrer),
        },
    )
