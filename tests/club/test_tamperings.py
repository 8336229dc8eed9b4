"""`verify_ledger` finds whatever the owner of the tables does to a ledger that real purchases made.

The tamperings are made up from the tables: every column of every row that carries value is changed, every row taken
away, every pair swapped, where the database's own constraints let it. Beside them stand those that keep all sums.
"""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.db import ProgrammingError, connection, models, transaction
from django.utils import timezone

from club.gift_cards.changing import refund_card
from club.gift_cards.models import GiftCard
from club.gift_cards.services import CardSale, sell_card
from club.ledger.adjustments import Adjustment, Reversal, adjust_value, reverse_entry
from club.ledger.models import Entry, Kind, Lot, Seal, Unit, Wallet
from club.ledger.proof import seal_ledger
from club.ledger.selectors import balances
from club.ledger.services import expire_due_lots
from club.members.models import Member
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.refunds import RefundOrder, refund_purchase
from core.models import Club
from tests.club.tampering import VALUE, changed, planting, removed, rows, swapped
from tests.shop import NOON, Shop


@pytest.fixture
def busy(committed_club: Club) -> Shop:
    """A ledger with everything in it: openings, earning, paying, refunds, debts, by hand, expiry, a merge, an erasure."""
    shop = Shop(committed_club)
    shop.programme(
        rial_per_point=10_000, credit_bp=1_000, points_valid_days=30, point_worth=1_000, refund_shortfall="debt"
    )
    one, two, old, gone = (shop.member(opening_points=40, opening_credit=90_000) for _ in range(4))
    lines = (OrderLine(unit_price=300_000, quantity=2, vat_bp=1_000), OrderLine(unit_price=150_000))
    for number, member in enumerate((one, two, old, gone, one)):
        day = NOON + timedelta(days=number)
        paid = PayWith(points=10 + number)
        shop.buy(PurchaseOrder(member_id=member.pk, lines=lines, pay_with=paid, occurred_at=day), now=day)
    day = NOON + timedelta(days=6)
    paid = PayWith(credit=100_000, points=60)
    for number, member in enumerate((one, two, old)):
        order = PurchaseOrder(member_id=member.pk, amount=500_000 + number, pay_with=paid, occurred_at=day)
        bought = shop.buy(order, now=day)
        back = RefundOrder(bought.id, amount=200_000 - 30_000 * number, reason="x")
        refund_purchase(back, actor="user:2", key=f"back-{number}", now=day)
    first = Purchase.objects.filter(member=two).order_by("pk")[0]
    left = balances(two.pk, day)
    for unit, amount in (("credit", left.credit), ("points", left.points)):
        adjust_value(Adjustment(two.pk, unit, 5 - amount, "برداشت"), actor="user:2", key=f"took-{unit}", now=day)
    refund_purchase(RefundOrder(first.pk, reason="y"), actor="user:2", key="all", now=day)  # leaves debts
    shop.buy(PurchaseOrder(member_id=two.pk, amount=100_000, occurred_at=day), now=day)  # pays of them
    given = adjust_value(Adjustment(one.pk, "points", 7, "هدیه"), actor="user:2", key="gave", now=day)
    reverse_entry(Reversal(one.pk, given.id, "خطا"), actor="user:2", key="back", now=day)
    merge_members(old.pk, one.pk, actor="user:2", key="merge", now=day)
    erase_member(gone.pk, actor="user:2", reason="خواست", now=day)
    shop.buy(PurchaseOrder(member_id=None, amount=70_000, occurred_at=day), now=day)
    pay_by_cards(shop, one, day)
    three = shop.member(opening_points=40)
    adjust_value(Adjustment(three.pk, "points", -15, "برداشت"), actor="user:2", key="took-last", now=day)
    let_go(shop, day)
    expire_due_lots(at=NOON + timedelta(days=33))
    return shop


def let_go(shop: Shop, day: datetime) -> None:
    """Three refunds of what was spent; what one of them let go is claimed."""
    shop.programme(rial_per_point=10_000, point_worth=1_000, refund_shortfall="clip")
    for number, member in enumerate([shop.member() for _ in range(3)]):
        bought = shop.buys(member, 4_000_000 + 100_000 * number, now=day)
        spent = shop.buys(member, 300_000, pay_with=PayWith(points=300 - number), now=day)
        for purchase in (bought, spent)[: 1 + number % 2]:
            refund_purchase(RefundOrder(purchase.id or 0), actor="user:2", key=f"let-go-{purchase.id}", now=day)


def pay_by_cards(shop: Shop, member: Member, day: datetime) -> None:
    """Two cards: one spent twice, a part of it come back, and paid back; one untouched."""
    cards = [sell_card(CardSale(amount=300_000), actor="user:2", key=f"card-{n}", now=NOON) for n in (1, 2)]
    for buyer in (member.pk, None):
        paid = PayWith(gift_card=cards[0].code)
        order = PurchaseOrder(member_id=buyer, amount=120_000, pay_with=paid, occurred_at=day)
        bought = shop.buy(order, now=day)
        refund_purchase(RefundOrder(bought.id or 0, amount=50_000), actor="user:2", key=f"gc-{buyer}", now=day)
    refund_card(cards[0].pk, actor="user:2", now=day)


@pytest.fixture
def sealed(busy: Shop) -> Shop:
    """The same with its entries spread over four days that are over, each under its seal."""
    with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ledger_entry SET created_at = created_at - make_interval(days => 4 - (seq %% 4)::int) "
            "WHERE club_id = %s",
            [busy.club.pk],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER USER")
    assert seal_ledger(now=timezone.now()) >= 3
    return busy


def test_the_busy_ledger_is_clean(busy: Shop) -> None:
    assert verify_value() == []
    assert {*Entry.objects.values_list("kind", flat=True)} == {*Kind.values}
    assert {*Entry.objects.values_list("wallet__unit", flat=True)} == {*Unit.values}


def test_whatever_is_changed_removed_or_swapped_is_found_the_same_day(busy: Shop) -> None:
    assert verify_value() == []
    with planting() as plant:
        for model in VALUE:
            for tampering in (*changed(model, 3), *removed(model, 3), *swapped(model, 2)):
                plant.try_it(tampering)

        assert plant.missed == []
        assert plant.planted > 300


def without(entry: str) -> tuple[str, ...]:
    """The last entry of a wallet undone as if it had never been."""
    return (
        f"DELETE FROM ledger_allocation WHERE entry_id = {entry}",
        f"""UPDATE ledger_lot l SET remaining = amount - coalesce(
                (SELECT sum(a.amount) FROM ledger_allocation a WHERE a.lot_id = l.id), 0)
            WHERE wallet_id = (SELECT wallet_id FROM ledger_entry WHERE id = {entry})""",
        f"""UPDATE ledger_wallet w SET version = version - 1, balance = balance - e.delta FROM ledger_entry e
            WHERE e.id = {entry} AND w.id = e.wallet_id""",
        f"DELETE FROM ledger_entry WHERE id = {entry}",
    )


# What keeps every sum in place, in the rows of `names_in`.
KEEPS_THE_SUMS = {
    "points made out of nothing, with their lot and the balance": (
        """INSERT INTO ledger_lot (club_id, wallet_id, seq, amount, remaining, document, usable_from)
           SELECT club_id, id, version + 1, 500, 500, 'adjust:1', now() FROM ledger_wallet WHERE id = {points}""",
        """INSERT INTO ledger_entry (club_id, wallet_id, seq, delta, balance_after, kind, document, cause, lot_id, reason,
                                     actor, occurred_at, digest)
           SELECT w.club_id, w.id, l.seq, 500, w.balance + 500, 'adjust', 'adjust:1', 'adjust', l.id, 'x', 'user:1',
                  now(), repeat('0', 64)
           FROM ledger_wallet w JOIN ledger_lot l ON l.wallet_id = w.id AND l.seq = w.version + 1 WHERE w.id = {points}""",
        "UPDATE ledger_wallet SET balance = balance + 500, version = version + 1 WHERE id = {points}",
    ),
    "a gift made larger from its lot to the balance": (
        "UPDATE ledger_lot SET amount = amount + 9, remaining = remaining + 9 WHERE id = {open_lot}",
        "UPDATE ledger_entry SET delta = delta + 9 WHERE lot_id = {open_lot}",
        """UPDATE ledger_entry SET balance_after = balance_after + 9 WHERE wallet_id = {points}
           AND seq >= (SELECT seq FROM ledger_lot WHERE id = {open_lot})""",
        "UPDATE ledger_wallet SET balance = balance + 9 WHERE id = {points}",
    ),
    "the last entry, one by hand, taken out with everything of it": without("{by_hand}"),
    "the last entry, one of a merge, taken out with everything of it": without("{of_merge}"),
    "the points of two members swapped": (
        "SET CONSTRAINTS ALL DEFERRED; UPDATE ledger_wallet SET unit = 'x' WHERE id = {points}",
        """UPDATE ledger_wallet SET member_id = (SELECT member_id FROM ledger_wallet WHERE id = {points})
           WHERE id = {others} AND unit = 'points'""",
        "UPDATE ledger_wallet SET member_id = {two}, unit = 'points' WHERE id = {points}",
    ),
    "a lot that lives ten years longer": (
        "UPDATE ledger_lot SET expires_at = expires_at + interval '10 years' WHERE id = {ending_lot}",
    ),
    "a lot that never ends": ("UPDATE ledger_lot SET expires_at = NULL WHERE id = {ending_lot}",),
    "a lot that could be spent a day earlier": (
        "UPDATE ledger_lot SET usable_from = usable_from - interval '1 day' WHERE id = {open_lot}",
    ),
    "a lot of another document": ("UPDATE ledger_lot SET document = 'adjust:1' WHERE id = {ending_lot}",),
    "a spending moved to a lot that ends later": (
        """UPDATE ledger_allocation SET amount = amount - 1 WHERE id = (SELECT a.id FROM ledger_allocation a
               JOIN ledger_lot l ON l.id = a.lot_id WHERE entry_id = {spread} ORDER BY l.remaining, a.id LIMIT 1)""",
        """UPDATE ledger_allocation SET amount = amount + 1 WHERE id = (SELECT a.id FROM ledger_allocation a
               JOIN ledger_lot l ON l.id = a.lot_id WHERE entry_id = {spread} ORDER BY l.remaining DESC, a.id DESC LIMIT 1)""",
        """UPDATE ledger_lot l SET remaining = amount - coalesce(
               (SELECT sum(a.amount) FROM ledger_allocation a WHERE a.lot_id = l.id), 0)
           WHERE wallet_id = (SELECT wallet_id FROM ledger_entry WHERE id = {spread})""",
    ),
    "a purchase and its lines that say to have earned more": (
        "UPDATE purchases_purchase SET points_earned = points_earned + 1 WHERE id = {bought}",
        """UPDATE purchases_purchaseline SET points_earned = points_earned + 1 WHERE id = (
               SELECT min(id) FROM purchases_purchaseline WHERE purchase_id = {bought})""",
    ),
    "a sale that was never there": (
        """INSERT INTO purchases_purchase (club_id, number, gross, discount, net, vat, paid_by_credit, paid_by_points,
               points_spent, point_worth, payable, points_earned, points_cut, credit_earned, refunded, fully_refunded,
               channel, payment_method, facts, awards, tier_before, tier_after, actor, imported, occurred_at)
           SELECT club_id, 999, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, 'till', '', '{{}}', '[]', '', '', 'x', false,
               now() FROM purchases_purchase WHERE id = {bought}""",
    ),
    "a card with more on it, and its wallet with it": (
        "UPDATE gift_cards_giftcard SET amount = amount + 9 WHERE id = {card}",
        "UPDATE ledger_lot SET amount = amount + 9, remaining = remaining + 9 WHERE wallet_id = {of_card}",
        "UPDATE ledger_entry SET delta = delta + 9, balance_after = balance_after + 9 WHERE wallet_id = {of_card}",
        "UPDATE ledger_wallet SET balance = balance + 9 WHERE id = {of_card}",
    ),
    "a purchase said to be paid by another card": (
        "UPDATE purchases_purchase SET gift_card_id = {card} WHERE paid_by_gift_card > 0 AND club_id = {club}",
    ),
    "money paid back that nobody got": (
        "UPDATE gift_cards_giftcard SET money_back = money_back - 1 WHERE money_back > 0 AND club_id = {club}",
    ),
    "a card taken away, and its wallet left": ("DELETE FROM gift_cards_giftcard WHERE id = {card}",),
    "a purchase of somebody else's": ("UPDATE purchases_purchase SET member_id = {two} WHERE id = {bought}",),
    "entries of another purchase of the same member": (
        "UPDATE ledger_entry SET document = 'purchase:' || {next_bought} WHERE id = {earning}",
    ),
    "an entry of a document that is not there": (
        "UPDATE ledger_entry SET document = 'purchase:99999999' WHERE id = {earning}",
    ),
    "a debt let go": (
        "UPDATE ledger_entry SET delta = delta - 1, balance_after = balance_after - 1 WHERE id = {owing}",
        """UPDATE ledger_entry SET balance_after = balance_after - 1
           WHERE wallet_id = {debt} AND id > {owing}""",
        "UPDATE ledger_wallet SET balance = balance - 1 WHERE id = {debt}",
    ),
    "a debt of the other unit": (
        "UPDATE ledger_wallet SET unit = 'x' WHERE id = {debt}",
        """UPDATE ledger_wallet w SET unit = 'points_debt' FROM ledger_wallet d
           WHERE d.id = {debt} AND w.member_id = d.member_id AND w.unit = 'credit_debt'""",
        "UPDATE ledger_wallet SET unit = 'credit_debt' WHERE id = {debt}",
    ),
    "an allocation of a debt": (
        """INSERT INTO ledger_allocation (club_id, entry_id, lot_id, amount)
           SELECT club_id, {owing}, {open_lot}, 1 FROM ledger_lot WHERE id = {open_lot}""",
        "UPDATE ledger_lot SET remaining = remaining - 1 WHERE id = {open_lot}",
        "UPDATE ledger_wallet SET balance = balance - 1 WHERE id = {points}",
    ),
    "a member without a wallet": (
        "DELETE FROM ledger_wallet WHERE id = (SELECT max(id) FROM ledger_wallet WHERE version = 0 AND club_id = {club})",
    ),
    "figures that make a better customer": ("UPDATE members_member SET spent_rial = spent_rial + 1 WHERE id = {two}",),
    "visits that were none": ("UPDATE members_member SET visits = visits + 1 WHERE id = {two}",),
}


def names_in(shop: Shop) -> dict[str, object]:
    """Rows of the busy ledger that the tamperings above speak of."""
    points = Lot.objects.filter(wallet__unit="points", remaining__gt=0, expires_at=None).order_by("pk")[0].wallet
    last = Entry.objects.filter(seq=models.F("wallet__version"), delta__lt=0, wallet__unit__in=["points", "credit"])
    ends = Lot.objects.exclude(expires_at=None).order_by("pk")
    card = GiftCard.objects.order_by("-pk")[0]
    others = Wallet.objects.filter(unit="points", version__gt=0).exclude(pk=points.pk).order_by("pk")[0]
    owing = Entry.objects.filter(wallet__unit="points_debt", delta__gt=1).order_by("pk")[0]
    bought = Purchase.objects.filter(member=points.member, points_earned__gt=0).order_by("pk")
    several = Entry.objects.annotate(lots=models.Count("allocations"), most=models.Max("allocations__lot__remaining"))
    spread = several.filter(lots__gt=1, delta__lt=0, most__gt=0).order_by("pk")[0]
    return {
        "club": shop.club.pk,
        "card": card.pk,
        "of_card": card.wallet_id,
        "points": points.pk,
        "others": others.pk,
        "two": others.member_id,
        "open_lot": Lot.objects.filter(wallet=points, remaining__gt=0).order_by("pk")[0].pk,
        "ending_lot": ends[0].pk,
        "by_hand": last.get(kind=Kind.ADJUST).pk,
        "of_merge": last.filter(kind=Kind.MERGE)[0].pk,
        "spread": spread.pk,
        "bought": bought[0].pk,
        "next_bought": bought[1].pk,
        "earning": Entry.objects.get(document=f"purchase:{bought[0].pk}", kind=Kind.EARN, wallet__unit="points").pk,
        "owing": owing.pk,
        "debt": owing.wallet_id,
    }


def test_what_keeps_every_sum_in_place_is_found_the_same_day(busy: Shop) -> None:
    names = names_in(busy)

    with planting() as plant:
        for statements in KEEPS_THE_SUMS.values():
            plant.try_it(*(statement.format(**names) for statement in statements))

        assert plant.missed == []
        assert (plant.planted, plant.refused) == (len(KEEPS_THE_SUMS), [])


def test_what_the_day_itself_does_not_show_its_seal_does(sealed: Shop) -> None:
    first, last = Seal.objects.order_by("day")[0], Seal.objects.order_by("-day")[0]
    assert verify_value() == []

    with planting() as plant:
        for row in rows(Entry, 5):
            plant.try_it(f"UPDATE ledger_entry SET created_at = created_at + interval '1 second' WHERE id = {row}")
            plant.try_it(f"UPDATE ledger_entry SET created_at = created_at - interval '1 year' WHERE id = {row}")
        for tampering in (*changed(Seal, 4), *removed(Seal, 4), *swapped(Seal, 2)):
            plant.try_it(tampering)
        plant.try_it(f"DELETE FROM ledger_seal WHERE club_id = {sealed.club.pk}")
        plant.try_it(f"UPDATE ledger_seal SET form = 1, digest = repeat('0', 64) WHERE id = {last.pk}")
        plant.try_it(
            "INSERT INTO ledger_seal (club_id, day, form, entries, previous, digest) "
            f"SELECT club_id, day - 1, 2, 0, repeat('0', 64), repeat('1', 64) FROM ledger_seal WHERE id = {first.pk}"
        )
        ended = Entry.objects.filter(kind=Kind.EXPIRE, seq=models.F("wallet__version")).order_by("-pk")[0]
        plant.try_it(*(statement.format(entry=ended.pk) for statement in without("{entry}")))
        # A lot lengthened by who also knows how the digest of its entry is made.
        plant.try_it(
            f"UPDATE ledger_lot SET expires_at = expires_at + interval '10 years' WHERE club_id = {sealed.club.pk} "
            "AND expires_at IS NOT NULL",
            FORGED_DIGESTS,
        )

        assert plant.missed == []
        assert plant.planted > 20


FORGED_DIGESTS = """
UPDATE ledger_entry SET digest = ledger_entry_digest(e.wallet_id, w.member_id, w.unit, e.seq, e.delta, e.balance_after,
    e.kind, e.document, e.cause, e.reverses_id, e.reason, e.actor, e.occurred_at, l.document, l.usable_from,
    l.expires_at, '[]')
FROM ledger_entry e JOIN ledger_wallet w ON w.id = e.wallet_id JOIN ledger_lot l ON l.id = e.lot_id
WHERE ledger_entry.id = e.id
"""


def test_the_application_may_not_change_a_lot_but_for_what_remains(busy: Shop) -> None:
    lot = Lot.objects.order_by("pk")[0]

    for column in ("amount", "document", "usable_from", "expires_at", "wallet_id", "seq"):
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_lot SET {column} = {column} WHERE id = %s", [lot.pk])
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_lot WHERE id = %s", [lot.pk])


def test_what_was_there_before_the_digests_is_taken_as_it_is(busy: Shop) -> None:
    fill = import_module("club.ledger.migrations.0002_digests").FILL

    with planting(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET digest = ''")
        assert verify_value() != []
        cursor.execute(fill)
        assert verify_value() == []
