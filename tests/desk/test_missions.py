"""Missions on the manager's pages: from a ready one to a filled card, and what may be changed of a live one."""

import pytest
from django.utils import timezone

from club.catalogue.models import Group
from club.missions.models import Mission
from club.purchases.orders import OrderLine, PurchaseOrder
from core.models import AuditEntry
from tests.accounts.cast import person, signed_in
from tests.club.missions.cards import draft, mission, stamp_card
from tests.shop import Shop

URL = "/desk/missions/"
TYPED = {
    "name": "کارت مهر",
    "counts": "visits",
    "target": "۳",
    "window": "whole",
    "again": "each",
    "gives": "points",
    "points": "۵۰",
    "valid_days": "۳۰",
    "icon": "stamp",
    "act": "publish",
}


@pytest.fixture
def manager(shop: Shop):
    return signed_in(person("manager"), shop.club)


def test_a_ready_one_is_published_in_one_step(shop: Shop, manager) -> None:
    begun = manager.get(f"{URL}new/?ready=stamps").content.decode()

    kept = manager.post(f"{URL}new/", TYPED)

    made = Mission.objects.get()
    assert 'value="۱۰"' in begun
    assert kept.status_code == 302
    assert (made.status, made.target, made.benefit) == ("live", 3, {"kind": "points_amount", "points": 50})
    assert made.starts_at is not None and made.starts_at <= timezone.now()
    assert set(AuditEntry.objects.filter(action__startswith="mission.").values_list("action", flat=True)) == {
        "mission.create",
        "mission.publish",
    }


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"target": "۰"}, "target"),
        ({"target": "چند"}, "target"),
        ({"points": ""}, "points"),
        ({"counts": "spent"}, "spent"),
        ({"gives": "percent", "percent": "۱۲۰"}, "percent"),
        ({"gives": "product", "product": "نیست"}, "product"),
        ({"gives": "none"}, "gives"),
        ({"gives": "percent", "percent": "۱۰", "budget": "۱۰۰"}, "budget"),
        ({"gives": "credit", "amount": "۱۰٬۰۰۰", "budget": "۹٬۰۰۰"}, "budget"),
        ({"of": "نیست"}, "of"),
        ({"window": "days"}, "days"),
        ({"starts_on": "1405/09/10", "ends_on": "1405/09/01"}, "ends_on"),
        ({"ends_on": "1400/01/01"}, "ends_on"),
    ],
)
def test_each_fault_stands_beside_its_field_and_what_was_typed_stays(
    shop: Shop, manager, typed: dict[str, str], field: str
) -> None:
    answer = manager.post(f"{URL}new/", TYPED | typed)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert typed.get("name", "کارت مهر") in answer.content.decode()
    assert not Mission.objects.exists()


@pytest.mark.parametrize(
    ("typed", "benefit"),
    [
        ({"gives": "percent", "percent": "۷٫۵"}, {"kind": "discount_percent", "percent": 7.5}),
        ({"gives": "amount", "amount": "۱۰٬۰۰۰"}, {"kind": "discount_amount", "amount": 100_000}),
        ({"gives": "credit", "amount": "۱۰٬۰۰۰"}, {"kind": "credit_amount", "amount": 100_000}),
        ({"gives": "product", "product": "چای"}, {"kind": "free_item", "product": "tea", "quantity": 1}),
        ({"gives": "none", "points": "", "badge": "کاوشگر"}, None),
    ],
)
def test_every_gift_is_kept_and_shown_again(shop: Shop, manager, typed: dict[str, str], benefit: object) -> None:
    tea = shop.product("tea", 100_000)
    tea.name = "چای"
    tea.save()

    manager.post(f"{URL}new/", TYPED | typed)
    made = Mission.objects.get()
    shown = manager.get(f"{URL}{made.pk}/")

    assert (made.status, made.benefit) == ("live", benefit)
    form = shown.context["form"]
    assert form["gives"].value() == typed["gives"]


@pytest.mark.parametrize(
    ("typed", "limit"),
    [
        ({"gives": "credit", "amount": "۱۰٬۰۰۰", "budget": "۱۰۵٬۰۰۰"}, 10),
        ({"gives": "product", "product": "tea", "budget": "۱۰۵٬۰۰۰", "limit": "۳"}, 3),
    ],
)
def test_a_budget_is_kept_as_the_number_of_gifts_that_fit(
    shop: Shop, manager, typed: dict[str, str], limit: int
) -> None:
    shop.product("tea", 200_000)

    manager.post(f"{URL}new/", TYPED | typed)

    assert Mission.objects.get().limit == limit


def test_a_preview_says_it_in_a_sentence_and_keeps_nothing(shop: Shop, manager) -> None:
    answer = manager.post(f"{URL}new/", TYPED | {"act": "preview"})

    assert "۳ خرید (هر بار که پر شود): ۵۰ امتیاز" in answer.content.decode()
    assert not Mission.objects.exists()


def test_of_a_live_one_the_name_changes_and_the_target_does_not(shop: Shop, manager) -> None:
    live = stamp_card()

    manager.post(f"{URL}{live.pk}/", TYPED | {"act": "save", "name": "نام تازه", "target": "۹"})

    live.refresh_from_db()
    assert (live.name, live.target) == ("نام تازه", 3)


def test_ending_and_deleting(shop: Shop, manager) -> None:
    live, one = mission(), draft()

    for pk, act in ((live.pk, "end"), (one.pk, "delete"), (live.pk, "delete")):
        manager.post(f"{URL}{pk}/move/", {"act": act})

    live.refresh_from_db()
    assert live.status == "ended"
    assert not Mission.objects.filter(pk=one.pk).exists()


@pytest.mark.parametrize(
    ("counts", "of", "reach"),
    [
        ("visits", [], (2, 2, 0)),
        ("visits", ["tea"], (2, 2, 0)),
        ("spent", [], (2, 2, 2)),
        ("spent", ["tea"], (2, 2, 2)),
        ("points", [], (2, 2, 2)),
        ("groups", ["drinks"], (2, 2, 0)),
        ("groups", [], (2, 2, 0)),
        ("products", ["tea"], (2, 2, 0)),
        ("units", [], (2, 2, 2)),
        ("units", ["cake"], (0, 0, 0)),
    ],
)
def test_the_page_says_how_many_have_come_how_far(
    shop: Shop, manager, counts: str, of: list[str], reach: tuple[int, int, int]
) -> None:
    Group.objects.create(code="drinks", name="نوشیدنی")
    shop.product("tea", 100_000, "drinks")
    shop.product("cake", 100_000)
    live = mission(counts=counts, target=2, of=of)
    lines = (OrderLine(product="tea", quantity=2),)
    for _ in range(2):
        shop.buy(PurchaseOrder(member_id=shop.member().pk, lines=lines))

    found = manager.get(f"{URL}{live.pk}/").context["reach"]

    assert (found.started, found.half, found.filled) == reach


def test_the_list_shows_what_each_brought(shop: Shop, manager) -> None:
    mission(target=1, benefit={"kind": "credit_amount", "amount": 100_000})
    shop.buys(shop.member(), 1_000)

    shown = manager.get(URL).content.decode()

    assert "۱ بار پر شده" in shown
    assert "۱۰٬۰۰۰ تومان تا امروز" in shown


def test_the_preview_of_a_refund_says_which_gift_goes_back(shop: Shop, manager) -> None:
    mission(name="نخستین", target=1)
    receipt = shop.buys(shop.member(), 1_000)

    whole = {"how": "all"}
    shown = manager.post(f"/desk/purchases/{receipt.id}/refund/preview/", whole).content.decode()

    assert "مأموریت «نخستین» دیگر پر نیست" in shown
