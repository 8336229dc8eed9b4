"""Rewards taken for points, their vouchers used and cancelled: each once, in one transaction with all that follows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.awards.gifts import Gift, give, given_by
from club.awards.giving import reserve
from club.awards.valuing import valuation
from club.ledger.book import Book, load_lots, lock_book
from club.ledger.models import Kind, Unit
from club.ledger.posting import Short
from club.ledger.returning import give_back, spent_by
from club.ledger.selectors import entries
from club.ledger.services import InsufficientPoints
from club.members.models import Member
from club.members.reaching import in_language_of
from club.members.selectors import get_member, member_by_phone
from club.members.services import MemberBlocked
from club.programme.rules import Programme
from club.programme.selectors import programme_at
from club.rewards.errors import NothingToCancel, VoucherExpired, VoucherUsed
from club.rewards.models import Redemption, Reward
from club.rewards.selectors import get_redemption, get_reward, times_taken
from club.rewards.vouchers import Voucher, close, hand_out, put_back, take_stock
from core import audit, events
from core.errors import Conflict, InProgress, NotFound, ValidationFailed
from core.idempotency import once
from core.jalali import format_date, last_day
from core.moments import is_ahead
from core.tenancy.scope import club_zone
from offers.made import AT_ONCE
from offers.parsing import parse
from offers.rules import LiveOffer
from sms import outbox


@dataclass(frozen=True)
class RedeemOrder:
    """Which member (by id, or by phone) takes which reward; `price`: the points it was seen at, where it was seen."""

    member: int | str
    reward: str
    occurred_at: datetime | None = None
    price: int | None = None
    quiet: bool = False
    """Without a message, as where history is told."""
    handed_out: bool = False
    """Handed over the counter in the same act: of a thing."""

    def fingerprint(self) -> str:
        """The same for the same request."""
        said = [value for name, value in vars(self).items() if name != "handed_out" or value]
        return hashlib.sha256(json.dumps(["redeem", *said], default=str).encode()).hexdigest()


@dataclass(frozen=True)
class RedemptionReceipt:
    """A voucher with the balances after the act, as the REST API says it."""

    id: int
    points: int
    worth: int
    coupon: str
    expires_at: str | None
    status: str
    balances: Mapping[str, int]
    replayed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer as the REST API says it."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "replayed"}

    def dump(self) -> str:
        """The bytes that are stored and answered."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "RedemptionReceipt":
        """The stored answer of the first request."""
        return cls(**json.loads(text), replayed=True)


def redeem(order: RedeemOrder, *, actor: str, key: str, now: datetime) -> RedemptionReceipt:
    """Give the member a reward for points, once: a voucher, or at once what needs no basket.

    Raises NotFound, ValidationFailed, MemberBlocked, InsufficientPoints, RewardOutOfStock, Conflict (the limit of a
    member, another price than was seen, not given any more); then nothing has been written.
    """
    if order.occurred_at is not None and is_ahead(order.occurred_at, now):
        raise ValidationFailed({"occurred_at": [_("زمان این کار در آینده است.")]})
    with transaction.atomic(durable=True):
        claim = once(key, fingerprint=order.fingerprint())
        if claim.answer is not None:
            return RedemptionReceipt.load(claim.answer)
        receipt = _redeem(order, actor=actor, at=order.occurred_at or now)
        claim.keep(receipt.dump())
        return receipt


def _redeem(order: RedeemOrder, *, actor: str, at: datetime) -> RedemptionReceipt:
    member_id = _member_id(order.member)
    book = lock_book(member_id)
    member = _check_member(member_id)
    reward = get_reward(order.reward)
    _check_reward(reward, order, member_id)
    programme = programme_at(at)
    voucher = Voucher(
        reward=reward,
        name=reward.name,
        points=reward.points,
        worth=worth_of(reward, programme),
        at=at,
        actor=actor,
        valid_days=reward.valid_days,
    )
    load_lots(book)
    usable = book.points.usable(at)
    if usable < reward.points:
        raise InsufficientPoints(needed=reward.points, available=usable)
    take_stock(reward)
    redemption = get_redemption(hand_out(voucher, [member_id])[member_id][0])
    try:
        book.points.spend(reward.points, Kind.SPEND, redemption.document, "reward", at, reason=reward.name)
    except Short as short:
        raise InsufficientPoints(needed=short.needed, available=short.available) from short
    if voucher.kind in AT_ONCE:
        redemption = _give_at_once(redemption, member, book, programme, actor=actor, at=at)
    is_handed_out = order.handed_out and not voucher.kind
    if is_handed_out:
        close(redemption, Redemption.Status.USED, actor=actor, at=at)
        redemption = get_redemption(redemption.pk)
    book.write(actor=actor)
    _note("reward.redeemed", redemption, actor=actor, at=at)
    if is_handed_out:
        _note("reward.used", redemption, actor=actor, at=at)
    if not order.quiet:
        _tell(member, redemption)
    return receipt_of(redemption, book)


def _give_at_once(
    redemption: Redemption, member: Member, book: Book, programme: Programme, *, actor: str, at: datetime
) -> Redemption:
    """Give what needs no basket by the redemption itself, which is used with it."""
    row = redemption.reward.offer if redemption.reward else None
    if row is None:
        raise NotFound
    offer = LiveOffer(row.pk, parse(row.terms, zone=club_zone), row.version)
    given = given_by(offer, valuation(programme, [offer]))
    if given:
        reserve([given], {}, member_id=member.pk, document=redemption.document, at=at)
        give([Gift(member, book, redemption.document, at, [given])], programme=programme, actor=actor)
    close(redemption, Redemption.Status.USED, actor=actor, at=at)
    return get_redemption(redemption.pk)


def cancel_redemption(
    redemption_id: int, *, actor: str, now: datetime, member_id: int | None = None
) -> RedemptionReceipt:
    """Take an open voucher back: points return to the very lots they came from, with their old end.

    `member_id`: who may only cancel their own. Inside a transaction of the caller. Raises NotFound, NothingToCancel.
    """
    owner = _own(redemption_id, member_id).member_id
    book = lock_book(owner)
    redemption = _own(redemption_id, member_id)
    if redemption.member_id != owner:
        raise InProgress  # merged into another between the two looks
    if redemption.state_at(now) != Redemption.Status.ISSUED:
        raise NothingToCancel
    spent = spent_by(redemption.document, owner)
    load_lots(book, also_of=[row.document for row in spent])
    if not close(redemption, Redemption.Status.CANCELLED, actor=actor, at=now):
        raise NothingToCancel
    if redemption.reward_id is not None:
        put_back(redemption.reward_id)
    debt = book.debt(Unit.POINTS)
    give_back(spent, book.points, redemption.points, redemption.document, now, reason=redemption.name, debt=debt)
    book.write(actor=actor)
    redemption = get_redemption(redemption_id)
    _note("reward.cancelled", redemption, actor=actor, at=now)
    return receipt_of(redemption, book)


def use_redemption(redemption_id: int, *, actor: str, now: datetime) -> RedemptionReceipt:
    """Hand out what a voucher is for, once. Inside a transaction of the caller.

    Raises NotFound, VoucherExpired, VoucherUsed, Conflict for one that was cancelled, MemberBlocked.
    """
    redemption = get_redemption(redemption_id)
    check_usable(redemption, now)
    if not close(redemption, Redemption.Status.USED, actor=actor, at=now):
        check_usable(get_redemption(redemption_id), now)
        raise VoucherUsed(reward=redemption.name)
    redemption = get_redemption(redemption_id)
    _note("reward.used", redemption, actor=actor, at=now)
    return receipt_of(redemption, lock_book(redemption.member_id, lock=False))


def check_usable(redemption: Redemption, now: datetime) -> None:
    """Whether it could be used now. Raises VoucherExpired, VoucherUsed, Conflict, MemberBlocked."""
    state = redemption.state_at(now)
    if state == "expired":
        zone = club_zone()
        day = format_date(last_day(redemption.expires_at, zone)) if redemption.expires_at else ""
        raise VoucherExpired(reward=redemption.name, day=day)
    if state == Redemption.Status.USED:
        raise VoucherUsed(reward=redemption.name)
    if state == Redemption.Status.CANCELLED:
        raise Conflict(_("«%(reward)s» لغو شده و امتیازش برگشته است."), reward=redemption.name)
    if redemption.member.status == Member.Status.BLOCKED:
        raise MemberBlocked


def receipt_of(redemption: Redemption, book: Book) -> RedemptionReceipt:
    """The voucher as the REST API answers it."""
    ends_at = redemption.expires_at
    return RedemptionReceipt(
        id=redemption.pk,
        points=redemption.points,
        worth=redemption.worth,
        coupon=redemption.code,
        expires_at=ends_at.astimezone(UTC).isoformat() if ends_at else None,
        status=redemption.status,
        balances={"points": book.points.balance, "credit": book.credit.balance},
    )


def worth_of(reward: Reward, programme: Programme) -> int:
    """What it is worth in Rial: the amount or the thing that it gives, else what its points are worth."""
    benefit = reward.benefit or {}
    match benefit.get("kind"):
        case "discount_amount" | "credit_amount":
            return int(benefit["amount"])
        case "points_amount":
            return int(benefit["points"]) * programme.point_worth
        case "free_item":
            prices = valuation(programme, [_live(reward)]).prices
            return prices.get(benefit["product"], 0) * int(benefit["quantity"])
    return reward.points * programme.point_worth


def _live(reward: Reward) -> LiveOffer:
    row = reward.offer
    if row is None:
        raise NotFound
    return LiveOffer(row.pk, parse(row.terms, zone=club_zone), row.version)


def _member_id(named: int | str) -> int:
    found = get_member(named) if isinstance(named, int) else member_by_phone(named)
    if found is None:
        raise NotFound
    return found.merged_into_id or found.pk


def _check_member(member_id: int) -> Member:
    member = get_member(member_id)
    if member.merged_into_id is not None:
        raise InProgress
    if member.status == Member.Status.ERASED:
        raise NotFound
    if member.status == Member.Status.BLOCKED:
        raise MemberBlocked
    return member


def _check_reward(reward: Reward, order: RedeemOrder, member_id: int) -> None:
    """Counted under the lock of the member's wallets."""
    if not reward.is_active:
        raise Conflict(_("«%(reward)s» دیگر داده نمی‌شود."), reward=reward.name)
    if order.price is not None and order.price != reward.points:
        raise Conflict(
            _("امتیاز «%(reward)s» عوض شده و اکنون %(points)s است."), reward=reward.name, points=reward.points
        )
    if reward.per_member is not None and times_taken(member_id).get(reward.pk, 0) >= reward.per_member:
        raise Conflict(
            _("هر عضو %(times)s بار می‌تواند «%(reward)s» را بگیرد."), times=reward.per_member, reward=reward.name
        )


def _own(redemption_id: int, member_id: int | None) -> Redemption:
    found = get_redemption(redemption_id)
    if member_id is not None and found.member_id != member_id:
        raise NotFound
    return found


def _note(action: str, redemption: Redemption, *, actor: str, at: datetime) -> None:
    said = {"name": redemption.name, "points": redemption.points}
    events.emit(action, document=redemption.document, member_id=redemption.member_id, occurred_at=at, data=said)
    audit.record(action, actor=actor, target=f"member:{redemption.member_id}", before={}, after=said)


def _tell(member: Member, redemption: Redemption) -> None:
    """A voucher with its code and end, or the credit that came at once with its own end and what there is now."""
    if not member.phone:
        return
    ends_at, is_open = redemption.expires_at, redemption.status == Redemption.Status.ISSUED
    credit = None if is_open else entries(member.pk, unit=Unit.CREDIT).filter(document=redemption.document).first()
    if credit is not None:
        ends_at = credit.lot.ends_at if credit.lot else None
    outbox.enqueue(
        "reward_redeemed",
        phone=member.phone,
        member_id=member.pk,
        document=redemption.document,
        context={
            "name": member.first_name,
            "reward": redemption.name,
            "code": redemption.code if is_open else "",
            "expires": last_day(ends_at, club_zone()).isoformat() if ends_at and (is_open or credit) else "",
            **({"credit": credit.delta, "credit_balance": credit.balance_after} if credit else {}),
            **in_language_of(member),
        },
    )
