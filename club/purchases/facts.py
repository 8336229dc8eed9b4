"""What a purchase is judged by: the member, the settings and the tiers as of its moment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from club.missions.rules import Rule
from club.programme.rules import Programme
from club.tiers.ladder import Step, after_gain, step_of
from core.jalali import local_date


@dataclass(frozen=True)
class Facts:
    """The state before the purchase, as of its moment. `member` is None for a sale to nobody."""

    at: datetime
    zone: str
    programme: Programme
    purchase_id: int
    steps: tuple[Step, ...]
    member: "MemberFacts | None"
    first_with_external_id: int | None
    offers_version: int | None = None
    """The number of the club's set of live offers; None where there never was one."""
    missions: tuple[Rule, ...] = ()
    """The missions that are open at the moment."""
    named_days: frozenset[str] | None = None
    """What the day is in the club's calendar; None where no live offer asks."""
    figures: "Figures" = field(default_factory=lambda: Figures())

    @property
    def tier(self) -> Step | None:
        return step_of(self.steps, self.member.tier_code) if self.member else None

    def as_json(self) -> dict[str, Any]:
        """What is kept with the purchase for back-tests and explanations."""
        if self.member is None:
            return {}
        return {
            "visit_number": self.member.visits_before + 1,
            "is_first_purchase": self.member.ever_before == 0,
            "tier": self.member.tier_code,
            "spent": self.member.spent_rial,
            "days_since_last_purchase": self.member.days_since_last(self.at, self.zone),
            "member_for_days": (local_date(self.at, self.zone) - local_date(self.member.enrolled_at, self.zone)).days,
            "birth_date": self.member.birth_date and self.member.birth_date.isoformat(),
            "gender": self.member.gender,
            "source": self.member.source,
            "referred": self.member.referred,
            "tags": self.member.tags,
            "segments": self.member.segments,
            "custom": self.member.custom,
        }


@dataclass(frozen=True)
class Figures:
    """Of the member's history what offers ask: net and visits of so many days, the mean basket, the usual gap."""

    spent: Mapping[int, int] = field(default_factory=dict)
    visits: Mapping[int, int] = field(default_factory=dict)
    mean_basket: int | None = None
    usual_gap: int | None = None


@dataclass(frozen=True)
class MemberFacts:
    """The member at the moment: `visits_before` without fully refunded ones, `ever_before` with them.

    `last_purchase_at` is that of the last one before the moment. `tier_code` is the tier held then, by which the
    purchase is judged; `tier_now` the one held when it is recorded.
    """

    id: int
    status: str
    phone: str | None
    first_name: str
    last_name: str
    spent_rial: int
    last_purchase_at: datetime | None
    tier_code: str
    tier_now: str
    tier_floor: str
    birth_date: date | None
    gender: str
    source: str
    enrolled_at: datetime
    tags: list[str]
    custom: dict[str, Any]
    referred: bool
    sms_consent: bool
    visits_before: int
    ever_before: int
    points_today: int
    merged_into: int | None = None
    language: str = ""
    segments: list[str] = field(default_factory=list)
    """Codes of the segments that the member is in now; none are kept of the past."""
    points_waiting: int = 0
    """What of the points cannot be spent at the moment."""

    def days_since_last(self, at: datetime, zone: str) -> int | None:
        """Days of the zone since the last purchase before the moment, None for the first."""
        if self.last_purchase_at is None:
            return None
        return (local_date(at, zone) - local_date(self.last_purchase_at, zone)).days


@dataclass(frozen=True)
class ProductFacts:
    """A product's own data and the rules of its groups."""

    code: str
    name: str
    price: int
    vat_bp: int
    earns: bool
    groups: tuple["GroupFacts", ...]


@dataclass(frozen=True)
class GroupFacts:
    """The rules of a group."""

    code: str
    earns: bool
    rial_per_point: int | None
    credit_bp: int | None
    discountable: bool
    payable_by_value: bool


def newcomer(steps: tuple[Step, ...], at: datetime, *, referred: bool = False) -> MemberFacts:
    """The facts of somebody who would join with this purchase, `referred` by an open code."""
    first = after_gain(steps, "")
    return MemberFacts(
        0, "active", None, "", "", 0, None, first, first, "", None, "", "", at, [], {}, referred, True, 0, 0, 0
    )
