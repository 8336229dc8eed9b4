"""Members held as they are, without keeping anybody from serving them."""

from collections.abc import Collection

from django.db import connection

from club.members.models import Member
from core.tenancy.scope import current_club_id


def hold_members(member_ids: Collection[int]) -> list[Member]:
    """Those of them that are members, by id: none is merged into another or erased before the transaction ends.

    Who is being merged or erased right now is waited for. Purchases go on meanwhile. After the wallets, where one locks
    both.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [current_club_id(), list(member_ids), Member.Status.ERASED])
        held = [row[0] for row in cursor.fetchall()]
    return list(Member.objects.filter(pk__in=held).order_by("pk"))


# Merging and erasing lock the same rows for good; what a purchase changes of a member asks for less than that.
HOLD = """
SELECT id FROM members_member WHERE club_id = %s AND id = ANY(%s) AND status <> %s ORDER BY id FOR KEY SHARE
"""
