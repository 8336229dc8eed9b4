"""Writing referrals: noting who was brought, and judging what a friend's purchase brings the referrer.

What is noted runs in the transaction of the consumer. The referrer's wallets are locked before anything is counted, so
that the cap on rewarded friends holds whoever comes at once.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from club.members.selectors import records_of
from club.members.services import hold_referral
from club.programme.selectors import programme_at
from club.purchases.models import Purchase, PurchaseLine
from core import audit, events
from core.errors import Conflict, NotFound, ValidationFailed
from core.text import clean_name
from crm.referrals.guards import doubts_at_buying, doubts_at_joining
from crm.referrals.models import Referral, ReferralReward
from crm.referrals.paying import cancel, held_book, pay, person_of
from crm.referrals.rules import Sold, base_of
from crm.referrals.terms import terms_at

LATE = timedelta(days=2)
"""A purchase recorded so much later pays from when it was recorded: what it brings has not ended before it came."""
LONGEST_REASON = 200
Review, State = Referral.Review, ReferralReward.State


def note_referral(friend: Member, *, at: datetime) -> Referral | None:
    """The referral of a friend whom a member has brought, noted the first time; None for who came otherwise."""
    if friend.referred_by_id is None:
        return None
    noted, is_new = _noted(friend, friend.referred_by_id, at=at)
    if is_new:
        _follow(noted)
    return noted


def _noted(friend: Member, referrer_id: int, *, at: datetime) -> tuple[Referral, bool]:
    known = Referral.objects.filter(friend=friend).first()
    if known is not None:
        return known, False
    values = {"referrer_id": referrer_id, "source": friend.source, "joined_at": at}
    made, is_new = Referral.objects.get_or_create(friend=friend, defaults=values)
    if is_new:
        _hold(made, doubts_at_joining(made, terms_at(at)))
    return made, is_new


def note_purchase(
    friend: Member, purchase: Purchase, *, is_first: bool, noted_at: datetime, quiet: bool = False
) -> None:
    """What a purchase of somebody who was brought comes to: the first makes the referral a success, once.

    `is_first`: nothing stood of what the friend had bought before. `quiet` sends no message (history).
    """
    if friend.referred_by_id is None:
        return
    noted, _is_new = _noted(friend, friend.referred_by_id, at=friend.enrolled_at)
    referral = Referral.objects.select_for_update().get(pk=noted.pk)  # against a decision at this moment
    if referral.review == Review.REFUSED:
        return
    converts = is_first and referral.converted_at is None
    if converts:
        doubts = doubts_at_buying(referral, purchase)
        _hold(referral, doubts)
        if doubts and referral.review == Review.APPROVED:
            _tell_approved(referral, at=noted_at)
        referral.first_purchase, referral.converted_at = purchase, purchase.occurred_at
        referral.save(update_fields=["first_purchase", "converted_at"])
    terms = terms_at(purchase.occurred_at)
    if terms.is_on and (converts or terms.every_purchase):
        _reward(referral, purchase, noted_at=noted_at, quiet=quiet)
    if referral.review != Review.HELD:
        tell_converted(referral)
    _follow(referral)


def note_return(friend: Member, purchase: Purchase, *, at: datetime) -> None:
    """The purchase has come back whole: where it was the friend's first, the referral has not succeeded any more.

    Told to who gave something for it. What the friend buys next may be the first.
    """
    rows = Referral.objects.filter(friend__in=records_of(friend.pk), first_purchase=purchase)
    referral = rows.select_for_update().filter(converted_at__isnull=False).first()
    if referral is None:
        return
    if referral.told_at is not None:
        _tell("referral.returned", referral, at=at)
    rows.filter(pk=referral.pk).update(converted_at=None, told_at=None)


def tell_converted(referral: Referral) -> None:
    """Tell once that the friend has bought: offers on `referral_converted` answer to it."""
    if referral.converted_at is None or referral.told_at is not None:
        return
    if Referral.objects.filter(pk=referral.pk, told_at=None).update(told_at=referral.converted_at):
        _tell("referral.converted", referral, at=referral.converted_at)


def _tell(kind: str, referral: Referral, *, at: datetime) -> None:
    """By the purchase, too: another may be the first after it has come back."""
    events.emit(
        kind,
        document=f"referral:{referral.pk}:{referral.first_purchase_id}",
        occurred_at=at,
        member_id=referral.referrer_id,
        data={"purchase": referral.first_purchase_id, "friend": referral.friend_id},
    )


def _tell_approved(referral: Referral, *, at: datetime) -> None:
    """Tell that the friend counts as referred since joining: offers give what purchases missed."""
    events.emit(
        "referral.approved",
        document=f"referral:{referral.pk}",
        occurred_at=at,
        member_id=referral.friend_id,
        data={"since": referral.joined_at.isoformat()},
    )


@transaction.atomic(durable=True)
def approve(referral_id: int, *, actor: str, now: datetime) -> None:
    """Let a held referral count: what is due is given, once. Raises NotFound, Conflict where it was decided before."""
    referral = _decide(referral_id, Review.APPROVED, actor=actor, now=now)
    book = held_book(referral.referrer_id)
    rewards = ReferralReward.objects.filter(referral=referral, state=State.HELD)
    for reward in rewards.select_for_update().order_by("pk"):
        ReferralReward.objects.filter(pk=reward.pk).update(state=State.WAITING)
        if reward.due_at <= now:
            pay(reward, book, at=now)
    book.write(actor=actor)
    tell_converted(referral)
    _tell_approved(referral, at=now)
    _follow(referral)


@transaction.atomic(durable=True)
def refuse(referral_id: int, reason: str, *, actor: str, now: datetime) -> None:
    """Give nothing for a referral that was held, and say why. Raises NotFound, ValidationFailed (reason), Conflict."""
    said = clean_name(reason)
    if not 0 < len(said) <= LONGEST_REASON:
        raise ValidationFailed({"reason": [_("دلیل را بنویسید؛ تا ۲۰۰ نویسه.")]})
    referral = _decide(referral_id, Review.REFUSED, actor=actor, now=now, reason=said)
    for reward in ReferralReward.objects.filter(referral=referral, state=State.HELD):
        cancel(reward)


def base_now(purchase: Purchase) -> tuple[int, int]:
    """What a purchase counted for when it was recorded, and what is left of that now."""
    lines = [
        Sold(net, vat_bp, refunded)
        for net, vat_bp, refunded in PurchaseLine.objects.filter(purchase=purchase).values_list(
            "net", "vat_bp", "refunded_net"
        )
    ]
    return base_of([Sold(line.net, line.vat_bp) for line in lines]), base_of(lines)


def _reward(referral: Referral, purchase: Purchase, *, noted_at: datetime, quiet: bool) -> None:
    terms = terms_at(purchase.occurred_at)
    base, _left = base_now(purchase)
    amount = terms.reward(base, step=programme_at(purchase.occurred_at).rounding_step)
    if amount <= 0 or purchase.net < terms.min_amount_rial:
        return
    book = held_book(referral.referrer_id)
    if terms.most_friends is not None and _rewarded_friends(referral) >= terms.most_friends:
        return
    held = referral.review == Review.HELD
    due_at = terms.due_at(purchase.occurred_at)
    reward, is_new = ReferralReward.objects.get_or_create(
        purchase=purchase,
        defaults={
            "referral": referral,
            "base_rial": base,
            "amount": amount,
            "due_at": due_at,
            "state": State.HELD if held else State.WAITING,
        },
    )
    if is_new and not held and due_at <= noted_at:
        is_late = noted_at - purchase.occurred_at > LATE
        pay(reward, book, at=noted_at if is_late else purchase.occurred_at, quiet=quiet)
        book.write(actor="system")


def _rewarded_friends(referral: Referral) -> int:
    """How many other friends the referrer has had something for that has not come back whole, or will."""
    rows = ReferralReward.objects.filter(referral__referrer=referral.referrer_id, taken__lt=F("amount"))
    rows = rows.exclude(state=State.CANCELLED)
    return rows.exclude(referral=referral.pk).values("referral").distinct().count()


def _hold(referral: Referral, reasons: list[str]) -> None:
    if not reasons:
        return
    referral.reasons = [*referral.reasons, *reasons]
    if referral.review == Review.CLEAR:
        referral.review = Review.HELD
    referral.save(update_fields=["reasons", "review"])


def _follow(referral: Referral) -> None:
    """Have offers see the friend as referred, or not while doubtful. Last, as who buys locks wallets before members."""
    hold_referral(person_of(referral.friend_id).pk, held=referral.review in (Review.HELD, Review.REFUSED))


def _decide(referral_id: int, review: str, *, actor: str, now: datetime, reason: str = "") -> Referral:
    rows = Referral.objects.filter(pk=referral_id)
    if not rows.exists():
        raise NotFound
    decided = {"review": review, "decided_by": actor, "decided_at": now, "decision_reason": reason}
    if not rows.filter(review=Review.HELD).update(**decided):
        raise Conflict(_("دربارهٔ این معرفی پیش‌تر تصمیم گرفته شده است."))
    referral = rows.get()
    after = {"review": review, "reason": reason} if reason else {"review": review}
    before = {"review": Review.HELD.value}
    audit.record("referral.decide", actor=actor, target=f"referral:{referral_id}", before=before, after=after)
    return referral
