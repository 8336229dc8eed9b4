"""The proof that purchases and refunds say what the ledger says: set-based SQL over one club."""

from club.ledger.proof import Fault, found, verify_ledger
from club.purchases.missions_proof import verify_missions
from offers.made import AT_ONCE


def verify_value() -> list[Fault]:
    """Every fault of the ledger and of the documents it names, in the club in scope; an empty list proves both.

    Each purchase and refund is in the ledger with just what it says, its lines and refunds add up to it, no number is
    missing, the members' figures are the sums of their purchases, offers gave what their counters say, and no entry
    names a document that is not there or is somebody else's.
    """
    faults = verify_ledger()
    faults += [Fault(wallet_id, STRAYING) for wallet_id in found(NAMES)]
    faults += [Fault(0, f"of {there} purchases not all are there") for there in found(NUMBERS)]
    for (kind, what), sql in DOCUMENTS.items():
        faults += [Fault(0, f"{kind} {row_id}: {what}") for row_id in found(sql, at_once=sorted(AT_ONCE))]
    return faults + verify_missions()


def also_prove(kind: str, what: str, sql: str) -> None:
    """Add what a higher package can prove of its documents: the SQL answers the ids of those it is wrong with."""
    DOCUMENTS[kind, what] = sql


STRAYING = "an entry names a document that is not there, or somebody else's"
# Whose a document is: of the person, whichever of the merged records. By hand is noted by a key that is forgotten.
NAMES = """
WITH people AS (
    SELECT id, coalesce(merged_into_id, id) AS person FROM members_member WHERE club_id = %(club)s
), documents AS (
    SELECT 'purchase:' || p.id AS name, m.person FROM purchases_purchase p JOIN people m ON m.id = p.member_id
    WHERE p.club_id = %(club)s
    UNION ALL
    SELECT 'refund:' || r.id, m.person FROM purchases_refund r
    JOIN purchases_purchase p ON p.club_id = r.club_id AND p.id = r.purchase_id JOIN people m ON m.id = p.member_id
    WHERE r.club_id = %(club)s
    UNION ALL
    SELECT 'redemption:' || r.id, m.person FROM rewards_redemption r JOIN people m ON m.id = r.member_id
    WHERE r.club_id = %(club)s
    UNION ALL
    SELECT 'grant:' || g.id, m.person FROM rewards_grantmember g JOIN people m ON m.id = g.member_id
    WHERE g.club_id = %(club)s
    UNION ALL
    SELECT 'lot:' || l.id, m.person FROM ledger_lot l
    JOIN ledger_wallet w ON w.club_id = l.club_id AND w.id = l.wallet_id JOIN people m ON m.id = w.member_id
    WHERE l.club_id = %(club)s
    UNION ALL
    SELECT kind || id, person FROM people CROSS JOIN unnest(ARRAY['member:', 'merge:', 'erase:']) AS kind
)
SELECT DISTINCT e.wallet_id FROM ledger_entry e
JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
JOIN people m ON m.id = w.member_id
LEFT JOIN documents d ON d.name = e.document
WHERE e.club_id = %(club)s AND d.person IS DISTINCT FROM m.person
    AND split_part(e.document, ':', 1)
        IN ('purchase', 'refund', 'redemption', 'grant', 'lot', 'member', 'merge', 'erase')
"""
NUMBERS = """
SELECT coalesce(max(c.last_number), 0) FROM purchases_purchase p
FULL JOIN purchases_purchasecounter c ON c.club_id = p.club_id
WHERE coalesce(p.club_id, c.club_id) = %(club)s
HAVING count(p.id) <> coalesce(max(c.last_number), 0) OR coalesce(max(p.number), 0) <> coalesce(max(c.last_number), 0)
"""
# By what is wrong, with the kind of the document: the ids of those it is wrong with.
DOCUMENTS = {
    ("purchase", "what it earned or was paid with is not what the ledger has of it"): """
        SELECT p.id FROM purchases_purchase p
        LEFT JOIN (
            SELECT e.document, sum(e.delta) FILTER (WHERE e.kind = 'earn' AND w.unit = 'points') AS points_earned,
                sum(e.delta) FILTER (WHERE e.kind = 'earn' AND w.unit = 'credit') AS credit_earned,
                -sum(e.delta) FILTER (WHERE e.kind = 'spend' AND w.unit = 'points') AS points_spent,
                -sum(e.delta) FILTER (WHERE e.kind = 'spend' AND w.unit = 'credit') AS credit_spent,
                -sum(e.delta) FILTER (WHERE e.kind = 'spend' AND w.unit = 'gift') AS gift_spent,
                min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at, min(e.actor) AS actor
            FROM ledger_entry e JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
            WHERE e.club_id = %(club)s AND e.kind IN ('earn', 'spend') GROUP BY e.document
        ) e ON e.document = 'purchase:' || p.id
        WHERE p.club_id = %(club)s AND (
            p.points_earned <> coalesce(e.points_earned, 0) OR p.credit_earned <> coalesce(e.credit_earned, 0)
            OR p.points_spent <> coalesce(e.points_spent, 0) OR p.paid_by_credit <> coalesce(e.credit_spent, 0)
            OR p.paid_by_gift_card <> coalesce(e.gift_spent, 0)
            OR e.first_at <> p.occurred_at OR e.last_at <> p.occurred_at OR e.actor <> p.actor
            OR p.paid_by_points <> p.points_spent * p.point_worth)""",
    ("purchase", "its lines do not add up to it"): """
        SELECT p.id FROM purchases_purchase p
        LEFT JOIN (
            SELECT purchase_id, sum(gross) AS gross, sum(discount) AS discount, sum(net) AS net,
                sum(points_earned) AS points, sum(credit_earned) AS credit, sum(refunded_net) AS refunded,
                sum(net - div(net::numeric * 20000 + 10000 + vat_bp, 20000 + 2 * vat_bp)) AS vat,
                bool_and(gross - discount = net AND gross = quantity * unit_price) AS reckoned,
                bool_and(refunded_net = net AND (net > 0 OR refunded_quantity = quantity)) AS came_back
            FROM purchases_purchaseline WHERE club_id = %(club)s GROUP BY purchase_id
        ) l ON l.purchase_id = p.id
        WHERE p.club_id = %(club)s AND (
            (p.gross, p.discount, p.net, p.vat, p.points_earned, p.credit_earned, p.refunded, p.fully_refunded)
            IS DISTINCT FROM (l.gross, l.discount, l.net, l.vat, l.points, l.credit, l.refunded, l.came_back)
            OR NOT l.reckoned OR p.payable <> p.net - p.paid_by_credit - p.paid_by_points - p.paid_by_gift_card)""",
    ("purchase", "its refunds do not add up to what came back of it"): """
        SELECT p.id FROM purchases_purchase p
        LEFT JOIN (SELECT purchase_id, sum(net) AS net, sum(refunded) AS money, sum(points_returned) AS points,
                       sum(credit_returned) AS credit, sum(gift_card_returned) AS gift
                   FROM purchases_refund WHERE club_id = %(club)s GROUP BY purchase_id) r ON r.purchase_id = p.id
        WHERE p.club_id = %(club)s AND (
            p.refunded <> coalesce(r.net, 0)
            OR r.gift > p.paid_by_gift_card OR r.money + r.gift
                <> least(p.payable + p.paid_by_gift_card, p.refunded - r.credit - r.points * p.point_worth))""",
    ("purchase", "its refunds do not add up to what came back of its lines"): """
        SELECT DISTINCT purchase_id FROM (
            SELECT purchase_id, index, refunded_quantity AS pieces, refunded_net AS net FROM purchases_purchaseline
            WHERE club_id = %(club)s AND (refunded_quantity > 0 OR refunded_net > 0)
        ) l FULL JOIN (
            SELECT r.purchase_id, s.index, sum(s.quantity) AS pieces, sum(s.net) AS net
            FROM purchases_refund r, jsonb_to_recordset(r.lines) AS s(index smallint, quantity integer, net bigint)
            WHERE r.club_id = %(club)s GROUP BY r.purchase_id, s.index HAVING sum(s.quantity) > 0 OR sum(s.net) > 0
        ) r USING (purchase_id, index)
        WHERE (l.pieces, l.net) IS DISTINCT FROM (r.pieces, r.net)""",
    ("refund", "what it took back and returned is not what the ledger has of it"): """
        SELECT r.id FROM purchases_refund r
        LEFT JOIN (
            SELECT e.document, -sum(e.delta) FILTER (WHERE e.kind = 'take_back' AND w.unit = 'points') AS points_taken,
                -sum(e.delta) FILTER (WHERE e.kind = 'take_back' AND w.unit = 'credit') AS credit_taken,
                sum(e.delta) FILTER (WHERE e.kind = 'give_back' AND w.unit = 'points') AS points_returned,
                sum(e.delta) FILTER (WHERE e.kind = 'give_back' AND w.unit = 'credit') AS credit_returned,
                sum(e.delta) FILTER (WHERE e.kind = 'give_back' AND w.unit = 'gift') AS gift_returned,
                sum(e.delta) FILTER (WHERE e.kind = 'take_back' AND w.unit = 'points_debt') AS points_owed,
                sum(e.delta) FILTER (WHERE e.kind = 'take_back' AND w.unit = 'credit_debt') AS credit_owed,
                min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at, min(e.actor) AS actor
            FROM ledger_entry e JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
            WHERE e.club_id = %(club)s AND e.kind IN ('take_back', 'give_back')
                AND e.cause NOT LIKE '%%:let_go' AND e.cause <> 'payment:debt'
            GROUP BY e.document
        ) e ON e.document = 'refund:' || r.id
        WHERE r.club_id = %(club)s AND (
            r.points_taken_back <> coalesce(e.points_taken, 0) OR r.credit_taken_back <> coalesce(e.credit_taken, 0)
            OR r.points_returned <> coalesce(e.points_returned, 0)
            OR r.credit_returned <> coalesce(e.credit_returned, 0)
            OR r.gift_card_returned <> coalesce(e.gift_returned, 0)
            OR e.points_owed <> r.points_shortfall OR e.credit_owed <> r.credit_shortfall
            OR e.first_at <> r.occurred_at OR e.last_at <> r.occurred_at OR e.actor <> r.actor)""",
    ("purchase", "what offers gave is not what it was discounted, or is not given back with it"): """
        SELECT p.id FROM purchases_purchase p
        LEFT JOIN (SELECT document, sum(discount) AS discount, bool_and(given_back) AS back, bool_or(given_back) AS some
                   FROM awards_award WHERE club_id = %(club)s GROUP BY document) a ON a.document = 'purchase:' || p.id
        WHERE p.club_id = %(club)s AND (p.discount <> coalesce(a.discount, 0)
            OR coalesce(a.back, p.fully_refunded) <> p.fully_refunded OR a.some <> a.back)""",
    ("award", "what it says an offer gave is not what the ledger has of it"): """
        WITH people AS (
            SELECT id, coalesce(merged_into_id, id) AS person FROM members_member WHERE club_id = %(club)s
        ), posted AS (
            SELECT e.document, substr(e.cause, 7)::bigint AS offer_id, m.person,
                coalesce(sum(e.delta) FILTER (WHERE w.unit = 'points'), 0) AS points,
                coalesce(sum(e.delta) FILTER (WHERE w.unit = 'credit'), 0) AS credit
            FROM ledger_entry e JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
            JOIN people m ON m.id = w.member_id
            WHERE e.club_id = %(club)s AND e.kind = 'earn' AND e.cause ~ '^offer:[0-9]+$'
            GROUP BY e.document, e.cause, m.person
        ), said AS (
            SELECT a.id, a.document, a.offer_id, m.person, a.points, a.credit FROM awards_award a
            JOIN people m ON m.id = a.member_id WHERE a.club_id = %(club)s AND (a.points > 0 OR a.credit > 0)
        )
        SELECT coalesce(said.id, 0) FROM said FULL JOIN posted USING (document, offer_id, person)
        WHERE (said.points, said.credit) IS DISTINCT FROM (posted.points, posted.credit)""",
    ("award", "it is not of the member and the moment of its purchase"): """
        SELECT a.id FROM awards_award a
        LEFT JOIN purchases_purchase p ON p.club_id = a.club_id AND a.document = 'purchase:' || p.id
        WHERE a.club_id = %(club)s AND a.document LIKE 'purchase:%%'
            AND (p.member_id, p.occurred_at) IS DISTINCT FROM (a.member_id, a.occurred_at)""",
    ("offer", "its counters are not the sums of what it gave"): """
        SELECT o.id FROM offers_offer o
        LEFT JOIN (SELECT offer_id, count(*) AS used, sum(worth) AS spent FROM awards_award
                   WHERE club_id = %(club)s AND NOT given_back GROUP BY offer_id) a ON a.offer_id = o.id
        LEFT JOIN (SELECT offer_id, sum(used) FILTER (WHERE period = '') AS used,
                       sum(spent) FILTER (WHERE period = '') AS spent,
                       sum(used) FILTER (WHERE period <> '') AS used_by_month,
                       sum(spent) FILTER (WHERE period <> '') AS spent_by_month
                   FROM offers_offercounter WHERE club_id = %(club)s GROUP BY offer_id) c ON c.offer_id = o.id
        WHERE o.club_id = %(club)s AND (coalesce(a.used, 0), coalesce(a.spent, 0), coalesce(a.used, 0),
            coalesce(a.spent, 0)) IS DISTINCT FROM (coalesce(c.used, 0), coalesce(c.spent, 0),
            coalesce(c.used_by_month, 0), coalesce(c.spent_by_month, 0))""",
    ("coupon", "it was not used as often as it says"): """
        SELECT c.id FROM offers_coupon c
        LEFT JOIN (SELECT coupon_id, count(*) AS used FROM offers_couponuse
                   WHERE club_id = %(club)s AND NOT given_back GROUP BY coupon_id) u ON u.coupon_id = c.id
        WHERE c.club_id = %(club)s AND c.used <> coalesce(u.used, 0)""",
    ("redemption", "the points it took are not what the ledger has of it"): """
        SELECT r.id FROM rewards_redemption r
        LEFT JOIN (
            SELECT e.document, -sum(e.delta) AS spent FROM ledger_entry e
            JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
            WHERE e.club_id = %(club)s AND e.kind IN ('spend', 'give_back') AND w.unit = 'points'
                AND e.document LIKE 'redemption:%%' GROUP BY e.document
        ) e ON e.document = 'redemption:' || r.id
        WHERE r.club_id = %(club)s
            AND coalesce(e.spent, 0) <> CASE r.status WHEN 'cancelled' THEN 0 ELSE r.points END""",
    ("redemption", "its coupon says otherwise"): """
        SELECT r.id FROM rewards_redemption r JOIN offers_coupon c ON c.club_id = r.club_id AND c.id = r.coupon_id
        JOIN offers_offer o ON o.club_id = c.club_id AND o.id = c.offer_id
        WHERE r.club_id = %(club)s AND (c.member_id <> r.member_id OR c.code <> r.code
            OR (c.document, c.uses, c.ends_at) IS DISTINCT FROM ('redemption:' || r.id, 1, r.expires_at)
            OR (o.made_for, o.terms->'benefit'->>'kind') IS DISTINCT FROM ('reward', r.kind)
            OR (c.used, c.void) <> (CASE WHEN r.used_in <> '' THEN 1 ELSE 0 END,
                                    r.status <> 'issued' AND r.used_in = ''))""",
    ("redemption", "it was not used where it says, or what it gives at once was not given"): """
        SELECT r.id FROM rewards_redemption r
        LEFT JOIN offers_couponuse u ON u.club_id = r.club_id AND u.coupon_id = r.coupon_id
            AND u.document = r.used_in AND NOT u.given_back
        WHERE r.club_id = %(club)s AND (r.used_in <> '' AND (r.status <> 'used' OR u.id IS NULL)
            OR r.kind = ANY(%(at_once)s) AND r.status <> 'used')""",
    ("redemption", "what was told of it when it was taken, used or cancelled is something else"): """
        WITH told AS (
            SELECT e.document, max(m.person) AS person, max((e.data->>'points')::bigint) AS points,
                bool_or(e.kind = 'reward.cancelled') AS cancelled, bool_or(e.kind = 'reward.used') AS used
            FROM core_domainevent e JOIN (
                SELECT id, coalesce(merged_into_id, id) AS person FROM members_member WHERE club_id = %(club)s
            ) m ON m.id = e.member_id
            WHERE e.club_id = %(club)s
                AND e.kind IN ('reward.redeemed', 'reward.granted', 'reward.used', 'reward.cancelled')
            GROUP BY e.document
        ), held AS (
            SELECT r.id, 'redemption:' || r.id AS document, coalesce(m.merged_into_id, m.id) AS person, r.points,
                r.status = 'cancelled' AS cancelled,
                r.status = 'used' AND r.used_in = '' AND r.kind <> ALL(%(at_once)s) AS used
            FROM rewards_redemption r JOIN members_member m ON m.club_id = r.club_id AND m.id = r.member_id
            WHERE r.club_id = %(club)s
        )
        SELECT coalesce(held.id, substr(told.document, 12)::bigint) FROM held FULL JOIN told USING (document)
        WHERE (held.person, held.points, held.cancelled, held.used)
            IS DISTINCT FROM (told.person, told.points, told.cancelled, told.used)""",
    ("reward", "what is taken of it is not what was redeemed"): """
        SELECT r.id FROM rewards_reward r
        LEFT JOIN (SELECT reward_id, count(*) AS taken FROM rewards_redemption
                   WHERE club_id = %(club)s AND status <> 'cancelled' GROUP BY reward_id) t ON t.reward_id = r.id
        WHERE r.club_id = %(club)s AND r.taken <> coalesce(t.taken, 0)""",
    ("gift card", "what is on it is not what it held, less what was paid with it and was paid back"): """
        SELECT c.id FROM gift_cards_giftcard c
        LEFT JOIN (SELECT gift_card_id, sum(paid_by_gift_card) AS paid FROM purchases_purchase
                   WHERE club_id = %(club)s GROUP BY gift_card_id) p ON p.gift_card_id = c.id
        LEFT JOIN (SELECT p.gift_card_id, sum(r.gift_card_returned) AS back FROM purchases_refund r
                   JOIN purchases_purchase p ON p.club_id = r.club_id AND p.id = r.purchase_id
                   WHERE r.club_id = %(club)s GROUP BY p.gift_card_id) r ON r.gift_card_id = c.id
        LEFT JOIN (SELECT e.wallet_id, sum(e.delta) AS balance,
                       min(e.document) FILTER (WHERE e.kind = 'opening') AS first,
                       sum(e.delta) FILTER (WHERE e.kind = 'opening') AS held,
                       -sum(e.delta) FILTER (WHERE e.kind = 'spend') AS spent,
                       sum(e.delta) FILTER (WHERE e.kind = 'give_back') AS back,
                       -sum(e.delta) FILTER (WHERE e.kind = 'take_back') AS money_back
                   FROM ledger_entry e JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
                   WHERE e.club_id = %(club)s AND w.unit = 'gift' GROUP BY e.wallet_id) e ON e.wallet_id = c.wallet_id
        WHERE c.club_id = %(club)s AND (
            (c.amount, coalesce(p.paid, 0), coalesce(r.back, 0), c.money_back, 'gift_card:' || c.id) IS DISTINCT FROM
            (e.held, coalesce(e.spent, 0), coalesce(e.back, 0), coalesce(e.money_back, 0), e.first)
            OR e.balance <> e.held - coalesce(e.spent, 0) + coalesce(e.back, 0) - coalesce(e.money_back, 0))""",
    ("gift card", "it was not sold for what it held, is not of its batch, or is not paid back as it says"): """
        SELECT c.id FROM gift_cards_giftcard c
        LEFT JOIN gift_cards_batch b ON b.club_id = c.club_id AND b.id = c.batch_id
        WHERE c.club_id = %(club)s AND (
            (c.price, b.amount) IS DISTINCT FROM
            (CASE c.origin WHEN 'sold' THEN c.amount ELSE 0 END, CASE c.origin WHEN 'issued' THEN c.amount END)
            OR (c.status = 'refunded') <> (c.money_back > 0))""",
    ("gift card", "what was told of it when it was sold, issued, blocked, spent or paid back is something else"): """
        WITH told AS (
            SELECT document, max(kind) FILTER (WHERE kind IN ('gift_card.sold', 'gift_card.issued')) AS origin,
                max((data->>'amount')::bigint) FILTER (WHERE kind IN ('gift_card.sold', 'gift_card.issued')) AS amount,
                (array_agg(kind ORDER BY id DESC) FILTER (
                    WHERE kind NOT IN ('gift_card.spent', 'gift_card.given_back')))[1] AS last,
                coalesce(sum((data->>'amount')::bigint) FILTER (WHERE kind = 'gift_card.spent'), 0)
                    - coalesce(sum((data->>'amount')::bigint) FILTER (WHERE kind = 'gift_card.given_back'), 0) AS spent,
                coalesce(sum((data->>'money_back')::bigint), 0) AS money_back
            FROM core_domainevent WHERE club_id = %(club)s AND starts_with(kind, 'gift_card.') GROUP BY document
        )
        SELECT coalesce(c.id, substr(t.document, 11)::bigint)
        FROM (SELECT c.*, 'gift_card:' || c.id AS document, c.amount - c.money_back - w.balance AS spent
              FROM gift_cards_giftcard c JOIN ledger_wallet w ON w.club_id = c.club_id AND w.id = c.wallet_id
              WHERE c.club_id = %(club)s) c
        FULL JOIN told t USING (document)
        WHERE ('gift_card.' || c.origin, c.amount, c.spent, c.money_back, c.status) IS DISTINCT FROM
            (t.origin, t.amount, t.spent, t.money_back, CASE t.last WHEN 'gift_card.blocked' THEN 'blocked'
                WHEN 'gift_card.refunded' THEN 'refunded' ELSE 'active' END)""",
    ("batch", "it has not as many cards as it says"): """
        SELECT b.id FROM gift_cards_batch b
        LEFT JOIN (SELECT batch_id, count(*) AS cards FROM gift_cards_giftcard
                   WHERE club_id = %(club)s GROUP BY batch_id) c ON c.batch_id = b.id
        WHERE b.club_id = %(club)s AND b.count <> coalesce(c.cards, 0)""",
    ("wallet", "it holds a gift card's money, and there is no such card"): """
        SELECT w.id FROM ledger_wallet w
        LEFT JOIN gift_cards_giftcard c ON c.club_id = w.club_id AND c.wallet_id = w.id
        WHERE w.club_id = %(club)s AND w.unit = 'gift' AND c.id IS NULL""",
    ("member", "the figures are not the sums of the purchases"): """
        SELECT m.id FROM members_member m
        LEFT JOIN (SELECT member_id, count(*) FILTER (WHERE NOT fully_refunded) AS visits, sum(net - refunded) AS spent
                   FROM purchases_purchase WHERE club_id = %(club)s GROUP BY member_id) p ON p.member_id = m.id
        WHERE m.club_id = %(club)s AND (m.visits <> coalesce(p.visits, 0) OR m.spent_rial <> coalesce(p.spent, 0))""",
}
