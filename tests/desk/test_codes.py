"""A code is the club's own and may hold what addresses are made of."""

import pytest

from club.catalogue.models import Branch, Group, Product
from club.tiers.models import Tier
from tests.accounts.cast import person, signed_in

CODE = "تهران/ونک?۱#۲"


@pytest.fixture
def manager(club):
    Group.objects.create(code=CODE, name="پشتِ خط")
    Branch.objects.create(code=CODE, name="پشتِ خط")
    Product.objects.create(code=CODE, name="پشتِ خط", price_rial=1)
    Tier.objects.create(code=CODE, name="پشتِ خط", rank=1, threshold=1)
    return signed_in(person("manager"), club)


@pytest.mark.parametrize("kind", ["groups", "branches", "products", "tiers"])
def test_the_list_leads_to_what_it_names(manager, kind):
    page = manager.get(f"/desk/settings/{kind}/")
    lead = f"/desk/settings/{kind}/of/"
    address = lead + page.content.decode().split(f'href="{lead}')[1].split('"')[0]

    assert page.status_code == 200
    assert "پشتِ خط" in manager.get(address).content.decode()


def test_what_is_done_with_a_tier_finds_it(manager):
    answer = manager.get(
        "/desk/settings/tiers/of/%D8%AA%D9%87%D8%B1%D8%A7%D9%86/%D9%88%D9%86%DA%A9%3F%DB%B1%23%DB%B2/delete/"
    )

    assert answer.status_code == 200
