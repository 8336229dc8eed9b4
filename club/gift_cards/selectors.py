"""Reads of gift cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from club.gift_cards.codes import card_key
from club.gift_cards.models import Batch, GiftCard, LostCode
from club.ledger.models import Entry, Kind, Unit
from core.errors import NotFound
from core.jalali import day_bounds, local_date
from core.tenancy.scope import club_zone

LARGEST = 2**63 - 1
STATES = ("active", "used_up", "ended", "blocked", "refunded")
OPEN = Q(status=GiftCard.Status.ACTIVE)


def gift_cards(*, status: str | None = None, member: int | None = None, code: str | None = None) -> QuerySet[GiftCard]:
    """The cards of the club with their wallets, or those of a status, of a member, or of this code however typed."""
    rows: QuerySet[GiftCard] = GiftCard.objects.select_related("wallet", "member")
    wanted = {"status": status, "member": member, "code": None if code is None else card_key(code)}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def get_card(card_id: int) -> GiftCard:
    """The card; NotFound for an unknown id, another club's too."""
    card = (
        gift_cards().select_related("branch", "batch", "buyer").filter(pk=card_id).first()
        if 0 < card_id <= LARGEST
        else None
    )
    if card is None:
        raise NotFound
    return card


def card_by_code(code: str) -> GiftCard:
    """The card that the code opens, however it is typed. Raises NotFound."""
    key = card_key(code)
    card = gift_cards().filter(code=key).first() if key.isprintable() else None
    if card is None:
        raise NotFound
    return card


def codes_of_cards(typed: Sequence[str]) -> list[str]:
    """Those of the codes that are a gift card's, or were, as they are kept; nothing is asked where none was typed."""
    keys = [key for code in typed if (key := card_key(code)).isprintable() and key]
    if not keys:
        return []
    cards = GiftCard.objects.filter(code__in=keys).values_list("code", flat=True)
    known = {*cards.union(LostCode.objects.filter(code__in=keys).values_list("code", flat=True))}
    return list(dict.fromkeys(key for key in keys if key in known))


def get_batch(batch_id: int) -> Batch:
    """The cards that were issued together; NotFound for an unknown id."""
    batch = Batch.objects.filter(pk=batch_id).first() if 0 < batch_id <= LARGEST else None
    if batch is None:
        raise NotFound
    return batch


def cards_of_batch(batch: Batch) -> list[GiftCard]:
    """The cards of a batch in the order they were made, at most a thousand."""
    return list(gift_cards().filter(batch=batch).order_by("pk"))


def cards_of_member(member_id: int) -> list[GiftCard]:
    """What a member may spend or was bought for: the newest first."""
    return list(gift_cards().filter(member=member_id).exclude(status=GiftCard.Status.REFUNDED).order_by("-pk"))


def spendable_cards(member_id: int, *, at: datetime) -> list[GiftCard]:
    """The member's cards that something can be bought with now, the soonest end first."""
    rows = cards_in("active", at).filter(member=member_id)
    return list(rows.order_by(F("ends_at").asc(nulls_last=True), "pk"))


def cards_in(state: str, at: datetime) -> QuerySet[GiftCard]:
    """The cards in one of STATES at the moment; all of them for any other text."""
    rows, ended = gift_cards(), Q(ends_at__lte=at)
    if state in ("blocked", "refunded"):
        return rows.filter(status=state)
    if state == "ended":
        return rows.filter(OPEN & ended)
    if state in ("active", "used_up"):
        empty = Q(wallet__balance=0)
        return rows.filter(OPEN, ~ended | Q(ends_at=None), empty if state == "used_up" else ~empty)
    return rows


def state_of(card: GiftCard, at: datetime) -> str:
    """Which of STATES the card is in."""
    if card.status != GiftCard.Status.ACTIVE:
        return card.status
    if card.has_ended(at):
        return "ended"
    return "active" if card.wallet.balance else "used_up"


def usable_balance(card: GiftCard, at: datetime) -> int:
    """What can be paid with the card now."""
    return card.wallet.balance if state_of(card, at) == "active" else 0


@dataclass(frozen=True)
class Totals:
    """All cards in Rial: what can be spent, what ended or is blocked on them, and what came in and went out."""

    outstanding: int
    ended: int
    blocked: int
    sold: int
    issued: int
    spent: int
    money_back: int


def totals(at: datetime) -> Totals:
    """What the club owes by its cards, and what came in and went out: three sums in two statements."""
    balance, ended = Sum("wallet__balance"), Q(ends_at__lte=at)
    sums = GiftCard.objects.aggregate(
        all=balance,
        ended=Sum("wallet__balance", filter=OPEN & ended),
        blocked=Sum("wallet__balance", filter=~OPEN),
        sold=Sum("price"),
        issued=Sum("amount", filter=Q(origin=GiftCard.Origin.ISSUED)),
        money_back=Sum("money_back"),
    )
    known = {name: value or 0 for name, value in sums.items()}
    moved = Entry.objects.filter(wallet__unit=Unit.GIFT, kind__in=(Kind.SPEND, Kind.GIVE_BACK))
    spent = -(moved.aggregate(total=Sum("delta"))["total"] or 0)
    whole = known.pop("all")
    return Totals(outstanding=whole - known["ended"] - known["blocked"], spent=spent, **known)


def movements(card: GiftCard) -> list[Entry]:
    """What came onto the card and went off it, the newest first."""
    return list(Entry.objects.filter(wallet=card.wallet_id).order_by("-seq"))


@dataclass(frozen=True)
class DaySales:
    """The cards sold on a day, the newest first, and the money they brought in, by way of payment."""

    cards: tuple[GiftCard, ...]
    money: int
    by_method: tuple[tuple[str, int], ...]


def sales_of_day(at: datetime, *, branches: frozenset[int] | None, shown: int) -> DaySales:
    """Sales of the local day; at these branches or at none in particular (None: everywhere)."""
    begin, end = day_bounds(local_date(at, club_zone()), club_zone())
    rows = gift_cards().filter(origin=GiftCard.Origin.SOLD, occurred_at__gte=begin, occurred_at__lt=end)
    if branches is not None:
        rows = rows.filter(Q(branch__in=branches) | Q(branch=None))
    sums = rows.order_by("payment_method").values_list("payment_method").annotate(money=Sum("price"), n=Count("pk"))
    by_method = tuple((method, money) for method, money, _count in sums)
    cards = tuple(rows.order_by("-occurred_at", "-pk")[:shown])
    return DaySales(cards, sum(money for _method, money in by_method), by_method)


def batches(*, shown: int) -> list[Batch]:
    """The last batches."""
    return list(Batch.objects.order_by(F("pk").desc())[:shown])
