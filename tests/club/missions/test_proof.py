"""`verify_ledger` names a win that purchases do not fill, or that is not what the ledger has of it."""

from collections.abc import Callable

import pytest
from django.db import connection

from club.missions.models import Mission, MissionWin
from club.purchases.proof import verify_value
from tests.club.missions.cards import CREDIT, stamp_card
from tests.shop import Shop


def forged() -> None:
    win = MissionWin.objects.get()
    MissionWin.objects.create(
        mission=win.mission, member=win.member, number=2, target=3, cause=win.cause, occurred_at=win.occurred_at
    )
    Mission.objects.update(won=2)


TAMPERINGS: dict[str, Callable[[], object]] = {
    "the purchases do not fill it": forged,
    "it was not won as often as it says": lambda: Mission.objects.update(won=7),
    "what it gave is not what the ledger has of it": lambda: MissionWin.objects.update(worth=1),
    "the purchase that filled it": lambda: MissionWin.objects.update(cause="purchase:999999"),
}


@pytest.mark.parametrize("said", TAMPERINGS)
def test_each_tampering_is_named(shop: Shop, said: str) -> None:
    stamp_card(benefit=CREDIT)
    member = shop.member()
    for _ in range(4):
        shop.buys(member, 1_000)
    assert verify_value() == []

    TAMPERINGS[said]()

    assert any(said in fault.what for fault in verify_value())


@pytest.mark.parametrize("change", ["member_id = (SELECT max(id) FROM members_member)", "uses = 9"])
def test_a_code_that_was_won_stays_what_it_was(shop: Shop, change: str) -> None:
    stamp_card(benefit={"kind": "discount_percent", "percent": 10}, target=1)
    shop.buys(shop.member(), 1_000)
    shop.member()
    assert verify_value() == []

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE offers_coupon SET {change}")

    assert any("its code is not there" in fault.what for fault in verify_value())


def test_a_win_that_the_ledger_names_is_there(shop: Shop) -> None:
    stamp_card()
    member = shop.member()
    for _ in range(3):
        shop.buys(member, 1_000)

    MissionWin.objects.all().delete()

    assert any("it names a win that is not there" in fault.what for fault in verify_value())
