"""Files of past purchases: how each layout's lines are told apart, and what one line says. No database here.

A line becomes an `ImportLine` or raises `Refused` with a code and a reason. Money is read as exact decimals in the
file's unit and must come out as whole Rial; a day without a time is taken as its noon in the club's zone.
"""

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from core.errors import Text
from core.jalali import NOON, TEHRAN, InvalidDate, parse_moment
from core.language import listed
from core.phones import InvalidPhone, normalise_phone
from core.tables.headers import mapped
from core.tables.reading import Spoilt, Unreadable, guarded, open_table, whole_number
from core.text import clean_name, latin_digits

MOST_RIAL = 10**15
CDNOW = ("cdnow-master", "cdnow-sample")
LAYOUTS = (*CDNOW, "csv")
SNIFFED = 20  # lines
_CDNOW_LINES = {
    "cdnow-master": re.compile(r"\s*\d{5}\s+\d{8}\s+\d+\s+\d+\.\d\d\s*", re.ASCII),
    "cdnow-sample": re.compile(r"\s*\d{5}\s+\d{4}\s+\d{8}\s+\d+\s+\d+\.\d\d\s*", re.ASCII),
}
_CDNOW_HEADER = re.compile(r"\s*customer_id\s+date\s+number_of_cds\s+dollar_value\s*")
# Field of ours: the headers a column may have when no --map names it.
COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "phone": ("phone", "mobile", "موبایل", "تلفن", "تلفن همراه", "شماره موبایل"),
    "member": ("member", "external_id", "customer_id", "customer", "شناسه مشتری", "کد مشتری"),
    "card": ("card", "card_number", "کارت", "شماره کارت"),
    "first_name": ("first_name", "نام"),
    "last_name": ("last_name", "نام خانوادگی"),
    "amount": ("amount", "total", "مبلغ", "جمع"),
    "date": ("date", "occurred_at", "تاریخ", "زمان"),
    "id": ("id", "purchase_id", "invoice", "شماره فاکتور", "شناسه خرید"),
    "branch": ("branch", "شعبه", "کد شعبه"),
    "channel": ("channel", "کانال"),
    "payment_method": ("payment_method", "روش پرداخت"),
}
ALIASES = {"external_id": "member", "occurred_at": "date", "purchase_id": "id"}
_PLAIN_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,٬،' ][0-9]{3})+(?:\.[0-9]+)?", re.ASCII)


class Refused(Exception):
    """One line cannot become a purchase: a stable code, and the reason for people."""

    def __init__(self, code: str, reason: Text) -> None:
        super().__init__(code)
        self.code = code
        self.reason = str(reason)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A past purchase as a file says it. `member` is (field, value), None for a sale to nobody. Money is whole Rial.

    `made_id`: the file had none, so the content made it.
    """

    number: int
    external_id: str
    member: tuple[str, str] | None
    amount: int
    occurred_at: datetime
    branch: str | None = None
    channel: str = "till"
    payment_method: str = ""
    first_name: str = ""
    last_name: str = ""
    made_id: bool = True


@dataclass(frozen=True)
class Options:
    """How the file is to be read. `rate` is how many Rial one unit of its money is."""

    layout: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    rate: int | None = None
    date_format: str | None = None
    encoding: str | None = None
    zone: str = TEHRAN


@dataclass(frozen=True)
class Source:
    """A readable file: `lines` gives its records, `read` understands one."""

    layout: str
    path: Path
    records: Callable[[], Iterator[tuple[int, str]]]
    parse: Callable[[int, str], ImportLine]

    def lines(self) -> Iterator[tuple[int, str]]:
        """(number, text) of each record. Raises Unreadable where the file breaks off or is no text."""
        return guarded(self.records())

    def read(self, number: int, text: str, seen: Counter[bytes]) -> ImportLine:
        """What the line says; `seen` counts the ids, so that equal lines without one stay apart. Raises Refused."""
        line = self.parse(number, text)
        mark = hashlib.blake2b(line.external_id.encode(), digest_size=12).digest()
        seen[mark] += 1
        if seen[mark] == 1:
            return line
        if not line.made_id:
            raise Refused("repeated_id", _("این شناسه در همین فایل پیش‌تر آمده است."))
        return replace(line, external_id=f"{line.external_id}#{seen[mark]}")


def open_source(path: Path, options: Options, *, default_rate: int) -> Source:
    """The file as a source of lines, its layout sniffed unless named. Raises Unreadable."""
    layout = options.layout or sniff(path)
    if layout in CDNOW:
        return _cdnow(path, layout, options)
    return _table(path, options, default_rate)


def sniff(path: Path) -> str:
    """The layout that the first lines have; `csv` when it is no other. Raises Unreadable."""
    try:
        with _opened(path) as file:
            head = list(islice(file, SNIFFED))
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise Unreadable(_("فایل %(path)s باز نشد: %(why)s"), path=path, why=why) from error
    probe = next((line for line in head if line.strip() and not _CDNOW_HEADER.fullmatch(line)), "")
    return next((layout for layout, pattern in _CDNOW_LINES.items() if pattern.fullmatch(probe)), "csv")


# --- the two CDNOW layouts --------------------------------------------------------------------------------------------


def _cdnow(path: Path, layout: str, options: Options) -> Source:
    """Fixed columns: customer, (number in the sample,) day, CDs, dollars. Ids are made of the content and its count."""
    rate = options.rate or 10_000
    if rate % 100:
        raise Unreadable(_("--rate باید مضرب ۱۰۰ باشد: دلارهای این فایل سنت دارند و ریال عدد درست است."))
    if sniff(path) != layout:
        raise Unreadable(_("فایل به شکل %(layout)s نیست."), layout=layout)
    width, zone = (4 if layout == "cdnow-master" else 5), ZoneInfo(options.zone)

    def records() -> Iterator[tuple[int, str]]:
        with _opened(path) as file:
            for number, text in enumerate(file, start=1):
                if text.strip() and not _CDNOW_HEADER.fullmatch(text):
                    yield number, text.rstrip("\r\n")

    def parse(number: int, text: str) -> ImportLine:
        cells = text.split()
        if len(cells) != width or len(text) > 60 or not text.isascii():
            raise Refused("columns", _("سطر به شکل بقیهٔ فایل نیست."))
        customer, (day, cds, dollars) = cells[0], cells[-3:]
        amount, occurred_at = _whole_rial(dollars, rate), _moment(day, None, zone)
        return ImportLine(
            number, f"cdnow:{customer}:{day}:{cds}:{dollars}", ("external_id", customer), amount, occurred_at
        )

    return Source(layout, path, records, parse)


# --- CSV and XLSX -----------------------------------------------------------------------------------------------------


def _table(path: Path, options: Options, default_rate: int) -> Source:
    def places_of(header: list[str]) -> dict[str, int]:
        columns = {ALIASES.get(name, name): column for name, column in options.columns.items()}
        return mapped(header, COLUMN_NAMES, columns)

    def is_header(cells: list[str]) -> bool:
        try:
            return {"amount", "date"} <= places_of(cells).keys()
        except Unreadable:
            return False

    table = open_table(path, encoding=options.encoding, is_header=is_header)
    places = places_of(table.header)
    missing = [name for name in ("amount", "date") if name not in places]
    if missing:
        raise Unreadable(
            _("ستونی برای %(missing)s نیست؛ با --map نامش را بگویید. ستون‌های فایل: %(header)s"),
            missing=listed(missing),
            header=listed(table.header),
        )
    rate, zone, width = options.rate or default_rate, ZoneInfo(options.zone), len(table.header)

    def records() -> Iterator[tuple[int, str]]:
        return ((number, _joined(cells)) for number, cells in table.rows())

    def parse(number: int, text: str) -> ImportLine:
        row = next(csv.reader(io.StringIO(text, newline="")))
        if len(row) < width:
            raise Refused("columns", _("شمار ستون‌های سطر کمتر از سرستون‌هاست."))
        cells = {name: row[place].strip() for name, place in places.items()}
        unworked = table.unworked(number)
        wrong = next((unworked[place] for place in places.values() if place in unworked), None)
        if wrong:
            raise Refused("formula", wrong.detail)
        return _line_of(number, cells, rate, options.date_format, zone)

    return Source("csv", path, records, parse)


def _line_of(number: int, cells: dict[str, str], rate: int, date_format: str | None, zone: ZoneInfo) -> ImportLine:
    member = _member(cells)
    amount = _whole_rial(cells["amount"], rate)
    occurred_at = _moment(cells["date"], date_format, zone)
    branch, channel = latin_digits(cells.get("branch", "")) or None, cells.get("channel", "") or "till"
    given = cells.get("id", "")
    if len(given) > 64 or not given.isprintable():
        raise Refused("id", _("شناسهٔ خرید بلندتر از ۶۴ نویسه است یا نویسهٔ نادیدنی دارد."))
    content = f"{member}|{amount}|{occurred_at.isoformat()}|{branch}|{channel}"
    derived = "csv:" + hashlib.blake2b(content.encode(), digest_size=20).hexdigest()
    return ImportLine(
        number,
        given or derived,
        member,
        amount,
        occurred_at,
        branch,
        channel,
        cells.get("payment_method", "")[:32],
        clean_name(cells.get("first_name", "")),
        clean_name(cells.get("last_name", "")),
        made_id=not given,
    )


def _member(cells: dict[str, str]) -> tuple[str, str] | None:
    if cells.get("phone"):
        try:
            return "phone", normalise_phone(whole_number(cells["phone"]))
        except (InvalidPhone, Spoilt) as error:
            raise Refused("phone", error.detail) from error
    for name, kept in (("member", "external_id"), ("card", "card")):
        value = latin_digits(cells.get(name, "")).strip()
        if value:
            if len(value) > (64 if kept == "external_id" else 32) or not value.isprintable():
                raise Refused(name, _("شناسه یا کارت عضو بلندتر از اندازه است."))
            return kept, value
    return None


def _whole_rial(text: str, rate: int) -> int:
    """The amount in Rial, exactly. Raises Refused for what is no amount, is negative or is no whole Rial."""
    typed = latin_digits(text).replace("٫", ".").strip()
    if not typed:
        raise Refused("amount", _("مبلغ نوشته نشده است."))
    if typed[0] in "-−–(":
        raise Refused("negative", _("مبلغ منفی است؛ برگشت را جداگانه ثبت کنید."))
    if _GROUPED.fullmatch(typed):
        typed = re.sub(r"[,٬،' ]", "", typed)
    if len(typed) > 40 or not _PLAIN_AMOUNT.fullmatch(typed):
        raise Refused("amount", _("مبلغ عدد نیست."))
    rial = Decimal(typed) * rate
    if rial != rial.to_integral_value():
        raise Refused("fraction", _("مبلغ به ریال درست نمی‌رسد."))
    if rial > MOST_RIAL:
        raise Refused("too_large", _("مبلغ بزرگ‌تر از اندازه است."))
    return int(rial)


def _moment(text: str, date_format: str | None, zone: ZoneInfo) -> datetime:
    """The instant a date, with or without a time and a zone, means. Raises Refused."""
    typed = latin_digits(text).strip()
    if not typed:
        raise Refused("date", _("تاریخ نوشته نشده است."))
    try:
        return _by_format(typed, date_format, zone) if date_format else parse_moment(typed, zone.key)
    except (ValueError, InvalidDate) as error:
        raise Refused("date", _("تاریخ خوانده نشد.")) from error


def _by_format(typed: str, date_format: str, zone: ZoneInfo) -> datetime:
    found = datetime.strptime(typed, date_format)  # noqa: DTZ007 - the zone follows
    if not any(mark in date_format for mark in ("%H", "%I", "%X", "%c", "%T")):
        found = datetime.combine(found, NOON)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _joined(row: list[str]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="").writerow(row)
    return written.getvalue()


def _opened(path: Path) -> io.TextIOBase:
    with path.open("rb") as start:
        zipped = start.read(2) == b"\x1f\x8b"
    # Latin-1 takes every byte: which file of text it is, is looked at by who reads it as a table.
    return gzip.open(path, "rt", encoding="latin-1") if zipped else path.open(encoding="latin-1")
