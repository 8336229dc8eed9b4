"""What a back-test costs: one offer over 100,000 recorded purchases, beside plain SQL and beside the engine alone.

A club of 5,000 members and 100,000 purchases of 90 days (`--purchases`), a third of which another offer had been given
in, is made by SQL in a database of its own. `seconds`: by kind of offer; `sql_ratio`: to one aggregate over the same
purchases; `plain_ratio`: what a straightforward replay of 2,000 of them would take for all, to that; `sample_ms`: what
the builder shows first. `--json` for a machine. See docs/benchmarks.md.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.stage import database

CLUB = "benchmark"
DAYS = 90
PLAIN = 2_000
TRIED: dict[str, dict[str, Any]] = {
    "of every purchase": {"benefit": {"kind": "discount_percent", "percent": 5}},
    "credit of every purchase": {"benefit": {"kind": "credit_percent", "percent": 5, "max": 100_000}},
    "as in the builder": {
        "benefit": {"kind": "credit_percent", "percent": 10, "max": 500_000},
        "when": {
            "all": [
                {"fact": "weekday", "op": "eq", "value": 3},
                {"fact": "amount", "op": "gt", "value": 1_500_000},
                {"fact": "tier", "op": "gte", "value": "silver"},
            ]
        },
        "limits": {"budget": 120_000_000},
    },
    "by groups": {"benefit": {"kind": "discount_percent", "percent": 15, "of": "g1", "applies_to": "matching_lines"}},
    "by own figures": {
        "benefit": {"kind": "points_factor", "factor": 2},
        "when": {"fact": "amount", "op": "gte", "value": {"own": "mean_basket", "percent": 150}},
        "limits": {"per_member_per_month": 2},
    },
    "on top of others": {"benefit": {"kind": "credit_percent", "percent": 2}, "stacking": "always"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--purchases", type=int, default=100_000)
    options = parser.parse_args()
    with database() as environment:
        os.environ.update(environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        found = measured(options.purchases)
    if options.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        print(f"{name:28} {figures}")


def measured(purchases: int) -> dict[str, dict[str, float]]:
    from django.utils import timezone

    from core.jalali import local_date
    from core.services import create_club
    from core.tenancy.scope import club_scope
    from reports.ranges import Span

    club, now = create_club(slug=CLUB, name="سنجش"), timezone.now()
    today = local_date(now)
    span = Span(today - timedelta(days=DAYS - 1), today)
    with club_scope(club):
        live = settled()
        fill(club.pk, purchases, now, live)
        plain_sql = min(timed(lambda: aggregate(span)) for _each in range(3))
        return {name: figures_of(said, span, now, plain_sql) for name, said in TRIED.items()}


def figures_of(said: dict[str, Any], span: Any, now: datetime, plain_sql: float) -> dict[str, float]:
    from offers.parsing import parse
    from reports.back_test.running import Replay, as_tested
    from reports.back_test.steps import first_look

    terms = parse({"name": "سنجش", "trigger": "purchase", **said})
    results: list[Any] = []

    def whole() -> None:
        replay = Replay(as_tested(terms, None), span, now=now)
        replay.go_on()
        results.append(replay.found())

    seconds = min(timed(whole) for _each in range(3))
    sample = min(timed(lambda: first_look(terms, None, span, now=now)) for _each in range(3))
    plain = timed(lambda: by_the_engine(terms, span)) * results[0].looked_at / PLAIN
    return {
        "seconds": round(seconds, 2),
        "purchases": results[0].purchases,
        "sql_ratio": round(seconds / plain_sql, 1),
        "plain_ratio": round(plain / seconds, 1),
        "sample_ms": round(sample * 1000),
    }


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def settled() -> int:
    """Tiers, a programme, and the offer that had been live."""
    from club.awards.naming import known_codes
    from club.catalogue.models import Group
    from club.programme.services import change_programme
    from club.tiers.models import Tier
    from offers.services import create_offer, move_offer

    long_ago = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    change_programme({"credit_bp": 100, "rial_per_point": 100_000}, effective_from=long_ago, actor="user:1")
    for rank, code in enumerate(("bronze", "silver", "gold")):
        Tier.objects.create(code=code, name=code, rank=rank, threshold=rank * 10_000_000, points_factor_bp=10_000)
    for number in range(5):
        Group.objects.create(code=f"g{number}", name=f"g{number}")
    said = {"name": "live", "trigger": "purchase", "benefit": {"kind": "credit_percent", "percent": 3}}
    offer = create_offer(said, known=known_codes(), actor="user:1")
    return move_offer(offer.pk, "publish", actor="user:1", now=long_ago).pk


def fill(club: int, purchases: int, now: datetime, live: int) -> None:
    from django.db import connection, transaction

    with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        sent = {"club": club, "count": purchases, "now": now, "days": DAYS, "offer": live, "members": purchases // 20}
        for statement in (MEMBERS, PURCHASES, LINES):
            cursor.execute(statement, sent)
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def aggregate(span: Any) -> None:
    from django.db import connection

    from reports.back_test.reading import bounds

    with connection.cursor() as cursor:
        cursor.execute(AGGREGATE, bounds(span))
        cursor.fetchall()


def by_the_engine(terms: Any, span: Any) -> None:
    """A straightforward replay of some: the whole engine with the offer beside those of then, row by row."""
    from club.awards.valuing import valuation
    from club.programme.selectors import programme_at
    from club.purchases.models import Purchase
    from club.purchases.replaying import Reckoner, known_then
    from club.purchases.retelling import live_then, situation_then
    from club.tiers.ladder import step_of
    from club.tiers.selectors import ladder
    from core.tenancy.scope import club_zone
    from offers.compile import Index
    from offers.engine import choose
    from reports.back_test.running import as_tested

    start, _end = span.bounds(club_zone())
    index = Index([as_tested(terms, None)])
    rows = Purchase.objects.filter(occurred_at__gte=start).select_related("branch").prefetch_related("lines")
    for row in rows.order_by("occurred_at", "id")[:PLAIN]:
        lines = list(row.lines.all())
        here, programme = situation_then(row, lines), programme_at(row.occurred_at)
        matching = live_then(row).index.matching("purchase", here) + index.matching("purchase", here)
        tier = step_of(ladder(None, row.occurred_at), row.facts["tier"])
        reckon = Reckoner(row, lines, programme, tier)
        choose(matching, here, valuation(programme, matching), reckon, known_then(row))


MEMBERS = """
INSERT INTO members_member (club_id, phone, phone_reversed, referral_code, first_name, last_name, email, gender, status,
    source, tags, custom, sms_consent, sms_consent_source,
    visits, spent_rial, tier_code, tier_floor, city, email_consent,
    enrolled_at, updated_at)
SELECT %(club)s, '0912' || lpad(n::text, 7, '0'), reverse('0912' || lpad(n::text, 7, '0')), 'r' || n, 'عضو',
    n::text, '', '', 'active', 'till', '[]', '{}', true, '', 20, 0, 'bronze', '', '', false,
    %(now)s - interval '400 days', %(now)s
FROM generate_series(1, %(members)s) n
"""
PURCHASES = """
INSERT INTO purchases_purchase (club_id, number, member_id, channel, payment_method, gross, discount, net, vat,
    paid_by_credit, paid_by_points, points_spent, point_worth, payable, points_earned, points_cut, credit_earned,
    refunded, fully_refunded, visit_number, facts, awards, considered, tier_before, tier_after, actor, imported,
    occurred_at)
SELECT %(club)s, n, m.id, 'till', '', g.gross, 0, g.gross, 0, 0, 0, 0, 1000, g.gross, 0, 0, 0, 0, false, 1 + n / 5000,
    jsonb_build_object('visit_number', 1 + n / 5000, 'is_first_purchase', n < 5000, 'tier', g.tier, 'spent', n * 100,
        'days_since_last_purchase', n %% 40, 'member_for_days', 300, 'birth_date', NULL, 'gender', '', 'source', 'till',
        'referred', false, 'tags', '[]'::jsonb, 'custom', '{}'::jsonb,
        'ranks', '{"bronze": 0, "silver": 1, "gold": 2}'::jsonb),
    CASE WHEN n %% 3 = 0 THEN jsonb_build_array(jsonb_build_object('offer', %(offer)s, 'worth', g.gross * 3 / 100))
        ELSE '[]' END,
    CASE WHEN n %% 3 = 0 THEN jsonb_build_array(jsonb_build_object('offer', %(offer)s, 'version', 1,
        'outcome', 'applied', 'worth', g.gross * 3 / 100)) ELSE '[]' END,
    g.tier, g.tier, 'user:1', false,
    %(now)s - interval '1 day' * %(days)s + n * (interval '1 day' * %(days)s / %(count)s)
FROM generate_series(1, %(count)s) n
CROSS JOIN LATERAL (SELECT (ARRAY['bronze', 'bronze', 'silver', 'gold'])[1 + n %% 4] AS tier,
    (30 + (n * 7919::bigint) %% 400) * 10000 AS gross) g
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM members_member WHERE club_id = %(club)s) m
    ON m.place = 1 + (n * 31::bigint) %% %(members)s
"""
LINES = """
INSERT INTO purchases_purchaseline (club_id, purchase_id, index, product_code, name, group_codes, quantity, unit_price,
    vat_bp, gross, discount, net, points_earned, credit_earned, refunded_quantity, refunded_net)
SELECT %(club)s, p.id, part - 1, 'p' || (p.id + part) %% 200, 'کالا', jsonb_build_array('g' || (p.id + part) %% 5), 1,
    half, 0, half, 0, half, 0, 0, 0, 0
FROM purchases_purchase p, generate_series(1, 2) part, LATERAL (SELECT p.gross / 2 AS half) h WHERE p.club_id = %(club)s
"""
AGGREGATE = """
SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, count(*), count(DISTINCT member_id), sum(net)
FROM purchases_purchase WHERE club_id = %(club)s AND occurred_at >= %(start)s AND occurred_at < %(end)s
AND member_id IS NOT NULL AND NOT fully_refunded GROUP BY day
"""

if __name__ == "__main__":
    main()
