"""A member erased: nobody can say any more who it was, and the books are what they were."""

import json
from datetime import date

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from accounts.models import Role, User
from accounts.otp import send_code
from accounts.services import give_role
from club.ledger.models import Entry
from club.ledger.selectors import balances
from club.members.cards import issue_card
from club.members.models import CustomField, JoinRequest, Member
from club.members.notes import add_note
from club.members.selectors import find_members, get_member, member_by_phone
from club.members.services import update_member
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder
from core.errors import Conflict, NotFound, ValidationFailed
from core.idempotency import once
from core.models import AuditEntry, Club, DomainEvent
from core.tenancy.models import ClubModel
from core.tenancy.scope import club_scope
from sms.gateways.base import Reply
from sms.inbound import receive_reply
from sms.models import InboundMessage, OutboxMessage
from tests.accounts.cast import fresh_phone
from tests.offering import publish
from tests.shop import NOON, Shop

PHONE = "09121112233"
PERSONAL = (
    "حساسیت به بادام",
    PHONE,
    PHONE[::-1],
    "9121112233",
    "شیرین",
    "کامرانی",
    "shirin@example.com",
    "1990-05-06",
    "۱۲ب۳۴۵",
    "سخت‌گیر",
)


def erase(member: Member, *, reason: str = "خودش خواست") -> None:
    erase_member(member.pk, actor="user:7", reason=reason, now=NOON)


def shirin(shop: Shop) -> Member:
    """Somebody known well, who bought, wrote to us and was changed."""
    CustomField.objects.create(code="plate", label="پلاک")
    member = shop.member(
        phone=PHONE, first_name="شیرین", last_name="کامرانی", email="shirin@example.com", birth_date=date(1990, 5, 6),
        tags=("سخت‌گیر",), custom={"plate": "۱۲ب۳۴۵"}, opening_points=500,
    )  # fmt: skip
    shop.buys(member, 5_000_000)
    add_note(member.pk, "حساسیت به بادام", actor="user:7")
    update_member(member.pk, {"last_name": "کامرانی‌فر"}, actor="user:7")
    issue_card(member.pk, actor="user:7", reason="شیرین گم کرد")
    receive_reply(Reply(provider_id=7, phone="98" + PHONE[1:], line="1", text="من شیرینم", at=NOON), now=NOON)
    send_code(PHONE, address="1.2.3.4", domain="x", now=NOON)
    once("key-of-till", fingerprint="x").keep(json.dumps({"phone": PHONE, "first_name": "شیرین"}))
    return member


def everything_kept() -> str:
    """Every row of every table of the club, as text."""
    rows = [
        json.dumps(list(model.objects.values()), default=str, ensure_ascii=False)
        for model in apps.get_models()
        if issubclass(model, ClubModel)
    ]
    return "\n".join(rows)


def test_nothing_personal_is_left_in_any_table(shop: Shop) -> None:
    member = shirin(shop)
    before = everything_kept()
    assert all(text in before for text in PERSONAL)

    erase(member)

    after = everything_kept()
    assert [text for text in PERSONAL if text in after] == []


def test_what_kept_answers_say_of_why_offers_missed_goes_too(shop: Shop) -> None:
    for fact, value in (("custom.plate", "another"), ("tag", "vip")):
        when = {"fact": fact, "op": "eq", "value": value}
        CustomField.objects.get_or_create(code="plate", defaults={"label": "پلاک"})
        publish(fact, {"kind": "discount_percent", "percent": 10}, when=when)
    member = shop.member(tags=("سخت‌گیر",), custom={"plate": "۱۲ب۳۴۵"})
    order = PurchaseOrder(member_id=member.pk, amount=5_000_000)
    receipt = shop.buy(order, key="till-1")
    assert {"سخت‌گیر", "۱۲ب۳۴۵"} <= {text for text in PERSONAL if text in everything_kept()}

    erase(member)

    assert [text for text in PERSONAL if text in everything_kept()] == []
    again = shop.buy(order, key="till-1")
    assert (again.replayed, again.id, again.considered) == (True, receipt.id, [])


def test_figures_and_ledger_stay_and_what_is_left_ends_with_a_row(shop: Shop) -> None:
    member = shirin(shop)
    had = balances(member.pk, NOON).points

    erase(member)

    gone = get_member(member.pk)
    assert (gone.status, gone.visits, gone.spent_rial) == ("erased", 1, 5_000_000)
    assert Purchase.objects.filter(member=member).count() == 1
    ended = Entry.objects.filter(document=f"erase:{member.pk}")
    assert sum(row.delta for row in ended) == -had
    assert set(ended.values_list("kind", flat=True)) == {"expire"}
    assert balances(member.pk, NOON).points == 0
    assert shop.proven()


def test_nobody_finds_the_member_and_the_phone_may_join_anew(shop: Shop) -> None:
    member = shirin(shop)

    erase(member)

    assert member_by_phone(PHONE) is None
    assert find_members("شیرین") == find_members("2233") == []
    with pytest.raises(NotFound):
        shop.buys(member, 1_000)
    assert shop.member(phone=PHONE).pk != member.pk


def test_who_did_what_and_that_it_was_erased_is_still_told(shop: Shop) -> None:
    member = shirin(shop)
    told = AuditEntry.objects.filter(target=f"member:{member.pk}").count()

    erase(member)

    rows = AuditEntry.objects.filter(target=f"member:{member.pk}")
    assert rows.count() == told + 1
    changed = rows.get(action="member.update")
    assert (changed.actor, changed.after) == ("user:7", {"last_name": "…"})
    assert rows.get(action="member.erase").after == {"reason": "خودش خواست"}
    assert DomainEvent.objects.filter(kind="member.erased", member_id=member.pk).exists()


def test_what_waits_is_not_sent_any_more(shop: Shop) -> None:
    member = shirin(shop)

    erase(member)

    assert set(OutboxMessage.objects.values_list("status", "phone", "text")) == {("skipped", "", "")}
    assert list(InboundMessage.objects.values_list("phone", "text")) == [("", "")]


def test_a_record_that_was_merged_into_the_member_is_blanked_with_it(shop: Shop) -> None:
    old, member = shirin(shop), shop.member(phone="09350001122")
    merge_members(old.pk, member.pk, actor="user:7", key="m", now=NOON)

    erase(get_member(member.pk))

    assert [text for text in (*PERSONAL, "09350001122") if text in everything_kept()] == []
    assert get_member(old.pk).merged_into_id == member.pk
    assert shop.proven()


def test_others_stay_as_they_are(shop: Shop, other_club: Club) -> None:
    member, friend = shirin(shop), shop.member(first_name="ندا")
    with club_scope(other_club):
        elsewhere = Shop(other_club).member(phone=PHONE, first_name="شیرین")

    erase(member)

    assert AuditEntry.objects.get(action="member.enrol", target=f"member:{friend.pk}").after["name"] == "ندا"
    with club_scope(other_club):
        assert get_member(elsewhere.pk).first_name == "شیرین"
        assert AuditEntry.objects.get(action="member.enrol").after["phone"] == PHONE
        with pytest.raises(NotFound):
            erase(friend)


def test_it_wants_a_reason_and_happens_once(shop: Shop) -> None:
    member = shop.member()

    for reason in ("", " ", "x" * 201):
        with pytest.raises(ValidationFailed):
            erase(member, reason=reason)
    assert get_member(member.pk).status == "active"
    erase(member)
    with pytest.raises(Conflict):
        erase(member)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET actor = 'user:9'",
        "UPDATE core_auditentry SET after = '{}'",
        "UPDATE core_domainevent SET data = '{}'",
        "DELETE FROM core_auditentry",
    ],
)
def test_history_is_still_closed_to_everybody_else(shop: Shop, statement: str) -> None:
    shop.member()

    for said in ("", "yes"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.forgetting', %s, true)", [said])
            cursor.execute(statement)


def test_the_login_goes_with_the_last_club_that_knows_the_phone(shop: Shop, other_club: Club) -> None:
    phones = [fresh_phone() for _each in range(4)]
    members = [shop.member(phone=phone) for phone in phones]
    for phone in phones:
        User.objects.of_phone(phone)
    _alone, in_both, at_work, asking = phones
    with club_scope(other_club):
        Shop(other_club).member(phone=in_both)
        give_role(phone=at_work, role=Role.CASHIER, actor="system")
        JoinRequest.objects.create(phone=asking, asked_at=NOON, sms_consent=False)

    for member in members:
        erase(member)

    left = set(User.objects.filter(phone__in=phones).values_list("phone", flat=True))
    assert left == {in_both, at_work, asking}
