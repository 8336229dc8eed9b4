"""The pages of the tiers: who would stand where, a tier made, changed, moved and taken off."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from club.members.models import Member
from club.tiers.models import Tier
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in
from tests.core.test_pages import INLINE

URL = "/desk/settings/tiers/"
NEW = {
    "name": "یشمی", "above": "silver", "metric": "spent", "threshold": "۳٬۰۰۰٬۰۰۰", "window_days": "",
    "points_factor_bp": "۱٫۷۵", "extra_credit_bp": "1", "downgrade": "one_step", "grace_days": "", "code": "jade",
}  # fmt: skip


@pytest.fixture
def browser(club):
    return signed_in(person("manager"), club)


@pytest.fixture
def people(shop):
    """One who never bought, one of 1.2 million toman, one of 6 million; tiers at 0, 1 and 5 million toman."""
    shop.tiers()
    members = shop.member(), shop.member(), shop.member()
    shop.buys(members[1], 12_000_000)
    shop.buys(members[2], 60_000_000)
    return members


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("role", list(Role.values))
def test_tiers_are_the_managers_to_set(club, people, role):
    browser = signed_in(person(role), club)

    for path in (URL, f"{URL}new/", f"{URL}of/silver/", f"{URL}of/silver/delete/"):
        assert browser.get(path).status_code == (200 if role in {"owner", "manager"} else 403)


def test_a_tier_that_gives_less_than_a_lower_one_is_pointed_out(browser, people):
    assert "کمتر از" not in text_of(browser.get(URL))

    Tier.objects.filter(code="gold").update(points_factor_bp=12_500)

    assert "سطح «طلایی» کمتر از «نقره‌ای» می‌دهد که پایین‌تر است" in text_of(browser.get(URL))


def test_thresholds_are_forecast_while_typed_and_then_saved(browser, people):
    typed = {"from-bronze": "۰", "from-silver": "2000000", "from-gold": "7000000"}

    part = text_of(browser.post(f"{URL}forecast/", typed))

    assert "۰ عضو بالاتر و ۲ عضو پایین‌تر" in part
    assert INLINE.search(part) is None
    assert Tier.objects.get(code="silver").threshold == 10_000_000

    browser.post(URL, {**typed, "act": "save"})

    assert Tier.objects.get(code="silver").threshold == 20_000_000
    assert AuditEntry.objects.filter(action="tier.update").count() == 2


def test_a_page_left_open_undoes_no_colleague_s_threshold(browser, people):
    shown = text_of(browser.get(URL))
    was = dict(re.findall(r'name="(initial-from-\w+)" value="([^"]+)"', shown))
    assert was == {"initial-from-bronze": "۰", "initial-from-silver": "۱٬۰۰۰٬۰۰۰", "initial-from-gold": "۵٬۰۰۰٬۰۰۰"}
    Tier.objects.filter(code="gold").update(threshold=60_000_000)  # somebody else's

    seen = {"from-bronze": "0", "from-silver": "1000000", "from-gold": "5000000"}
    browser.post(URL, {**was, **seen, "from-silver": "2000000", "act": "save"})

    assert list(Tier.objects.order_by("rank").values_list("threshold", flat=True)) == [0, 20_000_000, 60_000_000]


def test_thresholds_in_the_wrong_order_are_refused_beside_their_tier(browser, people):
    answer = browser.post(URL, {"from-bronze": "0", "from-silver": "9000000", "from-gold": "5000000", "act": "save"})

    assert answer.status_code == 422
    assert 'id="id_from-silver_error"' in text_of(answer)
    assert Tier.objects.get(code="silver").threshold == 10_000_000


def test_a_tier_is_made_in_its_place(browser, people):
    answer = browser.post(f"{URL}new/", {**NEW, "act": "save"}, follow=True)

    assert "سطح «یشمی» ثبت شد." in text_of(answer)
    tier = Tier.objects.get(code="jade")
    assert (tier.threshold, tier.points_factor_bp, tier.extra_credit_bp) == (30_000_000, 17_500, 100)
    assert list(Tier.objects.order_by("rank").values_list("code", flat=True)) == ["bronze", "silver", "jade", "gold"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"threshold": "هزار"}, "threshold"),
        ({"threshold": "9000000"}, "threshold"),
        ({"code": "silver"}, "code"),
        ({"points_factor_bp": "x"}, "points_factor_bp"),
        ({"metric": "love"}, "metric"),
        ({"above": "nowhere"}, "above"),
    ],
)
def test_a_wrong_tier_names_its_field_and_is_not_made(browser, people, wrong, field):
    answer = browser.post(f"{URL}new/", {**NEW, **wrong, "act": "save"})

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in text_of(answer)
    assert Tier.objects.count() == 3


def test_a_tier_is_changed(browser, people):
    typed = {name: value for name, value in NEW.items() if name not in {"above", "code"}}

    part = text_of(browser.post(f"{URL}of/silver/forecast/", typed))
    assert "یشمی" in part
    browser.post(f"{URL}of/silver/", {**typed, "act": "save"})

    tier = Tier.objects.get(code="silver")
    assert (tier.name, tier.threshold, tier.downgrade) == ("یشمی", 30_000_000, "one_step")


def test_a_tier_moves_a_place(browser, people):
    browser.post(f"{URL}of/silver/move/", {"way": "up"})

    assert list(Tier.objects.order_by("rank").values_list("code", flat=True)) == ["bronze", "gold", "silver"]


def test_a_tier_goes_with_a_place_for_its_holders(browser, people):
    page = text_of(browser.get(f"{URL}of/gold/delete/"))
    assert "۱ عضو به نقره‌ای" in page

    answer = browser.post(f"{URL}of/gold/delete/", {"into": "bronze"}, follow=True)

    assert "۱ عضو جابه‌جا شدند" in text_of(answer)
    assert Member.objects.get(pk=people[2].pk).tier_code == "bronze"
    assert not Tier.objects.filter(code="gold").exists()


def test_a_place_that_is_no_tier_is_refused(browser, people):
    answer = browser.post(f"{URL}of/gold/delete/", {"into": "heaven"})

    assert answer.status_code == 422
    assert Tier.objects.filter(code="gold").exists()


def test_a_tier_of_another_club_is_not_found(browser, other_club):
    with club_scope(other_club):
        Tier.objects.create(code="jade", name="یشمی", rank=0, threshold=0)

    for path in ("", "delete/"):
        assert browser.get(f"{URL}of/jade/{path}").status_code == 404
    assert browser.post(f"{URL}of/jade/move/", {"way": "up"}).status_code == 404


def test_the_ladder_asks_as_much_for_ten_tiers_as_for_three(browser, people):
    browser.get(URL)
    with CaptureQueriesContext(connection) as few:
        browser.get(URL)
    for number in range(7):
        Tier.objects.create(code=f"t{number}", name="ت", rank=10 + number, metric="visits", threshold=5 + number)
    with CaptureQueriesContext(connection) as many:
        browser.get(URL)

    assert len(many) == len(few)
