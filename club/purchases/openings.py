"""What is open to a member: the offers of the next purchase with what is still missing for each, and own codes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.db.models import F, Q

from club.awards.naming import words_of
from club.awards.uses import is_used_up, uses_so_far
from club.programme.named_days import named_days
from club.purchases.decision import TRIGGER
from club.purchases.figures import read_figures
from club.purchases.orders import PurchaseOrder
from club.purchases.reading_facts import read_facts
from club.purchases.situating import situation_of
from core.jalali import local_date
from offers.attainable import is_attainable
from offers.engine import Used, is_held_out
from offers.judging import Miss, misses
from offers.live import LiveNow, current_live_offers
from offers.models import Coupon
from offers.rules import LiveOffer
from offers.situation import Situation
from offers.words import Words


@dataclass(frozen=True)
class OpenOffer:
    """An offer that the member can have, put into words where somebody reads them.

    `sentence` says all of it, `summary` what its manager wrote (else the sentence). `misses`: the conditions that do
    not hold for an empty basket now, `needs` the same in words; `ready`: all of them are about the basket itself, so
    that buying the right thing now is enough. `times_left`: how often this member may still have it; None: no limit.
    """

    offer: LiveOffer
    misses: tuple[Miss, ...]
    ready: bool
    times_left: int | None
    words: Words = field(repr=False, compare=False)

    @cached_property
    def summary(self) -> str:
        return _summary(self.offer, self.words)

    @cached_property
    def sentence(self) -> str:
        return self.words.offer(self.offer.terms)

    @cached_property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_need(one, self.words) for one in self.misses))


@dataclass(frozen=True)
class OwnCoupon:
    """A code of the member's own that can still be used; `uses_left` None: as often as one likes."""

    code: str
    offer: LiveOffer
    summary: str
    ends_at: datetime | None
    uses_left: int | None


def open_offers(member_id: int, *, at: datetime) -> list[OpenOffer]:
    """The offers on purchases that are open to the member now, what can be had at once first.

    Those for others (a tag, a segment, an age …), those used up, and those that need a code are not among them.
    Raises NotFound. A constant number of queries.
    """
    live = current_live_offers().at(at)
    offers = [one for one in live.by_id.values() if _is_spoken_of(one, member_id, at)]
    if not offers:
        return []
    here = _situation(member_id, live, at)
    used = uses_so_far(offers, member_id=member_id, at=at)
    words = words_of(live)
    found = [
        _open(one, here, used.get(one.id, Used()), words)
        for one in offers
        if is_attainable(one.terms.when, here) and not is_used_up(one, used.get(one.id, Used()))
    ]
    return sorted(found, key=lambda one: (not one.ready, len(one.misses), one.offer.id))


def own_coupons(member_id: int, *, at: datetime) -> list[OwnCoupon]:
    """The member's own codes that could be used now, the soonest end first; two queries more than the live offers."""
    live = current_live_offers().at(at)
    words = words_of(live)
    # Nobody else can have used it: what is left in all and what is left to the member are of one count.
    left = Q(uses=None) | Q(used__lt=F("uses")), Q(per_member=None) | Q(used__lt=F("per_member"))
    rows = Coupon.objects.filter(*left, member=member_id, void=False)
    rows = rows.filter(Q(starts_at=None) | Q(starts_at__lte=at), Q(ends_at=None) | Q(ends_at__gt=at))
    found = [_own(row, live, words) for row in rows.order_by("ends_at", "id") if row.offer_id in live.by_id]
    return [one for one in found if one.offer.terms.is_open(at) and not _is_kept_from(one.offer, member_id)]


def _own(row: Coupon, live: LiveNow, words: Words) -> OwnCoupon:
    offer = live.by_id[row.offer_id]
    ends = [end for end in (row.ends_at, offer.terms.ends_at) if end]
    left = min((most - row.used for most in (row.uses, row.per_member) if most is not None), default=None)
    return OwnCoupon(row.code, offer, _summary(offer, words), min(ends, default=None), left)


def _is_spoken_of(offer: LiveOffer, member_id: int, at: datetime) -> bool:
    terms = offer.terms
    is_meant = terms.trigger == TRIGGER and not terms.code_required and terms.is_open(at)
    return is_meant and not _is_kept_from(offer, member_id)


def _is_kept_from(offer: LiveOffer, member_id: int) -> bool:
    """Whether the member is of its control group, and hears nothing of it."""
    return bool(offer.terms.control_bp) and is_held_out(offer.id, member_id, offer.terms.control_bp)


def _situation(member_id: int, live: LiveNow, at: datetime) -> Situation:
    facts = read_facts(member_id, at=at)
    if live.asks:
        facts = replace(facts, figures=read_figures(member_id, at, live.asks))
    if live.asks.named_days:
        facts = replace(facts, named_days=named_days().on(local_date(at, facts.zone)))
    return situation_of(facts, (), PurchaseOrder(member_id=member_id, channel=""))


def _open(offer: LiveOffer, here: Situation, used: Used, words: Words) -> OpenOffer:
    missed = misses(offer.terms.when, here)
    return OpenOffer(
        offer=offer,
        misses=tuple(missed),
        ready=all(one.condition.is_of_basket for one in missed),
        times_left=_times_left(offer, used),
        words=words,
    )


def _summary(offer: LiveOffer, words: Words) -> str:
    return offer.terms.summary or words.offer(offer.terms)


def _need(miss: Miss, words: Words) -> str:
    """Of the basket, which is empty yet, what is asked; of the member how much is missing."""
    return words.condition(miss.condition) if miss.condition.is_of_basket else words.missing(miss)


def _times_left(offer: LiveOffer, used: Used) -> int | None:
    limits = offer.terms.limits
    pairs: Sequence[tuple[int, int | None]] = (
        (used.by_member, limits.per_member),
        (used.by_member_today, limits.per_member_per_day),
        (used.by_member_this_month, limits.per_member_per_month),
    )
    return min((most - count for count, most in pairs if most is not None), default=None)
