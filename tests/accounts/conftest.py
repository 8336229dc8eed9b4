import pytest


@pytest.fixture
def sent(monkeypatch):
    """The messages put into the outbox, newest last, as (kind, phone, context)."""
    outbox = []

    def enqueue(kind, *, phone, context, member_id=None, document=""):
        outbox.append((kind, phone, context))

    monkeypatch.setattr("sms.outbox.enqueue", enqueue)
    return outbox
