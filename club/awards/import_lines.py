"""What one line of a list of customers says: a member to be with the value brought along, or every fault of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from club.awards.import_batches import Faulty
from club.awards.import_columns import CONSENT, CUSTOM, PHONE, Known
from club.ledger.models import Unit
from club.ledger.services import Opening
from club.members.models import CustomField, Member
from club.members.services import NewMember, prepare_member
from core.errors import AppError, Text, ValidationFailed
from core.jalali import day_bounds, local_date, parse_jalali, parse_moment
from core.money import parse_money
from core.phones import normalise_phone
from core.tables.headers import folded
from core.tables.reading import whole_number
from core.text import clean_name, latin_digits, search_key, words_of

MOST = 10**15
SOME_PHONE = "09000000000"
DAY_ONE = date(1899, 12, 30)  # of the days that spreadsheets count
_SERIAL = re.compile(r"[1-9][0-9]{4}", re.ASCII)
# What a spreadsheet shows for a formula that went wrong; «#N/A» is nothing.
ERRORS = {"#ref!", "#name?", "#value!", "#div/0!", "#null!", "#num!", "#spill!", "#calc!"}
NOTHING = {"", "-", "–", "—", "_", "null", "none", "nan", "n/a", "#n/a", "ندارد"}
GENDERS = {
    **dict.fromkeys(("زن", "خانم", "بانو", "مونث", "female", "f", "woman", "mrs", "ms"), Member.Gender.FEMALE),
    **dict.fromkeys(("مرد", "اقا", "مذکر", "male", "m", "man", "mr"), Member.Gender.MALE),
    **dict.fromkeys(("نامشخص", "نامعلوم", "unknown"), Member.Gender.UNKNOWN),
}
YES = {"بله", "بلی", "اری", "دارد", "می‌گیرد", "yes", "y", "true", "1", "on"}
NO = {"نه", "خیر", "ندارد", "نمی‌گیرد", "no", "n", "false", "0", "off"}
LANGUAGES = {"fa": "fa", "فارسی": "fa", "persian": "fa", "farsi": "fa", "en": "en", "انگلیسی": "en", "english": "en"}
_YES, _NO = ({search_key(word) for word in words} for words in (YES, NO))
TITLES = {"سید", "سیده", "میر", "حاج", "حاجی"}


@dataclass(frozen=True)
class Newcomer:
    """A line that can become a member."""

    member: Member
    openings: tuple[Opening, ...]
    consent: bool | None = None
    """What the line says of messages; None where it says nothing."""


@dataclass(frozen=True)
class ClubTerms:
    """What lines are read by: the club's unit, zone, tiers by folded name and code, and the fields it added."""

    unit: str
    zone: str
    tiers: Mapping[str, str]
    fields: Mapping[str, CustomField]
    now: datetime

    @property
    def known(self) -> Known:
        """The fields that a column may hold here."""
        return Known({code: one.label for code, one in self.fields.items()})


@dataclass
class LineReader:
    """Reads lines whose columns stand where `places` says."""

    club: ClubTerms
    places: Mapping[str, int]
    _readers: dict[str, Callable[[str], Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._readers = {
            "joined": self._joined,
            "birth_date": _day,
            "gender": _gender,
            "language": _language,
            CONSENT: _consent,
            "tags": lambda text: tuple(words_of(text)),
            "external_id": whole_number,
            "card": whole_number,
            "tier": self._tier,
            "points": _whole,
            "points_until": self._end_of,
            "credit": self._credit,
            "credit_until": self._end_of,
        }

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """What stands in each field's column, where it is filled."""
        found = {name: row[place].strip() for name, place in self.places.items() if place < len(row)}
        return {name: text for name, text in found.items() if text.casefold() not in NOTHING or _is_no(name, text)}

    def phone(self, cells: Mapping[str, str]) -> str:
        """The phone in its stored form. Raises Faulty."""
        try:
            return normalise_phone(whole_number(cells.get(PHONE, "")))
        except AppError as error:
            raise Faulty([self.said(PHONE, error.detail)]) from error

    def person(self, cells: Mapping[str, str], phone: str) -> Newcomer:
        """The member to be. Raises Faulty with all that is wrong."""
        values: dict[str, Any] = {}
        reasons = []
        for name, text in cells.items():
            try:
                values[name] = self._read(name, text)
            except AppError as error:
                reasons.append(self.said(name, error.detail))
        try:
            member = self._member(values, phone)
        except ValidationFailed as error:
            reasons += [self.said(name, text) for name, texts in error.errors.items() for text in texts]
        if reasons:
            raise Faulty(reasons)
        openings = [
            Opening(unit, values[unit], self.club.now, values.get(f"{unit}_until"))
            for unit in (Unit.POINTS.value, Unit.CREDIT.value)
            if values.get(unit)
        ]
        return Newcomer(member, tuple(openings), values.get(CONSENT))

    def faults(self, cells: Mapping[str, str]) -> list[str]:
        """What is wrong with the line beside its phone."""
        try:
            self.person(cells, SOME_PHONE)
        except Faulty as faulty:
            return faulty.reasons
        return []

    def _read(self, name: str, text: str) -> Any:
        if text.casefold() in ERRORS:
            raise AppError(_("فرمول این خانه خطا دارد (%(error)s)؛ درستش کنید یا مقدارش را بنویسید."), error=text)
        reader = self._readers.get(name)
        if name.startswith(CUSTOM):
            return self._custom(name, text)
        return reader(text) if reader else text

    def _member(self, values: Mapping[str, Any], phone: str) -> Member:
        first, last = _split(values.get("name", ""))
        person = NewMember(
            phone=phone,
            external_id=values.get("external_id"),
            card=values.get("card"),
            first_name=values.get("first_name", first),
            last_name=values.get("last_name", last),
            email=values.get("email", ""),
            gender=values.get("gender", ""),
            language=values.get("language", ""),
            birth_date=values.get("birth_date"),
            source=values.get("source", "import"),
            tags=values.get("tags", ()),
            custom={name.removeprefix(CUSTOM): value for name, value in values.items() if name.startswith(CUSTOM)},
        )
        return prepare_member(
            person,
            enrolled_at=values.get("joined", self.club.now),
            tier_floor=values.get("tier", ""),
            own=self.club.fields,
        )

    def said(self, name: str, text: Text) -> str:
        """The reason with the name of its field."""
        known = self.club.known
        return f"{known.label(name)}: {text}" if name in known.names else str(text)

    def _joined(self, text: str) -> datetime:
        at = parse_moment(_unserialised(text), self.club.zone)
        if at <= self.club.now:
            return at
        if local_date(at, self.club.zone) == local_date(self.club.now, self.club.zone):
            return self.club.now
        raise AppError(_("این روز هنوز نیامده است."))

    def _end_of(self, text: str) -> datetime:
        """The instant after the last day."""
        end = day_bounds(_day(text), self.club.zone)[1]
        if end <= self.club.now:
            raise AppError(_("این روز گذشته است."))
        return end

    def _tier(self, text: str) -> str:
        code = self.club.tiers.get(folded(text))
        if code is None:
            raise AppError(_("چنین سطحی در باشگاه نیست."))
        return code

    def _credit(self, text: str) -> int:
        amount = parse_money(whole_number(text), self.club.unit)
        if amount > MOST:
            raise AppError(_("این مبلغ بیش از اندازه بزرگ است."))
        return amount

    def _custom(self, name: str, text: str) -> Any:
        one = self.club.fields[name.removeprefix(CUSTOM)]
        match one.kind:
            case CustomField.Kind.NUMBER:
                return _whole(text)
            case CustomField.Kind.DATE:
                return _day(text).isoformat()
            case CustomField.Kind.CHOICE:
                choices = {folded(choice): choice for choice in one.choices}
                if folded(text) not in choices:
                    raise AppError(_("یکی از گزینه‌ها را برگزینید."))
                return choices[folded(text)]
        if len(text) > 500:
            raise AppError(_("این فیلد خالی یا بلندتر از اندازه است."))
        return clean_name(text)


def _unserialised(text: str) -> str:
    """A bare number of five digits is a date that a spreadsheet has shown as what it counts."""
    typed = latin_digits(whole_number(text)).strip()
    return (DAY_ONE + timedelta(days=int(typed))).isoformat() if _SERIAL.fullmatch(typed) else text


def _day(text: str) -> date:
    """The day; a time behind it is left out."""
    typed = _unserialised(text)
    try:
        return parse_jalali(typed)
    except AppError as refused:
        try:
            return parse_moment(typed).date()
        except AppError:
            raise refused from None


def _gender(text: str) -> str:
    found = GENDERS.get(folded(text))
    if found is None:
        raise AppError(_("زن یا مرد بنویسید."))
    return found.value


def _language(text: str) -> str:
    found = {search_key(name): code for name, code in LANGUAGES.items()}.get(search_key(text))
    if found is None:
        raise AppError(_("فارسی یا انگلیسی بنویسید."))
    return found


def _consent(text: str) -> bool:
    said = search_key(text)
    if said not in _YES | _NO:
        raise AppError(_("بله یا نه بنویسید."))
    return said in _YES


def _is_no(name: str, text: str) -> bool:
    """«ندارد» means nothing in any column but this one."""
    return name == CONSENT and search_key(text) in _NO


def _whole(text: str) -> int:
    try:
        number = parse_money(whole_number(text), "rial")
    except AppError as error:
        if error.code == "spoilt_number":
            raise
        raise AppError(_("تنها عدد درست بنویسید.")) from error
    if number > MOST:
        raise AppError(_("این عدد بیش از اندازه بزرگ است."))
    return number


def _split(name: str) -> tuple[str, str]:
    """First and last name of a name in one column: «احمدی، سارا», «سید علی حسینی», «سارا احمدی»."""
    if "،" in name or "," in name:
        last, _mark, first = name.replace("،", ",").partition(",")
        return first.strip(), last.strip()
    words = name.split()
    own = 2 if len(words) > 2 and words[0] in TITLES else 1
    return " ".join(words[:own]), " ".join(words[own:])
