"""Consent by a list: nobody is taken to have allowed what the list does not say how they did."""

import csv
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.members.models import ConsentChange, Member
from core.tables.writing import Sheet, csv_stream
from desk.manager.tables import member_columns, with_standing
from sms.inbound import opt_out
from sms.models import Suppression
from tests.club.importing.conftest import reasons, written
from tests.club.lists import imported
from tests.shop import Shop

ALLOWED = """\
موبایل,اجازهٔ پیامک,زبان
09120000101,بله,English
09120000102,ندارد,فارسی
09120000103,,
09120000104,شاید,آلمانی
"""
HOW = "برگهٔ عضویت در فروشگاه"


def allowed() -> dict[str, tuple[bool, str]]:
    """Who allows SMS, and where that is from."""
    rows = Member.objects.order_by("phone").values_list("phone", "sms_consent", "sms_consent_source")
    return {str(phone)[-3:]: (given, source) for phone, given, source in rows}


def test_nobody_is_taken_to_have_allowed_sms_by_a_list_that_does_not_say_how_they_did(
    tmp_path: Path, cafe: Shop
) -> None:
    code, said = imported(written(tmp_path, ALLOWED.replace("آلمانی", "")), cafe.club)

    assert code == 0 and "The column of consent is passed over" in said
    assert allowed() == dict.fromkeys(("101", "102", "103", "104"), (False, ""))
    assert not ConsentChange.objects.exists() and not Suppression.objects.exists()


def test_each_yes_and_no_is_kept_with_how_it_was_got(tmp_path: Path, cafe: Shop) -> None:
    code, _said = imported(written(tmp_path, ALLOWED), cafe.club, "--consent", HOW)

    assert code == 1
    assert reasons(tmp_path) == ["زبان: فارسی یا انگلیسی بنویسید.؛ اجازهٔ پیامک: بله یا نه بنویسید."]
    assert allowed() == {"101": (True, "import"), "102": (False, "import"), "103": (False, "")}
    kept = ConsentChange.objects.order_by("member__phone").values_list("given", "source", "text", "actor", "channel")
    assert list(kept) == [(True, "import", HOW, "system", "sms"), (False, "import", HOW, "system", "sms")]
    assert [row.phone for row in Suppression.objects.all()] == ["09120000102"]
    assert list(Member.objects.order_by("phone").values_list("language", flat=True)) == ["en", "fa", ""]


def test_a_yes_of_a_list_does_not_undo_what_the_owner_of_the_phone_wrote(tmp_path: Path, cafe: Shop) -> None:
    opt_out("09120000101", now=timezone.now())

    imported(written(tmp_path, ALLOWED), cafe.club, "--consent", HOW)

    assert allowed()["101"] == (False, "")
    assert Suppression.objects.filter(phone="09120000101").exists()


def test_our_own_file_grants_nothing_when_it_comes_back(tmp_path: Path, cafe: Shop) -> None:
    cafe.member(phone="09120000101")
    never = cafe.member(phone="09120000102")
    Member.objects.filter(pk=never.pk).update(sms_consent=False, sms_consent_at=None)
    columns = [one for one in member_columns() if one.heading in ("موبایل", "زبان", "اجازهٔ پیامک")]
    sheet = Sheet.of(columns, unit=cafe.club.currency_unit, zone=cafe.club.time_zone)
    rows = [sheet.cells(row) for row in with_standing(Member.objects.order_by("phone"))]
    text = b"".join(csv_stream(sheet.headings, rows)).decode("utf-8-sig")
    assert [row[2] for row in csv.reader(text.splitlines())] == ["اجازهٔ پیامک", "بله", ""]

    _code, said = imported(written(tmp_path, text.replace("0912000010", "0913000010")), cafe.club)

    assert "Made 2 members" in said, said
    assert not Member.objects.filter(phone__startswith="0913", sms_consent=True).exists()


def test_answers_cost_the_same_however_many_there_are(tmp_path: Path, cafe: Shop) -> None:
    def cost(first: int, count: int) -> int:
        lines = "".join(f"0912{first + n:07},{'بله' if n % 2 else 'نه'}\n" for n in range(count))
        with CaptureQueriesContext(connection) as queries:
            imported(written(tmp_path, f"موبایل,اجازهٔ پیامک\n{lines}"), cafe.club, "--consent", HOW)
        return len(queries)

    assert cost(100, 4) == cost(200, 40)
