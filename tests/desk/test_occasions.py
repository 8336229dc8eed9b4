"""The page of occasions: all that members are told, each with its switch, days and figures; the calendar's days."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from club.members.models import CustomField, Member
from club.programme.models import NamedDayDate
from core.jalali import format_date, from_jalali, local_date, to_jalali
from core.named_days import NAMES
from core.tenancy.scope import club_scope
from crm.occasions.timing import days_by_code
from sms.models import OutboxMessage, SmsTemplate
from tests.accounts.cast import person
from tests.desk.conftest import signed_in
from tests.offering import publish

URL = "/desk/occasions/"
POINTS = {"kind": "points_amount", "points": 5}


@pytest.fixture
def browser(club):
    return signed_in(person("manager"), club)


def page(browser, path=""):
    answer = browser.get(f"{URL}{path}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", list(Role.values))
def test_occasions_are_the_managers(club, role):
    browser = signed_in(person(role), club)

    for path in ("", "of/birthday/", "calendar/"):
        assert browser.get(f"{URL}{path}").status_code == (200 if role in {"owner", "manager"} else 403)


def test_the_page_has_every_occasion_of_members_of_their_own_days_and_of_the_calendar(browser, shop):
    CustomField.objects.create(code="wedding", label="سالگرد ازدواج", kind="date")
    CustomField.objects.create(code="size", label="اندازهٔ کفش", kind="number")
    publish(
        "یلدای ما", {"kind": "discount_percent", "percent": 5}, when={"fact": "named_day", "op": "eq", "value": "yalda"}
    )
    publish("هدیهٔ تولد", POINTS, trigger="birthday")

    shown = page(browser)

    for name in (
        "تبریک تولد",
        "سالگرد عضویت",
        "دلمان تنگ شده",
        "سالگرد ازدواج",
        "یلدای ما",
        "هدیهٔ تولد",
        *map(str, NAMES.values()),
    ):
        assert name in shown
    assert "اندازهٔ کفش" not in shown


def test_it_says_whom_it_would_reach_and_what_was_sent(browser, shop):
    tomorrow = local_date(timezone.now()) + timedelta(days=1)
    _year, month, day = to_jalali(tomorrow)
    born = from_jalali(1371, month, min(day, 29))
    for _each in range(3):
        shop.member(birth_date=born)
    OutboxMessage.objects.create(kind="birthday", message_class="service", phone="09121234500", status="delivered")
    OutboxMessage.objects.create(kind="birthday", message_class="service", phone="09121234500", status="skipped")

    shown = page(browser)

    assert f"فردا {'۳' if day <= 29 else '۰'} و تا سی روز ۳ عضو" in shown
    assert "سی روز گذشته ۱ پیامک" in shown


def test_an_occasion_is_switched_on_and_off(browser, shop):
    for on, said in (("1", "از این پس فرستاده می‌شود"), ("0", "دیگر فرستاده نمی‌شود")):
        answer = browser.post(f"{URL}of/named_day-yalda/switch/", {"on": on}, follow=True)
        assert said in answer.content.decode()
        assert SmsTemplate.objects.get(kind="named_day-yalda").enabled is (on == "1")


def test_days_before_are_set_and_refused_beside_their_field(browser, shop):
    path = f"{URL}of/points_expiring/"

    assert browser.post(path, {"days": "۱۴"}).status_code == 302
    assert days_by_code() == {"points_expiring": 14}
    assert "۱۴ روز پیش از پایان" in page(browser, "of/points_expiring/")
    for wrong in ("0", "61", "x", ""):
        refused = browser.post(path, {"days": wrong})
        assert (refused.status_code, 'aria-invalid="true"' in refused.content.decode()) == (422, True)
    assert days_by_code() == {"points_expiring": 14}


@pytest.mark.parametrize("code", ["doomsday", "named_day-doomsday", "own_day-doomsday", "named_day", "welcome"])
def test_what_is_no_occasion_is_not_found(browser, code):
    assert browser.get(f"{URL}of/{code}/").status_code == 404
    assert browser.post(f"{URL}of/{code}/switch/", {"on": "1"}).status_code == 404
    assert SmsTemplate.objects.count() == 0


def test_one_occasion_shows_who_was_told(browser, shop):
    member = shop.member(first_name="سارا", last_name="محمدی")
    OutboxMessage.objects.create(kind="miss_you", message_class="advertising", phone=member.phone, member_id=member.pk)

    shown = page(browser, "of/miss_you/")

    assert "سارا محمدی" in shown
    assert "تنها به کسانی که پیامک تبلیغاتی را پذیرفته‌اند" in shown


def test_the_words_of_a_day_of_the_calendar_are_written_where_all_words_are(browser, shop):
    path = "/desk/settings/messages/of/named_day-yalda/"
    assert "شب یلدا" in browser.get(path).content.decode()

    done = browser.post(path, {"text": "{name} جان، یلدا خوش!", "enabled": "on", "act": "save"})

    assert done.headers["Location"] == f"{URL}of/named_day-yalda/"
    assert "یلدا خوش" in page(browser, "of/named_day-yalda/")
    assert browser.get("/desk/settings/messages/of/named_day-doomsday/").status_code == 404


def test_a_lunar_day_is_corrected_and_taken_back(browser, shop):
    given, own = from_jalali(1406, 8, 28), from_jalali(1406, 8, 29)
    said = {"code": "mothers_day", "given": given.isoformat()}
    path = f"{URL}calendar/?year=1406"
    assert "حساب شده‌اند" in page(browser, "calendar/?year=1406")
    assert "تقویم رسمی (مرکز تقویم" in page(browser, "calendar/?year=1405")

    assert browser.post(path, {**said, "day": "۱۴۰۶/۰۸/۲۹"}).status_code == 302
    assert [row.day for row in NamedDayDate.objects.all()] == [own]
    shown = page(browser, "calendar/?year=1406")
    assert "اصلاح شما" in shown and f"در جدول: {format_date(given, 'short')}" in shown

    far = browser.post(path, {**said, "day": "1406/10/01"})
    assert far.status_code == 422
    assert "حداکثر سه روز" in far.content.decode() and 'value="1406/10/01"' in far.content.decode()
    assert browser.post(path, {**said, "code": "yalda", "day": "1406/08/29"}).status_code == 404
    browser.post(path, {**said, "day": "1406/08/28"})
    assert NamedDayDate.objects.count() == 0


def test_the_page_asks_as_often_for_many_as_for_few(browser, shop, club):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            page(browser)
        return len(asked)

    shop.member()
    page(browser)
    few = queries()
    with club_scope(club):
        for _each in range(5):
            member = shop.member(birth_date=from_jalali(1370, 1, 1))
            OutboxMessage.objects.create(kind="birthday", message_class="service", phone=member.phone)
        Member.objects.update(sms_consent=True)

    assert queries() == few
