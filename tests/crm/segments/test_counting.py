"""The rules of segments as SQL: whoever the engine would say fits is found, and nobody else."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from club.catalogue.models import Group
from club.members.agent_codes import register_agent_code
from club.members.models import CustomField, Member
from club.members.scores import MemberScore
from club.members.services import set_referrer
from club.purchases.models import PurchaseLine
from club.purchases.orders import OrderLine, PurchaseOrder
from club.purchases.people import people_of
from club.purchases.refunds import RefundOrder, refund_purchase
from core.jalali import from_jalali, local_date
from crm.segments.counting import View, fitting
from crm.segments.rules import ASKS, parse_rules
from offers.asks import Asks
from offers.judging import holds
from offers.known import Known
from offers.rules import Condition, Of, Own, conditions
from offers.rules import Group as Rules
from offers.situation import Line, Situation
from offers.vocabulary import OPS
from tests.shop import NOON, Shop

pytestmark = pytest.mark.django_db

ZONE = "Asia/Tehran"
FIELDS = {"wedding": "date", "children": "number", "job": "text"}
KNOWN = Known(fields=FIELDS)


@dataclass(frozen=True)
class Seen(Situation):
    """A member as the engine sees them, with what only segments ask about."""

    lines: tuple[tuple[date, Line], ...] = ()
    rfm_class: str | None = None

    def value(self, fact: str, of: Any = None) -> Any:
        if fact == "rfm_class":
            return self.rfm_class
        if fact == "days_since_bought":
            days = [day for day, line in self.lines if of is None or of.matches(line)]
            return (self.today - max(days)).days if days else None
        return super().value(fact, of)


@pytest.fixture
def crowd(shop: Shop) -> Shop:
    shop.programme(rial_per_point=10_000)
    shop.tiers()
    Group.objects.create(code="coffee", name="قهوه")
    shop.product("latte", 600_000, "coffee")
    shop.product("cake", 900_000)
    for code, kind in FIELDS.items():
        CustomField.objects.create(code=code, label=code, kind=kind)
    births = [
        None,
        from_jalali(1370, 9, 1),
        from_jalali(1375, 12, 30),
        from_jalali(1360, 9, 2),
        from_jalali(1380, 1, 1),
    ]
    custom: list[dict[str, Any]] = [
        {}, {"wedding": "2020-11-22", "children": 2}, {"job": "معلم", "children": "0"}, {"job": "", "wedding": "x"},
        {"children": "12", "job": "پزشک"},
    ]  # fmt: skip
    members = [
        shop.member(
            birth_date=births[number % 5], gender=["", "female", "male"][number % 3], source=["", "instagram"][number % 2],
            now=NOON - timedelta(days=[0, 30, 400][number % 3], hours=number % 13),
            tags=[["vip"], [], ["vip", "far"]][number % 3],
        )
        for number in range(15)
    ]  # fmt: skip
    for number, member in enumerate(members):
        Member.objects.filter(pk=member.pk).update(custom=custom[(number // 2) % 5])
    Member.objects.filter(pk=members[3].pk).update(referred_by=members[0].pk)
    set_referrer(members[2].pk, register_agent_code(1, "09121110000", actor="user:1"), actor="user:1")
    Member.objects.filter(pk=members[4].pk).update(tier_code="was-once")
    MemberScore.objects.create(member=members[5], rfm_class="champions", r=5, f=5, m=5, scored_at=NOON)
    MemberScore.objects.create(member=members[6], rfm_class="lost", r=1, f=1, m=1, scored_at=NOON)
    for number, member in enumerate(members):
        for nth in range(number % 5):
            ago = timedelta(days=(nth * 17 + number * 3) % 90, hours=(number * 5) % 24)
            product = ["latte", "cake"][(number + nth) % 2]
            shop.buy(
                PurchaseOrder(member_id=member.pk, lines=(OrderLine(product=product, quantity=1 + nth % 3),), occurred_at=NOON - ago),
                now=NOON,
            )  # fmt: skip
    returned = shop.buys(members[7], 3_000_000)
    refund_purchase(RefundOrder(returned.id, amount=1_000_000), actor="user:1", key="r", now=NOON)
    whole = shop.buys(members[0], 2_000_000)
    refund_purchase(RefundOrder(whole.id), actor="user:1", key="w", now=NOON)
    Member.objects.filter(pk=members[14].pk).update(status="blocked")
    return shop


def seen(group: Rules) -> dict[int, Seen]:
    """Every active member as the engine sees them."""
    members = list(Member.objects.filter(status="active"))
    found = list(conditions(group))
    asks = Asks(
        frozenset(one.of for one in found if isinstance(one.of, int)), any(isinstance(one.value, Own) for one in found)
    )
    people = people_of(members, at=NOON, asks=asks)
    scores = dict(MemberScore.objects.values_list("member", "rfm_class"))
    bought: dict[int, list[tuple[date, Line]]] = {}
    rows = PurchaseLine.objects.filter(purchase__fully_refunded=False, purchase__occurred_at__lte=NOON)
    for line in rows.select_related("purchase"):
        if line.refunded_quantity < line.quantity and line.purchase.member_id:
            day = local_date(line.purchase.occurred_at, ZONE)
            sold = Line(line.product_code, tuple(line.group_codes), line.quantity, line.unit_price)
            bought.setdefault(line.purchase.member_id, []).append((day, sold))
    return {
        pk: Seen(
            at=NOON, zone=ZONE, person=person, ranks={"bronze": 0, "silver": 1, "gold": 2},
            lines=tuple(bought.get(pk, ())), rfm_class=scores.get(pk),
        )
        for pk, person in people.items()
    }  # fmt: skip


def found(group: Rules, **more: int) -> list[int]:
    view = View(NOON, ZONE, {"bronze": 0, "silver": 1, "gold": 2}, **more)
    wanted = fitting(group, view)
    with connection.cursor() as cursor:
        cursor.execute(wanted.sql, {**wanted.sent, "club": Member.objects.values_list("club_id", flat=True)[0]})
        return sorted(row[0] for row in cursor.fetchall())


def a_condition() -> st.SearchStrategy[dict[str, Any]]:
    kinds: dict[str, Any] = {
        "money": st.sampled_from([0, 600_000, 1_800_000, 5_000_000]),
        "count": st.integers(0, 45),
        "days": st.integers(0, 100),
        "birthday": st.integers(-5, 5),
        "flag": st.booleans(),
        "tier": st.sampled_from(["bronze", "silver", "was-once"]),
        "many": st.sampled_from(["vip", "far", "none"]),
        "date": st.sampled_from(["2020-11-22", "2019-01-01"]),
    }
    words = {
        "gender": ["female", "male"], "source": ["instagram", "web"], "rfm_class": ["champions", "lost", "loyal"],
        "custom.job": ["معلم", "پزشک"],
    }  # fmt: skip
    facts = {name: fact.kind for name, fact in ASKS.items()} | {
        "custom.wedding": "date", "days_from.wedding": "birthday", "custom.children": "count", "custom.job": "word",
    }  # fmt: skip

    @st.composite
    def drawn(draw: st.DrawFn) -> dict[str, Any]:
        fact = draw(st.sampled_from(sorted(facts)))
        kind = facts[fact]
        op = draw(st.sampled_from(OPS[kind]))
        values = st.sampled_from(words[fact]) if fact in words else kinds[kind]
        value = draw(values)
        if op in ("in", "not_in"):
            value = draw(st.lists(values, min_size=1, max_size=3))
        elif op == "between":
            value = sorted(draw(st.lists(values, min_size=2, max_size=2)), key=lambda one: (str(type(one)), one))
        elif op == "every":
            value = draw(st.integers(1, 9))
        about = ASKS.get(fact)
        if about and about.own and op in ("eq", "ne", "gt", "gte", "lt", "lte") and draw(st.booleans()):
            value = {"own": about.own, "percent": draw(st.sampled_from([50, 100, 133.33, 200]))}
        said = {"fact": fact, "op": op, "value": value}
        if about and about.of == "days":
            said["of"] = draw(st.sampled_from([7, 30, 60]))
        elif about and about.of:
            said |= draw(st.sampled_from([{}, {"of": "coffee"}, {"of": {"not": ["latte"]}}, {"of": ["cake", "latte"]}]))
        return said

    return drawn()


def groups() -> st.SearchStrategy[dict[str, Any]]:
    within = a_condition()
    inner = st.one_of(
        within,
        st.lists(within, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        within.map(lambda part: {"not": part}),
    )
    return st.lists(inner, max_size=3).map(lambda parts: {"all": parts})


OVERDUE = {"fact": "days_since_last_purchase", "op": "gt", "value": {"own": "usual_gap", "percent": 200}}


@example({"all": [OVERDUE]})
@example({"fact": "age", "op": "gte", "value": 35})
@example({"fact": "rfm_class", "op": "not_in", "value": ["lost"]})
@example({"fact": "days_since_bought", "op": "lte", "value": 30, "of": "coffee"})
@example({"fact": "spent_in_days", "op": "gt", "value": {"own": "mean_basket", "percent": 100}, "of": 30})
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(groups())
def test_sql_finds_whom_the_engine_would_find(crowd: Shop, said: dict[str, Any]) -> None:
    group = parse_rules(said, KNOWN)

    assert found(group) == sorted(pk for pk, one in seen(group).items() if holds(group, one))


@pytest.mark.parametrize("born", [(1370, 9, 1), (1370, 9, 2), (1370, 12, 30), (1371, 1, 1)])
@pytest.mark.parametrize("today", [(1405, 9, 1), (1405, 12, 29), (1406, 1, 1), (1408, 12, 30)])
def test_ages_are_counted_as_the_engine_counts_them(shop: Shop, born: Any, today: Any) -> None:
    member = shop.member(birth_date=from_jalali(*born))
    at = NOON + (from_jalali(*today) - local_date(NOON, ZONE))
    [person] = people_of([member], at=at, asks=Asks()).values()
    here = Situation(at=at, zone=ZONE, person=person)

    for age in range(30, 40):
        group = Condition("age", "eq", age)
        wanted = fitting(group, replace(View(NOON, ZONE), at=at))
        with connection.cursor() as cursor:
            cursor.execute(wanted.sql, {**wanted.sent, "club": shop.club.pk})
            assert bool(cursor.fetchall()) is holds(group, here)


def test_a_range_of_ids_and_a_sample_are_looked_at_alone(crowd: Shop) -> None:
    everybody = parse_rules({"fact": "member_for_days", "op": "gte", "value": 0}, KNOWN)
    ids = found(everybody)

    assert found(everybody, low=ids[2], high=ids[5]) == ids[3:6]
    assert set(found(everybody, sample=2)) < set(ids)


def test_facts_of_a_purchase_of_the_moment_and_other_segments_are_no_rules() -> None:
    for fact, value in (("amount", 1), ("weekday", 1), ("visit_number", 2), ("segment", "vip")):
        with pytest.raises(Exception, match=r"rules\.fact"):
            parse_rules({"fact": fact, "op": "eq", "value": value}, KNOWN)
    assert isinstance(parse_rules({"fact": "days_since_bought", "op": "lt", "value": 3, "of": "x"}, KNOWN).of, Of)  # type: ignore[union-attr]
