"""Lists of customers as clubs send them, for tests of bringing members in."""

import io
from pathlib import Path

from django.core.management import CommandError, call_command

from core.models import Club
from tests.core.tables.books import excel_book

HEADER = [
    "شماره موبایل",
    "نام",
    "نام خانوادگی",
    "تاریخ تولد",
    "تاریخ عضویت",
    "برچسب‌ها",
    "جنسیت",
    "ایمیل",
    "کد مشتری",
    "سطح",
    "امتیاز",
    "مهلت امتیاز",
    "اعتبار (تومان)",
    "مهلت اعتبار",
    "قهوه",
]
FIRST = ["سارا", "علی", "محمدرضا", "زهرا", "فاطمه", "نیما", "پارسا", "مریم"]
LAST = ["کاظمی", "احمدی", "محمدی", "حسینی", "رضایی", "کریمی"]


def customer(number: int, *, bad: bool = False) -> list[str | float | None]:
    """A customer with nearly every column filled, the phone as text or as a number that lost its zero."""
    phone: str | float = f"0{9_120_000_000 + number}" if number % 2 else float(9_120_000_000 + number)
    return [
        "0912" if bad else phone,
        FIRST[number % 8],
        f"{LAST[number % 6]} {number % 997}",
        f"13{40 + number % 50}/{number % 12 + 1:02}/{number % 28 + 1:02}",
        "1402/01/05",
        "ویژه، تهران" if number % 3 else None,
        "زن" if number % 2 else "مرد",
        f"c{number}@example.com" if number % 4 == 0 else None,
        f"C-{number}",
        "نقره‌ای" if number % 10 == 0 else None,
        number % 1000,
        "1420/12/29",
        number * 10,
        "1420/06/31",
        "لاته",
    ]


def customers(path: Path, count: int, *, bad_every: int = 0) -> Path:
    """An XLSX of so many customers, of whom every so-manieth has no phone that could be one."""
    rows = (customer(number, bad=bool(bad_every) and number % bad_every == 7) for number in range(count))
    return excel_book(path, [HEADER, *rows])


def imported(path: Path, club: Club, *more: object) -> tuple[int, str]:
    """(exit code, output) of the command; its report stands beside the file."""
    out = io.StringIO()
    report = path.parent / f"refused{path.suffix}"
    try:
        call_command("import_members", str(path), "--club", club.slug, "--report", str(report), *more, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()
