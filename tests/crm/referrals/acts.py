"""What the tests of referrals do in one line."""

from datetime import datetime
from typing import Any

from club.ledger.selectors import balances
from club.members.models import Member
from club.members.services import set_referrer
from core import events
from crm.referrals.rules import Terms
from crm.referrals.terms import change_terms
from tests.shop import NOON, TOMAN, Shop

LONG_AGO = NOON.replace(year=2020)
SALE = 2_000_000 * TOMAN


def terms(**changes: Any) -> None:
    """The club's terms since long before."""
    change_terms(Terms(**changes), actor="user:1", now=LONG_AGO)


def brought(shop: Shop, by: Member, **person: Any) -> Member:
    """Somebody whom the member has brought."""
    friend = shop.member(**person)
    set_referrer(friend.pk, by.referral_code, actor="user:1")
    friend.refresh_from_db()
    return friend


def read() -> None:
    """Every consumer reads what there is."""
    events.consume_all()


def credit(member: Member, at: datetime = NOON) -> int:
    """The member's credit in Rial."""
    return balances(member.pk, at).credit
