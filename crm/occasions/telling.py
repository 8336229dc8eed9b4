"""The SMS about gifts that came without a purchase, and the wish on the birthday."""

from collections.abc import Sequence
from typing import Any

from club.awards.gifts import Handed
from club.catalogue.selectors import names_of
from club.members.models import Member
from club.members.reaching import in_language_of
from core.jalali import last_day
from core.tenancy.scope import club_zone
from sms import outbox
from sms.selectors import sayable


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
    return outbox.Letter(member.phone or "", context, member.pk, handed.gift.document)


def wish(members: Sequence[Member], handed: Sequence[Handed]) -> None:
    """The wish on the birthday to each of the members, with what they were handed; others hear of their gift alone.

    Two messages only where the club wants them apart: its own words of the wish name no gift, or it sends one of the
    two and not the other.
    """
    said = sayable("birthday", "gift_given")
    together = "offers" in said.get("birthday", ()) and "gift_given" in said
    wished = {member.pk for member in members if together}
    gifts = {one.gift.member.pk: one for one in handed if one.gift.member.pk in wished}
    names = _names(list(gifts.values()))
    letters = [_wish(member, gifts.get(member.pk), names) for member in members if member.phone]
    outbox.enqueue_many("birthday", letters)
    tell_gifts([one for one in handed if one.gift.member.pk not in wished])


def _wish(member: Member, handed: Handed | None, names: dict[str, str]) -> outbox.Letter:
    if handed:
        return _letter(handed, names)
    context = {"name": member.first_name, **in_language_of(member)}
    return outbox.Letter(member.phone or "", context, member.pk, f"member:{member.pk}")
