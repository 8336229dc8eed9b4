"""The SMS about gifts that came without a purchase, and the wish on the birthday and the anniversary."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from club.awards.gifts import Handed
from club.catalogue.selectors import names_of
from club.members.known import Known
from club.members.models import Member
from club.members.reaching import in_language_of
from core.jalali import last_day
from core.tenancy.scope import club_zone
from crm.occasions.greeted import note_told
from sms import outbox
from sms.selectors import sayable

Said = Mapping[int, Mapping[str, Any]]
NOTHING: Said = {}
MORNING = time(9)


def tell_gifts(handed: Sequence[Handed]) -> None:
    """Tell each member what was given, in one insert: points, credit, the first code with its last day, goods."""
    names = _names(handed)
    outbox.enqueue_many("gift_given", [_letter(one, names) for one in handed if one.gift.member.phone])


def _names(handed: Sequence[Handed]) -> dict[str, str]:
    """What the goods are called that are given."""
    codes = {one.effect.item[0] for each in handed for one in each.gift.given if one.effect.item}
    return names_of(codes) if codes else {}


def _letter(handed: Handed, names: dict[str, str]) -> outbox.Letter:
    member, things = handed.gift.member, handed.things
    code = next(iter(things.coupons.items()), None)
    ends_at = things.coupon_ends.get(code[0]) if code else None
    points = sum(handed.points)
    items = [one.effect.item for one in handed.gift.given if one.effect.item]
    context: dict[str, Any] = {
        "name": member.first_name,
        "offers": [one.offer.terms.name for one in handed.gift.given],
        "points": points,
        "credit": handed.credit,
        "code": code[1] if code else "",
        "expires": last_day(ends_at, club_zone()).isoformat() if ends_at else "",
        "free_items": [[names.get(product, product), quantity] for product, quantity in items],
        "points_balance": handed.gift.book.points.balance,
        "credit_balance": handed.gift.book.credit.balance,
        "unsaid": [*([] if points else ["points"]), *([] if handed.credit else ["credit"])],
        **in_language_of(member),
    }
    return outbox.Letter(member.phone or "", context, member.id, handed.gift.document)


def wish(kind: str, members: Sequence[Known], handed: Sequence[Handed], said: Said = NOTHING) -> None:
    """The wish of the day to each of the members, with what they were handed; others hear of their gift alone.

    `said`: by member, what else the words may say.

    Two messages only where the club wants them apart: its own words of the wish name no gift, or it sends one of the
    two and not the other.
    """
    sent = sayable(kind, "gift_given")
    together = "offers" in sent.get(kind, ()) and "gift_given" in sent
    wished = {member.id for member in members if together}
    gifts = {one.gift.member.id: one for one in handed if one.gift.member.id in wished}
    names = _names(list(gifts.values()))
    letters = [_wish(one, gifts.get(one.id), names, said.get(one.id, {})) for one in members if one.phone]
    outbox.enqueue_many(kind, letters)
    tell_gifts([one for one in handed if one.gift.member.id not in wished])


def tell_risen(member_id: int, tier: str, *, key: str, now: datetime) -> None:
    """Tell the member of the new tier, once by the key, and not at night."""
    member = Member.objects.filter(pk=member_id, status=Member.Status.ACTIVE, phone__isnull=False).first()
    if member is None or not sayable("tier_up") or not note_told([(member.id, key)]):
        return
    context = {"name": member.first_name, "tier": tier, **in_language_of(member)}
    letter = outbox.Letter(member.phone or "", context, member.id, f"member:{member.id}")
    zone = ZoneInfo(club_zone())
    morning = datetime.combine(now.astimezone(zone).date(), MORNING, zone)
    outbox.enqueue_many("tier_up", [letter], not_before=morning if now < morning else None)


def _wish(member: Known, handed: Handed | None, names: dict[str, str], said: Mapping[str, Any]) -> outbox.Letter:
    if handed:
        letter = _letter(handed, names)
        return replace(letter, context={**letter.context, **said})
    context = {"name": member.first_name, **said, **in_language_of(member)}
    return outbox.Letter(member.phone or "", context, member.id, f"member:{member.id}")
