"""What the linter finds of an offer beside the club's others."""

from dataclasses import replace
from typing import Any

from offers.lint import lint
from offers.ranges import Domains
from offers.rules import LiveOffer
from tests.offers.stand import offer
from tests.offers.test_lint import CAFE, TEN, about_fact

FIVE = {"kind": "discount_percent", "percent": 5}
TUESDAY = about_fact("weekday", "eq", 3)


def live(number: int, benefit: Any = None, **said: Any) -> LiveOffer:
    return offer(number, benefit or TEN, summary="خلاصه", **said)


def codes(one: LiveOffer, *others: LiveOffer, **options: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in lint(one.terms, others, CAFE, **options)]


def text(one: LiveOffer, *others: LiveOffer) -> str:
    return lint(one.terms, others, CAFE)[0].text


def test_it_says_to_whom_an_offer_always_loses() -> None:
    tuesday, always = live(2, FIVE, when=TUESDAY), live(1)

    assert codes(tuesday, always) == [("always_loses", "warning")]
    assert "«offer 1»" in text(tuesday, always)
    assert codes(tuesday, live(1, when=about_fact("weekday", "eq", 4))) == []
    assert codes(tuesday, replace(always, id=2), number=2) == []  # that is itself


def test_one_that_ends_earlier_may_still_win_where_both_are_equal() -> None:
    assert codes(live(2, ends_at="2027-01-01T00:00:00Z"), live(1)) == [("wins_only_ties", "hint")]


def test_it_says_whom_an_offer_would_put_out_of_use() -> None:
    assert codes(live(2, ends_at=None), live(1, FIVE, when=TUESDAY)) == []  # of equal worth the older is given
    assert codes(live(1), live(2, FIVE, when=TUESDAY), number=1) == [("silences", "hint")]


def test_two_that_both_want_to_be_alone_contradict_each_other() -> None:
    half = {"kind": "credit_percent", "percent": 20}
    weekend = {"any": [about_fact("weekday", "eq", 5), about_fact("weekday", "eq", 6)]}
    alike = about_fact("weekday", "in", [5, 6])

    assert codes(live(2, stacking="alone", when=weekend), live(1, half, stacking="alone", when=alike)) == [
        ("contradicts", "warning")
    ]
    assert codes(live(2, stacking="alone", when=weekend), live(1, half, stacking="alone", when=TUESDAY)) == []
    assert codes(live(2, stacking="alone", when=weekend), live(1, half, when=alike)) == []


def test_the_same_thing_twice_on_top() -> None:
    twin = live(1, stacking="always")

    assert codes(live(2, stacking="always"), twin) == [("given_twice", "warning")]
    assert codes(live(2, stacking="always"), replace(twin, terms=replace(twin.terms, code_required=True))) == []
    assert (
        codes(
            live(2, stacking="always", starts_at="2027-01-01T00:00:00Z"),
            live(1, stacking="always", ends_at="2026-12-30T00:00:00Z"),
        )
        == []
    )


def test_a_coupon_needs_an_offer_that_needs_the_coupon() -> None:
    gift = live(2, {"kind": "coupon", "offer": 1, "valid_days": 30}, stacking="always")

    assert codes(gift) == [("coupon_without_offer", "warning")]
    assert codes(gift, live(1)) == [("contradicts", "warning")]
    assert codes(gift, live(1, code_required=True)) == []


# --- tiers --------------------------------------------------------------------------------------------------------------


def tier(op: str, code: str) -> dict[str, Any]:
    return about_fact("tier", op, code)


def test_a_higher_tier_that_gets_less_than_a_lower_one() -> None:
    gold, silver = live(2, FIVE, when=tier("eq", "gold")), live(1, when=tier("eq", "silver"))

    assert codes(gold, silver) == [("higher_tier_less", "warning")]
    assert text(gold, silver) == "به طلایی کمتر از «offer 1» می‌دهد که به سطح‌های پایین‌تر می‌رسد؛ پاداش را بیشتر کنید."
    assert codes(silver, gold) == [("higher_tier_less", "warning")]
    assert text(silver, gold) == "به سطح‌های پایین‌تر بیش از «offer 2» می‌دهد که برای طلایی است؛ پاداش را کمتر کنید."


def test_a_higher_tier_that_gets_as_much_from_elsewhere_is_content() -> None:
    gold, silver = live(2, FIVE, when=tier("eq", "gold")), live(1, when=tier("eq", "silver"))
    twenty = live(3, {"kind": "discount_percent", "percent": 20}, when=tier("eq", "gold"), limits={"total": 9})

    assert codes(silver, gold, twenty) == []
    assert codes(live(2, when=tier("eq", "gold")), live(1, FIVE, when=tier("eq", "silver"))) == []
    assert codes(gold, live(1, when={"all": [TUESDAY, tier("eq", "silver")]})) == []


def test_a_higher_tier_that_gets_nothing_is_a_hint() -> None:
    assert codes(live(1, when=tier("eq", "silver"))) == [("higher_tier_left_out", "hint")]
    assert codes(live(1, when=tier("lte", "silver"))) == [("higher_tier_left_out", "hint")]
    assert codes(live(1, when=tier("gte", "silver"))) == []
    assert codes(live(1, when=tier("eq", "gold"))) == []
    assert lint(live(1, when=tier("eq", "silver")).terms, (), replace(CAFE, domains=Domains({"silver": 1}))) == []


def test_of_an_offer_that_never_comes_nothing_else_is_said() -> None:
    never = live(2, FIVE, when={"all": [TUESDAY, about_fact("weekday", "eq", 4)]})

    assert codes(never, live(1)) == [("never_matches", "error")]
