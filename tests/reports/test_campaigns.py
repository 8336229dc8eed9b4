"""What a campaign brought: who was written to beside who was held out, reckoned as by hand."""

from datetime import timedelta
from statistics import mean

from club.purchases.merging import merge_members
from crm.campaigns.models import CampaignMember
from reports.campaigns import campaign_effect
from tests.crm.campaigns.acts import send
from tests.shop import NOON, Shop


def test_both_groups_are_held_against_each_other_by_what_they_bought_in_the_days_after(shop: Shop) -> None:
    for _each in range(90):
        shop.member(now=NOON - timedelta(days=100))
    campaign = send(control_bp=5_000)
    rows = list(CampaignMember.objects.filter(campaign=campaign).select_related("member").order_by("pk"))
    sent = [row.member for row in rows if row.outcome == "sent"]
    control = [row.member for row in rows if row.outcome == "control"]
    assert min(len(sent), len(control)) >= 30
    day = NOON + timedelta(days=1)
    for place, member in enumerate(sent):
        if place % 4:
            shop.buys(member, 1_000_000 + 10_000 * (place % 7), now=day)
    for place, member in enumerate(control):
        if place % 2:
            shop.buys(member, 1_000_000, now=day)
    shop.buys(sent[0], 9_000_000, now=NOON + timedelta(days=20))

    found = campaign_effect(campaign, now=NOON + timedelta(days=30))

    assert found is not None and found.control is not None and found.each is not None and found.share is not None
    assert (found.days, found.over) == (14, 14)
    assert (found.sent.members, found.control.members) == (len(sent), len(control))
    assert found.sent.buyers == sum(1 for place in range(len(sent)) if place % 4)
    spent = [1_000_000 + 10_000 * (place % 7) if place % 4 else 0 for place in range(len(sent))]
    assert found.sent.sums.mean == mean(spent)
    assert abs(found.share.each - (found.sent.share - found.control.share)) < 1e-9
    assert found.share.low < found.share.each < found.share.high
    assert found.each.low < found.each.each < found.each.high


def test_who_took_over_another_record_is_left_out_only_where_that_was_after_it_began(shop: Shop) -> None:
    early, late, _plain = (shop.member() for _each in range(3))
    merge_members(shop.member().pk, early.pk, actor="user:1", key="a", now=NOON - timedelta(days=9))
    campaign = send()
    merge_members(shop.member().pk, late.pk, actor="user:1", key="b", now=NOON + timedelta(days=2))

    found = campaign_effect(campaign, now=NOON + timedelta(days=30))

    assert found is not None and found.sent.members == 2, "early and plain"


def test_without_a_control_group_or_with_too_few_nothing_is_claimed(shop: Shop) -> None:
    for _each in range(3):
        shop.member()
    alone, small = send(), send(control_bp=5_000, now=NOON + timedelta(minutes=1))

    first, second = (campaign_effect(one, now=NOON + timedelta(days=30)) for one in (alone, small))

    assert first is not None and first.control is None and first.each is None
    assert second is not None and second.each is None
