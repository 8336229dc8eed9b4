"""The lists of a club with many members: each page is found by an index, the hundredth as cheaply as the first."""

from pathlib import Path

import pytest

from club.members.models import CustomField, Member
from club.purchases.models import Purchase
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.club.importing.conftest import run_of
from tests.club.lists import customers
from tests.desk.plans import analyse, lists, pages_of
from tests.shop import NOON, Shop

MEMBERS = 3_000


@pytest.mark.slow
def test_every_page_of_a_long_list_is_found_by_an_index_at_any_depth(tmp_path: Path, committed_club: Club) -> None:
    Shop(committed_club).tiers()
    CustomField.objects.create(code="coffee", label="قهوه")
    run_of(customers(tmp_path / "c.xlsx", MEMBERS)).run()
    nothing = dict.fromkeys(("discount", "vat", "paid_by_credit", "paid_by_points", "points_spent", "point_worth"), 0)
    sold = {"gross": 1, "net": 1, "payable": 1, "points_earned": 0, "credit_earned": 0, "occurred_at": NOON}
    Purchase.objects.bulk_create(
        Purchase(number=number, member=member, imported=True, **sold, **nothing)
        for number, member in enumerate(Member.objects.order_by("pk"))
    )
    analyse()
    browser = signed_in(person("owner"), committed_club)

    for url in lists():
        first, deep = pages_of(browser, url, deep=50)

        assert deep.queries - first.queries in {0, 1}, url  # at most one more, for the row behind which it begins
        for page in (first, deep):
            assert not page.reads_everything, f"{url}: {page.plan}"
            # All of them joined at one moment, or bought at one: what lies before the page is not read again.
            assert page.most_read <= 1_100, f"{url}: {page.plan}"
