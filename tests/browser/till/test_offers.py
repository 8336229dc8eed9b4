"""The worked case of the mission (row 95) through the till: five offers match, the best applies, each says why."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page

from club.catalogue.models import Group
from club.members.models import Member
from core.jalali import from_jalali, local_date, to_jalali
from core.models import Club
from offers.models import Coupon
from tests.browser.stage import picture, until, violations
from tests.browser.till.conftest import Keys, wait_saved
from tests.offering import five_offers, publish
from tests.shop import Shop


def silver_with_birthday(shop: Shop, *, visits: int) -> Member:
    """A silver member whose birthday is today, with so many visits behind her."""
    now = timezone.now()
    _year, month, day = to_jalali(local_date(now, shop.club.time_zone))
    born = from_jalali(1375, month, day)  # a leap year has every day
    member = shop.member(phone="09123454567", first_name="سارا", birth_date=born, now=now - timedelta(days=60))
    Member.objects.filter(pk=member.pk).update(tier_code="silver", tier_floor="silver")
    for back in range(visits):
        shop.buys(member, 10_000, now=now - timedelta(days=40 - back), quiet=True)
    return member


def test_five_offers_match_the_best_applies_and_the_others_say_by_how_much_they_lost(
    till: Callable[..., Page], club: Club
) -> None:
    shop = Shop(club)
    shop.programme(rial_per_point=None, credit_bp=None)
    shop.tiers()
    Group.objects.create(code="special", name="ویژه")
    shop.product("101", 6_000_000, "special")
    five_offers()
    member = silver_with_birthday(shop, visits=11)
    page = till()

    Keys(page).type("4567").press("Enter", "F6").type("101")
    until(page, "document.querySelectorAll('#offers [data-outcome]').length === 5")
    until(page, "document.getElementById('offers').innerText.includes('۱۲۰٬۰۰۰')")  # of all that was typed
    rows = page.locator("#offers [data-outcome]").all()
    told = {row.locator("b").inner_text(): row.inner_text() for row in rows}
    Keys(page).press("Enter", "Enter", "Enter")
    picture(page, "till-offers")
    faults = violations(page)
    Keys(page).press("Enter")

    bought = wait_saved(page)
    assert "تولد" not in page.inner_text("#offers"), "the next customer inherits nothing"
    assert "تولد: ۱۲۰٬۰۰۰ تومان اعتبار" in told
    for name, by in (
        ("نقره‌ای", "۳۰٬۰۰۰"),
        ("خرید بالای ۵۰۰ هزار", "۶۰٬۰۰۰"),
        ("گروه ویژه", "۷۸٬۰۰۰"),
        ("بیش از ۱۰ مراجعه", "۹۰٬۰۰۰"),
    ):
        assert f"«تولد» {by} تومان بیشتر به سود عضو است" in told[name]
    assert (bought.member_id, bought.discount, bought.credit_earned) == (member.pk, 0, 1_200_000)
    assert "پیشنهاد «تولد»" in page.inner_text("#toast")
    assert faults == []


def test_a_code_is_typed_by_keyboard_or_ticked_and_the_next_customer_inherits_neither(
    till: Callable[..., Page], club: Club
) -> None:
    shop = Shop(club)
    member = shop.member(phone="09123454567", first_name="سارا", now=timezone.now() - timedelta(days=9))
    offer = publish("پوزش", {"kind": "discount_amount", "amount": 300_000}, code_required=True)
    Coupon.objects.create(offer=offer, code="SORRY1234", member=member, uses=1)
    Coupon.objects.create(offer=offer, code="ALL", uses=None)
    page = till()

    Keys(page).type("4567").press("Enter", "F7").type("nothing").press("Enter").type("245.")
    until(page, "document.getElementById('code-error').innerText.includes('شناخته نشد')")
    assert page.evaluate("document.activeElement.id") == "amount", "Enter after a code never saves"
    Keys(page).press("F7").type("all")
    until(page, "document.querySelector('#summary [data-pay]').textContent === '۲۱۵٬۰۰۰'")
    assert page.is_hidden("#code-error")
    page.fill("#code", "")
    page.locator("#offers [name=coupons]").check(force=True)
    until(page, "document.querySelector('#offers [name=coupons]').checked")
    assert page.evaluate("document.activeElement.id") == "amount"
    Keys(page).press("Enter")

    assert wait_saved(page).discount == 300_000
    assert page.input_value("#code") == ""
    assert page.locator("[name=coupons]").count() == 0


def test_a_code_scanned_into_the_wrong_field_goes_to_its_place_and_brings_its_member(
    till: Callable[..., Page], club: Club
) -> None:
    shop = Shop(club)
    member = shop.member(phone="09123454567", first_name="سارا", now=timezone.now() - timedelta(days=9))
    offer = publish("پوزش", {"kind": "discount_amount", "amount": 300_000}, code_required=True)
    Coupon.objects.create(offer=offer, code="SORRY1234", member=member, uses=None)
    Coupon.objects.create(offer=offer, code="ALL234", uses=None)
    page = till()

    Keys(page).type("sorry1234").press("Enter")
    until(page, f"document.getElementById('member-id').value === '{member.pk}'")
    assert (page.input_value("#who"), page.input_value("#code")) == ("", "sorry1234")
    Keys(page).press("Escape").press("F7").type("sorry1234").press("Enter")
    until(page, f"document.getElementById('member-id').value === '{member.pk}'")
    assert page.evaluate("document.activeElement.id") == "amount"
    page.fill("#code", "")
    page.focus("#amount")
    Keys(page).type("all234").press("Enter")
    until(page, "document.getElementById('code').value === 'all234'")
    until(page, "document.getElementById('amount-error').innerText.includes('بنویسید')")
    assert page.input_value("#amount") == ""
    Keys(page).type("245.").press("Enter")

    assert wait_saved(page).discount == 300_000
