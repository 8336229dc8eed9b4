"""A reward, a gift of its own name, points or credit given to a list of members: what is asked for, and each its turn.

The list is kept as rows and worked through by `grant_runs`, a batch at a time, each batch in one transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import Task
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from club.awards.gifts import Gift, give, given_by, take_back
from club.awards.giving import reserve
from club.awards.naming import known_codes
from club.awards.redeeming import cancel_redemption, worth_of
from club.awards.valuing import valuation
from club.ledger.book import Book, load_lots, lock_books, write_books
from club.members.holding import hold_members
from club.members.models import Member
from club.members.reaching import in_language_of
from club.programme.selectors import programme_at
from club.programme.validity import usable_span
from club.rewards.errors import RewardOutOfStock
from club.rewards.models import Grant, GrantMember, Redemption, Reward
from club.rewards.selectors import get_reward
from club.rewards.vouchers import Voucher, hand_out, take_stock
from core import audit, events, runs
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.idempotency import check_key
from core.jalali import last_day
from core.reading import MOST_RIAL
from core.tenancy.scope import club_zone, current_club_id
from core.text import clean_name
from offers.made import AT_ONCE, make_offer
from offers.models import Offer
from offers.parsing import parse
from offers.rules import LiveOffer
from sms import outbox

Gives, Status, Outcome = Grant.Gives, Grant.Status, GrantMember.Outcome
BENEFITS = {
    Gives.POINTS: lambda amount: {"kind": "points_amount", "points": amount},
    Gives.CREDIT: lambda amount: {"kind": "credit_amount", "amount": amount},
}


@dataclass(frozen=True)
class GrantOrder:
    """What is given: a reward by its code, a thing of this name until the end of the day so many days on, or value.

    `key`: what is sent twice under one is one grant. Value needs a `reason`.
    """

    key: str
    reward: str = ""
    name: str = ""
    valid_days: int | None = None
    gives: str = Gives.VOUCHER
    amount: int = 0
    reason: str = ""


def start_grant(order: GrantOrder, members: Collection[int], *, actor: str, now: datetime) -> Grant:
    """Keep the list and put it in the queue; sent again under its key it is the same grant.

    Raises NotFound, ValidationFailed, RewardOutOfStock where there is not one for each; then nothing was written.
    """
    check_key(order.key)
    reward = get_reward(order.reward) if order.reward and order.gives == Gives.VOUCHER else None
    count = len(set(members))
    _check(order, reward, count)
    with transaction.atomic(durable=True):
        named = {"reward": reward, "name": _name(order, reward), "gives": order.gives, "amount": order.amount}
        made = {**named, "reason": clean_name(order.reason), "valid_days": order.valid_days, "actor": actor}
        grant, is_new = Grant.objects.get_or_create(key=order.key, defaults={**made, "status": Status.WAITING})
        if any(getattr(grant, name) != value for name, value in named.items()):
            raise Conflict(_("این فرم پیش‌تر با هدیهٔ دیگری فرستاده شده است؛ صفحه را تازه کنید."))
        if not is_new:
            return grant
        if reward and reward.left is not None and reward.left < count:
            raise RewardOutOfStock(reward=reward.name)
        if order.gives in BENEFITS:
            benefit = BENEFITS[Gives(order.gives)](order.amount)
            for_gift = Offer.MadeFor.REWARD
            offer = make_offer(grant.name, benefit, made_for=for_gift, known=known_codes(), actor=actor, now=now)
            grant.offer = offer
        grant.asked = _list(grant, members)
        grant.save(update_fields=["asked", "offer"])
        noted = {"name": grant.name, "count": grant.asked}
        noted |= {} if grant.gives == Gives.VOUCHER else {grant.gives: grant.amount}
        audit.record("reward.grant", actor=actor, target=target_of(grant), before={}, after=noted | _why(grant))
        wake_later()
    return grant


@transaction.atomic
def open_grant(order: GrantOrder, *, actor: str, now: datetime) -> Grant:
    """A gift of points or credit without a list: whom it is for is added by `grant_more`. One for a key.

    Nothing is told of it by SMS: who opens it does that. Raises ValidationFailed by field.
    """
    check_key(order.key)
    _check(order, None, 1)
    benefit = BENEFITS[Gives(order.gives)](order.amount)
    name = _name(order, None)
    made = {"name": name, "gives": order.gives, "amount": order.amount, "reason": clean_name(order.reason)}
    grant, is_new = Grant.objects.get_or_create(
        key=order.key, defaults={**made, "actor": actor, "status": Status.DONE, "finished_at": now}
    )
    if is_new:
        for_gift = Offer.MadeFor.REWARD
        grant.offer = make_offer(name, benefit, made_for=for_gift, known=known_codes(), actor=actor, now=now)
        grant.save(update_fields=["offer"])
    return grant


def grant_more(grant: Grant, members: Collection[int], *, at: datetime) -> int:
    """Give these members the gift in the running transaction, whoever has it already nothing; how many got it."""
    known = set(GrantMember.objects.filter(grant=grant, member__in=members).values_list("member", flat=True))
    added = _list(grant, [member for member in members if member not in known])
    rows = list(GrantMember.objects.filter(grant=grant, member__in=set(members) - known).order_by("member"))
    given = give_batch(grant, rows, at=at, tell=False)
    counted = {"asked": F("asked") + added, "done": F("done") + added, "given": F("given") + given}
    Grant.objects.filter(pk=grant.pk).update(**counted)
    return given


def wake_later() -> None:
    """Let a worker begin as soon as this transaction is done."""
    runs.wake_later(_task)


def _task() -> "Task[Any, Any]":
    from club.awards.tasks import give_out

    return give_out


def target_of(grant: Grant) -> str:
    """What the audit calls it."""
    return f"grant:{grant.pk}"


def _why(grant: Grant) -> dict[str, str]:
    return {"reason": grant.reason} if grant.reason else {}


def _name(order: GrantOrder, reward: Reward | None) -> str:
    if order.gives != Gives.VOUCHER:
        return clean_name(order.reason)[:100]
    return reward.name if reward else clean_name(order.name)


def _list(grant: Grant, members: Collection[int]) -> int:
    """Write the list in one statement; how many there are on it."""
    with connection.cursor() as cursor:
        cursor.execute(LIST, [current_club_id(), grant.pk, sorted(set(members))])
        return int(cursor.rowcount)


LIST = """
INSERT INTO rewards_grantmember (club_id, grant_id, member_id, outcome) SELECT %s, %s, id, '' FROM unnest(%s) AS m(id)
"""


def _check(order: GrantOrder, reward: Reward | None, count: int) -> None:
    errors: dict[str, list[Text]] = {}
    if order.gives == Gives.VOUCHER:
        if reward is None and not clean_name(order.name):
            errors["name"] = [_("جایزه را برگزینید، یا نام هدیه را بنویسید.")]
        if len(order.name) > 100:
            errors["name"] = [_("نام هدیه تا ۱۰۰ نویسه است.")]
        if reward and reward.benefit and reward.benefit["kind"] in AT_ONCE:
            errors["reward"] = [_("این جایزه همان دم داده می‌شود و کوپن ندارد؛ برای فهرست، جایزه‌ای دیگر برگزینید.")]
    else:
        if not 0 < order.amount <= MOST_RIAL:
            errors["amount"] = [_("بنویسید به هر نفر چقدر داده شود.")]
        if not 0 < len(clean_name(order.reason)) <= 200:
            errors["reason"] = [_("دلیل را بنویسید؛ تا ۲۰۰ نویسه.")]
    if not count:
        errors["members"] = [_("عضوی در این فهرست نیست.")]
    if errors:
        raise ValidationFailed(errors)


# --- a batch, in a transaction of the worker ------------------------------------------------------------------------


def give_batch(grant: Grant, rows: Sequence[GrantMember], *, at: datetime, tell: bool = True) -> int:
    """Give each of these rows its gift, blocked and erased members none; how many got one. `tell`: with an SMS to each.

    A record that was merged meanwhile stands for the one left, unless that is on the list itself. Raises
    RewardOutOfStock.
    """
    given = _vouchers(grant, rows, at) if grant.gives == Gives.VOUCHER else _value(grant, rows, at, tell=tell)
    ids = [row.pk for row in rows]
    GrantMember.objects.filter(pk__in=ids).update(outcome=Outcome.LEFT_OUT)
    GrantMember.objects.filter(pk__in=given).update(outcome=Outcome.GIVEN)
    return len(given)


def _receivers(grant: Grant, rows: Sequence[GrantMember]) -> dict[int, GrantMember]:
    """By the member who is to have it now."""
    left = _left(rows)
    others = GrantMember.objects.filter(grant=grant, member__in=left.values()) if left else GrantMember.objects.none()
    listed = set(others.values_list("member", flat=True))
    whom: dict[int, GrantMember] = {}
    for row in rows:
        member = left.get(row.member_id, row.member_id)
        if member == row.member_id or member not in listed:
            whom.setdefault(member, row)
    return whom


def _left(rows: Sequence[GrantMember]) -> dict[int, int]:
    """Of those that were merged into others, whom they are now."""
    ids = [row.member_id for row in rows]
    merged = Member.objects.filter(pk__in=ids, merged_into__isnull=False)
    return {source: into for source, into in merged.values_list("pk", "merged_into") if into is not None}


def _active(ids: Iterable[int]) -> list[Member]:
    return list(Member.objects.filter(pk__in=ids, status=Member.Status.ACTIVE).order_by("pk"))


def _vouchers(grant: Grant, rows: Sequence[GrantMember], at: datetime) -> list[int]:
    hold_members([row.member_id for row in rows])
    whom = _receivers(grant, rows)  # after they were held: nobody is merged in between
    hold_members(list(whom))
    members = _active(whom)
    reward = grant.reward
    worth = worth_of(reward, programme_at(at)) if reward else 0
    voucher = Voucher(
        reward=reward,
        name=grant.name,
        points=0,
        worth=worth,
        at=at,
        actor=grant.actor,
        valid_days=grant.valid_days,
        grant=grant.pk,
    )
    made = hand_out(voucher, [member.pk for member in members])
    if reward and made:
        take_stock(reward, len(made))
    _tell([member for member in members if member.pk in made], voucher, made)
    return [whom[member].pk for member in made]


def _tell(members: list[Member], voucher: Voucher, made: dict[int, tuple[int, str]]) -> None:
    """An SMS and an event for each."""
    ends_at = voucher.expires_at
    last = last_day(ends_at, club_zone()).isoformat() if ends_at else ""
    letters, happened = [], []
    for member in members:
        number, code = made[member.pk]
        document = f"redemption:{number}"
        said = {"name": voucher.name, "points": 0}
        happened.append(events.Happened(document, voucher.at, member.pk, said))
        if member.phone:
            context = {"name": member.first_name, "reward": voucher.name, "code": code, "expires": last}
            letters.append(outbox.Letter(member.phone, {**context, **in_language_of(member)}, member.pk, document))
    events.emit_many("reward.granted", happened)
    outbox.enqueue_many("reward_granted", letters)


def _value(grant: Grant, rows: Sequence[GrantMember], at: datetime, *, tell: bool) -> list[int]:
    books = lock_books(sorted(_receivers(grant, rows)))
    whom = _receivers(grant, rows)  # after the lock: who was merged while it was waited for is known now
    if others := sorted(whom.keys() - books.keys()):
        books |= lock_books(others)
    members = _active(whom)
    programme, offer = programme_at(at), _offer(grant)
    given = given_by(offer, valuation(programme, [offer]))
    if given is None or not members:
        return []
    gifts = []
    for member in members:
        document = whom[member.pk].document
        reserve([given], {}, member_id=member.pk, document=document, at=at)
        gifts.append(Gift(member, books[member.pk], document, at, [given]))
    give(gifts, programme=programme, actor=grant.actor)
    write_books([gift.book for gift in gifts], actor=grant.actor)
    said = {"name": grant.name, "gives": grant.gives, "amount": grant.amount}
    events.emit_many("value.granted", [events.Happened(gift.document, at, gift.member.id, said) for gift in gifts])
    if grant.gives == Gives.CREDIT and tell:
        end = usable_span("credit", programme, at, club_zone())[1]
        outbox.enqueue_many("credit_granted", [_letter(gift, grant, end) for gift in gifts if gift.member.phone])
    return [whom[member.pk].pk for member in members]


def _offer(grant: Grant) -> LiveOffer:
    row = grant.offer
    if row is None:
        raise NotFound
    return LiveOffer(row.pk, parse(row.terms, zone=club_zone), row.version)


def _letter(gift: Gift, grant: Grant, end: datetime | None) -> outbox.Letter:
    member = gift.member
    context = {
        "name": member.first_name,
        "credit": grant.amount,
        "expires": last_day(end, club_zone()).isoformat() if end else "",
        "credit_balance": gift.book.credit.balance,
        **in_language_of(member),
    }
    return outbox.Letter(member.phone or "", context, member.id, gift.document)


def undo_batch(grant: Grant, rows: Sequence[GrantMember], *, actor: str, at: datetime) -> int:
    """Take back from these rows what was given and not used; how many lost it. What was used stays."""
    given = [row for row in rows if row.outcome == Outcome.GIVEN]
    whose = _left(given)
    owner = {row.pk: whose.get(row.member_id, row.member_id) for row in given}
    books = lock_books(sorted(set(owner.values())))
    take = _cancel if grant.gives == Gives.VOUCHER else _take_value
    undone = [row.pk for row in given if take(grant, row, owner[row.pk], books[owner[row.pk]], actor, at)]
    GrantMember.objects.filter(pk__in=[row.pk for row in given]).update(outcome=Outcome.USED)
    GrantMember.objects.filter(pk__in=undone).update(outcome=Outcome.UNDONE)
    return len(undone)


def _cancel(grant: Grant, row: GrantMember, owner: int, _book: Book, actor: str, at: datetime) -> bool:
    found = Redemption.objects.filter(grant=grant, member__in={owner, row.member_id}).first()
    if found is None or found.state_at(at) != Redemption.Status.ISSUED:
        return False
    cancel_redemption(found.pk, actor=actor, now=at)
    return True


def _take_value(grant: Grant, row: GrantMember, owner: int, book: Book, actor: str, at: datetime) -> bool:
    load_lots(book, also_of=[row.document])
    lots = [lot for lot in book.wallets[grant.gives].lots if lot.document == row.document]
    if not lots or any(lot.remaining < lot.amount for lot in lots):
        return False
    member = Member.objects.get(pk=owner)
    take_back(row.document, member, book, at=at, actor=actor, reason=grant.reason)
    book.write(actor=actor)
    said = {"name": grant.name, "gives": grant.gives, "amount": grant.amount}
    events.emit("value.grant_undone", document=row.document, member_id=owner, occurred_at=at, data=said)
    return True
