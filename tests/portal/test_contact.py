"""The ways to the club below the pages of the portal: those that it has, and no other."""

import pytest
from django.urls import reverse

from core.tenancy.middleware import forget_hosts
from tests.accounts.cast import person, signed_in


@pytest.fixture
def owner_browser(club):
    return signed_in(person("owner"), club)


def change(browser, club, **fields: str):
    """Send the club's record as it is, with these fields changed."""
    address = reverse("admin:core_club_change", args=[club.pk])
    form = browser.get(address).context["adminform"].form
    kept = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    answer = browser.post(address, {**{name: value for name, value in kept.items() if value is not False}, **fields})
    forget_hosts()
    return answer


def test_a_configured_number_floats_as_a_link_and_none_is_not_rendered(club, browser, owner_browser):
    assert "wa.me" not in browser.get("/").content.decode()

    change(owner_browser, club, whatsapp="۰۹۱۲ ۰۰۰ ۰۰۱۲", telegram="@narvan_cafe", instagram="instagram.com/narvan/")

    shown = browser.get("/").content.decode()
    assert 'href="https://wa.me/989120000012?text=%D8%B3' in shown
    assert "https://t.me/narvan_cafe" in shown and "https://instagram.com/narvan" in shown
    change(owner_browser, club, whatsapp="", telegram="", instagram="")
    left = browser.get("/").content.decode()
    assert "wa.me" not in left and "t.me" not in left and "instagram" not in left


def test_a_wrong_number_is_said_beside_its_field(club, owner_browser):
    answer = change(owner_browser, club, whatsapp="912")

    assert "کد کشور" in answer.content.decode()
    club.refresh_from_db()
    assert club.whatsapp == ""
