"""That members were told of an occasion: noted before the message is written, once a member and occasion."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from core.tenancy.scope import current_club_id


def note_told(told: Sequence[tuple[int, str]]) -> list[int]:
    """Note (member, key) of each; the members who had not been told yet.

    Another run that is at it waits, and tells nobody a second time.
    """
    if not told:
        return []
    sent: dict[str, Any] = {
        "club": current_club_id(),
        "members": [member for member, _key in told],
        "keys": [key for _member, key in told],
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, sent)
        return [row[0] for row in cursor.fetchall()]


NOTE = """
WITH before AS MATERIALIZED ( -- as somebody who was merged into the member since: the greeting follows only later
    SELECT o.merged_into_id AS m, d.key AS k FROM members_member o CROSS JOIN LATERAL (
        SELECT key FROM occasions_greeting
        WHERE club_id = %(club)s AND member_id = o.id AND key = ANY(%(keys)s) OFFSET 0) d
    WHERE o.club_id = %(club)s AND o.merged_into_id = ANY(%(members)s)
)
INSERT INTO occasions_greeting (club_id, member_id, key)
SELECT %(club)s, m, k FROM unnest(%(members)s::bigint[], %(keys)s::text[]) AS g(m, k)
WHERE NOT EXISTS (SELECT FROM before WHERE before.m = g.m AND before.k = g.k)
ORDER BY m, k
ON CONFLICT (club_id, member_id, key) DO NOTHING RETURNING member_id
"""
