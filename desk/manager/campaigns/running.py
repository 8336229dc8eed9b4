"""A campaign that was sent: how far it is, what became of it and what it brought; stopping it and going on with it."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from core.errors import AppError, NotFound, Text
from core.money import BP
from core.tables.writing import Column
from core.templatetags.club_ui import number, percent
from crm.campaigns import states
from crm.campaigns.drafting import get_campaign
from crm.campaigns.models import Campaign, CampaignMember
from crm.campaigns.previewing import words_for
from crm.campaigns.running import go_on, stop
from crm.campaigns.selectors import READ, SHOWN, Figures, Line, figures_of, lines_of
from desk.files import file_links, list_file
from desk.manager.campaigns.views import TONES, edit
from desk.manager.offers.effects import told
from desk.manager.record import actors
from desk.manager.settings.sample import sample_member
from reports.campaigns import CampaignEffect, campaign_effect
from reports.effect.statistics import Difference
from sms import models as sms
from sms.provider_codes import explain

Status = Campaign.Status


STATES: dict[str, Text] = {**dict(sms.Status.choices), READ: gettext_lazy("خوانده"), SHOWN: gettext_lazy("نخوانده")}


def _outcome(line: Line) -> str:
    return str(CampaignMember.Outcome(line.outcome).label)


def _state(line: Line) -> str:
    return str(STATES.get(line.status, ""))


COLUMNS = (
    Column(gettext_lazy("عضو"), attrgetter("name")),
    Column(gettext_lazy("موبایل"), attrgetter("phone")),
    Column(gettext_lazy("نتیجه"), _outcome),
    Column(gettext_lazy("وضعیت پیام"), _state),
    Column(gettext_lazy("دلیل"), attrgetter("reason")),
    Column(gettext_lazy("زمان"), attrgetter("at"), "moment"),
)


@never_cache
@staff_required("send_campaigns")
@require_http_methods(["GET", "HEAD", "POST"])
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """A draft to be changed; of one that was sent how far it is and what it brought."""
    one = get_campaign(campaign_id)
    if one.status == Status.DRAFT:
        return edit(request, one)
    now = timezone.now()
    context = {
        **_shown(one),
        "files": file_links(request, "desk:campaign_file", one.pk),
        **_brought(campaign_effect(one, now=now)),
        "by": actors([one.actor]).get(one.actor, ""),
    }
    return render(request, "desk/campaigns/one.html", context)


@never_cache
@staff_required("send_campaigns")
@require_safe
def campaign_progress(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """How far it is, again and again; the page anew when it is over."""
    one = get_campaign(campaign_id)
    shown = _shown(one)
    answer = render(request, "desk/campaigns/_progress.html", shown)
    if not shown["is_active"]:
        answer["HX-Refresh"] = "true"
    return answer


@staff_required("send_campaigns")
@require_POST
def campaign_move(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Stop it, or go on with it."""
    now, actor, act = timezone.now(), actor_of(request.user), request.POST.get("act")
    one = get_campaign(campaign_id)
    try:
        if act == "stop":
            said = _stopped(stop(one.pk, actor=actor, now=now))
        elif act == "go_on":
            go_on(one.pk, actor=actor, now=now)
            said = _("ادامه می‌یابد.")
        else:
            raise NotFound
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, said)
    return redirect("desk:campaign", one.pk)


def _stopped(cancelled: int) -> str:
    if not cancelled:
        return _("متوقف شد.")
    said = ngettext("متوقف شد؛ %(count)s پیام نرفت.", "متوقف شد؛ %(count)s پیام نرفت.", cancelled)
    return said % {"count": number(cancelled)}


@never_cache
@staff_required("send_campaigns")
@require_safe
def campaign_file(request: HttpRequest, campaign_id: int, form: str) -> HttpResponseBase:
    """Every member of it, with what became of the message, as a file."""
    one = get_campaign(campaign_id)
    asked = {"campaign": str(one.pk)}
    name = f"campaigns-{one.pk}"
    return list_file(request, COLUMNS, lines_of(one.pk), form=form, title=one.name, name=name, asked=asked)


def _shown(one: Campaign) -> dict[str, Any]:
    figures = figures_of([one.pk]).get(one.pk, Figures())
    is_writing = one.status in states.ACTIVE
    is_sending = one.status == Status.DONE and figures.queued > 0
    return {
        "campaign": one,
        "words": _words(one),
        "tone": TONES[Status(one.status)],
        "figures": figures,
        "reasons": [(_reason(code), count) for code, count in figures.reasons.items()],
        "is_active": is_writing or is_sending,
        "is_writing": is_writing,
        "gone": figures.written - figures.queued,
        "may_stop": is_writing or is_sending or one.status == Status.SCHEDULED,
        "may_go_on": one.status in states.MAY_GO_ON,
    }


def _words(one: Campaign) -> str:
    """The text as the newest buyer would read it; as it was written where there is nobody."""
    reader = sample_member()
    words = words_for(one, [reader], now=timezone.now()) if reader else []
    return words[0].words if words else one.text


def _reason(code: str) -> str:
    """Why a message did not arrive."""
    if code in CampaignMember.Outcome.values:
        return str(CampaignMember.Outcome(code).label)
    return explain(code) or code


def _brought(found: CampaignEffect | None) -> dict[str, Any]:
    """What it brought, in words: the two groups, and how sure the difference is."""
    if found is None:
        return {"effect": None}
    sides = [(_("پیام گرفتند"), found.sent), *([(_("گروه شاهد"), found.control)] if found.control else [])]
    said = [told(found.each)] if found.each else []
    if found.share:
        said.append(_shares(found.share))
    if not said:
        said.append(_too_little(found))
    return {
        "effect": found,
        "sides": [(label, side, percent(round(side.share * BP))) for label, side in sides],
        "answers": said,
    }


def _shares(found: Difference) -> str:
    said = {name: _points(value) for name, value in (("each", found.each), ("low", found.low), ("high", found.high))}
    if found.is_clear:
        return _("سهم خریداران %(each)s واحد درصد فرق کرد؛ با اطمینان ۹۵٪ میان %(low)s و %(high)s.") % said
    return _("در سهم خریداران تفاوت روشنی نیست: با اطمینان ۹۵٪ میان %(low)s و %(high)s واحد درصد.") % said


def _points(share: float) -> str:
    """Hundredths as a number with its sign."""
    shown = percent(round(abs(share) * BP)).removesuffix("٪").removesuffix("%")
    return f"\u2066{'−' if share < 0 else '+'}{shown}\u2069"


def _too_little(found: CampaignEffect) -> str:
    if found.control is None:
        return _("گروه شاهد نداشت؛ این ثابت نمی‌کند که خریدها از پیام بوده است.")
    if found.lack and found.lack.members:
        return _("هنوز داده کافی نیست: گروه کوچک‌تر باید بزرگ‌تر باشد.")
    return _("هنوز داده کافی نیست؛ چند روز دیگر نگاه کنید.")
