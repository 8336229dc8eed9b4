"""The entries of a member's wallets as rows to read: what happened, from which document, what was left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from club.ledger.models import Entry, Kind, Unit
from club.ledger.selectors import entries
from club.purchases.documents import Source, sources
from core.errors import Text

LARGEST = 2**63 - 1

# What happened, and the icon and colour of its bubble.
KINDS: dict[str, tuple[Text, str, str]] = {
    Kind.OPENING: (_("ماندهٔ آغاز"), "sparkles", "bubble-saffron"),
    Kind.EARN: (_("هدیهٔ خرید"), "shopping-bag", ""),
    Kind.SPEND: (_("خرج شد"), "wallet", "bubble-plain"),
    Kind.EXPIRE: (_("مهلتش تمام شد"), "clock", "bubble-bad"),
    Kind.TAKE_BACK: (_("پس گرفته شد"), "undo-2", "bubble-bad"),
    Kind.GIVE_BACK: (_("به تو برگشت"), "undo-2", "bubble-ok"),
    Kind.ADJUST: (_("تغییر به دست باشگاه"), "pencil", "bubble-plain"),
    Kind.REVERSE: (_("برگردان"), "rotate-ccw", "bubble-plain"),
    Kind.MERGE: (_("یکی شدن دو کارت"), "users", "bubble-plain"),
}
GIFT: tuple[Text, str, str] = (_("هدیه"), "gift", "bubble-saffron")
"""What came without a purchase."""


@dataclass(frozen=True)
class Row:
    """One entry: its signed amount in its unit, and the balance of that unit after it."""

    id: int
    unit: str
    document: str
    delta: int
    balance_after: int
    title: Text
    source: Source
    reason: str
    icon: str
    bubble: str
    at: datetime

    @property
    def is_points(self) -> bool:
        """Whether amounts are points (or owed points), not money."""
        return self.unit in (Unit.POINTS, Unit.POINTS_DEBT)


@dataclass(frozen=True)
class Happening:
    """Entries of one document that stand together: a purchase gives points and credit at once."""

    source: Source
    rows: tuple[Row, ...]

    @property
    def first(self) -> Row:
        """The row that gives the happening its icon and time: what was earned, else the newest."""
        return next((row for row in self.rows if row.delta > 0), self.rows[0])

    @property
    def title(self) -> Text:
        """The document in words where a purchase stands behind it, else what happened."""
        return self.source.text if self.source.purchase_id and self.first.delta > 0 else self.first.title


def page(member_id: int, *, unit: str | None, before: int | None, limit: int) -> list[Row]:
    """One page of entries, newest first; `before` is the id of the last entry already shown."""
    rows = _told(member_id, unit)
    if before is not None:
        rows = rows.filter(pk__lt=min(before, LARGEST))
    return _rows(rows[:limit])


def latest(member_id: int, *, limit: int) -> list[Happening]:
    """The last happenings, newest first."""
    rows = _rows(_told(member_id)[: limit * 3])
    groups = [tuple(group) for _document, group in groupby(rows, key=lambda row: row.document)]
    return [Happening(group[0].source, group) for group in groups[:limit]]


def _told(member_id: int, unit: str | None = None) -> QuerySet[Entry]:
    """What left a record that was merged came to the one left, and is told there."""
    return entries(member_id, unit=unit).exclude(kind=Kind.MERGE, delta__lt=0)


def _rows(found: Iterable[Entry]) -> list[Row]:
    kept = list(found)
    named = sources(entry.document for entry in kept)
    return [_row(entry, named[entry.document]) for entry in kept]


def _row(entry: Entry, source: Source) -> Row:
    title, icon, bubble = KINDS.get(entry.kind, (entry.get_kind_display(), "circle-help", "bubble-plain"))
    if entry.kind == Kind.EARN and not entry.document.startswith("purchase:"):
        title, icon, bubble = GIFT
    return Row(
        id=entry.pk,
        unit=entry.wallet.unit,
        document=entry.document,
        delta=entry.delta,
        balance_after=entry.balance_after,
        title=title,
        source=source,
        reason=entry.reason,
        icon=icon,
        bubble=bubble,
        at=entry.occurred_at,
    )
