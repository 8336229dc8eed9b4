import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from sms.emulator.server import running_emulator


@pytest.fixture
def emulator():
    """The provider on a free port: quick, with the account and the lines of a fresh machine."""
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def web():
    """The club's pages, served; its port."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None, server.error
    yield server.port
    server.terminate()
