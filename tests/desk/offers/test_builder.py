"""The offer builder: what is typed becomes the offer, what is wrong stands beside its field, nothing typed is lost."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from club.catalogue.models import Group
from club.members.models import CustomField
from core.models import AuditEntry, Club
from offers.models import Offer, OfferVersion
from tests.accounts.cast import person, signed_in
from tests.offering import draft, five_offers, publish
from tests.shop import Shop

TUESDAY = {
    "name": "سه‌شنبه‌ها", "kind": "credit_percent", "percent": "۱۰", "weekdays": ["3"], "amount_above": "۱۵۰٬۰۰۰",
    "tier_from": "silver", "trigger": "purchase", "stacking": "best", "goal": "grow", "act": "save",
}  # fmt: skip
WHEN = {
    "all": [
        {"fact": "weekday", "op": "eq", "value": 3},
        {"fact": "amount", "op": "gt", "value": 1_500_000},
        {"fact": "tier", "op": "gte", "value": "silver"},
    ]
}
CREDIT = {"kind": "credit_percent", "percent": 5}


@pytest.fixture
def started(shop: Shop) -> Offer:
    shop.tiers()
    return draft("پیشنهاد تازه", CREDIT)


def url(offer: Offer, more: str = "") -> str:
    return f"/desk/offers/{offer.pk}/{more}"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def as_typed(browser: Client, offer: Offer) -> dict[str, Any]:
    """What the page would send as it came."""
    form = browser.get(url(offer)).context["form"]
    data: dict[str, Any] = {"rows": [row.number for row in form.rows], "act": "save"}
    for one in (form, *form.rows):
        for bound in one:
            value = bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value not in (None, "", False, []):
                data[bound.html_name] = value
    return data


def test_the_tuesday_offer_is_six_things_to_fill_in(manager: Client, started: Offer) -> None:
    answer = manager.post(url(started), TUESDAY)

    offer = Offer.objects.get()
    assert answer["Location"] == url(started)
    assert (offer.name, offer.terms["when"]) == ("سه‌شنبه‌ها", WHEN)
    assert offer.terms["benefit"] == {"kind": "credit_percent", "percent": 10}
    shown = text_of(manager.get(url(started)))
    assert "سه‌شنبه‌ها" in shown and "سطح نقره‌ای و بالاتر" in shown


def test_what_is_wrong_stands_beside_its_field_and_all_that_was_typed_stays(manager: Client, started: Offer) -> None:
    wrong = {**TUESDAY, "name": "", "percent": "ده", "starts_on": "1405/13/01", "budget": "-5"}

    answer = manager.post(url(started), wrong)

    form = answer.context["form"]
    assert answer.status_code == 422
    assert set(form.errors) == {"name", "percent", "starts_on", "budget"}
    page = text_of(answer)
    assert 'id="id_percent_error"' in page and "این‌ها را درست کنید" in page
    assert '<a href="#id_name">نام پیشنهاد: این مقدار لازم است.</a>' in page, "the list names the field"
    assert "هنوز کامل نیست؛ ذخیره نشد" in page and "پیش‌نویس ذخیره شد" not in page
    assert "پیش‌نویس ذخیره شد" in text_of(manager.get(url(started))), "what is opened anew is as it was kept"
    assert 'value="1405/13/01"' in page and 'value="۱۵۰٬۰۰۰"' in page
    assert Offer.objects.get().terms["benefit"] == CREDIT


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "points_factor", "factor": "1"}, "factor"),
        ({"kind": "coupon", "coupon": "999", "valid_days": "5"}, "coupon"),
        ({"kind": "discount_percent", "percent": "10", "trigger": "birthday"}, "kind"),
        ({"starts_on": "1405/09/10", "ends_on": "1405/09/01"}, "ends_on"),
        ({"hour_from": "10", "hour_to": "10"}, "hour_to"),
        ({"code_required": "on", "trigger": "birthday"}, "code_required"),
        ({"groups": '[{"any": [{"fact": "shoe_size", "op": "eq", "value": 3}]}]'}, "groups"),
        ({"groups": "[{"}, "groups"),
        ({"groups": "3"}, "groups"),
        ({"trigger": "event", "event_type": "قصه"}, "trigger"),
    ],
)  # fmt: skip
def test_each_fault_of_the_language_finds_its_field(
    manager: Client, started: Offer, typed: dict[str, str], field: str
) -> None:
    answer = manager.post(url(started), {**TUESDAY, **typed})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors, answer.context["form"].errors


def test_a_fault_within_a_group_says_where_it_is(manager: Client, started: Offer) -> None:
    groups = [{"any": [{"fact": "age", "op": "gt", "value": 5}, {"fact": "age", "op": "gt", "value": "x"}]}]

    answer = manager.post(url(started), {**TUESDAY, "groups": json.dumps(groups)})

    [text] = answer.context["form"].errors["groups"]
    assert text.startswith("[0].any[1].value: ")


def test_rows_of_conditions_are_written_and_read_again(manager: Client, started: Offer) -> None:
    CustomField.objects.create(code="wedding", label="سالگرد ازدواج", kind="date")
    rows = {
        "rows": ["0", "1", "2", "3", "4", "5"],
        "c0-fact": "visit_number", "c0-op": "gt", "c0-value": "۱۰",
        "c1-fact": "spent_in_days", "c1-op": "gte", "c1-days": "90", "c1-unit": "own", "c1-share": "۱۵۰",
        "c2-fact": "jalali_month", "c2-op": "in", "c2-several": ["1", "12"],
        "c3-fact": "days_from_birthday", "c3-op": "between", "c3-value": "-3", "c3-to": "۳",
        "c4-fact": "named_day", "c4-op": "in", "c4-several": ["yalda", "nowruz"],
        "c5-fact": "days_from.wedding", "c5-op": "between", "c5-value": "-7", "c5-to": "۰",
    }  # fmt: skip

    manager.post(url(started), {**TUESDAY, **rows})

    added = Offer.objects.get().terms["when"]["all"][3:]
    assert added == [
        {"fact": "visit_number", "op": "gt", "value": 10},
        {"fact": "spent_in_days", "op": "gte", "value": {"own": "mean_basket", "percent": 150}, "of": 90},
        {"fact": "jalali_month", "op": "in", "value": [1, 12]},
        {"fact": "days_from_birthday", "op": "between", "value": [-3, 3]},
        {"fact": "named_day", "op": "in", "value": ["yalda", "nowruz"]},
        {"fact": "days_from.wedding", "op": "between", "value": [-7, 0]},
    ]
    shown = manager.get(url(started)).content.decode()
    assert all(said in shown for said in ("شب یلدا", "در شب یلدا یا نوروز", "فاصله از سالگرد ازدواج"))
    assert manager.post(url(started), as_typed(manager, started)).status_code == 302
    assert Offer.objects.get().terms["when"]["all"][3:] == added


def test_a_fault_of_a_row_stands_in_the_row(manager: Client, started: Offer) -> None:
    rows = {"rows": ["7"], "c7-fact": "visit_number", "c7-op": "gt", "c7-value": "زیاد"}

    answer = manager.post(url(started), {**TUESDAY, **rows})

    assert answer.status_code == 422
    assert answer.context["form"].rows[0].errors["value"]
    assert 'id="id_c7-value_error"' in text_of(answer)


def test_rows_come_and_go_without_a_word_against_what_is_half_typed(manager: Client, started: Offer) -> None:
    half = {**TUESDAY, "percent": "", "rows": ["0"], "c0-fact": "age", "c0-op": "gt", "c0-value": "60"}

    more = manager.post(url(started), {**half, "act": "add"})
    less = manager.post(url(started), {**half, "act": "drop:0"})
    other = manager.post(url(started), {**half, "c0-fact": "branch", "act": "shape"})

    assert [len(answer.context["form"].rows) for answer in (more, less, other)] == [2, 0, 1]
    assert [answer.status_code for answer in (more, less, other)] == [200, 200, 200]
    assert 'class="error"' not in text_of(more)
    assert 'value="60"' in text_of(more)
    assert [value for value, _label in other.context["form"].rows[0].fields["op"].choices] == [
        "eq",
        "ne",
        "in",
        "not_in",
    ]


def test_a_number_of_days_is_no_amount_once_the_row_asks_of_money(manager: Client, started: Offer) -> None:
    days = {**TUESDAY, "rows": ["0"], "c0-kind": "days", "c0-op": "lte", "c0-value": "30", "act": "shape"}

    of_days = manager.post(url(started), {**days, "c0-fact": "days_since_last_purchase"})
    of_money = manager.post(url(started), {**days, "c0-fact": "spent_in_days"})

    def typed(answer: Any) -> Any:
        return answer.context["form"].rows[0]["value"].value()

    assert (typed(of_days), typed(of_money)) == ("30", None)


def test_without_a_purchase_nothing_is_asked_of_a_basket_and_what_was_said_of_one_stays(
    manager: Client, started: Offer
) -> None:
    plain = {**TUESDAY, "kind": "points_amount", "points": "20", "trigger": "birthday", "amount_above": ""}

    part = manager.post(url(started), {**plain, "act": "add"})
    late = manager.post(url(started), {**plain, "rows": ["0"], "c0-fact": "channel", "c0-op": "eq", "act": "shape"})

    def asked(answer: Any) -> set[str]:
        groups = answer.context["form"].rows[0].fields["fact"].choices
        return {name for _place, facts in groups for name, _label in facts}

    assert {"tier", "member_for_days", "weekday"} <= asked(part)
    assert not {"amount", "branch", "visit_number"} & asked(part)
    assert 'name="amount_above"' not in text_of(part) and 'name="goods"' not in text_of(part)
    assert "channel" in asked(late) and "amount" not in asked(late)


def test_another_kind_of_benefit_brings_its_own_fields(manager: Client, started: Offer) -> None:
    part = manager.post(
        url(started), {**TUESDAY, "kind": "buy_x_get_y", "act": "shape"}, headers={"HX-Request": "true"}
    )

    page = text_of(part)
    assert 'name="buy"' in page and 'name="percent"' not in page
    assert "<html" not in page


def test_a_draft_is_kept_where_it_can_be_read_and_says_so(manager: Client, started: Offer) -> None:
    htmx = {"HX-Request": "true"}

    kept = text_of(manager.post(url(started), {**TUESDAY, "act": "keep"}, headers=htmx))
    not_kept = text_of(manager.post(url(started), {**TUESDAY, "percent": "", "act": "keep"}, headers=htmx))

    assert "پیش‌نویس ذخیره شد" in kept
    assert "ذخیره نشد" in not_kept
    assert Offer.objects.get().terms["when"] == WHEN


def test_a_live_offer_is_not_changed_by_the_way(manager: Client, shop: Shop) -> None:
    shop.tiers()
    live = publish("زنده", CREDIT)

    told = text_of(manager.post(url(live), {**TUESDAY, "act": "keep"}, headers={"HX-Request": "true"}))
    assert "هنوز ثبت نشده" in told
    assert OfferVersion.objects.count() == 1

    manager.post(url(live), TUESDAY)
    assert OfferVersion.objects.count() == 2


def test_the_aside_says_the_sentence_the_findings_and_the_cost(manager: Client, started: Offer) -> None:
    typed = {**TUESDAY, "most": "50000", "budget": "۱۲٬۰۰۰٬۰۰۰", "act": "look"}

    part = text_of(manager.post(url(started), typed, headers={"HX-Request": "true"}))

    assert "۱۰٪ اعتبار برگشتی تا سقف ۵۰٬۰۰۰ تومان" in part
    assert "خلاصه‌ای ساده بنویسید" in part
    assert "۱۲٬۰۰۰٬۰۰۰" in part
    assert Offer.objects.get().terms["benefit"] == CREDIT


def test_the_summary_can_be_written_from_the_conditions(manager: Client, started: Offer) -> None:
    answer = manager.post(url(started), {**TUESDAY, "act": "tell"})

    assert "۱۰٪ اعتبار برگشتی" in answer.context["form"]["summary"].value()


def test_groups_of_the_api_are_said_and_kept_untouched(manager: Client, shop: Shop) -> None:
    group = {"any": [{"fact": "age", "op": "gt", "value": 60}, {"fact": "tag", "op": "has", "value": "همسایه"}]}
    when = {"all": [{"fact": "visit_number", "op": "every", "value": 10}, group]}
    offer = draft("گروه‌ها", CREDIT, when=when, message={"x": 1})

    page = text_of(manager.get(url(offer)))
    manager.post(url(offer), {**as_typed(manager, offer), "name": "نام دیگر"})

    assert "سن بیش از ۶۰ یا برچسب همسایه" in page
    kept = Offer.objects.get()
    assert (kept.name, kept.terms["when"], kept.terms["message"]) == ("نام دیگر", when, {"x": 1})


def test_the_five_offers_are_sent_back_as_they_came(manager: Client, shop: Shop) -> None:
    shop.tiers()
    Group.objects.create(code="special", name="ویژه")
    before = {offer.pk: offer.terms for offer in five_offers()}

    for pk in before:
        assert manager.post(url(Offer(pk=pk)), as_typed(manager, Offer(pk=pk))).status_code == 302

    assert dict(Offer.objects.values_list("pk", "terms")) == before
    assert OfferVersion.objects.count() == 5


def test_an_ended_offer_is_read_and_not_changed(manager: Client, shop: Shop) -> None:
    live = publish("زنده", CREDIT)
    manager.post(url(live, "move/"), {"act": "end"})

    assert manager.get(url(live))["Location"] == url(live, "history/")
    assert manager.post(url(live), TUESDAY)["Location"] == url(live, "history/")


def test_a_page_costs_as_many_queries_for_any_offer(manager: Client, shop: Shop) -> None:
    shop.tiers()
    for number in range(30):
        shop.product(f"p{number}", 10_000)
    conditions = [{"fact": "quantity_of", "op": "gte", "value": 1, "of": f"p{number}"} for number in range(10)]
    plain, rich = draft("ساده", CREDIT, when=conditions[0]), draft("پر", CREDIT, when={"all": conditions})

    def count(offer: Offer) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(url(offer)).status_code == 200
        return len(queries)

    count(plain)
    few = count(plain)
    for number in range(5):
        publish(f"زنده {number}", CREDIT)
    count(rich)

    assert count(rich) == few


@pytest.mark.parametrize("role", ["cashier", "support", "caller", "agent"])
def test_offers_are_the_managers(club: Club, started: Offer, role: str) -> None:
    browser = signed_in(person(role), club)

    for path in (
        "/desk/offers/",
        "/desk/offers/new/",
        url(started),
        url(started, "publish/"),
        url(started, "history/"),
    ):
        assert browser.get(path).status_code == 403


def test_what_was_changed_is_in_the_audit_in_words(manager: Client, started: Offer) -> None:
    manager.post(url(started), TUESDAY)

    assert AuditEntry.objects.filter(action="offer.update").count() == 1
    page = text_of(manager.get("/desk/audit/"))
    assert "تغییر پیشنهاد" in page
    assert re.search(r"شرط‌ها", page)


def test_a_live_offer_that_was_changed_in_another_tab_is_not_replaced_unasked(manager: Client, shop: Shop) -> None:
    shop.tiers()
    offer = publish("سه‌شنبه‌ها", CREDIT)
    data = {**TUESDAY, "version": offer.version}
    manager.post(url(offer), {**data, "percent": "۱۳"})

    answer = manager.post(url(offer), {**data, "budget": "۳۰۰۰۰۰۰"})

    offer.refresh_from_db()
    assert answer.status_code == 422 and "پس از باز شدن این صفحه عوض شده" in text_of(answer)
    assert offer.terms["benefit"]["percent"] == 13
    manager.post(url(offer), {**data, "budget": "۳۰۰۰۰۰۰", "version": offer.version})
    offer.refresh_from_db()
    assert (offer.terms["benefit"]["percent"], offer.terms["limits"]["budget"]) == (10, 30_000_000)
