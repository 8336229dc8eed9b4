"""The proof that agents' accounts, commissions and payouts say what their entries say: SQL over one club.

By what is wrong, with the kind of the document: the ids of those it is wrong with.
"""

PROOFS = {
    ("agent", "the sums of the account are not those of its entries, or their numbers have gaps"): """
        SELECT a.agent_id FROM agents_account a LEFT JOIN (
            SELECT account_id, count(*) AS n, max(seq) AS last, sum(pending) AS pending, sum(due) AS due,
                sum(paying) AS paying, sum(paid) AS paid, sum(reversed) AS reversed
            FROM agents_commissionentry WHERE club_id = %(club)s GROUP BY account_id
        ) e ON e.account_id = a.id
        WHERE a.club_id = %(club)s AND (a.version, a.version, a.pending, a.due, a.paying, a.paid, a.reversed)
            IS DISTINCT FROM (coalesce(e.n, 0), coalesce(e.last, 0), coalesce(e.pending, 0), coalesce(e.due, 0),
                coalesce(e.paying, 0), coalesce(e.paid, 0), coalesce(e.reversed, 0))""",
    ("agent", "what the commissions brought is not what the account has in all"): """
        SELECT a.agent_id FROM agents_account a LEFT JOIN (
            SELECT agent_id, sum(amount) AS amount, sum(reversed) AS reversed
            FROM agents_commission WHERE club_id = %(club)s GROUP BY agent_id
        ) c ON c.agent_id = a.agent_id
        WHERE a.club_id = %(club)s AND (a.pending + a.due + a.paying + a.paid + a.reversed, a.reversed)
            IS DISTINCT FROM (coalesce(c.amount, 0), coalesce(c.reversed, 0))""",
    ("payout", "the entries do not say of it what its row says"): """
        SELECT p.id FROM agents_payout p LEFT JOIN (
            SELECT document, sum(paying) AS paying, sum(paid) AS paid FROM agents_commissionentry
            WHERE club_id = %(club)s AND document LIKE 'payout:%%' GROUP BY document
        ) e ON e.document = 'payout:' || p.id
        WHERE p.club_id = %(club)s AND (e.paying, e.paid) IS DISTINCT FROM (
            CASE p.status WHEN 'open' THEN p.amount ELSE 0 END, CASE p.status WHEN 'paid' THEN p.amount ELSE 0 END)""",
}
