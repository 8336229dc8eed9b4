"""What managers decide for tickets: departments, hours, targets, rules and holidays; what is refused, and what holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from club.programme.named_days import correct_day
from core.errors import Conflict, NotFound, ValidationFailed
from core.jalali import day_bounds, from_jalali
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import asks
from tickets.departments import DepartmentWords, archive_department, save_department, shift_department
from tickets.models import Department, DepartmentPerson, Holiday
from tickets.moving import close
from tickets.office import open_departments
from tickets.promises import promises, settings_now, targets_now
from tickets.settings import (
    add_holiday,
    add_official,
    drop_holiday,
    holidays_from,
    kinds_of,
    lunar_known,
    set_hours,
    set_rules,
    set_targets,
)

WHO = "user:1"


def department(name: str, **more: Any) -> Department:
    return save_department(DepartmentWords(name, **more), actor=WHO)


def refusal(act: Callable[[], object]) -> set[str]:
    with pytest.raises(ValidationFailed) as refused:
        act()
    return set(refused.value.errors)


def test_a_department_has_people_head_and_place_and_rests_once_it_has_no_open_ticket(shop: Shop) -> None:
    one, two, cashier = person("support", name="الف"), person("support", name="ب"), person("cashier")
    sales, money = department("فروش", people=[one.pk, two.pk]), department("مالی")
    department("فروش ویژه", people=[two.pk], head_id=two.pk, department_id=sales.pk)
    shift_department(money.pk, by=-1, actor=WHO)

    assert [row.name for row in open_departments()] == ["مالی", "فروش ویژه"]
    assert list(DepartmentPerson.objects.filter(department=sales).values_list("user", flat=True)) == [two.pk]
    assert refusal(lambda: department("مالی", people=[cashier.pk], head_id=cashier.pk)) == {"name", "people", "head"}
    assert refusal(lambda: department(" ")) == {"name"}

    ticket = asks(shop.member(), department=sales.code)
    with pytest.raises(Conflict):
        archive_department(sales.pk, actor=WHO, now=NOON)
    close(ticket.pk, actor=WHO, now=NOON)
    archive_department(sales.pk, actor=WHO, now=NOON)
    assert [row.name for row in open_departments()] == ["مالی"]
    assert refusal(lambda: asks(shop.member(), department=sales.code)) == {"department"}
    assert AuditEntry.objects.filter(target=f"department:{sales.pk}").count() == 3


def test_hours_hold_from_then_on_and_wrong_ones_are_refused_by_day(shop: Shop) -> None:
    before = asks(shop.member())
    set_hours({0: [(540, 780), (960, 1440)], 1: [], 2: [(0, 60)]}, actor=WHO)

    calendar = promises().calendar
    saturday = day_bounds(from_jalali(1405, 8, 2))[0]
    assert calendar.worked(saturday, saturday + timedelta(days=3)) == timedelta(hours=4 + 8 + 1)
    before.refresh_from_db()
    assert before.answer_due_at == NOON + timedelta(hours=4)
    for wrong, day in (
        ({3: [(600, 540)]}, "day3"),
        ({3: [(540, 720), (700, 800)]}, "day3"),
        ({3: [(540, 1500)]}, "day3"),
        ({4: [(1, 2), (3, 4), (5, 6)]}, "day4"),
        ({0: [], 1: []}, "day0"),
    ):
        assert refusal(lambda wrong=wrong: set_hours(wrong, actor=WHO)) == {day}
    assert settings_now().hours == {"0": [[540, 780], [960, 1440]], "2": [[0, 60]]}


def test_targets_and_rules_are_kept_whole_or_not_at_all(club: Club) -> None:
    usual = targets_now()
    assert refusal(lambda: set_targets({"low": (9, 20), "high": (5, 4), "urgent": (0, 4)}, actor=WHO)) == {
        "solve_high",
        "answer_urgent",
    }
    assert refusal(lambda: set_rules(warns_before=0, closes_after=91, shares_out=True, actor=WHO)) == {
        "warns_before",
        "closes_after",
    }
    assert targets_now() == usual

    set_targets({"high": (1, 2)}, actor=WHO)
    set_rules(warns_before=30, closes_after=3, shares_out=False, actor=WHO)

    assert targets_now() == usual | {"high": (60, 120)}
    now = settings_now()
    assert (now.warns_before, now.closes_after, now.shares_out) == (30, 3, False)


def test_holidays_are_the_clubs_own_and_the_official_ones_come_once(club: Club, other_club: Club) -> None:
    own = add_holiday(from_jalali(1405, 1, 1), "تولد باشگاه", actor=WHO)
    assert refusal(lambda: add_holiday(own.day, "دوباره", actor=WHO)) == {"day"}
    assert refusal(lambda: add_holiday(own.day + timedelta(days=1), " ", actor=WHO)) == {"name"}
    assert refusal(lambda: add_official(1399, actor=WHO)) == {"year"}

    table = from_jalali(1406, 12, 8)
    correct_day("fitr", table, table + timedelta(days=1), actor=WHO)
    assert (add_official(1405, actor=WHO), add_official(1405, actor=WHO)) == (25, 0)
    assert (add_official(1406, actor=WHO), add_official(1420, actor=WHO)) == (27, 10)
    assert [lunar_known(year) for year in (1402, 1405, 1406, 1411)] == [None, "official", "reckoned", None]
    days = {row.day: row.name for row in holidays_from(table)}
    assert table not in days and days[table + timedelta(days=1)] == days[table + timedelta(days=2)] == "عید فطر"
    kinds = kinds_of(holidays_from(own.day))
    assert kinds[from_jalali(1405, 4, 4)] == "official" == kinds[table + timedelta(days=1)]
    assert kinds[from_jalali(1406, 12, 29)] == "official" and "reckoned" in kinds.values()

    # Tuesday afternoon to Saturday morning: Tasua, Ashura and a Friday between.
    calendar = promises().calendar
    tuesday, saturday = (day_bounds(from_jalali(1405, 4, day))[0] for day in (2, 6))
    assert calendar.worked(tuesday + timedelta(hours=17), saturday + timedelta(hours=10)) == timedelta(hours=2)
    assert calendar.after(tuesday + timedelta(hours=17), timedelta(hours=2)) == saturday + timedelta(hours=10)
    assert Holiday.objects.get(day=own.day).name == "تولد باشگاه"
    with club_scope(other_club), pytest.raises(NotFound):
        drop_holiday(own.pk, actor=WHO)
    drop_holiday(own.pk, actor=WHO)
    assert not promises().calendar.holidays & {own.day}
