"""An offer in plain words: its conditions, what it gives, and what was missing. Pure.

What a code means is the club's to say (`Names`); numbers, money and days are written in the language of now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.jalali import MONTHS, WEEKDAYS, format_date
from core.language import grouped, in_language, listed
from core.money import UNITS, format_money, unit_name
from core.named_days import NAMES as NAMED_DAYS
from offers.judging import Miss
from offers.rules import AllOf, AnyOf, Benefit, Condition, Group, Not, Of, Own, Terms, conditions
from offers.vocabulary import (
    DAYS_FROM,
    EVERY_FACT,
    FACTS,
    OF_FIELDS,
    SEGMENT_ENTERED,
    SEGMENT_LEFT,
    SEGMENT_TRIGGERS,
)

LABELS: dict[str, Promise] = {
    "amount": gettext_lazy("مبلغ خرید"),
    "amount_of": gettext_lazy("مبلغ خرید از"),
    "quantity_of": gettext_lazy("تعداد"),
    "line_count": gettext_lazy("تعداد ردیف‌ها"),
    "distinct_products": gettext_lazy("تعداد کالاهای گوناگون"),
    "payment_method": gettext_lazy("روش پرداخت"),
    "channel": gettext_lazy("راه خرید"),
    "branch": gettext_lazy("شعبه"),
    "weekday": gettext_lazy("روز هفته"),
    "time": gettext_lazy("ساعت"),
    "date": gettext_lazy("تاریخ"),
    "jalali_month": gettext_lazy("ماه"),
    "jalali_day": gettext_lazy("روز ماه"),
    "named_day": gettext_lazy("مناسبت تقویم"),
    "visit_number": gettext_lazy("شمارهٔ مراجعه"),
    "is_first_purchase": gettext_lazy("نخستین خرید"),
    "tier": gettext_lazy("سطح"),
    "segment": gettext_lazy("گروه مشتریان"),
    "tag": gettext_lazy("برچسب"),
    "days_from_birthday": gettext_lazy("فاصله از تولد"),
    "days_since_last_purchase": gettext_lazy("فاصله از خرید پیشین"),
    "member_for_days": gettext_lazy("مدت عضویت"),
    "spent_in_days": gettext_lazy("جمع خرید"),
    "visits_in_days": gettext_lazy("تعداد خرید"),
    "age": gettext_lazy("سن"),
    "gender": gettext_lazy("جنسیت"),
    "referred": gettext_lazy("معرفی‌شده"),
    "source": gettext_lazy("راه آشنایی"),
    "days_since_bought": gettext_lazy("فاصله از آخرین خرید"),
    "rfm_class": gettext_lazy("رفتار خرید"),
}
OPS: dict[str, Promise] = {
    "eq": gettext_lazy("%(fact)s %(value)s"),
    "ne": gettext_lazy("%(fact)s جز %(value)s"),
    "gt": gettext_lazy("%(fact)s بیش از %(value)s"),
    "gte": gettext_lazy("%(fact)s دست‌کم %(value)s"),
    "lt": gettext_lazy("%(fact)s کمتر از %(value)s"),
    "lte": gettext_lazy("%(fact)s حداکثر %(value)s"),
    "in": gettext_lazy("%(fact)s %(value)s"),
    "not_in": gettext_lazy("%(fact)s جز %(value)s"),
    "between": gettext_lazy("%(fact)s از %(low)s تا %(high)s"),
    "every": gettext_lazy("%(fact)s هر %(value)s بار"),
    "has": gettext_lazy("%(fact)s %(value)s"),
}
TIERS: dict[str, Promise] = {
    "gte": gettext_lazy("سطح %(value)s و بالاتر"),
    "gt": gettext_lazy("سطح بالاتر از %(value)s"),
    "lte": gettext_lazy("سطح %(value)s و پایین‌تر"),
    "lt": gettext_lazy("سطح پایین‌تر از %(value)s"),
}
OF_FACTS: dict[tuple[str, str], Promise] = {
    ("weekday", "eq"): gettext_lazy("%(value)s‌ها"),
    ("weekday", "in"): gettext_lazy("%(value)s"),
    ("days_from_birthday", "eq"): gettext_lazy("%(value)s"),
    ("days_from_birthday", "in"): gettext_lazy("%(value)s"),
    ("days_from_birthday", "between"): gettext_lazy("از %(low)s تا %(high)s"),
    ("named_day", "eq"): gettext_lazy("در %(value)s"),
    ("named_day", "in"): gettext_lazy("در %(value)s"),
    ("named_day", "has"): gettext_lazy("در %(value)s"),
    ("visit_number", "gt"): gettext_lazy("پس از %(value)s مراجعه"),
    ("visit_number", "every"): gettext_lazy("هر %(value)s مراجعه"),
    ("time", "between"): gettext_lazy("ساعت %(low)s تا %(high)s"),
    ("days_since_last_purchase", "gte"): gettext_lazy("%(value)s پس از خرید پیشین"),
}
"""Where a fact and an operator are said otherwise than the fact and the operator."""
CHANNELS: dict[str, Promise] = {
    "till": gettext_lazy("صندوق"),
    "online": gettext_lazy("اینترنتی"),
    "phone": gettext_lazy("تلفنی"),
}
GENDERS: dict[str, Promise] = {"female": gettext_lazy("زن"), "male": gettext_lazy("مرد")}
OWN: dict[str, Promise] = {
    "mean_basket": gettext_lazy("%(percent)s٪ میانگین خریدهای خود عضو"),
    "usual_gap": gettext_lazy("%(percent)s٪ فاصلهٔ همیشگی خود عضو"),
}


@dataclass(frozen=True)
class Names:
    """What the club calls its tiers, goods, branches, fields, offers, events, segments, scores; `unit`: of money."""

    unit: str = "toman"
    tiers: Mapping[str, str] = field(default_factory=dict)
    goods: Mapping[str, str] = field(default_factory=dict)
    branches: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    offers: Mapping[int, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, str | Promise] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """Offers in the words of one club."""

    names: Names

    def offer(self, terms: Terms) -> str:
        """The whole offer in one sentence."""
        when = listed(filter(None, [_occasion(terms, self.names), self.group(terms.when)]))
        gives = self.benefit(terms.benefit)
        return _("%(when)s: %(gives)s.") % {"when": when, "gives": gives} if when else f"{gives}."

    def group(self, group: Group) -> str:
        """The conditions; empty where nothing is asked."""
        match group:
            case Condition():
                return self.condition(group)
            case AllOf(parts):
                return listed(words for part in parts if (words := self._within(part)))
            case AnyOf(parts):
                return _(" یا ").join(self._within(part) for part in parts)
            case Not(part):
                return _("نه (%(group)s)") % {"group": self.group(part)}

    def _within(self, part: Group) -> str:
        """A part of a group; one of several parts itself is set apart."""
        words = self.group(part)
        return f"({words})" if isinstance(part, AnyOf | AllOf) and len(part.parts) > 1 else words

    def condition(self, condition: Condition) -> str:
        fact, op, value = condition.fact, condition.op, condition.value
        if isinstance(value, bool):
            label = str(LABELS[fact])
            return label if value is (op == "eq") else _("نه %(fact)s") % {"fact": label}
        pattern = TIERS[op] if fact == "tier" and op in TIERS else OF_FACTS.get((_said_like(fact), op), OPS[op])
        said: dict[str, Any] = {"fact": self._fact(condition)}
        if op == "between" and isinstance(value, tuple):
            said |= {"low": self.value(fact, value[0]), "high": self.value(fact, value[1])}
        elif isinstance(value, tuple):
            said["value"] = _(" یا ").join(self.value(fact, one) for one in value)
        else:
            said["value"] = in_language(str(value)) if op == "every" else self.value(fact, value)
        return str(pattern) % said

    def _fact(self, condition: Condition) -> str:
        fact, of = condition.fact, condition.of
        if fact.startswith(OF_FIELDS):
            label = self.field(fact)
            return _("فاصله از %(field)s") % {"field": label} if fact.startswith(DAYS_FROM) else label
        label = str(LABELS[fact])
        if isinstance(of, int):
            said = ngettext("%(fact)s در %(days)s روز گذشته", "%(fact)s در %(days)s روز گذشته", of)
            return said % {"fact": label, "days": grouped(of)}
        return f"{label} {self.of(of)}" if of else label

    def field(self, fact: str) -> str:
        """What the club calls its field."""
        code = fact.partition(".")[2]
        return self.names.fields.get(code, code)

    def of(self, of: Of) -> str:
        """The goods meant."""
        names = listed(sorted(self.names.goods.get(code, code) for code in of.codes))
        return _("هر چه جز %(names)s") % {"names": names} if of.negated else names

    def value(self, fact: str, value: Any) -> str:
        """A value as people say it, by the kind of its fact."""
        if isinstance(value, Own):
            return str(OWN[value.figure]) % {"percent": _percent(value.percent_bp)}
        if fact.startswith(DAYS_FROM):
            return _from_a_day(self.field(fact), value)
        known = EVERY_FACT.get(fact)
        say = SAYERS.get(known.kind) if known else None
        if say:
            return say(self, value)
        named = self._named(fact)
        if isinstance(value, date):
            return format_date(value)
        return grouped(value) if isinstance(value, int) else str(named.get(value, value))

    def _named(self, fact: str) -> Mapping[str, Any]:
        """What the codes of the fact are called."""
        names: dict[str, Mapping[str, Any]] = {
            "tier": self.names.tiers,
            "segment": self.names.segments,
            "branch": self.names.branches,
            "channel": CHANNELS,
            "named_day": NAMED_DAYS,
            "rfm_class": self.names.scores,
            "gender": GENDERS,
        }
        return names.get(fact, {})

    def money(self, rial: int) -> str:
        return f"{format_money(rial, self.names.unit)} {unit_name(self.names.unit)}"

    def missing(self, miss: Miss) -> str:
        """How much more is enough, or else what is asked."""
        if miss.missing is None:
            return self.condition(miss.condition)
        kind = FACTS[miss.condition.fact].kind
        if kind == "money":
            step = UNITS[self.names.unit].rial  # nobody adds a part of the unit that is read
            return _("%(more)s دیگر") % {"more": self.money(-(-miss.missing // step) * step)}
        if kind == "days":
            return ngettext("%(more)s روز دیگر", "%(more)s روز دیگر", miss.missing) % {"more": grouped(miss.missing)}
        if miss.condition.fact in ("visit_number", "visits_in_days"):
            return ngettext("%(more)s خرید دیگر", "%(more)s خرید دیگر", miss.missing) % {"more": grouped(miss.missing)}
        return _("%(more)s تای دیگر") % {"more": grouped(miss.missing)}

    def benefit(self, benefit: Benefit) -> str:
        """What is given, of what, and how often."""
        parts = [GIVES[benefit.kind](self, benefit)]
        if benefit.most:
            parts.append(_("تا سقف %(most)s") % {"most": self.money(benefit.most)})
        if benefit.per_amount:
            parts.append(_("به ازای هر %(amount)s") % {"amount": self.money(benefit.per_amount)})
        if benefit.per_quantity:
            parts.append(_("به ازای هر %(count)s عدد") % {"count": grouped(benefit.per_quantity)})
        if benefit.of:
            parts.append(_("روی %(goods)s") % {"goods": self.of(benefit.of)})
        if benefit.applies_to == "cheapest_matching":
            parts.append(_("برای ارزان‌ترین یک عدد"))
        if benefit.applies_to == "dearest_matching":
            parts.append(_("برای گران‌ترین یک عدد"))
        if benefit.repeat:
            said = ngettext("حداکثر %(times)s بار در هر خرید", "حداکثر %(times)s بار در هر خرید", benefit.repeat)
            parts.append(said % {"times": grouped(benefit.repeat)})
        return " ".join(parts)


def _percent(bp: int | None) -> str:
    """Basis points as people write percents: 750 is ۷٫۵."""
    return in_language(f"{(bp or 0) / 100:g}".replace(".", "٫"))


def _clock(words: Words, seconds: int) -> str:
    return in_language(f"{seconds // 3_600:02}:{seconds % 3_600 // 60:02}")


def _birthday(words: Words, days: int) -> str:
    if not days:
        return _("روز تولد")
    if days > 0:
        said = ngettext("%(days)s روز پس از تولد", "%(days)s روز پس از تولد", days)
    else:
        said = ngettext("%(days)s روز پیش از تولد", "%(days)s روز پیش از تولد", -days)
    return said % {"days": grouped(abs(days))}


def _from_a_day(label: str, days: int) -> str:
    """So many days from a day of the member's own."""
    if not days:
        return _("روز %(field)s") % {"field": label}
    if days > 0:
        said = ngettext("%(days)s روز پس از %(field)s", "%(days)s روز پس از %(field)s", days)
    else:
        said = ngettext("%(days)s روز پیش از %(field)s", "%(days)s روز پیش از %(field)s", -days)
    return said % {"days": grouped(abs(days)), "field": label}


def _said_like(fact: str) -> str:
    return "days_from_birthday" if fact.startswith(DAYS_FROM) else fact


SAYERS: dict[str, Callable[[Words, Any], str]] = {
    "money": lambda words, value: words.money(value),
    "days": lambda words, value: ngettext("%(days)s روز", "%(days)s روز", value) % {"days": grouped(value)},
    "birthday": _birthday,
    "weekday": lambda words, value: str(WEEKDAYS[value]),
    "month": lambda words, value: str(MONTHS[value - 1]),
    "time": _clock,
}
GIVES: dict[str, Callable[[Words, Benefit], str]] = {
    "discount_percent": lambda words, one: _("%(percent)s٪ تخفیف") % {"percent": _percent(one.percent_bp)},
    "discount_amount": lambda words, one: _("%(amount)s تخفیف") % {"amount": words.money(one.amount or 0)},
    "fixed_price": lambda words, one: (
        _("هر %(count)s عدد با هم %(amount)s")
        % {"count": grouped(one.quantity or 1), "amount": words.money(one.amount or 0)}
    ),
    "buy_x_get_y": lambda words, one: _bought_and_got(one),
    "credit_percent": lambda words, one: (
        (_("%(percent)s٪ اعتبار پایهٔ بیشتر") if one.of_credit == "base_credit" else _("%(percent)s٪ اعتبار برگشتی"))
        % {"percent": _percent(one.percent_bp)}
    ),
    "credit_amount": lambda words, one: _("%(amount)s اعتبار") % {"amount": words.money(one.amount or 0)},
    "points_factor": lambda words, one: (
        _("امتیاز %(factor)s برابر") % {"factor": in_language(f"{(one.factor_bp or 0) / 10_000:g}".replace(".", "٫"))}
    ),
    "points_amount": lambda words, one: (
        ngettext("%(points)s امتیاز", "%(points)s امتیاز", one.points or 0) % {"points": grouped(one.points or 0)}
    ),
    "free_item": lambda words, one: (
        _("%(count)s %(item)s رایگان")
        % {"count": grouped(one.quantity or 1), "item": words.names.goods.get(one.product or "", one.product)}
    ),
    "free_delivery": lambda words, one: _("ارسال رایگان"),
    "coupon": lambda words, one: _coupon(words, one),
    "chances": lambda words, one: (
        ngettext("%(count)s شانس قرعه‌کشی", "%(count)s شانس قرعه‌کشی", one.count or 1)
        % {"count": grouped(one.count or 1)}
    ),
    "tier": lambda words, one: _tier(words, one),
}


def _coupon(words: Words, benefit: Benefit) -> str:
    days = benefit.valid_days or 0
    said = ngettext("کوپن «%(offer)s» تا %(days)s روز", "کوپن «%(offer)s» تا %(days)s روز", days)
    return said % {"offer": words.names.offers.get(benefit.offer or 0, ""), "days": grouped(days)}


def _tier(words: Words, benefit: Benefit) -> str:
    days = benefit.days or 0
    said = ngettext("سطح %(tier)s تا %(days)s روز", "سطح %(tier)s تا %(days)s روز", days)
    return said % {"tier": words.names.tiers.get(benefit.tier or "", benefit.tier), "days": grouped(days)}


def _bought_and_got(benefit: Benefit) -> str:
    said = {"buy": grouped(benefit.buy or 1), "get": grouped(benefit.get or 1), "percent": _percent(benefit.percent_bp)}
    if benefit.percent_bp in (None, 10_000):
        return _("%(buy)s تا بخر، %(get)s تا رایگان ببر") % said
    return _("%(buy)s تا بخر، %(get)s تا با %(percent)s٪ تخفیف ببر") % said


def _occasion(terms: Terms, names: Names) -> str:
    """What it answers to; empty where the conditions say it, or it is a purchase as usual."""
    if terms.event and terms.trigger not in SEGMENT_TRIGGERS:
        return _("با فعالیت %(type)s") % {"type": names.events.get(terms.event, terms.event)}
    said = SAID_BY.get(terms.trigger)
    if said and any(condition.fact == said for condition in conditions(terms.when)):
        return ""
    return str(OCCASIONS.get(terms.trigger, ""))


SAID_BY = {"birthday": "days_from_birthday", "lapsed": "days_since_last_purchase"}
OCCASIONS: dict[str, Promise] = {
    "enrolment": gettext_lazy("با عضو شدن"),
    "birthday": gettext_lazy("روز تولد"),
    "anniversary": gettext_lazy("در سالگرد عضویت"),
    "referral_converted": gettext_lazy("با نخستین خرید دوست معرفی‌شده"),
    "lead_converted": gettext_lazy("با مشتری شدن سرنخ"),
    "survey_answered": gettext_lazy("با پاسخ به نظرسنجی"),
    "ticket_closed": gettext_lazy("با بسته شدن تیکت"),
    "tier_reached": gettext_lazy("با رسیدن به سطح"),
    "lapsed": gettext_lazy("با نیامدن"),
    SEGMENT_ENTERED: gettext_lazy("با آمدن به گروه"),
    SEGMENT_LEFT: gettext_lazy("با رفتن از گروه"),
}
