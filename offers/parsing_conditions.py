"""Conditions and groups of them, and the lines that they speak of, out of JSON. Pure."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Text as Message
from core.named_days import CODES
from core.reading import Choice, Code, Day, Fault, Faults, Field, Flag, Scaled, Text, Whole
from core.text import clean_name, latin_digits
from offers.known import ANYTHING, Known
from offers.rules import ALWAYS, AllOf, AnyOf, Condition, Group, Not, Of, Own, Scalar, Value
from offers.vocabulary import (
    CHANNELS,
    CUSTOM_KINDS,
    DAYS_FROM,
    DEEPEST,
    MOST_DAYS,
    MOST_TEXT,
    MOST_VALUES,
    OF_FIELDS,
    OPS,
    ORDER,
    OWN_OPS,
    RANGES,
    Kind,
)

TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
MOST_PARTS = 50
NOT_JSON: Message = _("شیء JSON بنویسید.")
NO_FIELD: Message = _("چنین فیلدی نیست.")
LACKING: Message = _("این فیلد لازم است.")


@dataclass(frozen=True, kw_only=True)
class OfField(Field):
    """A product or group code, a list of them, or `{not: …}`."""

    known: Known = ANYTHING

    def read(self, value: Any, path: str, faults: Faults) -> Of | None:
        negated = isinstance(value, dict) and set(value) == {"not"}
        where = f"{path}.not" if negated else path
        meant = value["not"] if negated else value
        codes = meant if isinstance(meant, list) else [meant]
        if not codes or len(codes) > MOST_VALUES:
            faults[where] = [_("دست‌کم یک کد و حداکثر ۵۰۰ کد بنویسید.")]
            return None
        taken = [
            self._code(code, f"{where}[{place}]" if isinstance(meant, list) else where, faults)
            for place, code in enumerate(codes)
        ]
        return Of(frozenset(taken), negated)

    def _code(self, value: Any, path: str, faults: Faults) -> str:
        try:
            code = str(Code().take(value))
        except Fault as fault:
            faults[path] = [fault.text]
            return ""
        if code not in self.known.products and code not in self.known.groups:
            faults[path] = [_("چنین کالا یا گروهی در باشگاه نیست.")]
        return code

    def kind(self) -> dict[str, Any]:
        code = Code().kind()
        some = {"anyOf": [code, {"type": "array", "items": code, "minItems": 1, "maxItems": MOST_VALUES}]}
        return {"anyOf": [*some["anyOf"], {"type": "object", "properties": {"not": some}, "required": ["not"]}]}


@dataclass(frozen=True, kw_only=True)
class GroupField(Field):
    """`{all: […]}`, `{any: […]}`, `{not: …}`, a condition, or `{}`, which always holds; up to four deep."""

    known: Known = ANYTHING
    deep: int = 1

    def read(self, value: Any, path: str, faults: Faults) -> Group:
        if not isinstance(value, dict):
            faults[path] = [NOT_JSON]
            return ALWAYS
        if not value:
            return ALWAYS
        names = {"all", "any", "not"} & value.keys()
        if not names:
            return _condition(value, path, faults, self.known)
        if len(value) > 1:
            faults[path] = [_("فقط یکی از all، any و not را بنویسید.")]
            return ALWAYS
        if self.deep > DEEPEST:
            faults[path] = [_("شرط‌ها بیش از چهار لایه درون هم‌اند.")]
            return ALWAYS
        return self._parts(names.pop(), next(iter(value.values())), path, faults)

    def _parts(self, name: str, value: Any, path: str, faults: Faults) -> Group:
        inner = GroupField(known=self.known, deep=self.deep + 1)
        where = f"{path}.{name}"
        if name == "not":
            return Not(inner.read(value, where, faults))
        if not isinstance(value, list) or len(value) > MOST_PARTS:
            faults[where] = [_("فهرستی از حداکثر ۵۰ شرط بنویسید.")]
            return ALWAYS
        if name == "any" and not value:
            faults[where] = [_("دست‌کم یک شرط بنویسید.")]
        parts = tuple(inner.read(part, f"{where}[{place}]", faults) for place, part in enumerate(value))
        return AllOf(parts) if name == "all" else AnyOf(parts)

    def kind(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": True}


def _condition(value: dict[str, Any], path: str, faults: Faults, known: Known) -> Group:
    for name in sorted(value.keys() - {"fact", "op", "value", "of"}):
        faults[f"{path}.{name}"] = [NO_FIELD]
    for name in ("fact", "op", "value"):
        if name not in value:
            faults[f"{path}.{name}"] = [LACKING]
    kind = _kind_of(value.get("fact"), value.get("value"), known)
    if kind is None:
        faults.setdefault(f"{path}.fact", [_("چنین دانسته‌ای نیست.")])
        return ALWAYS
    fact, op = str(value["fact"]), value.get("op")
    if op not in OPS[kind]:
        allowed = ", ".join(OPS[kind])
        faults.setdefault(f"{path}.op", [_("با این دانسته یکی از این‌ها می‌آید: %s") % allowed])
        return ALWAYS
    of = _of(fact, value, path, faults, known)
    taken = _Reader(fact, kind, str(op), known).value(value.get("value"), f"{path}.value", faults)
    return Condition(fact, str(op), taken, of)


def _kind_of(fact: Any, value: Any, known: Known) -> Kind | None:
    if not isinstance(fact, str):
        return None
    if not fact.startswith(OF_FIELDS):
        return known.facts[fact].kind if fact in known.facts else None
    asked, _dot, name = fact.partition(".")
    if f"{asked}." == DAYS_FROM:
        is_date = bool(name) if known.fields is None else known.fields.get(name) == "date"
        return "birthday" if is_date else None
    if known.fields is not None:
        return CUSTOM_KINDS.get(known.fields.get(name, ""))
    one = value[0] if isinstance(value, list) and value else value
    return ("count" if isinstance(one, int) else "word") if name else None


def _of(fact: str, value: dict[str, Any], path: str, faults: Faults, known: Known) -> Of | int | None:
    wanted = "" if fact.startswith(OF_FIELDS) else known.facts[fact].of
    where = f"{path}.of"
    if "of" not in value:
        if wanted in ("lines", "days"):
            faults[where] = [LACKING]
        return None
    if not wanted:
        faults[where] = [_("این دانسته of نمی‌گیرد.")]
        return None
    if wanted == "days":
        days: int = Whole(least=1, most=MOST_DAYS).read(value["of"], where, faults)
        return days
    return OfField(known=known).read(value["of"], where, faults)


@dataclass(frozen=True)
class _Reader:
    """The value of one condition, by the kind of its fact and the operator."""

    fact: str
    kind: Kind
    op: str
    known: Known

    def value(self, value: Any, path: str, faults: Faults) -> Value:
        if isinstance(value, dict):
            return self._own(value, path, faults)
        if self.op in ("in", "not_in"):
            return self._several(value, path, faults, least=1, most=MOST_VALUES)
        if self.op == "between":
            return self._range(value, path, faults)
        return self._one(value, path, faults)

    def _own(self, value: dict[str, Any], path: str, faults: Faults) -> Value:
        figure = "" if self.fact.startswith(OF_FIELDS) else self.known.facts[self.fact].own
        if not figure or self.op not in OWN_OPS:
            faults[path] = [_("این شرط با سهمی از رقم خود عضو سنجیده نمی‌شود.")]
            return 0
        for name in sorted(value.keys() - {"own", "percent"}):
            faults[f"{path}.{name}"] = [NO_FIELD]
        Choice(values=(figure,)).read(value.get("own", ""), f"{path}.own", faults)
        percent = Scaled(unit=100, least=1, most=1_000_000).read(value.get("percent"), f"{path}.percent", faults)
        return Own(figure, percent or 0)

    def _several(self, value: Any, path: str, faults: Faults, *, least: int, most: int) -> tuple[Scalar, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            faults[path] = [_("فهرستی با دست‌کم یک مقدار بنویسید.") if least == 1 else _("دو مقدار بنویسید: از و تا.")]
            return ()
        return tuple(self._one(one, f"{path}[{place}]", faults) for place, one in enumerate(value))

    def _range(self, value: Any, path: str, faults: Faults) -> tuple[Scalar, ...]:
        ends: tuple[Any, ...] = self._several(value, path, faults, least=2, most=2)
        if len(ends) == 2 and path not in faults and not faults.keys() & {f"{path}[0]", f"{path}[1]"}:
            low, high = ends
            # Hours may run over midnight; ranks are known only to the club.
            if (self.kind == "time" and low == high) or (self.kind not in ("time", "tier") and low > high):
                faults[path] = [_("آغاز بازه باید پیش از پایانش باشد.")]
        return ends

    def _one(self, value: Any, path: str, faults: Faults) -> Scalar:
        try:
            return self._taken(value)
        except Fault as fault:
            faults[path] = [fault.text]
            return 0

    def _taken(self, value: Any) -> Scalar:
        if self.op == "every":
            return Whole(least=1, most=RANGES[self.kind][1]).take(value)
        if self.kind in RANGES:
            least, most = RANGES[self.kind]
            return Whole(least=least, most=most).take(value)
        match self.kind:
            case "time":
                return self._time(value)
            case "date":
                return Day().take(value)
            case "flag":
                return Flag().take(value)
            case "tier":
                return self._code(value, self.known.tiers)
        return self._word(value)

    def _time(self, value: Any) -> int:
        """Seconds since midnight; 24:00 is the end of the day."""
        text = latin_digits(value) if isinstance(value, str) else ""
        if TIME.fullmatch(text) is None or (text == "24:00" and self.op not in ("between", *ORDER)):
            raise Fault(_("ساعت را مانند 16:00 بنویسید."))
        return int(text[:2]) * 3_600 + int(text[3:]) * 60

    def _word(self, value: Any) -> str:
        if self.fact in ("branch", "segment"):
            return self._code(value, self.known.branches if self.fact == "branch" else self.known.segments)
        if self.fact == "channel":
            return Choice(values=CHANNELS).take(value)
        if self.fact == "named_day":
            return Choice(values=CODES).take(value)
        return clean_name(Text(least=1, most=MOST_TEXT).take(value))

    def _code(self, value: Any, among: Any) -> str:
        code = Code().take(value)
        if code not in among:
            raise Fault(_("چنین کدی در باشگاه نیست."))
        return code
