"""The manager's pages of rewards: the catalogue, what became of each, vouchers by their state, and gifts to a list."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.awards import grant_runs
from club.catalogue.models import Product
from club.ledger.selectors import balances
from club.members.models import Member
from club.rewards.models import Grant, Redemption, Reward
from core.models import AuditEntry, Club
from sms.models import OutboxMessage
from tests.desk.conftest import joined
from tests.rewarding import reward, takes, uses, with_points

TYPED = {"name": "نوشیدنی رایگان", "code": "drink", "points": "۱۰۰", "gives": "", "is_active": "on"}


def text_of(answer: Any) -> str:
    return (answer.getvalue() if answer.streaming else answer.content).decode()


@pytest.mark.parametrize(
    ("typed", "benefit"),
    [
        ({}, None),
        ({"gives": "free_item", "product": "latte"}, {"kind": "free_item", "product": "latte", "quantity": 1}),
        ({"gives": "discount_percent", "percent": "۷٫۵"}, {"kind": "discount_percent", "percent": 7.5}),
        ({"gives": "discount_amount", "amount": "۵۰٬۰۰۰"}, {"kind": "discount_amount", "amount": 500_000}),
        ({"gives": "credit_amount", "amount": "۲۰٬۰۰۰"}, {"kind": "credit_amount", "amount": 200_000}),
    ],
)
def test_a_reward_is_made_and_shown_again_as_it_was_typed(
    manager: Client, club: Club, typed: dict[str, str], benefit: dict[str, Any] | None
) -> None:
    Product.objects.create(code="latte", name="لاته", price_rial=950_000)

    answer = manager.post("/desk/rewards/new/", {**TYPED, **typed, "stock": "۵", "valid_days": "۳۰"})

    assert answer.status_code == 302, text_of(answer)
    made = Reward.objects.get()
    assert (made.points, made.stock, made.per_member, made.valid_days) == (100, 5, None, 30)
    assert made.benefit == benefit
    page = manager.get(f"/desk/rewards/{made.pk}/")
    shown = {name: str(value) for name, value in page.context["form"].initial.items() if value is not None}
    again = manager.post(f"/desk/rewards/{made.pk}/", {**TYPED, **typed, "stock": "۵", "valid_days": "۳۰"})
    assert again.status_code == 302 and shown["gives"] == typed.get("gives", "")
    assert AuditEntry.objects.filter(action__startswith="reward.").count() == 1, "nothing was changed the second time"


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(manager: Client, club: Club) -> None:
    answer = manager.post("/desk/rewards/new/", {**TYPED, "points": "صد", "gives": "free_item", "stock": "-1"})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"points", "product", "stock"}
    assert 'value="نوشیدنی رایگان"' in text_of(answer)
    reward()
    taken = manager.post("/desk/rewards/new/", TYPED)
    assert taken.context["form"].errors.keys() == {"code"}


def test_a_benefit_that_the_form_has_no_fields_for_stays(manager: Client, club: Club) -> None:
    benefit = {"kind": "credit_percent", "percent": 5}
    made = reward(benefit=benefit)

    manager.post(f"/desk/rewards/{made.pk}/", {**TYPED, "gives": "other", "points": "۲۰۰"})

    made.refresh_from_db()
    assert (made.benefit, made.points) == (benefit, 200)


def test_the_stock_is_never_less_than_what_was_taken(manager: Client, sara: Member) -> None:
    made = reward(points=1, stock=5)
    takes(sara)
    takes(sara)

    answer = manager.post(f"/desk/rewards/{made.pk}/", {**TYPED, "stock": "۱"})

    assert answer.status_code == 422 and "stock" in answer.context["form"].errors


def test_the_list_says_what_became_of_each_and_vouchers_are_found_by_their_state(manager: Client, sara: Member) -> None:
    made = reward(points=10)
    first, _second = takes(sara), takes(sara)
    uses(first.id)

    text = text_of(manager.get("/desk/rewards/"))
    assert "۲ بار گرفته شد" in text and "۱ استفاده" in text and "۱ باز" in text
    only = text_of(manager.get(f"/desk/vouchers/?reward={made.pk}"))
    assert first.coupon in only and f"تنها «{made.name}»" in only
    assert first.coupon not in text_of(manager.get(f"/desk/vouchers/?reward={made.pk + 1}"))
    assert first.coupon not in text_of(manager.get("/desk/vouchers/?status=issued"))
    assert first.coupon in text_of(manager.get("/desk/vouchers/export.csv?status=used"))
    assert "نوشیدنی رایگان" in text_of(manager.get("/desk/rewards/export.csv"))


def test_staff_cancel_an_open_one(manager: Client, sara: Member) -> None:
    reward(points=10)
    number = takes(sara).id

    manager.post(f"/desk/vouchers/{number}/cancel/")
    again = manager.post(f"/desk/vouchers/{number}/cancel/", follow=True)

    assert Redemption.objects.get().status == "cancelled"
    assert "دیگر لغو نمی‌شود" in text_of(again)


def test_a_list_is_given_a_gift_once_each_with_its_sms(manager: Client, sara: Member) -> None:
    friend = joined("09121110000", "مینا")
    Member.objects.filter(pk=joined("09121110001").pk).update(status="blocked")
    typed = {"key": "once", "name": "ماگ باشگاه", "valid_days": "۷"}
    phones = f"{sara.phone}\n+98{(friend.phone or '')[1:]}، 09121110001\n09350000000 {sara.phone}"

    for _time in range(2):
        answer = manager.post("/desk/rewards/grant/", {**typed, "phones": phones}, follow=True)
        assert "در صف" in text_of(answer) or _time
        grant_runs.work(now=timezone.now())
    assert "۱ شماره عضو نبود: 09350000000" in text_of(answer).replace("&#x27;", "'")

    rows = list(Redemption.objects.order_by("member_id"))
    assert [(row.member_id, row.points, row.name, row.status) for row in rows] == [
        (sara.pk, 0, "ماگ باشگاه", "issued"),
        (friend.pk, 0, "ماگ باشگاه", "issued"),
    ]
    told = OutboxMessage.objects.filter(kind="reward_granted")
    assert {one.context["code"] for one in told} == {row.code for row in rows}


def test_a_gift_to_a_list_says_what_became_of_its_codes(manager: Client, sara: Member) -> None:
    friends = [joined(f"0912111000{number}") for number in range(3)]
    manager.post("/desk/rewards/grant/", {"key": "a", "name": "ماگ", "phones": " ".join(str(f.phone) for f in friends)})
    manager.post("/desk/rewards/grant/", {"key": "b", "name": "کیک", "phones": sara.phone})
    grant_runs.work(now=timezone.now())
    grant = Grant.objects.get(name="ماگ")
    first, second, _open = Redemption.objects.filter(grant=grant).order_by("pk")
    Redemption.objects.filter(pk=first.pk).update(status="used")
    Redemption.objects.filter(pk=second.pk).update(expires_at=timezone.now() - timedelta(days=1))

    said = text_of(manager.get(f"/desk/rewards/grants/{grant.pk}/"))
    listed = text_of(manager.get(f"/desk/vouchers/?grant={grant.pk}&status=expired"))

    for label, count in (("باز", "۱"), ("استفاده شد", "۱"), ("مهلتش گذشت", "۱"), ("لغو شد", "۰")):
        assert re.search(f"{label}(</a>)?</span><b>{count}</b>", said)
    assert second.code in listed and first.code not in listed and "کیک" not in listed


def test_a_file_of_phones_and_the_members_that_a_list_shows(manager: Client, sara: Member) -> None:
    made = reward(benefit={"kind": "discount_amount", "amount": 50_000}, stock=2)
    joined("09121110000", "مینا")
    sheet = SimpleUploadedFile("list.csv", f"name,phone\nsara,{sara.phone}\n".encode("utf-8-sig"))

    manager.post("/desk/rewards/grant/", {"key": "a", "reward": "drink", "file": sheet})
    grant_runs.work(now=timezone.now())
    assert Redemption.objects.get().coupon is not None
    refused = manager.post("/desk/rewards/grant/", {"key": "b", "reward": "drink", "query": "list=1"})
    assert refused.status_code == 422 and "تمام شده است" in text_of(refused)
    assert Redemption.objects.count() == 1

    Reward.objects.filter(pk=made.pk).update(stock=10)
    assert "۲ عضو از فهرستی که دیدید" in text_of(manager.get("/desk/rewards/grant/?list=1"))
    manager.post("/desk/rewards/grant/", {"key": "b", "reward": "drink", "query": "list=1"})
    grant_runs.work(now=timezone.now())
    assert Redemption.objects.count() == 3


def test_a_list_that_is_empty_is_refused(manager: Client, club: Club) -> None:
    nobody = manager.post("/desk/rewards/grant/", {"key": "a", "name": "ماگ", "phones": "09120000000"})
    assert (nobody.status_code, list(nobody.context["form"].errors)) == (422, ["phones"])


def test_points_are_given_to_a_list_followed_stopped_and_taken_back(manager: Client, sara: Member) -> None:
    form = {"key": "a", "gives": "points", "points": "۵۰", "query": "list=1"}
    refused = manager.post("/desk/rewards/grant/", form)
    assert refused.status_code == 422 and "دلیل را بنویسید" in text_of(refused)

    answer = manager.post("/desk/rewards/grant/", {**form, "reason": "جشن"})
    page = answer["Location"]
    assert "در صف" in text_of(manager.get(page))
    manager.post(page, {"act": "stop"})
    grant_runs.work(now=timezone.now())
    assert "به کسی دو بار داده نمی‌شود" in text_of(manager.get(page))
    assert manager.get(f"{page}progress/")["HX-Refresh"] == "true"
    manager.post(page, {"act": "go_on"})
    grant_runs.work(now=timezone.now())
    assert balances(sara.pk, timezone.now()).points == 550
    assert "جشن" in text_of(manager.get("/desk/rewards/grants/"))

    manager.post(page, {"act": "undo"})
    grant_runs.work(now=timezone.now())
    assert balances(sara.pk, timezone.now()).points == 500
    assert "پس گرفته شد" in text_of(manager.get(page))


def test_each_list_costs_the_same_for_few_and_for_many(manager: Client, sara: Member) -> None:
    def asked(address: str) -> int:
        manager.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(address).status_code == 200
        return len(queries)

    with_points(sara, 1_000)
    addresses = ("/desk/rewards/", "/desk/vouchers/")
    for number in range(2):
        reward(f"r{number}", points=1)
        takes(sara, f"r{number}")
    few = [asked(address) for address in addresses]
    for number in range(2, 12):
        reward(f"r{number}", points=1)
        takes(sara, f"r{number}")

    assert [asked(address) for address in addresses] == few
