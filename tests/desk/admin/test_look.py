"""The look of the club in the admin, and that of the admin itself."""

import re

from django.conf import settings

from core.models import AuditEntry
from tests.desk.admin.conftest import ADMIN, errors_of, values_of


def test_the_club_s_look_is_changed_and_previewed(owner, club):
    address = f"{ADMIN}core/club/{club.pk}/change/"
    values = values_of(owner.get(address))

    light = owner.get(ADMIN + "core/club/colour/", {"colour": "#FFD400"}).json()["light"]
    assert light["--brand"] != "#ffd400"  # moved until text on it can be read
    assert owner.get(ADMIN + "core/club/colour/", {"colour": "red"}).status_code == 400
    assert owner.post(address, {**values, "brand_colour": "#FFD400", "address": "ونک"}).status_code == 302
    assert errors_of(owner.post(address, {**values, "brand_colour": "url(x)"})).keys() == {"brand_colour"}

    club.refresh_from_db()
    assert (club.brand_colour, club.address) == ("#ffd400", "ونک")
    assert AuditEntry.objects.get(action="admin.change_club").after["address"] == "ونک"
    assert owner.get(ADMIN + "core/club/")["Location"] == address


def test_the_skin_repeats_the_tokens_of_the_stylesheet():

    def tokens(name):
        text = (settings.BASE_DIR / "static/css" / name).read_text()
        return re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6})", text)

    known = set(tokens("app.css"))

    assert set(tokens("admin.css")) <= known
