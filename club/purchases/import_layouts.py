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
from datetime import UTC, datetime, time, tzinfo
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from core.errors import Text
from core.jalali import TEHRAN, InvalidDate, parse_jalali
from core.phones import InvalidPhone, normalise_phone
from core.text import clean_name, latin_digits

NOON = time(12)
MOST_RIAL = 10**15
CDNOW = ("cdnow-master", "cdnow-sample")
LAYOUTS = (*CDNOW, "csv")
_CDNOW_LINES = {
    "cdnow-master": re.compile(r"\s*\d{5}\s+\d{8}\s+\d+\s+\d+\.\d\d\s*", re.ASCII),
    "cdnow-sample": re.compile(r"\s*\d{5}\s+\d{4}\s+\d{8}\s+\d+\s+\d+\.\d\d\s*", re.ASCII),
}
_CDNOW_HEADER = re.compile(r"\s*customer_id\s+date\s+number_of_cds\s+dollar_value\s*")
# Field of ours: the names a column may have when no --map names it. Compared without case, blanks and half-spaces.
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
_CLOCK = re.compile(
    r"(.+?)[\sT،,]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)\s*(Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)


class Unreadable(Exception):
    """The file as a whole cannot be imported; the message says why in one line."""


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
    encoding: str = "utf-8-sig"
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
        try:
            yield from self.records()
        except UnicodeError as error:
            raise Unreadable(f"{self.path} is not text throughout; name its --encoding") from error
        except (OSError, EOFError, zlib.error, csv.Error) as error:
            raise Unreadable(f"{self.path} cannot be read to its end: {error}") from error

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
    try:
        head = _head(path, options.encoding)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except (UnicodeError, LookupError) as error:
        raise Unreadable(f"{path} is not text in {options.encoding}; name its --encoding") from error
    if not head:
        raise Unreadable(f"{path} is empty")
    layout = options.layout or sniff(head)
    if layout in CDNOW:
        return _cdnow(path, layout, head, options)
    return _csv(path, head, options, default_rate)


def sniff(head: list[str]) -> str:
    """The layout that the first lines have; `csv` when it is no other."""
    probe = next((line for line in head if line.strip() and not _CDNOW_HEADER.fullmatch(line)), "")
    return next((layout for layout, pattern in _CDNOW_LINES.items() if pattern.fullmatch(probe)), "csv")


# --- the two CDNOW layouts --------------------------------------------------------------------------------------------


def _cdnow(path: Path, layout: str, head: list[str], options: Options) -> Source:
    """Fixed columns: customer, (number in the sample,) day, CDs, dollars. Ids are made of the content and its count."""
    rate = options.rate or 10_000
    if rate % 100:
        raise Unreadable("--rate must be a multiple of 100 here: the file's dollars have cents, and Rial are whole")
    if sniff(head) != layout:
        raise Unreadable(f"{path} is not in the layout {layout}")
    width, zone = (4 if layout == "cdnow-master" else 5), ZoneInfo(options.zone)

    def records() -> Iterator[tuple[int, str]]:
        with _opened(path, options.encoding) as file:
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


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(path: Path, head: list[str], options: Options, default_rate: int) -> Source:
    delimiter = max(",;\t|", key=head[0].count)
    header = next(csv.reader([head[0]], delimiter=delimiter))
    places = _places(header, options.columns)
    rate, zone = options.rate or default_rate, ZoneInfo(options.zone)

    def records() -> Iterator[tuple[int, str]]:
        with _opened(path, options.encoding) as file:
            reader = csv.reader(file, delimiter=delimiter)
            next(reader)
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield reader.line_num, _joined(row)

    def parse(number: int, text: str) -> ImportLine:
        row = next(csv.reader(io.StringIO(text, newline="")))
        if len(row) < len(header):
            raise Refused("columns", _("شمار ستون‌های سطر کمتر از سرستون‌هاست."))
        cells = {name: row[place].strip() for name, place in places.items()}
        return _line_of(number, cells, rate, options.date_format, zone)

    return Source("csv", path, records, parse)


def _places(header: list[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Where each field of ours stands. Raises Unreadable for a column that is not there or a need not met."""
    folded = [_folded(name) for name in header]
    places = {}
    for name, column in mapping.items():
        known = ALIASES.get(name, name)
        if known not in COLUMN_NAMES:
            raise Unreadable(f"--map: {name} is not one of {', '.join(COLUMN_NAMES)}")
        if _folded(column) not in folded:
            raise Unreadable(f"--map: the file has no column {column}; it has {', '.join(header)}")
        places[known] = folded.index(_folded(column))
    taken = set(places.values())
    for known, names in COLUMN_NAMES.items():
        found = [folded.index(name) for name in map(_folded, names) if name in folded]
        free = [place for place in found if place not in taken]
        if known not in places and free:
            places[known] = free[0]
    missing = [name for name in ("amount", "date") if name not in places]
    if missing:
        raise Unreadable(
            f"no column for {' and '.join(missing)}: name it with --map {missing[0]}=COLUMN; "
            f"the file has {', '.join(header)}"
        )
    return places


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
            return "phone", normalise_phone(cells["phone"])
        except InvalidPhone as error:
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
        if date_format:
            return _by_format(typed, date_format, zone)
        parted = _CLOCK.fullmatch(typed)
        day = parted[1] if parted else typed
        if parted and parted[3]:
            return datetime.combine(parse_jalali(day), _clock(parted[2]), tzinfo=_offset(parted[3]))
        return datetime.combine(parse_jalali(day), _clock(parted[2]) if parted else NOON, tzinfo=zone)
    except (ValueError, InvalidDate, OverflowError) as error:
        raise Refused("date", _("تاریخ خوانده نشد.")) from error


def _by_format(typed: str, date_format: str, zone: ZoneInfo) -> datetime:
    found = datetime.strptime(typed, date_format)  # noqa: DTZ007 - the zone follows
    if not any(mark in date_format for mark in ("%H", "%I", "%X", "%c", "%T")):
        found = datetime.combine(found, NOON)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _clock(text: str) -> time:
    hours, _colon, rest = text.partition(":")
    return time.fromisoformat(f"{hours:0>2}:{rest}")


def _offset(text: str) -> tzinfo:
    return time.fromisoformat(f"00:00{text}").tzinfo or UTC


def _joined(row: list[str]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="").writerow(row)
    return written.getvalue()


def _folded(name: str) -> str:
    return name.replace("\u200c", " ").strip().casefold()


def _opened(path: Path, encoding: str) -> io.TextIOBase:
    with path.open("rb") as start:
        zipped = start.read(2) == b"\x1f\x8b"
    if zipped:
        return gzip.open(path, "rt", encoding=encoding, newline="")
    return path.open(encoding=encoding, newline="")


def _head(path: Path, encoding: str, most: int = 20) -> list[str]:
    head: list[str] = []
    with _opened(path, encoding) as file:
        for line in file:
            head.append(line.rstrip("\r\n"))
            if len(head) == most:
                break
    return head
