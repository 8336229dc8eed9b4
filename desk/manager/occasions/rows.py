"""An occasion as managers see it: what is said and when, whom it would reach, what was sent, which offers go along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from club.members.models import CustomField
from club.programme.named_days import named_days
from core.errors import Text
from core.jalali import format_date, local_date
from core.language import in_language
from core.named_days import NAMES, NamedDay
from core.tenancy.scope import club_zone
from crm.occasions.messages import NAMED_DAY, OF_MEMBERS, OWN_DAY, Told, told_of
from crm.occasions.outlook import MONTH, Outlook
from crm.occasions.timing import days_by_code
from desk.manager.settings.messages import preview_of
from desk.manager.settings.sample import known_of, sample_member
from offers.live import current_live_offers
from offers.rules import LiveOffer, conditions
from offers.vocabulary import DAYS_FROM
from sms.kinds import Kind, kind_of, name_of
from sms.models import MessageClass, OutboxMessage, SmsTemplate, Status
from sms.preview import Preview
from sms.selectors import is_sent, own_words
from sms.templates import faults
from sms.wording import default_text

A_YEAR = timedelta(days=400)
NOT_SENT = (Status.SKIPPED, Status.FAILED)


@dataclass(frozen=True)
class Row:
    """One occasion; `next` is the coming day of one of the calendar."""

    told: Told
    kind: Kind
    template: SmsTemplate | None
    is_on: bool
    days: int
    seen: Preview | None
    foreseen: tuple[int, int] | None
    sent: int
    offers: list[LiveOffer]
    next: NamedDay | None = None

    @property
    def code(self) -> str:
        return self.told.code

    @property
    def name(self) -> Text:
        """What the occasion is called."""
        return name_of(self.code)

    @property
    def message_class(self) -> MessageClass:
        """Whether it is a service or advertising."""
        return MessageClass(self.template.message_class if self.template else self.kind.message_class)

    @property
    def is_advertising(self) -> bool:
        return self.message_class == MessageClass.ADVERTISING

    @property
    def when(self) -> str:
        """When it is told, in words."""
        return when(self.told, self.days)

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say of it but its day: one of the calendar that is off and has no offer."""
        return self.next is not None and not self.is_on and not self.offers

    @property
    def line(self) -> str:
        """What is read, in one line; empty where the text cannot be."""
        return self.seen.words.replace("\n", " · ") if self.seen else ""

    @property
    def day(self) -> str:
        """The coming day of the calendar."""
        return format_date(self.next.first, "weekday") if self.next else ""

    @property
    def icon(self) -> str:
        return ICONS.get(self.code, "calendar-heart")


ICONS = {
    "birthday": "cake",
    "anniversary": "star",
    "tier_up": "medal",
    "tier_warning": "clock",
    "tier_changed": "trending-down",
    "points_expiring": "hourglass",
    "reward_expiring": "gift",
    "miss_you": "history",
}
ON_THE_DAY = {
    "birthday": lambda: _("بامداد روز تولد"),
    "anniversary": lambda: _("بامداد سالگرد عضویت"),
    "tier_up": lambda: _("با رسیدن به سطح تازه، اگر رسید خرید آن را نگفته باشد"),
    "tier_warning": lambda: _("بامداد، از چهارده روز پیش از پایان سطح"),
    "tier_changed": lambda: _("بامداد، پس از پایان سطح"),
}


def when(told: Told, days: int) -> str:
    """When the message of the occasion goes."""
    if told.code in ON_THE_DAY:
        return ON_THE_DAY[told.code]()
    said = {"days": in_language(days)}
    if told.code == "miss_you":
        return ngettext("پس از %(days)s روز نیامدن", "پس از %(days)s روز نیامدن", days) % said
    if told.code in OF_MEMBERS:
        return ngettext("%(days)s روز پیش از پایان", "%(days)s روز پیش از پایان", days) % said
    if not days:
        return _("بامداد همان روز")
    return ngettext("%(days)s روز پیش از آن", "%(days)s روز پیش از آن", days) % said


@dataclass(frozen=True)
class Page:
    """All occasions in their groups; read in a constant number of queries and one for each count."""

    members: list[Row]
    own: list[Row]
    country: list[Row]


def all_rows(now: datetime) -> Page:
    """Every occasion that there is for the club."""
    make = _Maker(now)
    fields = CustomField.objects.filter(kind=CustomField.Kind.DATE, is_active=True).order_by("position", "pk")
    country = sorted((make.row(f"{NAMED_DAY}-{code}") for code in NAMES), key=_coming)
    own = [make.row(f"{OWN_DAY}-{code}") for code in fields.values_list("code", flat=True)]
    return Page([make.row(code) for code in OF_MEMBERS], own, country)


def row_of(code: str, now: datetime) -> Row | None:
    """One occasion by its code; None where there is none."""
    family, _dash, which = code.partition("-")
    known = {
        NAMED_DAY: lambda: which in NAMES,
        OWN_DAY: CustomField.objects.filter(code=which, kind=CustomField.Kind.DATE).exists,
    }.get(family, lambda: code in OF_MEMBERS)
    return _Maker(now).row(code) if known() else None


def _coming(row: Row) -> tuple[bool, Any]:
    return row.next is None, row.next.first if row.next else row.code


class _Maker:
    """What the rows of a page have in common."""

    def __init__(self, now: datetime) -> None:
        calendar = named_days()
        today = local_date(now, club_zone())
        self.own, self.timed, self.outlook = own_words(), days_by_code(), Outlook(now, calendar)
        self.known = known_of(sample_member(), now)
        self.sent = _sent(now - timedelta(days=MONTH))
        self.live = list(current_live_offers().at(now).by_id.values())
        self.next: dict[str, NamedDay] = {}
        for one in reversed(calendar.within(today, today + A_YEAR)):
            self.next[one.code] = one

    def row(self, code: str) -> Row:
        told, kind = told_of(code) or Told(code), kind_of(code)
        template = self.own.get(code)
        text = template.text if template else default_text(kind)
        days = self.timed.get(code, told.days or 0)
        return Row(
            told=told,
            kind=kind,
            template=template,
            is_on=is_sent(kind, self.own),
            days=days,
            seen=None if faults(kind, text) else preview_of(kind, text, self.known),
            foreseen=self.outlook.of(code, days),
            sent=self.sent.get(code, 0),
            offers=[one for one in self.live if _goes_along(told, one)],
            next=self.next.get(code.partition("-")[2]) if code.startswith(NAMED_DAY) else None,
        )


def _sent(since: datetime) -> Mapping[str, int]:
    """How many were sent of each kind since then."""
    rows = OutboxMessage.objects.filter(created_at__gte=since).exclude(status__in=NOT_SENT).filter(_OF_OCCASIONS)
    return dict(rows.order_by().values_list("kind").annotate(count=Count("pk")))


_OF_OCCASIONS = Q(kind__in=[*OF_MEMBERS]) | Q(kind__startswith=f"{NAMED_DAY}-") | Q(kind__startswith=f"{OWN_DAY}-")


def _goes_along(told: Told, offer: LiveOffer) -> bool:
    """Whether the offer answers to the occasion, or asks for its day."""
    if told.trigger:
        return offer.terms.trigger == told.trigger or (told.code == "birthday" and _asks(offer, "days_from_birthday"))
    family, _dash, which = told.code.partition("-")
    if family == NAMED_DAY:
        return _asks(offer, "named_day", which)
    return family == OWN_DAY and _asks(offer, f"{DAYS_FROM}{which}")


def _asks(offer: LiveOffer, fact: str, value: str = "") -> bool:
    asked: Iterable[Any] = (one.value for one in conditions(offer.terms.when) if one.fact == fact)
    return any(not value or value == one or (isinstance(one, tuple) and value in one) for one in asked)
