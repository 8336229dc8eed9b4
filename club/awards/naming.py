"""The codes that a club's offers may name, and what the club calls them."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace

from club.catalogue.models import Branch, Group, Product
from club.catalogue.selectors import names_of
from club.lotteries.models import Lottery
from club.members.models import CustomField, Segment
from club.tiers.models import Tier
from core.tenancy.scope import current_club, current_club_id
from offers.known import Known
from offers.live import LiveNow
from offers.models import Offer
from offers.rules import Of, Terms, conditions
from offers.words import Names, Words

MOST_CLUBS = 500
LONGEST_KEPT = 60
"""For so many seconds a process may say the old name of what was renamed."""
clock = time.monotonic
_namers: list[Callable[[], dict[str, str]]] = []
_kept: "OrderedDict[int, tuple[LiveNow, Names, float]]" = OrderedDict()


def words_of(live: LiveNow) -> Words:
    """The words for these offers, their names read once in a while for as long as the same offers are live."""
    club = current_club_id()
    known = _kept.pop(club, None)
    if known is None or known[0] is not live or clock() - known[2] >= LONGEST_KEPT:
        known = live, names_for(offer.terms for offer in live.by_id.values()), clock()
    _kept[club] = known
    while len(_kept) > MOST_CLUBS:
        _kept.popitem(last=False)
    return Words(replace(known[1], unit=current_club().currency_unit))


def names_for(terms: Iterable[Terms]) -> Names:
    """The names that these offers need: four queries, one more each for offers, events and segments that they name."""
    said = list(terms)
    others = {one.benefit.offer for one in said if one.benefit.offer}
    return Names(
        unit=current_club().currency_unit,
        tiers=dict(Tier.objects.values_list("code", "name")),
        goods=names_of(_goods(said)),
        branches=dict(Branch.objects.values_list("code", "name")),
        fields=dict(CustomField.objects.values_list("code", "label")),
        offers=dict(Offer.objects.filter(pk__in=others).values_list("pk", "name")) if others else {},
        events=_event_names() if any(one.event for one in said) else {},
        segments=_segment_names() if any(_asks_for_segment(one) for one in said) else {},
    )


def name_events(names: Callable[[], dict[str, str]]) -> None:
    """Have events called so, by their types: of whoever keeps what they are called, from its `AppConfig.ready`."""
    _namers.append(names)


def _event_names() -> dict[str, str]:
    return {code: name for names in _namers for code, name in names().items()}


def _segment_names() -> dict[str, str]:
    return dict(Segment.objects.values_list("code", "name"))


def _asks_for_segment(terms: Terms) -> bool:
    return any(condition.fact == "segment" for condition in conditions(terms.when))


def known_codes() -> Known:
    """All codes that an offer of this club may name."""
    return Known(
        products=_codes(Product),
        groups=_codes(Group),
        tiers=_codes(Tier),
        branches=_codes(Branch),
        lotteries=_codes(Lottery),
        segments=frozenset(Segment.objects.filter(archived_at=None).values_list("code", flat=True)),
        offers=frozenset(Offer.objects.filter(code_required=True, made_for="").values_list("pk", flat=True)),
        fields=dict(CustomField.objects.values_list("code", "kind")),
    )


def _codes(kind: type[Product] | type[Group] | type[Tier] | type[Branch] | type[Lottery]) -> frozenset[str]:
    return frozenset(kind.objects.values_list("code", flat=True))


def _goods(terms: Iterable[Terms]) -> set[str]:
    codes: set[str] = set()
    for one in terms:
        of = [one.benefit.of, *(condition.of for condition in conditions(one.when))]
        codes |= {code for goods in of if isinstance(goods, Of) for code in goods.codes}
        if one.benefit.product:
            codes.add(one.benefit.product)
    return codes
