"""Two records of one person made one: nothing is lost, the ledger stays proven, every old way leads to the one left."""

import threading
from datetime import date, timedelta

import pytest
from django.db import models

from club.ledger.adjustments import Adjustment, adjust_value
from club.ledger.models import Entry, Lot, Wallet
from club.ledger.selectors import balances, entries
from club.ledger.services import adjust, expire_due_lots
from club.members.models import Member, TierChange
from club.members.selectors import find_members, get_member, listed, member_by_phone
from club.members.services import DuplicatePhone, ReferralRefused, set_referrer, update_member
from club.purchases import merging, services
from club.purchases.merging import merge_members, preview_merge
from club.purchases.models import Purchase
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.recorded import receipts_of, recorded_purchase
from club.purchases.refunds import RefundOrder, preview_refund, refund_purchase
from club.purchases.selectors import get_purchase, left_after
from club.tiers.models import Tier
from core.errors import Conflict, IdempotencyConflict, NotFound, ValidationFailed
from core.models import AuditEntry, Club, DomainEvent
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads, until_somebody_waits_for_a_lock


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.programme(rial_per_point=10_000)
    return shop


@pytest.fixture
def committed_shop(committed_shop: Shop) -> Shop:
    committed_shop.programme(rial_per_point=10_000)
    return committed_shop


def merge(source: Member, into: Member, *, key: str = "merge") -> merging.Merged:
    return merge_members(source.pk, into.pk, actor="user:7", key=key, now=NOON)


def lots_of(member: Member) -> list[tuple[object, ...]]:
    rows = Lot.objects.filter(wallet__member=member, remaining__gt=0)
    return sorted(rows.values_list("wallet__unit", "remaining", "document", "usable_from", "expires_at"), key=str)


# ── value ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_lots_move_whole_with_their_document_begin_and_end(shop: Shop) -> None:
    shop.programme(credit_bp=1000, credit_valid_days=30, credit_usable_after_hours=24, points_valid_days=90)
    one, two = shop.member(opening_points=50), shop.member(opening_credit=700)
    shop.buys(one, 1_000_000)
    shop.buys(two, 2_000_000)
    together = sorted(lots_of(one) + lots_of(two), key=str)

    merged = merge(one, two)

    assert lots_of(two) == together
    assert lots_of(one) == []
    assert merged.moved == {"points": 150, "credit": 100_000, "points_debt": 0, "credit_debt": 0}
    assert set(Entry.objects.filter(document=f"merge:{one.pk}").values_list("kind", flat=True)) == {"merge"}
    assert shop.proven()


def test_a_debt_moves_as_a_debt_and_is_paid_from_what_is_earned_next(shop: Shop) -> None:
    shop.programme(refund_shortfall="debt")
    one, two = shop.member(), shop.member(opening_points=30)
    bought = shop.buys(one, 1_000_000)
    adjust(one.pk, unit="points", delta=-80, reason="x", actor="user:1", document="adjust:x", at=NOON)
    refund_purchase(RefundOrder(bought.id or 0), actor="user:1", key="refund", now=NOON)
    assert balances(one.pk, NOON).points_debt == 80

    merge(one, two)

    has = balances(two.pk, NOON)
    assert (has.points, has.points_debt) == (30, 80)
    shop.buys(two, 1_000_000)
    has = balances(two.pk, NOON)
    assert (has.points, has.points_debt) == (50, 0)
    assert shop.proven()


def test_the_history_of_both_is_one_and_its_sum_is_the_balance(shop: Shop) -> None:
    one, two = shop.member(opening_points=50), shop.member(opening_points=20)
    shop.buys(one, 1_000_000)

    merge(one, two)

    rows = list(entries(two.pk, unit="points"))
    assert sum(row.delta for row in rows) == balances(two.pk, NOON).points == 170
    assert sorted(row.kind for row in rows) == ["earn", "merge", "merge", "merge", "merge", "opening", "opening"]


def test_a_moved_lot_ends_on_its_own_day(shop: Shop) -> None:
    shop.programme(points_valid_days=10)
    one, two = shop.member(), shop.member(opening_points=5)
    shop.buys(one, 1_000_000)
    merge(one, two)

    expire_due_lots(at=NOON + timedelta(days=12))

    assert balances(two.pk, NOON + timedelta(days=12)).points == 5
    assert shop.proven()


# ── purchases, figures, tier ──────────────────────────────────────────────────────────────────────────────


def test_purchases_figures_and_the_tier_they_reach_together_follow(shop: Shop) -> None:
    shop.tiers()
    one, two = shop.member(), shop.member()
    first = shop.buys(one, 6_000_000, occurred_at=NOON - timedelta(hours=2))
    shop.buys(two, 6_000_000)

    merge(one, two)

    left = get_member(two.pk)
    assert (left.visits, left.spent_rial, left.tier_code) == (2, 12_000_000, "silver")
    assert left.first_purchase_at == NOON - timedelta(hours=2)
    assert Purchase.objects.get(pk=first.id).member_id == two.pk
    assert TierChange.objects.filter(member=two).latest("id").document == f"merge:{one.pk}"
    gone = get_member(one.pk)
    assert (gone.status, gone.merged_into_id, gone.visits, gone.spent_rial) == ("erased", two.pk, 0, 0)
    assert shop.buys(two, 10_000).points_earned == 1


def test_the_higher_tier_and_floor_of_the_two_stay(shop: Shop) -> None:
    shop.tiers()
    one, two = shop.member(), shop.member()
    Member.objects.filter(pk=one.pk).update(tier_code="gold", tier_floor="silver")

    merge(one, two)

    left = get_member(two.pk)
    assert (left.tier_code, left.tier_floor) == ("gold", "silver")
    assert get_member(one.pk).tier_code == ""


def test_points_of_both_count_for_a_tier_by_points(shop: Shop) -> None:
    shop.tiers()
    Tier.objects.filter(code="silver").update(metric="points", threshold=150)
    one, two = shop.member(), shop.member()
    shop.buys(one, 1_000_000)
    shop.buys(two, 1_000_000)

    merge(one, two)

    assert get_member(two.pk).tier_code == "silver"


# ── a refund afterwards ───────────────────────────────────────────────────────────────────────────────────


def test_a_refund_of_an_old_purchase_takes_and_gives_at_the_one_left(shop: Shop) -> None:
    shop.programme(credit_bp=1000, credit_valid_days=30)
    one, two = shop.member(opening_credit=300_000), shop.member()
    bought = shop.buys(one, 1_000_000, pay_with=PayWith(credit=300_000))
    own_end = Lot.objects.get(document=f"member:{one.pk}").expires_at
    merge(one, two)
    order = RefundOrder(bought.id or 0)
    foreseen = preview_refund(order, now=NOON)

    receipt = refund_purchase(order, actor="user:1", key="refund", now=NOON)

    assert (receipt.credit_taken_back, receipt.credit_returned) == (70_000, 300_000)
    assert (foreseen.credit_taken_back, foreseen.credit_returned) == (70_000, 300_000)
    assert balances(two.pk, NOON).credit == 300_000
    returned = Lot.objects.get(wallet__member=two, remaining=300_000)
    assert (returned.document, returned.expires_at) == (f"member:{one.pk}", own_end)
    assert balances(one.pk, NOON).credit == 0
    assert (get_member(two.pk).visits, get_member(two.pk).spent_rial) == (0, 0)
    assert shop.proven()


def test_part_refunds_across_a_merge_give_back_exactly_what_was_paid(shop: Shop) -> None:
    one, two, three = shop.member(opening_credit=100_000), shop.member(), shop.member()
    bought = shop.buys(one, 1_000_000, pay_with=PayWith(credit="max"))
    parts = [RefundOrder(bought.id or 0, amount=amount) for amount in (300_000, 300_000, 400_000)]
    returned = refund_purchase(parts[0], actor="user:1", key="r1", now=NOON).credit_returned
    merge(one, two)
    returned += refund_purchase(parts[1], actor="user:1", key="r2", now=NOON).credit_returned
    merge(two, three, key="merge-2")
    returned += refund_purchase(parts[2], actor="user:1", key="r3", now=NOON).credit_returned

    assert returned == 100_000
    assert balances(three.pk, NOON).credit == 100_000
    assert shop.proven()


def test_value_that_had_ended_before_is_not_taken_a_second_time(shop: Shop) -> None:
    shop.programme(points_valid_days=10)
    one, two = shop.member(), shop.member(opening_points=500)
    bought = shop.buys(one, 1_000_000)
    later = NOON + timedelta(days=20)
    expire_due_lots(at=later)
    merge_members(one.pk, two.pk, actor="user:7", key="merge", now=later)

    receipt = refund_purchase(RefundOrder(bought.id or 0), actor="user:1", key="refund", now=later)

    assert receipt.points_taken_back == 0
    assert balances(two.pk, later).points == 500


def test_a_receipt_says_the_balances_that_there_were(shop: Shop) -> None:
    one, two = shop.member(), shop.member(opening_points=900)
    bought = shop.buys(one, 1_000_000)

    merge(one, two)

    [receipt] = receipts_of([recorded_purchase(bought.id or 0)])
    assert (receipt["member"], receipt["balances"]["points"]) == (two.pk, 100)
    printed = left_after(get_purchase(bought.id or 0))
    assert printed and printed.points == 100


# ── who it is, and every old way ──────────────────────────────────────────────────────────────────────────


def test_every_old_way_leads_to_the_one_left(shop: Shop) -> None:
    one = shop.member(phone="09121112233", card="6274121212121216", external_id="OLD-1", first_name="سارا")
    two = shop.member(phone="09351112244", first_name="سارا", external_id="NEW-1")

    merge(one, two)

    for text in ("09121112233", "2233", "6274121212121216", "OLD-1", "09351112244", "سارا"):
        assert [hit.id for hit in find_members(text)] == [two.pk], text
    assert member_by_phone("0912 111 2233") == get_member(two.pk)
    assert list(listed(phone="09121112233")) == list(listed(card="6274121212121216")) == [get_member(two.pk)]
    friend = shop.member()
    set_referrer(friend.pk, one.referral_code, actor="user:1")
    assert get_member(friend.pk).referred_by_id == two.pk
    with pytest.raises(DuplicatePhone):
        shop.member(phone="09121112233")
    assert shop.buy(PurchaseOrder(member_phone="09121112233", enrol=True, amount=10_000)).member == two.pk
    assert shop.buys(one, 10_000).member == two.pk  # a till that had found the old record already


def test_a_second_merge_leads_on_in_one_step(shop: Shop) -> None:
    one, two, three = shop.member(phone="09121112233"), shop.member(), shop.member()
    merge(one, two)
    merge(two, three, key="second")

    assert get_member(one.pk).merged_into_id == three.pk
    assert member_by_phone("09121112233") == get_member(three.pk)
    assert shop.buys(one, 10_000).member == three.pk


def test_the_one_left_may_take_the_old_phone_for_its_own(shop: Shop) -> None:
    one, two = shop.member(phone="09121112233"), shop.member(phone="09351112244")
    merge(one, two)

    update_member(two.pk, {"phone": "09121112233"}, actor="user:7")

    assert member_by_phone("09121112233") == get_member(two.pk)
    assert get_member(two.pk).phone_reversed == "33221112190"
    assert shop.member(phone="09351112244").pk != two.pk


def test_the_one_left_takes_over_what_it_lacks_and_keeps_its_own(shop: Shop) -> None:
    early = NOON - timedelta(days=400)
    one = shop.member(
        phone="09121112233", first_name="سارا", last_name="محمدی", email="s@example.com", tags=("همسایه",),
        birth_date=date(1990, 1, 1), enrolled_at=early,
    )  # fmt: skip
    two = shop.member(phone=None, external_id="N-1", email="new@example.com", tags=("دانشجو",))

    shown = preview_merge(one.pk, two.pk)
    merge(one, two)

    left = get_member(two.pk)
    assert (left.full_name, left.email, left.phone, left.enrolled_at) == (
        "سارا محمدی", "new@example.com", "09121112233", early,
    )  # fmt: skip
    assert left.tags == ["دانشجو", "همسایه"] and left.birth_jalali_month == 10
    assert shown.taken["phone"] == "09121112233" and shown.left == {"email": "s@example.com", "card": one.card}
    assert [hit.id for hit in find_members("محمدی")] == [two.pk]
    entry = AuditEntry.objects.get(action="member.merge", target=f"member:{two.pk}")
    assert (entry.actor, entry.before["phone"], entry.after["phone"]) == ("user:7", None, "09121112233")


def test_a_block_and_a_no_to_messages_hold_for_the_one_left(shop: Shop) -> None:
    one, two = shop.member(), shop.member()
    Member.objects.filter(pk=one.pk).update(status="blocked", sms_consent=False, sms_consent_source="11")

    merge(one, two)

    left = get_member(two.pk)
    assert (left.status, left.sms_consent, left.sms_consent_source) == ("blocked", False, "11")


def test_referrals_follow_and_never_run_in_a_circle(shop: Shop) -> None:
    one, two, friend, elder = (shop.member() for _ in range(4))
    set_referrer(friend.pk, one.referral_code, actor="user:1")
    set_referrer(two.pk, one.referral_code, actor="user:1")
    set_referrer(one.pk, elder.referral_code, actor="user:1")

    merge(one, two)

    assert get_member(friend.pk).referred_by_id == two.pk
    assert get_member(two.pk).referred_by_id == elder.pk  # not by oneself, but by who brought the other record
    with pytest.raises(ReferralRefused):
        set_referrer(elder.pk, one.referral_code, actor="user:1")


def test_messages_and_an_event_tell_of_it(shop: Shop) -> None:
    one, two = shop.member(), shop.member()

    merge(one, two)

    event = DomainEvent.objects.get(kind="member.merged")
    assert (event.member_id, event.document, event.data["source"]) == (two.pk, f"merge:{one.pk}", one.pk)
    assert not OutboxMessage.objects.filter(member_id=one.pk).exists()
    assert OutboxMessage.objects.filter(member_id=two.pk, kind="welcome").count() == 2


# Everything that names a member: what moves, and what is left where it was, since history is never rewritten.
MOVED = {"purchases.purchase", "members.card", "members.note"}
STAYS = {
    "ledger.wallet",
    "members.consentchange",
    "members.joinrequest",
    "members.rulesacceptance",
    "members.tierchange",
    "portal.congratulated",
}
DROPPED = {"members.cardcode", "members.nametoken"}
POINTERS = {"members.member"}


def test_every_table_that_names_a_member_is_decided() -> None:
    named = {
        relation.related_model._meta.label_lower
        for relation in Member._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
    }

    assert named == MOVED | STAYS | DROPPED | POINTERS


# ── refusals ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_cannot_be_merged_is_refused_and_nothing_moves(shop: Shop, other_club: Club) -> None:
    one, two = shop.member(opening_points=10), shop.member()
    with club_scope(other_club):
        foreign = Shop(other_club).member()

    for join in (preview_merge, lambda a, b: merge_members(a, b, actor="user:7", key="k", now=NOON)):
        with pytest.raises(ValidationFailed):
            join(one.pk, one.pk)
        for pair in ((one.pk, foreign.pk), (foreign.pk, one.pk), (one.pk, 2**63), (2**62, one.pk)):
            with pytest.raises(NotFound):
                join(*pair)
    merge(one, two, key="done")
    for pair in ((one.pk, two.pk), (two.pk, one.pk)):  # again, and in a circle
        with pytest.raises(Conflict):
            merge_members(*pair, actor="user:7", key="again", now=NOON)
    for act in (
        lambda: update_member(one.pk, {"first_name": "x"}, actor="user:1"),
        lambda: adjust_value(Adjustment(one.pk, "points", 5, "x"), actor="user:1", key="a", now=NOON),
        lambda: set_referrer(one.pk, two.referral_code, actor="user:1"),
    ):
        with pytest.raises(NotFound):
            act()
    assert balances(two.pk, NOON).points == 10
    assert shop.proven()


def test_the_same_key_merges_once(shop: Shop) -> None:
    one, two, three = shop.member(opening_points=10), shop.member(), shop.member()
    first = merge(one, two)

    again = merge(one, two)

    assert (again.moved, again.replayed) == (first.moved, True)
    with pytest.raises(IdempotencyConflict):
        merge(three, two)


# ── races ─────────────────────────────────────────────────────────────────────────────────────────────────


def held_purchase(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Member, Member]:
    """A purchase that has the source's wallets when the merge comes, and ends only when the merge waits for them."""
    one, two = shop.member(opening_points=5), shop.member()
    holds, reckon = threading.Event(), services._reckon

    def slowly(*args: object, **more: object) -> object:
        outcome = reckon(*args, **more)  # type: ignore[arg-type]
        holds.set()
        until_somebody_waits_for_a_lock()
        return outcome

    monkeypatch.setattr(services, "_reckon", slowly)

    def merge_then() -> None:
        assert holds.wait(SECONDS)
        merge(one, two)

    in_threads(shop.club, [lambda: shop.buys(one, 1_000_000), merge_then])
    return one, two


def test_a_purchase_that_is_being_recorded_moves_with_the_member(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = held_purchase(committed_shop, monkeypatch)

    assert Purchase.objects.get().member_id == two.pk
    assert (balances(one.pk, NOON).points, balances(two.pk, NOON).points) == (0, 105)
    assert (get_member(two.pk).visits, get_member(one.pk).visits) == (1, 0)
    assert verify_value() == []


def test_a_purchase_that_waited_for_a_merge_is_the_survivors(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = late_purchase(committed_shop, monkeypatch)

    assert Purchase.objects.get().member_id == two.pk
    assert (balances(one.pk, NOON).points, balances(two.pk, NOON).points) == (0, 105)
    assert get_member(two.pk).visits == 1
    assert verify_value() == []


def test_twin_without_the_look_after_the_lock_the_purchase_is_lost_to_a_dead_record(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_check_member", lambda *_args: None)

    one, _two = late_purchase(committed_shop, monkeypatch)

    assert Purchase.objects.get().member_id == one.pk
    assert balances(one.pk, NOON).points == 100


def late_purchase(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Member, Member]:
    """A purchase of the source that comes while the merge holds the wallets."""
    one, two = shop.member(opening_points=5), shop.member()
    holds, move = threading.Event(), merging.move_value

    def slowly(*args: object, **more: object) -> object:
        holds.set()
        until_somebody_waits_for_a_lock()
        return move(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(merging, "move_value", slowly)

    def buy_then() -> None:
        assert holds.wait(SECONDS)
        shop.buys(one, 1_000_000)

    in_threads(shop.club, [lambda: merge(one, two), buy_then])
    return one, two


def both_ways(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Member, Member]:
    """Two managers who merge the two into each other at once: both have looked before either begins."""
    one, two = shop.member(opening_points=5), shop.member(opening_points=7)
    looked, locked = threading.Barrier(2, timeout=SECONDS), merging.lock_both

    def together(*pair: int) -> object:
        looked.wait()
        return locked(*pair)

    monkeypatch.setattr(merging, "lock_both", together)

    def act(source: Member, into: Member) -> str:
        try:
            merge(source, into, key=f"{source.pk}-{into.pk}")
        except Conflict:
            return "refused"
        return "merged"

    return in_threads(shop.club, [lambda: act(one, two), lambda: act(two, one)]), one, two


def test_of_two_merges_in_a_circle_one_is_refused(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes, one, two = both_ways(committed_shop, monkeypatch)

    assert sorted(outcomes) == ["merged", "refused"]
    assert {get_member(one.pk).status, get_member(two.pk).status} == {"active", "erased"}
    assert Wallet.objects.filter(unit="points").aggregate(total=models.Sum("balance"))["total"] == 12
    assert verify_value() == []


def test_twin_without_the_second_look_both_are_gone(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_both", lambda found, source, into: (found[source], found[into]))

    outcomes, one, two = both_ways(committed_shop, monkeypatch)

    assert outcomes == ["merged", "merged"]
    assert {get_member(one.pk).status, get_member(two.pk).status} == {"erased"}
