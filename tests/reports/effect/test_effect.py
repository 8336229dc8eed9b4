"""The effect of an offer, from the rows of a shop: who is compared, and that the sums are those of the purchases."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from club.awards.naming import known_codes
from club.members.models import Member
from club.purchases.models import Purchase
from club.purchases.refunds import RefundOrder, refund_purchase
from offers.engine import is_held_out
from offers.services import move_offer, update_offer
from reports.effect.course import Course
from reports.effect.enough import LEAST_MEMBERS
from reports.effect.narrowing import Narrowing
from reports.effect.reading import CONTROL, TREATED, Asked, read_groups
from reports.effect.selectors import effect_of, net_of
from tests.offering import publish, publish_to_half
from tests.shop import NOON

START = datetime(2026, 9, 5, 8, tzinfo=UTC)
END = START + timedelta(days=30)


def at(days):
    return START + timedelta(days=days)


def offer_of(control, *, since=START, **said):
    return publish("ده درصد", {"kind": "discount_percent", "percent": 10}, since=since, control_percent=control, **said)


@pytest.fixture
def members(shop):
    return [shop.member(now=at(-90)) for _each in range(24)]


def buys_of(shop, members, *, seed=1):
    """Purchases of all, before, during and after, some of them refunded in part or whole."""
    chance = random.Random(seed)
    for number in range(90):
        member, day = chance.choice(members), chance.randrange(-40, 60)
        receipt = shop.buys(member, chance.randrange(1, 40) * 100_000, now=at(day))
        if number % 15 == 0:
            refund_purchase(RefundOrder(receipt.id), actor="u", key=f"w{number}", now=at(61))
        elif number % 7 == 0:
            order = RefundOrder(receipt.id, amount=50_000)
            refund_purchase(order, actor="u", key=f"p{number}", now=at(61))


def plainly(offer, members, held, ever, course):
    """What each group did, by reading one purchase after the other."""
    found = {}
    for member in members:
        arm = CONTROL if is_held_out(offer.pk, member.pk, held) else TREATED
        if arm == TREATED and is_held_out(offer.pk, member.pk, ever):
            continue
        rows = [row for row in Purchase.objects.filter(member=member) if not row.fully_refunded]
        during = [row for row in rows if course.start <= row.occurred_at < course.end]
        before = [row for row in rows if course.before <= row.occurred_at < course.start]
        y, x = sum(row.left for row in during), sum(row.left for row in before)
        found.setdefault(arm, []).append((y, x, len(during)))
    return {
        arm: (
            len(rows),
            sum(y for y, _x, _n in rows),
            sum(x for _y, x, _n in rows),
            sum(y * y for y, _x, _n in rows),
            sum(x * x for _y, x, _n in rows),
            sum(x * y for y, x, _n in rows),
            sum(n > 0 for _y, _x, n in rows),
            sum(n for _y, _x, n in rows),
        )
        for arm, rows in found.items()
    }


def told(groups):
    return {
        arm: (*(getattr(one.sums, name) for name in ("members", "y", "x", "yy", "xx", "xy")), one.buyers, one.visits)
        for arm, one in groups.items()
    }


def test_the_sums_are_those_of_the_purchases_read_one_by_one(shop, members):
    offer = offer_of(30)
    buys_of(shop, members)
    move_offer(offer.pk, "end", actor="u", now=END)

    effect = effect_of(offer, now=at(62))

    assert effect.course.start == START
    assert effect.course.end == END
    groups = {TREATED: effect.treated, CONTROL: effect.control}
    assert told(groups) == plainly(offer, members, 3_000, 3_000, effect.course)
    assert effect.control.worth == 0  # held out: nothing was given
    assert effect.treated.worth == effect.treated.discount > 0
    assert effect.cost.worth >= effect.treated.worth


def test_the_draw_in_sql_is_that_of_the_engine(shop, members):
    course = Course(START, END, False, 2_500, 4_000)
    for offer_id in range(1, 12):
        groups = read_groups(Asked(offer_id, course, Narrowing(), joined_within=False))
        held = sum(is_held_out(offer_id, member.pk, 2_500) for member in members)
        never = sum(not is_held_out(offer_id, member.pk, 4_000) for member in members)
        assert [groups[arm].members if arm in groups else 0 for arm in (CONTROL, TREATED)] == [held, never]


def test_who_joined_later_was_merged_or_left_is_not_compared(shop, members):
    offer = offer_of(0)
    shop.member(now=at(1))
    Member.objects.filter(pk=members[0].pk).update(status="erased")
    Member.objects.filter(pk=members[1].pk).update(status="erased", merged_into=members[2])

    assert effect_of(offer, now=NOON).treated.members == 21


def test_an_offer_on_joining_compares_those_who_joined_while_it_was_open(shop, members):
    offer = publish("خوش‌آمد", {"kind": "points_amount", "points": 9}, since=START, trigger="enrolment")
    for day in (1, 2, 40):
        shop.member(now=at(day))
    move_offer(offer.pk, "end", actor="u", now=END)

    assert effect_of(offer, now=NOON).treated.members == 2


def test_facts_that_the_offer_cannot_change_narrow(shop, members):
    shop.tiers()
    ids = [member.pk for member in members]
    Member.objects.filter(pk__in=ids[:12]).update(gender="female")
    Member.objects.filter(pk__in=ids[:5]).update(source="friend", tags=["x"])
    silver = [shop.member(now=at(-90)) for _each in range(2)]
    for member in silver:
        shop.buys(member, 20_000_000, now=at(-50))
    shop.buys(members[0], 20_000_000, now=at(5))  # reached it while the offer was open: by it, perhaps

    def left(when):
        return effect_of(offer_of(0, when=when), now=NOON).treated.members

    assert left({"fact": "gender", "op": "eq", "value": "female"}) == 12
    assert left({"all": [{"fact": "gender", "op": "ne", "value": "female"}]}) == 14
    assert left({"fact": "source", "op": "in", "value": ["till", "friend"]}) == 5
    assert left({"fact": "tier", "op": "gte", "value": "silver"}) == 2
    assert left({"fact": "tag", "op": "has", "value": "x"}) == 26
    either = [{"fact": "gender", "op": "eq", "value": "female"}, {"fact": "amount", "op": "gt", "value": 5}]
    assert left({"any": either}) == 26


def test_only_what_every_version_asked_narrows(shop, members):
    Member.objects.filter(pk=members[0].pk).update(gender="female")
    offer = offer_of(0, when={"fact": "gender", "op": "eq", "value": "female"})
    assert effect_of(offer, now=NOON).treated.members == 1

    update_offer(offer.pk, {"when": {}}, known=known_codes(), actor="u", now=at(3))

    assert effect_of(offer, now=NOON).treated.members == 24


def test_where_the_share_changed_those_in_between_are_in_no_group(shop, members):
    offer = offer_of(30)
    update_offer(offer.pk, {"control_percent": 50}, known=known_codes(), actor="u", now=at(5))
    buys_of(shop, members)

    effect = effect_of(offer, now=at(62))

    assert effect.course.changes == ((at(5), 5_000),)
    assert told({TREATED: effect.treated, CONTROL: effect.control}) == plainly(
        offer, members, 3_000, 5_000, effect.course
    )


def test_without_a_control_group_there_is_only_before_and_after(shop, members):
    offer = offer_of(0)
    buys_of(shop, members)

    effect = effect_of(offer, now=at(62))

    assert not effect.is_compared
    assert (effect.control, effect.lack, effect.difference, effect.net) == (None, None, None, None)
    assert [one.period for one in effect.periods] == ["before", "during"]
    assert effect.periods[1].treated.spent == effect.treated.spent


def test_too_few_say_how_many_are_missing_and_no_number(shop, members):
    offer = offer_of(10)
    buys_of(shop, members)

    effect = effect_of(offer, now=at(62))

    assert effect.lack.members == LEAST_MEMBERS - effect.control.members
    assert effect.difference is None
    assert effect.net is None


def test_a_draft_and_an_offer_that_has_yet_to_begin_have_no_effect(shop):
    later = offer_of(10, starts_at=(NOON + timedelta(days=3)).isoformat())

    assert effect_of(later, now=NOON) is None
    assert effect_of(later, now=NOON + timedelta(days=4)).course.start == NOON + timedelta(days=3)


def test_the_queries_do_not_grow_with_members(shop, members, django_assert_num_queries):
    offer = offer_of(30)
    effect_of(offer, now=NOON)

    with django_assert_num_queries(9):
        effect_of(offer, now=NOON)


def test_end_to_end_a_known_effect_is_found(shop):
    """Half are held out; whoever may have the offer buys a second time, so each spends 1,000,000 × 90% more."""
    shop.programme(margin_bp=4_000)
    benefit = {"kind": "discount_percent", "percent": 10}
    offer, treated, control = publish_to_half(shop, "ده درصد", benefit, since=START)
    for number, member in enumerate([*treated, *control]):
        shop.buys(member, 1_000_000 + 10_000 * (number % 50), now=at(-5 - number % 20))
        shop.buys(member, 1_000_000, now=at(1 + number % 25))
    for number, member in enumerate(treated):
        shop.buys(member, 1_000_000 + 10_000 * (number % 20), now=at(2 + number % 25))
    move_offer(offer.pk, "end", actor="u", now=END)

    effect = effect_of(offer, now=NOON)

    assert effect.lack is None
    found = effect.difference
    # The first basket costs 10% less, the second brings 0.9 of 1,095,000 in the mean.
    assert found.low < -100_000 + 985_000 < found.high
    assert found.is_clear
    assert found.p < 0.001
    assert effect.net == net_of(found, effect.treated, 4_000)
    # 40% of what was sold more at its price, less the discounts given.
    sold_more = found.each * effect.treated.members + effect.treated.discount
    assert effect.net.amount == pytest.approx(0.4 * sold_more - effect.treated.worth, abs=1)
