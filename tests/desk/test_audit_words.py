"""No act is told in the names that programs have for things: every audited kind the code writes, walked."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from accounts.models import ApiKey, StaffRole
from club.catalogue.models import Branch, Group, Product
from club.members.models import CustomField, Member
from club.members.services import EDITABLE
from club.tiers.models import Tier
from core import audit
from core.looks import CHANGEABLE
from core.models import AuditEntry, Club
from desk.audit.listing import shown
from desk.audit.values import label_of
from desk.audit.words import LISTS
from desk.manager.settings.terms import ASKED
from sms.editing import ACCOUNT_FIELDS
from sms.models import SmsTemplate, Suppression
from tests.accounts.cast import person, signed_in
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks
from tickets.changing import update_ticket
from tickets.handing import assign
from tickets.merging import link, merge
from tickets.models import Department
from tickets.moving import close, hold, rate, reopen, solve
from tickets.services import EDITABLE as TICKET_FIELDS

LATIN = re.compile(r"(?!API|CSV|XLSX)\b[A-Za-z_]+")
APART = {"unit", "delta", "source", "into", "password"}  # told in words of their own, below


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Of each act the code writes: where, the kind of thing it is done to, and the names of the values it says outright."""
    for package in ("accounts", "club", "core", "desk", "offers", "portal", "sms"):
        for path in sorted((Path(settings.BASE_DIR) / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                    said = {word.arg: word.value for word in node.keywords}
                    names = {
                        key.value
                        for side in ("before", "after")
                        if isinstance(values := said.get(side), ast.Dict)
                        for key in values.keys
                        if isinstance(key, ast.Constant)
                    }
                    kind = re.sub(r"^f?[\"']|[\"']$", "", ast.unparse(said["target"])).partition(":")[0]
                    yield f"{path.name}:{node.lineno}", kind, names


def fields(model: Any) -> list[str]:
    return [field.name for field in model._meta.fields if field.editable and field.name not in ("id", "club")]


# What is written by names that stand in no call: of forms, of records of the admin, of counts.
WRITTEN: dict[str, list[str]] = {
    "member": [*EDITABLE, "enrolled_at", "status", "sms_consent", "email_consent", "tier", "tier_floor", "note"],
    "club": [*CHANGEABLE, "joining", "logo"],
    "smssettings": [*ACCOUNT_FIELDS, "api_key"],
    "smstemplate": fields(SmsTemplate),
    "suppression": fields(Suppression),
    "tier": fields(Tier),
    "product": fields(Product),
    "group": fields(Group),
    "branch": fields(Branch),
    "customfield": fields(CustomField),
    "staffrole": fields(StaffRole),
    "apikey": fields(ApiKey),
    "coupon": ["offer", "code", "uses", "per_member", "member", "starts_at", "ends_at", "void"],
    "coupons": ["count", "pattern"],
    "joininvitation": ["most_uses", "last_day"],
    "rulesversion": ["number", "starts_on"],
    "ticket": ["number", "kind", "priority", "assignee", "into", "other", "status", "rating", *TICKET_FIELDS],
    "import": ["file", "lines", "new", "welcome", "consent", "done", "joined", "known", "refused", "points", "credit"],
}


def test_every_value_that_is_audited_has_a_name_for_people(club: Club) -> None:
    found = list(calls())
    assert len(found) > 40
    raw = [
        (where, name) for where, kind, names in found for name in names - APART if LATIN.search(label_of(kind, name))
    ]
    raw += [(kind, name) for kind, names in WRITTEN.items() for name in names if LATIN.search(label_of(kind, name))]

    assert raw == []


def lines(action: str, target: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What the page says of the act, in the language of now."""
    audit.record(action, actor="system", target=target, before=before, after=after)
    [row] = shown(list(AuditEntry.objects.order_by("-id")[:1]), person("owner"))
    told = [f"{change.label}: {change.before} ← {change.after}" for change in row.changes]
    return [f"{row.title} · {row.target.text}", *told]


MOVED = {"points": 1_250, "credit": 500_000, "points_debt": 0, "credit_debt": 0}


@pytest.mark.parametrize(
    ("action", "target", "before", "after", "told"),
    [
        ("rules.publish", "rulesversion:1", {}, {"number": 3, "starts_on": "2026-11-22"}, ["۳", "۱ آذر ۱۴۰۵"]),
        ("sms.test", "outboxmessage:1", {}, {"status": "sent"}, ["نتیجه:  ← فرستاده شد"]),
        ("sms.test", "outboxmessage:1", {}, {"status": "no_answer"}, ["سرویس‌دهنده دربارهٔ این پیامک"]),
        (
            "list.export",
            "list:requests",
            {},
            {"form": "csv", "query": {"state": "waiting"}},
            ["فهرست درخواست‌های عضویت", "وضعیت:  ← در انتظار"],
        ),
        (
            "list.export",
            "list:sales",
            {},
            {"form": "xlsx", "query": {"from": "2026-11-22", "to": "2026-11-23"}},
            ["فهرست فروش", "از روز:  ← ۱ آذر ۱۴۰۵", "تا روز:  ← ۲ آذر ۱۴۰۵"],
        ),
        ("list.export", "list:member", {}, {"query": {"tier": "gold"}}, ["فهرست اعضا", "سطح:  ← طلایی"]),
        ("list.export", "list:entry", {}, {"query": {"kind__exact": "earn"}}, ["نوع:  ← "]),
        ("list.export", "list:audit", {}, {"query": {"person": "system", "kind": "members"}}, ["سامانه", "اعضا"]),
        ("tier.move", "tier:0", {"gold": 3, "silver": 2}, {"gold": 2, "silver": 3}, ["طلایی: ۳ ← ۲"]),
        ("tier.delete", "tier:0", {}, {"moved": 5, "gold": 4, "-": 1}, ["طلایی:  ← ۴", "بدون سطح:  ← ۱"]),
        ("member.tier_floor", "member:0", {"tier": "silver"}, {"tier": "gold"}, ["سطح: نقره‌ای ← طلایی"]),
        ("product.update", "product:0", {"vat_bp": 1_000}, {"vat_bp": 900}, ["۱۰٪ ← ۹٪"]),
        ("members.import", "import:4", {}, {"lines": 20, "welcome": True, "new": 3}, ["سطرها:  ← ۲۰"]),
        ("members.imported", "import:4", {}, {"credit": 500_000, "joined": 2}, ["۵۰٬۰۰۰ تومان", "عضو شدند:  ← ۲"]),
        ("coupon.create", "coupons:7", {}, {"count": 500, "uses": 1}, ["کدهای پیشنهاد ۷", "شمار کدها:  ← ۵۰۰"]),
        ("coupon.create", "coupon:7", {}, {"ends_at": "2026-11-22"}, ["کد تخفیف ۷", "۱ آذر ۱۴۰۵"]),
        ("coupon.void", "coupon:7", {"void": False}, {"void": True}, ["باطل کردن کد تخفیف", "باطل: نه ← بله"]),
        ("api_key.revoke", "api_key:0", {}, {"revoked_at": "2026-11-22T10:00:00"}, ["باطل شدن:  ← ۱ آذر ۱۴۰۵"]),
        ("club.logo", "club:1", {"logo": ""}, {"logo": "ab12"}, ["لوگو:  ← گذاشته شد"]),
        ("customfield.update", "customfield:0", {"position": ["a", "b"]}, {"position": ["b", "a"]}, ["قهوه، قند"]),
    ],
)
def test_acts_are_told_without_a_word_for_programs(
    club: Club, action: str, target: str, before: dict[str, Any], after: dict[str, Any], told: list[str]
) -> None:
    Tier.objects.create(code="gold", name="طلایی", rank=3, threshold=0)
    Tier.objects.create(code="silver", name="نقره‌ای", rank=2, threshold=0)
    CustomField.objects.create(code="a", label="قند")
    CustomField.objects.create(code="b", label="قهوه")

    said = lines(action, target, before, after)

    text = " | ".join(said)
    assert all(part in text for part in told), said
    assert LATIN.search(text) is None, said


def test_a_merge_says_whose_record_it_was_and_what_went_along(club: Club, sara: Member) -> None:
    gone = Member.objects.create(first_name="نیما", enrolled_at=sara.enrolled_at, referral_code="GONE2222")
    after = {"source": gone.pk, "into": sara.pk, "moved": MOVED, "purchases": 3}

    left, taken = (lines("member.merge", f"member:{one.pk}", {}, after) for one in (sara, gone))

    sums = ["امتیاز:  ← ‎+۱٬۲۵۰", "اعتبار:  ← ‎+۵۰٬۰۰۰ تومان", "خریدهای جابه‌جاشده:  ← ۳"]
    assert left[1:] == ["از پروندهٔ:  ← نیما", *sums]
    assert taken[1:] == ["به پروندهٔ:  ← سارا محمدی", *sums]


def test_each_act_on_a_ticket_is_told_in_words(shop: Shop, club: Club) -> None:
    # Given two tickets of one member, and whatever can be done to them
    ali, sara, act = person("support", name="علی رضایی"), shop.member(), {"actor": "system", "now": NOON}
    Product.objects.create(code="tea", name="چای", price_rial=100)
    Department.objects.create(code="shop", name="فروشگاه", position=1)
    other, ticket = asks(sara), asks(sara, kind="request")
    changes = {"department": "shop", "product": "tea", "priority": "high", "kind": "complaint", "subject": "سرد بود"}
    update_ticket(ticket.pk, changes, **act)
    assign(ticket.pk, None, **act)
    assign(ticket.pk, ali.pk, **act)
    answers(ticket, ali)
    hold(ticket.pk, **act)
    solve(ticket.pk, user=ali, **act)
    rate(ticket.pk, 4, **act)
    close(ticket.pk, **act)
    reopen(ticket.pk, **act)
    link(ticket.pk, other.number, actor="system")
    merge(other.pk, ticket.pk, **act)

    # When the audit tells of them
    rows = shown(list(AuditEntry.objects.filter(target__startswith="ticket:")), person("owner"))

    # Then nothing is said in the words of programs, and what is named by a code has its name
    said = [f"{row.title}: {one.label}: {one.before} ← {one.after}" for row in rows for one in row.changes]
    assert [line for line in said if LATIN.search(line)] == []
    for part in ("مسئول:  ← علی رضایی", "مسئول: علی رضایی ← ", "واحد:  ← فروشگاه", "شماره:  ← ۱", "در تیکت شمارهٔ:  ← ۲",
                 "تیکت شمارهٔ:  ← ۱", "وضعیت: حل‌شده ← بسته", "امتیاز:  ← ۴", "نوع: درخواست ← شکایت"):  # fmt: skip
        assert any(part in line for line in said), (part, said)


def test_a_sold_card_says_how_it_was_paid(club: Club) -> None:
    said = lines("gift_card.sell", "giftcard:1", {}, {"amount": 100_000, "payment_method": "cash"})

    assert "روش پرداخت:  ← نقد" in said


def test_a_list_is_called_as_its_reader_calls_it(club: Club) -> None:
    english = signed_in(person("manager"), club)
    english.cookies["language"] = "en"
    english.get("/desk/members/export.csv").getvalue()

    with translation.override("fa"):
        rows = shown(list(AuditEntry.objects.all()), person("owner"))
        assert [row.target.text for row in rows if row.title == "گرفتن فایل فهرست"] == ["فهرست اعضا"]
    with translation.override("en"):
        assert [code for code, name in LISTS.items() if not str(name).isascii()] == []


def test_settings_of_the_programme_have_names_for_people() -> None:
    assert [name for name, one in ASKED.items() if LATIN.search(str(one.label))] == []
