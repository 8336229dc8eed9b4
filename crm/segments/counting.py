"""The rules of a segment as one SELECT of the members who fit, equal to what the engine would judge of each.

What SQL reckons otherwise than Python (Jalali ages and birthdays, ranks of tiers) is worked out here for every value
that there is, and asked as a list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from club.members.segments import Wanted
from club.purchases.figures import FEWEST
from core.jalali import from_jalali, is_leap, local_date, to_jalali
from offers.judging import holds
from offers.rules import AllOf, AnyOf, Condition, Group, Not, Of, Own, conditions
from offers.situation import ESFAND, LEAP_DAY, Person, Situation
from offers.vocabulary import CUSTOM, DAYS_FROM

OLDEST = 200
COMPARE = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
NEGATIVE = ("ne", "not_in")
WITHIN = ("lte", "lt", "eq", "between")
EVERYBODY = 2**63 - 1
SAMPLED = "mod(hashint8(id)::bigint & 2147483647, <many>)"
"""By a hash, as ids given in turn may go with what is asked."""
LIFETIMES = range(1260, 1480)
"""The Jalali years that a day of a member's own may lie in."""
PLAIN = {
    "gender": "nullif(m.gender, '')",
    "source": "nullif(m.source, '')",
    "referred": "((m.referred_by_id IS NOT NULL OR m.agent_code_id IS NOT NULL) AND NOT m.referral_held)",
    "rfm_class": "s.rfm_class",
}


@dataclass(frozen=True)
class View:
    """As of when, in which zone, and the ranks of the club's tiers; `sample`: one of so many members is looked at."""

    at: datetime
    zone: str
    ranks: Mapping[str, int] = field(default_factory=dict)
    low: int = 0
    high: int = EVERYBODY
    sample: int = 1

    @property
    def today(self) -> date:
        return local_date(self.at, self.zone)


def fitting(rules: Group, view: View) -> Wanted:
    """Who fits the rules, of the members of the view's range."""
    writer = _Writer(view)
    predicate = writer.group(rules)
    return Wanted(writer.select(predicate, rules), writer.sent, view.low, view.high)


@dataclass
class _Writer:
    """Collects the parameters and the parts that a predicate needs."""

    view: View
    sent: dict[str, Any] = field(default_factory=dict)
    goods: dict[tuple[Of | None, int | None], str] = field(default_factory=dict)

    def group(self, group: Group) -> str:
        """A predicate that is never NULL."""
        match group:
            case Condition():
                return self.condition(group)
            case AllOf(parts):
                return _joined(" AND ", [self.group(part) for part in parts], "true")
            case AnyOf(parts):
                return _joined(" OR ", [self.group(part) for part in parts], "false")
            case Not(part):
                return f"NOT {self.group(part)}"

    def condition(self, condition: Condition) -> str:
        fact = condition.fact
        if fact.startswith(CUSTOM):
            return self._custom(condition)
        if fact.startswith(DAYS_FROM):
            return self._days_from(condition)
        match fact:
            case "tier":
                return self._tier(condition)
            case "days_from_birthday":
                return self._birthday(condition)
            case "tag":
                return self._tag(condition)
        return self._compared(self._column(condition), condition)

    def _column(self, condition: Condition) -> str:
        fact, of = condition.fact, condition.of
        if fact in PLAIN:
            return PLAIN[fact]
        match fact:
            case "days_since_last_purchase":
                return self._days_since("m.last_purchase_at")
            case "member_for_days":
                return self._days_since("m.enrolled_at")
            case "spent_in_days" | "visits_in_days":
                return f"coalesce(f.{fact.removesuffix('_in_days')}_{of}, 0)"
            case "age":
                return self._age()
            case "days_since_bought":
                name = self._goods(condition)
                return f"({self.put(self.view.today)}::date - {name}.day)"
        raise ValueError(f"no column for {fact}")

    def put(self, value: Any) -> str:
        """The value as a parameter."""
        name = f"r{len(self.sent)}"
        self.sent[name] = value
        return f"%({name})s"

    def _days_since(self, column: str) -> str:
        zone, today = self.put(self.view.zone), self.put(self.view.today)
        return f"({today}::date - ({column} AT TIME ZONE {zone})::date)"

    def _compared(self, column: str, condition: Condition) -> str:
        """The column against the value; without either only `ne` and `not_in` hold."""
        op, value = condition.op, condition.value
        if isinstance(value, Own):
            due = f"((f.{value.figure}::bigint * {self.put(value.percent_bp)} + 9999) / 10000)"
            asked = f"{column} <> {due}" if op == "ne" else f"{column} {COMPARE[op]} {due}"
            return f"coalesce({asked}, {_truth(is_so=op in NEGATIVE)})"
        if op in ("in", "not_in"):
            several = list(value) if isinstance(value, tuple) else [value]
            among = f"{column} = ANY({self.put(several)})"
            asked = f"NOT ({among})" if op == "not_in" else among
        elif op == "between" and isinstance(value, tuple):
            asked = f"{column} BETWEEN {self.put(value[0])} AND {self.put(value[1])}"
        elif op == "every":
            asked = f"{column} > 0 AND mod({column}, {self.put(value)}) = 0"
        elif op == "ne":
            asked = f"{column} <> {self.put(value)}"
        else:
            asked = f"{column} {COMPARE[op]} {self.put(value)}"
        return f"coalesce({asked}, {_truth(is_so=op in NEGATIVE)})"

    def _tag(self, condition: Condition) -> str:
        value = condition.value
        several = list(value) if isinstance(value, tuple) else [value]
        found = f"m.tags ?| {self.put(several)}::text[]"
        return f"(NOT {found})" if condition.op in NEGATIVE else f"({found})"

    def _tier(self, condition: Condition) -> str:
        """Every tier is judged as the engine does; one that is no more has no rank, but may be named."""
        value = condition.value
        named = value if isinstance(value, tuple) else (value,)
        known = sorted({"", *self.view.ranks, *map(str, named)})
        met = [code for code in known if self._holds(condition, Person(tier=code))]
        others = self._holds(condition, Person(tier="\x00"))
        found = f"m.tier_code = ANY({self.put(met)}::text[])"
        return f"({found} OR m.tier_code <> ALL({self.put(known)}::text[]))" if others else f"({found})"

    def _birthday(self, condition: Condition) -> str:
        """Every birthday of a leap year is judged as the engine does."""
        days = [from_jalali(_leap_year(), 1, 1) + timedelta(days=passed) for passed in range(366)]
        met = [to_jalali(day)[1:] for day in days if self._holds(condition, Person(birth_date=day))]
        months, numbers = self.put([month for month, _day in met]), self.put([day for _month, day in met])
        pairs = f"SELECT * FROM unnest({months}::smallint[], {numbers}::smallint[])"  # noqa: S608 - our own
        among = f"(m.birth_jalali_month, m.birth_jalali_day) IN ({pairs})"
        return f"coalesce({among}, {_truth(is_so=self._holds(condition, Person()))})"

    def _days_from(self, condition: Condition) -> str:
        """Every day of the lifetimes that there are is judged by its Jalali month and day, as a birthday is."""
        asked = replace(condition, fact="days_from_birthday")
        leap = _leap_year()
        days = [from_jalali(leap, 1, 1) + timedelta(days=passed) for passed in range(366)]
        met = {to_jalali(day)[1:] for day in days if self._holds(asked, Person(birth_date=day))}
        dates = [str(day) for month, number in met for day in _in_every_year(month, number)]
        text = f"nullif(m.custom->>{self.put(condition.fact.removeprefix(DAYS_FROM))}, '')"
        day = f"CASE WHEN {text} ~ '^\\d{{4}}-\\d\\d-\\d\\d' THEN left({text}, 10) END"
        found = f"({day}) = ANY({self.put(dates)}::text[])"
        return f"coalesce({found}, {_truth(is_so=self._holds(asked, Person()))})"

    def _holds(self, condition: Condition, person: Person) -> bool:
        view = self.view
        return holds(condition, Situation(at=view.at, zone=view.zone, person=person, ranks=view.ranks))

    def _age(self) -> str:
        """How many birthdays lie behind: by the first day on which somebody too young for each was born."""
        year, month, day = to_jalali(self.view.today)
        turned = [_kept_on(year - age, month, day) + timedelta(days=1) for age in range(OLDEST, 0, -1)]
        return f"({OLDEST} - width_bucket(m.birth_date, {self.put(turned)}::date[]))"

    def _custom(self, condition: Condition) -> str:
        """A field of the club's own is kept as text: what is no number or day has no place among such."""
        name = self.put(condition.fact.removeprefix(CUSTOM))
        text = f"nullif(m.custom->>{name}, '')"
        value = condition.value
        one = value[0] if isinstance(value, tuple) and value else value
        if isinstance(one, date):
            days = tuple(map(str, value)) if isinstance(value, tuple) else str(value)
            column = f"(CASE WHEN {text} ~ '^\\d{{4}}-\\d\\d-\\d\\d$' THEN {text} END COLLATE \"C\")"
            return self._compared(column, replace(condition, value=days))
        if isinstance(one, int):
            column = f"(CASE WHEN {text} ~ '^[-+]?\\d{{1,18}}$' THEN ({text})::bigint END)"
            return self._compared(column, condition)
        return self._compared(text, condition)

    def _goods(self, condition: Condition) -> str:
        """The last day on which these goods were bought; as far back as it matters."""
        of = condition.of if isinstance(condition.of, Of) else None
        most = condition.value[-1] if isinstance(condition.value, tuple) else condition.value
        within = most if condition.op in WITHIN and isinstance(most, int) else None
        return self.goods.setdefault((of, within), f"g{len(self.goods)}")

    # --- the whole ----------------------------------------------------------------------------------------------------

    def select(self, predicate: str, rules: Group) -> str:
        asked = list(conditions(rules))
        parts = [f"m AS MATERIALIZED ({self._members()})"]
        joins = ["FROM m"]
        if any(condition.fact == "rfm_class" for condition in asked):
            joins.append("LEFT JOIN members_memberscore s ON s.club_id = %(club)s AND s.member_id = m.id")
        days = sorted({condition.of for condition in asked if isinstance(condition.of, int)})
        own = any(isinstance(condition.value, Own) for condition in asked)
        if days or own:
            parts += self._figures(days, own=own)
            joins.append("LEFT JOIN f ON f.member_id = m.id")
        for (of, within), name in self.goods.items():
            parts.append(f"{name} AS MATERIALIZED ({self._bought(of, within)})")
            joins.append(f"LEFT JOIN {name} ON {name}.member_id = m.id")
        return f"WITH {', '.join(parts)} SELECT m.id {' '.join(joins)} WHERE {predicate}"

    def _members(self) -> str:
        sampled = f" AND {SAMPLED} = 0".replace("<many>", self.put(self.view.sample)) if self.view.sample > 1 else ""
        self.sent |= {"club_low": self.view.low, "club_high": self.view.high}
        columns = (
            "id, tier_code, tags, custom, gender, source, referred_by_id, agent_code_id, referral_held, birth_date, "
            "birth_jalali_month, birth_jalali_day, enrolled_at, last_purchase_at"
        )
        return (
            f"SELECT {columns} FROM members_member WHERE club_id = %(club)s "  # noqa: S608 - our own
            f"AND status = 'active' AND id > %(club_low)s AND id <= %(club_high)s{sampled}"
        )

    def _purchases(self) -> str:
        at = self.put(self.view.at)
        return (
            "FROM m JOIN purchases_purchase p ON p.club_id = %(club)s AND p.member_id = m.id "
            "AND p.member_id > %(club_low)s AND p.member_id <= %(club_high)s "
            f"AND p.occurred_at <= {at} AND NOT p.fully_refunded"
        )

    def _figures(self, days: list[int], *, own: bool) -> list[str]:
        """What was bought in so many days, and the own mean basket and usual gap, as purchases have them."""
        at, zone = self.put(self.view.at), self.put(self.view.zone)
        day = f"(p.occurred_at AT TIME ZONE {zone})::date"
        gap = f", {day} - lag({day}) OVER (PARTITION BY p.member_id ORDER BY p.occurred_at, p.id) AS gap"
        since = "" if own else f" AND p.occurred_at > {at} - make_interval(days => {max(days)})"
        bought = (
            f"SELECT p.member_id, p.occurred_at, p.net - p.refunded AS net{gap if own else ''} "
            f"{self._purchases()}{since}"
        )
        columns = ["member_id"]
        for many in days:
            late = f"FILTER (WHERE occurred_at > {at} - make_interval(days => {many}))"
            columns += [f"sum(net) {late} AS spent_{many}", f"count(*) {late} AS visits_{many}"]
        if own:
            late = f"FILTER (WHERE occurred_at > {at} - interval '365 days')"
            columns.append(f"CASE WHEN count(*) {late} >= {FEWEST} THEN round(avg(net) {late}) END AS mean_basket")
            middle = "round(percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)::numeric)"
            columns.append(f"CASE WHEN count(*) >= {FEWEST} THEN {middle} END AS usual_gap")
        figures = f"SELECT {', '.join(columns)} FROM bought GROUP BY member_id"  # noqa: S608 - our own
        return [f"bought AS MATERIALIZED ({bought})", f"f AS MATERIALIZED ({figures})"]

    def _bought(self, of: Of | None, within: int | None) -> str:
        zone = self.put(self.view.zone)
        since = ""
        if within is not None:
            since = f" AND p.occurred_at > {self.put(self.view.at)} - make_interval(days => {self.put(within + 2)})"
        lines = ""
        if of is not None:
            codes = self.put(sorted(of.codes))
            found = f"(l.product_code = ANY({codes}::text[]) OR l.group_codes ?| {codes}::text[])"
            lines = (
                " JOIN purchases_purchaseline l ON l.club_id = %(club)s AND l.purchase_id = p.id "
                f"AND l.refunded_quantity < l.quantity AND {'NOT ' if of.negated else ''}{found}"
            )
        return (
            f"SELECT p.member_id, max((p.occurred_at AT TIME ZONE {zone})::date) AS day "
            f"{self._purchases()}{lines}{since} GROUP BY p.member_id"
        )


def _joined(word: str, parts: list[str], empty: str) -> str:
    return f"({word.join(parts)})" if parts else empty


def _truth(*, is_so: bool) -> str:
    return "true" if is_so else "false"


def _kept_on(year: int, month: int, day: int) -> date:
    """A Jalali day in another year; 30 Esfand is the day before in a common one."""
    return from_jalali(year, month, day - (month == ESFAND and day == LEAP_DAY and not is_leap(year)))


def _leap_year() -> int:
    return next(year for year in LIFETIMES if is_leap(year))


@lru_cache(maxsize=366)
def _in_every_year(month: int, day: int) -> list[date]:
    """The day in each year that has it."""
    years = LIFETIMES if (month, day) != (ESFAND, LEAP_DAY) else [year for year in LIFETIMES if is_leap(year)]
    return [from_jalali(year, month, day) for year in years]
