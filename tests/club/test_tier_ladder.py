"""The ladder of tiers as a whole: who would stand where, places exchanged, a tier taken off with its holders."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.members.models import Member, TierChange
from club.tiers.forecast import Rung, forecast, rungs
from club.tiers.models import Tier
from club.tiers.moving import FITTING, insert_tier, move_tier, remove_tier, set_thresholds, where_to
from club.tiers.services import NewTier, set_tier_floor
from core.errors import NotFound, ValidationFailed
from core.models import AuditEntry
from tests.shop import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(shop):
    """One who never bought, one of 12 million, one of 60 million; three tiers at 0, 10 and 50 million."""
    shop.tiers()
    nobody, silver, gold = shop.member(), shop.member(), shop.member()
    shop.buys(silver, 12_000_000)
    shop.buys(gold, 60_000_000)
    return nobody, silver, gold


def draft(**thresholds):
    return [
        Rung(rung.code, rung.name, rung.metric, thresholds.get(rung.code, rung.threshold), rung.window_days)
        for rung in rungs(list(Tier.objects.all()))
    ]


def standing(found):
    return {rung.code: (rung.held, rung.fits) for rung in found.rungs}


def tier_of(member):
    return Member.objects.get(pk=member.pk).tier_code


def test_a_draft_says_how_many_would_stand_where(people):
    found = forecast(draft(silver=20_000_000, gold=61_000_000), at=NOON)

    assert standing(found) == {"bronze": (1, 2), "silver": (1, 1), "gold": (1, 0)}
    assert (found.rising, found.falling, found.none) == (0, 2, 0)


def test_the_ladder_as_it_is_moves_nobody(people):
    found = forecast(draft(), at=NOON)

    assert standing(found) == {"bronze": (1, 1), "silver": (1, 1), "gold": (1, 1)}
    assert (found.rising, found.falling) == (0, 0)


def test_windows_points_and_visits_are_counted_as_a_purchase_counts_them(shop):
    shop.programme(rial_per_point=100_000)
    Tier.objects.create(code="seen", name="دیده", rank=0, metric="visits", threshold=2)
    Tier.objects.create(code="rich", name="پرامتیاز", rank=1, metric="points", threshold=100, window_days=30)
    often, earned, long_ago = shop.member(), shop.member(), shop.member()
    for _ in range(2):
        shop.buys(often, 1_000_000)
    shop.buys(earned, 10_000_000)
    shop.buys(long_ago, 10_000_000, now=NOON - timedelta(days=60))

    found = forecast(rungs(list(Tier.objects.all())), at=NOON)

    assert {rung.code: rung.fits for rung in found.rungs} == {"seen": 1, "rich": 1}
    assert found.none == 1


def test_nobody_is_forecast_below_the_floor_given_by_hand(people):
    nobody, *_ = people
    set_tier_floor(nobody.pk, "gold", actor="user:1", at=NOON)

    assert standing(forecast(draft(), at=NOON))["gold"] == (2, 2)


def test_a_forecast_is_one_query(people):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        forecast(draft(), at=NOON)

    assert sum("placed AS" in query["sql"] for query in asked.captured_queries) == 1
    assert len(asked.captured_queries) == 2  # with the ladder itself


def test_thresholds_change_together_where_one_by_one_would_be_refused(people):
    set_thresholds({"silver": 60_000_000, "gold": 90_000_000}, actor="user:1")

    assert dict(Tier.objects.values_list("code", "threshold")) == {
        "bronze": 0,
        "silver": 60_000_000,
        "gold": 90_000_000,
    }
    assert AuditEntry.objects.filter(action="tier.update").count() == 2


def test_thresholds_out_of_order_are_refused_by_the_tiers_code(people):
    with pytest.raises(ValidationFailed) as refused:
        set_thresholds({"silver": 60_000_000}, actor="user:1")

    assert set(refused.value.errors) == {"silver"}


def test_two_tiers_change_places_and_the_places_keep_their_thresholds(people):
    move_tier("silver", up=True, actor="user:1")

    ladder = list(Tier.objects.order_by("rank").values_list("code", "threshold"))
    assert ladder == [("bronze", 0), ("gold", 10_000_000), ("silver", 50_000_000)]
    assert AuditEntry.objects.get(action="tier.move").before == {"silver": 1, "gold": 2}


def test_at_the_end_of_the_ladder_nothing_moves(people):
    move_tier("gold", up=True, actor="user:1")

    assert list(Tier.objects.order_by("rank").values_list("code", flat=True)) == ["bronze", "silver", "gold"]


def test_a_tier_is_put_right_above_another(people):
    insert_tier(NewTier("jade", "یشمی", rank=0, threshold=30_000_000), above="silver", actor="user:1")
    insert_tier(NewTier("clay", "گلی", rank=0, threshold=5, metric="visits"), above="", actor="user:1")

    ladder = list(Tier.objects.order_by("rank").values_list("code", flat=True))
    assert ladder == ["clay", "bronze", "silver", "jade", "gold"]


def test_holders_of_a_tier_that_goes_are_moved_with_a_note_in_their_history(people):
    nobody, _silver, gold = people
    set_tier_floor(nobody.pk, "gold", actor="user:1", at=NOON)
    assert where_to("gold", "silver", at=NOON) == {"silver": 2}

    moved = remove_tier("gold", into="silver", actor="user:1", at=NOON)

    assert moved == 2
    assert [tier_of(one) for one in people] == ["silver", "silver", "silver"]
    assert Member.objects.get(pk=nobody.pk).tier_floor == "silver"
    change = TierChange.objects.filter(member=gold).latest("pk")
    assert (change.from_code, change.to_code) == ("gold", "silver")
    entry = AuditEntry.objects.get(action="tier.delete")
    assert (entry.before["name"], entry.after["moved"]) == ("طلایی", 2)


def test_each_holder_may_go_to_the_tier_that_fits(people):
    nobody, _silver, gold = people
    Member.objects.filter(pk=nobody.pk).update(tier_code="silver")
    assert where_to("silver", FITTING, at=NOON) == {"bronze": 2}
    Member.objects.filter(pk=gold.pk).update(tier_code="silver")

    remove_tier("silver", into=FITTING, actor="user:1", at=NOON)

    assert [tier_of(one) for one in people] == ["bronze", "bronze", "gold"]


def test_the_last_tier_leaves_nobody_with_a_tier(shop):
    Tier.objects.create(code="only", name="تنها", rank=0, threshold=0)
    member = shop.member()

    remove_tier("only", into="", actor="user:1", at=NOON)

    assert tier_of(member) == ""


@pytest.mark.parametrize("into", ["", "gold", "nowhere"])
def test_holders_go_only_to_a_tier_that_is_left(people, into):
    with pytest.raises(ValidationFailed):
        remove_tier("gold", into=into, actor="user:1", at=NOON)

    assert Tier.objects.count() == 3


def test_an_unknown_tier_is_not_found(people):
    for act in (
        lambda: remove_tier("x", into="gold", actor="user:1", at=NOON),
        lambda: move_tier("x", up=True, actor="user:1"),
        lambda: set_thresholds({"x": 1}, actor="user:1"),
    ):
        with pytest.raises(NotFound):
            act()
