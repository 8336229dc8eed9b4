"""The words of the offer language: facts, operators, triggers and benefits, and which go together. Pure.

The contract is the chapter "Offers" of the REST API. Money is whole Rial; percentages and factors are basis points.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "money", "count", "days", "birthday", "weekday", "month", "day", "time", "date", "word", "flag", "tier", "many"
]
Place = Literal["purchase", "moment", "member"]
OfWhat = Literal["", "lines", "lines or all", "days"]

MOST_RIAL = 10**15
MOST_COUNT = 1_000_000_000
MOST_DAYS = 36_500
MOST_TEXT = 200
MOST_VALUES = 500
DEEPEST = 4

ORDER = ("gt", "gte", "lt", "lte")
SAME = ("eq", "ne")
AMONG = ("in", "not_in")
NUMBER_OPS = (*SAME, *ORDER, *AMONG, "between", "every")


@dataclass(frozen=True)
class Fact:
    """A word that a condition may ask about: what kind its value is of, where it is read, and what `of` it takes."""

    kind: Kind
    place: Place
    of: OfWhat = ""
    own: str = ""
    """The member's own figure that its value may be a share of."""
    only_purchase: bool = False
    """Whether it speaks of this purchase, though it is a fact about the member."""

    @property
    def needs_purchase(self) -> bool:
        return self.place == "purchase" or self.only_purchase


FACTS: dict[str, Fact] = {
    "amount": Fact("money", "purchase", own="mean_basket"),
    "amount_of": Fact("money", "purchase", of="lines", own="mean_basket"),
    "quantity_of": Fact("count", "purchase", of="lines or all"),
    "line_count": Fact("count", "purchase"),
    "distinct_products": Fact("count", "purchase"),
    "payment_method": Fact("word", "purchase"),
    "channel": Fact("word", "purchase"),
    "branch": Fact("word", "purchase"),
    "weekday": Fact("weekday", "moment"),
    "time": Fact("time", "moment"),
    "date": Fact("date", "moment"),
    "jalali_month": Fact("month", "moment"),
    "jalali_day": Fact("day", "moment"),
    "named_day": Fact("many", "moment"),
    "visit_number": Fact("count", "member", only_purchase=True),
    "is_first_purchase": Fact("flag", "member", only_purchase=True),
    "tier": Fact("tier", "member"),
    "segment": Fact("many", "member"),
    "tag": Fact("many", "member"),
    "days_from_birthday": Fact("birthday", "member"),
    "days_since_last_purchase": Fact("days", "member", own="usual_gap"),
    "member_for_days": Fact("days", "member"),
    "spent_in_days": Fact("money", "member", of="days", own="mean_basket"),
    "visits_in_days": Fact("count", "member", of="days"),
    "age": Fact("count", "member"),
    "gender": Fact("word", "member"),
    "referred": Fact("flag", "member"),
    "source": Fact("word", "member"),
}
SEGMENT_FACTS: dict[str, Fact] = {
    "days_since_bought": Fact("days", "member", of="lines or all"),
    "rfm_class": Fact("word", "member"),
}
"""What only the rules of segments ask about: counted by night, too much to read with each purchase."""
EVERY_FACT = {**FACTS, **SEGMENT_FACTS}
CUSTOM = "custom."
"""`custom.<field>` asks about a field of the club's own; its kind is that of the field."""
DAYS_FROM = "days_from."
"""`days_from.<field>` counts the days from the nearest return of such a date field, as from a birthday."""
OF_FIELDS = (CUSTOM, DAYS_FROM)
CUSTOM_KINDS: dict[str, Kind] = {"text": "word", "choice": "word", "number": "count", "date": "date"}

OPS: dict[Kind, tuple[str, ...]] = {
    "money": NUMBER_OPS,
    "count": NUMBER_OPS,
    "days": NUMBER_OPS,
    "birthday": tuple(op for op in NUMBER_OPS if op != "every"),
    "weekday": tuple(op for op in NUMBER_OPS if op != "every"),
    "month": NUMBER_OPS,
    "day": NUMBER_OPS,
    "time": (*ORDER, "between"),
    "date": (*SAME, *ORDER, *AMONG, "between"),
    "word": (*SAME, *AMONG),
    "flag": SAME,
    "tier": (*SAME, *ORDER, *AMONG, "between"),
    "many": (*SAME, *AMONG, "has"),
}
RANGES: dict[Kind, tuple[int, int]] = {
    "money": (0, MOST_RIAL),
    "count": (0, MOST_COUNT),
    "days": (0, MOST_DAYS),
    "birthday": (-183, 183),
    "weekday": (0, 6),
    "month": (1, 12),
    "day": (1, 31),
}
OWN_OPS = (*SAME, *ORDER)
OWN_FIGURES = ("mean_basket", "usual_gap")
CHANNELS = ("till", "online", "phone")

# Whether the trigger brings a purchase: with it come the facts of the basket, and `discounts` may be taken off it.
WITH_BASKET = ("purchase", "referral_converted")
TRIGGERS = (
    *WITH_BASKET,
    "enrolment",
    "birthday",
    "anniversary",
    "lead_converted",
    "survey_answered",
    "ticket_closed",
    "tier_reached",
    "lapsed",
)
EVENT = "event:"
SEGMENT_ENTERED, SEGMENT_LEFT = "event:segment_entered", "event:segment_left"
SEGMENT_TRIGGERS = (SEGMENT_ENTERED, SEGMENT_LEFT)
"""Told by the program itself; `segment` is then the one that was entered or left."""

GOALS = ("acquire", "retain", "grow", "reactivate", "thank")
STACKINGS = ("best", "always", "alone")
SCOPES = ("basket", "matching_lines", "cheapest_matching", "dearest_matching")
ONE_UNIT = ("cheapest_matching", "dearest_matching")


@dataclass(frozen=True)
class BenefitWord:
    """What may be said beside a kind of benefit.

    `discount` is taken off the purchase's price and `of_purchase` reckoned of it, so that both need one; `worthless`
    ones cannot be compared, so that they only come on top; `times` may be given again for each amount or quantity.
    """

    discount: bool = False
    of_purchase: bool = False
    worthless: bool = False
    times: bool = False
    rank: int = 0
    """Among benefits of equal worth: cash first, then credit, then points, then things."""
    one_unit: bool = False
    """Whether it makes sense of the cheapest or dearest unit alone."""

    @property
    def needs_purchase(self) -> bool:
        return self.discount or self.of_purchase


BENEFITS: dict[str, BenefitWord] = {
    "discount_percent": BenefitWord(discount=True, one_unit=True),
    "discount_amount": BenefitWord(discount=True, times=True, one_unit=True),
    "fixed_price": BenefitWord(discount=True),
    "buy_x_get_y": BenefitWord(discount=True),
    "credit_percent": BenefitWord(rank=1, of_purchase=True, one_unit=True),
    "credit_amount": BenefitWord(rank=1, times=True),
    "points_factor": BenefitWord(rank=2, of_purchase=True, one_unit=True),
    "points_amount": BenefitWord(rank=2, times=True),
    "free_item": BenefitWord(rank=3, times=True),
    "free_delivery": BenefitWord(discount=True),
    "coupon": BenefitWord(rank=3, worthless=True),
    "chances": BenefitWord(rank=3, worthless=True, times=True),
    "tier": BenefitWord(rank=3, worthless=True),
}
