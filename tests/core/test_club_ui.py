"""Filters and tags: what people see, exactly."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from core.models import Club
from core.templatetags import club_ui
from scripts.build_sprite import icons_in_sprite, icons_in_templates

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def rendered(source: str, path: str = "/", **values: object) -> str:
    """Render a template as a page of the given path would."""
    request = RequestFactory().get(path)
    return Template("{% load club_ui %}" + source).render(Context({"request": request, **values}))


@pytest.mark.parametrize(
    ("source", "value", "shown"),
    [
        ("fa", "شعبهٔ 12", "شعبهٔ ۱۲"),
        ("fa", 0, "۰"),
        ("fa", None, ""),
        ("number", 1280, "۱٬۲۸۰"),
        ("number", -1280, "\u200e−۱٬۲۸۰"),
        ("points", 1_000_000, "۱٬۰۰۰٬۰۰۰"),
        ("signed", 24, "\u200e+۲۴"),
        ("signed", -24, "\u200e−۲۴"),
        ("signed", 0, "\u200e۰"),
        ("percent", 750, "۷٫۵٪"),
        ("percent", 1000, "۱۰٪"),
        ("percent", 5, "۰٫۰۵٪"),
        ("money", 2_450_000, "۲۴۵٬۰۰۰"),
        ("money", 0, "۰"),
        ("money", None, ""),
        ("money_unit", 2_450_000, "۲۴۵٬۰۰۰ تومان"),
        ("signed_money", -620_000, "\u200e−۶۲٬۰۰۰"),
        ("signed_money", 122_500, "\u200e+۱۲٬۲۵۰"),
        ("signed_money_unit", 122_500, "\u200e+۱۲٬۲۵۰ تومان"),
        ("money_words", 2_450_000, "دویست و چهل و پنج هزار تومان"),
        ("jalali", date(2026, 11, 22), "۱ آذر ۱۴۰۵"),
        ("jalali:'numeric'", date(2026, 11, 22), "۱۴۰۵/۰۹/۰۱"),
        ("jalali", None, ""),
        ("jalali_time", NOON, "۱ آذر ۱۴۰۵، ۱۲:۰۰"),
        ("clock", NOON, "۱۲:۰۰"),
        ("initial", " سارا", "س"),
        ("initial", "", "؟"),
    ],
)
def test_filters_show_values_as_persian_readers_expect(source: str, value: object, shown: str) -> None:
    assert rendered(f"{{{{ value|{source} }}}}", value=value) == shown


def test_a_day_is_said_as_people_say_it() -> None:
    assert club_ui.relative_day(date(2026, 11, 20), NOON) == "۲ روز پیش"


def test_a_moment_of_today_is_its_hour_and_of_another_day_its_day() -> None:
    assert club_ui.when(NOON, NOON) == "۱۲:۰۰"
    assert club_ui.when(NOON - timedelta(days=1), NOON) == "دیروز"


def test_a_phone_is_an_island_of_left_to_right_text() -> None:
    assert rendered("{{ value|phone }}", value="09123454567") == '<bdi class="ltr">۰۹۱۲ ۳۴۵ ۴۵۶۷</bdi>'
    assert rendered("{{ value|masked_phone }}", value="09123454567") == '<bdi class="ltr">۰۹۱۲…۴۵۶۷</bdi>'


def test_what_people_typed_is_escaped() -> None:
    assert "<script" not in rendered("{{ value|phone }}{{ value|fa }}", value="<script>")


def test_in_english_numbers_are_latin() -> None:
    with translation.override("en"):
        assert rendered("{{ value|money }} {{ rate|percent }}", value=2_450_000, rate=750) == "245,000 7.5%"


def test_a_club_that_counts_in_rial_sees_rial(club: Club) -> None:
    club.currency_unit = Club.CurrencyUnit.RIAL
    club.save()

    assert rendered("{{ value|money_unit }}", value=2_450_000) == "۲٬۴۵۰٬۰۰۰ ریال"


def test_an_icon_is_hidden_from_screen_readers() -> None:
    assert rendered('{% icon "gift" "icon-dir" %}') == (
        '<svg class="icon icon-dir" aria-hidden="true"><use href="#i-gift"/></svg>'
    )


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    assert icons_in_templates() - icons_in_sprite() == set()


def test_a_link_to_a_page_that_does_not_exist_is_not_shown() -> None:
    assert rendered('{% nav_link "desk:nowhere" "gift" "جایی" %}').strip() == ""


def test_the_link_of_the_page_one_is_on_is_marked() -> None:
    assert 'aria-current="page"' in rendered('{% nav_link "healthz" "gift" "سلامت" %}', path="/healthz")
    assert "aria-current" not in rendered('{% nav_link "healthz" "gift" "سلامت" %}', path="/")


def test_the_theme_chosen_by_hand_is_known_to_the_server_and_nothing_else_is() -> None:
    request = RequestFactory().get("/")

    for cookie, said in (("dark", "dark"), ("light", "light"), ('"><script>', "")):
        request.COOKIES["theme"] = cookie
        assert club_ui.theme(Context({"request": request})) == said


def test_a_page_of_a_club_links_the_stylesheet_of_its_colour() -> None:
    club = SimpleNamespace(brand_colour="#7a1f5c")

    assert rendered("{% brand_url %}", club=club).startswith("/brand/")
    assert rendered("{% brand_url %}").endswith("brand.css")


def test_charts_of_money_are_in_the_unit_of_the_club() -> None:
    svg = rendered("{% chart_bars values labels title='فروش' as_money=True %}", values=[2_450_000], labels=["امروز"])

    assert "۲۴۵٬۰۰۰ تومان" in svg


def test_with_query_changes_one_value_and_keeps_the_rest() -> None:
    assert rendered("{% with_query page=2 q=None %}", path="/?q=a&tier=gold&page=1") == "?tier=gold&amp;page=2"
