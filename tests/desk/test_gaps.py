"""The page of days without entry: its calendar, what a manager says of a day, its file."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.jalali import format_date, local_date, to_jalali
from reports.gaps import note_gaps
from reports.models import DataGap
from tests.files import rows_of

URL = "/desk/gaps/"


@pytest.fixture
def gap(shop):
    """Yesterday, which had no entry, in a club that sold the day before."""
    now = timezone.now()
    shop.buys(shop.member(now=now - timedelta(days=9)), 100_000, now=now - timedelta(days=2))
    note_gaps(now=now)
    return DataGap.objects.get()


def month_of(day):
    year, month, _day = to_jalali(day)
    return f"{year}-{month:02}"


def test_the_calendar_shows_the_day_and_the_list_says_it(manager, gap):
    page = manager.get(URL, {"month": month_of(gap.day)}).content.decode()

    assert f'class="gap" href="#d{to_jalali(gap.day)[2]}"' in page
    assert format_date(gap.day, "weekday") in page


def test_a_manager_says_that_the_shop_was_shut(manager, gap):
    done = manager.post(f"{URL}{gap.pk}/mark/", {"act": "closed", "note": "  جمعهٔ آخر سال "}, follow=True)

    gap.refresh_from_db()
    assert (gap.is_closed, gap.note) == (True, "جمعهٔ آخر سال")
    assert "تعطیل نوشته شد" in done.content.decode()
    assert "جمعهٔ آخر سال" in done.content.decode()

    manager.post(f"{URL}{gap.pk}/mark/", {"act": "open"})
    gap.refresh_from_db()
    assert (gap.is_closed, gap.note) == (False, "")


@pytest.mark.parametrize("asked", ["", "1405", "1405-13", "0000-00", "9999-01", "۱۴۰۵-۰۸", "x" * 99, "1405-8"])
def test_whatever_month_is_asked_there_is_a_calendar(manager, gap, asked):
    answer = manager.get(URL, {"month": asked})

    assert answer.status_code == 200
    assert answer.content.decode().count("<tr>") >= 5


def test_the_file_has_every_gap(manager, gap):
    rows = rows_of(manager.get(f"{URL}export.csv"))

    assert rows[1][0] == format_date(gap.day, "numeric", "Asia/Tehran").translate(
        str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
    )
    assert gap.day == local_date(timezone.now()) - timedelta(days=1)


def test_the_dashboard_says_how_many_days_it_leaves_out(manager, gap):
    assert "۱ روز بی‌داده است" in manager.get("/desk/dashboard/").content.decode()
