"""The club's rewards with what became of each, and the vouchers by their state; each as files too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.awards.redeeming import cancel_redemption
from club.purchases.mission_steps import gift_words
from club.rewards.models import Grant, Redemption
from club.rewards.selectors import STATES, Line, catalogue, report, rewards, vouchers
from core.errors import AppError, Text
from core.keyset import every
from core.tables.writing import Column
from core.text import whole_number
from desk.files import file_links, list_file
from offers.pictures import icon_of

SHOWN = 25
CHUNK = 500
NAMES: dict[str, Text] = {
    "issued": gettext_lazy("باز"),
    "used": gettext_lazy("استفاده شد"),
    "expired": gettext_lazy("مهلتش گذشت"),
    "cancelled": gettext_lazy("لغو شد"),
}
OWN_NAME: Text = gettext_lazy("هدیه‌های با نام خود")
REPORT = (
    Column(gettext_lazy("جایزه"), lambda row: row.name or str(OWN_NAME)),
    Column(gettext_lazy("با امتیاز"), attrgetter("for_points"), "number"),
    Column(gettext_lazy("هدیه"), attrgetter("granted"), "number"),
    Column(gettext_lazy("باز"), attrgetter("open"), "number"),
    Column(gettext_lazy("استفاده شد"), attrgetter("used"), "number"),
    Column(gettext_lazy("مهلتش گذشت"), attrgetter("expired"), "number"),
    Column(gettext_lazy("لغو شد"), attrgetter("cancelled"), "number"),
    Column(gettext_lazy("امتیاز خرج‌شده"), attrgetter("points"), "number"),
    Column(gettext_lazy("ارزش"), attrgetter("worth"), "money"),
)


def columns(now: datetime) -> tuple[Column, ...]:
    """Of the vouchers; one that has ended is told from one that is open by the moment."""
    return (
        Column(_("جایزه"), attrgetter("name")),
        Column(_("عضو"), lambda row: str(row.member)),
        Column(_("موبایل"), lambda row: row.member.phone or ""),
        Column(_("کد"), attrgetter("code")),
        Column(_("امتیاز"), attrgetter("points"), "number"),
        Column(_("ارزش"), attrgetter("worth"), "money"),
        Column(_("وضعیت"), lambda row: str(NAMES[row.state_at(now)])),
        Column(_("زمان"), attrgetter("occurred_at"), "moment"),
        Column(_("پایان"), attrgetter("expires_at"), "moment"),
        Column(_("زمان استفاده یا لغو"), attrgetter("closed_at"), "moment"),
    )


@never_cache
@staff_required("manage_offers")
@require_safe
def reward_list(request: HttpRequest) -> HttpResponseBase:
    """Every reward, those on offer first, with how often it was taken and used."""
    lines = {line.reward: line for line in report(at=timezone.now())}
    on = catalogue()
    off = list(rewards(is_active=False).order_by("position", "points", "pk"))
    found = [*on, *off]
    gives = gift_words(row.offer_id for row in found)
    context = {
        "rows": [(row, lines.get(row.pk), icon_of(row.kind), gives[row.offer_id]) for row in found],
        "own": lines.get(None),
        "files": file_links(request, "desk:rewards_file"),
    }
    return render(request, "desk/rewards/list.html", context)


@never_cache
@staff_required("manage_offers")
@require_safe
def rewards_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The report: reward by reward what was issued and what became of it."""
    rows: Iterator[Line] = iter(report(at=timezone.now()))
    return list_file(request, REPORT, rows, form=form, title=_("گزارش جایزه‌ها"), name="rewards")


@never_cache
@staff_required("manage_offers")
@require_safe
def voucher_list(request: HttpRequest) -> HttpResponseBase:
    """The vouchers of a state, or all, the newest first."""
    now, status = timezone.now(), _status(request)
    found = _rows(request, now, whole_number(request.GET.get("before", "")), SHOWN + 1)
    rows = found[:SHOWN]
    tabs = [("", _("همه")), *((state, str(NAMES[state])) for state in STATES)]
    context = {
        "rows": [(row, row.state_at(now)) for row in rows],
        "older": rows[-1].pk if len(found) > SHOWN else None,
        "is_first": not request.GET.get("before"),
        "status": status,
        "tabs": tabs,
        "grant": Grant.objects.filter(pk=grant).first() if (grant := _number(request, "grant")) is not None else None,
        "only": rewards().filter(pk=only).first() if (only := _number(request, "reward")) is not None else None,
        "files": file_links(request, "desk:vouchers_file"),
    }
    return render(request, "desk/rewards/vouchers.html", context)


@never_cache
@staff_required("manage_offers")
@require_safe
def vouchers_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every voucher of the state that is shown."""
    now = timezone.now()
    rows: Iterator[Any] = every(lambda before: _rows(request, now, before, CHUNK), attrgetter("pk"))
    asked = {name: request.GET.get(name, "")[:20] for name in ("status", "reward", "grant")}
    title = _("جایزه‌های گرفته‌شده")
    return list_file(request, columns(now), rows, form=form, title=title, name="vouchers", asked=asked)


@never_cache
@staff_required("manage_offers")
@require_POST
def voucher_cancel(request: HttpRequest, redemption_id: int) -> HttpResponseBase:
    """Take an open voucher back, its points with it."""
    try:
        with transaction.atomic(durable=True):
            cancel_redemption(redemption_id, actor=actor_of(request.user), now=timezone.now())
    except AppError as refused:
        if refused.http_status == 404:
            raise
        messages.error(request, refused.detail)
    else:
        messages.success(request, _("جایزه لغو شد و امتیازش برگشت."))
    return redirect("desk:vouchers")


def _rows(request: HttpRequest, now: datetime, before: int | None, limit: int) -> list[Redemption]:
    rows = vouchers(at=now, status=_status(request), reward=_number(request, "reward"), grant=_number(request, "grant"))
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def _status(request: HttpRequest) -> str:
    asked = request.GET.get("status", "")
    return asked if asked in STATES else ""


def _number(request: HttpRequest, name: str) -> int | None:
    return whole_number(request.GET.get(name, ""))
