"""What an offer asks of recorded purchases, as SQL: columns for what it is judged by, and filters for the rest of it.

Of the conditions that must hold together those that the database can judge exactly become filters; what is left is
judged as at the till (`offers.judging`). The columns are `p` of `purchases_purchase` and its lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from offers.compile import codes_needed, necessary
from offers.ranges import HIGHEST, LOWEST, RANKED, Domains, Numbers, Values
from offers.rules import AllOf, Condition, Group, LiveOffer, Of, Own

LINES = "FROM purchases_purchaseline l WHERE l.club_id = p.club_id AND l.purchase_id = p.id"
LOCAL = "(p.occurred_at AT TIME ZONE %(zone)s)"
DOMAINS = Domains()

ID, MEMBER, MICROSECONDS, LOCAL_TIME, NET, GROSS, CONSIDERED, PLAIN = range(8)
"""The first columns of each row; those of the conditions come after."""
FIRST = (
    "p.id",
    "p.member_id",
    "(extract(epoch FROM p.occurred_at) * 1000000)::bigint",
    LOCAL,
    "p.net",
    "p.gross",
    "CASE WHEN p.considered <> '[]' THEN p.considered::text END",
    # Whether its lines earned and were paid for as usual.
    "NOT p.facts ?| ARRAY['rules', 'pay']",
)
SIMPLE = {
    "amount": "p.gross",
    "payment_method": "nullif(p.payment_method, '')",
    "channel": "nullif(p.channel, '')",
    "branch": "(SELECT b.code FROM catalogue_branch b WHERE b.club_id = p.club_id AND b.id = p.branch_id)",
    "line_count": f"(SELECT count(*) {LINES})",
    "distinct_products": f"(SELECT count(DISTINCT nullif(l.product_code, '')) {LINES})",
    "visit_number": "coalesce((p.facts->>'visit_number')::bigint, 1)",
    "is_first_purchase": "coalesce((p.facts->>'is_first_purchase')::boolean, false)",
    "tier": "nullif(p.facts->>'tier', '')",
    "days_since_last_purchase": "(p.facts->>'days_since_last_purchase')::bigint",
    "member_for_days": "(p.facts->>'member_for_days')::bigint",
    "gender": "nullif(p.facts->>'gender', '')",
    "referred": "coalesce((p.facts->>'referred')::boolean, false)",
    "source": "nullif(p.facts->>'source', '')",
}
"""The facts that are one value of the purchase, or of what was kept with it."""
OF_MOMENT = {
    "weekday": f"(extract(dow FROM {LOCAL})::int + 1) % 7".replace(" % ", " %% "),
    "date": f"({LOCAL}::date - DATE '0001-01-01') + 1",
    # Whole seconds at even numbers, what lies between them at odd ones, as in `offers.ranges`.
    "time": f"(2 * floor(extract(epoch FROM {LOCAL}::time)) + "
    f"(extract(epoch FROM {LOCAL}::time) > floor(extract(epoch FROM {LOCAL}::time)))::int)::bigint",
}
"""What the moment is filtered by, in the numbers of `offers.ranges`."""
OF_LINES = {"amount_of": "sum(l.gross)", "quantity_of": "sum(l.quantity)"}


@dataclass
class Asked:
    """The columns, filters and parameters of one reading; `rest`: conditions that are still to be judged."""

    parameters: dict[str, Any] = field(default_factory=dict)
    columns: list[str] = field(default_factory=lambda: [*FIRST])
    filters: list[str] = field(default_factory=list)
    rest: Group | None = None

    def column(self, expression: str) -> int:
        """The place of the expression in each row."""
        if expression not in self.columns:
            self.columns.append(expression)
        return self.columns.index(expression)

    def parameter(self, value: object) -> str:
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s"

    def lines(self, what: str, of: Of | None, also: str = "") -> str:
        """A sum over the lines that match, 0 where there are none."""
        if of is not None:
            also += f" AND {self.matching(of)}"
        return f"(SELECT coalesce({what}, 0) {LINES}{also})::bigint"

    def matching(self, of: Of) -> str:
        """Whether a line is one of these."""
        codes = self.parameter(sorted(of.codes))
        found = f"(l.product_code = ANY({codes}) OR l.group_codes ?| {codes})"
        return f"NOT {found}" if of.negated else found

    def filter_by(self, offer: LiveOffer) -> None:
        """Leave out what the offer surely does not match; the rest of its conditions is kept to be judged."""
        rest: list[Group] = []
        for part in necessary(offer.terms.when):
            found = self._filter(part) if isinstance(part, Condition) else None
            if found is None:
                rest.append(part)
            else:
                self.filters.append(found)
        if codes := codes_needed(offer):
            some = self.matching(Of(codes))
            self.filters.append(f"EXISTS (SELECT 1 {LINES} AND {some})")
        self.rest = AllOf(tuple(rest)) if rest else None

    def _filter(self, part: Condition) -> str | None:
        """The condition as SQL that holds exactly where it does; None where only judging tells."""
        expression = OF_MOMENT.get(part.fact) or self.fact(part.fact, part.of)
        if expression is None or isinstance(part.value, Own) or (part.fact == "tier" and part.op in RANKED):
            return None
        if part.op == "every":
            return f"({expression} > 0 AND {expression} %% {self.parameter(part.value)} = 0)"
        met = DOMAINS.met_by(part)
        return None if met is None else self._among(expression, met)

    def fact(self, fact: str, of: Of | int | None) -> str | None:
        """The value of a fact as SQL; None for those that take more than an expression."""
        if fact in OF_LINES and not isinstance(of, int):
            return self.lines(OF_LINES[fact], of)
        return SIMPLE.get(fact)

    def _among(self, expression: str, values: Values) -> str:
        ways = [f"{expression} IS NULL"] if values.absent else []
        if isinstance(values, Numbers):
            ways += [self._within(expression, low, high) for low, high in values.spans]
        elif values.some or values.but:
            words = self.parameter(sorted(values.some, key=str))
            ways.append(f"{expression} {'<> ALL' if values.but else '= ANY'}({words})" if values.some else "true")
        return f"({' OR '.join(ways)})" if ways else "false"

    def _within(self, expression: str, low: int, high: int) -> str:
        bounds: Sequence[tuple[str, int, int]] = ((">=", low, LOWEST), ("<=", high, HIGHEST))
        said = [f"{expression} {op} {self.parameter(value)}" for op, value, open_end in bounds if value != open_end]
        return f"({' AND '.join(said)})" if said else f"{expression} IS NOT NULL"
