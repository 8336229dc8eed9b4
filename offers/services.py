"""Defining offers: drafts, publishing, pausing, ending; each version that was live is kept with its time."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import Conflict, ValidationFailed
from core.tenancy.scope import club_zone, current_club_id
from offers.counters import start_again
from offers.known import Known
from offers.models import Offer, OfferVersion
from offers.parsing import parse
from offers.rules import Terms
from offers.selectors import get_offer, giver_of_codes
from offers.states import DRAFT, ENDED, LIVE, MOVES

LONGEST_AGO = datetime(1970, 1, 1, tzinfo=UTC)
DEFAULTS: dict[str, Any] = {
    "summary": "",
    "goal": "grow",
    "starts_at": None,
    "ends_at": None,
    "when": {},
    "stacking": "best",
    "priority": 0,
    "code_required": False,
    "limits": {},
    "control_percent": 0,
    "message": None,
}


@transaction.atomic
def create_offer(data: dict[str, Any], *, known: Known, actor: str) -> Offer:
    """A draft that says what the JSON of the REST API says. Raises ValidationFailed by the path of each fault."""
    said, terms = checked({**DEFAULTS, **data}, known)
    offer: Offer = Offer.objects.create(terms=said, actor=actor, **columns_of(terms))
    audit.record("offer.create", actor=actor, target=_target(offer), before={}, after=said)
    return offer


@transaction.atomic
def update_offer(offer_id: int, changes: dict[str, Any], *, known: Known, actor: str, now: datetime) -> Offer:
    """Replace each field that is named. What is live says it from now on, as a version of its own.

    Raises NotFound, ValidationFailed by path, Conflict for one that has ended.
    """
    offer = get_offer(offer_id, lock=True)
    if offer.status == ENDED:
        raise Conflict(_("این پیشنهاد پایان یافته است؛ از آن یک رونوشت بسازید."))
    before = offer.terms
    said, terms = checked({**before, **changes}, known)
    if said == before:
        return offer
    for name, value in columns_of(terms).items():
        setattr(offer, name, value)
    if said["limits"] != before.get("limits"):
        start_again(offer.pk)
    offer.terms = said
    if offer.status == LIVE:
        _refuse_past(terms, now)
        _close_version(offer, now)
        _open_version(offer, actor=actor, now=now)
    _save(offer)
    audit.record("offer.update", actor=actor, target=_target(offer), before=before, after=said)
    return offer


@transaction.atomic
def move_offer(offer_id: int, act: str, *, actor: str, now: datetime) -> Offer:
    """Publish, pause or end an offer. Raises NotFound, Conflict where its state does not allow it, ValidationFailed."""
    offer = get_offer(offer_id, lock=True)
    allowed, after = MOVES[act]
    if offer.status not in allowed:
        raise Conflict(_("پیشنهاد در این وضعیت نیست؛ صفحه را تازه کنید."), status=offer.status)
    before, offer.status = offer.status, after
    if after == LIVE:
        _refuse_past(checked(offer.terms, Known())[1], now)
        _open_version(offer, actor=actor, now=now)
    elif before == LIVE:
        _close_version(offer, now)
    _save(offer)
    states = {"status": before}, {"status": after}
    audit.record(f"offer.{act}", actor=actor, target=_target(offer), before=states[0], after=states[1])
    return offer


@transaction.atomic
def delete_draft(offer_id: int, *, actor: str) -> None:
    """Remove an offer that was never published. Raises NotFound, Conflict."""
    offer = get_offer(offer_id, lock=True)
    if offer.status != DRAFT or offer.version or offer.coupons.exists():
        raise Conflict(_("پیشنهادی که منتشر شده یا کد دارد پاک نمی‌شود؛ آن را پایان دهید."))
    if giver := giver_of_codes(offer):
        raise Conflict(_("«%(offer)s» کدهای این پیشنهاد را هدیه می‌دهد یا می‌داد؛ پاک نمی‌شود."), offer=giver.name)
    audit.record("offer.delete", actor=actor, target=_target(offer), before=offer.terms, after={})
    offer.delete()


def checked(data: dict[str, Any], known: Known) -> tuple[dict[str, Any], Terms]:
    """The JSON as it is kept, with moments in full, and its terms. Raises ValidationFailed by path."""
    terms = parse(data, known=known, zone=club_zone)
    moments = {name: _moment(getattr(terms, name)) for name in ("starts_at", "ends_at")}
    limits = {name: value for name, value in vars(terms.limits).items() if value is not None}
    return {**_as_json(data), **moments, "limits": limits}, terms


def _as_json(value: Any) -> Any:
    """What was read, with fractions as JSON has them."""
    if isinstance(value, dict):
        return {name: _as_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _moment(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat() if value else None


def columns_of(terms: Terms) -> dict[str, Any]:
    names = ("name", "trigger", "starts_at", "ends_at", "code_required")
    return {name: getattr(terms, name) for name in names}


def _refuse_past(terms: Terms, now: datetime) -> None:
    if terms.ends_at and terms.ends_at <= now:
        raise ValidationFailed({"ends_at": [_("پایان این پیشنهاد گذشته است؛ تاریخ تازه‌ای بنویسید.")]})


def _open_version(offer: Offer, *, actor: str, now: datetime) -> None:
    """The first one holds from the start that its manager wrote, none is open: a late purchase finds it."""
    since = min(now, offer.starts_at or LONGEST_AGO) if offer.version == 0 else now
    offer.version += 1
    OfferVersion.objects.create(
        offer=offer, number=offer.version, terms=offer.terms, live_from=since, actor=actor, created_at=now
    )
    say_changed()


def _close_version(offer: Offer, now: datetime) -> None:
    OfferVersion.objects.filter(offer=offer, live_until=None).update(live_until=now)
    say_changed()


def _save(offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(
        terms=offer.terms,
        status=offer.status,
        version=offer.version,
        name=offer.name,
        trigger=offer.trigger,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        code_required=offer.code_required,
        updated_at=Now(),
    )


def say_changed() -> None:
    """Say that others are live now. The number is a sequence's: one that was rolled back is never seen again."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, {"club": current_club_id()})


def _target(offer: Offer) -> str:
    return f"offer:{offer.pk}"


CHANGED = """
INSERT INTO offers_offerset (club_id, version)
VALUES (%(club)s, nextval(pg_get_serial_sequence('offers_offerversion', 'id')))
ON CONFLICT (club_id) DO UPDATE SET version = excluded.version
"""
