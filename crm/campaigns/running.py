"""Campaigns on their way: sent or scheduled, stopped, gone on with, and worked through behind the page.

What a batch writes, and how far the audience is done, are one transaction: of two workers only one writes, and one that
dies in the middle is followed by another behind the last batch.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from celery import Task
from django.db import connection, transaction
from django.db.models import DateTimeField, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from core import audit, events, runs
from core.errors import AppError, Conflict, Text
from core.tenancy.scope import current_club, current_club_id
from crm.campaigns import states
from crm.campaigns.audience import audience_of
from crm.campaigns.drafting import check_ready, fingerprint, get_campaign, open_gift, problems
from crm.campaigns.models import Campaign, ContactPolicy
from crm.campaigns.writing import write_batch
from crm.mail import outbox as mails
from crm.mail.models import WAITING as WAITING_MAILS
from crm.mail.models import Mail
from crm.notices.services import notify_staff
from sms.models import OutboxMessage
from sms.models import Status as Sms
from sms.outbox import poke_after_commit

Status = Campaign.Status
BATCH, BATCH_WITH_VALUE = 1_000, 200
CHUNK, AT_ONCE = 2_000, 5
"""Messages cancelled in one statement, and such statements in a request; the worker does what is left."""
STOPPED_BY_HAND = "stopped"
LOOKED_AFTER = timedelta(hours=72)
"""For so long the sweep looks whether a stopped campaign has messages that came back from the dispatcher."""
NO_CREDIT: Text = _("اعتبار پنل پیامک تمام شد. شارژ کنید و سپس «ادامه» را بزنید.")
CHANGED: Text = _("وضعیت این کارزار در این میان عوض شده است؛ صفحه را تازه کنید.")


def send(campaign_id: int, *, key: str, seen: str, actor: str, now: datetime) -> Campaign:
    """Send the draft, now or at its time; sent again under its key it is the same sending.

    `seen` is the fingerprint of what the page showed: a draft that somebody changed since is not sent. Raises NotFound,
    Conflict, ValidationFailed where it is not ready; then nothing was written.
    """
    with transaction.atomic(durable=True):
        campaign = get_campaign(campaign_id, lock=True)
        if campaign.key == key and campaign.status != Status.DRAFT:
            return campaign
        if not states.may("send", campaign.status) or (key and campaign.key == key):
            raise Conflict(CHANGED)
        if fingerprint(campaign) != seen:
            raise Conflict(_("کسی در این میان این کارزار را عوض کرده است؛ دوباره نگاه کنید و بفرستید."))
        check_ready(campaign, now=now)
        is_later = campaign.starts_at is not None and campaign.starts_at > now
        campaign.status = Status.SCHEDULED if is_later else Status.WAITING
        campaign.key, campaign.actor = key, actor
        campaign.grant = open_gift(campaign, actor=actor, now=now)
        campaign.asked = audience_of(campaign).count()
        campaign.save(update_fields=["status", "key", "actor", "grant", "asked", "updated_at"])
        said = {"name": campaign.name, "channel": campaign.channel, "count": campaign.asked}
        if is_later and campaign.starts_at:
            said["starts_at"] = campaign.starts_at.isoformat()
        audit.record("campaign.send", actor=actor, target=campaign.document, before={}, after=said)
        if not is_later:
            wake_later()
    return campaign


def stop(campaign_id: int, *, actor: str, now: datetime) -> int:
    """Stop after the batch that is under way, and cancel what has not left; how many messages that was.

    Raises NotFound, Conflict where nothing is left to stop.
    """
    with transaction.atomic(durable=True):
        return _stop(get_campaign(campaign_id, lock=True), actor=actor, error="", now=now)


def _stop(campaign: Campaign, *, actor: str, error: str, now: datetime) -> int:
    if not states.may("stop", campaign.status):
        raise Conflict(CHANGED)
    cancelled = _cancel(campaign, now, most=AT_ONCE)
    if campaign.status == Status.DONE and not cancelled:
        raise Conflict(_("همهٔ پیام‌های این کارزار رفته‌اند؛ چیزی برای ایستاندن نمانده است."))
    wake_later()
    campaign.status, campaign.error, campaign.stopped_at = Status.STOPPED, error, now
    campaign.figured_at = None
    campaign.save(update_fields=["status", "error", "stopped_at", "figured_at", "updated_at"])
    noted = {"name": campaign.name, "count": cancelled}
    audit.record("campaign.stop", actor=actor, target=campaign.document, before={}, after=noted)
    return cancelled


def go_on(campaign_id: int, *, actor: str, now: datetime) -> None:
    """Go on behind what is done, what was cancelled first: the worker queues it anew. Raises NotFound, Conflict."""
    with transaction.atomic(durable=True):
        campaign = get_campaign(campaign_id, lock=True)
        if not states.may("go_on", campaign.status) or campaign.withdrawn_at:
            raise Conflict(CHANGED)
        later = campaign.began_at is None and campaign.starts_at is not None and campaign.starts_at > now
        campaign.status = Status.SCHEDULED if later else Status.WAITING
        campaign.error, campaign.deaths, campaign.finished_at, campaign.figured_at = "", 0, None, None
        campaign.save(update_fields=["status", "error", "deaths", "finished_at", "figured_at", "updated_at"])
        noted = {"name": campaign.name}
        audit.record("campaign.go_on", actor=actor, target=campaign.document, before={}, after=noted)
        wake_later()


@transaction.atomic
def stop_for_credit(*, now: datetime) -> int:
    """The provider has no credit left for us: every campaign under way stops until somebody goes on with it."""
    stopped = 0
    rows = Campaign.objects.select_for_update(of=("self",)).order_by("pk")
    with translation.override(current_club().language):
        for campaign in rows.filter(status__in=[*states.ACTIVE, Status.DONE], channel=Campaign.Channel.SMS):
            if campaign.status == Status.DONE and not has_waiting(campaign):
                continue
            _stop(campaign, actor="system", error=str(NO_CREDIT), now=now)
            told = {"name": campaign.name}
            events.emit("campaign.out_of_credit", document=campaign.document, occurred_at=now, data=told)
            said = _("کارزار «%(name)s» ایستاد: اعتبار پنل پیامک تمام شد.") % told
            once, link = f"{campaign.document}:{int(now.timestamp())}", f"/desk/campaigns/{campaign.pk}/"
            notify_staff(said, document=once, now=now, right="send_campaigns", link=link)
            stopped += 1
    return stopped


def has_waiting(campaign: Campaign) -> bool:
    """Whether messages of it have not left yet."""
    if campaign.channel == Campaign.Channel.EMAIL:
        return bool(Mail.objects.filter(document=campaign.document, status__in=WAITING_MAILS).exists())
    if campaign.channel == Campaign.Channel.PANEL:
        return False
    ids = campaign.members.exclude(message_id=None).values("message_id")
    return bool(OutboxMessage.objects.filter(pk__in=ids, status__in=(Sms.QUEUED, Sms.SENDING)).exists())


def _cancel(campaign: Campaign, now: datetime, *, most: int | None = None) -> int:
    """Messages that nobody has in hand do not leave; how many. A notice is on the panel as soon as it is written.

    Looks at so many at most; the sweep looks at all of a stopped campaign.
    """
    if campaign.channel == Campaign.Channel.EMAIL:
        return mails.cancel(campaign.document)
    if campaign.channel == Campaign.Channel.PANEL:
        return 0
    return sum(_move_on(CANCEL, ids, now) for ids in islice(_messages(campaign), most))


def _cancel_what_came_back(campaign: Campaign, now: datetime) -> None:
    """What the dispatcher had in hand as the campaign was stopped does not leave, unless it is gone on with by now."""
    if not has_waiting(campaign):
        return
    chunks = iter([[]]) if campaign.channel == Campaign.Channel.EMAIL else _messages(campaign)
    for ids in chunks:
        with transaction.atomic():
            stopped = Campaign.objects.filter(pk=campaign.pk, status=Status.STOPPED)
            if not stopped.select_for_update().exists():
                return
            if campaign.channel == Campaign.Channel.EMAIL:
                mails.cancel(campaign.document)
            else:
                _move_on(CANCEL, ids, now)


def _messages(campaign: Campaign) -> Iterator[list[int]]:
    """The ids of its messages, so many at a time: no statement takes long, however large the campaign is."""
    rows = campaign.members.exclude(message_id=None).order_by("member")
    after = 0
    while chunk := list(rows.filter(member__gt=after).values_list("member", "message_id")[:CHUNK]):
        yield [message for _member, message in chunk if message is not None]
        after = chunk[-1][0]


def _move_on(sql: str, ids: list[int], now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"club": current_club_id(), "ids": ids, "stopped": STOPPED_BY_HAND, "now": now})
        return int(cursor.rowcount)


def wake_later() -> None:
    """Let a worker begin as soon as this transaction is done."""
    runs.wake_later(_task)


def _task() -> "Task[Any, Any]":
    from crm.campaigns.tasks import send_out

    return send_out


# --- the worker's side ------------------------------------------------------------------------------------------------


def waiting(now: datetime) -> Q:
    """Which campaigns wait, are due by now, or were left by a worker that is gone."""
    return runs.waiting() | Q(status=Status.SCHEDULED, starts_at__lte=now)


def to_look_after(now: datetime) -> Q:
    """Which were stopped lately: what the dispatcher had in hand then may have come back."""
    return Q(status=Status.STOPPED, stopped_at__gt=now - LOOKED_AFTER)


def work(*, now: datetime) -> str:
    """Do what waits in this club, one after another; what became of it, in a word."""
    for campaign in Campaign.objects.filter(to_look_after(now)):
        _cancel_what_came_back(campaign, now)
    told = []
    while taken := claim(now):
        with translation.override(current_club().language):
            told.append(_do(taken, now))
    return "; ".join(told) or "nothing to send"


def claim(now: datetime) -> Campaign | None:
    """The campaign to do, ours from now on."""
    began = Coalesce(F("began_at"), now, output_field=DateTimeField())
    return runs.claim(Campaign.objects.filter(waiting(now)), began_at=began)


def _do(campaign: Campaign, now: datetime) -> str:
    if why := _why_not_any_more(campaign, now):
        return why
    try:
        _let_go(campaign, now)
        runs.each_batch(partial(_batch, campaign, now))
    except runs.TakenOver:
        return f"campaign {campaign.pk}: stopped, or another's"
    except AppError as refused:
        runs.end(campaign, Status.FAILED, error=refused.detail[:500], figured_at=None)
        return f"campaign {campaign.pk}: {refused.code}"
    runs.end(campaign, Status.DONE, figured_at=None)
    campaign.refresh_from_db()
    return f"campaign {campaign.pk}: {campaign.done} of the audience done"


def _why_not_any_more(campaign: Campaign, now: datetime) -> str:
    """What has changed since it was sent or stopped, so that it stops and the staff are told; "" where nothing has."""
    found = problems(campaign, now=now)
    if not found:
        return ""
    why = " ".join(str(text) for texts in found.values() for text in texts)[:500]
    runs.end(campaign, Status.STOPPED, error=why, stopped_at=now, figured_at=None)
    told = {"name": campaign.name, "why": why}
    notify_staff(
        _("کارزار «%(name)s» ایستاد: %(why)s") % told,
        document=f"{campaign.document}:{campaign.attempt}",
        now=now,
        right="send_campaigns",
        link=f"/desk/campaigns/{campaign.pk}/",
    )
    return f"campaign {campaign.pk}: {why}"


@transaction.atomic
def _batch(campaign: Campaign, now: datetime) -> bool:
    """The next of the audience; whether there were any. Raises TakenOver, which undoes the batch."""
    held = hold(campaign)
    if held is None:
        raise runs.TakenOver
    lock_policy()
    ids = write_batch(held, size=BATCH_WITH_VALUE if held.grant else BATCH, at=now)
    if not ids:
        return False
    how_far = {"reached": ids[-1], "done": F("done") + len(ids), "heartbeat_at": timezone.now()}
    Campaign.objects.filter(pk=held.pk).update(**how_far)
    return True


def _let_go(campaign: Campaign, now: datetime) -> None:
    """What a stop had cancelled is queued anew. Raises TakenOver."""
    if campaign.channel == Campaign.Channel.EMAIL:
        mails.send_again(campaign.document, now=now)
    elif campaign.channel == Campaign.Channel.SMS:
        for ids in _messages(campaign):
            with transaction.atomic():
                if hold(campaign) is None:
                    raise runs.TakenOver
                if _move_on(AGAIN, ids, now):
                    poke_after_commit()


def hold(campaign: Campaign) -> Campaign | None:
    """The row, locked, while it is ours; None once another worker has it or somebody stopped it."""
    return runs.mine(campaign).select_for_update(of=("self",)).select_related("offer", "grant").first()


def lock_policy() -> None:
    """Of two campaigns under way at once each sees in full what the other has written: no member gets one too many."""
    ContactPolicy.objects.get_or_create()
    ContactPolicy.objects.select_for_update().get()


CANCEL = """
UPDATE sms_outboxmessage SET status = 'skipped', error_code = %(stopped)s, error_text = '', final_at = %(now)s
WHERE club_id = %(club)s AND id = ANY(%(ids)s) AND status = 'queued' AND NOT in_doubt
"""
# Queued anew: their seventy-two hours begin now.
AGAIN = """
UPDATE sms_outboxmessage SET status = 'queued', error_code = '', final_at = NULL, attempts = 0, created_at = %(now)s,
    next_attempt_at = %(now)s
WHERE club_id = %(club)s AND id = ANY(%(ids)s) AND status = 'skipped' AND error_code = %(stopped)s
"""
