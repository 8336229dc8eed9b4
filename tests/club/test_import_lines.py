"""What a line of a purchase log says, read by itself."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from club.purchases.import_layouts import ImportLine, Options, Refused, open_source
from tests.club.logs import CDNOW_MASTER_LINES, TEHRAN, written


def read_all(path: Path, **options: Any) -> list[ImportLine]:
    source = open_source(path, Options(**options), default_rate=10)
    seen: Counter[bytes] = Counter()
    return [source.read(number, text, seen) for number, text in source.lines()]


def read_or_code(path: Path, field: str, **options: Any) -> object:
    """A field of the only line, or the code it is refused with."""
    try:
        (line,) = read_all(path, **options)
    except Refused as refused:
        return refused.code
    return getattr(line, field)


def test_the_master_layout_is_sniffed_and_equal_lines_are_told_apart_by_their_count(tmp_path: Path) -> None:
    lines = read_all(written(tmp_path, CDNOW_MASTER_LINES.replace("\n", "\r\n")))

    assert [line.external_id for line in lines] == [
        "cdnow:00001:19970101:1:11.77",
        "cdnow:00002:19970112:1:12.00",
        "cdnow:00002:19970112:1:12.00#2",
        "cdnow:00003:19970102:2:0.00",
    ]
    assert [line.amount for line in lines] == [117_700, 120_000, 120_000, 0]
    assert lines[0].member == ("external_id", "00001")
    assert lines[0].occurred_at == datetime(1997, 1, 1, 12, tzinfo=TEHRAN)


def test_a_purchase_has_one_id_in_the_sample_and_in_the_master(tmp_path: Path) -> None:
    sample = read_all(written(tmp_path, " 00004 0001 19970101  2   29.33\r\n"))
    master = read_all(written(tmp_path, " 00004 19970101  2   29.33\r\n"))

    assert sample == master


@pytest.mark.parametrize(
    ("text", "rate", "rial"),
    [
        ("0.29", 10_000, 2_900),
        ("1.15", 10_000, 11_500),
        ("۲۵۰٬۰۰۰", 10, 2_500_000),
        ("250,000", 1, 250_000),
        ("1 250 000", 1, 1_250_000),
        ("۱۲٫۵", 10, 125),
        ("0", 10, 0),
        ("", 10, "amount"),
        ("-5", 10, "negative"),
        ("NaN", 10, "amount"),
        ("1e309", 10, "amount"),
        ("1e5", 10, "amount"),
        ("2,50,000", 10, "amount"),
        ("1.005", 10, "fraction"),
        ("1000000000000000", 10, "too_large"),
        ("9" * 60, 10, "amount"),
    ],
)
def test_amounts_are_read_exactly(tmp_path: Path, text: str, rate: int, rial: int | str) -> None:
    path = written(tmp_path, f'amount;date\n"{text}";1405/09/01\n')

    assert read_or_code(path, "amount", rate=rate) == rial


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1405/9/1", datetime(2026, 11, 22, 12, tzinfo=TEHRAN)),
        ("۱۴۰۵/۰۹/۰۱ ۱۸:۳۰", datetime(2026, 11, 22, 18, 30, tzinfo=TEHRAN)),
        ("۱۴۰۵-۰۹-۰۱ ۹:۰۵:۱۰", datetime(2026, 11, 22, 9, 5, 10, tzinfo=TEHRAN)),
        ("14050901", datetime(2026, 11, 22, 12, tzinfo=TEHRAN)),
        ("20261122", datetime(2026, 11, 22, 12, tzinfo=TEHRAN)),
        ("2026-11-22", datetime(2026, 11, 22, 12, tzinfo=TEHRAN)),
        ("2026-11-22T15:00:00Z", datetime(2026, 11, 22, 15, tzinfo=UTC)),
        ("2026-11-22T15:00:00.25+03:30", datetime(2026, 11, 22, 15, 0, 0, 250_000, tzinfo=TEHRAN)),
        ("2026-11-22 15:00", datetime(2026, 11, 22, 15, tzinfo=TEHRAN)),
        ("", "date"),
        ("1405/13/1", "date"),
        ("1404/12/30", "date"),
        ("2026-02-30", "date"),
        ("2026-11-22 25:00", "date"),
        ("22/11/2026", "date"),
        ("دیروز", "date"),
    ],
)
def test_dates_are_read_in_both_calendars(tmp_path: Path, text: str, moment: datetime | str) -> None:
    path = written(tmp_path, f"amount\tdate\n1000\t{text}\n")

    assert read_or_code(path, "occurred_at") == moment


def test_a_date_format_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "amount,date\n1,22/11/2026\n")

    assert read_all(path, date_format="%d/%m/%Y")[0].occurred_at == datetime(2026, 11, 22, 12, tzinfo=TEHRAN)
