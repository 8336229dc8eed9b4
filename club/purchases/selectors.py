"""Reads of purchases, for pages."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from club.ledger.models import Entry
from club.ledger.selectors import Balances, Written, balances_after
from club.members import selectors as members
from club.members.selectors import records_of
from club.missions.models import MissionWin
from club.purchases.codes import purchase_id_in
from club.purchases.models import Purchase, PurchaseLine, Refund
from club.tiers.models import Tier
from core.errors import NotFound
from core.keyset import older
from core.models import DomainEvent
from core.tenancy.scope import current_club_id
from core.text import latin_digits, whole_number

LARGEST = 2**63 - 1
NEWEST_FIRST = ("-occurred_at", "-id")
FAVOURITE_GROUP = """
SELECT g.name FROM purchases_purchase p
JOIN purchases_purchaseline l ON l.club_id = p.club_id AND l.purchase_id = p.id
CROSS JOIN LATERAL jsonb_array_elements_text(l.group_codes) AS c(code)
JOIN catalogue_group g ON g.club_id = p.club_id AND g.code = c.code
WHERE p.club_id = %(club)s AND p.member_id = %(member)s
GROUP BY g.id, g.name HAVING sum(l.net - l.refunded_net) > 0
ORDER BY sum(l.net - l.refunded_net) DESC, g.id LIMIT 1
"""
MOST_MEMBERS = 200
TAIL = 5
"""So much of a gift card's code tells one from another and spends none."""
MOST_CALLED = 5


def get_purchase(purchase_id: int) -> Purchase:
    """The purchase with its member and branch; NotFound for an unknown id, another club's too."""
    row = (
        Purchase.objects.select_related("member", "branch").filter(pk=purchase_id).first()
        if 0 < purchase_id <= LARGEST
        else None
    )
    if row is None:
        raise NotFound
    return row


def purchase_of(member_id: int, purchase_id: int) -> Purchase:
    """The member's own purchase; NotFound for anybody else's."""
    purchase = get_purchase(purchase_id)
    if purchase.member_id != member_id:
        raise NotFound
    return purchase


def member_purchases(member_id: int, *, before: int | None = None, limit: int) -> list[Purchase]:
    """One page of a member's purchases with their branches, newest first; `before` is the id of the last one shown."""
    rows = Purchase.objects.filter(member=member_id).select_related("branch")
    return list(_older(rows, before).order_by(*NEWEST_FIRST)[:limit])


@dataclass(frozen=True)
class Standing:
    """Where a purchase left its member: the tier, whether it is new, and what was missing to the one above."""

    tier: str
    is_new: bool
    above: str
    missing: int
    metric: str


def standing_after(purchase: Purchase) -> Standing | None:
    """The member's place on the tiers right after the purchase; None for a sale to nobody and in a club of no tiers."""
    above = purchase.next_tier or {}
    codes = {purchase.tier_after, above.get("code", "")} - {""}
    tiers = {tier.code: tier for tier in Tier.objects.filter(code__in=codes)} if codes else {}
    if not tiers:
        return None
    held, following = tiers.get(purchase.tier_after), tiers.get(above.get("code", ""))
    return Standing(
        tier=held.name if held else "",
        is_new=purchase.tier_after not in {"", purchase.tier_before},
        above=following.name if following else "",
        missing=above.get("missing", 0),
        metric=following.metric if following else "",
    )


def lines_of(purchase: Purchase) -> list[PurchaseLine]:
    """The lines in their order."""
    return list(PurchaseLine.objects.filter(purchase=purchase).order_by("index"))


def left_after(purchase: Purchase, refund: Refund | None = None) -> Balances | None:
    """What the member had after this refund, else after the last one, else after the purchase: as of then, not now."""
    if purchase.member_id is None:
        return None
    newest = Refund.objects.filter(purchase=purchase).order_by("-id")
    last = refund or (newest.first() if purchase.refunded else None)
    written = last or purchase
    also = _undone_by(last) if last else filled_by([purchase]).get(purchase.document, ())
    asked = Written(purchase.member_id, written.document, written.created_at, also, takes_back=last is not None)
    return balances_after([asked]).get(written.document, Balances())


def _undone_by(refund: Refund) -> tuple[str, ...]:
    """The rounds of missions of which the refund took the gifts back."""
    records = records_of(refund.purchase.member_id or 0)
    rows = DomainEvent.objects.filter(kind="mission.taken_back", member_id__in=records)
    return tuple(rows.filter(data__refund=refund.document).values_list("document", flat=True))


def filled_by(rows: Collection[Purchase]) -> dict[str, tuple[str, ...]]:
    """By the document of each purchase the rounds of missions that it filled: their gifts come and go with it."""
    wins = MissionWin.objects.filter(
        member__in={row.member_id for row in rows if row.member_id}, cause__in=[row.document for row in rows]
    )
    found: dict[str, tuple[str, ...]] = {}
    for win in wins:
        found[win.cause] = (*found.get(win.cause, ()), win.document)
    return found


@dataclass(frozen=True)
class PaidByCard:
    """The gift card of a purchase: the end of its code, and what was left on it right after."""

    tail: str
    left: int


def card_of(purchase: Purchase) -> PaidByCard | None:
    """The card that the purchase was paid with, in whole or in part."""
    if purchase.gift_card is None:
        return None
    rows = Entry.objects.filter(wallet=purchase.gift_card.wallet_id, document=purchase.document)
    paid = rows.order_by("seq").first()
    return PaidByCard(purchase.gift_card.masked_code[-TAIL:], paid.balance_after) if paid else None


def refunds_of(purchase: Purchase) -> list[Refund]:
    """The refunds of a purchase, the first one first."""
    return list(Refund.objects.filter(purchase=purchase).order_by("id"))


def get_refund(purchase: Purchase, refund_id: int) -> Refund:
    """A refund of this purchase; NotFound for any other."""
    row = Refund.objects.filter(purchase=purchase, pk=refund_id).first() if 0 < refund_id <= LARGEST else None
    if row is None:
        raise NotFound
    return row


def recent_refunds(*, limit: int) -> list[Refund]:
    """The last refunds of the club with their purchases and members."""
    return list(Refund.objects.select_related("purchase__member").order_by("-id")[:limit])


def purchases_called(text: str) -> list[Purchase]:
    """The purchases that a scanned receipt, its address, a number or an external id names; none for other texts."""
    text = text.replace("\x00", "").strip()
    scanned = purchase_id_in(text)
    number = whole_number(latin_digits(text).removeprefix("#"))
    if scanned is not None:
        called = Q(pk=scanned)
    else:
        called = Q(external_id__in={text, latin_digits(text)}) | (Q() if number is None else Q(number=number))
    found = Purchase.objects.select_related("member", "branch").filter(called) if text else Purchase.objects.none()
    return list(found.order_by("-id")[:MOST_CALLED])


def goods_in(purchase_ids: list[int]) -> dict[int, list[str]]:
    """What was bought in each of these purchases, by name."""
    names: dict[int, list[str]] = {purchase_id: [] for purchase_id in purchase_ids}
    lines = PurchaseLine.objects.filter(purchase__in=purchase_ids).order_by("purchase", "index")
    for purchase_id, name, code in lines.values_list("purchase_id", "name", "product_code"):
        if name or code:
            names[purchase_id].append(name or code)
    return names


def recent_purchases(*, at: Collection[int] | None = None, limit: int) -> list[Purchase]:
    """The last purchases with their members, at these branches or at none in particular; not what was imported."""
    rows = Purchase.objects.filter(imported=False).select_related("member")
    if at is not None:
        rows = rows.filter(Q(branch__in=at) | Q(branch=None))
    return list(rows.order_by(*NEWEST_FIRST)[:limit])


def purchases_page(text: str = "", *, before: int | None = None, limit: int) -> list[Purchase]:
    """One page of purchases, newest first, by number or member; `before` is the id of the last row already shown."""
    rows = matching(text).select_related("member", "branch")
    return list(_older(rows, before).order_by(*NEWEST_FIRST)[:limit])


def _older(rows: QuerySet[Purchase], before: int | None) -> QuerySet[Purchase]:
    last = Purchase.objects.filter(pk=before).first() if before and before <= LARGEST else None
    return older(rows, NEWEST_FIRST, last)


def matching(text: str) -> QuerySet[Purchase]:
    """Purchases whose number is the text, or whose member it finds; all for an empty text."""
    rows: QuerySet[Purchase] = Purchase.objects.all()
    text = text.replace("\x00", "").strip()
    if not text:
        return rows
    # Ids, not a subquery: joined by OR with the number, it would cost both their indexes.
    found = Q(member__in=list(members.search(text).values_list("pk", flat=True)[:MOST_MEMBERS]))
    number = whole_number(latin_digits(text).removeprefix("#"))
    if number is not None:
        found |= Q(number=number)
    return rows.filter(found)


def favourite_group(member_id: int) -> str:
    """The name of the group that most was bought of, without what went back; nothing where none is known."""
    with connection.cursor() as cursor:
        cursor.execute(FAVOURITE_GROUP, {"club": current_club_id(), "member": member_id})
        row = cursor.fetchone()
    return str(row[0]) if row else ""
