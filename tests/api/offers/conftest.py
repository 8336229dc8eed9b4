"""Offers and coupons over the API in one line each."""

from typing import Any

import pytest

from tests.api.conftest import Api, fresh_key

TEN_PERCENT = {"kind": "discount_percent", "percent": 10}


class OfferApi:
    """A manager's program that defines offers."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def offer(self, **said: Any) -> dict[str, Any]:
        """An offer as answered: live, on purchases, 10% off, unless told."""
        usual = {"name": "ده درصد", "trigger": "purchase", "benefit": TEN_PERCENT, "status": "live"}
        response = self.api.post("/offers", {**usual, **said})
        assert response.status_code == 201, response.content.decode()
        return response.json()

    def coded(self, **said: Any) -> int:
        """The id of a live offer that needs a code."""
        return self.offer(code_required=True, **said)["id"]

    def coupons(self, offer: int, **said: Any) -> list[str]:
        """The codes made."""
        response = self.api.post("/coupons", {"offer": offer, **said}, key=fresh_key())
        assert response.status_code == 201, response.content.decode()
        return [one["code"] for one in response.json()["results"]]


@pytest.fixture
def desk(api: Api) -> OfferApi:
    return OfferApi(api)


@pytest.fixture
def member(api: Api) -> int:
    """A member of a club whose programme itself gives nothing."""
    api.patch("/programme", {"rial_per_point": None, "credit_percent": None, "effective_from": "2020-01-01"})
    return api.enrol()["id"]
