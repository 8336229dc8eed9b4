"""What an offer brought, on a page: the answer in a sentence, both groups, its cost beside the forecast, its weeks."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from core.errors import Text
from core.jalali import format_date
from core.language import in_language, listed
from core.tables.writing import Column
from core.templatetags.club_ui import money_unit, number, percent, show_money, signed_money_unit
from core.tenancy.scope import current_club
from desk.files import file_links, list_file
from desk.manager.offers.listing import TONES
from desk.templatetags.effects import whole
from offers.selectors import get_offer
from offers.words import LABELS
from reports.effect.enough import Lack
from reports.effect.selectors import Effect, effect_of
from reports.effect.statistics import Difference
from reports.effect.weeks import Stretch

PERIODS: dict[str, Text] = {
    "before": gettext_lazy("پیش از آن"),
    "during": gettext_lazy("هنگام پیشنهاد"),
    "after": gettext_lazy("پس از آن"),
}
WEEK_COLUMNS = (
    Column(gettext_lazy("هفته از"), attrgetter("first"), "day"),
    Column(gettext_lazy("دوره"), lambda row: str(PERIODS[row.period])),
    Column(gettext_lazy("روزهای باداده"), attrgetter("days"), "number"),
    Column(gettext_lazy("خرید هر عضو در هفته"), attrgetter("treated_a_week"), "money"),
    Column(gettext_lazy("خرید هر عضوِ شاهد در هفته"), attrgetter("control_a_week"), "money"),
    Column(gettext_lazy("خریدها"), attrgetter("treated.visits"), "number"),
    Column(gettext_lazy("خریدهای شاهد"), lambda row: row.control.visits if row.control else None, "number"),
)


@never_cache
@staff_required("view_reports")
@require_safe
def offer_effect(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """The effect of an offer that is or was live; a draft has none."""
    offer = get_offer(offer_id)
    if not offer.version:
        return redirect("desk:offers")
    found = effect_of(offer, now=timezone.now())
    context: dict[str, Any] = {"offer": offer, "tone": TONES[offer.status], "effect": found}
    if found:
        context |= {
            "answer": answer(found),
            "bubble": _bubble(found),
            "notes": notes(found),
            "p": p_in_words(found.difference.p) if found.difference else "",
            "chart": _chart(found),
            "periods": [(PERIODS[one.period], one) for one in found.periods],
            "files": file_links(request, "desk:offer_effect_file", offer.pk),
        }
    return render(request, "desk/offers/effect.html", context)


@never_cache
@staff_required("view_reports")
@require_safe
def offer_effect_file(request: HttpRequest, offer_id: int, form: str) -> HttpResponseBase:
    """Before, during and after by week."""
    offer = get_offer(offer_id)
    found = effect_of(offer, now=timezone.now())
    if found is None:
        raise Http404
    title = _("اثر «%(name)s»") % {"name": offer.name}
    return list_file(request, WEEK_COLUMNS, found.weeks, form=form, title=title, name=f"effect-{offer.pk}")


def answer(found: Effect) -> str:
    """The answer in a sentence."""
    if not found.is_compared:
        return _("گروه شاهد نداشت. پیش، هنگام و پس از آن را می‌بینید، ولی این ثابت نمی‌کند که تغییر از پیشنهاد بوده است.")
    if found.lack:
        return lacking(found.lack, is_open=found.course.is_open)
    return told(found.difference) if found.difference else ""


def told(found: Difference) -> str:
    """The difference of the means in a sentence, with its interval."""
    said = {"each": _each(abs(found.each)), "low": _signed(found.low), "high": _signed(found.high)}
    if not found.is_clear:
        return (
            _(
                "تفاوت روشنی دیده نمی‌شود: اثر آن بر خرید هر عضو با اطمینان ۹۵٪ جایی میان %(low)s و %(high)s است، "
                "و صفر هم میان آن‌هاست."
            )
            % said
        )
    if found.each > 0:
        text = _("هر عضو به‌طور میانگین %(each)s بیشتر خرید کرد؛ با اطمینان ۹۵٪ میان %(low)s و %(high)s.")
    else:
        text = _("هر عضو به‌طور میانگین %(each)s کمتر خرید کرد؛ با اطمینان ۹۵٪ میان %(low)s و %(high)s.")
    return text % said


def lacking(lack: Lack, *, is_open: bool) -> str:
    """How much more data it takes."""
    said = [str(_("هنوز داده کافی نیست."))]
    if lack.members:
        text = ngettext(
            "گروه کوچک‌تر %(count)s عضو دیگر می‌خواهد.", "گروه کوچک‌تر %(count)s عضو دیگر می‌خواهد.", lack.members
        )
        said.append(text % {"count": number(lack.members)})
    if not is_open:
        said.append(_("این پیشنهاد دیگر باز نیست؛ دفعهٔ بعد گروه شاهد را بزرگ‌تر یا زمان را بلندتر بگیرید."))
    elif lack.days:
        text = ngettext(
            "با همین آهنگ %(count)s روز دیگر مانده است.", "با همین آهنگ %(count)s روز دیگر مانده است.", lack.days
        )
        said.append(text % {"count": number(lack.days)})
    elif lack.days is None:
        said.append(_("هنوز هیچ عضوی از یکی از دو گروه خرید نکرده است."))
    return " ".join(said)


def notes(found: Effect) -> list[str]:
    """What one should know before one believes it."""
    said = []
    if found.course.is_open and found.difference:
        said.append(_("پیشنهاد هنوز باز است؛ این عدد موقت است و تا پایان جابه‌جا می‌شود."))
    for moment, control in found.course.changes:
        asked = {"day": format_date(moment, tz=current_club().time_zone), "percent": percent(control)}
        text = _("از %(day)s گروه شاهد %(percent)s شد؛ کسانی که میان دو گروه جابه‌جا شدند کنار گذاشته شدند.")
        said.append(text % asked)
    if found.gaps:
        text = ngettext("%(count)s روز بی‌داده کنار گذاشته شد.", "%(count)s روز بی‌داده کنار گذاشته شد.", found.gaps)
        said.append(text % {"count": number(found.gaps)})
    if found.narrowed:
        facts = listed(LABELS[fact] for fact in found.narrowed)
        said.append(_("تنها اعضایی سنجیده شدند که از آغاز می‌توانستند آن را بگیرند (%(facts)s).") % {"facts": facts})
    if found.offer.trigger == "enrolment":
        said.append(_("کسانی سنجیده شدند که هنگام باز بودن پیشنهاد عضو شدند."))
    elif found.is_compared:
        said.append(_("اعضایی سنجیده شدند که پیش از آغاز پیشنهاد عضو بودند، چه از آن بهره بردند چه نه."))
    return said


def p_in_words(p: float) -> str:
    """How likely so large a difference is by chance alone."""
    if p < 0.001:
        return _("کمتر از %(p)s") % {"p": in_language("۰٫۰۰۱")}
    return in_language(f"{p:.3f}".replace(".", "٫"))


def _bubble(found: Effect) -> str:
    if not found.difference or not found.difference.is_clear:
        return "bubble-plain"
    return "bubble-ok" if found.difference.each > 0 else "bubble-bad"


def _chart(found: Effect) -> dict[str, Any]:
    """The line of weeks with the table beside it; a week without any data is in the table alone."""
    known = [week for week in found.weeks if week.days]
    heads = [_("هفته از"), _("دوره"), _("گروه پیشنهاد") if found.is_compared else _("هر عضو")]
    if found.is_compared:
        heads.append(_("گروه شاهد"))
    heads.append(_("روزهای باداده"))
    return {
        "values": [week.treated_a_week for week in known],
        "previous": [week.control_a_week or 0 for week in known] if found.control else [],
        "labels": [format_date(week.first, "short") for week in known],
        "heads": heads,
        "rows": [_row(week, with_control=found.is_compared) for week in found.weeks],
    }


def _row(week: Stretch, *, with_control: bool) -> list[str]:
    means = [week.treated_a_week, week.control_a_week or 0] if with_control else [week.treated_a_week]
    shown = [show_money(whole(mean)) if week.days else "—" for mean in means]
    return [format_date(week.first), str(PERIODS[week.period]), *shown, number(week.days)]


def _each(rial: float) -> str:
    return money_unit(whole(rial))


def _signed(rial: float) -> str:
    return signed_money_unit(whole(rial))
