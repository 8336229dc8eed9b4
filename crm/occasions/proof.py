"""The proof that occasions say what awards and ledger say of them: SQL over one club.

By what is wrong, with the kind of the document: the ids of those it is wrong with.
"""

OF_NOTHING = "an entry or an award names an occasion that is not there, or somebody else's"
PROOFS = {
    ("occasion", "what it says the offers gave is not what was given, or is not taken back with it"): """
        SELECT o.id FROM occasions_occasion o
        LEFT JOIN LATERAL (
            SELECT array_agg((s->>'offer')::bigint ORDER BY (s->>'offer')::bigint) AS offers,
                sum(coalesce((s->>'points')::bigint, 0)) AS points
            FROM jsonb_array_elements(o.awards) s
        ) said ON true
        LEFT JOIN (
            SELECT document, array_agg(offer_id ORDER BY offer_id) AS offers, sum(points) AS points,
                bool_and(given_back) AS back, bool_or(given_back) AS some
            FROM awards_award WHERE club_id = %(club)s GROUP BY document
        ) a ON a.document = 'occasion:' || o.id
        WHERE o.club_id = %(club)s AND ((said.offers, coalesce(said.points, 0)) IS DISTINCT FROM
            (a.offers, coalesce(a.points, 0)) OR a.back <> a.some OR a.back <> (o.taken_back_at IS NOT NULL))""",
    ("occasion", "an offer gave something in it without having had its turn"): """
        SELECT o.id FROM occasions_occasion o CROSS JOIN LATERAL jsonb_array_elements(o.awards) s
        LEFT JOIN occasions_turn t ON t.club_id = o.club_id AND t.occasion_id = o.id AND t.key = o.key
            AND t.offer_id = (s->>'offer')::bigint
        LEFT JOIN members_member h ON h.club_id = o.club_id AND h.id = o.member_id
        LEFT JOIN members_member m ON m.club_id = t.club_id AND m.id = t.member_id
        WHERE o.club_id = %(club)s
            AND coalesce(m.merged_into_id, m.id) IS DISTINCT FROM coalesce(h.merged_into_id, h.id)""",
    ("occasion", OF_NOTHING): """
        WITH people AS (
            SELECT id, coalesce(merged_into_id, id) AS person FROM members_member WHERE club_id = %(club)s
        ), named AS (
            SELECT e.document, w.member_id FROM ledger_entry e
            JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
            WHERE e.club_id = %(club)s AND e.document LIKE 'occasion:%%'
            UNION SELECT document, member_id FROM awards_award
            WHERE club_id = %(club)s AND document LIKE 'occasion:%%'
        )
        SELECT DISTINCT substr(n.document, 10)::bigint FROM named n JOIN people m ON m.id = n.member_id
        LEFT JOIN occasions_occasion o ON o.club_id = %(club)s AND o.id = substr(n.document, 10)::bigint
        LEFT JOIN people p ON p.id = o.member_id WHERE p.person IS DISTINCT FROM m.person""",
}
