"""What one line of a list of leads says: somebody who may become a member, or every fault of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from club.awards.import_batches import Faulty
from club.awards.import_columns import FIELDS, PHONE, Field, Known
from club.awards.import_lines import ERRORS, NOTHING
from core.errors import AppError, Text, ValidationFailed
from core.money import Rial, parse_money
from core.phones import InvalidPhone, normalise_phone
from core.tables.headers import folded
from core.tables.reading import whole_number
from crm.agents.models import Agent
from crm.leads.checks import checked
from crm.leads.models import LeadKind, LeadStage

LEAD_FIELDS: dict[str, Field] = {
    PHONE: FIELDS[PHONE],
    "name": Field(
        _("نام"),
        "نام | نام و نام خانوادگی | نام و نام‌خانوادگی | نام کامل | نام سرنخ | نام مشتری | نام شرکت | نام سازمان | "
        "نام مؤسسه | شرکت | عنوان | full name | contact name | customer name | company name | company | "
        "organisation | organization | lead | title",
    ),
    "last_name": FIELDS["last_name"],
    "kind": Field(
        _("نوع"),
        "نوع | نوع سرنخ | نوع مشتری | نوع شخص | شخصیت | دسته | دسته‌بندی | type | category | lead kind | lead type | "
        "customer type",
    ),
    "email": FIELDS["email"],
    "source": FIELDS["source"],
    "owner": Field(
        _("کارشناس"),
        "کارشناس | موبایل کارشناس | شماره کارشناس | کارشناس فروش | مسئول | مسئول پیگیری | owner phone | "
        "owner mobile | lead owner | expert | assigned to | salesperson",
    ),
    "agent": Field(_("کد عامل"), "کد عامل | عامل | عامل فروش | کد عامل فروش | agent code"),
    "expected": Field(
        _("مبلغ پیش‌بینی"),
        "مبلغ پیش‌بینی | پیش‌بینی | پیش‌بینی خرید | مبلغ مورد انتظار | مبلغ | ارزش | expected amount | amount | value | "
        "deal value | budget",
    ),
    "stage": Field(_("مرحله"), "مرحله | مرحله فروش | pipeline stage"),
    "note": Field(_("یادداشت"), "یادداشت | توضیح | توضیحات | شرح | notes | comment | comments | description"),
}
KNOWN = Known({}, LEAD_FIELDS)
# The fields of a lead, by the columns they come from.
OF_LEAD = {"expected_rial": "expected"}
KINDS = {
    folded(word): kind
    for kind, words in {
        LeadKind.PERSON: "شخص | شخص حقیقی | حقیقی | فرد | فردی | person | individual | natural person",
        LeadKind.COMPANY: "شرکت | شرکتی | شرکت خصوصی | شخص حقوقی | حقوقی | کسب‌وکار | بنگاه | company | business | "
        "firm | corporation | legal person",
        LeadKind.INSTITUTE: "مؤسسه | موسسه | آموزشگاه | انجمن | بنیاد | خیریه | institute | institution | "
        "association | foundation | school | ngo",
        LeadKind.PUBLIC_BODY: "نهاد دولتی | سازمان دولتی | دولتی | سازمان | اداره | اداره دولتی | نهاد | وزارتخانه | "
        "شهرداری | public body | public_body | public | government | governmental | state | public sector",
    }.items()
    for word in words.split(" | ")
}


@dataclass(frozen=True)
class LeadTerms:
    """What lines are read by: the club's unit, its open stages and experts by what people call them, and its agents.

    Stages stand under folded code and name, experts under phone and folded name; `brings` finds the agent of a code.
    """

    unit: str
    stages: Mapping[str, LeadStage]
    experts: Mapping[str, User]
    brings: Callable[[str], Agent]


@dataclass(frozen=True)
class Prospect:
    """A line that can become a lead: the fields as they are kept; None where the line names nobody."""

    values: dict[str, Any]
    stage: LeadStage | None
    owner: User | None
    agent: Agent | None


@dataclass(frozen=True)
class LeadReader:
    """Reads lines whose columns stand where `places` says."""

    terms: LeadTerms
    places: Mapping[str, int]

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """What stands in each field's column, where it is filled."""
        found = {name: row[place].strip() for name, place in self.places.items() if place < len(row)}
        return {name: text for name, text in found.items() if text.casefold() not in NOTHING}

    def phone(self, cells: Mapping[str, str]) -> str:
        """The phone in its stored form. Raises Faulty."""
        try:
            return normalise_phone(whole_number(cells.get(PHONE, "")))
        except AppError as error:
            raise Faulty([self.said(PHONE, error.detail)]) from error

    def said(self, name: str, text: Text) -> str:
        """The reason with the name of its field."""
        return f"{KNOWN.label(name)}: {text}" if name in LEAD_FIELDS else str(text)

    def prospect(self, cells: Mapping[str, str], phone: str) -> Prospect:
        """Who the line says it is. Raises Faulty with all that is wrong."""
        found: dict[str, Any] = {}
        reasons = []
        for name, text in cells.items():
            try:
                found[name] = self._read(name, text)
            except AppError as error:
                reasons.append(self.said(name, error.detail))
        agent: Agent | None = found.get("agent")
        if agent is not None and agent.phone == phone:
            reasons.append(self.said("agent", _("کسی معرف خودش نمی‌شود.")))
        values: dict[str, Any] = {}
        try:
            values = checked(_as_kept(found, phone))
        except ValidationFailed as error:
            wrong = {OF_LEAD.get(name, name): texts for name, texts in error.errors.items()}
            reasons += [self.said(name, text) for name, texts in wrong.items() for text in texts]
        if reasons:
            raise Faulty(reasons)
        return Prospect(values, found.get("stage"), found.get("owner"), agent)

    def _read(self, name: str, text: str) -> Any:
        if text.casefold() in ERRORS:
            raise AppError(_("فرمول این خانه خطا دارد (%(error)s)؛ درستش کنید یا مقدارش را بنویسید."), error=text)
        match name:
            case "kind":
                return self._one_of(KINDS, text, _("شخص، شرکت، مؤسسه یا نهاد دولتی بنویسید.")).value
            case "stage":
                return self._one_of(self.terms.stages, text, _("چنین مرحله‌ای در باشگاه نیست."))
            case "expected":
                return self._amount(text)
            case "owner":
                return self._owner(text)
            case "agent":
                return self.terms.brings(text)
        return text

    def _one_of(self, choices: Mapping[str, Any], text: str, why: Text) -> Any:
        found = choices.get(folded(text))
        if found is None:
            raise AppError(why)
        return found

    def _amount(self, text: str) -> Rial:
        return parse_money(whole_number(text), self.terms.unit)

    def _owner(self, text: str) -> User:
        try:
            name = normalise_phone(whole_number(text))
        except InvalidPhone:
            name = folded(text)
        found = self.terms.experts.get(name)
        if found is None:
            raise AppError(_("این کاربر سرنخ‌ها را نمی‌بیند؛ شمارهٔ یکی از کارشناسان را بنویسید."))
        return found


def _as_kept(found: Mapping[str, Any], phone: str) -> dict[str, Any]:
    return {
        "name": f"{found.get('name', '')} {found.get('last_name', '')}".strip(),
        "phone": phone,
        "email": found.get("email", ""),
        "kind": found.get("kind", LeadKind.PERSON.value),
        "source": found.get("source", ""),
        "expected_rial": found.get("expected"),
        "note": found.get("note", ""),
    }
