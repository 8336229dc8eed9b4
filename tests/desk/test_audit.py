"""What everybody did: named, in words, with the old and the new value, found by person, kind, day and record."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.services import create_api_key
from club.catalogue.models import Branch
from club.members.models import CustomField, Member
from club.members.services import update_member
from club.programme.services import change_programme
from club.purchases.models import Purchase, Refund
from club.purchases.orders import PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from core import audit
from core.jalali import format_date
from core.models import AuditEntry, Club
from core.templatetags.club_ui import fa
from core.tenancy.scope import club_scope
from desk.audit.changes import changes_of
from desk.audit.words import KINDS, title_of
from tests.accounts.cast import person, signed_in, visitor

URL = "/desk/audit/"


@pytest.fixture
def ali(club: Club):
    return person("cashier", name="علی رستمی")


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def noted(answer) -> list[tuple[str, str]]:
    return [(row.title, row.actor_name) for row in answer.context["rows"]]


@pytest.mark.parametrize(
    ("role", "method", "status"),
    [
        ("owner", "password", 200),
        ("manager", "password", 200),
        ("cashier", "password", 403),
        ("support", "password", 403),
    ],
)
@pytest.mark.parametrize("url", [URL, f"{URL}export.csv"])
def test_only_managers_read_what_everybody_did(club, role, method, status, url):
    assert signed_in(person(role), club, method).get(url).status_code == status
    assert visitor(club).get(url).status_code == 302


def test_an_act_stands_there_with_who_on_what_and_each_value_before_and_after(manager: Client, sara: Member, ali):
    CustomField.objects.create(code="coffee", label="قهوهٔ همیشگی")
    update_member(sara.pk, {"last_name": "محمدی نیک", "custom": {"coffee": "لاته"}}, actor=ali.actor)

    row = manager.get(URL).context["rows"][0]

    assert (row.title, row.actor_name, row.target.text) == ("تغییر عضو", "علی رستمی", "عضو: سارا محمدی نیک")
    assert row.target.url == f"/desk/members/{sara.pk}/"
    told = {(change.label, change.before, change.after) for change in row.changes}
    assert told == {("نام خانوادگی", "محمدی", "محمدی نیک"), ("قهوهٔ همیشگی", "", "لاته")}


def test_what_it_was_done_to_is_named_and_linked(manager: Client, sara: Member):
    key, _raw = create_api_key(name="صندوق", scope="pos", actor="system")
    branch = Branch.objects.create(code="vanak", name="ونک")
    order = PurchaseOrder(member_id=sara.pk, amount=900_000, quiet=True)
    part = record_purchase(order, actor="system", key="k", now=timezone.now()).id
    refund_purchase(RefundOrder(part or 0, amount=100_000), actor=key.actor, key="r", now=timezone.now())
    audit.record("branch.update", actor=key.actor, target=f"branch:{branch.pk}", before={}, after={"name": "ونک"})
    audit.record("branch.delete", actor=key.actor, target="branch:999999", before={}, after={})

    page = text_of(manager.get(URL))

    number = Purchase.objects.get(pk=part).number
    assert "کلید «صندوق»" in page and ">api_key:" not in page
    assert f'<a href="/desk/purchases/{part}/">خرید {fa(number)}</a>' in page
    assert "شعبهٔ «ونک»" in page and "شعبه ۹۹۹۹۹۹" in page
    assert str(Refund.objects.get()) == f"برگشت {fa(Refund.objects.get().pk)}"


def test_settings_are_told_in_words(manager: Client, club: Club):
    change_programme({"credit_bp": 1_000}, effective_from=timezone.now(), actor="system")

    changes = manager.get(URL).context["rows"][0].changes

    told = {change.label: change.after for change in changes}
    assert told["اعتبار از هر خرید (درصد)"] == "۱۰٪"
    assert not any(label.isascii() for label in told)


@pytest.mark.parametrize(
    ("action", "after", "told"),
    [
        ("ledger.adjust", {"unit": "points", "delta": -250, "reason": "خطا"}, [("امتیاز", "‎−۲۵۰"), ("دلیل", "خطا")]),
        (
            "ledger.adjust",
            {"unit": "credit", "delta": 50_000, "reason": "هدیه"},
            [("اعتبار", "‎+۵٬۰۰۰ تومان"), ("دلیل", "هدیه")],
        ),
        (
            "staff.give_role",
            {"role": "cashier", "phone": "09121234567"},
            [("نقش", "صندوق‌دار"), ("موبایل", "۰۹۱۲۱۲۳۴۵۶۷")],
        ),
        ("purchase.refund", {"net": 2_000_000, "reason": ""}, [("مبلغ", "۲۰۰٬۰۰۰ تومان")]),
        ("member.update", {"last_name": "A1", "card": "6037"}, [("نام خانوادگی", "A1"), ("شمارهٔ کارت", "6037")]),
        ("staff.set_password", {"password": "set"}, [("گذرواژه", "گذاشته شد")]),
    ],
)
def test_values_are_told_as_people_say_them(
    club: Club, action: str, after: dict[str, object], told: list[tuple[str, str]]
):
    target = "user:1" if action.startswith("staff") else "member:1"

    changes = changes_of(AuditEntry(action=action, target=target, before={}, after=after))

    assert [(change.label, change.after) for change in changes] == told


def test_acts_are_found_by_person_kind_and_record(manager: Client, sara: Member, ali):
    update_member(sara.pk, {"last_name": "نو"}, actor=ali.actor)
    audit.record("branch.update", actor=ali.actor, target="branch:1", before={}, after={"name": "ونک"})
    update_member(sara.pk, {"last_name": "نوتر"}, actor="system")

    def found(**query):
        return [(row.title, row.actor) for row in manager.get(URL, query).context["rows"]]

    of_sara = f"member:{sara.pk}"
    assert found(person=ali.actor) == [("تغییر شعبه", ali.actor), ("تغییر عضو", ali.actor)]
    assert found(person=ali.actor, kind="members") == [("تغییر عضو", ali.actor)]
    assert found(target=of_sara, person="system")[0] == ("تغییر عضو", "system")
    assert all(row.target.text == "عضو: سارا نوتر" for row in manager.get(URL, {"target": of_sara}).context["rows"])
    assert found(person="user:999999") == []


def test_acts_are_found_by_the_club_s_own_days(manager: Client, club: Club, ali):
    audit.record("branch.update", actor=ali.actor, target="branch:1", before={}, after={"name": "ونک"})
    today = timezone.now().astimezone(ZoneInfo(club.time_zone)).date()

    def seen(first, last):
        days = {"range": "custom", "from": format_date(first, "numeric"), "to": format_date(last, "numeric")}
        return [row.actor for row in manager.get(URL, {**days, "person": ali.actor}).context["rows"]]

    assert seen(today, today) == [ali.actor]
    assert seen(today - timedelta(days=9), today - timedelta(days=1)) == []
    wrong = manager.get(URL, {"range": "custom", "from": "۱۴۰۵/۱۳/۴۰", "to": ""})
    assert wrong.status_code == 422
    assert set(wrong.context["errors"]) == {"from", "to"}


def test_the_list_goes_on_behind_a_cursor_and_shows_each_act_once(manager: Client, club: Club, ali):
    for number in range(60):
        audit.record("branch.update", actor=ali.actor, target=f"branch:{number}", before={}, after={"position": number})

    answers = [manager.get(URL, {"person": ali.actor})]
    while older := answers[-1].context["older"]:
        answers.append(manager.get(URL, {"person": ali.actor, "after": older}))

    ids = [row.id for answer in answers for row in answer.context["rows"]]
    assert [len(answer.context["rows"]) for answer in answers] == [25, 25, 10]
    assert ids == sorted(set(ids), reverse=True)
    assert manager.get(URL, {"after": "nonsense"}).status_code == 404


def test_the_page_costs_the_same_however_much_was_done(manager: Client, sara: Member, ali):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            manager.get(URL)
        return len(queries)

    update_member(sara.pk, {"last_name": "یک"}, actor=ali.actor)
    manager.get(URL)
    few = cost()
    for number in range(20):
        update_member(sara.pk, {"last_name": f"نام {number}"}, actor=ali.actor)
    assert cost() == few


def test_another_club_s_acts_are_not_there(manager: Client, club: Club, other_club: Club):
    with club_scope(other_club):
        audit.record("branch.update", actor="system", target="branch:1", before={}, after={"name": "رازِ همسایه"})

    assert "رازِ همسایه" not in text_of(manager.get(URL))
    assert "رازِ همسایه" not in b"".join(manager.get(f"{URL}export.csv").streaming_content).decode()


def test_the_file_holds_what_the_page_shows_with_the_changes(manager: Client, sara: Member, ali):
    update_member(sara.pk, {"last_name": "=cmd()"}, actor=ali.actor)
    update_member(sara.pk, {"first_name": "سارای"}, actor="system")

    written = b"".join(manager.get(f"{URL}export.csv", {"person": ali.actor}).streaming_content).decode()

    assert "علی رستمی" in written and "نام خانوادگی: محمدی ← =cmd()" in written
    assert "سارای" not in written.replace("عضو: سارای", "")
    manager.cookies["language"] = "en"
    english = b"".join(manager.get(f"{URL}export.csv", {"person": ali.actor}).streaming_content).decode()
    assert "محمدی → =cmd()" in english


def test_every_act_that_is_audited_has_persian_words_and_a_kind(club):
    root = Path(settings.BASE_DIR)
    code = "".join(
        file.read_text()
        for name in ("accounts", "club", "core", "desk", "offers", "portal", "sms")
        for file in (root / name).rglob("*.py")
    )
    acts = {"member.card_issued", "member.card_blocked", "member.note_added", "member.note_pinned"}
    acts |= set(re.findall(r'(?:audit\.record|record_made|_audit|_noted)\(\s*"([a-z_]+\.[a-z_]+)"', code))

    assert len(acts) > 20
    assert [act for act in sorted(acts) if title_of(AuditEntry(action=act)).isascii()] == []
    for act in acts:
        AuditEntry.objects.create(actor="system", action=act, target="x:1")
    kept = AuditEntry.objects.filter(target="x:1")
    found = [entry.action for kind in KINDS.values() for entry in kept.filter(kind.acts)]
    assert sorted(found) == sorted(acts)
