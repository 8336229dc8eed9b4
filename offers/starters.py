"""Ready offers that a manager starts from: each needs a choice or two, and may be changed in all the rest. Pure.

An offer here is that of the REST API. What a person must still choose (which goods, which tier, what price) is asked
for; the summary is written when that is known, with the club's own names and unit of money.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.language import listed
from offers.cost import in_prose
from offers.words import Names

Kind = Literal["goods", "product", "tier", "money", "coupon", "activity"]


@dataclass(frozen=True)
class Ask:
    """A choice that is still open: where it goes in the offer, and of what kind it is."""

    path: str
    kind: Kind
    label: Promise


@dataclass(frozen=True)
class Starter:
    """A ready offer. `summary` names what it says by the paths of `says`."""

    code: str
    name: Promise
    summary: Promise
    offer: Mapping[str, Any]
    asks: tuple[Ask, ...] = ()
    says: tuple[tuple[str, str, Kind], ...] = ()


def started(starter: Starter, answers: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The offer with the answers in their places (by path), named and summed up in the language of now.

    Raises KeyError for an ask without its answer.
    """
    offer = deepcopy(dict(starter.offer))
    for ask in starter.asks:
        *way, last = _steps(ask.path)
        _at(offer, way)[last] = answers[ask.path]
    words = {name: _word(_at(offer, _steps(path)), kind, names) for name, path, kind in starter.says}
    return {"name": str(starter.name), "summary": str(starter.summary) % words, **offer}


def _word(value: Any, kind: Kind, names: Names) -> str:
    if kind == "money":
        return in_prose(value, names.unit)
    if kind == "tier":
        return names.tiers.get(value, value)
    codes = value if isinstance(value, list) else [value]
    return listed(names.goods.get(code, code) for code in codes)


def _steps(path: str) -> list[str | int]:
    """`when.all[2].value` step by step."""
    return [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]


def _at(offer: Any, way: list[str | int]) -> Any:
    for step in way:
        offer = offer[step]
    return offer


def _fact(fact: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, "value": value, **more}


GOODS, PRODUCT, TIER = _("کدام کالاها؟"), _("کدام کالا؟"), _("از کدام سطح؟")
_OF = Ask("benefit.of", "goods", GOODS)

STARTERS: tuple[Starter, ...] = (
    Starter(
        "tuesday",
        _("سه‌شنبه‌های پراعتبار"),
        _("سه‌شنبه‌ها با خرید بالای %(amount)s، ۱۰٪ آن اعتبار می‌شود؛ برای سطح %(tier)s و بالاتر."),
        {
            "goal": "grow",
            "trigger": "purchase",
            "when": {
                "all": [
                    _fact("weekday", "eq", 3),
                    _fact("amount", "gt", 1_500_000),
                    _fact("tier", "gte", None),
                ]
            },
            "benefit": {"kind": "credit_percent", "percent": 10, "max": 500_000},
        },
        (Ask("when.all[2].value", "tier", TIER),),
        (("amount", "when.all[1].value", "money"), ("tier", "when.all[2].value", "tier")),
    ),
    Starter(
        "welcome",
        _("خوش‌آمد"),
        _("نخستین خریدت ۱۵٪ تخفیف دارد."),
        {
            "goal": "acquire",
            "trigger": "purchase",
            "when": _fact("is_first_purchase", "eq", True),
            "benefit": {"kind": "discount_percent", "percent": 15},
        },
    ),
    Starter(
        "regulars",
        _("مشتری همیشگی"),
        _("پس از ده مراجعه، ۵٪ هر خریدت اعتبار می‌شود."),
        {
            "goal": "retain",
            "trigger": "purchase",
            "when": _fact("visit_number", "gt", 10),
            "benefit": {"kind": "credit_percent", "percent": 5},
        },
    ),
    Starter(
        "large_basket",
        _("خرید بزرگ"),
        _("خرید بالای %(amount)s ۱۰٪ تخفیف دارد."),
        {
            "goal": "grow",
            "trigger": "purchase",
            "when": _fact("amount", "gt", 5_000_000),
            "benefit": {"kind": "discount_percent", "percent": 10},
        },
        says=(("amount", "when.value", "money"),),
    ),
    Starter(
        "birthday",
        _("هدیهٔ تولد"),
        _("روز تولدت ۲۰٪ خریدت اعتبار می‌شود."),
        {
            "goal": "thank",
            "trigger": "purchase",
            "when": _fact("days_from_birthday", "eq", 0),
            "benefit": {"kind": "credit_percent", "percent": 20},
        },
    ),
    Starter(
        "tier",
        _("ویژهٔ سطح"),
        _("۱۵٪ خرید عضو سطح %(tier)s و بالاتر اعتبار می‌شود."),
        {
            "goal": "retain",
            "trigger": "purchase",
            "when": _fact("tier", "gte", None),
            "benefit": {"kind": "credit_percent", "percent": 15},
        },
        (Ask("when.value", "tier", TIER),),
        (("tier", "when.value", "tier"),),
    ),
    Starter(
        "group",
        _("کالاهای برگزیده"),
        _("۷٪ تخفیف روی %(goods)s."),
        {
            "goal": "grow",
            "trigger": "purchase",
            "benefit": {"kind": "discount_percent", "percent": 7, "of": None},
        },
        (_OF,),
        (("goods", "benefit.of", "goods"),),
    ),
    Starter(
        "stamps",
        _("کارت مهر"),
        _("در هر دهمین مراجعه، یک %(product)s مهمان ما هستی."),
        {
            "goal": "retain",
            "trigger": "purchase",
            "when": _fact("visit_number", "every", 10),
            "benefit": {"kind": "free_item", "product": None, "quantity": 1},
            "stacking": "always",
        },
        (Ask("benefit.product", "product", PRODUCT),),
        (("product", "benefit.product", "product"),),
    ),
    Starter(
        "happy_hour",
        _("ساعت خوش"),
        _("از ۱۶ تا ۲۰ امتیاز هر خریدت دو برابر است."),
        {
            "goal": "grow",
            "trigger": "purchase",
            "when": _fact("time", "between", ["16:00", "20:00"]),
            "benefit": {"kind": "points_factor", "factor": 2},
            "stacking": "always",
        },
    ),
    Starter(
        "win_back",
        _("دلمان تنگ شده"),
        _("اگر ۶۰ روز است نیامده‌ای، ۲۰٪ خرید بعدی‌ات تا %(most)s اعتبار می‌شود."),
        {
            "goal": "reactivate",
            "trigger": "purchase",
            "when": _fact("days_since_last_purchase", "gte", 60),
            "benefit": {"kind": "credit_percent", "percent": 20, "max": 500_000},
        },
        says=(("most", "benefit.max", "money"),),
    ),
    Starter(
        "combo",
        _("دوتایی"),
        _("هر دو تا از %(goods)s با هم %(price)s."),
        {
            "goal": "grow",
            "trigger": "purchase",
            "benefit": {"kind": "fixed_price", "quantity": 2, "amount": None, "of": None},
        },
        (_OF, Ask("benefit.amount", "money", _("دو تا با هم چند؟"))),
        (("goods", "benefit.of", "goods"), ("price", "benefit.amount", "money")),
    ),
    Starter(
        "third_free",
        _("سومی مهمان ما"),
        _("از %(goods)s دو تا بخر، سومی رایگان است."),
        {
            "goal": "grow",
            "trigger": "purchase",
            "benefit": {"kind": "buy_x_get_y", "buy": 2, "get": 1, "of": None},
        },
        (_OF,),
        (("goods", "benefit.of", "goods"),),
    ),
    Starter(
        "birthday_code",
        _("کد تولد"),
        _("یک هفته پیش از تولدت کدی می‌گیری که تا یک هفته پس از آن کار می‌کند."),
        {
            "goal": "thank",
            "trigger": "birthday",
            "when": _fact("days_from_birthday", "between", [-7, 0]),
            "benefit": {"kind": "coupon", "offer": None, "valid_days": 14},
            "stacking": "always",
        },
        (Ask("benefit.offer", "coupon", _("کد کدام پیشنهاد؟")),),
    ),
    Starter(
        "named_day",
        _("شب یلدا و نوروز"),
        _("شب یلدا و روز نوروز ۱۵٪ خریدت اعتبار می‌شود."),
        {
            "goal": "thank",
            "trigger": "purchase",
            "when": _fact("named_day", "in", ["yalda", "nowruz"]),
            "benefit": {"kind": "credit_percent", "percent": 15},
        },
    ),
    Starter(
        "welcome_gift",
        _("هدیهٔ عضویت"),
        _("با عضو شدن ۵۰ امتیاز می‌گیری."),
        {
            "goal": "acquire",
            "trigger": "enrolment",
            "benefit": {"kind": "points_amount", "points": 50},
        },
    ),
    Starter(
        "miss_you",
        _("جایت خالی است"),
        _("۴۵ روز است نیامده‌ای؛ %(amount)s اعتبار هدیه گرفتی."),
        {
            "goal": "reactivate",
            "trigger": "lapsed",
            "when": _fact("days_since_last_purchase", "between", [45, 60]),
            "benefit": {"kind": "credit_amount", "amount": 500_000},
        },
        says=(("amount", "benefit.amount", "money"),),
    ),
    Starter(
        "activity",
        _("پاداش فعالیت"),
        _("با این کار ۲۰ امتیاز می‌گیری؛ روزی یک بار."),
        {
            "goal": "grow",
            "trigger": None,
            "benefit": {"kind": "points_amount", "points": 20},
            "limits": {"per_member_per_day": 1},
        },
        (Ask("trigger", "activity", _("کدام فعالیت؟")),),
    ),
)
BY_CODE = {starter.code: starter for starter in STARTERS}
