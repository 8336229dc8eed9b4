import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Real hashing takes half a second a login; what it hashes with is not what these tests are about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def sent(monkeypatch):
    """The messages put into the outbox, newest last, as (kind, phone, context)."""
    outbox = []

    def enqueue(kind, *, phone, context, member_id=None, document=""):
        outbox.append((kind, phone, context))

    monkeypatch.setattr("sms.outbox.enqueue", enqueue)
    return outbox
