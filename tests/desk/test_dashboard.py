"""The manager's dashboard: who sees it, what it says, where its numbers lead."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from club.ledger.adjustments import Adjustment, adjust_value
from club.members.joining import Joiner, ask_to_join
from club.members.models import Member
from core.jalali import local_date, to_jalali
from sms.gateways.base import GatewayError
from sms.models import OutboxMessage, SmsSettings
from sms.recording import stop_account
from tests.accounts.cast import person, signed_in, visitor
from tests.core.test_pages import INLINE
from tests.files import rows_of
from tests.offering import publish
from tests.shop import Shop

URL, CSV = "/desk/dashboard/", "/desk/dashboard/sales.csv"


def ago(days):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def shop(club):
    shop = Shop(club)
    sara = shop.member(first_name="سارا", last_name="محمدی", now=ago(10))
    shop.buys(sara, 12_000_000, now=ago(40))
    shop.buys(sara, 24_000_000, now=ago(2))
    return shop


@pytest.mark.parametrize(
    ("role", "method", "status"),
    [("owner", "password", 200), ("manager", "password", 200), ("cashier", "password", 403), ("owner", "otp", 302)],
)
@pytest.mark.parametrize("url", [URL, CSV])
def test_managers_see_the_dashboard(club, role, method, status, url):
    assert signed_in(person(role), club, method).get(url).status_code == status
    assert visitor(club).get(url).status_code == 302


def test_the_desk_s_door_leads_managers_to_it(manager):
    assert manager.get("/desk/")["Location"] == URL


def links_in_side_bar(role, club):
    page = signed_in(person(role), club).get("/desk/purchases/").content.decode()
    side = page.split("<aside")[1].split("</nav>")[0]
    return {text.strip() for text in re.findall(r"</svg>([^<]+)</a>", side)}


def test_the_side_bar_shows_the_links_that_the_role_may_follow(club):
    """Whether each link opens is asked of every role's pages in tests/test_every_page.py."""
    assert links_in_side_bar("cashier", club) == {
        *("صندوق", "خریدها", "برگشت کالا", "کارت هدیه", "فعالیت‌ها", "اعضا", "عضوگیری", "اعلان‌ها"),
    }
    assert links_in_side_bar("owner", club) > {"داشبورد", "صندوق", "ورود اعضا", "کارکنان", "تنظیمات"}


def test_below_them_stand_one_s_own_account_help_and_the_way_out(club):
    page = signed_in(person("cashier", name="لیلا رستمی"), club).get("/desk/purchases/").content.decode()

    foot = page.split('<div class="side-foot">')[1].split("</aside>")[0]
    assert re.search(r'href="/staff/account/".*?لیلا رستمی', foot, re.DOTALL)
    assert all(words in foot for words in ("راهنمای این صفحه", "English", 'aria-label="خروج"'))


def test_an_agent_comes_to_the_agent_s_panel_and_who_has_no_role_here_finds_the_door_closed(club, other_club):
    for method in ("password", "otp"):
        assert signed_in(person("agent"), club, method=method).get("/desk/")["Location"] == "/desk/agent/"
    assert signed_in(person("agent", club=other_club), club).get("/desk/").status_code == 403


def test_the_numbers_are_said_in_the_club_s_unit_with_their_change(manager, shop):
    page = manager.get(URL).content.decode()

    assert 'title="۲٬۴۰۰٬۰۰۰ تومان">۲٫۴ <small>میلیون</small>' in page
    assert "۱۰۰٪ بیشتر" in page
    assert "سارا محمدی" in page
    assert INLINE.search(page) is None


def test_each_number_leads_to_the_list_it_counts(manager, shop):
    stats = manager.get(URL).context["stats"]

    found = [manager.get(stat.url) for stat in stats]

    assert [answer.status_code for answer in found] == [200] * 4
    assert [answer.context["cl"].result_count for answer in found] == [1, 1, 1, 1]
    assert [stat.value for stat in stats] == ["۲٫۴", "۱", "۱", "۱۰۰٪"]


def test_who_came_first_and_came_back_within_the_days_is_counted_and_listed(manager, shop):
    new, once = (shop.member(now=ago(6)) for _ in range(2))
    for member, days in ((new, 6), (new, 3), (once, 5)):
        shop.buys(member, 1_000_000, now=ago(days))

    stat = manager.get(URL).context["stats"][3]

    assert stat.value == "۶۷٪"  # two of three
    assert manager.get(stat.url).context["cl"].result_count == 2


def test_a_day_of_the_table_leads_to_its_purchases(manager, shop):
    row = next(row for row in manager.get(URL).context["rows"] if row.day.sales)

    assert manager.get(row.url).context["cl"].result_count == 1


@pytest.mark.parametrize("choice", ["today", "7d", "30d", "month", "season", "year", "", "x"])
def test_every_range_is_a_page(manager, shop, choice):
    assert manager.get(URL, {"range": choice}).status_code == 200


def test_days_of_one_s_own(manager, shop):
    answer = manager.get(URL, {"range": "custom", "from": "۱۴۰۳/۷/۱", "to": "۱۴۰۳/۷/۳۰"})

    assert answer.status_code == 200
    assert answer.context["asked"].choice == "custom"
    assert manager.get(URL, {"range": "custom"}).status_code == 200


@pytest.mark.parametrize("url", [URL, CSV])
def test_wrong_days_are_said_beside_their_field(manager, shop, url):
    answer = manager.get(url, {"range": "custom", "from": "1405/13/1", "to": "<b>"})

    assert answer.status_code == 422
    assert "چنین روزی در تقویم نیست" in answer.content.decode()
    assert "&lt;b&gt;" in answer.content.decode()


def test_a_new_club_reads_what_to_do(manager):
    page = manager.get(URL).content.decode()

    assert "باشگاه آماده است" in page
    assert reverse("admin:programme_programmeversion_add") in page


def test_the_table_as_a_file(manager, shop):
    answer = manager.get(CSV, {"range": "7d"})

    assert answer["Content-Disposition"].startswith('attachment; filename="sales-')
    heads, *rows = rows_of(answer)
    assert heads[2] == "فروش به اعضا (تومان)"
    assert len(rows) == 7
    assert sum(int(row[2]) for row in rows) == 2_400_000
    assert all(re.fullmatch(r"\d{4}/\d\d/\d\d", row[0], re.ASCII) for row in rows)


def test_it_says_on_top_that_sms_have_stopped_what_to_do_and_how_many_wait(club, manager, shop):
    OutboxMessage.objects.update(status="sent")
    assert "پیامک‌ها فرستاده نمی‌شوند" not in manager.get(URL).content.decode()
    SmsSettings.objects.get_or_create()
    stop_account(GatewayError("403"), now=timezone.now())
    for kind, age in (("service", 20), ("service", 1), ("advertising", 60)):
        late = timezone.now() - timedelta(minutes=age)
        OutboxMessage.objects.create(kind="welcome", message_class=kind, phone="09121112233", created_at=late)

    page = manager.get(URL).content.decode()

    assert "پیامک‌ها فرستاده نمی‌شوند" in page and "کلید API کاوه‌نگار درست نیست" in page
    assert "۱ پیامک بیش از یک ربع است" in page
    assert reverse("desk:settings_sms_account") in page
    assert reverse("admin:sms_outboxmessage_changelist") + "?status__exact=queued" in page


def test_a_club_without_an_sms_account_is_told_so(club, manager, settings):
    assert "حساب پیامک ندارد" not in manager.get(URL).content.decode()

    settings.SMS_LOG_IS_READ = False

    for page in (URL, "/desk/settings/messages/", "/desk/settings/messages/account/"):
        assert "باشگاه حساب پیامک ندارد" in manager.get(page).content.decode(), page


def listed(browser, matter):
    return [row.member.first_name for row in browser.get(matter.url).context["rows"]]


def test_what_asks_for_a_look_leads_to_its_list(manager, shop):
    def day(number):
        return local_date(timezone.now()) + timedelta(days=number)

    for name, days in (("today", 0), ("soon", 6), ("later", 7), ("before", -1)):
        _year, month, number = to_jalali(day(days))
        born = Member.objects.filter(pk=shop.member(first_name=name).pk)
        born.update(birth_jalali_month=month, birth_jalali_day=number)
    gone = shop.member(first_name="gone", now=ago(200))
    shop.buys(gone, 100_000, now=ago(100))
    for name, days in (("ends", 6), ("lasts", 9)):
        order = Adjustment(
            shop.member(first_name=name).pk, "credit", 50_000, "x", timezone.now() + timedelta(days=days)
        )
        adjust_value(order, actor="user:1", key=name, now=timezone.now())
    ask_to_join(Joiner(phone="09351112233"), now=timezone.now())

    found = {matter.icon: matter for matter in manager.get(URL).context["matters"]}

    assert list(found) == ["user-round-plus", "hourglass", "cake", "user-round-x"]
    assert found["hourglass"].title.startswith("۵٬۰۰۰ تومان")
    assert listed(manager, found["hourglass"]) == ["ends"]
    assert set(listed(manager, found["cake"])) == {"today", "soon"} and "۲" in found["cake"].title
    assert listed(manager, found["user-round-x"]) == ["gone"]
    assert manager.get(found["user-round-plus"].url).status_code == 200


def test_where_nothing_asks_for_a_look_that_is_said(manager, shop):
    page = manager.get(URL)

    assert page.context["matters"] == []
    assert "همه‌چیز روبه‌راه است" in page.content.decode()


def test_busy_hours_are_a_picture_and_a_table(manager, shop):
    page = manager.get(URL, {"range": "year"}).content.decode()

    assert "ساعت‌های شلوغ" in page and 'class="cell h5"' in page
    assert "ساعت‌های شلوغ" not in manager.get(URL, {"range": "today"}).content.decode()


def test_the_page_takes_the_same_queries_for_few_and_many(manager, shop):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            manager.get(URL)
        return len(queries)

    cost()
    few = cost()
    member = shop.member(now=ago(3))
    for _number in range(10):
        shop.buys(member, 100_000, now=ago(1))

    assert cost() == few


def test_an_offer_that_is_used_up_asks_for_a_look(manager, shop):
    publish("نوروز", {"kind": "discount_percent", "percent": 10}, limits={"total": 1})
    for _time in range(2):
        shop.buys(shop.member(), 1_000_000, now=timezone.now())

    page = manager.get(URL).content.decode()

    assert "پیشنهاد ایستاده از سقف یا بودجه: ۱" in page and "نوروز" in page
    assert manager.get(reverse("desk:offers")).status_code == 200
