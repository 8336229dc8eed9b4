"""The club of `batch.py` in SQL, and what its jobs are held against: each as one plain statement."""

MEMBERS = """
INSERT INTO members_member (club_id, phone, phone_reversed, referral_code, first_name, last_name, email, gender, status,
    source, tags, custom, sms_consent, sms_consent_source, birth_date, birth_jalali_month, birth_jalali_day,
    visits, spent_rial, first_purchase_at, last_purchase_at, tier_code, tier_floor, city, email_consent,
    enrolled_at, updated_at)
SELECT %(club)s, '0912' || lpad(n::text, 7, '0'), reverse('0912' || lpad(n::text, 7, '0')), 'r' || n, 'عضو',
    n::text, '', '', 'active', 'till', '[]', '{}', true, '',
    (%(born)s::date[])[1 + n %% 365], (%(months)s::int[])[1 + n %% 365], (%(days)s::int[])[1 + n %% 365],
    %(each)s, 10000000, %(now)s - interval '1 day' * (n %% 61 + (%(each)s - 1) * (5 + n %% 20)),
    %(now)s - interval '1 day' * (n %% 61), '', '', '', false, %(now)s - interval '1 day' * (300 + n %% 900),
    %(now)s
FROM generate_series(1, %(members)s) n
"""
WALLETS = """
INSERT INTO ledger_wallet (club_id, member_id, unit, balance, version)
SELECT %(club)s, m.id, u, 0, 0 FROM members_member m
CROSS JOIN unnest(ARRAY['points', 'credit', 'points_debt', 'credit_debt']) u WHERE m.club_id = %(club)s ORDER BY m.id, u
"""
# Each member comes every 5 to 24 days, and came last up to 60 days ago.
PURCHASES = """
INSERT INTO purchases_purchase (club_id, number, member_id, channel, payment_method, gross, discount, net, vat,
    paid_by_credit, paid_by_points, points_spent, point_worth, payable, points_earned, points_cut, credit_earned,
    refunded, fully_refunded, visit_number, facts, awards, considered, tier_before, tier_after, actor, imported,
    occurred_at)
SELECT %(club)s, row_number() OVER (), m.id, 'till', '', 1000000, 0, 1000000, 0, 0, 0, 0, 1000, 1000000, 0, 0, 0, 0,
    false, k, '{}', '[]', '[]', '', '', 'user:1', false,
    m.last_purchase_at - interval '1 day' * (%(each)s - k) * (5 + m.last_name::int %% 20)
FROM members_member m CROSS JOIN generate_series(1, %(each)s) k WHERE m.club_id = %(club)s
"""
# One in twenty has points that end now.
LOTS = """
WITH moved AS (
    UPDATE ledger_wallet w SET balance = 100, version = 1 FROM members_member m
    WHERE w.club_id = %(club)s AND w.unit = 'points' AND m.id = w.member_id AND m.last_name::int %% 20 = 0
    RETURNING w.id
)
INSERT INTO ledger_lot (club_id, wallet_id, seq, amount, remaining, document, usable_from, expires_at)
SELECT %(club)s, id, 1, 100, 100, 'member:1', %(now)s - interval '1 year', %(now)s - interval '1 minute' FROM moved
"""
# Who was away before had their turn on an earlier morning.
TURNS = """
WITH away AS (
    SELECT m.id, 'lapsed:' || (extract(epoch FROM m.last_purchase_at) * 1000000)::bigint AS key, o.id AS offer
    FROM members_member m
    CROSS JOIN LATERAL (SELECT m.last_name::int %% 61 AS away, 5 + m.last_name::int %% 20 AS gap)
    JOIN LATERAL (VALUES (%(thirty)s, 30), (%(gap)s, 2 * gap)) AS o(id, after) ON away > after
    WHERE m.club_id = %(club)s
), kept AS (
    INSERT INTO occasions_occasion (club_id, member_id, trigger, key, facts, properties, considered, awards, note,
        actor, occurred_at, taken_back_by, reason)
    SELECT %(club)s, id, 'lapsed', key || ':' || offer, '{}', '{}', '[]', '[]', '', 'system', %(now)s, '', '' FROM away
    RETURNING id, member_id, key
)
INSERT INTO occasions_turn (club_id, occasion_id, offer_id, member_id, key)
SELECT %(club)s, kept.id, away.offer, away.id, away.key
FROM kept JOIN away ON away.id = kept.member_id AND kept.key = away.key || ':' || away.offer
"""
# Those of the purchases that hold nothing unique.
INDEXES = """
SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'purchases_purchase'::regclass AND NOT i.indisunique
"""
FILL = (MEMBERS, WALLETS, PURCHASES, LOTS, TURNS)

# What an offer of 50 points writes for each member of <who>: (id, phone, first_name, key, and what is kept as facts).
GIVE = """
WITH who AS MATERIALIZED (<who>), greetings AS (
    INSERT INTO occasions_greeting (club_id, member_id, key)
    SELECT %(club)s, id, key FROM who WHERE <greeted> ON CONFLICT (club_id, member_id, key) DO NOTHING
), kept AS (
    INSERT INTO occasions_occasion (club_id, member_id, trigger, key, facts, properties, considered, awards, note,
        actor, occurred_at, taken_back_by, reason)
    SELECT %(club)s, id, '<trigger>', key, jsonb_build_object('age', extract(year FROM age(birth_date)),
            'tier', tier_code, 'source', source, 'referred', referred_by_id IS NOT NULL, 'visit_number', visits,
            'member_for_days', %(now)s::date - enrolled_at::date, 'days_from_birthday', 0,
            'days_since_last_purchase', %(now)s::date - last_purchase_at::date), '{}',
        '[{"name": "<trigger>", "text": "داده شد: ۵٬۰۰۰ تومان", "offer": 1, "worth": 50000, "outcome": "applied"}]',
        '[{"kind": "points_amount", "name": "<trigger>", "lines": [], "offer": 1, "worth": 50000, "points": 50}]',
        '', 'system', %(now)s, '', '' FROM who RETURNING id, member_id, key
), turns AS (
    INSERT INTO occasions_turn (club_id, occasion_id, offer_id, member_id, key)
    SELECT %(club)s, id, %(<trigger>)s, member_id, key FROM kept
), moved AS (
    UPDATE ledger_wallet w SET balance = w.balance + 50, version = w.version + 1 FROM kept k
    WHERE w.club_id = %(club)s AND w.member_id = k.member_id AND w.unit = 'points'
    RETURNING w.id, w.member_id, w.balance, w.version, 'occasion:' || k.id AS document
), lots AS (
    INSERT INTO ledger_lot (club_id, wallet_id, seq, amount, remaining, document, usable_from, expires_at)
    SELECT %(club)s, id, version, 50, 50, document, %(now)s, NULL FROM moved
    RETURNING id, wallet_id, seq, document
), entries AS (
    INSERT INTO ledger_entry (club_id, wallet_id, seq, delta, balance_after, kind, document, cause, lot_id, reason,
        actor, occurred_at, digest)
    SELECT %(club)s, m.id, m.version, 50, m.balance, 'earn', m.document, 'offer:1', l.id, 'هدیه', 'system', %(now)s,
        ledger_entry_digest(m.id, m.member_id, 'points', m.version, 50, m.balance, 'earn', m.document, 'offer:1',
            NULL, 'هدیه', 'system', %(now)s, m.document, %(now)s, NULL, '[]')
    FROM moved m JOIN lots l ON l.wallet_id = m.id
), awards AS (
    INSERT INTO awards_award (club_id, member_id, offer_id, version, document, kind, worth, discount, credit, points,
        given_back, occurred_at)
    SELECT %(club)s, member_id, %(<trigger>)s, 1, document, 'points_amount', 50000, 0, 0, 50, false, %(now)s FROM moved
), counted AS (
    INSERT INTO offers_offercounter (club_id, offer_id, period, used, spent)
    SELECT %(club)s, %(<trigger>)s, period, count(*), 50000 * count(*) FROM kept CROSS JOIN unnest(ARRAY['', '1405'])
        AS period GROUP BY period
    ON CONFLICT (club_id, offer_id, period) DO UPDATE SET used = offers_offercounter.used + excluded.used,
        spent = offers_offercounter.spent + excluded.spent
), told AS (
    INSERT INTO core_domainevent (club_id, kind, member_id, document, data, occurred_at)
    SELECT %(club)s, 'occasion.recorded', member_id, document, '{"awards": [1], "trigger": "<trigger>"}', %(now)s
    FROM moved
), letters AS (
    INSERT INTO sms_outboxmessage (club_id, kind, message_class, phone, context, text, localid, status, parts,
        cost_rial, attempts, in_doubt, polls, error_code, error_text, member_id, document)
    SELECT %(club)s, 'gift_given', 'service', w.phone, jsonb_build_object('code', '', 'name', w.first_name, 'credit', 0,
            'offers', jsonb_build_array('<trigger>'), 'points', 50, 'unsaid', jsonb_build_array('credit'),
            'expires', '', 'free_items', jsonb_build_array(), 'credit_balance', 0, 'points_balance', m.balance), '',
        (random() * 1000000000000)::bigint, 'queued', 0, 0, 0, false, 0, '', '', w.id, m.document
    FROM who w JOIN moved m ON m.member_id = w.id
)
SELECT count(*) FROM kept
"""
_TURN = """NOT EXISTS (SELECT FROM occasions_turn t WHERE t.club_id = m.club_id AND t.member_id = m.id
    AND t.key = 'lapsed:' || (extract(epoch FROM last_purchase_at) * 1000000)::bigint AND t.offer_id = %(<offer>)s)"""


def giving(name: str) -> str:
    """What the job of this offer writes, as one statement; birthdays are greeted, too, which is noted."""
    sql = GIVE.replace("<who>", REFERENCES[name]).replace("<greeted>", "true" if name == "birthday" else "false")
    return sql.replace("<trigger>", name)


REFERENCES = {
    "birthday": """SELECT m.*, 'birthday:1' AS key FROM members_member m WHERE club_id = %(club)s
        AND status = 'active' AND birth_jalali_month = %(month)s AND birth_jalali_day = %(day)s""",
    "anniversary": """SELECT m.*, 'anniversary:1' AS key FROM members_member m WHERE club_id = %(club)s
        AND status = 'active' AND to_char(enrolled_at, 'MM-DD') = to_char(%(now)s::timestamptz, 'MM-DD')""",
    "thirty": f"""SELECT m.*, 'lapsed:1' AS key FROM members_member m WHERE club_id = %(club)s
        AND status = 'active' AND last_purchase_at < %(now)s - interval '30 days'
        AND {_TURN.replace("<offer>", "thirty")}""",
    "gap": f"""SELECT m.*, 'lapsed:1' AS key FROM members_member m JOIN (
            SELECT member_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS gap FROM (
                SELECT member_id, occurred_at::date - lag(occurred_at::date) OVER (
                    PARTITION BY member_id ORDER BY occurred_at) AS gap
                FROM purchases_purchase WHERE club_id = %(club)s AND NOT fully_refunded) p GROUP BY member_id
        ) g ON g.member_id = m.id WHERE club_id = %(club)s AND status = 'active'
        AND (%(now)s::date - last_purchase_at::date) >= 2 * g.gap AND {_TURN.replace("<offer>", "gap")}""",
    "expiry": """WITH ending AS (
            UPDATE ledger_lot SET remaining = 0 WHERE club_id = %(club)s AND remaining > 0 AND expires_at <= %(now)s
            RETURNING id, wallet_id, seq AS lot_seq, amount
        ), moved AS (
            UPDATE ledger_wallet w SET balance = balance - e.amount, version = version + 1 FROM ending e
            WHERE w.club_id = %(club)s AND w.id = e.wallet_id
            RETURNING w.id, w.member_id, w.version, w.balance, e.id AS lot, e.lot_seq, e.amount
        ), entries AS (
            INSERT INTO ledger_entry (club_id, wallet_id, seq, delta, balance_after, kind, document, cause, reason,
                actor, occurred_at, digest)
            SELECT %(club)s, id, version, -amount, balance, 'expire', 'lot:' || lot, 'end:' || version, '', 'system',
                %(now)s, ledger_entry_digest(id, member_id, 'points', version, -amount, balance, 'expire',
                    'lot:' || lot, 'end:' || version, NULL, '', 'system', %(now)s, NULL, NULL, NULL,
                    jsonb_build_array(jsonb_build_array(lot_seq, amount)))
            FROM moved RETURNING id, wallet_id
        )
        INSERT INTO ledger_allocation (club_id, entry_id, lot_id, amount)
        SELECT %(club)s, e.id, m.lot, m.amount FROM entries e JOIN moved m ON m.id = e.wallet_id RETURNING id""",
    "mission": """SELECT count(*), count(*) FILTER (WHERE n >= 2), count(*) FILTER (WHERE n >= 4) FROM (
            SELECT count(*) AS n FROM purchases_purchase WHERE club_id = %(club)s AND NOT fully_refunded
                AND member_id IS NOT NULL AND occurred_at >= %(now)s::timestamptz - interval '30 days'
            GROUP BY member_id) t""",
}
