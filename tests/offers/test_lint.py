"""What the linter finds in an offer by itself, and that it says nothing of what is right."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from core.jalali import TEHRAN
from offers.cost import question, worst_cost
from offers.findings import Finding
from offers.giving import Club
from offers.judging import holds
from offers.known import Known
from offers.lint import lint
from offers.ranges import Domains
from offers.situation import Situation
from offers.words import Names, Words
from tests.offers.stand import AT, CLUB, RANKS, offer
from tests.offers.test_oracle import BENEFITS
from tests.offers.test_reach import GROUPS, SITUATIONS, about_fact

NAMES = Names(tiers={"bronze": "برنزی", "silver": "نقره‌ای", "gold": "طلایی"}, goods={"coffee": "قهوه", "tea": "چای"})
CAFE = Club(
    Words(NAMES), now=AT, valuation=CLUB, domains=Domains(RANKS), typical_basket=3_000_000, rial_per_point=50_000
)
TEN = {"kind": "discount_percent", "percent": 10}
CREDIT = {"kind": "credit_amount", "amount": 500_000}
OVER_A_MILLION = about_fact("amount", "gte", 1_000_000)


def found(benefit: Any = None, club: Club = CAFE, **said: Any) -> list[Finding]:
    return lint(offer(1, benefit or TEN, **{"summary": "ده درصد تخفیف", **said}).terms, (), club)


def codes(*args: Any, **said: Any) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, one.path) for one in found(*args, **said)]


def test_of_a_plain_offer_there_is_nothing_to_say() -> None:
    assert found() == []
    assert found(when={"all": [about_fact("weekday", "eq", 3), about_fact("tier", "gte", "silver")]}) == []


@pytest.mark.parametrize(
    ("summary", "differs"), [("۱۵٪ تخفیف", True), ("15 % off", True), ("۱۰٪ تخفیف", False), ("ده درصد", False)]
)
def test_a_summary_with_another_percentage_is_pointed_out(summary: str, differs: bool) -> None:
    assert (("summary_differs", "warning", "summary") in codes(summary=summary)) is differs


def test_without_a_summary_nobody_knows_of_it() -> None:
    assert codes(summary="  ") == [("summary_missing", "error", "summary")]


@pytest.mark.parametrize(("end", "over"), [(AT, True), (AT.replace(second=1), False)])
def test_an_offer_whose_end_has_come_is_over(end: datetime, over: bool) -> None:
    assert (("over", "error", "ends_at") in codes(ends_at=end.isoformat())) is over


@pytest.mark.parametrize(
    ("parts", "path", "text"),
    [
        (
            [about_fact("weekday", "eq", 3), about_fact("age", "gt", 5), about_fact("weekday", "eq", 4)],
            "when.all[2]",
            "این شرط‌ها با هم برقرار نمی‌شوند: سه‌شنبه‌ها، چهارشنبه‌ها. یکی را عوض کنید یا بردارید.",
        ),
        (
            [about_fact("tier", "gt", "gold")],
            "when.all[0]",
            "این شرط هرگز برقرار نمی‌شود: سطح بالاتر از طلایی. عوضش کنید یا برش دارید.",
        ),
        (
            [{"not": about_fact("age", "lt", 10)}, about_fact("age", "lte", 9)],
            "when.all[1]",
            "این شرط‌ها با هم برقرار نمی‌شوند: نه (سن کمتر از ۱۰)، سن حداکثر ۹. یکی را عوض کنید یا بردارید.",
        ),
        ([{"not": {}}], "when", "این شرط‌ها هرگز برقرار نمی‌شوند؛ بازترشان کنید."),
    ],
)
def test_conditions_that_contradict_each_other_are_named(parts: list[Any], path: str, text: str) -> None:
    assert found(when={"all": parts}) == [Finding("never_matches", "error", path, text)]


def test_a_day_that_does_not_come_while_the_offer_is_open() -> None:
    monday = {
        "starts_at": "2026-11-23T00:00:00Z",
        "ends_at": "2026-11-24T00:00:00Z",
        "when": about_fact("weekday", "eq", 6),
    }

    (finding,) = found(**monday)

    assert (finding.code, finding.path) == ("never_matches", "when")
    assert finding.text.startswith("در روزهایی که این پیشنهاد باز است")


def test_a_part_that_nobody_meets_is_found_among_those_that_some_do() -> None:
    when = {"any": [about_fact("weekday", "eq", 3), {"all": [about_fact("tier", "lt", "bronze")]}]}

    assert codes(when=when) == [("dead_part", "warning", "when.any[1]")]


def test_a_day_that_is_gone_does_not_come_again() -> None:
    assert codes(when=about_fact("date", "lte", "2026-11-21")) == [("past", "error", "when")]
    assert codes(when=about_fact("date", "lte", "2026-11-22")) == []


@settings(max_examples=60)
@given(said=GROUPS, situations=st.lists(SITUATIONS, min_size=4, max_size=4))
def test_whoever_is_told_never_never_gets_it(said: Any, situations: list[Situation]) -> None:
    told = {finding.code for finding in found(when=said)}

    if "never_matches" in told:
        assert not any(holds(offer(1, TEN, when=said).terms.when, here) for here in situations)


def test_goods_that_the_club_has_none_of() -> None:
    club = replace(CAFE, known=Known(products=frozenset({"tea"}), groups=frozenset({"coffee"})))

    assert codes({**TEN, "of": "cake"}, club) == [("no_such_goods", "error", "benefit.of")]
    assert codes({**TEN, "of": ["cake", "tea"]}, club) == []
    assert codes({**TEN, "of": {"not": "cake"}}, club) == []
    assert codes(when=about_fact("quantity_of", "gte", 1, of="cake"), club=club) == [("never_matches", "error", "when")]


@pytest.mark.parametrize(
    ("benefit", "said"),
    [
        ({"kind": "credit_percent", "percent": 100}, {}),
        ({"kind": "points_factor", "factor": 51}, {}),  # fifty points of 1,000 Rial for each 50,000
        ({**CREDIT, "amount": 1_000_000}, {"when": OVER_A_MILLION}),
        ({"kind": "points_amount", "points": 1_000}, {"when": OVER_A_MILLION}),
        ({"kind": "points_amount", "points": 1, "per_amount": 1_000}, {"when": OVER_A_MILLION}),
        ({"kind": "discount_amount", "amount": 1_000_000}, {"when": OVER_A_MILLION}),
        ({"kind": "free_item", "product": "tea", "quantity": 7}, {"when": OVER_A_MILLION}),
        ({**CREDIT, "amount": 3_000_000}, {"when": about_fact("amount", "gte", 1)}),
    ],
)
def test_what_gives_as_much_as_is_paid_is_told(benefit: Any, said: Any) -> None:
    assert ("gives_more_than_paid", "warning", "benefit") in codes(benefit, **said)


def test_the_least_purchase_is_said_in_whole_units() -> None:
    [text] = [
        one.text
        for one in found({"kind": "credit_percent", "percent": 150}, when=about_fact("amount", "gt", 1_500_000))
        if one.code == "gives_more_than_paid"
    ]

    assert "در خرید ۱۵۰٬۰۰۱ تومان، " in text


def test_what_gives_less_than_is_paid_is_not() -> None:
    assert codes({**CREDIT, "amount": 999_990}, when=OVER_A_MILLION) == []
    assert codes({"kind": "points_factor", "factor": 2}) == []
    assert codes({"kind": "credit_percent", "percent": 90, "max": 10_000}) == []
    assert codes({**CREDIT, "amount": 9_000_000}, trigger="birthday") == []


def test_what_gives_more_than_the_margin_is_told_but_of_a_welcome_only_as_a_hint() -> None:
    club = replace(CAFE, margin_bp=2_000)
    fifth, more = {"kind": "discount_percent", "percent": 20}, {"kind": "discount_percent", "percent": 21}
    first = about_fact("is_first_purchase", "eq", True)

    assert codes(fifth, club) == []
    assert codes(more, club) == [("gives_more_than_margin", "warning", "benefit")]
    assert codes(more, club, when=first) == [("gives_more_than_margin", "hint", "benefit")]
    assert found(more, club)[0].text == (
        "در خرید ۳۰۰٬۰۰۰ تومان، ۶۳٬۰۰۰ تومان می‌دهد، بیش از سود آن (۶۰٬۰۰۰ تومان). پاداش را کمتر کنید یا سقف بگذارید."
    )


def test_a_gift_for_any_purchase_however_small_is_a_hint() -> None:
    hint = [("no_least_purchase", "hint", "when")]

    assert codes(CREDIT) == hint
    assert codes(CREDIT, when=about_fact("weekday", "eq", 3)) == hint
    assert codes(CREDIT, limits={"per_member_per_day": 1}) == []
    assert codes(CREDIT, when=OVER_A_MILLION) == []
    assert codes(CREDIT, when=about_fact("visit_number", "every", 10)) == []
    assert codes({**CREDIT, "per_amount": 1_000_000}) == []
    assert codes(CREDIT, code_required=True) == []


def test_a_gift_for_any_ticket_is_a_hint() -> None:
    assert codes(CREDIT, trigger="ticket_closed") == [("any_ticket", "hint", "limits.per_member_per_day")]
    assert codes(CREDIT, trigger="ticket_closed", limits={"per_member_per_month": 2}) == []
    assert "جز تیکت بی‌پاسخی که عضو" in found(CREDIT, trigger="ticket_closed")[0].text


@pytest.mark.parametrize(
    ("benefit", "budget", "severity"),
    [
        (CREDIT, 499_999, "error"),
        (CREDIT, 500_000, None),
        (TEN, 299_999, "warning"),
        (TEN, 300_000, None),
        ({**TEN, "max": 400_000}, 350_000, "hint"),
    ],
)
def test_a_budget_must_reach_for_one_giving(benefit: Any, budget: int, severity: str | None) -> None:
    for name in ("budget", "budget_per_month"):
        told = codes(benefit, limits={name: budget, "per_member_per_day": 1})
        assert told == ([("budget_too_small", severity, f"limits.{name}")] if severity else [])


def test_of_purchases_that_nobody_knows_a_budget_is_not_judged() -> None:
    assert codes(TEN, replace(CAFE, typical_basket=None), limits={"budget": 50_000}) == []


@settings(max_examples=150)
@given(
    benefits=st.lists(BENEFITS, min_size=2, max_size=2),
    whens=st.lists(GROUPS, min_size=2, max_size=2),
    stacking=st.sampled_from(["best", "always", "alone"]),
    limits=st.fixed_dictionaries({}, optional={"budget": st.integers(1, 10**7), "per_member": st.integers(1, 9)}),
    club=st.sampled_from([CAFE, replace(CAFE, typical_basket=None, rial_per_point=None, margin_bp=1_000, members=9)]),
)
def test_whatever_an_offer_says_it_can_be_looked_over(
    benefits: Any, whens: Any, stacking: str, limits: dict[str, int], club: Club
) -> None:
    one, other = (
        offer(number, benefit, when=when, stacking=stacking, limits=limits)
        for number, (benefit, when) in enumerate(zip(benefits, whens, strict=True), start=1)
    )

    told = lint(one.terms, (other,), club)
    cost = worst_cost(one.terms, club)

    assert [finding.code for finding in told].count("summary_missing") == 1
    assert all(finding.text and "%(" not in finding.text and finding.path for finding in told)
    assert cost.rial is None or 0 <= cost.rial <= limits.get("budget", cost.rial)
    assert cost.why and question(cost, club)


def test_the_gravest_comes_first() -> None:
    told = codes(CREDIT, summary="", limits={"budget": 1})

    assert [severity for _code, severity, _path in told] == ["error", "error", "hint"]


def test_everything_is_said_in_english_too() -> None:
    when = {"any": [about_fact("weekday", "eq", 3), about_fact("weekday", "lt", 0)]}
    with translation.override("en"):
        texts = [
            one.text
            for one in (
                *found(CREDIT, summary="", when=when, limits={"budget": 1}, ends_at=AT.isoformat()),
                *found({"kind": "credit_percent", "percent": 100}),
                *found(when={"not": {}}),
                *found(when=about_fact("date", "lt", "2026-11-21")),
            )
        ]

    assert len(texts) >= 8
    assert not [text for text in texts if any("آ" <= letter <= "ی" for letter in text)]


def test_an_offer_to_who_stays_away_says_for_how_long() -> None:
    gift, since = {"kind": "points_amount", "points": 5}, about_fact("days_since_last_purchase", "gte", 45)

    assert codes(gift, trigger="lapsed") == [("never_matches", "error", "when")]
    assert codes(gift, trigger="lapsed", when=since) == []


def test_days_are_those_of_the_club() -> None:
    """20:30 UTC is midnight in Tehran: the day before is over then."""
    late = replace(CAFE, now=datetime(2026, 11, 22, 20, 30, tzinfo=UTC))

    assert late.zone == TEHRAN
    assert codes(when=about_fact("date", "eq", "2026-11-22"), club=late) == [("past", "error", "when")]
