"""What each endpoint takes: bodies and the parameters of lists, described once for reading and for the document."""

from dataclasses import replace

from club.ledger.models import Unit
from club.members.models import Member
from club.programme import rules
from club.purchases.orders import CHANNELS, MOST_LINES
from club.tiers.models import Tier
from core.reading import (
    MOST_RIAL,
    Choice,
    Code,
    Day,
    Either,
    Field,
    Flag,
    Items,
    MemberRef,
    Moment,
    NamedCode,
    OrMax,
    Phone,
    Record,
    Scaled,
    Text,
    Values,
    Whole,
)
from core.tenancy.scope import club_zone

POINTS, CREDIT = Unit.POINTS.value, Unit.CREDIT.value

# --- members

_PERSON: dict[str, Field] = {
    "phone": Phone(nullable=True, about="in any usual form and any digits"),
    "external_id": Text(nullable=True, most=64),
    "card": Text(nullable=True, most=32, about="made where none is given"),
    "email": Text(nullable=True, most=254),
    "first_name": Text(nullable=True, most=60),
    "last_name": Text(nullable=True, most=60),
    "birth_date": Day(nullable=True),
    "gender": Choice(values=("", *(value for value in Member.Gender.values if value)), nullable=True),
    "tags": Items(of=Text(most=40), most=50),
    "source": Text(nullable=True, most=40),
    "referred_by": Text(nullable=True, most=12, about="code of the referrer; until the first purchase"),
    "custom": Values(about="the club's own fields"),
    "enrolled_at": Moment(zone=club_zone),
}
NEW_MEMBER = Record(
    fields={
        **_PERSON,
        "opening_points": Whole(most=MOST_RIAL),
        "opening_credit": Whole(most=MOST_RIAL, about="Rial"),
    }
)
MEMBER_CHANGES = Record(
    fields={**_PERSON, "tier_floor": NamedCode(nullable=True, about="given by hand: the member is never below it")}
)
MEMBER_LIST: dict[str, Field] = {
    "phone": Phone(),
    "card": Text(least=1, most=32),
    "q": Text(most=100, about="phone, last digits, card, external id, or name in any spelling"),
}
_REASON = Text(required=True, least=1, most=200)
ADJUSTMENT = Either(
    first=Record(
        fields={
            "unit": Choice(required=True, values=(POINTS, CREDIT)),
            "delta": Whole(required=True, least=-MOST_RIAL, most=MOST_RIAL, about="points, or Rial; below 0 takes"),
            "reason": _REASON,
            "expires_at": Moment(nullable=True, zone=club_zone, ends=True, about="a day: at its end; null: never"),
            "occurred_at": Moment(nullable=True),
        }
    ),
    second=Record(
        fields={
            "reverses": Whole(required=True, least=1, about="an entry made by hand, undone whole"),
            "reason": _REASON,
        }
    ),
    by="reverses",
)
MERGE = Record(fields={"into": Whole(required=True, least=1, about="the member who is left")})
LEDGER_LIST: dict[str, Field] = {"unit": Choice(values=(POINTS, CREDIT))}

# --- purchases

_LINE = Record(
    fields={
        "product": NamedCode(nullable=True),
        "name": Text(nullable=True, most=120),
        "group": NamedCode(nullable=True),
        "quantity": Whole(least=1, most=1_000_000),
        "unit_price": Whole(nullable=True, most=MOST_RIAL, about="Rial with VAT; of the product where not given"),
        "vat_percent": Scaled(nullable=True),
    }
)
_VALUE = OrMax(number=Whole(most=MOST_RIAL), nullable=True)
NEW_PURCHASE = Record(
    fields={
        "member": MemberRef(required=True, nullable=True, about="null: a sale to a non-member"),
        "lines": Items(of=_LINE, most=MOST_LINES, nullable=True),
        "amount": Whole(nullable=True, most=MOST_RIAL, about="Rial, in place of lines"),
        "pay_with": Record(
            nullable=True,
            fields={"credit": _VALUE, "points": _VALUE, "gift_card": NamedCode(nullable=True, most=64)},
        ),
        "coupons": Items(of=NamedCode(most=64), most=50, nullable=True),
        "branch": NamedCode(nullable=True),
        "channel": Choice(values=CHANNELS, nullable=True),
        "payment_method": Text(nullable=True, most=32),
        "occurred_at": Moment(nullable=True),
        "external_id": Text(nullable=True, most=64, least=1, about="unique in the club"),
        "delivery_price": Whole(nullable=True, most=MOST_RIAL),
    }
)
_REFUND: dict[str, Field] = {
    "lines": Items(
        of=Record(fields={"index": Whole(required=True, most=MOST_LINES), "quantity": Whole(required=True, least=1)}),
        most=MOST_LINES,
        nullable=True,
    ),
    "amount": Whole(nullable=True, least=1, most=MOST_RIAL, about="Rial of net"),
    "occurred_at": Moment(nullable=True),
}
REFUND = Record(fields={**_REFUND, "reason": _REASON})
REFUND_PREVIEW = Record(fields={**_REFUND, "reason": Text(nullable=True, most=200)})

# --- events

NEW_EVENT = Record(
    fields={
        "member": MemberRef(required=True),
        "type": Text(required=True, least=1, most=40, about="the code of one of the club's types of activity"),
        "occurred_at": Moment(nullable=True),
        "properties": Values(nullable=True, about="kept as they are"),
    }
)

# --- programme: read off the rules, so that a new setting is described once

# name inside -> (name outside, how many of the inner unit make one)
PROGRAMME_SCALES = {
    "credit_bp": ("credit_percent", 100),
    "credit_worth_bp": ("credit_worth", 10_000),
    "max_credit_share_bp": ("max_credit_share_percent", 100),
    "max_discount_bp": ("max_discount_percent", 100),
    "margin_bp": ("margin_percent", 100),
}


def _setting(name: str) -> Field:
    nullable = name not in rules.REQUIRED
    if name in rules.NUMBERS:
        least, most = rules.NUMBERS[name]
        if name in PROGRAMME_SCALES:
            return Scaled(unit=PROGRAMME_SCALES[name][1], least=least, most=most, nullable=nullable)
        return Whole(least=least, most=most, nullable=nullable)
    values = rules.CHOICES[name]
    if all(isinstance(value, bool) for value in values):
        return Flag()
    return Choice(values=tuple(value for value in values if isinstance(value, str)), nullable=None in values)


PROGRAMME_CHANGES = Record(
    fields={
        **{PROGRAMME_SCALES.get(name, (name, 1))[0]: _setting(name) for name in rules.Programme().as_json()},
        "effective_from": Moment(zone=club_zone, about="now unless told; also a time past"),
    }
)

# --- tiers and the catalogue: names outside and inside differ where units do

TIER_NAMES = {"points_factor": "points_factor_bp", "extra_credit_percent": "extra_credit_bp"}
_TIER_NEEDS: dict[str, Field] = {
    "code": Code(required=True),
    "name": Text(required=True, least=1, most=60),
    "rank": Whole(required=True, most=32_767),
    "threshold": Whole(required=True, most=MOST_RIAL, about="Rial, points or visits, as metric says"),
}
_TIER_MORE: dict[str, Field] = {
    "metric": Choice(values=tuple(Tier.Metric.values)),
    "window_days": Whole(nullable=True, least=1, most=36_500),
    "points_factor": Scaled(unit=10_000, most=1_000_000),
    "extra_credit_percent": Scaled(),
    "downgrade": Choice(values=tuple(Tier.Downgrade.values)),
    "grace_days": Whole(most=36_500),
}
PRODUCT_NAMES = {"price": "price_rial", "vat_percent": "vat_bp"}
_PRODUCT_NEEDS: dict[str, Field] = {
    "code": Code(required=True),
    "name": Text(required=True, least=1, most=120),
    "price": Whole(required=True, most=MOST_RIAL, about="Rial with VAT"),
}
_PRODUCT_MORE: dict[str, Field] = {
    "vat_percent": Scaled(),
    "groups": Items(of=NamedCode(), most=50),
    "earns": Flag(),
}
GROUP_NAMES = {"credit_percent": "credit_bp"}
_GROUP_NEEDS: dict[str, Field] = {"code": Code(required=True), "name": Text(required=True, least=1, most=80)}
_GROUP_MORE: dict[str, Field] = {
    "earns": Flag(),
    "rial_per_point": Whole(nullable=True, least=1, most=MOST_RIAL),
    "credit_percent": Scaled(nullable=True),
    "discountable": Flag(),
    "payable_by_value": Flag(),
}


def _changes(needs: dict[str, Field], more: dict[str, Field] | None = None) -> Record:
    """The same fields, none of them required."""
    return Record(fields={**{name: replace(field, required=False) for name, field in needs.items()}, **(more or {})})


NEW_TIER = Record(fields={**_TIER_NEEDS, **_TIER_MORE})
TIER_CHANGES = _changes(_TIER_NEEDS, _TIER_MORE)
NEW_PRODUCT = Record(fields={**_PRODUCT_NEEDS, **_PRODUCT_MORE})
PRODUCT_CHANGES = _changes(_PRODUCT_NEEDS, _PRODUCT_MORE)
NEW_GROUP = Record(fields={**_GROUP_NEEDS, **_GROUP_MORE})
GROUP_CHANGES = _changes(_GROUP_NEEDS, _GROUP_MORE)
NEW_BRANCH = Record(fields=_GROUP_NEEDS)
BRANCH_CHANGES = _changes(_GROUP_NEEDS)
