"""The nightly review of tiers: up at once, down after a grace, each change told once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from club.members.models import Member, TierChange
from club.purchases.merging import merge_members
from club.purchases.refunds import RefundOrder, refund_purchase
from club.tiers.forecast import forecast, rungs
from club.tiers.granting import end_grants, note_grants
from club.tiers.models import Grace, Tier
from club.tiers.review import Reviewed, review
from club.tiers.services import set_tier_floor
from club.tiers.telling import WARNED_BEFORE
from config.schedule import JOBS
from core.jobs import run_in_club
from core.models import DomainEvent
from sms.models import OutboxMessage
from tests.shop import NOON

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 22, 20, 50, tzinfo=UTC)
"""Twenty past midnight in Tehran, 2 Azar 1405."""
YEAR = timedelta(days=365)


@pytest.fixture
def ladder(shop):
    """Three tiers by what was spent within a year; who no longer reaches one falls as it says, 30 days later."""
    shop.programme(rial_per_point=100_000)
    shop.tiers()
    Tier.objects.update(window_days=365, downgrade="to_fitting", grace_days=30)
    return shop


def tier_of(member):
    return Member.objects.get(pk=member.pk).tier_code


def told(kind):
    return list(OutboxMessage.objects.filter(kind=kind).order_by("id").values_list("member_id", flat=True))


def changes():
    rows = DomainEvent.objects.filter(kind="tier.changed", document__startswith="tier_review")
    return [(row.member_id, row.data["from"], row.data["to"]) for row in rows.order_by("id")]


def once_gold(shop, *, ago=YEAR + timedelta(days=1)):
    """Who reached gold by a purchase of so long ago."""
    member = shop.member(enrolled_at=NOON - 2 * YEAR)
    shop.buys(member, 60_000_000, now=NIGHT - ago)
    assert tier_of(member) == "gold"
    OutboxMessage.objects.all().delete()
    return member


def test_a_lower_threshold_lifts_members_at_night_and_not_only_with_their_next_purchase(ladder):
    one, other = ladder.member(), ladder.member()
    ladder.buys(one, 30_000_000)
    ladder.buys(other, 5_000_000)
    Tier.objects.filter(code="gold").update(threshold=30_000_000)

    done = review(at=NIGHT)

    assert (done.risen, done.fallen, tier_of(one), tier_of(other)) == (1, 0, "gold", "bronze")
    assert changes() == [(one.pk, "silver", "gold")]
    assert TierChange.objects.filter(member=one).latest("id").document == "tier_review:2026-11-23"
    assert review(at=NIGHT + timedelta(days=1)).risen == 0


def test_who_no_longer_reaches_the_tier_keeps_it_for_the_grace_is_warned_and_then_falls(ladder):
    member = once_gold(ladder)

    assert review(at=NIGHT).fallen == 0
    grace = Grace.objects.get()
    # Thirty days, the last one whole: gold to the end of 2 Dey.
    assert grace.falls_at == datetime(2026, 12, 23, 20, 30, tzinfo=UTC)
    assert (tier_of(member), grace.warned_at, told("tier_warning")) == ("gold", None, [])

    nights = [NIGHT + timedelta(days=day) for day in range(1, 31)]
    warned = [night for night in nights if review(at=night).warned]
    assert warned == [min(night for night in nights if night >= grace.falls_at - WARNED_BEFORE)]
    assert (tier_of(member), told("tier_warning")) == ("gold", [member.pk])
    warning = OutboxMessage.objects.get(kind="tier_warning")
    assert warning.context["missing"] == 50_000_000
    assert date.fromisoformat(warning.context["expires"]) == date(2026, 12, 23)
    # Found at night, told at nine in the morning.
    assert (warning.next_attempt_at.hour, warning.next_attempt_at.minute) == (5, 30)

    assert review(at=NIGHT + timedelta(days=31)).fallen == 1
    assert (tier_of(member), changes(), told("tier_changed")) == (
        "bronze",
        [(member.pk, "gold", "bronze")],
        [member.pk],
    )
    assert Grace.objects.get().outcome == Grace.Outcome.FELL
    assert review(at=NIGHT + timedelta(days=31)).fallen == 0


def test_a_purchase_in_the_grace_keeps_the_tier_and_nothing_more_is_said(ladder):
    member = once_gold(ladder)
    review(at=NIGHT)
    ladder.buys(member, 50_000_000, now=NIGHT + timedelta(days=5))

    review(at=NIGHT + timedelta(days=20))
    review(at=NIGHT + timedelta(days=40))

    assert (tier_of(member), Grace.objects.get().outcome, told("tier_warning")) == ("gold", "kept", [])


def test_one_step_falls_step_by_step_each_with_its_own_grace(ladder):
    Tier.objects.update(downgrade="one_step", grace_days=3)
    member = once_gold(ladder)
    seen = []
    for day in range(12):
        review(at=NIGHT + timedelta(days=day))
        seen.append(tier_of(member))

    # The grace of the next tier begins the night after the fall.
    assert seen == ["gold"] * 4 + ["silver"] * 5 + ["bronze"] * 3
    # A grace shorter than the notice is warned of on its first day.
    assert told("tier_warning") == [member.pk] * 2


@pytest.mark.parametrize(
    ("rule", "then"),
    [({"downgrade": "never"}, "gold"), ({"grace_days": 0}, "bronze"), ({"grace_days": 0, "threshold": 1}, "")],
)
def test_without_a_way_down_nobody_falls_and_without_a_grace_it_is_at_once(ladder, rule, then):
    member = once_gold(ladder)
    for place, tier in enumerate(Tier.objects.order_by("rank")):
        Tier.objects.filter(pk=tier.pk).update(**{**rule, **({"threshold": place + 1} if "threshold" in rule else {})})

    review(at=NIGHT)

    assert (tier_of(member), Grace.objects.count()) == (then, 0)


def test_nobody_falls_below_a_floor_by_hand_or_a_tier_for_a_time(ladder):
    Tier.objects.update(grace_days=0)
    by_hand, for_a_time = once_gold(ladder), once_gold(ladder)
    set_tier_floor(by_hand.pk, "silver", actor="user:1", at=NOON)
    note_grants([(for_a_time.pk, "gift:1", [("gold", NIGHT + timedelta(days=2))])])

    review(at=NIGHT)
    assert (tier_of(by_hand), tier_of(for_a_time)) == ("silver", "gold")
    assert forecast(rungs(list(Tier.objects.all())), at=NIGHT).falling == 0, "the forecast sees what the review does"

    end_grants(at=NIGHT + timedelta(days=2))
    review(at=NIGHT + timedelta(days=2))
    assert (tier_of(by_hand), tier_of(for_a_time)) == ("silver", "bronze")


def test_points_and_visits_are_counted_as_a_purchase_counts_them(ladder):
    Tier.objects.filter(code="silver").update(metric="points", threshold=100)
    Tier.objects.filter(code="gold").update(metric="visits", threshold=3)
    earner, visitor = ladder.member(), ladder.member()
    ladder.buys(earner, 10_000_000)
    bought = [ladder.buys(visitor, 1_000_000) for _ in range(3)]
    Member.objects.update(tier_code="bronze")

    review(at=NIGHT)
    assert (tier_of(earner), tier_of(visitor)) == ("silver", "gold")

    refund_purchase(RefundOrder(bought[0].id), actor="user:1", key="r", now=NIGHT)
    Tier.objects.update(grace_days=0)
    review(at=NIGHT + timedelta(days=1))
    assert tier_of(visitor) == "bronze"


def test_a_club_without_tiers_has_nothing_to_review(shop):
    shop.buys(shop.member(), 1_000_000)

    assert review(at=NIGHT) == Reviewed()


def test_a_job_that_runs_twice_for_a_night_does_nothing_the_second_time(ladder):
    Tier.objects.update(grace_days=0)
    once_gold(ladder)
    club, job = ladder.club.pk, JOBS["review_tiers"]

    first = run_in_club(job, club, due_at=NIGHT, now=NIGHT)
    again = run_in_club(job, club, due_at=NIGHT, now=NIGHT)
    by_hand = run_in_club(job, club, due_at=NIGHT + timedelta(minutes=1), now=NIGHT)

    assert (first.text, again.ran) == ("0 rose, 1 fell, 0 warned, 0 left for the next run", False)
    assert by_hand.text == "0 rose, 0 fell, 0 warned, 0 left for the next run"
    assert (len(changes()), len(told("tier_changed"))) == (1, 1)


def test_a_merge_that_lifts_a_tier_tells_it_unless_one_of_both_held_it_before(ladder):
    one, other, third = ladder.member(), ladder.member(), ladder.member()
    ladder.buys(one, 6_000_000)
    ladder.buys(other, 6_000_000)

    merge_members(one.pk, other.pk, actor="user:1", key="a", now=NOON)
    assert tier_of(other) == "silver"
    lifted = DomainEvent.objects.get(kind="tier.changed", member_id=other.pk, document=f"merge:{one.pk}")
    assert lifted.data == {"from": "bronze", "to": "silver", "imported": False}

    merge_members(other.pk, third.pk, actor="user:1", key="b", now=NOON)
    assert tier_of(third) == "silver"
    assert not DomainEvent.objects.filter(kind="tier.changed", member_id=third.pk, data__to="silver").exists()


def test_a_grace_ends_with_the_record_it_was_of(ladder):
    member, into = once_gold(ladder), ladder.member()
    review(at=NIGHT)
    merge_members(member.pk, into.pk, actor="user:1", key="a", now=NIGHT)

    assert Grace.objects.get(member=member).outcome == Grace.Outcome.KEPT
    review(at=NIGHT + timedelta(days=1))
    assert Grace.objects.get(member=into).outcome == Grace.Outcome.OPEN
