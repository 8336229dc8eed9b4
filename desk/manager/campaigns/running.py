"""A campaign that was sent: how far it is, what became of it and what it brought; stopping it and going on with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
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
from crm.campaigns.drafting import bring_back, get_campaign, may_come_back
from crm.campaigns.figuring import kept_figures
from crm.campaigns.models import Campaign, CampaignMember
from crm.campaigns.previewing import subjects_for, words_for
from crm.campaigns.running import go_on, stop
from crm.campaigns.selectors import READ, SHOWN, WITHDRAWN, Line, lines_of
from crm.campaigns.withdrawing import withdraw
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
STATES[WITHDRAWN] = gettext_lazy("نخوانده پس گرفته شد")


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
        **_words(one),
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
    """Stop it, go on with it, make a draft of it again, or take its notices back."""
    one, act = get_campaign(campaign_id), ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise NotFound
    try:
        said = act(one.pk, actor_of(request.user), timezone.now())
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, said)
    return redirect("desk:campaign", one.pk)


def _stop(campaign_id: int, actor: str, now: datetime) -> str:
    return _stopped(stop(campaign_id, actor=actor, now=now))


def _go_on(campaign_id: int, actor: str, now: datetime) -> str:
    go_on(campaign_id, actor=actor, now=now)
    return _("ادامه می‌یابد.")


def _to_draft(campaign_id: int, actor: str, now: datetime) -> str:
    bring_back(campaign_id, actor=actor, now=now)
    return _("به پیش‌نویس برگشت؛ تا تأیید نکنید چیزی فرستاده نمی‌شود.")


def _withdraw(campaign_id: int, actor: str, now: datetime) -> str:
    withdraw(campaign_id, actor=actor, now=now)
    return _("پس گرفته شد و از پنل‌ها برداشته می‌شود.")


ACTS: dict[str, Callable[[int, str, datetime], str]] = {
    "stop": _stop,
    "go_on": _go_on,
    "to_draft": _to_draft,
    "withdraw": _withdraw,
}


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
    figures = kept_figures([one], now=timezone.now())[one.pk]
    is_writing = one.status in states.ACTIVE
    is_notice = one.channel == Campaign.Channel.PANEL
    is_sending = one.status == Status.DONE and figures.queued > 0
    return {
        "campaign": one,
        "tone": TONES[Status(one.status)],
        "figures": figures,
        "reasons": [(_reason(code), count) for code, count in figures.reasons.items()],
        "is_active": is_writing or is_sending,
        "is_writing": is_writing,
        "gone": figures.written - figures.queued,
        "may_stop": is_writing or is_sending or one.status == Status.SCHEDULED,
        "may_go_on": states.may("go_on", one.status) and not one.withdrawn_at,
        "may_come_back": may_come_back(one),
        "may_withdraw": is_notice and states.may("withdraw", one.status) and not one.withdrawn_at,
    }


def _words(one: Campaign) -> dict[str, str]:
    """The text and its subject as the newest buyer would read them; as they were written where there is nobody."""
    reader = sample_member()
    now = timezone.now()
    words = words_for(one, [reader], now=now) if reader else []
    subjects = subjects_for(one, [reader], now=now) if reader else [one.subject]
    return {"words": words[0].words if words else one.text, "subject": subjects[0]}


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
