"""A badge and its own list of benefits in the member's pages."""

from django.utils import timezone

from crm.segments.services import create_segment, put_list
from tests.offering import publish
from tests.portal.test_portal import text_of

FIVE = {"kind": "discount_percent", "percent": 5}


def test_who_has_a_badge_sees_it_and_what_it_brings_apart(shop, sara, browser):
    now = timezone.now()
    loyal = create_segment({"name": "وفاداران", "kind": "static", "badge": "gold", "code": "loyal"}, actor="u", now=now)
    publish("برای وفاداران", FIVE, when={"fact": "segment", "op": "has", "value": "loyal"})
    publish("برای همه", FIVE)
    before = text_of(browser.get("/offers/"))
    assert ("وفاداران" in before, "برای همه" in before) == (False, True)

    put_list(loyal.pk, [sara.pk], whole=False, actor="user:1", now=now)

    home, offers = text_of(browser.get("/")), text_of(browser.get("/offers/"))
    assert "وفاداران" in home
    assert offers.index("ویژهٔ وفاداران") < offers.index("برای وفاداران") < offers.index("برای همه")
    assert offers.count("برای وفاداران") == 1


def test_a_segment_without_a_badge_is_the_clubs_own_business(shop, sara, browser):
    now = timezone.now()
    silent = create_segment({"name": "زیر نظر", "kind": "static"}, actor="user:1", now=now)
    put_list(silent.pk, [sara.pk], whole=False, actor="user:1", now=now)

    assert "زیر نظر" not in text_of(browser.get("/")) + text_of(browser.get("/offers/"))
