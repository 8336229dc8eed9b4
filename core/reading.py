"""Reading what a client sent, strictly: each fault is named by its path (`lines[0].unit_price`). Pure.

A body is described once, as a Record of fields; the description reads it, and writes its part of the OpenAPI document.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Text as Message
from core.errors import ValidationFailed
from core.jalali import day_bounds
from core.money import MAX_BIGINT
from core.phones import InvalidPhone, normalise_phone
from core.text import latin_digits

Faults = dict[str, list[Message]]
MOST_RIAL = 10**15
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DIGITS = re.compile(r"-?[0-9]{1,20}")
LOST_PLUS = re.compile(r" (\d{2}:\d{2})$", re.ASCII)


class Fault(Exception):
    """A value that its field does not take; the text says why."""

    def __init__(self, text: Message) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value. A field that was not sent is left out of what is read, so that a PATCH can tell."""

    required: bool = False
    nullable: bool = False
    about: str = ""

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        """The value as the program takes it; a fault is noted by its path."""
        if value is None:
            if not self.nullable:
                faults[path] = [_("این فیلد نمی‌تواند null باشد.")]
            return None
        try:
            return self.take(value)
        except Fault as fault:
            faults[path] = [fault.text]
            return None

    def take(self, value: Any) -> Any:
        """The value of the right kind, or Fault."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """Its part of the OpenAPI document."""
        schema = self.kind()
        if self.nullable:
            schema = {**schema, "nullable": True}
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
        return {**schema, "description": self.about} if self.about else schema

    def kind(self) -> dict[str, Any]:
        """Type and limits in OpenAPI's words."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """A whole number; no fraction, no text, and small enough for the database."""

    least: int = 0
    most: int = MAX_BIGINT

    def take(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Fault(_("عدد درست بنویسید، بی اعشار و بی گیومه."))
        if not self.least <= value <= self.most:
            raise Fault(_("این عدد از اندازهٔ پذیرفتنی بیرون است."))
        return value

    def kind(self) -> dict[str, Any]:
        return {"type": "integer", "format": "int64", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, kw_only=True)
class Scaled(Field):
    """A number such as 7.5 (percent) or 1.5 (factor), kept as basis points: `unit` of them make one."""

    unit: int = 100
    least: int = 0
    most: int = 10_000

    def take(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise Fault(_("عدد بنویسید، مانند 7.5."))
        number = Decimal(str(value))  # of a float the digits that were written
        if not number.is_finite() or not self.least <= number * self.unit <= self.most:
            raise Fault(_("این عدد از اندازهٔ پذیرفتنی بیرون است."))
        scaled = number * self.unit
        if scaled != scaled.to_integral_value():
            raise Fault(_("رقم‌های اعشار بیش از اندازه است."))
        return int(scaled)

    def kind(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least / self.unit, "maximum": self.most / self.unit}


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    def take(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Fault(_("true یا false بنویسید."))
        return value

    def kind(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    most: int = 200
    least: int = 0

    def take(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Fault(_("متن بنویسید."))
        if "\x00" in value:
            raise Fault(_("نویسه‌ای دارد که نمی‌شود نگه داشت."))
        if len(value) > self.most:
            raise Fault(_("بلندتر از اندازه است."))
        if len(value.strip()) < self.least:
            raise Fault(_("این فیلد خالی است."))
        return value

    def kind(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.most, **({"minLength": self.least} if self.least else {})}


@dataclass(frozen=True, kw_only=True)
class Code(Text):
    """A code of the club's own, as its other programs write it; kept with Latin digits."""

    most: int = 32
    least: int = 1

    def take(self, value: Any) -> str:
        code = latin_digits(super().take(value)).strip()
        if not code.isprintable() or code in {".", ".."}:  # the dots mean a folder in an address
            raise Fault(_("این کد پذیرفتنی نیست."))
        return code


@dataclass(frozen=True, kw_only=True)
class NamedCode(Text):
    """A code that must exist already: any text, as an unknown one is refused by whoever looks it up."""

    most: int = 32

    def take(self, value: Any) -> str:
        return latin_digits(super().take(value)).strip()


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    values: tuple[str, ...]

    def take(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.values:
            raise Fault(_("یکی از گزینه‌ها را برگزینید."))
        return value

    def kind(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.values)}


@dataclass(frozen=True, kw_only=True)
class Phone(Field):
    """A mobile number in any form and digits; read as `09…`."""

    def take(self, value: Any) -> str:
        try:
            return normalise_phone(Text(most=40).take(value))
        except InvalidPhone as error:
            raise Fault(error.detail) from error

    def kind(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 40, "example": "09121234567"}


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A Gregorian day, `2026-11-22`."""

    def take(self, value: Any) -> date:
        if not isinstance(value, str) or DAY.fullmatch(value) is None:
            raise Fault(_("تاریخ را مانند 2026-11-22 بنویسید."))
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise Fault(_("چنین روزی در تقویم نیست.")) from error

    def kind(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, kw_only=True)
class Moment(Field):
    """A time with its offset. With a `zone` also a day: its start there, or its end where `ends`."""

    zone: Callable[[], str] | None = None
    """Asked when a day is read, as it is the club's."""
    ends: bool = False

    def take(self, value: Any) -> datetime:
        text = value.strip() if isinstance(value, str) else ""
        try:
            if self.zone and DAY.fullmatch(text):
                moment = _within(date.fromisoformat(text), self.zone())[self.ends]
            elif MOMENT.fullmatch(text):
                moment = datetime.fromisoformat(text.upper())
            else:
                raise Fault(_("زمان را با اختلاف ساعت بنویسید، مانند 2026-11-22T16:05:00+03:30."))
            if not EARLIEST <= moment < LATEST:
                raise Fault(_("این زمان از اندازهٔ پذیرفتنی بیرون است."))
        except (ValueError, OverflowError) as error:
            raise Fault(_("چنین زمانی نیست.")) from error
        return moment.astimezone(UTC)

    def kind(self) -> dict[str, Any]:
        moment = {"type": "string", "format": "date-time"}
        return {"anyOf": [moment, {"type": "string", "format": "date"}]} if self.zone else moment


@dataclass(frozen=True, kw_only=True)
class OrMax(Field):
    """A number, or "max": as much as goes."""

    number: Whole

    def take(self, value: Any) -> int | str:
        return "max" if value == "max" else self.number.take(value)

    def kind(self) -> dict[str, Any]:
        return {"anyOf": [self.number.kind(), {"type": "string", "enum": ["max"]}]}


@dataclass(frozen=True, kw_only=True)
class MemberRef(Field):
    """A member by id or by phone."""

    def take(self, value: Any) -> int | str:
        if isinstance(value, str):
            return str(Phone().take(value))
        return Whole(least=1).take(value)

    def kind(self) -> dict[str, Any]:
        return {"anyOf": [Whole(least=1).kind(), Phone().kind()]}


@dataclass(frozen=True, kw_only=True)
class Values(Field):
    """The club's own fields by name; who they belong to checks the names."""

    def take(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Fault(_("شیء JSON بنویسید."))
        if any(isinstance(item, int) and abs(item) > MAX_BIGINT for item in value.values()):
            raise Fault(_("این عدد از اندازهٔ پذیرفتنی بیرون است."))
        return value

    def kind(self) -> dict[str, Any]:
        simple = [{"type": "string", "maxLength": 500}, {"type": "integer", "format": "int64"}, {"type": "boolean"}]
        return {"type": "object", "additionalProperties": {"anyOf": simple, "nullable": True}}


@dataclass(frozen=True, kw_only=True)
class Items(Field):
    """A list of values of one kind."""

    of: Field
    most: int

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if value is None or not isinstance(value, list) or len(value) > self.most:
            return super().read(value, path, faults)
        return [self.of.read(item, f"{path}[{index}]", faults) for index, item in enumerate(value)]

    def take(self, value: Any) -> Any:
        raise Fault(_("بیش از اندازه است.") if isinstance(value, list) else _("فهرست بنویسید."))

    def kind(self) -> dict[str, Any]:
        return {"type": "array", "items": self.of.schema(), "maxItems": self.most}


@dataclass(frozen=True, kw_only=True)
class Record(Field):
    """An object with these fields and no others."""

    fields: Mapping[str, Field]
    check: Callable[[dict[str, Any], str, Faults], None] | None = field(default=None, compare=False)

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, dict):
            return super().read(value, path, faults)
        start = f"{path}." if path else ""
        for name in value.keys() - self.fields.keys():
            faults[f"{start}{name}"] = [_("چنین فیلدی نیست.")]
        read = {}
        for name, known in self.fields.items():
            if name in value:
                read[name] = known.read(value[name], f"{start}{name}", faults)
            elif known.required:
                faults[f"{start}{name}"] = [_("این فیلد لازم است.")]
        if self.check and not faults:
            self.check(read, start, faults)
        return read

    def take(self, value: Any) -> Any:
        raise Fault(_("شیء JSON بنویسید."))

    def kind(self) -> dict[str, Any]:
        required = [name for name, known in self.fields.items() if known.required]
        return {
            "type": "object",
            "properties": {name: known.schema() for name, known in self.fields.items()},
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }


@dataclass(frozen=True, kw_only=True)
class Either(Field):
    """One of two objects: the second where the name `by` is sent."""

    first: Record
    second: Record
    by: str

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        meant = self.second if isinstance(value, dict) and self.by in value else self.first
        return meant.read(value, path, faults)

    def kind(self) -> dict[str, Any]:
        return {"oneOf": [self.first.kind(), self.second.kind()]}


def read_body(value: Any, record: Record | Either) -> dict[str, Any]:
    """What was sent, checked; ValidationFailed with every fault by its path."""
    faults: Faults = {}
    read = record.read(value, "", faults)
    if "" in faults:
        faults["body"] = faults.pop("")
    if faults:
        raise ValidationFailed(faults)
    return dict(read)


def read_query(values: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The known parameters of an address that were given; ValidationFailed by name."""
    faults: Faults = {}
    read = {}
    for name, known in fields.items():
        if name not in values:
            continue
        text = values[name]
        number = isinstance(known, Whole) and DIGITS.fullmatch(text)
        if isinstance(known, Moment):
            text = LOST_PLUS.sub(r"+\1", text)  # a plus that was not escaped arrives as a blank
        read[name] = known.read(int(text) if number else text, name, faults)
    if faults:
        raise ValidationFailed(faults)
    return read


def _within(day: date, zone: str) -> tuple[datetime, datetime]:
    """The start and the end of a day of the zone, for days that the calendar of the program reaches."""
    if not EARLIEST.date() <= day < LATEST.date():
        raise ValueError(day)
    return day_bounds(day, zone)
