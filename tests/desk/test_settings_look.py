"""The pages of the club's look: name, logo, colour with its promise, receipt, contact, unit and zone."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Role
from core.branding import brand_digest
from core.models import AuditEntry, Club, ClubLogo
from core.tenancy.middleware import forget_hosts
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in, visitor
from tests.core.test_logos import picture
from tests.core.test_pages import INLINE

LOOK, CONTACT, LOGO = "/desk/settings/look/", "/desk/settings/contact/", "/desk/settings/look/logo/"
REACHED = {
    "receipt_footer": "برگشت تا ۷ روز", "address": "تهران، ولیعصر", "phone": "۰۲۱۸۸۰۰۰۰۰۰", "whatsapp": "۰۹۱۲ ۱۲۳ ۴۵۶۷",
    "telegram": "https://t.me/narvan_cafe", "instagram": "@narvan.cafe", "currency_unit": "rial", "time_zone": "Asia/Kabul",
}  # fmt: skip


@pytest.fixture
def browser(club):
    return signed_in(person("owner"), club)


def text_of(answer):
    return answer.content.decode()


def stored(club):
    forget_hosts()
    return Club.objects.get(pk=club.pk)


def sent(data=None, name="logo.png"):
    return {"logo": SimpleUploadedFile(name, picture() if data is None else data), "act": "set"}


@pytest.mark.parametrize("role", list(Role.values))
def test_the_look_is_the_managers(club, role):
    browser, may = signed_in(person(role), club), role in ("owner", "manager")

    for path in (LOOK, CONTACT):
        assert browser.get(path).status_code == (200 if may else 403)
    assert browser.post(LOGO, sent()).status_code == (302 if may else 403)


def test_a_colour_is_seen_in_both_themes_before_it_is_saved(club, browser):
    part = text_of(browser.post(f"{LOOK}preview/", {"name": "نارون", "brand_colour": "#ffd400"}))

    assert "کمی جابه‌جا شد" in part
    assert "۴٫۵ به ۱" in part
    assert INLINE.search(part) is None
    css = text_of(browser.get(re.findall(r'href="([^"]+\.css)"', part)[0]))
    assert '[data-look="light"] { --brand: #' in css
    assert '[data-look="dark"] { --brand: #' in css
    assert stored(club).brand_colour == "#0e7c86"


def test_name_and_colour_are_saved_with_what_they_were(club, browser):
    browser.post(LOOK, {"name": "كافه نارون نو", "tagline": "", "brand_colour": "#A8442A", "act": "save"})

    now = stored(club)
    assert (now.name, now.brand_colour) == ("کافه نارون نو", "#a8442a")
    entry = AuditEntry.objects.get(action="club.update")
    assert entry.before == {"name": "کافه نارون", "brand_colour": "#0e7c86"}
    assert f"/brand/{brand_digest('#a8442a')}.css" in text_of(browser.get(LOOK))


@pytest.mark.parametrize(("wrong", "field"), [({"name": ""}, "name"), ({"brand_colour": "red"}, "brand_colour")])
def test_a_wrong_look_names_its_field(club, browser, wrong, field):
    answer = browser.post(LOOK, {"name": "نارون", "brand_colour": "#a8442a", **wrong, "act": "save"})

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in text_of(answer)
    assert stored(club).name == "کافه نارون"


def test_a_logo_is_shown_on_every_page_and_kept_by_browsers(club, browser):
    browser.post(LOGO, sent())

    logo = ClubLogo.objects.get()
    assert stored(club).logo_digest == logo.digest
    address = f"/brand/logo/{logo.digest}.webp"
    assert address in text_of(visitor(club).get("/login/"))
    answer = visitor(club).get(address)
    assert answer["Content-Type"] == "image/webp"
    assert "immutable" in answer["Cache-Control"]
    assert AuditEntry.objects.get(action="club.logo").after == {"logo": logo.digest}

    browser.post(LOGO, {"act": "remove"})

    forget_hosts()
    assert not ClubLogo.objects.exists()
    assert visitor(club).get(address).status_code == 404


def test_another_logo_takes_the_place_of_the_first(club, browser):
    browser.post(LOGO, sent())
    browser.post(LOGO, sent(picture(colour=(10, 90, 200, 255))))

    assert ClubLogo.objects.get().digest == stored(club).logo_digest


@pytest.mark.parametrize("data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"x", b""])
def test_what_is_no_picture_is_refused_in_words(club, browser, data):
    answer = browser.post(LOGO, sent(data), follow=True)

    assert "note-bad" in text_of(answer)
    assert not ClubLogo.objects.exists()


def test_another_clubs_logo_is_not_served(club, browser, other_club):
    browser.post(LOGO, sent())
    digest = ClubLogo.objects.get().digest

    with club_scope(other_club):
        assert visitor(other_club).get(f"/brand/logo/{digest}.webp").status_code == 404


def test_ways_to_reach_the_club_are_taken_in_any_form(club, browser):
    browser.post(CONTACT, REACHED)

    now = stored(club)
    assert (now.whatsapp, now.telegram, now.instagram) == ("989121234567", "narvan_cafe", "narvan.cafe")
    assert (now.phone, now.currency_unit, now.time_zone) == ("02188000000", "rial", "Asia/Kabul")
    page = text_of(browser.get(CONTACT))
    assert 'value="۰۹۱۲۱۲۳۴۵۶۷"' in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"whatsapp": "سلام"}, "whatsapp"),
        ({"whatsapp": "12"}, "whatsapp"),
        ({"telegram": "کافه"}, "telegram"),
        ({"instagram": "a b"}, "instagram"),
        ({"currency_unit": "dollar"}, "currency_unit"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"receipt_footer": "x" * 201}, "receipt_footer"),
    ],
)
def test_a_wrong_contact_names_its_field_and_keeps_what_was_typed(club, browser, wrong, field):
    answer = browser.post(CONTACT, {**REACHED, **wrong})

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in text_of(answer)
    assert "برگشت تا ۷ روز" in text_of(answer) or field == "receipt_footer"
    assert stored(club).whatsapp == ""
