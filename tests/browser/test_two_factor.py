"""Login in two steps, as a person does it: the app's key read from the page, the code typed, the way in without one shut."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Role
from core.tenancy.scope import club_scope
from tests.accounts.cast import PASSWORD, code_at, log_in, person
from tests.browser.stage import PHONE, overflow, violations


def test_a_second_step_is_set_up_and_then_asked_for(committed_club, stage):
    with club_scope(committed_club):
        user = person(Role.CASHIER, password=PASSWORD)
    page = stage(size=PHONE, javascript=True).open("/staff/login/?next=/staff/two-factor/")
    log_in(page, user.phone)
    page.wait_for_selector(".qr svg")
    assert (violations(page), overflow(page)) == ([], 0)
    key = page.inner_text("bdi code").replace(" ", "")
    page.fill("[name=code]", code_at(key, timezone.now()))
    page.click("button[type=submit]")
    page.wait_for_selector("ul code")
    assert page.locator("ul code").count() == 10
    assert (violations(page), overflow(page)) == ([], 0)

    again = stage(size=PHONE).open("/staff/login/?next=/staff/account/")
    log_in(again, user.phone)
    again.wait_for_url("**/staff/login/code/")
    assert (violations(again), overflow(again)) == ([], 0)
    again.fill("[name=code]", code_at(key, timezone.now() + timedelta(seconds=30)))
    again.click("button[type=submit]")
    again.wait_for_url("**/staff/account/")
    again.wait_for_load_state("networkidle")
