"""Offers on named days and on days of the member's own, from the till to the back-test; and the club's corrections."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.members.models import CustomField
from club.programme.named_days import FARTHEST, correct_day, named_days
from club.purchases.models import Purchase
from club.purchases.openings import open_offers
from club.purchases.recorded import receipt_of
from core.errors import NotFound, ValidationFailed
from core.jalali import from_jalali
from core.models import AuditEntry
from offers.parsing import parse
from reports.back_test.steps import back_test, last_days
from tests.offering import LONG_AGO, publish
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}
YALDA = {"fact": "named_day", "op": "eq", "value": "yalda"}
MOTHERS = {"fact": "named_day", "op": "in", "value": ["mothers_day", "fathers_day"]}
GIVEN = from_jalali(1405, 9, 9)


def noon(day: date) -> datetime:
    return datetime.combine(day, NOON.timetz())


def test_an_offer_of_a_named_day_holds_on_that_day_and_is_told_so_ever_after(shop: Shop) -> None:
    member = shop.member(enrolled_at=LONG_AGO)
    publish("شب یلدا", TEN, when=YALDA)
    day = from_jalali(1405, 9, 30)

    found = [shop.buys(member, 1_000_000, now=noon(day + timedelta(days=late))).discount for late in (-1, 0, 1)]

    assert found == [0, 100_000, 0]
    row = Purchase.objects.order_by("pk")[1]
    assert row.facts["named_days"] == ["yalda"]
    assert [one["outcome"] for one in receipt_of(row)["considered"]] == ["applied"]
    before = receipt_of(Purchase.objects.order_by("pk")[0])["considered"]
    assert [(one["outcome"], one["failed"][0]["fact"]) for one in before] == [("not_matched", "named_day")]


def test_a_corrected_day_counts_at_the_till_and_what_was_recorded_keeps_its_own(shop: Shop) -> None:
    member = shop.member(enrolled_at=LONG_AGO)
    publish("روز مادر", TEN, when=MOTHERS)
    own = GIVEN + timedelta(days=1)

    assert shop.buys(member, 1_000_000, now=noon(GIVEN)).discount == 100_000
    correct_day("mothers_day", GIVEN, own, actor="user:1")

    assert shop.buys(member, 1_000_000, now=noon(GIVEN)).discount == 0
    assert shop.buys(member, 1_000_000, now=noon(own)).discount == 100_000
    assert [one.ready for one in open_offers(member.pk, at=noon(own))] == [True]
    first = Purchase.objects.order_by("pk")[0]
    assert [one["outcome"] for one in receipt_of(first)["considered"]] == ["applied"]


def test_the_calendar_is_read_only_where_an_offer_asks_for_it(shop: Shop) -> None:
    member = shop.member()
    publish("همیشه", TEN)
    shop.buys(member, 1_000_000)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            shop.buys(member, 1_000_000)
        return sum("nameddaydate" in query["sql"] for query in queries)

    assert asked() == 0
    publish("یلدا", TEN, when=YALDA)
    assert asked() == 1


def test_a_back_test_takes_the_day_as_it_was_kept_and_else_as_the_calendar_has_it_now(shop: Shop) -> None:
    member = shop.member(enrolled_at=LONG_AGO)
    shop.buys(member, 1_000_000, now=noon(GIVEN))
    terms = parse({"name": "روز مادر", "trigger": "purchase", "when": MOTHERS, "benefit": TEN})

    def found() -> int:
        later = noon(GIVEN) + timedelta(days=5)
        return back_test(terms, None, last_days(later), now=later).figures.purchases

    assert found() == 1
    correct_day("mothers_day", GIVEN, GIVEN + timedelta(days=1), actor="user:1")
    assert found() == 0
    Purchase.objects.update(facts={**Purchase.objects.get().facts, "named_days": ["mothers_day"]})
    assert found() == 1


def test_days_from_a_field_of_the_members_own_move_an_offer_around_it(shop: Shop) -> None:
    CustomField.objects.create(code="wedding", label="سالگرد ازدواج", kind="date")
    member = shop.member(enrolled_at=LONG_AGO, custom={"wedding": from_jalali(1399, 12, 30).isoformat()})
    near = {"fact": "days_from.wedding", "op": "between", "value": [-1, 0]}
    publish("سالگرد", TEN, when=near)
    day = from_jalali(1405, 12, 29)  # of a common year

    given = [shop.buys(member, 1_000_000, now=noon(day + timedelta(days=late))).discount for late in (-2, -1, 0, 1)]

    assert given == [0, 100_000, 100_000, 0]
    assert shop.buys(shop.member(), 1_000_000, now=noon(day)).discount == 0
    terms = parse({"name": "سالگرد", "trigger": "purchase", "when": near, "benefit": {**TEN, "percent": 20}})
    later = noon(day) + timedelta(days=3)
    assert back_test(terms, None, last_days(later), now=later).figures.purchases == 2


def test_a_correction_is_audited_and_taken_back_by_the_day_of_the_table(shop: Shop) -> None:
    own = GIVEN - timedelta(days=1)
    for day in (own, own, GIVEN):
        correct_day("mothers_day", GIVEN, day, actor="user:1")

    assert named_days().corrected == {}
    entries = AuditEntry.objects.filter(action="named_day.correct").order_by("pk")
    assert [(one.before["on_day"], one.after["on_day"]) for one in entries] == [
        (GIVEN.isoformat(), own.isoformat()),
        (own.isoformat(), GIVEN.isoformat()),
    ]


def test_what_is_no_day_of_the_table_or_too_far_from_it_is_refused(shop: Shop) -> None:
    for code, given in (("doomsday", GIVEN), ("fathers_day", GIVEN), ("mothers_day", GIVEN + timedelta(days=1))):
        with pytest.raises(NotFound):
            correct_day(code, given, GIVEN, actor="user:1")
    with pytest.raises(ValidationFailed) as refused:
        correct_day("mothers_day", GIVEN, GIVEN + FARTHEST + timedelta(days=1), actor="user:1")

    assert list(refused.value.errors) == ["day"]
    assert named_days().corrected == {}
