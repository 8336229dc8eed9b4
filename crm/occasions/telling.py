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


def tell_gifts(handed: Sequence[Handed]) -> None:
    """Tell each member what was given, in one insert: points, credit, the first code with its last day, goods."""
    codes = {one.effect.item[0] for each in handed for one in each.gift.given if one.effect.item}
    names = names_of(codes) if codes else {}
    letters = [_letter(one, names) for one in handed if one.gift.member.phone]
    outbox.enqueue_many("gift_given", letters)


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


def wish(members: Sequence[Member]) -> None:
    """The wish on the birthday to each, in one insert."""
    letters = [
        outbox.Letter(
            member.phone or "", {"name": member.first_name, **in_language_of(member)}, member.pk, f"member:{member.pk}"
        )
        for member in members
        if member.phone
    ]
    outbox.enqueue_many("birthday", letters)
