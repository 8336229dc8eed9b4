"""The life of a member's record as the staff keep it: cards, the mobile, two records made one, erasure."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from club.ledger.proof import verify_ledger
from club.ledger.selectors import balances
from club.members.consent import change_consent
from club.members.models import Member
from club.members.notes import add_note
from club.members.selectors import find_members
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder
from club.purchases.services import record_purchase
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage, Suppression
from tests.accounts.cast import person, signed_in
from tests.core.test_pages import INLINE
from tests.desk.conftest import joined
from tests.shop import Shop

NEW = "09350000009"


@pytest.fixture
def manager(club: Club) -> Client:
    return signed_in(person(Role.MANAGER, name="بهرام صادقی"), club)


@pytest.fixture
def double(club: Club) -> Member:
    """The same Sara under an old number, with a purchase and 40 points of her own."""
    member = joined(NEW, "سارا", "محمدي", opening_points=40, tags=["همسایه"], email="sara@example.com")
    order = PurchaseOrder(member_id=member.pk, amount=2_000_000)
    record_purchase(order, actor="system", key="double", now=timezone.now())
    return member


def page(member: Member, name: str) -> str:
    return f"/desk/members/{member.pk}/{name}/"


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "name", "status"),
    [
        (Role.CASHIER, "card", 200), (Role.CASHIER, "phone", 403), (Role.CASHIER, "merge", 403),
        (Role.SUPPORT, "card", 200), (Role.SUPPORT, "phone", 200), (Role.SUPPORT, "merge", 403),
        (Role.SUPPORT, "erase", 403), (Role.CALLER, "card", 403), (Role.MANAGER, "merge", 200),
        (Role.MANAGER, "erase", 200),
    ],
)  # fmt: skip
def test_each_page_is_for_its_right_and_the_card_shows_no_other_links(
    club: Club, sara: Member, role: Role, name: str, status: int
) -> None:
    client = signed_in(person(role), club)

    assert client.get(page(sara, name)).status_code == status
    links = client.get(f"/desk/members/{sara.pk}/").content.decode()
    assert (f'href="{page(sara, name)}"' in links) == (status == 200)


@pytest.mark.parametrize("name", ["card", "card/print", "phone", "merge", "erase"])
def test_a_page_has_nothing_inline_and_none_of_an_erased_member(manager: Client, sara: Member, name: str) -> None:
    assert INLINE.search(manager.get(page(sara, name)).content.decode()) is None
    Member.objects.filter(pk=sara.pk).update(status="erased")
    assert manager.get(page(sara, name)).status_code == 404


# ── cards ─────────────────────────────────────────────────────────────────────────────────────────────────


def send_card(client: Client, member: Member, act: str, reason: str = "گم شد", **more: str):
    fields = {"act": act, "reason": reason, "seen": member.card or "", **more}
    return client.post(page(member, "card"), fields)


def test_a_lost_card_is_replaced_by_a_new_one_that_can_be_printed(cashier: Client, sara: Member) -> None:
    old = sara.card

    answer = send_card(cashier, sara, "issue")

    sara.refresh_from_db()
    assert answer["Location"] == page(sara, "card/print")
    assert sara.card and sara.card != old
    listed = cashier.get(page(sara, "card")).content.decode()
    assert "گم شد" in listed
    assert "نگار رضایی" in listed
    assert "سارا محمدی" in cashier.get(page(sara, "card/print")).content.decode()
    assert AuditEntry.objects.get(action="member.card_issued").after["reason"] == "گم شد"


def test_a_blocked_card_opens_nobody_and_its_page_offers_a_new_one(cashier: Client, sara: Member) -> None:
    send_card(cashier, sara, "block")

    sara.refresh_from_db()
    assert sara.card is None
    assert "کارت بازی ندارد" in cashier.get(page(sara, "card")).content.decode()
    assert cashier.get(page(sara, "card/print"))["Location"] == page(sara, "card")
    assert send_card(cashier, sara, "issue", reason="").status_code == 302, "who has none needs no reason"


@pytest.mark.parametrize(
    ("act", "reason", "said"),
    [("block", "", "دلیل را بنویسید"), ("issue", " ", "دلیل را بنویسید"), ("issue", "x" * 201, "۲۰۰ نویسه")],
)
def test_a_card_is_taken_away_for_a_reason_alone(
    cashier: Client, sara: Member, act: str, reason: str, said: str
) -> None:
    answer = send_card(cashier, sara, act, reason=reason)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Member.objects.get(pk=sara.pk).card == sara.card


def test_a_form_sent_twice_gives_one_card(cashier: Client, sara: Member) -> None:
    send_card(cashier, sara, "issue")
    again = send_card(cashier, sara, "issue")

    assert again.status_code == 422
    assert sara.cards.count() == 2


# ── the mobile ────────────────────────────────────────────────────────────────────────────────────────────


def code_sent_to(phone: str) -> str:
    return str(OutboxMessage.objects.filter(kind="phone_proof", phone=phone).latest("id").context["code"])


def test_a_mobile_changes_by_a_code_to_the_new_one_and_the_old_one_is_told(manager: Client, sara: Member) -> None:
    asked = manager.post(page(sara, "phone"), {"phone": "۰۹۳۵ ۰۰۰ ۰۰۰۹"})
    assert asked["Location"] == page(sara, "phone/code")

    done = manager.post(asked["Location"], {"code": code_sent_to(NEW)})

    assert done["Location"] == f"/desk/members/{sara.pk}/"
    assert Member.objects.get(pk=sara.pk).phone == NEW
    assert not OutboxMessage.objects.filter(kind="otp").exists(), "what is read out is called no login code"
    told = OutboxMessage.objects.get(kind="phone_changed")
    assert (told.phone, told.context["phone"]) == (sara.phone, "0935…0009")
    assert manager.get(asked["Location"])["Location"] == page(sara, "phone"), "the code is used up"


def test_a_wrong_code_changes_nothing(manager: Client, sara: Member) -> None:
    manager.post(page(sara, "phone"), {"phone": NEW})
    wrong = "111111" if code_sent_to(NEW) != "111111" else "222222"

    answer = manager.post(page(sara, "phone/code"), {"code": wrong})

    assert answer.status_code == 422
    assert "کد درست نیست" in answer.content.decode()
    assert Member.objects.get(pk=sara.pk).phone == sara.phone


def test_a_code_for_one_member_changes_no_other(manager: Client, sara: Member) -> None:
    other = joined("09350000001", "مهدی", "کاظمی")
    manager.post(page(sara, "phone"), {"phone": NEW})

    answer = manager.post(page(other, "phone/code"), {"code": code_sent_to(NEW)})

    assert answer["Location"] == page(other, "phone")
    assert Member.objects.get(pk=other.pk).phone == "09350000001"


def test_another_members_number_gets_no_code_and_leads_to_making_them_one(
    manager: Client, sara: Member, double: Member
) -> None:
    answer = manager.post(page(sara, "phone"), {"phone": NEW})

    assert answer.status_code == 422
    assert f"{page(sara, 'merge')}?with={double.pk}" in answer.content.decode()
    assert not OutboxMessage.objects.filter(message_class="otp").exists()


@pytest.mark.parametrize("phone", ["", "09123454567", "0912", "abc"])
def test_what_is_no_new_number_is_refused(manager: Client, sara: Member, phone: str) -> None:
    assert manager.post(page(sara, "phone"), {"phone": phone}).status_code == 422


def test_a_no_to_messages_goes_along_to_the_new_number(manager: Client, sara: Member) -> None:
    now = timezone.now()
    change_consent(sara.pk, channel="sms", given=False, source="staff", actor="user:1", now=now)
    manager.post(page(sara, "phone"), {"phone": NEW})

    manager.post(page(sara, "phone/code"), {"code": code_sent_to(NEW)})

    assert Suppression.objects.filter(phone=NEW).exists()


# ── two made one ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_other_record_is_found_and_is_never_oneself(manager: Client, sara: Member, double: Member) -> None:
    found = manager.get(page(sara, "merge"), {"q": "سارا"})

    assert [hit.id for hit in found.context["hits"]] == [double.pk]
    assert "پیدا نشد" in manager.get(page(sara, "merge"), {"q": "ناکجا"}).content.decode()


def test_both_are_seen_side_by_side_before_anything_is_done(manager: Client, sara: Member, double: Member) -> None:
    shop = Shop(sara.club)
    shop.tiers()

    answer = manager.get(page(sara, "merge"), {"with": double.pk})

    sides = {side.label: side for side in answer.context["sides"]}
    assert (sides["امتیاز"].source, sides["امتیاز"].into, sides["امتیاز"].after) == ("۶۰", "۵۰۰", "۵۶۰")
    assert sides["خریدها"].after == "۱"
    assert sides["ایمیل"].after == "sara@example.com"
    assert sides["سطح"].after == "برنزی"
    assert not sides["موبایل"].is_lost, "the old number still finds the one left"
    assert "بی‌پایان" in answer.content.decode()
    assert Member.objects.get(pk=double.pk).status == "active"


def test_the_tier_of_both_together_is_foretold(manager: Client, sara: Member, double: Member) -> None:
    shop = Shop(sara.club)
    shop.tiers()
    for member in (sara, double):
        order = PurchaseOrder(member_id=member.pk, amount=6_000_000)
        record_purchase(order, actor="system", key=f"t{member.pk}", now=timezone.now())

    answer = manager.get(page(sara, "merge"), {"with": double.pk})
    foretold = answer.context["seen"].tier
    merge(manager, double, sara)

    assert foretold == Member.objects.get(pk=sara.pk).tier_code == "silver"


def merge(client: Client, source: Member, into: Member, **more: str):
    fields = {"source": source.pk, "into": into.pk, "key": "k1", "sure": "1", **more}
    return client.post(page(into, "merge"), fields)


def test_two_records_become_one_and_every_old_way_leads_there(manager: Client, sara: Member, double: Member) -> None:
    old_card = double.card

    answer = merge(manager, double, sara)

    assert answer["Location"] == f"/desk/members/{sara.pk}/"
    assert balances(sara.pk, timezone.now()).points == 560
    assert Purchase.objects.get().member_id == sara.pk
    assert [hit.id for hit in find_members(old_card or "")] == [sara.pk]
    assert manager.get(f"/desk/members/{double.pk}/")["Location"] == f"/desk/members/{sara.pk}/"
    assert verify_ledger() == []
    assert merge(manager, double, sara)["Location"] == f"/desk/members/{sara.pk}/", "pressed twice it is done once"
    assert AuditEntry.objects.filter(action="member.merge").count() == 2


def test_a_merge_is_told_once_in_what_happened(manager: Client, sara: Member, double: Member) -> None:
    merge(manager, double, sara)

    rows = manager.get(f"/desk/members/{sara.pk}/activity/").context["rows"]

    assert sum(row.title == "یکی کردن دو عضو" for row in rows) == 1
    moved = sorted(row.amount for row in rows if row.title == "یکی شدن دو عضو")
    assert moved == ["‎+۲۰ امتیاز", "‎+۴۰ امتیاز"], "what left the one record is not told beside it"
    assert sum(row.source == "joined" for row in rows) == 1, "one person joined once"


def test_the_other_one_may_stay(manager: Client, sara: Member, double: Member) -> None:
    seen = manager.get(page(sara, "merge"), {"with": double.pk, "swap": "1"})
    assert (seen.context["seen"].source, seen.context["seen"].into) == (sara, double)

    answer = manager.post(page(sara, "merge"), {"source": sara.pk, "into": double.pk, "key": "k1", "sure": "1"})

    assert answer["Location"] == f"/desk/members/{double.pk}/"


def test_without_the_yes_nothing_is_done_and_it_says_so(manager: Client, sara: Member, double: Member) -> None:
    answer = merge(manager, double, sara, sure="")

    assert answer.status_code == 422
    assert "نخست نشان دهید" in answer.content.decode()
    assert Member.objects.get(pk=double.pk).merged_into_id is None


def test_no_member_becomes_one_with_itself_with_nobody_or_with_another_clubs(
    manager: Client, sara: Member, other_club: Club
) -> None:
    with club_scope(other_club):
        theirs = joined("09120000077")

    assert merge(manager, sara, sara).status_code == 422
    with_itself = manager.get(page(sara, "merge"), {"with": sara.pk})
    assert with_itself.status_code == 422
    assert "با خودش نمی‌شود" in with_itself.content.decode()
    assert manager.get(page(sara, "merge"), {"with": theirs.pk}).status_code == 404
    assert merge(manager, theirs, sara).status_code == 404
    stranger = manager.post(page(sara, "merge"), {"source": "1", "into": "2", "key": "k", "sure": "1"})
    assert stranger.status_code == 404
    assert manager.post(page(sara, "merge"), {"source": "x" * 30}).status_code == 404


def test_a_comparison_costs_the_same_for_a_long_history(manager: Client, sara: Member, double: Member) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            manager.get(page(sara, "merge"), {"with": double.pk})
        return len(caught)

    cost()
    few = cost()
    for number in range(9):
        add_note(double.pk, f"یادداشت {number}", actor="user:1")
        order = PurchaseOrder(member_id=double.pk, amount=1_000_000)
        record_purchase(order, actor="system", key=f"n{number}", now=timezone.now())

    assert cost() == few


# ── erasure ───────────────────────────────────────────────────────────────────────────────────────────────


def erase(client: Client, member: Member, act: str, reason: str = "خودش خواست", proof: str = "۴۵۶۷"):
    return client.post(page(member, "erase"), {"act": act, "reason": reason, "proof": proof})


def test_erasing_is_shown_proven_asked_again_and_then_done(manager: Client, sara: Member) -> None:
    first = manager.get(page(sara, "erase")).content.decode()
    assert "می‌رود، بی‌برگشت" in first
    assert "۵۰۰ امتیاز" in first

    asked = erase(manager, sara, "ask").content.decode()
    assert "آخرین پرسش" in asked
    assert Member.objects.get(pk=sara.pk).status == "active", "a question is no answer"

    done = erase(manager, sara, "erase")

    assert done["Location"] == "/desk/members/"
    gone = Member.objects.get(pk=sara.pk)
    assert (gone.status, gone.full_name, gone.phone) == ("erased", "", None)
    assert AuditEntry.objects.get(action="member.erase").after["reason"] == "خودش خواست"
    assert manager.get(f"/desk/members/{sara.pk}/").status_code == 404
    assert erase(manager, sara, "erase").status_code == 404


@pytest.mark.parametrize(("reason", "proof"), [("", "4567"), ("   ", "4567"), ("x", "4568"), ("x", ""), ("x", "سارا")])
def test_nobody_is_erased_without_a_reason_and_the_right_digits(
    manager: Client, sara: Member, reason: str, proof: str
) -> None:
    for act in ("ask", "erase"):
        assert erase(manager, sara, act, reason, proof).status_code == 422
    assert Member.objects.get(pk=sara.pk).status == "active"


def test_who_has_neither_phone_nor_card_is_proven_by_a_word(manager: Client, sara: Member) -> None:
    Member.objects.filter(pk=sara.pk).update(phone=None, card=None, external_id="X-1")

    assert "بنویسید «پاک»" in manager.get(page(sara, "erase")).content.decode()
    assert erase(manager, sara, "ask", proof="پاک").status_code == 200
    assert erase(manager, sara, "ask", proof="پاك ").status_code == 200


# ── consent ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_card_shows_what_was_said_about_messages_when_and_where(manager: Client, sara: Member) -> None:
    now = timezone.now()
    change_consent(sara.pk, channel="sms", given=False, source="sms", actor="x", now=now, text="لغو 11")

    card = manager.get(f"/desk/members/{sara.pk}/").content.decode()

    assert "با پیامک خودش" in card
    assert "«لغو ۱۱»" in card
