"""A shop that gives a point for a thousand toman, and a merge as the manager does it."""

import pytest

from club.members.models import Member
from club.purchases import merging
from club.purchases.merging import merge_members
from tests.shop import NOON, Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.programme(rial_per_point=10_000)
    return shop


@pytest.fixture
def committed_shop(committed_shop: Shop) -> Shop:
    committed_shop.programme(rial_per_point=10_000)
    return committed_shop


def merge(source: Member, into: Member, *, key: str = "merge") -> merging.Merged:
    return merge_members(source.pk, into.pk, actor="user:7", key=key, now=NOON)
