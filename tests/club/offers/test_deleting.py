"""A draft is deleted only where nothing gives its codes away: a purchase would have none to hand out."""

import pytest

from core.errors import Conflict
from offers.models import Offer
from offers.services import delete_draft, update_offer
from tests.offering import draft, known_codes, publish
from tests.shop import NOON

TEN = {"kind": "discount_percent", "percent": 10}


@pytest.mark.usefixtures("club")
def test_an_offer_whose_codes_another_gives_stays() -> None:
    coded = draft("با کد", TEN, code_required=True)
    gift = {"kind": "coupon", "offer": coded.pk, "valid_days": 7}
    giver = publish("خرید بعدی", gift, stacking="always")

    with pytest.raises(Conflict) as refused:
        delete_draft(coded.pk, actor="user:1")
    assert "«خرید بعدی»" in refused.value.texts[0]

    update_offer(giver.pk, {"benefit": TEN}, known=known_codes(), actor="user:1", now=NOON)
    with pytest.raises(Conflict):  # a late purchase of its time still gives it
        delete_draft(coded.pk, actor="user:1")


@pytest.mark.usefixtures("club")
def test_one_that_nobody_names_goes() -> None:
    coded = draft("با کد", TEN, code_required=True)

    delete_draft(coded.pk, actor="user:1")

    assert not Offer.objects.exists()
