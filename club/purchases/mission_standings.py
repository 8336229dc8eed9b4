"""Where members stand on the club's missions: each one's own, and how many have come how far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from club.catalogue.selectors import names_of
from club.members.models import Member
from club.missions.models import Mission, MissionWin
from club.missions.rules import Rule, Stretch, stretch_at
from club.missions.selectors import missions, rules, wins_of
from club.missions.words import asks, progress
from club.purchases.mission_steps import gift_words
from club.purchases.missions import Record, read_record
from club.tiers.models import Tier
from core.jalali import last_day, local_date
from core.tenancy.scope import club_zone, current_club
from offers.models import Coupon


@dataclass(frozen=True)
class Standing:
    """A live mission as it stands for a member; `gift` in words, empty for a badge alone."""

    mission: Mission
    stretch: Stretch
    is_done: bool
    asks: str
    gift: str
    left_days: int | None = None

    @property
    def done(self) -> int:
        return self.mission.target if self.is_done else self.stretch.progress

    @property
    def left(self) -> int:
        return self.mission.target - self.done

    @property
    def text(self) -> str:
        return progress(self.mission.counts, self.done, self.mission.target, current_club().currency_unit)

    @property
    def in_stamps(self) -> bool:
        """Whether what is counted are things that each have a stamp."""
        return self.mission.counts not in ("spent", "points")


@dataclass(frozen=True)
class Badge:
    """What a member has won of one mission: how often, and when last; the code that is still to be used."""

    name: str
    mission: Mission
    times: int
    day: date
    coupon: str = ""


def standings_of(member: Member, *, at: datetime) -> list[Standing]:
    """The missions that are open to the member, what is nearest first and what is done last."""
    held = _may([mission for mission in missions(statuses=["live"]) if _is_open(mission, at)], member)
    asked, words = rules(held), _Words(goods_of(held), gift_words(mission.offer_id for mission in held))
    record = read_record(member.pk, asked, at=at)
    found = [_standing(mission, rule, record, words, at) for mission, rule in zip(held, asked, strict=True)]
    return sorted(found, key=lambda one: (one.is_done, one.left / one.mission.target, one.mission.pk))


def badges_of(member_id: int) -> list[Badge]:
    """What the member has won, newest first, a mission once."""
    found: dict[int, list[MissionWin]] = {}
    for win in wins_of(member_id):
        found.setdefault(win.mission_id, []).append(win)
    documents = [win.document for wins in found.values() for win in wins]
    open_codes = Coupon.objects.filter(document__in=documents, void=False, used=0)
    codes = dict(open_codes.values_list("document", "code"))
    zone = club_zone()
    return [
        Badge(
            wins[0].mission.badge or wins[0].mission.name,
            wins[0].mission,
            len(wins),
            local_date(wins[0].occurred_at, zone),
            next((codes[win.document] for win in wins if win.document in codes), ""),
        )
        for wins in found.values()
    ]


def goods_of(some: list[Mission]) -> Mapping[str, str]:
    """The names of the products and groups that the missions name."""
    codes = {code for mission in some for code in mission.of}
    return names_of(codes) if codes else {}


def says(mission: Mission, goods: Mapping[str, str]) -> str:
    """What the mission asks, in a sentence."""
    return asks(mission, goods, mission.of, current_club().currency_unit)


@dataclass(frozen=True)
class _Words:
    goods: Mapping[str, str]
    gifts: Mapping[int | None, str]


def _standing(mission: Mission, rule: Rule, record: Record, words: _Words, at: datetime) -> Standing:
    zone = club_zone()
    stretch = stretch_at(rule, record.visits, at, zone)
    won = record.won(rule, rule.window_of(at, zone))
    is_done = mission.again != "each" and bool(stretch.fills or (won and mission.again == "once"))
    left = (last_day(stretch.end, zone) - local_date(at, zone)).days if stretch.end else None
    return Standing(mission, stretch, is_done, says(mission, words.goods), words.gifts[mission.offer_id], left)


def _is_open(mission: Mission, at: datetime) -> bool:
    return (mission.starts_at is None or mission.starts_at <= at) and (mission.ends_at is None or at < mission.ends_at)


def _may(some: list[Mission], member: Member) -> list[Mission]:
    """Those that the member's tier lets in."""
    if not any(mission.tier_code for mission in some):
        return some
    ranks = dict(Tier.objects.values_list("code", "rank"))
    held = ranks.get(member.tier_code, -1)
    return [one for one in some if not one.tier_code or held >= ranks.get(one.tier_code, 0)]
