"""A shop into which lists of customers are brought, and what is asked of them and their reports."""

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from club.awards.importing import MemberImport, club_terms
from club.ledger.models import Entry, Lot, Wallet
from club.members.models import CustomField, Member, NameToken, TierChange
from core.models import AuditEntry, DomainEvent
from core.tables.reading import open_table
from sms.models import OutboxMessage
from tests.shop import Shop


def written(folder: Path, text: str, name: str = "customers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def everything() -> list[int]:
    models: list[Any] = [Member, NameToken, Wallet, Lot, Entry, TierChange, OutboxMessage, DomainEvent, AuditEntry]
    return [model.objects.count() for model in models]


def refused(path: Path) -> list[list[str]]:
    """The rows of a report, header first."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).active
        return [["" if value is None else str(value) for value in row] for row in sheet.values]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def reasons(tmp_path: Path, name: str = "refused.csv") -> list[str]:
    return [row[-1] for row in refused(tmp_path / name)[1:]]


@pytest.fixture
def tiers(shop: Shop) -> None:
    """A shop with its three tiers."""
    shop.tiers()


@pytest.fixture
def cafe(shop: Shop, tiers: None) -> Shop:
    CustomField.objects.create(code="coffee", label="نوع قهوه")
    return shop


@pytest.fixture
def chosen(shop: Shop, tiers: None) -> Shop:
    CustomField.objects.create(code="coffee", label="نوع قهوه", kind="choice", choices=["لاته", "اسپرسو"])
    return shop


def run_of(path: Path, **options: Any) -> MemberImport:
    terms = club_terms(timezone.now())
    table = open_table(path, is_header=terms.known.is_header)
    return MemberImport(table, terms.known.understood(table.header), terms, "user:1", **options)
