"""Campaigns for managers: the list, building one with what it comes to, and asking once before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from core.errors import AppError, NotFound
from core.idempotency import new_key
from core.keyset import every
from core.tables.writing import Column
from core.text import clean_name, whole_number
from crm.campaigns.announcing import announce
from crm.campaigns.drafting import create_draft, delete_draft, fingerprint, get_campaign, update_draft
from crm.campaigns.figuring import kept_figures
from crm.campaigns.models import Campaign
from crm.campaigns.previewing import findings_of, forecast, subjects_for, words_for
from crm.campaigns.running import send
from crm.campaigns.selectors import Figures, campaigns
from crm.campaigns.wording import KIND, faults
from desk.files import file_links, list_file
from desk.manager.campaigns.forms import CampaignForm
from desk.manager.record import named
from desk.manager.settings.messages import PLACEHOLDERS
from desk.manager.settings.sample import sample_member
from sms.selectors import price_of_part
from sms.templates import shown

SHOWN, CHUNK = 20, 200
Status = Campaign.Status
TONES = {
    Status.DRAFT: "tag-saffron",
    Status.SCHEDULED: "tag-info",
    Status.WAITING: "tag-info",
    Status.RUNNING: "tag-info",
    Status.STOPPED: "tag-bad",
    Status.FAILED: "tag-bad",
    Status.DONE: "tag-ok",
}


@dataclass(frozen=True)
class Listed:
    """A campaign as a row of the list."""

    campaign: Campaign
    figures: Figures
    actor_name: str

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return TONES[Status(self.campaign.status)]


COLUMNS = (
    Column(gettext_lazy("نام"), lambda row: row.campaign.name),
    Column(gettext_lazy("وضعیت"), lambda row: row.campaign.get_status_display()),
    Column(gettext_lazy("کانال"), lambda row: row.campaign.get_channel_display()),
    Column(gettext_lazy("ساخته‌شده"), lambda row: row.campaign.created_at, "moment"),
    Column(gettext_lazy("آغاز"), lambda row: row.campaign.began_at, "moment"),
    Column(gettext_lazy("چه کسی"), attrgetter("actor_name")),
    Column(gettext_lazy("نوشته‌شده"), lambda row: row.figures.written, "number"),
    Column(gettext_lazy("فرستاده‌شده"), lambda row: row.figures.left, "number"),
    Column(gettext_lazy("رسیده"), lambda row: row.figures.delivered, "number"),
    Column(gettext_lazy("نرسیده"), lambda row: row.figures.failed, "number"),
    Column(gettext_lazy("گروه شاهد"), lambda row: row.figures.control, "number"),
    Column(gettext_lazy("هزینه"), lambda row: row.figures.cost, "money"),
)


@never_cache
@staff_required("send_campaigns")
@require_safe
def campaign_list(request: HttpRequest) -> HttpResponseBase:
    """Every campaign with its state and what became of its messages, the newest first."""
    before = whole_number(request.GET.get("before", ""))
    found = campaigns(SHOWN + 1, before=before)
    context = {
        "rows": listed(found[:SHOWN]),
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "is_first": before is None,
        "files": file_links(request, "desk:campaigns_file"),
    }
    return render(request, "desk/campaigns/list.html", context)


@never_cache
@staff_required("send_campaigns")
@require_safe
def campaigns_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same as a file."""
    rows = every(lambda before: listed(campaigns(CHUNK, before=before)), lambda row: row.campaign.pk)
    return list_file(request, COLUMNS, rows, form=form, title=_("کارزارها"), name="campaigns")


@never_cache
@staff_required("send_campaigns")
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_new(request: HttpRequest) -> HttpResponse:
    """A campaign to be made, to the segment that the address may name."""
    form = CampaignForm(request.POST or None, segment_id=whole_number(request.GET.get("segment", "")))
    if request.POST.get("act") in ("save", "check") and form.is_valid():
        try:
            made = create_draft(form.values(), actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            return _kept(request, made)
    return _builder(request, form, None)


def edit(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """A draft to be changed."""
    form = CampaignForm(request.POST or None, campaign=campaign)
    if request.POST.get("act") in ("save", "check") and form.is_valid():
        try:
            kept = update_draft(campaign.pk, form.values(), actor=actor_of(request.user))
        except NotFound:
            raise
        except AppError as refused:
            form.refuse(refused)
        else:
            return _kept(request, kept)
    return _builder(request, form, campaign)


def _kept(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    if request.POST.get("act") == "check":
        return redirect("desk:campaign_check", campaign.pk)
    messages.success(request, _("پیش‌نویس «%(name)s» ثبت شد.") % {"name": campaign.name})
    return redirect("desk:campaign", campaign.pk)


def _builder(request: HttpRequest, form: CampaignForm, campaign: Campaign | None) -> HttpResponse:
    context = {
        **_seen(form),
        "form": form,
        "campaign": campaign,
        "heading": campaign.name if campaign else _("کارزار تازه"),
        "placeholders": [(shown([name]), PLACEHOLDERS.get(name, name)) for name in KIND.known],
    }
    return render(request, "desk/campaigns/builder.html", context, status=422 if form.errors else 200)


@staff_required("send_campaigns")
@require_POST
def campaign_preview(request: HttpRequest) -> HttpResponse:
    """The phone beside the form, following what is typed; nothing is kept."""
    return render(request, "desk/campaigns/_preview.html", _seen(CampaignForm(request.POST)))


def _seen(form: CampaignForm) -> dict[str, Any]:
    """What the typed text comes to for a real member, with its parts, price and what is found in it."""
    now = timezone.now()
    reader, gives = sample_member(), str(form["gives"].value() or "")
    text = str(form["text"].value() or "").replace("\r\n", "\n")
    if reader is None:
        return {"seen": None, "reader": None, "faults": faults(text, gives)}
    amount = form[gives].value() if gives in ("points", "credit") else 0
    channel = str(form["channel"].value() or "")
    drawn = Campaign(
        text=text,
        subject=clean_name(str(form["subject"].value() or "")),
        channel=channel,
        gives=gives,
        amount=amount if isinstance(amount, int) else _whole(form, gives),
    )
    drawn.valid_days = 14 if gives == Campaign.Gives.COUPON else None
    words = words_for(drawn, [reader], now=now)
    seen = words[0] if words else None
    price = price_of_part(now)
    return {
        "seen": seen,
        "subject": subjects_for(drawn, [reader], now=now)[0],
        "reader": reader,
        "cost": price * seen.parts if seen and seen.parts and price is not None else None,
        "faults": [] if seen else faults(text, gives),
        "findings": findings_of(drawn, words),
    }


def _whole(form: CampaignForm, name: str) -> int:
    """The figure that is typed, 0 while it cannot be read."""
    try:
        return int(form.fields[name].clean(form[name].value()) or 0)
    except (KeyError, ValueError, TypeError):
        return 0
    except Exception:  # what is half typed is no figure yet
        return 0


@never_cache
@staff_required("send_campaigns")
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_check(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask once, with how many get it and why others do not, three of the messages, parts and cost; then it is sent."""
    campaign, error = get_campaign(campaign_id), ""
    if campaign.status != Status.DRAFT and request.method != "POST":
        return redirect("desk:campaign", campaign.pk)
    now = timezone.now()
    if request.method == "POST":
        key, seen = request.POST.get("key", ""), request.POST.get("seen", "")
        try:
            sent = send(campaign.pk, key=key[:64], seen=seen, actor=actor_of(request.user), now=now)
        except NotFound:
            raise
        except AppError as refused:
            error = " ".join(map(str, refused.texts))
            campaign = get_campaign(campaign_id)
        else:
            if sent.status == Status.SCHEDULED:
                messages.success(request, _("زمان‌بندی شد؛ تا آن وقت می‌توانید آن را بایستانید یا به پیش‌نویس برگردانید."))
            return redirect("desk:campaign", campaign.pk)
    found = forecast(campaign, now=now)
    context = {
        "campaign": campaign,
        "forecast": found,
        "problems": [str(text) for texts in found.problems.values() for text in texts],
        "findings": found.findings,
        "key": new_key(),
        "seen": fingerprint(campaign),
        "error": error,
    }
    return render(request, "desk/campaigns/check.html", context, status=422 if error else 200)


@staff_required("send_campaigns")
@require_POST
def campaign_delete(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Throw a draft away."""
    try:
        delete_draft(campaign_id, actor=actor_of(request.user))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, refused.detail)
        return redirect("desk:campaign", campaign_id)
    messages.success(request, _("پیش‌نویس پاک شد."))
    return redirect("desk:campaigns")


@staff_required("send_campaigns")
@require_POST
def offer_announce(request: HttpRequest, offer_id: int) -> HttpResponse:
    """A draft that tells of an offer."""
    made = announce(offer_id, actor=actor_of(request.user), now=timezone.now())
    messages.success(request, _("پیش‌نویس خبر آماده شد؛ متن را ببینید و بفرستید."))
    return redirect("desk:campaign", made.pk)


def listed(found: list[Campaign]) -> list[Listed]:
    """The campaigns with their figures and who made them: a query or two for all."""
    figures = kept_figures(found, now=timezone.now())
    rows = named(found)
    return [Listed(one, figures[one.pk], getattr(one, "actor_name", "")) for one in rows]
