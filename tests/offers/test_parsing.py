"""The offer language: what is read as what, and what is refused under which path."""

import contextlib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ValidationFailed
from offers.known import Known
from offers.parsing import parse
from offers.rules import ALWAYS, AllOf, AnyOf, Benefit, Condition, Limits, Not, Of, Own, Terms
from offers.vocabulary import BENEFITS, FACTS, OPS, TRIGGERS

PLAIN = {"name": "ده درصد", "trigger": "purchase", "benefit": {"kind": "discount_percent", "percent": 10}}
CLUB = Known(
    products=frozenset({"latte"}),
    groups=frozenset({"coffee"}),
    tiers=frozenset({"silver"}),
    branches=frozenset({"tajrish"}),
    lotteries=frozenset(),
    offers=frozenset({7}),
    fields={"wedding": "date", "children": "number", "taste": "choice"},
)


def said(**changes: Any) -> dict[str, Any]:
    return {**PLAIN, **changes}


def when(group: Any, **changes: Any) -> Any:
    return parse(said(when=group, **changes)).when


def faults(**changes: Any) -> set[str]:
    """The paths under which an offer with these changes is refused."""
    with pytest.raises(ValidationFailed) as refused:
        parse(said(**changes), known=CLUB, zone=lambda: "Asia/Tehran")
    return set(refused.value.errors)


def test_the_least_that_may_be_said_competes_always_and_for_everybody() -> None:
    terms = parse(PLAIN)

    assert terms == Terms("ده درصد", "purchase", Benefit("discount_percent", percent_bp=1_000))
    assert (terms.when, terms.stacking, terms.limits, terms.is_open(datetime(1900, 1, 1, tzinfo=UTC))) == (
        ALWAYS,
        "best",
        Limits(),
        True,
    )


def test_the_worked_sample_is_read_as_it_is_written() -> None:
    terms = parse(
        {
            "name": "سه‌شنبه‌های نقره‌ای",
            "summary": "ده درصد اعتبار برای خرید بالای ۱۵۰ هزار تومان",
            "goal": "grow",
            "trigger": "purchase",
            "starts_at": "2026-11-22",
            "ends_at": "2026-11-22",
            "when": {
                "all": [
                    {"fact": "weekday", "op": "eq", "value": 3},
                    {"fact": "amount", "op": "gt", "value": 1_500_000},
                    {
                        "any": [
                            {"fact": "tier", "op": "gte", "value": "silver"},
                            {"not": {"fact": "tag", "op": "has", "value": "همسایه"}},
                        ]
                    },
                ]
            },
            "benefit": {"kind": "credit_percent", "percent": 10, "max": 500_000, "of": {"not": ["cake", "tea"]}},
            "stacking": "always",
            "priority": -3,
            "limits": {"per_member_per_day": 1, "budget": 10_000_000},
            "control_percent": 12.5,
        },
        zone=lambda: "Asia/Tehran",
    )

    assert terms.when == AllOf(
        (
            Condition("weekday", "eq", 3),
            Condition("amount", "gt", 1_500_000),
            AnyOf((Condition("tier", "gte", "silver"), Not(Condition("tag", "has", "همسایه")))),
        )
    )
    assert terms.benefit == Benefit(
        "credit_percent",
        applies_to="matching_lines",
        of=Of(frozenset({"cake", "tea"}), negated=True),
        percent_bp=1_000,
        most=500_000,
    )
    assert (terms.limits, terms.control_bp) == (Limits(per_member_per_day=1, budget=10_000_000), 1_250)
    # A day without a time begins at its start and ends at its end, in the club's zone.
    assert terms.is_open(datetime(2026, 11, 21, 20, 30, tzinfo=UTC))
    assert terms.is_open(datetime(2026, 11, 22, 20, 29, 59, tzinfo=UTC))
    assert not terms.is_open(datetime(2026, 11, 22, 20, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ({"fact": "amount", "op": "between", "value": [1, 2]}, (1, 2)),
        ({"fact": "visit_number", "op": "every", "value": 10}, 10),
        ({"fact": "days_from_birthday", "op": "between", "value": [-3, 3]}, (-3, 3)),
        ({"fact": "time", "op": "between", "value": ["16:00", "20:00"]}, (57_600, 72_000)),
        ({"fact": "time", "op": "between", "value": ["۲۲:۰۰", "02:00"]}, (79_200, 7_200)),
        ({"fact": "time", "op": "lt", "value": "24:00"}, 86_400),
        ({"fact": "date", "op": "eq", "value": "2026-11-22"}, date(2026, 11, 22)),
        ({"fact": "tag", "op": "in", "value": [" ويژه", "تهران"]}, ("ویژه", "تهران")),
        ({"fact": "branch", "op": "eq", "value": "شعبه۲"}, "شعبه2"),
        ({"fact": "is_first_purchase", "op": "eq", "value": True}, True),
        ({"fact": "amount", "op": "gt", "value": {"own": "mean_basket", "percent": 120}}, Own("mean_basket", 12_000)),
        (
            {"fact": "days_since_last_purchase", "op": "gte", "value": {"own": "usual_gap", "percent": 200}},
            Own("usual_gap", 20_000),
        ),
        ({"fact": "custom.taste", "op": "ne", "value": "latte"}, "latte"),
        ({"fact": "custom.children", "op": "gte", "value": 2}, 2),
        ({"fact": "named_day", "op": "in", "value": ["yalda", "nowruz"]}, ("yalda", "nowruz")),
        ({"fact": "days_from.wedding", "op": "between", "value": [-7, 0]}, (-7, 0)),
    ],
)
def test_values_are_read_by_the_kind_of_their_fact(condition: dict[str, Any], value: Any) -> None:
    assert when(condition) == Condition(condition["fact"], condition["op"], value)


def test_what_a_fact_is_reckoned_of_stands_beside_it() -> None:
    assert when({"fact": "amount_of", "op": "gt", "value": 1, "of": "latte"}) == Condition(
        "amount_of", "gt", 1, Of(frozenset({"latte"}))
    )
    assert when({"fact": "quantity_of", "op": "gte", "value": 3}) == Condition("quantity_of", "gte", 3)
    assert when({"fact": "spent_in_days", "op": "gt", "value": 5, "of": 30}) == Condition("spent_in_days", "gt", 5, 30)


@pytest.mark.parametrize(
    ("group", "path"),
    [
        ({"fact": "weather", "op": "eq", "value": 1}, "when.fact"),
        ({"fact": "amount", "op": "has", "value": 1}, "when.op"),
        ({"fact": "amount", "op": "gt", "value": 1.5}, "when.value"),
        ({"fact": "amount", "op": "gt", "value": "1"}, "when.value"),
        ({"fact": "amount", "op": "gt", "value": True}, "when.value"),
        ({"fact": "amount", "op": "gt", "value": 10**18}, "when.value"),
        ({"fact": "amount", "op": "gt", "value": None}, "when.value"),
        ({"fact": "amount", "op": "gt"}, "when.value"),
        ({"fact": "amount", "op": "gt", "value": 1, "off": 2}, "when.off"),
        ({"fact": "amount", "op": "gt", "value": 1, "of": "latte"}, "when.of"),
        ({"fact": "amount_of", "op": "gt", "value": 1}, "when.of"),
        ({"fact": "amount_of", "op": "gt", "value": 1, "of": []}, "when.of"),
        ({"fact": "amount_of", "op": "gt", "value": 1, "of": ["latte", "tea"]}, "when.of[1]"),
        ({"fact": "amount_of", "op": "gt", "value": 1, "of": {"not": "tea"}}, "when.of.not"),
        ({"fact": "spent_in_days", "op": "gt", "value": 1, "of": 0}, "when.of"),
        ({"fact": "amount", "op": "between", "value": [2, 1]}, "when.value"),
        ({"fact": "amount", "op": "between", "value": [1]}, "when.value"),
        ({"fact": "amount", "op": "between", "value": [1, "x"]}, "when.value[1]"),
        ({"fact": "amount", "op": "in", "value": []}, "when.value"),
        ({"fact": "amount", "op": "every", "value": 0}, "when.value"),
        ({"fact": "weekday", "op": "eq", "value": 7}, "when.value"),
        ({"fact": "jalali_month", "op": "eq", "value": 0}, "when.value"),
        ({"fact": "time", "op": "eq", "value": "16:00"}, "when.op"),
        ({"fact": "time", "op": "gte", "value": "25:00"}, "when.value"),
        ({"fact": "time", "op": "between", "value": ["16:00", "16:00"]}, "when.value"),
        ({"fact": "date", "op": "eq", "value": "1405-01-01 "}, "when.value"),
        ({"fact": "tier", "op": "gte", "value": "gold"}, "when.value"),
        ({"fact": "branch", "op": "eq", "value": "valiasr"}, "when.value"),
        ({"fact": "channel", "op": "eq", "value": "fax"}, "when.value"),
        ({"fact": "custom.height", "op": "eq", "value": 1}, "when.fact"),
        ({"fact": "custom.wedding", "op": "eq", "value": "soon"}, "when.value"),
        ({"fact": "named_day", "op": "eq", "value": "doomsday"}, "when.value"),
        ({"fact": "named_day", "op": "gt", "value": "yalda"}, "when.op"),
        ({"fact": "days_from.children", "op": "eq", "value": 0}, "when.fact"),
        ({"fact": "days_from.", "op": "eq", "value": 0}, "when.fact"),
        ({"fact": "days_from.wedding", "op": "eq", "value": 184}, "when.value"),
        ({"fact": "days_from.wedding", "op": "every", "value": 2}, "when.op"),
        ({"fact": "days_from.wedding", "op": "eq", "value": 0, "of": 3}, "when.of"),
        ({"fact": "amount", "op": "gt", "value": {"own": "usual_gap", "percent": 1}}, "when.value.own"),
        ({"fact": "amount", "op": "gt", "value": {"own": "mean_basket"}}, "when.value.percent"),
        ({"fact": "amount", "op": "every", "value": {"own": "mean_basket", "percent": 1}}, "when.value"),
        ({"fact": "age", "op": "gt", "value": {"own": "mean_basket", "percent": 1}}, "when.value"),
        ({"any": []}, "when.any"),
        ({"all": {}}, "when.all"),
        ({"all": [], "any": []}, "when"),
        ({"all": [], "fact": "amount"}, "when"),
        ({"all": [{}, {}, {"fact": "tag", "op": "has", "value": ""}]}, "when.all[2].value"),
        ({"not": {"any": [{"all": [{"not": {"all": []}}]}]}}, "when.not.any[0].all[0].not"),
        ([], "when"),
        ("amount > 5", "when"),
    ],
)
def test_a_wrong_condition_is_refused_under_its_path(group: Any, path: str) -> None:
    assert faults(when=group) == {path}


def test_four_layers_are_deep_enough() -> None:
    condition = {"fact": "amount", "op": "gt", "value": 1}

    assert when({"all": [{"any": [{"not": {"all": [condition]}}]}]})


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": " "}, "name"),
        ({"summary": "x" * 201}, "summary"),
        ({"goal": "profit"}, "goal"),
        ({"trigger": "sunrise"}, "trigger"),
        ({"trigger": "event:"}, "trigger"),
        ({"trigger": "event:رأی"}, "trigger"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2026-11-23", "ends_at": "2026-11-22"}, "ends_at"),
        ({"stacking": "sum"}, "stacking"),
        ({"priority": 1.5}, "priority"),
        ({"limits": {"per_member": 0}}, "limits.per_member"),
        ({"limits": {"weekly": 1}}, "limits.weekly"),
        ({"control_percent": 51}, "control_percent"),
        ({"colour": "red"}, "colour"),
        (
            {"code_required": True, "trigger": "enrolment", "benefit": {"kind": "points_amount", "points": 5}},
            "code_required",
        ),
        ({"benefit": None}, "benefit"),
        ({"benefit": {}}, "benefit.kind"),
        ({"benefit": {"kind": "discount_percent"}}, "benefit.percent"),
        ({"benefit": {"kind": "discount_percent", "percent": 100.01}}, "benefit.percent"),
        ({"benefit": {"kind": "discount_percent", "percent": 0}}, "benefit.percent"),
        ({"benefit": {"kind": "discount_percent", "percent": 5, "amount": 5}}, "benefit.amount"),
        ({"benefit": {"kind": "discount_percent", "percent": 5, "per_amount": 5}}, "benefit.per_amount"),
        ({"benefit": {"kind": "discount_percent", "percent": 5, "applies_to": "basket", "of": "latte"}}, "benefit.of"),
        ({"benefit": {"kind": "points_factor", "factor": 1}}, "benefit.factor"),
        (
            {"benefit": {"kind": "credit_amount", "amount": 5, "per_amount": 1, "per_quantity": 1}},
            "benefit.per_quantity",
        ),
        (
            {"benefit": {"kind": "fixed_price", "amount": 5, "quantity": 2, "applies_to": "cheapest_matching"}},
            "benefit.applies_to",
        ),
        ({"benefit": {"kind": "free_item", "product": "coffee", "quantity": 1}}, "benefit.product"),
        ({"benefit": {"kind": "coupon", "offer": 8, "valid_days": 3}, "stacking": "always"}, "benefit.offer"),
        ({"benefit": {"kind": "tier", "code": "silver", "days": 30}}, "stacking"),
        ({"trigger": "birthday"}, "benefit.kind"),
        ({"trigger": "referral_converted"}, "benefit.kind"),
        ({"trigger": "birthday", "benefit": {"kind": "credit_percent", "percent": 5}}, "benefit.kind"),
        (
            {
                "trigger": "enrolment",
                "benefit": {"kind": "points_amount", "points": 5},
                "when": {"fact": "amount", "op": "gt", "value": 1},
            },
            "when",
        ),
    ],
)
def test_a_wrong_offer_is_refused_under_its_path(changes: dict[str, Any], path: str) -> None:
    assert faults(**changes) == {path}


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ValidationFailed) as refused:
        parse({"trigger": "x", "when": {"all": [{"fact": "amount"}]}, "benefit": {"kind": "discount_amount"}})

    assert set(refused.value.errors) == {"name", "trigger", "when.all[0].op", "when.all[0].value", "benefit.amount"}


def test_what_is_no_object_is_refused_as_a_whole() -> None:
    with pytest.raises(ValidationFailed) as refused:
        parse([PLAIN])

    assert set(refused.value.errors) == {"body"}


@pytest.mark.parametrize("trigger", [*TRIGGERS, "event:review_written"])
def test_each_trigger_gives_points_to_whom_it_is_for(trigger: str) -> None:
    terms = parse(said(trigger=trigger, benefit={"kind": "points_amount", "points": 50}))

    assert terms.event == ("review_written" if ":" in trigger else "")


# --- whatever is sent ---------------------------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["latte", "16:00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["own", "percent", "not", "all", "any", "fact", "op", "value"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
conditions_like = st.fixed_dictionaries(
    {
        "fact": st.sampled_from([*FACTS, "custom.x", "days_from.x"]),
        "op": st.sampled_from(sorted({op for ops in OPS.values() for op in ops})),
        "value": anything,
    },
    optional={"of": anything},
)
benefits_like = st.fixed_dictionaries(
    {"kind": st.sampled_from(list(BENEFITS))},
    optional={
        name: anything | st.integers(1, 50)
        for name in (
            "percent",
            "amount",
            "max",
            "quantity",
            "buy",
            "get",
            "points",
            "product",
            "of",
            "per_amount",
            "repeat",
        )
    },
)


@given(
    st.fixed_dictionaries(
        {"name": st.just("x"), "trigger": st.sampled_from(TRIGGERS), "benefit": benefits_like | anything},
        optional={
            "when": conditions_like | st.fixed_dictionaries({"all": st.lists(conditions_like, max_size=2)}) | anything,
            "limits": anything,
        },
    )
)
def test_whatever_is_sent_is_read_or_refused_with_paths(data: dict[str, Any]) -> None:
    with contextlib.suppress(ValidationFailed):
        assert parse(data, known=CLUB).benefit.kind in BENEFITS
