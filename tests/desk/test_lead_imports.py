"""The pages of lists of leads: shown before anything is registered, brought in, and what did not come in taken home."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from club.awards.import_runs import work
from club.awards.models import ImportRun
from core.models import AuditEntry
from crm.leads.models import Lead
from tests.accounts.cast import person, signed_in
from tests.core.test_pages import INLINE
from tests.crm.leads.acts import lead
from tests.files import records_of

URL = "/desk/leads/import/"
LIST = (
    "نام,موبایل,نوع,چیز دیگر\nفولاد سپهر,09120000101,شرکت,x\nشهرداری,09120000102,سازمان دولتی,y\n"
    "کسی,09120000103,هتل,\nآشنا,09120000104,,\n"
)


@pytest.fixture
def manager(club):
    return signed_in(person("manager", name="نازنین صادقی"), club)


def send(client, text=LIST, name="bank.csv"):
    return client.post(URL, {"file": SimpleUploadedFile(name, text.encode())})


def words(answer):
    return answer.content.decode()


def test_a_list_is_read_shown_brought_in_and_its_report_names_the_owner(club, manager):
    lead("09120000104", "آشنای ما")
    answer = send(manager)
    run = ImportRun.objects.get()
    page = f"{URL}{run.pk}/"
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "در صف" in words(manager.get(f"{page}progress/"))
    work(now=timezone.now())

    shown = words(manager.get(page))
    assert "۲ سرنخ ثبت شود" in shown and "چیز دیگر" in shown and not INLINE.search(shown)
    assert "نازنین صادقی" in shown and "شخص، شرکت، مؤسسه یا نهاد دولتی بنویسید" in shown
    assert Lead.objects.count() == 1
    assert manager.get(f"{page}progress/").headers["HX-Refresh"] == "true"

    manager.post(f"{page}act/", {"act": "start"})
    work(now=timezone.now())

    done = words(manager.get(page))
    assert "ورود انجام شد" in done and "دریافت ۲ سطر با دلیل" in done
    listed = words(manager.get("/desk/leads/list/?kind=public_body&channel=import"))
    assert "شهرداری" in listed and "فولاد سپهر" not in listed
    board = words(manager.get("/desk/leads/?kind=company"))
    assert "فولاد سپهر" in board and "شهرداری" not in board and f'href="{URL}"' in board
    lines = records_of(manager.get(f"{page}report/"))
    assert len(lines) == 2 and "نازنین صادقی" in lines[1]["دلیل رد"]
    assert "آغاز ورود سرنخ‌ها از فایل" in words(manager.get("/desk/audit/"))
    assert not AuditEntry.objects.filter(action__startswith="members.").exists()

    # a list of leads is no list of customers, nor the other way round
    assert manager.get(f"/desk/imports/{run.pk}/").status_code == 404
    assert "bank.csv" not in words(manager.get("/desk/imports/")) and "bank.csv" in words(manager.get(URL))
    manager.post("/desk/imports/", {"file": SimpleUploadedFile("customers.csv", b"phone\n09120000105\n")})
    assert manager.get(f"{URL}{ImportRun.objects.latest('pk').pk}/").status_code == 404


def test_columns_are_chosen_and_what_is_wrong_is_said(club, manager):
    assert send(manager, "").status_code == manager.post(URL, {}).status_code == 422
    send(manager, "کی,کجا,چی\nفولاد,09120000101,شرکت\n")
    run = ImportRun.objects.get()
    page = f"{URL}{run.pk}/"
    assert "ستون موبایل پیدا نشد" in words(manager.get(page))

    twice = manager.post(f"{page}columns/", {"c0": "name", "c1": "phone", "c2": "phone"})
    assert twice.status_code == 422 and "دو ستون" in words(twice)
    manager.post(f"{page}columns/", {"c0": "name", "c1": "phone", "c2": "kind"})
    work(now=timezone.now())
    manager.post(f"{page}act/", {"act": "start"})
    manager.post(f"{page}act/", {"act": "stop"})
    assert "متوقف شد" in words(manager.get(page))
    manager.post(f"{page}act/", {"act": "go_on"})
    work(now=timezone.now())

    assert Lead.objects.get().kind == "company"
    assert manager.post(f"{page}act/", {"act": "x"}).status_code == 404
    assert manager.post(f"{page}act/", {"act": "drop"})["Location"] == URL
    assert not ImportRun.objects.exists()


def test_the_template_is_a_list_that_can_be_sent(club, manager):
    answer = manager.get(f"{URL}template.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active

    header, example = sheet.values

    assert [text.partition(" (")[0] for text in header] == [
        "موبایل", "نام", "نوع", "ایمیل", "از کجا آمد", "کارشناس", "مبلغ پیش‌بینی", "مرحله", "یادداشت",
    ]  # fmt: skip
    assert example[2] == "شرکت"
