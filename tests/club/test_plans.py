"""What the till and the lists ask is served by indexes, behind row-level security too: its operators lose none.

Among 2,000 members; how long it takes among many more is for `benchmarks/lookup.py` to say.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from club.awards.enrolment import enrol_members
from club.members.models import Member
from club.members.selectors import find_members, listed
from club.members.services import NewMember, prepare_member
from club.purchases.models import Purchase
from club.purchases.selectors import member_purchases, recent_purchases
from core.models import Club
from tests.shop import NOON

MEMBERS = 2_000


@pytest.fixture
def crowd(committed_club: Club) -> Member:
    """One of many members with common names, who bought once each in imported history; the tables are analysed."""
    members = [
        prepare_member(
            NewMember(phone=f"0912{number * 7_919 % 10**7:07}", first_name="سارا", last_name="کریمی"),
            enrolled_at=NOON - timedelta(days=number),
        )
        for number in range(MEMBERS)
    ]
    enrol_members([(member, ()) for member in members], actor="system", now=NOON)
    nothing = dict.fromkeys(("discount", "vat", "paid_by_credit", "paid_by_points", "points_spent", "point_worth"), 0)
    Purchase.objects.bulk_create(
        Purchase(
            number=number,
            member=member,
            gross=1,
            net=1,
            payable=1,
            points_earned=0,
            credit_earned=0,
            imported=True,
            occurred_at=member.enrolled_at,
            **nothing,
        )
        for number, member in enumerate(members)
    )
    Member.objects.update(last_purchase_at=F("enrolled_at"))
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE members_member, members_nametoken, purchases_purchase")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, row_security_active('members_member')")
        assert cursor.fetchone() == ("club_app", True)
    return members[700]


def plans_of(act: Callable[[], Any]) -> str:
    """The plans of the statements that the act sends, each on a line."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the club is said before the first statement of a transaction
        with CaptureQueriesContext(connection) as caught:
            list(act())
        plans = []
        for query in caught.captured_queries:
            cursor.execute("EXPLAIN (COSTS OFF) " + query["sql"])
            plans.append(" ".join(row[0].strip() for row in cursor.fetchall()))
    return "\n".join(plans)


@pytest.mark.slow
def test_searches_and_lists_are_read_from_their_indexes(crowd: Member) -> None:
    phone = crowd.phone or ""
    asked: list[tuple[Callable[[], Any], str]] = [
        (lambda: find_members(phone[-4:]), "member_by_last_digits"),
        (lambda: find_members(phone), "member_phone_once"),
        (lambda: find_members(crowd.card or ""), "member_card_once"),
        (lambda: find_members("کریمی"), "member_newest_buyer"),
        (lambda: find_members("سار کری"), "name_token_"),
        (lambda: Member.objects.filter(enrolled_at__lt=NOON - timedelta(days=MEMBERS - 9)), "member_joined"),
        (lambda: listed().order_by("-enrolled_at", "-id")[:25], "member_joined"),
        (lambda: recent_purchases(limit=5), "purchase_newest_here"),
        (lambda: member_purchases(crowd.pk, limit=21), "purchase_of_member"),
    ]

    plans = [(index, plans_of(act)) for act, index in asked]

    assert [(index, plan) for index, plan in plans if index not in plan or "Seq Scan on members_member" in plan] == []
