import pytest

from sms.emulator.server import running_emulator
from tests.live import served


@pytest.fixture
def emulator():
    """The provider on a free port: quick, with the account and the lines of a fresh machine."""
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def web():
    """The club's pages, served; its port."""
    with served() as port:
        yield port
