"""The proof that rewards of referrals say what the ledger says of them: SQL over one club."""

PROOFS = {
    ("referral", "what it gave its referrer is not what the ledger has of it"): """
        WITH given AS (
            SELECT substr(e.document, 10)::bigint AS purchase_id, sum(e.delta) AS amount,
                array_agg(DISTINCT coalesce(m.merged_into_id, m.id)) AS people
            FROM ledger_entry e
            JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
            JOIN members_member m ON m.club_id = w.club_id AND m.id = w.member_id
            WHERE e.club_id = %(club)s AND e.document LIKE 'referral:%%' AND e.kind = 'earn' GROUP BY 1
        )
        SELECT coalesce(r.id, g.purchase_id) FROM (
            SELECT r.id, r.purchase_id, r.amount, r.taken, coalesce(m.merged_into_id, m.id) AS person
            FROM referrals_referralreward r
            JOIN referrals_referral f ON f.club_id = r.club_id AND f.id = r.referral_id
            JOIN members_member m ON m.club_id = f.club_id AND m.id = f.referrer_id
            WHERE r.club_id = %(club)s AND r.state = 'paid'
        ) r FULL JOIN given g ON g.purchase_id = r.purchase_id
        WHERE g.amount IS NULL OR r.id IS NULL OR g.people <> ARRAY[r.person]
            OR g.amount > r.amount OR g.amount < r.amount - r.taken""",
}
