"""A member of a shop with tiers, logged in to the portal by a code."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from tests.accounts.cast import signed_in
from tests.shop import Shop

START = timedelta(days=30)


def browser_of(member, club):
    """The member's browser, after the code from the SMS."""
    return signed_in(User.objects.of_phone(member.phone), club, "otp")


@pytest.fixture
def shop(club):
    """A shop whose programme gives 10% credit for 30 days and a point for 10,000 toman."""
    shop = Shop(club)
    shop.programme(credit_bp=1000, credit_valid_days=30, point_worth=1000)
    shop.tiers()
    return shop


@pytest.fixture
def sara(shop):
    """A member since a month ago."""
    return shop.member(first_name="سارا", last_name="محمدی", now=timezone.now() - START)


@pytest.fixture
def browser(sara, club):
    return browser_of(sara, club)
