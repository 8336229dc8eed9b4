"""What the till records, once, and of whom."""

import pytest
from django.test import Client
from django.utils import timezone

from club.members.models import AgentCode, CustomField, Member
from club.purchases.models import Purchase
from club.tiers.models import Tier
from core.models import AuditEntry, Club
from core.text import persian_digits
from crm.agents.contracts import end_contract
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in
from tests.crm.agents.acts import agent as taken_on
from tests.desk.conftest import joined
from tests.desk.till.forms import save, typed
from tests.offering import publish
from tests.shop import Shop


def test_a_purchase_of_a_known_member(cashier: Client, sara: Member) -> None:
    answer = save(cashier, member=sara.pk, amount="۲۴۵٬۰۰۰")

    bought = Purchase.objects.get()
    assert (bought.net, bought.member_id, bought.points_earned) == (2_450_000, sara.pk, 24)
    assert answer["said"] == "ثبت شد: سارا محمدی، ۲۴۵٬۰۰۰ تومان، \u200e+۲۴ امتیاز"
    assert answer["key"] != "k1"
    assert f"/desk/purchases/{bought.pk}/undo/" == answer["undo"]
    assert "سارا محمدی" in str(answer["recent"])


def test_a_new_phone_becomes_a_member_with_the_purchase(cashier: Client, club: Club) -> None:
    save(cashier, who="۰۹۳۵۱۱۱۲۲۳۳", amount="100000")

    assert Member.objects.get().phone == "09351112233"
    assert Purchase.objects.get().member == Member.objects.get()


def test_a_newcomer_may_be_named_with_the_purchase(cashier: Client, club: Club) -> None:
    save(cashier, who="09351112233", new_name="  مینا   رضایی‌فر ", amount="100000")

    member = Member.objects.get()
    assert (member.first_name, member.last_name) == ("مینا", "رضایی‌فر")
    assert OutboxMessage.objects.get(kind="welcome").context["name"] == "مینا"


def test_a_newcomer_is_asked_what_the_club_wants_to_know_at_the_till(cashier: Client, club: Club) -> None:
    CustomField.objects.create(code="pet", label="نام گربه", is_asked_at_till=True)
    CustomField.objects.create(code="age", label="سن گربه", kind="number", is_asked_at_till=True, position=1)
    CustomField.objects.create(code="mood", label="خلق‌وخو")
    page = cashier.get("/desk/till/").content.decode()
    assert 'name="custom_pet"' in page and 'name="custom_mood"' not in page

    wrong = save(cashier, status=422, who="09351112233", amount="1000", custom_pet="پشمک", custom_age="سه")
    assert list(wrong["errors"]) == ["custom_age"] and not Member.objects.filter(phone="09351112233").exists()
    save(cashier, who="09351112233", new_name="مینا", amount="1000", custom_pet="پشمک", custom_age="۳", custom_mood="x")

    member = Member.objects.get(phone="09351112233")
    assert (member.first_name, member.custom) == ("مینا", {"pet": "پشمک", "age": 3})
    manager = signed_in(person("manager"), club)
    assert "پشمک" in manager.get(f"/desk/members/{member.pk}/").content.decode()


def test_a_newcomer_who_says_a_friends_code_is_tied_to_the_friend_with_the_purchase(
    cashier: Client, shop: Shop, sara: Member
) -> None:
    friends = [{"fact": fact, "op": "eq", "value": True} for fact in ("referred", "is_first_purchase")]
    publish("دوست", {"kind": "discount_percent", "percent": 20}, when={"all": friends})
    agent, closed = taken_on(), taken_on()
    end_contract(closed.pk, reason="رفت", actor="user:1", now=timezone.now())
    codes = {one.agent_id: one.code for one in AgentCode.objects.all()}
    typed = {"who": "09351112233", "amount": "100000"}

    said = {}
    for code in ("ZZZZZZ", codes[closed.pk]):
        wrong = save(cashier, status=422 if code == "ZZZZZZ" else 409, **typed, referrer=code)
        said |= wrong["errors"]
        assert list(wrong["errors"]) == ["referrer"]
    assert not Purchase.objects.exists() and Member.objects.count() == 1
    page = cashier.post("/desk/till/", {"key": "k", **typed, "referrer": "ZZZZZZ"}).content.decode()
    assert 'value="ZZZZZZ"' in page and "چنین کد معرفی" in page

    shown = cashier.post("/desk/till/preview/", {**typed, "referrer": sara.referral_code}).content.decode()
    done = save(cashier, **typed, referrer=f" {sara.referral_code.lower()} ")
    other = save(cashier, key="k2", who=agent.phone, amount="1000", referrer=codes[agent.pk], status=409)
    save(cashier, key="k3", who="09351112244", amount="1000", referrer=codes[agent.pk])

    assert "<span data-pay>۸۰٬۰۰۰</span>" in shown and Purchase.objects.get(pk=done["id"]).net == 800_000
    assert Member.objects.get(phone="09351112233").referred_by == sara
    assert list(other["errors"]) == ["referrer"]
    assert Member.objects.get(phone="09351112244").agent_code.agent_id == agent.pk


def test_what_is_asked_of_newcomers_changes_no_known_member(cashier: Client, sara: Member) -> None:
    CustomField.objects.create(code="pet", label="نام گربه", is_asked_at_till=True)

    save(cashier, member=sara.pk, amount="1000", custom_pet="پشمک")

    sara.refresh_from_db()
    assert sara.custom == {}


def test_a_nameless_member_is_named_at_once_or_with_a_purchase_and_it_is_noted(cashier: Client, club: Club) -> None:
    first, second = joined("09351112233", "", ""), joined("09351112244", "", "")

    said = save(cashier, act="name", member=first.pk, new_name="مینا رضایی")["said"]
    save(cashier, member=second.pk, new_name="زهرا", amount="1000")

    assert said == "نام نوشته شد: مینا رضایی"
    assert [str(member) for member in Member.objects.order_by("pk")] == ["مینا رضایی", "زهرا"]
    assert AuditEntry.objects.filter(action="member.update").count() == 2
    assert Purchase.objects.count() == 1


def test_a_name_is_not_changed_by_a_purchase(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, new_name="دیگری", amount="1000")

    sara.refresh_from_db()
    assert sara.full_name == "سارا محمدی"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"new_name": "مینا"}, "who"),
        ({"who": "4567", "new_name": " "}, "new_name"),
        ({"who": "4567", "new_name": "ی" * 90}, "new_name"),
    ],
)
def test_a_name_that_cannot_be_given_is_refused_beside_its_field(
    cashier: Client, sara: Member, fields: dict[str, str], field: str
) -> None:
    assert list(save(cashier, status=422, act="name", **fields)["errors"]) == [field]


def test_without_javascript_naming_keeps_what_was_typed(cashier: Client, sara: Member) -> None:
    fields = typed(cashier, who="4567", amount="245000", act="name", new_name="سارا کریمی")

    page = cashier.post("/desk/till/", fields).content.decode()

    assert "نام نوشته شد: سارا کریمی" in page
    assert 'value="245000"' in page
    assert Purchase.objects.count() == 0


def test_a_sale_to_a_non_member_by_explicit_choice(cashier: Client, sara: Member) -> None:
    save(cashier, nobody="1", member=sara.pk, amount="100000")

    assert Purchase.objects.get().member is None


def test_a_new_tier_and_the_way_to_the_next_are_said_with_what_was_recorded(cashier: Client, sara: Member) -> None:
    Tier.objects.create(code="silver", name="نقره‌ای", rank=1, threshold=2_000_000)
    Tier.objects.create(code="gold", name="طلایی", rank=2, threshold=30_000_000)

    said = str(save(cashier, member=sara.pk, amount="۲۴۵٬۰۰۰")["said"])

    assert said.endswith("، به سطح نقره‌ای رسید، ۲٬۷۵۵٬۰۰۰ تومان تا طلایی")
    page = cashier.get(f"/desk/till/?saved={Purchase.objects.get().pk}").content.decode()
    assert "به سطح نقره‌ای رسیدید" in page


def test_pressing_enter_twice_records_once(cashier: Client, sara: Member) -> None:
    first = save(cashier, member=sara.pk, amount="245000")
    second = save(cashier, member=sara.pk, amount="245000")

    assert Purchase.objects.count() == 1
    assert first["id"] == second["id"]
    assert "دوباره ثبت نشد" in str(second["said"])


def test_enrolling_twice_with_one_key_records_once(cashier: Client, club: Club) -> None:
    save(cashier, who="09351112233", amount="245000")
    save(cashier, who="09351112233", amount="245000")

    assert (Purchase.objects.count(), Member.objects.count()) == (1, 1)


def test_the_same_form_with_another_amount_is_refused(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, amount="245000")

    answer = save(cashier, status=422, member=sara.pk, amount="999000")

    assert answer["code"] == "idempotency_conflict"
    assert Purchase.objects.count() == 1


def test_credit_pays_as_far_as_it_reaches(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, amount="245000", use_credit="1")

    bought = Purchase.objects.get()
    assert (bought.paid_by_credit, bought.payable) == (620_000, 1_830_000)


def test_points_pay_too(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, amount="245000", use_points="1")

    assert Purchase.objects.get().points_spent == 500


def test_the_number_of_the_shops_own_invoice_is_kept_once(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, amount="1000", ref="F-12")

    answer = save(cashier, status=409, key="k2", member=sara.pk, amount="1000", ref="F-12")

    first = Purchase.objects.get()
    assert answer["errors"] == {"ref": f"این شماره پیش‌تر با خرید {persian_digits(first.number)} ثبت شده است"}
