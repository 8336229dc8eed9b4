"""A sales expert's day on a phone: taking a lead, noting a call, moving it, losing one to a rival, winning at the till."""

from collections.abc import Callable

from core import events
from core.models import Club
from crm.leads.services import get_lead
from tests.accounts.cast import PASSWORD, fresh_phone, person, signed_in
from tests.browser.stage import PHONE, Stage, overflow, until, violations
from tests.browser.till.conftest import Keys, wait_saved
from tests.crm.leads.acts import history, lead, nobodys


def test_an_expert_takes_a_lead_and_brings_it_to_the_till(committed_club: Club, stage: Callable[..., Stage]) -> None:
    sara = person("sales", name="سارا محمدی", password=PASSWORD)
    phone = fresh_phone()
    free, late = nobodys(phone=phone, name="شیوا مرادی"), lead(name="آموزشگاه فردا", owner_id=sara.pk)

    # log in: the board is there, with the one that is nobody's
    page = stage(size=PHONE).open("/staff/login/")
    page.fill("[name=phone]", sara.phone)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/leads/")
    assert overflow(page) <= 0
    assert violations(page) == []
    page.click("a[href*='owner=none']")
    page.wait_for_url("**owner=none")
    assert page.locator(".lead-card").count() == 1

    # take it, and note the call with what comes next
    page.click(f"#lead-{free.pk} button[value=take]")
    page.wait_for_selector(f"a[href='tel:{phone}']")
    page.fill("[name=note]", "زنگ زدم؛ شنبه نمونه ببریم.")
    page.fill("[name=next_activity]", "بردن نمونه")
    page.fill("[name=next_on]", "۱۴۰۶/۰۱/۱۵")
    page.click("button[value=plan]")
    page.wait_for_selector(".note-ok, [role=status]")
    assert overflow(page) <= 0
    assert (get_lead(free.pk).owner, get_lead(free.pk).note) == (sara, "زنگ زدم؛ شنبه نمونه ببریم.")

    # on the board it goes to the next stage and stays in sight
    page.goto(page.url.partition("/desk/")[0] + "/desk/leads/")
    page.click(f"#lead-{free.pk} summary")
    page.select_option(f"#to-{free.pk}", "contacted")
    page.click(f"#lead-{free.pk} details button")
    page.wait_for_selector(f"[data-stage=contacted] #lead-{free.pk}")
    until(
        page,
        f"(({{left, right}}) => left >= 0 && right <= innerWidth)"
        f"(document.getElementById('lead-{free.pk}').getBoundingClientRect())",
    )

    # the other is lost to a rival
    page.goto(f"{page.url.partition('/desk/')[0]}/desk/leads/{late.pk}/")
    page.fill("[name=lost_reason]", "گران بود")
    page.fill("[name=rival]", "کافهٔ روبه‌رو")
    page.click("button[value=lose]")
    page.wait_for_selector("button[value=reopen]")
    assert "کافهٔ روبه‌رو" in page.inner_text("main")

    # the cashier enrols who comes in and sells: the lead is won by itself
    till = stage(signed_in(person("cashier", name="نگار رضایی"), committed_club)).open("/desk/till/")
    until(till, "document.activeElement.matches('input')")
    keys = Keys(till)
    keys.type(phone)
    till.wait_for_selector("#who-list [role=option]")
    keys.press("Enter").type("250.").press("Enter")
    until(till, "(document.body.dataset.saved || '') !== ''")
    bought = wait_saved(till)
    events.consume_all()

    page.goto(f"{page.url.partition('/desk/')[0]}/desk/leads/{free.pk}/")
    assert "مشتری شد" in page.inner_text("main")
    assert page.locator("a[href*='/desk/receipts/'], a[href*='/desk/purchases/']").count() == 0
    assert get_lead(free.pk).purchase_id == bought.pk
    assert history(free) == [("new", "open"), ("contacted", "open"), ("contacted", "won")]
