"""The demo clubs: the same story each time, told through the services, interrupted without harm."""

import io
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.rights import can
from club.ledger.models import Entry
from club.members.models import Member
from club.purchases.models import Purchase, Refund
from club.purchases.proof import verify_value
from club.tiers.models import Tier
from config.demo import building
from config.demo.building import open_demo
from config.demo.cast import CAFE, CLUBS, PASSWORD, DemoClub, logins
from config.demo.plan import DAYS, KNOWN_AT_ONCE, people_of, sales_of
from core.jalali import local_date, weekday
from core.phones import is_stored_phone
from core.services import create_club
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage
from tickets.models import Attachment, Ticket

TODAY = date(2026, 11, 22)
SMALL = replace(CAFE, agents=(), slug="demo-small", members=8, visits_a_day=0.4)


def heard(line: str) -> None:
    pass


@pytest.mark.parametrize("club", CLUBS, ids=lambda club: club.slug)
def test_the_story_is_the_same_each_time(club: DemoClub) -> None:
    people = people_of(club, TODAY)
    sales = sales_of(club, people, TODAY)

    assert (people_of(club, TODAY), sales_of(club, people, TODAY)) == (people, sales)
    assert 55 <= len({person.phone for person in people}) == len(people) <= 125
    assert all(is_stored_phone(person.phone) and person.phone.startswith("0912000") for person in people)
    assert [sale.at for sale in sales] == sorted(sale.at for sale in sales)
    assert (TODAY - sales[0].at.date()).days <= DAYS
    assert sales[-1].at.date() < TODAY
    joined = {person.phone: person.joined_at for person in people}
    assert all(sale.phone is None or joined[sale.phone] <= sale.at for sale in sales)
    days = Counter(weekday(sale.at.date()) for sale in sales)
    assert {day for day, _count in days.most_common(2)} == {5, 6}, "Thursday and Friday are the busiest"
    assert sum(sale.refund_after is not None for sale in sales) > 3


def test_staff_can_log_in_before_the_history_is_there(db: None) -> None:
    demo = open_demo(SMALL, heard)

    assert demo is not None
    with club_scope(demo.club):
        assert Member.objects.count() == KNOWN_AT_ONCE
        assert not Purchase.objects.exists()
        assert list(Tier.objects.values_list("name", flat=True)) == ["برنزی", "نقره‌ای", "طلایی"]
        cashier = User.objects.get(phone="09120000003")
        assert cashier.check_password(PASSWORD)
        assert can(cashier, "record_purchase") and not can(cashier, "manage_staff")
        assert can(User.objects.get(phone="09120000001"), "appoint_managers")
        tickets = Ticket.objects.order_by("pk")
        assert {ticket.assignee for ticket in tickets if ticket.department is None} == {_support()}
        assert [ticket.rating for ticket in tickets] == [5, 4, *[None] * 6]
        assert tickets.filter(due_at__lt=demo.club.created_at).exists() and Attachment.objects.count() == 1


def _support() -> User:
    return User.objects.get(phone="09120000013")


def test_the_history_goes_through_the_services_and_tells_nobody(db: None) -> None:
    demo = open_demo(SMALL, heard)
    assert demo is not None

    assert demo.fill()

    with club_scope(demo.club):
        assert Member.objects.exclude(status="erased").count() == SMALL.members
        assert Member.objects.get(status="erased").merged_into is not None
        assert Purchase.objects.filter(paid_by_credit__gt=0).exists()
        assert Member.objects.aggregate(Sum("visits"))["visits__sum"] > 10
        assert {"earn", "spend", "expire", "adjust"} <= set(Entry.objects.values_list("kind", flat=True))
        assert not OutboxMessage.objects.filter(final_at=None).exists()  # what its campaigns sent was over long ago
        assert verify_value() == []
        in_order = list(Entry.objects.order_by("wallet", "seq").values_list("wallet", "occurred_at"))
        assert in_order == sorted(in_order), "each wallet's entries are written in the order of their time"


def test_it_goes_on_where_it_was_broken_off_and_then_leaves_all_alone(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = open_demo(SMALL, heard)
    assert demo is not None
    count = 0

    def record(*args: object, **more: object) -> object:
        nonlocal count
        count += 1
        if count == 20:
            raise KeyboardInterrupt
        return recorded(*args, **more)  # type: ignore[arg-type]

    recorded = building.record_purchase
    monkeypatch.setattr(building, "record_purchase", record)
    with pytest.raises(KeyboardInterrupt):
        demo.fill()
    monkeypatch.setattr(building, "record_purchase", recorded)
    again = open_demo(SMALL, heard)
    assert again is not None and again.fill()

    with club_scope(demo.club):
        people = people_of(SMALL, local_date(demo.club.created_at))
        planned = sales_of(SMALL, people, local_date(demo.club.created_at))
        in_time = Purchase.objects.filter(gift_card=None).order_by("number").values_list("external_id", flat=True)
        assert list(in_time) == [f"demo:demo-small:{sale.number}" for sale in planned]
        assert Refund.objects.count() == sum(sale.refund_after is not None for sale in planned)
        assert verify_value() == []
    assert not again.fill()


def test_a_club_of_somebody_else_is_left_alone(db: None) -> None:
    create_club(slug=SMALL.slug, name="دیگری")

    assert open_demo(SMALL, heard) is None


def test_clubs_that_are_filled_already_are_said_to_be(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.management.commands.seed_demo.CLUBS", [SMALL])
    demo = open_demo(SMALL, heard)
    assert demo and demo.fill()
    said, quietly = io.StringIO(), io.StringIO()

    call_command("seed_demo", stdout=said)
    call_command("seed_demo", verbosity=0, stdout=quietly)

    assert said.getvalue() == "demo-small: filled already\n"
    assert quietly.getvalue() == ""


def test_logins_are_printed_without_touching_the_database() -> None:
    out = io.StringIO()

    call_command("seed_demo", "--logins", "--base-url", "http://localhost:8001", stdout=out)

    said = out.getvalue()
    assert "http://narvan.localhost:8001/staff/login/" in said and "http://sarv.localhost:8001/login/" in said
    assert PASSWORD in said and "09120000003" in said
    assert all(line.startswith("  ") for line in said.splitlines())
    assert logins("http://localhost:8001") in said


def test_it_is_not_for_an_installation_that_others_reach(settings: Settings) -> None:
    settings.HTTPS_ONLY = True

    with pytest.raises(CommandError, match="public"):
        call_command("seed_demo")
