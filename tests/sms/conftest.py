import pytest

from sms.emulator.server import running_emulator


@pytest.fixture
def emulator():
    """The provider on a free port: quick, with the account and the lines of a fresh machine."""
    with running_emulator() as emulator:
        yield emulator
