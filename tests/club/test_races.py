"""Races, each with its twin: the same test with the guard taken out, which must show the fault."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from club.awards import joining
from club.awards.enrolment import enrol_member
from club.awards.joining import Joined, join_club
from club.ledger import book as books
from club.ledger.book import Book, LostLock, load_lots, lock_book
from club.ledger.models import Entry, Wallet
from club.members.joining import InvitationSpent, Joiner, choose_way, make_invitation
from club.members.models import JoinInvitation, Member
from club.members.services import DuplicatePhone
from club.purchases import reckoning, refunds, services
from club.purchases.models import Purchase, Refund
from club.purchases.orders import PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.services import record_purchase
from core import events
from core.events import Consumer, consume
from core.models import DomainEvent
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads, until_somebody_waits_for_a_lock


def spend_one(member_id: int, number: str, *, lock: bool = True) -> None:
    with transaction.atomic():
        book = lock_book(member_id, lock=lock)
        load_lots(book, lock=lock)
        book.points.spend(1, "spend", f"test:{number}", "x", NOON)
        book.write(actor="user:1")


def spend_many(shop: Shop, threads: int, times: int, *, lock: bool) -> tuple[Member, Counter[str]]:
    member = shop.member(opening_points=threads * times + 7)

    def spender(who: int) -> Counter[str]:
        outcome: Counter[str] = Counter()
        for number in range(times):
            try:
                spend_one(member.pk, f"{who}-{number}", lock=lock)
                outcome["spent"] += 1
            except (LostLock, DatabaseError):
                outcome["failed"] += 1
        return outcome

    counts = in_threads(shop.club.pk, [lambda who=who: spender(who) for who in range(threads)])
    return member, sum(counts, Counter())


@pytest.mark.slow
def test_sixteen_threads_of_many_spends_lose_nothing(committed_shop: Shop) -> None:
    """Of fifty each; of two hundred with `make long`."""
    each = 200 if "LONG" in os.environ else 50
    member, outcome = spend_many(committed_shop, 16, each, lock=True)

    wallet = Wallet.objects.get(member=member, unit="points")
    assert outcome == {"spent": 16 * each}
    assert (wallet.balance, wallet.version) == (7, 16 * each + 1)
    assert Entry.objects.filter(wallet=wallet).count() == 16 * each + 1
    assert verify_value() == []


def test_twin_without_the_lock_spends_fail(committed_shop: Shop) -> None:
    _member, outcome = spend_many(committed_shop, 8, 25, lock=False)

    assert outcome["failed"] > 0
    assert verify_value() == []  # the version in the writing statement still turned lost updates into errors


def test_twin_without_lock_and_version_the_balance_is_wrong(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What both guards keep away: two who read 10 and write 9."""
    unguarded = "UPDATE ledger_wallet SET balance = %s WHERE club_id = %s AND id = %s"
    member = committed_shop.member(opening_points=10)
    wallet = Wallet.objects.get(member=member, unit="points")
    both_have_read = threading.Barrier(2, timeout=SECONDS)

    def spend() -> None:
        balance = Wallet.objects.get(pk=wallet.pk).balance
        both_have_read.wait()
        with connection.cursor() as cursor:
            cursor.execute(unguarded, [balance - 1, committed_shop.club.pk, wallet.pk])

    in_threads(committed_shop.club.pk, [spend, spend])

    wallet.refresh_from_db()
    assert wallet.balance == 9
    assert [fault.wallet_id for fault in verify_value()] == [wallet.pk, wallet.pk]


def two_refunds(shop: Shop) -> tuple[Counter[str], int]:
    member = shop.member()
    bought = shop.buys(member, 10_000_000)
    order = refunds.RefundOrder(bought.id or 0)

    def act(key: str) -> str:
        refunds.refund_purchase(order, actor="user:1", key=key, now=NOON)
        return "refunded"

    acts = [lambda: act(f"{bought.id}-a"), lambda: act(f"{bought.id}-b")]
    answers = in_threads(shop.club.pk, acts, keep_errors=True)
    return Counter(answer if isinstance(answer, str) else type(answer).__name__ for answer in answers), member.pk


def test_of_two_full_refunds_at_once_one_succeeds(committed_shop: Shop) -> None:
    for _round in range(5):
        outcome, member_id = two_refunds(committed_shop)

        assert outcome == {"refunded": 1, "AlreadyReversed": 1}
        assert Refund.objects.filter(purchase__member=member_id).count() == 1
    assert verify_value() == []


def test_twin_without_the_purchase_lock_the_second_refund_is_not_refused_cleanly(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_read = threading.Barrier(2, timeout=SECONDS)
    reckon = refunds._reckon

    def reckon_together(*args: Any) -> Any:
        undoing = reckon(*args)
        both_have_read.wait()
        return undoing

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    monkeypatch.setattr(refunds, "lock_book", lambda member_id, lock: books.lock_book(member_id, lock=False))
    monkeypatch.setattr(refunds, "_reckon", reckon_together)

    outcome, _member_id = two_refunds(committed_shop)

    assert "BrokenBarrierError" not in outcome, "both came as far as reckoning"
    assert outcome != {"refunded": 1, "AlreadyReversed": 1}


@contextmanager
def not_committed_yet(shop: Shop, act: Callable[[], Any]) -> Iterator[Callable[[], None]]:
    """An act whose transaction is open in another thread; calling what is yielded lets it commit."""
    recorded, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            act()
            recorded.set()
            assert go_on.wait(SECONDS)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(in_threads, shop.club.pk, [first])
        assert recorded.wait(SECONDS)

        def commit() -> None:
            go_on.set()
            done.result(SECONDS)

        yield commit


def while_not_committed(shop: Shop, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """The answer, or error, of a second act that waits for a lock of the first, which commits only then."""
    with not_committed_yet(shop, first) as commit, ThreadPoolExecutor(1) as pool:
        other = pool.submit(in_threads, shop.club.pk, [second], keep_errors=True)
        until_somebody_waits_for_a_lock()
        commit()
        [answer] = other.result(SECONDS)
    return answer


def visits_of_two_at_once(shop: Shop) -> list[int | None]:
    member = shop.member()

    def first() -> None:
        order = PurchaseOrder(member_id=member.pk, amount=1_000)
        services.record_inside(order, actor="user:1", key=f"first-{member.pk}", now=NOON)

    def second() -> Any:
        order = PurchaseOrder(member_id=member.pk, amount=2_000)
        return services.record_purchase(order, actor="user:1", key=f"second-{member.pk}", now=NOON)

    while_not_committed(shop, first, second)
    return list(Purchase.objects.filter(member=member).order_by("id").values_list("visit_number", flat=True))


def test_two_purchases_of_one_member_at_once_are_visits_n_and_n_plus_1(committed_shop: Shop) -> None:
    assert visits_of_two_at_once(committed_shop) == [1, 2]


def test_twin_facts_read_with_the_lock_keep_the_snapshot_from_before_the_wait(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts as a statement that joins the locked wallets would read them: from its snapshot before the wait."""
    held = threading.local()
    read = reckoning.read_facts

    def lock_and_read(member_id: int, *, lock: bool = True) -> Book:
        held.facts = read(member_id, at=NOON)
        return lock_book(member_id, lock=lock)

    monkeypatch.setattr(reckoning, "lock_book", lock_and_read)
    monkeypatch.setattr(reckoning, "read_facts", lambda *_args, **_kwargs: held.facts)

    assert visits_of_two_at_once(committed_shop) == [1, 1]


def two_by_the_last_use(shop: Shop) -> tuple[Any, JoinInvitation]:
    """Two phones join at once by an invitation with one use left: what the later one is told, and the invitation."""
    choose_way("invited", actor="user:1")
    code = make_invitation(note="", most_uses=1, last_day=None, actor="user:1", now=NOON).code

    def join(phone: str) -> Joined:
        return join_club(Joiner(phone, invitation=code), actor="user:1", now=NOON)

    told = while_not_committed(shop, lambda: join("09351112233"), lambda: join("09351112244"))
    return told, JoinInvitation.objects.get(code=code)


def test_of_two_who_join_at_once_by_the_last_use_of_an_invitation_one_gets_in(committed_shop: Shop) -> None:
    told, invitation = two_by_the_last_use(committed_shop)

    assert isinstance(told, InvitationSpent)
    assert invitation.used == 1
    assert [member.phone for member in Member.objects.filter(phone__isnull=False)] == ["09351112233"]


def test_twin_uses_counted_from_what_was_read_let_both_in(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the condition in the counting statement keeps away: both read that a use is left."""

    def use_as_read(code: str, *, now: datetime) -> JoinInvitation:
        invitation = JoinInvitation.objects.get(code=code)
        if invitation.used >= invitation.most_uses:
            raise InvitationSpent
        invitation.used += 1
        invitation.save(update_fields=["used"])
        return invitation

    monkeypatch.setattr(joining, "use_invitation", use_as_read)

    told, invitation = two_by_the_last_use(committed_shop)

    assert isinstance(told, Joined) and invitation.used == 1
    assert Member.objects.filter(source=f"invitation:{invitation.code}").count() == 2


def enrolled_by_two_tills(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two tills record the first purchase of one phone at once: both looked it up before either enrolled it."""
    both_looked = threading.Barrier(2, timeout=SECONDS)

    def enrol_after_both_looked(**person: Any) -> Member:
        both_looked.wait()
        return enrol_member(**person)

    monkeypatch.setattr(services, "enrol_member", enrol_after_both_looked)
    order = PurchaseOrder(member_phone="09123456789", enrol=True, amount=1_000_000)
    acts = [lambda key=key: record_purchase(order, actor="user:1", key=key, now=NOON) for key in ("a", "b")]
    return in_threads(shop.club.pk, acts, keep_errors=True)


def test_two_tills_that_enrol_one_phone_at_once_both_record(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts = enrolled_by_two_tills(committed_shop, monkeypatch)

    member = Member.objects.get(phone="09123456789")
    assert [receipt.member for receipt in receipts] == [member.pk, member.pk]
    assert member.visits == 2
    assert committed_shop.proven()


def test_twin_without_a_second_look_one_till_is_refused(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DuplicatePhone", ZeroDivisionError)

    answers = enrolled_by_two_tills(committed_shop, monkeypatch)

    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [DuplicatePhone]


def events_committed_out_of_order(club_id: int, read: Callable[[], None]) -> None:
    """The event with the lower id commits last; `read` is called before and after it does."""
    inserted, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            events.emit("sample", document="sample:slow", occurred_at=NOON)
            inserted.set()
            assert go_on.wait(SECONDS)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(in_threads, club_id, [slow])
        assert inserted.wait(SECONDS)
        events.emit("sample", document="sample:quick", occurred_at=NOON)
        read()
        go_on.set()
        done.result(SECONDS)
    read()


def test_events_that_commit_out_of_order_are_all_consumed(committed_shop: Shop) -> None:
    seen: list[str] = []
    reader = Consumer("test", frozenset({"sample"}), lambda event: seen.append(event.document))

    events_committed_out_of_order(committed_shop.club.pk, lambda: consume(reader) and None)

    assert sorted(seen) == ["sample:quick", "sample:slow"]


def test_twin_a_cursor_on_ids_loses_the_event_that_committed_late(committed_shop: Shop) -> None:
    seen: list[str] = []
    cursor = {"id": 0}

    def read_by_id() -> None:
        for event in DomainEvent.objects.filter(kind="sample", id__gt=cursor["id"]).order_by("id"):
            seen.append(event.document)
            cursor["id"] = event.pk

    events_committed_out_of_order(committed_shop.club.pk, read_by_id)

    assert seen == ["sample:quick"]
