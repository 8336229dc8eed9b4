"""Whatever stands in any column of an imported file is taken as it is, or its line refused with the column named."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from club.awards.import_columns import FIELDS
from club.awards.import_runs import work
from club.awards.models import ImportRun
from club.members.models import CustomField, Member
from club.purchases.proof import verify_value
from core.models import Club
from crm.leads.import_lines import LEAD_FIELDS
from tests.accounts.cast import person, signed_in
from tests.hostile import AMOUNTS, SCRIPTS, PageReader
from tests.shop import Shop

HOSTILE = (*SCRIPTS, *AMOUNTS)
USUAL = {"name": "", "first_name": "سارا", "last_name": "محمدی", "birth_date": "1370/01/02", "joined": "1402/01/05"}


def file_of(header: list[str], usual: list[str], *, own: int = 0) -> tuple[bytes, int]:
    """A file with a line for each column and each hostile value; column `own` is another one in each line."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(header)
    number = 0
    for column in range(len(header)):
        for value in HOSTILE:
            number += 1
            row = [*usual]
            row[own] = f"0936{number:07}"
            row[column] = value.replace("\x00", "\ufffd")  # no CSV file may hold a NUL
            lines.writerow(row)
    return out.getvalue().encode(), number


@pytest.mark.slow
def test_a_list_of_customers(club: Club) -> None:
    Shop(club).tiers()
    CustomField.objects.create(code="pet", label="گربه")
    manager = signed_in(person("manager"), club)
    keys = [key for key in FIELDS if key != "name"]
    header = [FIELDS[key].headers[0] for key in keys] + ["گربه"]
    content, lines = file_of(header, [USUAL.get(key, "") for key in keys] + ["ملوس"])

    manager.post("/desk/imports/", {"file": SimpleUploadedFile("list.csv", content)})
    run = ImportRun.objects.get()
    work(now=timezone.now())
    checked = PageReader(manager.get(f"/desk/imports/{run.pk}/").content.decode())
    manager.post(f"/desk/imports/{run.pk}/start/", {})
    work(now=timezone.now())

    run.refresh_from_db()
    shown = [checked, *(PageReader(manager.get(path).content.decode()) for path in pages_of(run))]
    assert [page.dangers for page in shown] == [[] for _page in shown]
    report = b"".join(manager.get(f"/desk/imports/{run.pk}/report/").streaming_content).decode("utf-8-sig")
    refused = list(csv.reader(io.StringIO(report)))[1:]
    assert run.joined + run.refused == lines and run.joined > len(HOSTILE)
    assert len(refused) == run.refused > 0
    assert all(row[-1].strip() for row in refused), "a line is refused without a reason"
    assert verify_value() == []


@pytest.mark.slow
def test_a_list_of_leads(club: Club) -> None:
    manager = signed_in(person("manager"), club)
    usual = {"name": "سارا", "kind": "شرکت", "expected": "1000"}
    content, lines = file_of(
        [one.headers[0] for one in LEAD_FIELDS.values()], [usual.get(key, "") for key in LEAD_FIELDS]
    )

    manager.post("/desk/leads/import/", {"file": SimpleUploadedFile("list.csv", content)})
    run = ImportRun.objects.get()
    work(now=timezone.now())
    checked = PageReader(manager.get(f"/desk/leads/import/{run.pk}/").content.decode())
    manager.post(f"/desk/leads/import/{run.pk}/act/", {"act": "start"})
    work(now=timezone.now())

    run.refresh_from_db()
    paths = [f"/desk/leads/import/{run.pk}/", "/desk/leads/import/", "/desk/leads/", "/desk/leads/list/"]
    shown = [checked, *(PageReader(manager.get(path).content.decode()) for path in paths)]
    assert [page.dangers for page in shown] == [[] for _page in shown]
    report = b"".join(manager.get(f"/desk/leads/import/{run.pk}/report/").streaming_content).decode("utf-8-sig")
    refused = list(csv.reader(io.StringIO(report)))[1:]
    assert run.joined + run.refused == lines and run.joined > len(HOSTILE)
    assert len(refused) == run.refused > 0
    assert all(row[-1].strip() for row in refused), "a line is refused without a reason"


def pages_of(run: ImportRun) -> list[str]:
    some = list(Member.objects.order_by("pk").values_list("pk", flat=True)[::40])
    lists = [f"/desk/imports/{run.pk}/", "/desk/imports/", "/desk/members/", "/desk/admin/members/member/"]
    return [*lists, *(f"/desk/members/{pk}/" for pk in some)]


@pytest.mark.slow
def test_a_history_of_purchases(committed_club: Club, tmp_path) -> None:
    Shop(committed_club).programme(rial_per_point=10_000)
    header = ["phone", "date", "amount", "number", "quantity", "branch"]
    content, lines = file_of(header, ["", "2026-01-05", "1000", "", "1", ""])
    path, report, out = tmp_path / "history.csv", tmp_path / "refused.csv", io.StringIO()
    path.write_bytes(content)

    with pytest.raises(SystemExit) as end:
        call_command("import_purchases", str(path), "--club", committed_club.slug, "--report", str(report), stdout=out)

    assert end.value.code == 1, out.getvalue()
    refused = list(csv.DictReader(io.StringIO(report.read_text(encoding="utf-8-sig"))))
    assert 0 < len(refused) < lines
    assert all(row["code"] for row in refused)
    assert verify_value() == []
