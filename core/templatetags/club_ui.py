"""What every template uses to show things: icons, digits, money, dates, phones, charts.

Digits and marks are those of the reader's language (`core/language.py`), made here, at the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core import branding, jalali, money, phones
from core.contact import whatsapp_address
from core.language import NAMES, grouped, in_language, listed
from core.models import Club
from core.tenancy.scope import active_scope, current_club

register = template.Library()

Moment = date | datetime
HOUSE_UNIT, HOUSE_ZONE = "toman", "Asia/Tehran"
LEFT_TO_RIGHT = "\u200e"


def club_unit() -> str:
    """Return the unit of the club in scope; on a page of no club, the one people use."""
    return current_club().currency_unit if active_scope().club_id else HOUSE_UNIT


def club_zone() -> str:
    """Return the time zone of the club in scope; on a page of no club, Tehran's."""
    return current_club().time_zone if active_scope().club_id else HOUSE_ZONE


# ── text and numbers ──────────────────────────────────────────────────────────────────────────────────────


@register.filter
def fa(value: object) -> str:
    """Show digits as the language writes them; text around them stays."""
    return "" if value is None else in_language(str(value))


@register.filter
def number(value: int | None) -> str:
    """Show a whole number, grouped."""
    if value is None:
        return ""
    mark = money.MINUS if value < 0 else ""
    return mark + grouped(abs(value))


@register.filter(name="listed")
def show_list(words: Sequence[object]) -> str:
    """Show words one after another, with the comma of the language."""
    return listed(words)


@register.filter
def percent(basis_points: int | None) -> str:
    """Show basis points as a percentage: 750 is ۷٫۵٪."""
    if basis_points is None:
        return ""
    whole, rest = divmod(abs(basis_points), 100)
    text = f"{whole}٫{rest:02}".rstrip("0").rstrip("٫") if rest else str(whole)
    return (money.MINUS if basis_points < 0 else "") + in_language(text + "٪")


register.filter("points", number)


@register.filter
def whatsapp_url(club: Club) -> str:
    """The address of a talk with the club, with words ready to be sent."""
    return whatsapp_address(club.whatsapp, _("سلام، دربارهٔ باشگاه %(name)s پرسشی دارم.") % {"name": club.name})


@register.filter(name="money")
def show_money(rial: int | None) -> str:
    """Show an amount in the club's unit, without the unit's name."""
    return "" if rial is None else money.format_money(rial, club_unit())


@register.filter
def money_unit(rial: int | None) -> str:
    """Show an amount in the club's unit, with the unit's name."""
    return "" if rial is None else f"{show_money(rial)} {money.unit_name(club_unit())}"


@register.filter
def money_words(rial: int | None) -> str:
    """Show an amount in words."""
    return "" if rial is None else money.money_words(rial, club_unit())


@register.filter
def of_metric(amount: int, metric: str) -> str:
    """Show how much of a tier's metric is meant: money that was spent, points, or visits."""
    if metric == "spent":
        return money_unit(amount)
    if metric == "points":
        said = ngettext("%(count)s امتیاز", "%(count)s امتیاز", amount)
    else:
        said = ngettext("%(count)s خرید", "%(count)s خرید", amount)
    return said % {"count": number(amount)}


def _sign(value: int) -> str:
    return LEFT_TO_RIGHT + ("+" if value > 0 else "−" if value < 0 else "")


@register.filter
def signed(value: int | None) -> str:
    """Show a whole number with its sign, before the digits in either direction of writing."""
    return "" if value is None else _sign(value) + number(abs(value))


@register.filter
def signed_money(rial: int | None) -> str:
    """Show an amount with its sign, in the club's unit."""
    return "" if rial is None else _sign(rial) + show_money(abs(rial))


@register.filter
def signed_money_unit(rial: int | None) -> str:
    """Show an amount with its sign, in the club's unit, with the unit's name."""
    return "" if rial is None else _sign(rial) + money_unit(abs(rial))


@register.simple_tag
def unit_name() -> str:
    """Say the name of the club's unit of money."""
    return money.unit_name(club_unit())


@register.filter
def phone(stored: str | None) -> SafeString | str:
    """Show a phone in groups, as an island of left-to-right text."""
    return format_html('<bdi class="ltr">{}</bdi>', in_language(phones.group_phone(stored))) if stored else ""


@register.filter
def masked_phone(stored: str | None) -> SafeString | str:
    """Show enough of a phone to recognise it."""
    return format_html('<bdi class="ltr">{}</bdi>', in_language(phones.mask_phone(stored))) if stored else ""


@register.filter
def initial(name: object) -> str:
    """Return the first letter of a name, for its avatar."""
    return str(name or "").strip()[:1] or "؟"


@register.filter
def in_fours(number: str | None) -> list[str]:
    """Cut a card's number into the groups in which it is read."""
    text = number or ""
    return [text[start : start + 4] for start in range(0, len(text), 4)]


# ── dates ─────────────────────────────────────────────────────────────────────────────────────────────────


@register.filter(name="jalali")
def jalali_date(moment: Moment | None, style: jalali.Style = "long") -> str:
    """Show a date by the Jalali calendar and the club's zone: long, short, numeric, weekday or month."""
    return "" if not moment else jalali.format_date(moment, style, club_zone())


@register.filter
def last_day(end: datetime | None) -> str:
    """Show the last day of what ends at this moment."""
    return "" if end is None else jalali.format_date(jalali.last_day(end, club_zone()))


@register.filter
def jalali_time(moment: datetime | None, style: jalali.Style = "long") -> str:
    """Show an instant: date and time."""
    return "" if not moment else jalali.format_datetime(moment, style, club_zone())


@register.filter
def clock(moment: datetime | None) -> str:
    """Show the hours and minutes of an instant."""
    return "" if not moment else jalali.format_time(moment, club_zone())


@register.filter
def relative_day(moment: Moment | None, now: datetime | None = None) -> str:
    """Show a day as people say it: امروز، دیروز، ۳ روز پیش, then the date."""
    return "" if not moment else jalali.relative_day(moment, now or timezone.now(), club_zone())


@register.filter
def when(moment: datetime | None, now: datetime | None = None) -> str:
    """Show the hour of a moment of today, the day of any other."""
    if not moment:
        return ""
    now, zone = now or timezone.now(), club_zone()
    is_today = jalali.local_date(moment, zone) == jalali.local_date(now, zone)
    return clock(moment) if is_today else relative_day(moment, now)


# ── the frame of a page ───────────────────────────────────────────────────────────────────────────────────


@register.simple_tag
def icon(name: str, cls: str = "") -> SafeString:
    """Draw an icon of the sprite, hidden from screen readers: the words beside it say it."""
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', f"icon {cls}".strip(), name)


@register.simple_tag(takes_context=True)
def brand_url(context: Context) -> str:
    """Return the address of the club's stylesheet; on a page of no club, the house's own file."""
    club = context.get("club")
    if not club:
        return static("css/brand.css")
    return reverse("core:brand_css", args=[branding.brand_digest(club.brand_colour)])


@register.simple_tag(takes_context=True)
def theme_colour(context: Context) -> str:
    """Return the colour of the browser's bars."""
    club = context.get("club")
    return branding.theme_colour(club.brand_colour if club else branding.HOUSE_COLOUR)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """Return the theme chosen by hand, from its cookie: light, dark, or nothing (as the device is)."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in {"light", "dark"} else ""


@register.simple_tag
def other_languages() -> list[tuple[str, str]]:
    """Return the languages that the page is not in: code, and the name that its readers know."""
    return [(code, name) for code, name in NAMES.items() if code != get_language()]


@register.simple_tag
def url_if(name: str, *args: Any) -> str:
    """Return the address of a page, or nothing where no such page exists."""
    if args:
        return _address(name, *args)
    return _plain_address(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=512)
def _plain_address(name: str, urlconf: str, prefix: str) -> str:
    """Return the same for the same addresses of a program below the same path: a side bar asks for dozens each time."""
    return _address(name)


def _link(context: Context, name: str, symbol: str, label: str, *, show: object, exact: bool) -> dict[str, Any]:
    url = url_if(name) if show else ""
    request = context.get("request")
    path = request.path if request else ""
    here = path == url or (not exact and bool(url) and path.startswith(url))
    return {"url": url, "icon": symbol, "label": label, "here": here}


@register.inclusion_tag("_nav_link.html", takes_context=True)
def nav_link(
    context: Context, name: str, symbol: str, label: str, *, show: object = True, exact: bool = False, count: int = 0
) -> dict[str, Any]:
    """Show a link of the side bar, if the page exists and `show` holds; the page one is on is marked."""
    return _link(context, name, symbol, label, show=show, exact=exact) | {"count": count}


@register.inclusion_tag("_tab_link.html", takes_context=True)
def tab_link(
    context: Context,
    name: str,
    symbol: str,
    label: str,
    *,
    show: object = True,
    exact: bool = False,
    wide: bool = False,
) -> dict[str, Any]:
    """Show a tab of the member's bar, if the page exists and `show` holds; a `wide` one not on a phone."""
    return {**_link(context, name, symbol, label, show=show, exact=exact), "wide": wide}


@register.simple_tag(takes_context=True)
def drawn(context: Context, name: str) -> SafeString:
    """Return what `include` shows, for what stands on a page more than once and is drawn once."""
    return template.Engine.get_default().get_template(name).render(context)


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: object) -> str:
    """Return the query of this page with some of its values changed; None takes one away."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    text: str = query.urlencode()
    return f"?{text}" if text else "?"
