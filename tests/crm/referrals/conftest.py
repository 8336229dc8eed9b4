import pytest

from core.models import Club
from tests.shop import Shop


@pytest.fixture
def shop(club: Club) -> Shop:
    return Shop(club)
