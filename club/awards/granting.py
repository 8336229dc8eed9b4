"""A reward, or a gift of its own name, given to a list of members: a voucher to each, once, with its SMS."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.awards.redeeming import worth_of
from club.members.holding import hold_members
from club.members.models import Member
from club.members.reaching import in_language_of
from club.programme.selectors import programme_at
from club.rewards.models import Grant, Reward
from club.rewards.selectors import get_reward
from club.rewards.vouchers import Voucher, hand_out, take_stock
from core import audit, events
from core.errors import Conflict, Text, ValidationFailed
from core.idempotency import check_key
from core.jalali import last_day
from core.tenancy.scope import club_zone
from core.text import clean_name
from offers.made import AT_ONCE
from sms import outbox

MOST_AT_ONCE = 5_000


@dataclass(frozen=True)
class GrantOrder:
    """What is given: a reward by its code, or a thing of this name; until the end of the day so many days on.

    `key`: what is sent twice under one is one grant.
    """

    key: str
    reward: str = ""
    name: str = ""
    valid_days: int | None = None


def grant_to(order: GrantOrder, member_ids: Collection[int], *, actor: str, now: datetime) -> tuple[Grant, int]:
    """Give each of these members a voucher, those who have one of this grant left out; how many got one now.

    Blocked and erased members get none. Raises NotFound, ValidationFailed, RewardOutOfStock where there is not one for
    each; then nobody got any.
    """
    check_key(order.key)
    reward = get_reward(order.reward) if order.reward else None
    _check(order, reward, len(member_ids))
    with transaction.atomic(durable=True):
        name = reward.name if reward else clean_name(order.name)
        named = {"reward": reward, "name": name}
        known, _made = Grant.objects.get_or_create(key=order.key, defaults={**named, "actor": actor})
        grant = Grant.objects.select_for_update().get(pk=known.pk)  # of two that are sent at once the second waits
        if (grant.reward_id, grant.name) != (reward.pk if reward else None, name):
            raise Conflict(_("این فرم پیش‌تر با هدیهٔ دیگری فرستاده شده است؛ صفحه را تازه کنید."))
        members = [one for one in hold_members(member_ids) if one.status == Member.Status.ACTIVE]
        worth = worth_of(reward, programme_at(now)) if reward else 0
        voucher = Voucher(
            reward=reward,
            name=name,
            points=0,
            worth=worth,
            at=now,
            actor=actor,
            valid_days=order.valid_days,
            grant=grant.pk,
        )
        made = hand_out(voucher, [member.pk for member in members])
        if reward and made:
            take_stock(reward, len(made))
        grant.asked, grant.given = len(member_ids), grant.given + len(made)
        grant.save(update_fields=["asked", "given"])
        _tell([member for member in members if member.pk in made], voucher, made)
        noted = {"name": name, "count": len(made)}
        target = f"reward:{reward.pk}" if reward else f"grant:{grant.pk}"
        audit.record("reward.grant", actor=actor, target=target, before={}, after=noted)
    return grant, len(made)


def _check(order: GrantOrder, reward: Reward | None, count: int) -> None:
    errors: dict[str, list[Text]] = {}
    if reward is None and not clean_name(order.name):
        errors["name"] = [_("جایزه را برگزینید، یا نام هدیه را بنویسید.")]
    if len(order.name) > 100:
        errors["name"] = [_("نام هدیه تا ۱۰۰ نویسه است.")]
    if reward and reward.benefit and reward.benefit["kind"] in AT_ONCE:
        errors["reward"] = [_("این جایزه همان دم داده می‌شود و کوپن ندارد؛ برای فهرست، جایزه‌ای دیگر برگزینید.")]
    if not count:
        errors["members"] = [_("عضوی در این فهرست نیست.")]
    elif count > MOST_AT_ONCE:
        errors["members"] = [_("هر بار تا ۵٬۰۰۰ عضو؛ فهرست را کوتاه‌تر کنید.")]
    if errors:
        raise ValidationFailed(errors)


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
