"""The page of the settings of tickets: each part is kept by its own form, and what is wrong is said at its field."""

import pytest

from core.models import Club
from tests.accounts.cast import person, signed_in
from tickets.models import Department, Holiday, ServiceTarget
from tickets.promises import settings_now

PATH = "/desk/tickets/settings/"
DAYS = {f"hours-day{day}": "" for day in range(7)}
TARGETS = {f"targets-{part}_{one}": "۹" for part in ("answer", "solve") for one in ("low", "normal", "high", "urgent")}


@pytest.fixture
def manager(club: Club):
    return signed_in(person("manager", name="نگار"), club)


def page(answer) -> str:
    return answer.content.decode()


def test_each_part_is_kept_by_its_own_form(club, manager):
    support = person("support", name="علی")
    acts = [
        {"act": "department", "new-name": "فروش", "new-people": [support.pk], "new-head": support.pk},
        {"act": "department", "new-name": "مالی"},
        {"act": "hours", **DAYS, "hours-day0": "۹ تا ۱۳ و ۱۶:۳۰ تا ۰", "hours-day5": "10-14"},
        {"act": "holiday", "holiday-day": "۱۴۰۵/۱۲/۱", "holiday-name": "انبارگردانی"},
        {"act": "official", "official-year": "۱۴۰۵"},
        {"act": "targets", **TARGETS, "targets-solve_low": "۴۰"},
        {"act": "rules", "rules-warns_before": "۳۰", "rules-closes_after": "۳"},
        {"act": "room", "room-most_megabytes": "۴٬۰۹۶"},
    ]

    for act in acts:
        assert manager.post(PATH, act).url == PATH, act

    sales, money = Department.objects.order_by("position")
    assert (sales.name, sales.head, sales.people.get().user) == ("فروش", support, support)
    assert settings_now().hours == {"0": [[540, 780], [990, 1440]], "5": [[600, 840]]}
    assert (settings_now().warns_before, settings_now().shares_out) == (30, False)
    assert ServiceTarget.objects.get(priority="low").solve_minutes == 2_400
    assert Holiday.objects.count() == 27
    shown = page(manager.get(PATH))
    assert "۹ تا ۱۳ و ۱۶:۳۰ تا ۲۴" in shown and "انبارگردانی" in shown
    assert "۱ کیلوبایت از ۴ گیگابایت (۰٪)" in shown
    assert shown.count(">رسمی<") == 26 and shown.count(">از شما<") == 1
    assert "سرپرست: علی · <bdi>علی</bdi>" in shown and "همهٔ پشتیبان‌ها" in shown
    manager.post(PATH, {"act": "later", "id": sales.pk})
    manager.post(PATH, {"act": "archive", "id": sales.pk})
    manager.post(PATH, {"act": "drop_holiday", "id": Holiday.objects.get(name="انبارگردانی").pk})
    assert not Department.objects.filter(archived_at=None).exclude(pk=money.pk).exists()
    assert not Holiday.objects.filter(name="انبارگردانی").exists()


def test_what_is_wrong_is_said_at_its_field_and_stays_as_typed(club, manager):
    for act, field, said in (
        ({"act": "department", "new-name": " "}, "new-name", "این"),
        ({"act": "hours", **DAYS}, "hours-day0", "دست‌کم یک روز"),
        ({"act": "hours", **DAYS, "hours-day2": "صبح"}, "hours-day2", "ساعت‌ها را مانند"),
        ({"act": "hours", **DAYS, "hours-day2": "۱۳ تا ۹"}, "hours-day2", "پس از آغازش"),
        ({"act": "hours", **DAYS, "hours-day2": "۲۰ تا ۲"}, "hours-day2", "روز بعد «۰ تا ۲»"),
        ({"act": "hours", **DAYS, "hours-day2": "۹ تا ۱۳ و ۱۲ تا ۲۰"}, "hours-day2", "پیش از نوبت بعد"),
        ({"act": "hours", **DAYS, "hours-day2": "۹:۷۵ تا ۱۰"}, "hours-day2", "دقیقه از ۰۰ تا ۵۹"),
        ({"act": "hours", **DAYS, "hours-day2": "۱۰۰"}, "hours-day2", "ساعت‌ها را مانند"),
        ({"act": "holiday", "holiday-day": "۱۴۰۵/۱۳/۱", "holiday-name": "x"}, "holiday-day", ""),
        ({"act": "official", "official-year": "۱۲"}, "official-year", "۱٬۴۹۹"),
        ({"act": "targets", **TARGETS, "targets-solve_high": "۲"}, "targets-solve_high", "کمتر نیست"),
        ({"act": "rules", "rules-warns_before": "۳۰", "rules-closes_after": "۱۰۰"}, "rules-closes_after", "۹۰"),
        ({"act": "room", "room-most_megabytes": "۹۹"}, "room-most_megabytes", "۱۰۰"),
    ):
        answer = manager.post(PATH, act)
        text = page(answer)
        assert answer.status_code == 422, act
        assert said in text.partition(f'id="id_{field}_error"')[2][:600], act
        assert text.count('class="error"') == 1, act
    assert manager.post(PATH, {"act": "archive", "id": 9}).status_code == 404
    assert settings_now().pk is None
