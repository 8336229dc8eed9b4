"""The ready offers: they are read, nothing is wrong with them, and the five samples decide the worked case."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from core.jalali import TEHRAN
from offers.known import Known
from offers.lint import lint
from offers.parsing import parse
from offers.rules import LiveOffer, Terms
from offers.situation import Basket, Line, Person, Situation
from offers.starters import BY_CODE, STARTERS, Starter, started
from offers.words import Names
from tests.offers.stand import AT, BIRTHDAY, RANKS, decide, outcomes
from tests.offers.test_lint import CAFE

CATALOGUE = Known(
    products=frozenset({"tea"}), groups=frozenset({"special"}), tiers=frozenset(RANKS), offers=frozenset({77})
)
ANSWERS = {
    "goods": "special",
    "product": "tea",
    "tier": "silver",
    "money": 900_000,
    "coupon": 77,
    "activity": "event:story",
}
NAMES = Names(tiers={"silver": "نقره‌ای"}, goods={"special": "کیک‌ها", "tea": "چای"})


def offer_of(starter: Starter, names: Names = NAMES) -> dict[str, Any]:
    return started(starter, {ask.path: ANSWERS[ask.kind] for ask in starter.asks}, names)


def terms(code: str) -> Terms:
    return parse(offer_of(BY_CODE[code]), known=CATALOGUE, zone=lambda: TEHRAN)


BY_CODE_ONLY = {"name": "با کد", "trigger": "purchase", "code_required": True, "stacking": "always"}
CODED = LiveOffer(77, parse({**BY_CODE_ONLY, "benefit": {"kind": "free_delivery"}}))


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.code)
def test_each_is_read_and_the_linter_has_nothing_to_say(starter: Starter) -> None:
    club = replace(CAFE, known=CATALOGUE)

    assert lint(terms(starter.code), [CODED], club) == []
    assert lint(terms(starter.code), [CODED], replace(club, typical_basket=None)) == []


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.code)
@pytest.mark.parametrize("language", ["fa", "en"])
def test_each_has_a_name_and_a_summary_without_gaps(starter: Starter, language: str) -> None:
    latin = Names(tiers={"silver": "Silver"}, goods={"special": "cakes", "tea": "tea"})
    with translation.override(language):
        said = offer_of(starter, NAMES if language == "fa" else latin)
        asked = [str(ask.label) for ask in starter.asks]

    texts = [said["name"], said["summary"], *asked]
    assert all(texts) and len(said["summary"]) <= 200
    assert not any("%(" in text or "%%" in text for text in texts)
    has_persian = [any("آ" <= letter <= "ی" for letter in text) for text in texts]
    assert all(has_persian) if language == "fa" else not any(has_persian)


def test_what_is_asked_for_has_its_place_and_the_starter_stays_as_it_is() -> None:
    combo = BY_CODE["combo"]

    said = started(combo, {"benefit.of": ["tea", "special"], "benefit.amount": 900_000}, NAMES)

    assert said["benefit"] == {"kind": "fixed_price", "quantity": 2, "amount": 900_000, "of": ["tea", "special"]}
    assert said["summary"] == "هر دو تا از چای، کیک‌ها با هم ۹۰ هزار تومان."
    assert combo.offer["benefit"]["of"] is None
    with pytest.raises(KeyError):
        started(combo, {"benefit.of": "tea"}, NAMES)


def test_money_is_said_in_the_club_s_own_unit() -> None:
    assert offer_of(BY_CODE["tuesday"], replace(NAMES, unit="rial"))["summary"].startswith(
        "سه‌شنبه‌ها با خرید بالای ۱٬۵۰۰٬۰۰۰ ریال"
    )


def test_codes_are_their_own_and_no_two_offers_are_named_alike() -> None:
    assert len(BY_CODE) == len(STARTERS) == len({str(starter.name) for starter in STARTERS})


def test_of_the_five_samples_the_birthday_is_given_in_the_worked_case() -> None:
    sara = Person(id=1, visit_number=12, is_first_purchase=False, tier="silver", birth_date=BIRTHDAY)
    basket = Basket((Line("phone", ("special",), 1, 6_000_000),))
    samples = ("regulars", "large_basket", "birthday", "tier", "group")
    offers = [LiveOffer(number, terms(code)) for number, code in enumerate(samples, start=1)]

    decision = decide(*offers, here=Situation(AT, TEHRAN, sara, basket, RANKS))

    worth = {samples[verdict.offer.id - 1]: verdict.worth for verdict in decision.verdicts}
    assert worth == {
        "regulars": 300_000,
        "large_basket": 600_000,
        "birthday": 1_200_000,
        "tier": 900_000,
        "group": 420_000,
    }
    assert outcomes(decision) == {1: "lost_to", 2: "lost_to", 3: "applied", 4: "lost_to", 5: "lost_to"}


def test_side_by_side_the_linter_sees_that_tuesday_s_credit_is_less_than_the_tier_s() -> None:
    offers = [CODED, *(LiveOffer(number, terms(starter.code)) for number, starter in enumerate(STARTERS, start=1))]

    found = {
        (one.terms.name, finding.code) for one in offers[1:] for finding in lint(one.terms, offers, CAFE, number=one.id)
    }

    assert found == {("سه‌شنبه‌های پراعتبار", "wins_only_ties")}
