"""Two records of one person made one: value, purchases, figures and identity, after a preview, and never undone."""

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.awards.giving import hand_over_awards
from club.gift_cards.changing import hand_over_cards
from club.ledger.idling import follow_purchases
from club.ledger.merging import lock_both, move_value
from club.ledger.models import Wallet
from club.ledger.posting import LotMove
from club.ledger.selectors import open_lots
from club.members import merging as records
from club.members.models import Member, TierChange
from club.members.selectors import get_member
from club.missions.services import hand_over_wins
from club.purchases.holding import hold_purchases
from club.purchases.models import Purchase
from club.tiers.changing import Change, end_graces, note_changes
from club.tiers.ladder import Step, after_gain
from club.tiers.selectors import ladder
from core import audit, events
from core.errors import Conflict, NotFound, ValidationFailed
from core.idempotency import once
from sms import outbox


@dataclass(frozen=True)
class Merged:
    """What a merge moved from the one member (`source`) to the one left (`into`), by unit, and how many purchases."""

    source: int
    into: int
    moved: dict[str, int]
    purchases: int
    replayed: bool = False

    def dump(self) -> str:
        """What is stored with the key."""
        kept = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "replayed"}
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "Merged":
        """The stored answer of the first request."""
        return cls(**json.loads(text), replayed=True)


@dataclass(frozen=True)
class MergePreview:
    """What a merge would do: by unit what moves and what there is afterwards, and by field what becomes of the person.

    `taken` is what the one left takes over, `left` what of the other is given up, `tier` the code of the tier then
    held, `lots` what moves with its dates.
    """

    source: Member
    into: Member
    moved: dict[str, int]
    after: dict[str, int]
    purchases: int
    taken: dict[str, Any] = field(default_factory=dict)
    left: dict[str, Any] = field(default_factory=dict)
    tier: str = ""
    lots: tuple[LotMove, ...] = ()


def preview_merge(source_id: int, into_id: int) -> MergePreview:
    """What `merge_members` would do now; nothing is locked or written. Raises as it does."""
    source, into = _both({row.pk: row for row in (get_member(source_id), get_member(into_id))}, source_id, into_id)
    held = _balances(source_id), _balances(into_id)
    return MergePreview(
        source=source,
        into=into,
        moved=held[0],
        after={unit: amount + held[0][unit] for unit, amount in held[1].items()},
        purchases=Purchase.objects.filter(member=source).aggregate(n=Count("pk"))["n"],
        taken=records.taken_over(source, into),
        left=records.differing(source, into),
        tier=_tier_together(source, into),
        lots=open_lots(source_id, timezone.now()),
    )


def _tier_together(source: Member, into: Member) -> str:
    """The code of the tier of both together, as `_lift` will find it when their figures are one."""
    at = timezone.now()
    pairs = zip(ladder(into.pk, at), ladder(source.pk, at), strict=True)
    steps = [replace(step, reached=step.reached + other.reached) for step, other in pairs]
    return _held_by(steps, (source.tier_code, source.tier_floor), (into.tier_code, into.tier_floor))[0]


def merge_members(source_id: int, into_id: int, *, actor: str, key: str, now: datetime) -> Merged:
    """Let the member `into` take over everything of `source`, once.

    Lots move whole with their dates, debts as debts; purchases, figures, tags, custom fields and referrals follow, and
    card, phone, external id and referral link of `source` find `into`. Raises NotFound, ValidationFailed for a member
    with oneself, Conflict where one of them was erased or merged before; then nothing has been written.
    """
    named = hashlib.sha256(json.dumps(["merge", source_id, into_id]).encode()).hexdigest()
    with transaction.atomic(durable=True):
        claim = once(key, fingerprint=named)
        if claim.answer is not None:
            return Merged.load(claim.answer)
        merged = merge_inside(source_id, into_id, actor=actor, now=now)
        claim.keep(merged.dump())
        return merged


def merge_inside(source_id: int, into_id: int, *, actor: str, now: datetime) -> Merged:
    """`merge_members` inside a transaction of the caller, who sees to it that it is done once."""
    _both({row.pk: row for row in (get_member(source_id), get_member(into_id))}, source_id, into_id)
    # In the order of a refund; then, in a later statement, what both records are.
    book_of_source, book_of_into = hold_purchases([source_id], lambda: lock_both(source_id, into_id))
    source, into = _both(records.lock_records(source_id, into_id), source_id, into_id)
    document = f"merge:{source_id}"
    moved = move_value(book_of_source, book_of_into, document=document, at=now, actor=actor)
    purchases = Purchase.objects.filter(member=source).update(member=into, updated_at=Now())
    hand_over_awards(source_id, into_id)
    hand_over_cards(source_id, into_id)
    hand_over_wins(source_id, into_id)
    end_graces([source_id], at=now)
    held = (source.tier_code, source.tier_floor), (into.tier_code, into.tier_floor)
    before = {name: getattr(into, name) for name in records.taken_over(source, into)}
    taken = records.take_over(source, into)
    follow_purchases([into_id], at=now)
    _lift(into, *held, document=document, at=now)
    outbox.hand_over(source_id, into_id)
    facts = {"source": source_id, "moved": moved, "purchases": purchases}
    events.emit("member.merged", document=document, member_id=into_id, occurred_at=now, data=facts)
    for member_id in (source_id, into_id):
        audit.record(
            "member.merge",
            actor=actor,
            target=f"member:{member_id}",
            before=records.plain(before),
            after={**facts, "into": into_id, **records.plain(taken)},
        )
    return Merged(source=source_id, into=into_id, moved=moved, purchases=purchases)


def _both(found: dict[int, Member], source_id: int, into_id: int) -> tuple[Member, Member]:
    if source_id == into_id:
        raise ValidationFailed({"into": [_("عضو را با خودش نمی‌شود یکی کرد.")]})
    if found.keys() != {source_id, into_id}:
        raise NotFound
    if any(member.status == Member.Status.ERASED for member in found.values()):
        raise Conflict(_("یکی از این دو عضو پیش‌تر پاک یا با عضو دیگری یکی شده است."))
    return found[source_id], found[into_id]


def _lift(
    into: Member, source_held: tuple[str, str], into_held: tuple[str, str], *, document: str, at: datetime
) -> None:
    """The tier that the joined figures reach, and never below what one of the two held or was promised."""
    tier, floor = _held_by(ladder(into.pk, at), source_held, into_held)
    Member.objects.filter(pk=into.pk).update(tier_code=tier, tier_floor=floor)
    if tier == into_held[0]:
        return
    if tier == source_held[0]:  # the person held it before, and heard of it and was given for it then
        TierChange.objects.create(member=into, from_code=into_held[0], to_code=tier, document=document, at=at)
    else:
        note_changes([Change(into.pk, into_held[0], tier, document, at)])


def _held_by(steps: list[Step], source_held: tuple[str, str], into_held: tuple[str, str]) -> tuple[str, str]:
    """Tier and floor, of figures that are those of both."""
    rank = {step.code: step.rank for step in steps}

    def higher(*codes: str) -> str:
        return max(codes, key=lambda code: rank.get(code, -1))

    floor = higher(into_held[1], source_held[1])
    return after_gain(steps, higher(into_held[0], source_held[0]), floor) if steps else into_held[0], floor


def _balances(member_id: int) -> dict[str, int]:
    return dict(Wallet.objects.filter(member=member_id).order_by("pk").values_list("unit", "balance"))
