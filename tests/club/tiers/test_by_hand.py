"""A tier given by hand, for good or up to a day, and what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.members.models import Member
from club.tiers.granting import end_grants, given_by_hand, warn_of_ends
from club.tiers.review import review
from club.tiers.selectors import end_of_tier, ladder
from club.tiers.services import set_tier_floor
from core.errors import ValidationFailed
from core.models import AuditEntry, DomainEvent
from sms.models import OutboxMessage
from tests.shop import NOON

pytestmark = pytest.mark.django_db
# The end of 30 Esfand 1405 would be that of 29: the year has no leap day.
LAST = datetime(2027, 3, 20, 20, 30, tzinfo=UTC)


@pytest.fixture
def member(shop):
    shop.tiers()
    return shop.member()


def give(member, code, until=None, at=NOON):
    set_tier_floor(member.pk, code, actor="user:1", at=at, until=until)


def tier_of(member):
    return Member.objects.get(pk=member.pk).tier_code


def told(kind="tier_warning"):
    return sorted(OutboxMessage.objects.filter(kind=kind).values_list("member_id", flat=True))


def test_gold_until_the_end_of_esfand_is_gold_to_that_moment_and_no_longer(shop, member):
    give(member, "gold", LAST)
    assert tier_of(member) == "gold"
    found = end_of_tier(member.pk, ladder(member.pk, NOON), "gold")
    assert (found.until, found.is_grace, found.missing) == (LAST, False, 50_000_000)

    review(at=LAST - timedelta(hours=1))
    assert (end_grants(at=LAST - timedelta(hours=1)), tier_of(member)) == (0, "gold")
    assert (end_grants(at=LAST), tier_of(member)) == (1, "bronze")
    assert OutboxMessage.objects.filter(kind="tier_changed", member_id=member.pk).count() == 1
    assert end_of_tier(member.pk, ladder(member.pk, LAST), "bronze") is None


def test_who_reaches_it_meanwhile_keeps_it(shop, member):
    give(member, "silver", LAST)
    shop.buys(member, 12_000_000)

    end_grants(at=LAST)
    assert tier_of(member) == "silver"


def test_another_day_or_for_good_takes_the_place_of_what_was_given(member):
    give(member, "gold", NOON + timedelta(days=3))
    give(member, "gold", LAST)
    end_grants(at=NOON + timedelta(days=4))
    assert (tier_of(member), given_by_hand(member.pk).until) == ("gold", LAST)

    give(member, "silver")
    assert (tier_of(member), given_by_hand(member.pk)) == ("silver", None)
    assert Member.objects.get(pk=member.pk).tier_floor == "silver"


def test_taken_off_it_ends_at_once_and_the_audit_has_both_days(member):
    give(member, "gold", LAST)
    give(member, None, at=NOON + timedelta(days=1))

    assert tier_of(member) == "bronze"
    given, taken = AuditEntry.objects.filter(action="member.tier_floor").order_by("id")
    assert given.after == {"tier_floor": "gold", "tier": "gold", "tier_last_day": "2027-03-20"}
    assert (taken.before, taken.after) == (given.after, {"tier_floor": "", "tier": "bronze"})


def test_a_day_that_is_past_is_refused_and_nothing_changes(member):
    with pytest.raises(ValidationFailed) as refused:
        give(member, "gold", NOON)

    assert (list(refused.value.errors), tier_of(member), given_by_hand(member.pk)) == (["until"], "bronze", None)


def test_two_weeks_before_the_day_the_member_is_warned_once_and_not_who_keeps_it(shop, member):
    reaches = shop.member()
    shop.buys(reaches, 60_000_000)
    for one in (member, reaches):
        give(one, "gold", LAST)
    assert (warn_of_ends(at=LAST - timedelta(days=14, hours=1)), told()) == (0, [])

    assert warn_of_ends(at=LAST - timedelta(days=14)) == 2
    warning = OutboxMessage.objects.get(kind="tier_warning")
    assert (warning.member_id, warning.context["missing"]) == (member.pk, 50_000_000)
    assert warning.context["expires"] == "2027-03-20"
    assert DomainEvent.objects.filter(kind="tier.warned", member_id=member.pk).count() == 1
    warn_of_ends(at=LAST - timedelta(days=13))
    assert told() == [member.pk]

    give(member, "gold", LAST + timedelta(days=7))  # another day is another warning
    warn_of_ends(at=LAST - timedelta(days=5))
    assert told() == [member.pk] * 2


def test_many_whose_day_has_come_are_brought_down_by_the_same_statements(shop):
    shop.tiers()
    counts = set()
    for size in (2, 7):
        members = [shop.member() for _each in range(size)]
        kept = shop.member()
        shop.buys(kept, 60_000_000)
        for one in (*members, kept):
            give(one, "gold", LAST)
        OutboxMessage.objects.all().delete()

        with CaptureQueriesContext(connection) as warned:
            warn_of_ends(at=LAST - timedelta(days=1))
        with CaptureQueriesContext(connection) as ended:
            assert end_grants(at=LAST) == size + 1

        counts.add((len(warned), len(ended)))
        assert {tier_of(one) for one in members} == {"bronze"}
        assert tier_of(kept) == "gold"
        assert told() == told("tier_changed") == [one.pk for one in members]
    assert len(counts) == 1
