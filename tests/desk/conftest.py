"""The cast of the staff pages: a cashier, a manager, a stranger, and members of the club."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from club.awards.enrolment import enrol_member
from club.members.models import Member
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder
from club.purchases.services import record_purchase
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.shop import NOON


@pytest.fixture
def cashier(club: Club) -> Client:
    """A browser at the till, logged in with a password."""
    return signed_in(person(Role.CASHIER, name="نگار رضایی"), club)


@pytest.fixture
def manager(club: Club) -> Client:
    """A browser at the desk, logged in with a password."""
    return signed_in(person(Role.MANAGER, name="بهرام صادقی"), club)


@pytest.fixture
def stranger(club: Club) -> Client:
    """Logged in, with no role in this club."""
    return signed_in(person(), club)


def joined(phone: str = "09123454567", first: str = "سارا", last: str = "محمدی", **more: object) -> Member:
    """A member of the club in scope."""
    before = NOON - timedelta(days=1)  # whichever of the two clocks a test goes by
    return enrol_member(phone=phone, first_name=first, last_name=last, actor="system", now=before, quiet=True, **more)


def bought(member: Member | None, amount: int = 2_450_000, key: str = "p1", **more: object) -> Purchase:
    """A purchase recorded by the services."""
    order = PurchaseOrder(member_id=member.pk if member else None, amount=amount, **more)
    receipt = record_purchase(order, actor="system", key=key, now=timezone.now())
    return Purchase.objects.get(pk=receipt.id)


@pytest.fixture
def sara(club: Club) -> Member:
    """A member with 62,000 toman of credit and 500 points."""
    return joined(opening_credit=620_000, opening_points=500)
