"""The live offers of a club as of any moment, kept in memory and known to be current by one number.

Every process keeps its own copy; who reads the facts of a purchase reads the number along (`OfferSet.version`), so that
deciding asks no query of its own while nothing has changed.
"""

import json
import logging
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from core.errors import ValidationFailed
from core.tenancy.scope import club_zone, current_club_id
from offers.asks import Asks, asks_of
from offers.compile import Index
from offers.parsing import parse
from offers.rules import LiveOffer

logger = logging.getLogger(__name__)
MOST_CLUBS = 500
"""How many clubs' offers one process keeps; the longest unused go first."""
MOST_SLOTS = 8
AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Stretch:
    """A version of an offer with the time in which it was live, `until` excluded, and when it was made."""

    offer: int
    number: int
    since: datetime
    until: datetime | None
    made: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)

    def was_known(self, at: datetime) -> bool:
        """Whether it was there at the moment; one that was made as it went live is, wherever it holds."""
        return self.made <= at or self.made - self.since < AT_ONCE


@dataclass(frozen=True)
class LiveNow:
    """The offers that are live at one moment, by an index, and by id."""

    index: Index
    asks: Asks
    by_id: Mapping[int, LiveOffer]


@dataclass
class LiveOffers:
    """When each version was live; between two changes the same ones are, and their index is built once.

    What a version says is only read when it is asked for, and once; `before`: what was read till the last change.
    """

    version: int | None
    stretches: Sequence[Stretch]
    zone: str
    before: Mapping[tuple[int, int], LiveOffer] = field(default_factory=dict)
    moments: list[datetime] = field(default_factory=list)
    slots: "OrderedDict[int, LiveNow]" = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        bounds = {moment for one in self.stretches for moment in (one.since, one.until) if moment}
        self.moments = sorted(bounds)

    def at(self, moment: datetime, *, told: datetime | None = None) -> LiveNow:
        """The offers that were live at the moment, indexed; `told`: without those that were only made after it."""
        if told and not all(one.was_known(told) for one in self.stretches if one.holds(moment)):
            return self._live([one for one in self.stretches if one.holds(moment) and one.was_known(told)])
        slot = bisect_right(self.moments, moment)
        live = self.slots.pop(slot, None)
        if live is None:
            live = self._live([one for one in self.stretches if one.holds(moment)])
        self.slots[slot] = live
        while len(self.slots) > MOST_SLOTS:
            self.slots.popitem(last=False)
        return live

    def _live(self, stretches: Sequence[Stretch]) -> LiveNow:
        asked = [(one.offer, one.number) for one in stretches]
        known = {**self.before, **self.read()}
        known |= _read([version for version in asked if version not in known], self.zone)
        offers = [known[version] for version in asked if version in known]
        return LiveNow(Index(offers), asks_of(offers), {offer.id: offer for offer in offers})

    def read(self) -> dict[tuple[int, int], LiveOffer]:
        """The versions in use, by offer and number."""
        return {(one.id, one.version): one for live in list(self.slots.values()) for one in live.by_id.values()}


_kept: "OrderedDict[int, LiveOffers]" = OrderedDict()


def live_offers(version: int | None) -> LiveOffers:
    """The club's live offers; `version` is the number of the set as just read, None where nothing was ever live."""
    if version is None:
        return NONE
    club = current_club_id()
    known = _kept.pop(club, None)
    if known is None or known.version != version or known.zone != club_zone():
        known = _load(known)
    _kept[club] = known
    while len(_kept) > MOST_CLUBS:
        _kept.popitem(last=False)
    return known


def current_live_offers() -> LiveOffers:
    """The same for whoever has not read the number yet: one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM offers_offerset WHERE club_id = %s", [current_club_id()])
        row = cursor.fetchone()
    return live_offers(row[0] if row else None)


def read_versions(versions: Sequence[tuple[int, int]]) -> dict[tuple[int, int], LiveOffer]:
    """What these versions of the club's offers said, by offer and number; one query."""
    return _read(versions, club_zone())


def _load(last: LiveOffers | None) -> LiveOffers:
    """Number and versions in one statement, so that they belong together."""
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, {"club": current_club_id()})
        rows = cursor.fetchall()
    zone = club_zone()
    before = last.read() if last and last.zone == zone else {}
    return LiveOffers(rows[0][0] if rows else None, [Stretch(*row[1:]) for row in rows], zone, before)


def _read(versions: Sequence[tuple[int, int]], zone: str) -> dict[tuple[int, int], LiveOffer]:
    """What these versions say. One that cannot be read any more is left out and noted, as tills go on selling."""
    if not versions:
        return {}
    offers, numbers = zip(*versions, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(TERMS, {"club": current_club_id(), "offers": list(offers), "numbers": list(numbers)})
        rows = cursor.fetchall()
    found = {}
    for offer, number, said in rows:
        try:
            found[offer, number] = LiveOffer(offer, parse(json.loads(said), zone=lambda: zone), number)
        except ValidationFailed as error:
            logger.error("offer %s, version %s, cannot be read: %s", offer, number, ", ".join(error.errors))
    return found


NONE = LiveOffers(None, (), "UTC")
VERSIONS = """
SELECT s.version, v.offer_id, v.number, v.live_from, v.live_until, v.created_at
FROM offers_offerversion v JOIN offers_offerset s ON s.club_id = v.club_id
WHERE v.club_id = %(club)s ORDER BY v.offer_id, v.number
"""
TERMS = """
SELECT v.offer_id, v.number, v.terms::text FROM offers_offerversion v
JOIN unnest(%(offers)s::bigint[], %(numbers)s::int[]) AS asked(offer, number)
    ON v.offer_id = asked.offer AND v.number = asked.number
WHERE v.club_id = %(club)s
"""
