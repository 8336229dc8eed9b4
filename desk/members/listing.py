"""The members of the club as a list: what is asked for in the address, and one page of who fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from club.ledger.models import Lot, Unit, Wallet
from club.ledger.selectors import Balances, balances_of
from club.members.models import Member, SegmentMember
from club.members.scores import MemberScore, RfmClass
from club.members.selectors import open_segments, search
from club.tiers.models import Tier
from core.errors import Text
from core.jalali import local_date, to_jalali
from core.keyset import older
from core.tenancy.scope import current_club
from core.text import clean_name, whole_number

LONGEST = 120
# What each filter may be: its values in the address, with the words for them.
STATUSES: dict[str, Text] = {status.value: status.label for status in (Member.Status.ACTIVE, Member.Status.BLOCKED)}
RFM: dict[str, Text] = dict(RfmClass.choices)
JOINED: dict[str, Text] = {"7": _("هفتهٔ گذشته"), "30": _("۳۰ روز گذشته"), "365": _("یک سال گذشته")}
BOUGHT: dict[str, Text] = {
    "30": _("در ۳۰ روز گذشته"),
    "-30": _("۳۰ روز است نیامده"),
    "-90": _("۹۰ روز است نیامده"),
    "never": _("هنوز خریدی ندارد"),
}
HAS: dict[str, Text] = {
    "credit": _("اعتبار دارد"),
    "credit_ends": _("اعتبارش تا یک هفته تمام می‌شود"),
    "points": _("امتیاز دارد"),
    "birthday": _("تاریخ تولد دارد"),
    "birthday_soon": _("تولدش در هفتهٔ پیش رو است"),
}
WEEK = timedelta(days=7)
NEWEST_FIRST = ("-enrolled_at", "-id")


@dataclass(frozen=True)
class Asked:
    """What the address asks for; a value that is not one of the filter's own is left out."""

    text: str = ""
    tag: str = ""
    tier: str = ""
    segment: str = ""
    rfm: str = ""
    status: str = ""
    joined: str = ""
    bought: str = ""
    has: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing is asked for: everybody is shown."""
        return self == Asked()


@dataclass(frozen=True)
class Chip:
    """A filter that is on: its name and value in the address, its words, and the query without it."""

    name: str
    value: str
    label: str
    off: str


@dataclass(frozen=True)
class Row:
    """A member in the list."""

    member: Member
    balances: Balances
    tier: str


def segment_names() -> dict[str, Text]:
    """What the club's segments are called, by their codes."""
    return {segment.code: segment.name for segment in open_segments()}


def asked_by(query: QueryDict, tiers: dict[str, Tier]) -> Asked:
    """What the address asks for."""

    def one_of(name: str, known: Any) -> str:
        value = query.get(name, "")
        return value if value in known else ""

    return Asked(
        text=query.get("q", "")[:LONGEST].replace("\x00", "").strip(),
        tag=clean_name(query.get("tag", "")[:LONGEST]),
        tier=one_of("tier", tiers),
        segment=one_of("segment", segment_names() if query.get("segment") else ()),
        rfm=one_of("rfm", RFM),
        status=one_of("status", STATUSES),
        joined=one_of("joined", JOINED),
        bought=one_of("bought", BOUGHT),
        has=one_of("has", HAS),
    )


def chips_of(asked: Asked, tiers: dict[str, Tier], query: QueryDict) -> list[Chip]:
    """The filters that are on, each to be taken off by itself."""
    words: dict[str, dict[str, Text]] = {
        "tag": {asked.tag: asked.tag},
        "tier": {code: tier.name for code, tier in tiers.items()},
        "segment": dict(segment_names()) if asked.segment else {},
        "rfm": RFM,
        "status": STATUSES,
        "joined": JOINED,
        "bought": BOUGHT,
        "has": HAS,
    }
    on = ((name, getattr(asked, name)) for name in words)
    return [Chip(name, value, str(words[name][value]), _without(query, name)) for name, value in on if value]


def _without(query: QueryDict, name: str) -> str:
    left = query.copy()
    for gone in (name, "before"):
        left.pop(gone, None)
    return f"?{left.urlencode()}"


def members_page(asked: Asked, *, before: int | None, limit: int, now: datetime) -> list[Row]:
    """One page of who fits, the newest member first; `before` is the id of the last one already shown."""
    rows = list(_after(fitting(asked, now), before).order_by(*NEWEST_FIRST)[:limit])
    has = balances_of([member.pk for member in rows], now)
    names = {tier.code: tier.name for tier in Tier.objects.all()} if rows else {}
    return [Row(member, has.get(member.pk, Balances()), names.get(member.tier_code, "")) for member in rows]


def fitting(asked: Asked, now: datetime) -> QuerySet[Member]:
    """Who fits what is asked for, as a queryset of the scope's club: for the page and for what is exported of it."""
    rows: QuerySet[Member] = Member.objects.exclude(status=Member.Status.ERASED)
    if asked.text:
        rows = rows.filter(Q(pk__in=search(asked.text).values("pk")) | _tagged(asked.text))
    if asked.tag:
        rows = rows.filter(tags__contains=[asked.tag])
    if asked.tier:
        rows = rows.filter(tier_code=asked.tier)
    if asked.segment:
        inside = SegmentMember.objects.filter(segment__code=asked.segment, segment__archived_at=None)
        rows = rows.filter(pk__in=inside.values("member_id"))
    if asked.rfm:
        rows = rows.filter(pk__in=MemberScore.objects.filter(rfm_class=asked.rfm).values("member_id"))
    if asked.status:
        rows = rows.filter(status=asked.status)
    if asked.joined:
        rows = rows.filter(enrolled_at__gte=now - timedelta(days=int(asked.joined)))
    return _with(_last_seen(rows, asked.bought, now), asked.has, now)


def _tagged(text: str) -> Q:
    """A word may be a tag as well as a name; a number is neither."""
    if not any(letter.isalpha() for letter in text):
        return Q(pk__in=())
    return Q(tags__contains=[clean_name(text).removeprefix("#")])


def _last_seen(rows: QuerySet[Member], bought: str, now: datetime) -> QuerySet[Member]:
    if bought == "never":
        return rows.filter(last_purchase_at=None)
    days = whole_number(bought.removeprefix("-"))
    if days is None:
        return rows
    since = now - timedelta(days=days)
    return (
        rows.filter(last_purchase_at__lt=since) if bought.startswith("-") else rows.filter(last_purchase_at__gte=since)
    )


def ending_credit(lots: Any, now: datetime) -> QuerySet[Lot]:
    """Of these lots the credit that is still there and ends within a week."""
    found: QuerySet[Lot] = lots.filter(remaining__gt=0, ends_at__gt=now, ends_at__lte=now + WEEK)
    return found.filter(wallet__unit=Unit.CREDIT)


def _born_soon(now: datetime) -> Q:
    """Born on the day of the Jalali year that is today, or one of the six after it."""
    today, asked = local_date(now, current_club().time_zone), Q()
    for days in range(WEEK.days):
        _year, month, day = to_jalali(today + timedelta(days=days))
        asked |= Q(birth_jalali_month=month, birth_jalali_day=day)
    return asked


def _with(rows: QuerySet[Member], has: str, now: datetime) -> QuerySet[Member]:
    if has == "birthday":
        return rows.filter(birth_date__isnull=False)
    if has == "birthday_soon":
        return rows.filter(_born_soon(now))
    if has == "credit_ends":
        return rows.filter(Exists(ending_credit(Lot.objects, now).filter(wallet__member=OuterRef("pk"))))
    unit = {"credit": Unit.CREDIT, "points": Unit.POINTS}.get(has)
    if unit is None:
        return rows
    return rows.filter(Exists(Wallet.objects.filter(member=OuterRef("pk"), unit=unit, balance__gt=0)))


def _after(rows: QuerySet[Member], before: int | None) -> QuerySet[Member]:
    return older(rows, NEWEST_FIRST, Member.objects.filter(pk=before).first() if before else None)
