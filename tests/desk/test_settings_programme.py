"""The settings of the programme in plain words: what is typed is seen in words and sums before it holds."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from club.programme.models import ProgrammeVersion
from club.programme.selectors import programme_at
from club.programme.services import change_programme
from club.purchases.models import Purchase
from core.jalali import day_bounds, format_date, local_date
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in, visitor
from tests.core.test_pages import INLINE
from tests.shop import TOMAN

URL = "/desk/settings/programme/"
SEAL = re.compile(r'name="seen" value="(\w+)"')
FIELD = re.compile(r'<(?:input|textarea)[^>]*name="(\w+)"[^>]*?value="([^"]*)"')


@pytest.fixture
def browser(club):
    return signed_in(person("manager", name="بهرام صادقی"), club)


def text_of(answer):
    return answer.content.decode()


def typed(browser, **changes):
    """The form as the page has it, with some fields typed anew."""
    page = text_of(browser.get(URL))
    values = {name: value for name, value in FIELD.findall(page) if name != "csrfmiddlewaretoken"}
    values.pop("points_spendable", None)
    values["points_spendable"] = "on"
    values.pop("earn_on_part_paid_by_value", None)
    return {**values, "points_valid_to": "", "credit_valid_to": "", "refund_shortfall": "clip", "tier": "", **changes}


def seen(browser, values):
    """The seal of what the page said the typed comes to."""
    return SEAL.findall(text_of(browser.post(URL, {**values, "act": "preview"})))[0]


@pytest.mark.parametrize("role", list(Role.values))
def test_settings_are_the_managers_to_see(club, role):
    browser = signed_in(person(role), club)

    for path in ("/desk/settings/", URL, f"{URL}versions/"):
        assert browser.get(path).status_code == (200 if role in {"owner", "manager"} else 403)
        assert visitor(club).get(path).status_code == 302


def test_the_button_that_saves_is_always_there_and_says_why_nothing_was_saved(browser):
    change_programme({}, effective_from=timezone.now() - timedelta(days=9), actor="user:1")
    values = typed(browser)

    button = 'name="act" value="save"'
    assert button in text_of(browser.get(URL))
    unchanged = text_of(browser.post(URL, {**values, "act": "save"}))
    assert button in unchanged and "چیزی عوض نشده است" in unchanged
    unseen = text_of(browser.post(URL, {**values, "credit_bp": "8", "act": "save"}))
    assert button in unseen and "دوباره ثبت کنید" in unseen
    wrong = text_of(browser.post(f"{URL}example/", {**values, "credit_bp": "هشت"}))
    assert button in wrong
    assert ProgrammeVersion.objects.count() == 1
    again = browser.post(URL, {**values, "credit_bp": "8", "seen": SEAL.findall(unseen)[0], "act": "save"})
    assert again.status_code == 302


def test_the_first_version_holds_from_the_beginning_and_bears_no_day(browser):
    change_programme({}, effective_from=datetime(2020, 1, 1, tzinfo=UTC), actor="user:1")
    change_programme({"credit_bp": 900}, effective_from=timezone.now() - timedelta(days=9), actor="user:1")

    page = text_of(browser.get(f"{URL}versions/"))

    assert "از آغاز" in page
    assert "۱۳۹۸" not in page
    assert ">از آغاز</a>" in text_of(browser.get("/desk/admin/programme/programmeversion/"))


def test_the_example_is_reckoned_by_what_is_typed(browser):
    values = typed(browser, rial_per_point="۱۰٬۰۰۰", credit_bp="۸", points_valid_days="30", amount="250000")

    part = text_of(browser.post(f"{URL}example/", values))

    assert "۲۵" in part
    assert "به ارزش ۲٬۵۰۰ تومان" in part
    assert "۲۰٬۰۰۰ تومان" in part
    last_day = local_date(timezone.now()) + timedelta(days=30)
    assert f"تا پایان {format_date(last_day)}" in part
    assert INLINE.search(part) is None


def test_what_cannot_be_read_is_said_in_the_part_and_beside_its_field(browser):
    values = typed(browser, credit_bp="هشت")

    assert "عدد را مانند ۷٫۵ بنویسید." in text_of(browser.post(f"{URL}example/", values))
    answer = browser.post(URL, {**values, "act": "save"})

    assert answer.status_code == 422
    assert 'id="id_credit_bp_error"' in text_of(answer)
    assert 'value="هشت"' in text_of(answer)


def test_a_change_is_said_in_words_before_it_is_saved(browser):
    change_programme({"credit_bp": 1_000}, effective_from=timezone.now() - timedelta(days=9), actor="user:1")
    values = typed(browser, credit_bp="8")

    at_once = browser.post(URL, {**values, "act": "save"})

    assert "اعتبار از هر خرید (درصد): از «۱۰٪» به «۸٪»" in text_of(at_once)
    assert programme_at(timezone.now()).credit_bp == 1_000

    answer = browser.post(URL, {**values, "act": "save", "seen": seen(browser, values)}, follow=True)

    assert "برنامهٔ تازه ثبت شد." in text_of(answer)
    assert programme_at(timezone.now()).credit_bp == 800
    entry = AuditEntry.objects.filter(action="programme.change").latest("pk")
    assert (entry.before, entry.after) == ({"credit_bp": 1_000}, {"credit_bp": 800})


def test_a_change_from_a_day_on_waits_is_listed_and_may_be_taken_back(browser):
    change_programme({}, effective_from=timezone.now() - timedelta(days=9), actor="user:1")
    day = local_date(timezone.now()) + timedelta(days=5)
    values = typed(browser, credit_bp="8", effective_from=format_date(day, "numeric"))

    browser.post(URL, {**values, "act": "save", "seen": seen(browser, values)})

    starts = day_bounds(day, "Asia/Tehran")[0]
    assert programme_at(timezone.now()).credit_bp is None
    assert programme_at(starts).credit_bp == 800
    version = ProgrammeVersion.objects.get(effective_from=starts)
    page = text_of(browser.get(URL))
    assert f"versions/{version.pk}/withdraw/" in page
    assert "در راه" in page

    browser.post(f"{URL}versions/{version.pk}/withdraw/")

    assert programme_at(starts).credit_bp is None
    history = text_of(browser.get(f"{URL}versions/"))
    assert "پس گرفته شد" in history
    assert "بهرام صادقی" in history


def test_what_was_seen_no_longer_holds_after_somebody_else_changed_it(browser):
    values = typed(browser, credit_bp="8")
    seal = seen(browser, values)
    change_programme({"points_per_visit": 5}, effective_from=timezone.now(), actor="user:1")

    answer = browser.post(URL, {**values, "act": "save", "seen": seal})

    assert answer.status_code == 200
    assert programme_at(timezone.now()).credit_bp is None


def test_the_first_settings_of_a_club_hold_at_once_and_ask_for_no_day(browser):
    assert "effective_from" not in text_of(browser.get(URL))
    values = typed(browser, credit_bp="8", effective_from="1499/01/01")

    browser.post(URL, {**values, "act": "save", "seen": seen(browser, values)})

    assert programme_at(timezone.now()).credit_bp == 800


def test_a_past_day_is_refused(browser):
    change_programme({}, effective_from=timezone.now() - timedelta(days=9), actor="user:1")
    values = typed(browser, credit_bp="8", effective_from="1400/01/01")

    answer = browser.post(URL, {**values, "act": "save"})

    assert answer.status_code == 422
    assert 'id="id_effective_from_error"' in text_of(answer)


def test_a_version_of_another_club_is_not_found(browser, other_club):
    with club_scope(other_club):
        change_programme({}, effective_from=timezone.now(), actor="user:1")
        change_programme({"credit_bp": 1}, effective_from=timezone.now() + timedelta(days=5), actor="user:1")
        version = ProgrammeVersion.objects.latest("pk")

    assert browser.post(f"{URL}versions/{version.pk}/withdraw/").status_code == 404


def test_a_new_club_is_told_what_to_do_first(browser):
    page = text_of(browser.get("/desk/settings/"))

    assert "پیش از آغاز" in page
    assert "بگویید هر خرید چه می‌دهد." in page


def test_the_example_of_a_million_rial_is_in_the_clubs_unit(club, browser):
    club.currency_unit = "rial"
    club.save()

    values = typed(browser, rial_per_point=str(10_000 * TOMAN), amount="2500000")

    assert "۲۵" in text_of(browser.post(f"{URL}example/", values))


def test_ten_percent_become_eight_from_a_day_on_and_old_purchases_stay_as_they_were(browser, shop):
    shop.programme(credit_bp=1_000)
    member, now = shop.member(), timezone.now()
    before = shop.buys(member, 1_000_000, now=now)
    day = local_date(now) + timedelta(days=5)
    values = typed(browser, credit_bp="۸", effective_from=format_date(day, "numeric"))
    browser.post(URL, {**values, "act": "save", "seen": seen(browser, values)})
    starts = day_bounds(day, "Asia/Tehran")[0]

    meanwhile = shop.buys(member, 1_000_000, now=starts - timedelta(seconds=1))
    after = shop.buys(member, 1_000_000, now=starts)

    assert (before.credit_earned, meanwhile.credit_earned, after.credit_earned) == (100_000, 100_000, 80_000)
    assert list(Purchase.objects.order_by("pk").values_list("credit_earned", flat=True)) == [100_000, 100_000, 80_000]
    assert shop.proven()
