"""The manager's lists: pages by keyset at a constant cost, and every list as CSV and XLSX as it is filtered now."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.admin_site import site
from accounts.models import ApiKey
from club.catalogue.models import Branch, Group, Product
from club.members.models import CustomField, Member
from club.purchases.models import Purchase
from club.purchases.refunds import RefundOrder, refund_purchase
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from desk.manager import listing
from desk.manager.listing import PageOfRows
from sms.models import InboundMessage, OutboxMessage, SmsSettings, SmsTemplate, Suppression
from tests.accounts.cast import person, signed_in, visitor
from tests.conftest import fresh_club
from tests.files import records_of, rows_of, sent
from tests.shop import Shop

ADMIN = "/desk/admin/"
MEMBERS = ADMIN + "members/member/"
ALONE = (Club, SmsSettings)  # of which there is one row and no list
LISTS = sorted((model for model in site._registry if model not in ALONE), key=lambda model: model._meta.label)


def of(model, kind="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def ago(days):
    return timezone.now() - timedelta(days=days)


@pytest.fixture(scope="module")
def crowd(django_db_setup, django_db_blocker):
    """A club with rows of every kind, more than a page of each: committed once, as nothing here changes it for good."""
    with django_db_blocker.unblock():
        club = fresh_club()
        with club_scope(club):
            _fill(Shop(club))
    return club


def _fill(shop):
    shop.programme(credit_bp=1000, rial_per_point=100_000)
    shop.tiers()
    CustomField.objects.create(code="coffee", label="نوع قهوه")
    CustomField.objects.create(code="cups", label="فنجان", kind="number")
    CustomField.objects.create(code="since", label="مشتری از", kind="date")
    for number in range(30):
        member = shop.member(first_name=f"نام{number % 7}", now=ago(30 - number % 9), custom={"cups": number})
        bought = shop.buys(member, 1_000_000 + number * 10, now=ago(3))
        if number % 10 == 0:
            refund_purchase(
                RefundOrder(bought.id, reason="پسند نشد"), actor="user:1", key=f"r{number}", now=timezone.now()
            )
        Branch.objects.create(code=f"b{number}", name=f"شعبه {number}")
        Group.objects.create(code=f"g{number}", name=f"گروه {number}")
        Product.objects.create(code=f"p{number}", name="چای", price_rial=12_345)
        Suppression.objects.create(phone=f"0935{number:07}")
        InboundMessage.objects.create(
            phone="09121112233", text="=cmd()", provider_id=number + 1, received_at=timezone.now()
        )
        ApiKey.objects.create(
            name="صندوق", scope="pos", prefix=f"{number:010}", digest=f"{number}", created_by="user:1"
        )
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="سلام")


@pytest.fixture
def club(db, crowd):
    with club_scope(crowd):
        yield crowd


@pytest.fixture
def shop(club):
    shop = Shop(club)
    shop.keys = 1_000  # behind those that the crowd has used up
    return shop


@pytest.fixture
def manager(club):
    return signed_in(person("owner", name="نازنین صادقی"), club)


# --- pages ------------------------------------------------------------------------------------------------------------


def pages(client, url):
    """The ids of the rows of each page, following the link to the next one."""
    found, address = [], url
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, address
        cl = answer.context["cl"]
        found.append([row.pk for row in cl.result_list])
        address = url.partition("?")[0] + cl.next_link if cl.next_link else None
    return found


def test_every_list_is_paged_by_keyset():
    assert {model._meta.label for model in LISTS} >= {"members.Member", "ledger.Entry"}
    for model in LISTS:
        assert issubclass(site._registry[model].get_changelist(None), PageOfRows), model


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.label)
def test_the_pages_of_a_list_are_all_its_rows_in_order(manager, model):
    found = pages(manager, of(model))

    rows = [pk for page in found for pk in page]
    assert len(rows) == len(set(rows)) == model.objects.count()
    assert all(len(page) == 25 for page in found[:-1])


@pytest.mark.parametrize("order", ["1", "-1", "4", "-5", "6.-7", "-8", "8"])
def test_a_sorted_list_is_paged_in_its_order(manager, order):
    first = manager.get(MEMBERS, {"o": order})
    ordering = first.context["cl"].queryset.query.order_by

    found = [pk for page in pages(manager, f"{MEMBERS}?o={order}") for pk in page]

    assert len(ordering) > 1
    assert found == list(first.context["cl"].queryset.values_list("pk", flat=True))


def test_links_that_filter_sort_or_search_begin_at_the_first_page(manager):
    second = manager.get(MEMBERS + manager.get(MEMBERS).context["cl"].next_link).content.decode()

    links = re.findall(r'href="(\?[^"]*)"', second)
    assert len(links) > 5
    assert [link for link in links if "after=" in link] == []
    assert 'name="after"' not in second
    assert "صفحهٔ نخست" in second


@pytest.mark.parametrize("cursor", ["x", "W10", "%00", "9" * 5000])
def test_a_wrong_cursor_shows_the_first_page(manager, cursor):
    answer = manager.get(MEMBERS, {"after": cursor}, follow=True)

    assert answer.status_code == 200
    assert len(answer.context["cl"].result_list) == 25


def test_rows_are_counted_up_to_a_limit(manager, monkeypatch):
    assert "۳۰ عضو" in manager.get(MEMBERS).content.decode()
    monkeypatch.setattr(listing, "MOST_COUNTED", 20)

    assert "بیش از ۲۰ عضو" in manager.get(MEMBERS).content.decode()


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.label)
def test_every_page_of_a_list_costs_the_same(manager, model):
    def cost(url):
        manager.get(url)
        with CaptureQueriesContext(connection) as queries:
            answer = manager.get(url)
        assert not any(" OFFSET " in query["sql"] for query in queries)
        return len(queries), answer.context["cl"].next_link

    first, link = cost(of(model))
    if link:
        second, _none = cost(of(model) + link)
        assert second == first


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.label)
def test_every_list_is_taken_home_whole(manager, model, form, monkeypatch):
    monkeypatch.setattr(listing, "CHUNK", 7)

    answer = manager.get(of(model, "export", form))

    assert answer.status_code == 200
    assert f"{model._meta.model_name}.{form}" in answer["Content-Disposition"]
    header, *rows = rows_of(answer)
    assert len(set(header)) == len(header) and all(header)
    assert len(rows) == model.objects.count()
    shown = manager.get(of(model)).content.decode()
    assert f"export.{form}" in shown


def test_a_member_goes_home_with_everything_and_the_fields_of_the_club(manager, shop):
    sara = shop.member(
        phone="09121110001",
        first_name="سارا",
        last_name="=HYPERLINK(1)",
        birth_date=date(1991, 8, 3),
        gender="female",
        card="6037991122334455",
        tags=("ویژه", "تهران"),
        custom={"coffee": "+لاته", "cups": 3, "since": "2026-11-22"},
        now=ago(1),
    )
    shop.buys(sara, 1_000_005, now=ago(1))

    text = next(row for row in records_of(manager.get(of(Member, "export", "csv"))) if row["موبایل"] == sara.phone)
    typed = next(row for row in records_of(manager.get(of(Member, "export", "xlsx"))) if row["موبایل"] == sara.phone)

    assert (text["نام خانوادگی"], typed["نام خانوادگی"]) == ("'=HYPERLINK(1)", "=HYPERLINK(1)")
    assert (text["تاریخ تولد"], text["تاریخ تولد (میلادی)"]) == ("1370/05/12", "1991-08-03")
    assert typed["تاریخ تولد (میلادی)"].date() == date(1991, 8, 3)
    assert (typed["شمارهٔ کارت"], typed["برچسب‌ها"], typed["جنسیت"]) == ("6037991122334455", "تهران، ویژه", "زن")
    assert (text["جمع خرید (تومان)"], typed["جمع خرید (تومان)"]) == ("100000.5", 100000.5)
    assert (typed["امتیاز"], typed["شمار خرید"], typed["سطح"]) == (10, 1, "برنزی")
    assert (text["نوع قهوه"], typed["فنجان"], text["مشتری از"]) == ("'+لاته", 3, "1405/09/01")


def test_a_file_holds_what_the_filters_and_the_search_leave(manager, shop):
    sara = shop.member(first_name="سارا", last_name="كاظمي", phone="09121110001", now=ago(1))
    Member.objects.filter(pk=sara.pk).update(tier_code="gold")

    def names(query):
        return [row["نام"] for row in records_of(manager.get(of(Member, "export", "csv"), query))]

    assert names({"q": "کاظمی"}) == names({"tier": "gold"}) == names({"q": "سارا", "o": "-1"}) == ["سارا"]
    assert names({"tier": "silver", "q": "سارا"}) == []
    assert len(names({})) == 31
    shown = manager.get(MEMBERS, {"tier": "gold", "after": "x"}, follow=True).content.decode()
    shown = manager.get(MEMBERS, {"tier": "gold", "q": "سارا"}).content.decode()
    assert "export.csv?tier=gold&amp;q=%D8%B3%D8%A7%D8%B1%D8%A7" in shown
    assert manager.get(of(Member, "export", "csv"), {"joined_from": "x", "joined_to": "y"}).status_code == 302


def test_a_member_list_that_went_home_comes_in_again_elsewhere(manager, other_club):
    from io import BytesIO

    from club.awards.import_runs import start, upload, work

    content = sent(manager.get(of(Member, "export", "xlsx")))
    with club_scope(other_club):
        other = Shop(other_club)
        other.tiers()
        CustomField.objects.create(code="cups", label="فنجان", kind="number")
        run = upload("members.xlsx", BytesIO(content), actor="user:1", now=timezone.now())
        work(now=timezone.now())
        start(run.pk, welcome=False, actor="user:1", pass_over=True)
        work(now=timezone.now())
        run.refresh_from_db()

        assert (run.status, run.joined, run.refused) == ("done", 30, 0)
        assert other.proven()
        theirs = set(Member.objects.values_list("phone", "first_name", "card", "enrolled_at__date"))
        cups = Member.objects.order_by("phone").first().custom
        assert not Member.objects.filter(sms_consent=True).exists()  # a file does not prove that anybody agreed
    assert theirs == set(Member.objects.values_list("phone", "first_name", "card", "enrolled_at__date"))
    assert cups == {"cups": 0}


def test_points_and_money_of_the_ledger_stand_apart(manager):
    rows = records_of(manager.get(ADMIN + "ledger/entry/export.xlsx"))

    assert {row["چه"] for row in rows} == {"امتیاز", "اعتبار"}
    for row in rows:
        points, credit = row["تغییر امتیاز"], row["تغییر اعتبار (تومان)"]
        assert (points is None) == (row["چه"] == "اعتبار") and (credit is None) == (row["چه"] == "امتیاز")
    signed = records_of(manager.get(ADMIN + "ledger/entry/export.csv"))
    assert any(row["تغییر امتیاز"].startswith("-") for row in signed)  # a number, with no apostrophe before it


def test_a_purchase_goes_home_with_all_its_sums(manager):
    newest = records_of(manager.get(ADMIN + "purchases/purchase/export.csv"))[0]

    purchase = Purchase.objects.order_by("-pk").first()
    assert newest["شماره"] == str(purchase.number)
    assert newest["موبایل"] == purchase.member.phone
    assert Decimal(newest["مبلغ (تومان)"]) * 10 == purchase.net
    assert newest["کانال"] == "صندوق"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_members_wrote_is_no_formula(manager, form):
    row = records_of(manager.get(ADMIN + f"sms/inboundmessage/export.{form}"))[0]

    assert row["متن"] == ("'=cmd()" if form == "csv" else "=cmd()")
    assert row["فرستنده"] == "09121112233"


def test_taking_a_list_home_is_in_the_audit(manager):
    manager.get(of(Member, "export", "csv"), {"tier": "gold"})

    noted = AuditEntry.objects.get(action="list.export")
    assert (noted.target, noted.after) == ("list:member", {"form": "csv", "query": {"tier": "gold"}})
    assert "گرفتن فایل فهرست" in manager.get("/desk/audit/").content.decode()


@pytest.mark.parametrize("role", ["cashier", "support", "caller", "agent"])
def test_who_may_not_export_gets_no_file_and_no_link(club, role):
    client = signed_in(person(role), club)

    assert client.get(of(Member, "export", "csv")).status_code in {302, 403}
    assert visitor(club).get(of(Member, "export", "csv")).status_code == 302
    assert not AuditEntry.objects.filter(action="list.export").exists()
    if role == "cashier":
        assert "export." not in client.get("/desk/purchases/").content.decode()


def test_a_manager_takes_no_list_that_only_the_owner_sees(club):
    manager = signed_in(person("manager"), club)

    assert manager.get(of(ApiKey, "export", "csv")).status_code == 403
    assert manager.get(of(Member, "export", "csv")).status_code == 200


def test_there_are_two_forms_and_no_third(manager):
    assert manager.get(MEMBERS + "export.pdf").status_code == 404


def test_another_club_s_rows_stay_there(manager, other_club):
    with club_scope(other_club):
        Shop(other_club).member(first_name="بیگانه")

    text = sent(manager.get(of(Member, "export", "csv"))).decode()

    assert "بیگانه" not in text and len(text.splitlines()) == 31
    assert manager.get(of(Member, "export", "csv"), {"of": 1}).status_code in {200, 302}


def test_the_cashier_s_list_leads_managers_to_the_file_of_its_search(manager):
    shown = manager.get("/desk/purchases/", {"q": "نام3"}).content.decode()

    (address,) = re.findall(r'href="([^"]*export\.csv[^"]*)"', shown)
    found = records_of(manager.get(address.replace("&amp;", "&")))
    assert found and {row["خریدار"] for row in found} == {"نام3"}


def test_a_file_takes_as_many_queries_for_few_and_many_rows(manager, shop):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            sent(manager.get(of(Purchase, "export", "csv")))
        return len(queries)

    shop.buys(shop.member(now=ago(3)), 100_000, now=ago(2))
    cost()
    few = cost()
    for _number in range(40):
        shop.buys(shop.member(now=ago(3)), 100_000, now=ago(2))

    assert cost() == few
    assert OutboxMessage.objects.count() > 40
