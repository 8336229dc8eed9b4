"""Notices on the staff's pages: one's own, writing one after a look at it, how many have read it, taking it back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.jalali import day_bounds, format_date, local_date
from core.language import in_language
from core.tenancy.scope import club_scope
from crm.notices.models import Notice
from crm.notices.selectors import notices_of_member
from crm.notices.services import Draft, notify_staff, publish_notice, seen
from tests.accounts.cast import person, signed_in
from tests.core.test_pages import INLINE
from tests.portal.test_portal import text_of

NEW = "/desk/notices/new/"
WRITTEN = "/desk/notices/written/"


@pytest.fixture
def manager(shop):
    return signed_in(person("manager"), shop.club)


def publishes(browser, **typed):
    return browser.post(NEW, {"audience": "all", "text": "جمعه بسته‌ایم", "act": "publish", **typed})


def test_a_notice_is_looked_at_and_then_shown_with_how_many_have_read_it(shop, manager):
    members = [shop.member() for _each in range(3)]

    looked = publishes(manager, act="preview", link="/offers/")
    assert not Notice.objects.exists()
    assert "۳ نفر" in text_of(looked) and "از همین اکنون" in text_of(looked)
    shown = publishes(manager, link="/offers/")

    notice = Notice.objects.get()
    assert shown.status_code == 302 and shown["Location"] == f"/desk/notices/{notice.pk}/"
    at = timezone.now()
    seen(notices_of_member(members[0], at=at), at=at, member=members[0])
    assert "۱ از ۳ خوانده‌اند" in text_of(manager.get(WRITTEN))
    page = manager.get(shown["Location"])
    assert "روی پنل‌ها" in text_of(page) and INLINE.search(page.content.decode()) is None
    manager.post(f"{shown['Location']}withdraw/")
    assert "پس‌گرفته" in text_of(manager.get(WRITTEN))
    again = manager.post(f"{shown['Location']}withdraw/", follow=True)
    assert "پیش‌تر پس گرفته شده" in text_of(again)
    listed = b"".join(manager.get(f"{WRITTEN}export.csv").streaming_content).decode()
    assert "جمعه بسته‌ایم" in listed and "پس‌گرفته" in listed


def test_days_and_hours_are_those_of_the_club(shop, manager):
    day = local_date(timezone.now()) + timedelta(days=2)
    typed = format_date(day, "numeric")

    looked = publishes(manager, starts_on=typed, starts_hour="۹:۳۰", ends_on=typed, act="preview")
    publishes(manager, starts_on=typed, starts_hour="۹:۳۰", ends_on=typed)

    notice, (start, end) = Notice.objects.get(), day_bounds(day)
    assert (notice.starts_at - start, notice.ends_at) == (timedelta(hours=9, minutes=30), end)
    assert in_language("09:30") in text_of(looked)
    assert "زمان‌بندی‌شده" in text_of(manager.get(WRITTEN))


def test_a_member_is_named_in_any_way_that_finds_one(shop, manager):
    sara = shop.member(phone="09121112233", first_name="سارا", last_name="محمدی")
    shop.member(phone="09121112244", first_name="سارا", last_name="کریمی")
    from_card = manager.get(f"{NEW}?member={sara.pk}").content.decode()
    assert 'value="09121112233"' in from_card

    for text, said in (("سارا", "چند عضو"), ("09350000000", "چنین عضوی پیدا نشد"), ("", "چنین عضوی پیدا نشد")):
        refused = publishes(manager, audience="member", member=text)
        assert refused.status_code == 422 and said in text_of(refused)
        assert 'id="id_member_error"' in refused.content.decode() and "جمعه بسته‌ایم" in text_of(refused)
    publishes(manager, audience="member", member="۲۲۳۳")

    assert Notice.objects.get().member_id == sara.pk
    activity = text_of(manager.get(f"/desk/members/{sara.pk}/activity/?show=sms"))
    assert "جمعه بسته‌ایم · نخوانده" in activity


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text": " "}, "text"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"ends_on": "۱۴۰۰/۰۱/۰۱"}, "ends_on"),
        ({"starts_on": "دیروز"}, "starts_on"),
        ({"starts_hour": "۹"}, "starts_on"),
        ({"audience": "x"}, "audience"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(shop, manager, typed, field):
    refused = publishes(manager, **typed)

    assert refused.status_code == 422
    assert f'id="id_{field}_error"' in refused.content.decode()
    assert not Notice.objects.exists()


def test_everybody_who_works_here_has_a_bell_of_their_own(shop, manager):
    cashier = signed_in(person("cashier"), shop.club)
    notify_staff("خط پیامک پاسخ نمی‌گیرد", document="x", right="manage_sms", now=timezone.now())
    publish_notice(Draft("staff", "فردا شمارش انبار است"), actor="user:1", now=timezone.now())

    page = cashier.get("/desk/returns/").content.decode()
    assert page.count('<span class="count">۱</span>') == 2 and 'aria-label="اعلان‌ها، ۱ تازه"' in page
    assert '<span class="count">۲</span>' in manager.get("/desk/dashboard/").content.decode()
    told = text_of(cashier.get("/desk/notices/"))

    assert "شمارش انبار" in told and "خط پیامک" not in told and "اعلان تازه" not in told
    assert '<span class="count">' not in cashier.get("/desk/returns/").content.decode()
    assert '<span class="count">۲</span>' in manager.get("/desk/dashboard/").content.decode()
    assert cashier.get(NEW).status_code == 403


def test_the_list_costs_the_same_for_any_number(shop, manager):
    costs = []
    manager.get(WRITTEN)
    for number in (2, 12):
        for each in range(number):
            publish_notice(Draft(("all", "staff")[each % 2], "x"), actor="user:1", now=timezone.now())
        with CaptureQueriesContext(connection) as asked:
            manager.get(WRITTEN)
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_another_clubs_notice_is_no_page(shop, other_club, manager):
    with club_scope(other_club):
        foreign = publish_notice(Draft("all", "x"), actor="user:1", now=timezone.now())

    assert manager.get(f"/desk/notices/{foreign.pk}/").status_code == 404
    assert manager.post(f"/desk/notices/{foreign.pk}/withdraw/").status_code == 404
