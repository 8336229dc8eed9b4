"""The pages of lists of customers: who may, what is shown at each step, and the files to download."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.awards.import_report import report as refused_report
from club.awards.import_runs import faults as run_faults
from club.awards.import_runs import work
from club.awards.models import ImportRun
from club.members.models import ConsentChange, CustomField, Member
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in, visitor
from tests.core.test_pages import INLINE
from tests.files import records_of

URL = "/desk/imports/"
LIST = "موبایل,نام و نام خانوادگی,چیز دیگر\n09120000101,سارا کاظمی,الف\n09120000102,نیما,ب\n0912,<script>alert(1)</script>,\n"


@pytest.fixture
def manager(club):
    return signed_in(person("manager", name="نازنین صادقی"), club)


def send(client, text=LIST, name="customers.csv"):
    return client.post(URL, {"file": SimpleUploadedFile(name, text.encode())})


def page_of(client, run, step=""):
    return client.get(f"{URL}{run.pk}/{step}")


def words(answer):
    return answer.content.decode()


@pytest.fixture
def sent(manager):
    answer = send(manager)
    run = ImportRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{URL}{run.pk}/")
    return run


@pytest.fixture
def checked(sent):
    work(now=timezone.now())
    sent.refresh_from_db()
    return sent


@pytest.mark.parametrize(
    ("role", "method", "status"),
    [
        ("owner", "password", 200),
        ("manager", "password", 200),
        ("cashier", "password", 403),
        ("support", "password", 403),
        ("owner", "otp", 302),
    ],
)
def test_managers_alone_bring_lists_in(club, role, method, status):
    client = signed_in(person(role), club, method)

    assert client.get(URL).status_code == client.get(URL + "template.xlsx").status_code == status
    assert visitor(club).get(URL).status_code == 302
    if status != 200:
        assert send(client).status_code == status
        assert not ImportRun.objects.exists()


def test_a_file_shows_how_it_is_read_before_anybody_joins(manager, checked):
    shown = words(page_of(manager, checked))

    assert "عضو خواهند شد" in shown and "۲ نفر عضو شوند" in shown and "(۲ پیامک)" in shown
    assert "سارا کاظمی" in shown and "نادیده" in shown
    assert "شماره موبایل درست نیست" in shown
    assert "&lt;script&gt;" in shown and INLINE.search(shown) is None
    assert not Member.objects.exists()


def test_a_started_file_shows_its_progress_and_then_its_result(manager, checked):
    answer = manager.post(f"{URL}{checked.pk}/start/", {"welcome": "on"})
    assert answer["Location"] == f"{URL}{checked.pk}/"
    shown = words(page_of(manager, checked))
    assert 'hx-trigger="every 2s"' in shown and '<noscript><meta http-equiv="refresh"' in shown
    assert INLINE.search(shown) is None
    part = page_of(manager, checked, "progress/")
    assert "HX-Refresh" not in part and "<html" not in words(part)

    work(now=timezone.now())

    assert page_of(manager, checked, "progress/")["HX-Refresh"] == "true"
    done = words(page_of(manager, checked))
    assert "ورود انجام شد" in done and "دریافت ۱ سطر با دلیل" in done and "noscript><meta" not in done
    assert Member.objects.count() == 2


def test_a_cleared_switch_sends_no_welcome(manager, checked):
    manager.post(f"{URL}{checked.pk}/start/", {})

    checked.refresh_from_db()
    assert checked.welcome is False


def test_the_report_is_in_the_form_in_which_the_file_came(manager, checked):
    answer = page_of(manager, checked, "report/")

    assert (
        answer["Content-Type"].startswith("text/csv") and f"refused-{checked.pk}.csv" in answer["Content-Disposition"]
    )
    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert rows[0] == "موبایل,نام و نام خانوادگی,چیز دیگر,دلیل رد"
    assert rows[1].startswith("0912,<script>alert(1)</script>,,") and "موبایل" in rows[1]


def test_the_template_has_every_column_and_is_understood(manager, club):
    CustomField.objects.create(code="coffee", label="نوع قهوه")

    answer = manager.get(URL + "template.xlsx")

    content = b"".join(answer.streaming_content)
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    header = [cell.value for cell in sheet[1]]
    assert {"موبایل", "نام و نام خانوادگی", "اعتبار (تومان)", "نوع قهوه"} <= set(header)
    assert sheet.sheet_view.rightToLeft and sheet["A2"].number_format == "@"
    manager.post(URL, {"file": SimpleUploadedFile("members.xlsx", content)})
    work(now=timezone.now())
    run = ImportRun.objects.get()
    assert len(run.places) == len(header)
    assert (run.joined, run.refused) == (0, 1)  # the line that shows how it is filled is nobody


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "فایل را برگزینید"),
        ({"file": ("x.csv", b"")}, "خالی"),
        ({"file": ("x.xlsx", b"%PDF-")}, "PDF"),
        ({"file": ("x.xlsx", b"PK\x03\x04broken")}, "خراب"),
        ({"file": ("x.csv", "۹۱۲۰۰۰۰۱۰۱,سارا\n09120000102,نیما\n".encode())}, "سطر نخست این فایل نام ستون‌ها نیست"),
    ],
)
def test_a_wrong_file_is_told_beside_its_field(manager, files, said):
    answer = manager.post(URL, {name: SimpleUploadedFile(*content) for name, content in files.items()})

    assert answer.status_code == 422
    assert said in words(answer) and 'aria-invalid="true"' in words(answer)
    assert not ImportRun.objects.exists()


def test_columns_are_chosen_and_wrong_choices_keep_what_was_chosen(manager):
    send(manager, "a,b,c\n09120000101,سارا,x\n")
    run = ImportRun.objects.get()
    assert "ستون موبایل پیدا نشد" in words(page_of(manager, run))

    for chosen, said in (
        ({"c1": "first_name"}, "بگویید کدام ستون شمارهٔ موبایل است"),
        ({"c0": "phone", "c1": "phone"}, "دو ستون «موبایل» نام گرفته‌اند"),
        ({"c0": "phone", "c1": "nonsense"}, "چنین ستونی نیست"),
    ):
        answer = manager.post(f"{URL}{run.pk}/columns/", chosen)
        assert answer.status_code == 422 and said in words(answer), chosen
    assert 'value="phone" selected' in words(answer)
    manager.post(f"{URL}{run.pk}/columns/", {"c0": "phone", "c1": "first_name", "c2": ""})
    work(now=timezone.now())

    run.refresh_from_db()
    assert (run.status, run.joined, run.places) == ("checked", 1, {"phone": 0, "first_name": 1})


def test_acts_at_a_wrong_moment_are_told_and_change_nothing(manager, sent):
    for act in ("start", "go-on", "drop"):
        answer = manager.post(f"{URL}{sent.pk}/{act}/", follow=True)
        assert answer.status_code == 200 and "note-bad" in words(answer), act
    manager.post(f"{URL}{sent.pk}/stop/")
    assert "ادامه" in words(page_of(manager, sent))
    manager.post(f"{URL}{sent.pk}/go-on/")
    assert AuditEntry.objects.filter(action="members.import_go_on", target=f"import:{sent.pk}").count() == 1
    manager.post(f"{URL}{sent.pk}/stop/")
    answer = manager.post(f"{URL}{sent.pk}/drop/", follow=True)

    assert "پاک شد" in words(answer)
    assert not ImportRun.objects.exists()


def test_another_club_s_file_is_a_404_everywhere(manager, checked, other_club):
    with club_scope(other_club):
        stranger = signed_in(person("owner"), other_club)
    for step in ("", "progress/", "report/"):
        assert page_of(stranger, checked, step).status_code == 404
    for step in ("columns", "start", "stop", "go-on", "drop"):
        assert stranger.post(f"{URL}{checked.pk}/{step}/", {"c0": "phone"}).status_code == 404
    assert page_of(manager, checked).status_code == 200


def test_the_pages_take_the_same_queries_for_few_and_many_rows(manager, checked):
    def cost(url):
        manager.get(url)
        with CaptureQueriesContext(connection) as queries:
            manager.get(url)
        return len(queries)

    few = cost(URL), cost(f"{URL}{checked.pk}/")
    for number in range(8):
        send(manager, "موبایل\n" + "".join(f"0912{number}\n" for _line in range(9)))
        work(now=timezone.now())

    assert (cost(URL), cost(f"{URL}{ImportRun.objects.latest('pk').pk}/")) == few


# --- the list of files ------------------------------------------------------------------------------------------------


def test_files_sent_before_are_paged_and_taken_home(manager, monkeypatch):
    monkeypatch.setattr("desk.manager.imports.CHUNK", 7)
    for number in range(1, 46):
        ImportRun.objects.create(file_name=f"{number}.csv", actor="user:1", status="done", lines=number)

    pages, address = [], URL
    while True:
        answer = manager.get(address)
        pages.append([run.file_name for run, _tone in answer.context["runs"]])
        older = answer.context["older"]
        if older is None:
            break
        address = f"{URL}?before={older}"

    assert [len(page) for page in pages] == [20, 20, 5]
    assert pages[0][0] == "45.csv" and pages[-1][-1] == "1.csv"
    rows = records_of(manager.get(URL + "export.csv"))
    assert [row["فایل"] for row in rows] == [name for page in pages for name in page]
    assert rows[0]["سطرها"] == "45"


def test_the_list_costs_the_same_for_one_file_and_for_many(manager):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            manager.get(URL)
        return len(queries)

    ImportRun.objects.create(file_name="1.csv", actor="user:1", status="done")
    cost()
    few = cost()
    for number in range(40):
        ImportRun.objects.create(file_name=f"{number}.csv", actor=f"user:{number}", status="done")

    assert cost() == few


# --- consent, language, columns ---------------------------------------------------------------------------------------

ALLOWED = "موبایل,اجازهٔ پیامک,چیز دیگر\n09120000101,بله,الف\n09120000102,نه,ب\n0912,بله,\n"


@pytest.fixture
def asked(manager):
    """A checked file with a column of consents."""
    send(manager, ALLOWED)
    work(now=timezone.now())
    return ImportRun.objects.get()


def test_where_a_column_of_consents_comes_from_is_asked_before_it_is_believed(manager, asked):
    assert "رضایت این افراد را چگونه گرفته‌اید؟" in words(page_of(manager, asked))

    answer = manager.post(f"{URL}{asked.pk}/start/", {"consent": " "})

    assert answer.status_code == 422
    assert "بنویسید رضایت این افراد چگونه گرفته شده است" in words(answer) and 'name="welcome">' in words(answer)
    asked.refresh_from_db()
    assert asked.status == "checked"


def test_the_words_are_kept_with_each_member_and_in_the_audit(manager, asked):
    manager.post(f"{URL}{asked.pk}/start/", {"consent": "برگهٔ عضویت"})
    work(now=timezone.now())

    told = ConsentChange.objects.order_by("member__phone").values_list("member__phone", "given", "source", "text")
    assert list(told) == [
        ("09120000101", True, "import", "برگهٔ عضویت"),
        ("09120000102", False, "import", "برگهٔ عضویت"),
    ]
    assert "«برگهٔ عضویت»" in words(page_of(manager, asked))
    assert AuditEntry.objects.get(action="members.import").after["consent"] == "برگهٔ عضویت"
    member = Member.objects.get(phone="09120000101")
    assert "از فایل ورود اعضا" in words(manager.get(f"/desk/members/{member.pk}/"))


def test_a_column_that_is_passed_over_grants_nothing_and_the_page_says_so(manager, asked):
    manager.post(f"{URL}{asked.pk}/start/", {"consent": "", "pass_over": "on"})
    work(now=timezone.now())

    assert not Member.objects.filter(sms_consent=True).exists() and not ConsentChange.objects.exists()
    assert "ستون «اجازهٔ پیامک» نادیده مانده است" in words(page_of(manager, asked))
    member = Member.objects.get(phone="09120000101")
    assert "هنوز اجازه نداده است" in words(manager.get(f"/desk/members/{member.pk}/"))


def test_a_file_without_consents_says_that_none_are_recorded(manager, checked):
    shown = words(page_of(manager, checked))

    assert "فایل ستون «اجازهٔ پیامک» ندارد" in shown and 'name="consent"' not in shown


def test_reasons_are_in_the_language_of_whoever_sent_the_file(club):
    reader = signed_in(person("manager"), club)
    reader.cookies["language"] = "en"
    send(reader)
    run = ImportRun.objects.get()
    assert run.language == "en"

    work(now=timezone.now())

    [fault] = run_faults(run.pk)
    assert fault.reasons == ["Mobile: The mobile number is not valid; enter it like 09123456789."]
    report = b"".join(page_of(reader, run, "report/").streaming_content).decode("utf-8-sig")
    assert report.splitlines()[0].endswith("Reason for refusal")
    for earlier in ("Reason for refusal", "دلیل رد"):  # the column of an earlier report, in whichever language
        again = b"".join(refused_report("csv", ["x", earlier], [])).decode("utf-8-sig")
        assert len(again.splitlines()[0].split(",")) == 2


def test_columns_are_shown_as_they_were_understood_and_chosen_behind_a_disclosure(manager, checked):
    shown = words(page_of(manager, checked))

    understood, _summary, choosing = shown.partition("<summary>تغییر ستون‌ها</summary>")
    assert "<select" not in understood.partition('id="columns"')[2] and choosing.count("<select") == 3
    assert "ستون‌های نادیده: <bdi>چیز دیگر</bdi>" in understood and "سارا کاظمی" in understood
    assert '<details class="data">' in understood


def test_a_file_that_was_not_read_yet_counts_nothing(manager):
    send(manager, "a,b\n1,2\n")

    row = words(manager.get(URL)).partition("<tbody>")[2].partition("</tbody>")[0]
    assert row.count('<td class="n">—</td>') == 3


def test_where_no_phone_was_found_the_choosing_is_open(manager):
    send(manager, "شاید موبایل,نام\n09120000101,سارا\n")

    assert '<details class="data" open>' in words(page_of(manager, ImportRun.objects.get()))
