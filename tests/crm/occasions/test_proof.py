"""What the nightly proof says of occasions: they fit what was awarded, and awards fit the ledger."""

import pytest
from django.db import connection

from club.purchases.proof import verify_value
from crm.occasions.activities import add_type
from crm.occasions.undoing import take_back_occasion
from tests.crm.occasions.acts import FIFTY, did
from tests.offering import publish
from tests.shop import NOON, Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A story that gave points and one that was taken back, of two members."""
    add_type(code="story", name="استوری", actor="user:1")
    publish("استوری", FIFTY, trigger="event:story")
    kept, undone = shop.member(), shop.member()
    did(shop, kept, "story")
    take_back_occasion(did(shop, undone, "story").id, reason="اشتباه", actor="user:1", now=NOON)
    return shop


def test_what_was_given_and_taken_back_is_clean(shop: Shop) -> None:
    assert shop.proven()


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("""UPDATE occasions_occasion SET awards = '[]'""", "occasion"),
        ("UPDATE occasions_occasion SET taken_back_at = NULL", "occasion"),
        ("UPDATE occasions_occasion SET member_id = (SELECT min(member_id) FROM occasions_occasion)", "occasion"),
        ("DELETE FROM occasions_turn WHERE occasion_id = (SELECT min(id) FROM occasions_occasion)", "occasion"),
        ("UPDATE awards_award SET points = points - 1 WHERE NOT given_back", "award"),
        ("UPDATE awards_award SET given_back = NOT given_back", "occasion"),
        ("UPDATE offers_offercounter SET used = used + 1", "offer"),
    ],
)
def test_what_is_changed_is_found(shop: Shop, tampering: str, found: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(tampering)
        assert cursor.rowcount > 0

    assert found in {fault.what.split()[0] for fault in verify_value()}
