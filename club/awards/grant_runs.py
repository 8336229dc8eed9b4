"""Gifts to lists, worked through behind the page: a batch at a time from a row that outlives its worker.

What a batch gives, that it was given, and how far the list is done are one transaction: of two workers only one writes,
and one that dies in the middle is followed by another behind the last batch.
"""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from club.awards.granting import Status, give_batch, target_of, undo_batch, wake_later
from club.rewards.models import Grant, GrantMember
from core import audit, runs
from core.errors import AppError, Conflict, NotFound
from core.tenancy.scope import current_club

BATCH = 200
ACTIVE = (Status.WAITING, Status.RUNNING)


def get_grant(grant_id: int) -> Grant:
    """The gift to a list; NotFound for an unknown id, another club's too."""
    grant = Grant.objects.select_related("reward").filter(pk=grant_id).first() if 0 < grant_id < 2**63 else None
    if grant is None:
        raise NotFound
    return grant


def grants(limit: int, *, before: int | None = None) -> list[Grant]:
    """The newest first."""
    rows = Grant.objects.order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def stop(grant_id: int, *, actor: str) -> None:
    """Stop after the batch that is under way. Raises NotFound, Conflict where nothing runs."""
    _move(grant_id, ACTIVE, actor=actor, action="reward.grant_stop", status=Status.STOPPED)


def go_on(grant_id: int, *, actor: str) -> None:
    """Go on behind what is done. Raises NotFound, Conflict where it was not stopped."""
    allowed = (Status.STOPPED, Status.FAILED)
    _move(grant_id, allowed, actor=actor, action="reward.grant_go_on", status=Status.WAITING, error="", deaths=0)


def undo(grant_id: int, *, actor: str) -> None:
    """Take back from everybody what was not used yet. Raises NotFound, Conflict while it runs or was undone."""
    if get_grant(grant_id).undoing:
        raise Conflict(_("این هدیه پیش‌تر پس گرفته شده است."))
    allowed = (Status.STOPPED, Status.FAILED, Status.DONE)
    changes = {
        "undoing": True,
        "undone_by": actor,
        "reached": 0,
        "done": 0,
        "error": "",
        "deaths": 0,
        "finished_at": None,
    }
    _move(grant_id, allowed, actor=actor, action="reward.grant_undo", status=Status.WAITING, **changes)


def _move(grant_id: int, allowed: tuple[str, ...], *, actor: str, action: str, **changes: object) -> None:
    with transaction.atomic():
        grant = get_grant(grant_id)
        if not Grant.objects.filter(pk=grant_id, status__in=allowed).update(**changes):
            raise Conflict(_("وضعیت این هدیه در این میان عوض شده است؛ صفحه را تازه کنید."))
        noted = {"name": grant.name, "given": grant.given}
        audit.record(action, actor=actor, target=target_of(grant), before={}, after=noted)
        wake_later()


# --- the worker's side ------------------------------------------------------------------------------------------------


def work(*, now: datetime) -> str:
    """Do what waits in this club, one after another; what became of it, in a word."""
    told = []
    while grant := runs.claim(Grant.objects.filter(runs.waiting())):
        with translation.override(current_club().language):
            told.append(_do(grant, now))
    return "; ".join(told) or "nothing to give"


def _do(grant: Grant, now: datetime) -> str:
    try:
        runs.each_batch(partial(_batch, grant, now))
    except runs.TakenOver:
        return f"grant {grant.pk}: stopped, or another's"
    except AppError as refused:
        runs.end(grant, Status.STOPPED, error=refused.detail[:500])
        return f"grant {grant.pk}: {refused.code}"
    runs.end(grant, Status.DONE)
    grant.refresh_from_db()
    return f"grant {grant.pk}: {grant.given} given, {grant.undone} taken back"


@transaction.atomic
def _batch(grant: Grant, now: datetime) -> bool:
    """The next of the list; whether there were any. Raises TakenOver, which undoes the batch."""
    held = runs.mine(grant).select_for_update(of=("self",)).select_related("reward").first()
    if held is None:
        raise runs.TakenOver
    rows = list(GrantMember.objects.filter(grant=held, member__gt=held.reached).order_by("member")[:BATCH])
    if not rows:
        return False
    if held.undoing:
        changed = {"undone": F("undone") + undo_batch(held, rows, actor=held.undone_by, at=now)}
    else:
        changed = {"given": F("given") + give_batch(held, rows, at=now)}
    how_far = {"reached": rows[-1].member_id, "done": F("done") + len(rows), "heartbeat_at": timezone.now()}
    Grant.objects.filter(pk=held.pk).update(**how_far, **changed)
    return True
