"""The first page of the settings: what is set, in a sentence each, and what a new club has still to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import StaffRole
from accounts.rights import can, staff_required
from club.catalogue.models import Branch, Group, Product
from club.catalogue.selectors import in_catalogue
from club.members.field_editing import every_field
from club.members.rulebook import rules_in_force
from club.programme.models import ProgrammeVersion
from club.programme.selectors import programme_at
from club.tiers.selectors import tiers
from core.language import listed
from core.models import Club
from core.templatetags.club_ui import money_unit, number, percent
from core.tenancy.scope import current_club
from crm.referrals.terms import terms_at
from sms.account import account
from sms.health import trouble
from sms.models import SmsSettings

SHOWN = 6
"""The most names that a section lists."""


@dataclass(frozen=True)
class Section:
    """A page of the settings: what is set there, and whether it is still to be done for a club to begin."""

    route: str
    right: str
    icon: str
    title: str
    said: str
    is_done: bool = True
    todo: str = ""


@never_cache
@staff_required("manage_programme")
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Every page of the settings that the person may open; above them what is missing."""
    sections = [section for make in SECTIONS if can(request.user, (section := make()).right)]
    missing = [section for section in sections if not section.is_done]
    context = {"sections": sections, "missing": missing, "done": len(sections) - len(missing)}
    return render(request, "desk/settings/index.html", context)


def _programme() -> Section:
    held = programme_at(timezone.now())
    said = []
    if held.rial_per_point:
        said.append(_("هر %(money)s یک امتیاز") % {"money": money_unit(held.rial_per_point)})
    if held.points_per_visit:
        each = ngettext("هر خرید %(points)s امتیاز", "هر خرید %(points)s امتیاز", held.points_per_visit)
        said.append(each % {"points": number(held.points_per_visit)})
    if held.credit_bp:
        said.append(_("%(rate)s اعتبار") % {"rate": percent(held.credit_bp)})
    return Section(
        "desk:settings_programme",
        "manage_programme",
        "coins",
        _("برنامهٔ باشگاه"),
        listed(said) or _("خرید نه امتیاز می‌دهد و نه اعتبار"),
        ProgrammeVersion.objects.exists(),
        _("بگویید هر خرید چه می‌دهد."),
    )


def _tiers() -> Section:
    names = [tier.name for tier in sorted(tiers(), key=lambda one: one.rank)]
    return Section(
        "desk:settings_tiers",
        "manage_programme",
        "medal",
        _("سطح‌ها"),
        listed(names) or _("بی سطح"),
    )


def _referrals() -> Section:
    terms = terms_at(timezone.now())
    said = _("%(percent)s هر خرید دوست") if terms.every_purchase else _("%(percent)s نخستین خرید دوست")
    return Section(
        "desk:settings_referrals",
        "manage_programme",
        "share-2",
        _("پاداش معرفی"),
        said % {"percent": percent(terms.percent_bp)} if terms.is_on else _("خاموش"),
    )


def _messages() -> Section:
    chosen, now = account(), timezone.now()
    sends = chosen.can_send
    stopped = trouble(now=now)
    shown = chosen.gateway_name == SmsSettings.Gateway.CONSOLE
    not_sent = _("پیامک تنها نمایش داده می‌شود") if shown else _("هنوز کلید سرویس‌دهنده نیست و پیامکی نمی‌رود")
    said = _("پیامک می‌رود") if sends else not_sent
    return Section(
        "desk:settings_messages",
        "manage_sms",
        "message-square",
        _("پیامک‌ها"),
        (stopped.stopped or said) if stopped else said,
        sends and stopped is None,
        _("کلید و خط سرویس‌دهنده را بنویسید و یک پیامک آزمایشی بفرستید."),
    )


def _look() -> Section:
    club = current_club()
    return Section(
        "desk:settings_look",
        "manage_club",
        "palette",
        _("نام و رنگ"),
        club.name if club.logo_digest else _("%(club)s، هنوز بی لوگو") % {"club": club.name},
        bool(club.logo_digest),
        _("لوگو را بگذارید و رنگ را برگزینید."),
    )


def _contact() -> Section:
    club = current_club()
    ways = [_("واتساپ")] * bool(club.whatsapp) + [_("تلگرام")] * bool(club.telegram)
    ways += [_("اینستاگرام")] * bool(club.instagram) + [_("تلفن")] * bool(club.phone)
    return Section(
        "desk:settings_contact",
        "manage_club",
        "phone",
        _("رسید و تماس"),
        listed(ways) or _("هنوز راهی برای تماس نیست"),
        bool(club.phone and club.address),
        _("نشانی و تلفنی که روی رسید می‌آید."),
    )


def _fields() -> Section:
    labels = [field.label for field in every_field() if field.is_active]
    return Section(
        "desk:settings_fields",
        "manage_programme",
        "list-plus",
        _("فیلدهای عضو"),
        listed(labels) or _("تنها نام و موبایل"),
    )


def _groups() -> Section:
    names = list(in_catalogue(Group).order_by("name").values_list("name", flat=True)[:SHOWN])
    said = listed(names) or _("همهٔ کالاها مانند هم")
    return Section("desk:settings_groups", "manage_catalogue", "package", _("گروه‌های کالا"), said)


def _products() -> Section:
    count = in_catalogue(Product).filter(is_active=True).count()
    said = _("%(count)s کالا") % {"count": number(count)} if count else _("فروش با مبلغ، بی نام کالا")
    return Section("desk:settings_products", "manage_catalogue", "shopping-bag", _("کالاها"), said)


def _branches() -> Section:
    names = list(in_catalogue(Branch).filter(is_active=True).order_by("name").values_list("name", flat=True)[:SHOWN])
    said = listed(names) or _("یک جا، بی شعبه")
    return Section("desk:settings_branches", "manage_catalogue", "map-pin", _("شعبه‌ها"), said)


def _joining() -> Section:
    said = str(Club.Joining(current_club().joining).label)
    return Section("desk:join", "manage_joining", "qr-code", _("عضوگیری"), said)


def _rules() -> Section:
    held = rules_in_force(timezone.now())
    said = _("نسخهٔ %(number)s") % {"number": number(held.number)} if held else _("هنوز نوشته نشده")
    todo = _("قوانین باشگاه را بنویسید و منتشر کنید.")
    return Section("desk:rules", "manage_joining", "file-text", _("قوانین باشگاه"), said, held is not None, todo)


def _staff() -> Section:
    people = StaffRole.objects.filter(is_active=True).values("user_id").distinct().count()
    said = _("%(count)s نفر") % {"count": number(people)}
    todo = _("صندوق‌دارها و مدیرها را با شماره موبایل دعوت کنید.")
    return Section("desk:staff", "manage_staff", "id-card", _("کارکنان"), said, people > 1, todo)


SECTIONS: tuple[Callable[[], Section], ...] = (
    *(_programme, _referrals, _tiers, _groups, _products, _branches, _staff),
    *(_fields, _joining, _rules, _messages, _look, _contact),
)
