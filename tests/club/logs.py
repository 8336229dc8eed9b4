"""Purchase logs as shops have them, for tests of bringing purchases in."""

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management import CommandError, call_command

from core.models import Club

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "tests/data/cdnow_sample.txt.gz"
MASTER = Path(os.environ.get("CDNOW_MASTER", PROJECT.parent / "shared/data/CDNOW_master.txt.gz"))
RATE = 10_000
TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
CDNOW_MASTER_LINES = """\
 customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  1   12.00
 00003 19970102  2    0.00
"""


def written(folder: Path, text: str, name: str = "purchases.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def imported(path: Path, club: Club, *more: object, report: Path | None = None, **options: object) -> tuple[int, str]:
    """(exit code, output) of the command."""
    out = io.StringIO()
    try:
        call_command(
            "import_purchases",
            str(path),
            "--club",
            club.slug,
            "--report",
            str(report or path.with_suffix(".refused")),
            *more,
            stdout=out,
            **options,
        )
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def refusals(report: Path) -> list[tuple[int, str]]:
    with report.open(encoding="utf-8-sig", newline="") as file:
        return [(int(row["line"]), row["code"]) for row in csv.DictReader(file)]
