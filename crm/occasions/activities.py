"""Activities: what members did beyond buying, noted by staff or by a program, and their types."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from club.members.selectors import member_by_phone
from club.members.services import MemberBlocked
from core import audit
from core.errors import Conflict, NotFound, ValidationFailed
from core.idempotency import once
from core.language import listed
from core.moments import is_ahead
from core.phones import normalise_phone
from core.text import clean_name
from crm.occasions.answering import Call, Happening, answer
from crm.occasions.models import ActivityType, Occasion
from crm.occasions.telling import tell_gifts
from offers.live import current_live_offers
from offers.vocabulary import EVENT

CODE = re.compile(r"[A-Za-z0-9_]{1,40}")
MOST_TOLD = 4_000
"""So many characters of properties, as JSON."""


@dataclass(frozen=True)
class Activity:
    """A member, by id or by phone, did something of a type, at a moment; `properties` are kept as they are.

    `quiet` sends no message (history).
    """

    member: int | str
    type: str
    occurred_at: datetime | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    quiet: bool = False

    def fingerprint(self) -> str:
        """The same for the same request."""
        return hashlib.sha256(json.dumps(["activity", *asdict(self).values()], default=str).encode()).hexdigest()


@dataclass(frozen=True)
class ActivityReceipt:
    """What came of it: what was given, what became of every other offer, and the balances then."""

    id: int
    awards: list[dict[str, Any]]
    considered: list[dict[str, Any]]
    balances: dict[str, int]
    replayed: bool = False

    def dump(self) -> str:
        """What is stored with the key, and answered."""
        kept = {name: value for name, value in asdict(self).items() if name != "replayed"}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "ActivityReceipt":
        """The stored answer of the first request."""
        return cls(**json.loads(text), replayed=True)


def record_activity(activity: Activity, *, actor: str, key: str, now: datetime) -> ActivityReceipt:
    """Note that a member did something, once, and give what the offers on it give.

    Raises ValidationFailed by field (an unknown type names those there are), NotFound, MemberBlocked; then nothing
    has been written.
    """
    _check(activity, now)
    with transaction.atomic(durable=True):
        claim = once(key, fingerprint=activity.fingerprint())
        if claim.answer is not None:
            return ActivityReceipt.load(claim.answer)
        receipt = _record(activity, f"{EVENT}{claim.row_id}", actor=actor, now=now)
        claim.keep(receipt.dump())
        return receipt


def _check(activity: Activity, now: datetime) -> None:
    at = activity.occurred_at
    if at is not None and (at.tzinfo is None or is_ahead(at, now)):
        raise ValidationFailed({"occurred_at": [_("زمان فعالیت در آینده است.")]})
    if len(activity.note) > 200:
        raise ValidationFailed({"note": [_("یادداشت بلندتر از ۲۰۰ نویسه است.")]})
    if len(json.dumps(activity.properties, ensure_ascii=False, default=str)) > MOST_TOLD:
        raise ValidationFailed({"properties": [_("ویژگی‌ها بلندتر از اندازه است.")]})


def _record(activity: Activity, key: str, *, actor: str, now: datetime) -> ActivityReceipt:
    at = activity.occurred_at or now
    member = _member(activity.member)
    _check_type(activity.type)
    live = current_live_offers().at(at)
    tell = None if activity.quiet else tell_gifts
    call = Call(f"{EVENT}{activity.type}", at, actor, live, always=True, tell=tell, with_misses=True)
    happening = Happening(member.pk, key, activity.properties, clean_name(activity.note))
    answers = answer(call, [happening])
    if not answers or answers[0].occasion is None:
        raise NotFound  # blocked, merged or erased while we waited
    occasion, book = answers[0].occasion, answers[0].book
    audit.record(
        "activity.record",
        actor=actor,
        target=f"member:{member.pk}",
        before={},
        after={"activity": activity.type, "occasion": occasion.pk},
    )
    return ActivityReceipt(
        occasion.pk,
        occasion.awards,
        occasion.considered,
        {"points": book.points.balance, "credit": book.credit.balance},
    )


def _check_type(code: str) -> None:
    known = dict(ActivityType.objects.filter(is_active=True).values_list("code", "name"))
    if code not in known:
        text = _("چنین نوعی از فعالیت نیست؛ نوع‌های باشگاه: %(types)s")
        types = listed(sorted(known)) or "—"
        raise ValidationFailed({"type": [str(text) % {"types": types}]})


def _member(named: int | str) -> Member:
    """The member, or who took the record over."""
    if isinstance(named, str):
        member = member_by_phone(normalise_phone(named))
    else:
        member = Member.objects.filter(pk=named).first() if 0 < named < 2**63 else None
    if member is not None and member.merged_into_id:
        member = Member.objects.filter(pk=member.merged_into_id).first()
    if member is None or member.status == Member.Status.ERASED:
        raise NotFound
    if member.status == Member.Status.BLOCKED:
        raise MemberBlocked
    return member


@transaction.atomic
def add_type(*, code: str, name: str, actor: str) -> ActivityType:
    """A type of activity that offers can be made on. Raises ValidationFailed by field, Conflict for a code taken."""
    if not CODE.fullmatch(code):
        raise ValidationFailed({"code": [_("کد از حروف لاتین، رقم و _ است؛ تا ۴۰ نویسه.")]})
    try:
        with transaction.atomic():
            made: ActivityType = ActivityType.objects.create(code=code, name=_name(name))
    except IntegrityError as error:
        raise Conflict(_("این کد پیش‌تر به کار رفته است."), field="code") from error
    audit.record("activity_type.create", actor=actor, target=_target(made), before={}, after=_said(made))
    return made


@transaction.atomic
def change_type(type_id: int, *, name: str, is_active: bool, actor: str) -> ActivityType:
    """Call it otherwise, or use it no more; its code stays, as offers name it. Raises NotFound, ValidationFailed."""
    made = get_type(type_id, lock=True)
    before = _said(made)
    made.name, made.is_active = _name(name), is_active
    if _said(made) != before:
        made.save(update_fields=["name", "is_active"])
        audit.record("activity_type.update", actor=actor, target=_target(made), before=before, after=_said(made))
    return made


def get_type(type_id: int, *, lock: bool = False) -> ActivityType:
    """The type; NotFound for an unknown id (another club's too)."""
    rows = ActivityType.objects.select_for_update() if lock else ActivityType.objects
    found: ActivityType | None = rows.filter(pk=type_id).first() if 0 < type_id < 2**63 else None
    if found is None:
        raise NotFound
    return found


def get_occasion(occasion_id: int) -> Occasion:
    """The occasion with its member; NotFound for an unknown id (another club's too)."""
    rows = Occasion.objects.select_related("member")
    found: Occasion | None = rows.filter(pk=occasion_id).first() if 0 < occasion_id < 2**63 else None
    if found is None:
        raise NotFound
    return found


def _name(name: str) -> str:
    cleaned = clean_name(name)
    if not 0 < len(cleaned) <= 60:
        raise ValidationFailed({"name": [_("نام را بنویسید؛ تا ۶۰ نویسه.")]})
    return cleaned


def _said(made: ActivityType) -> dict[str, Any]:
    return {"code": made.code, "name": made.name, "is_active": made.is_active}


def _target(made: ActivityType) -> str:
    return f"activity_type:{made.pk}"
