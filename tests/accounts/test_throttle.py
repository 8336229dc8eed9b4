"""Limits are sliding windows that many at once cannot slip through."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from accounts import throttle
from accounts.models import LoginAttempt
from accounts.throttle import Limit, client_address, count_attempt, forget_old_attempts, forgive, too_many
from core.errors import Throttled
from tests.accounts.cast import fresh_phone
from tests.threads import AT_ONCE, SECONDS, in_threads

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LIMIT = Limit("test", ((1, 60), (3, 3600)))


def passes(subject, seconds):
    try:
        count_attempt((LIMIT, subject), now=NOW + timedelta(seconds=seconds))
    except Throttled as refused:
        return refused.data["seconds"]
    return True


@pytest.mark.django_db
def test_windows_slide():
    assert passes("a", 0) is True
    assert passes("a", 1) == 59
    assert passes("a", 59) == 1
    assert passes("a", 60) is True
    assert passes("b", 60) is True, "another subject has a count of its own"
    assert passes("a", 120) is True
    assert passes("a", 180) == 3600 - 180
    assert passes("a", 3599) == 1
    assert passes("a", 3600) is True
    assert passes("a", 3660) is True


@pytest.mark.django_db
def test_when_one_limit_refuses_none_counts():
    other = Limit("other", ((5, 60),))
    assert passes("a", 0) is True
    before = LoginAttempt.objects.count()

    with pytest.raises(Throttled):
        count_attempt((other, "x"), (LIMIT, "a"), now=NOW)

    assert LoginAttempt.objects.count() == before


@pytest.mark.django_db
def test_a_proven_subject_is_forgiven_and_old_attempts_are_forgotten():
    passes("a", 0)
    passes("b", 0)

    forgive(LIMIT, "a")

    assert passes("a", 1) is True
    kept = LoginAttempt.objects.filter(kind="test")
    forget_old_attempts(NOW + timedelta(days=1))
    assert kept.count() == 2
    forget_old_attempts(NOW + timedelta(days=1, seconds=2))
    assert kept.count() == 0


@pytest.mark.django_db
def test_the_table_tells_no_phone():
    phone = fresh_phone()
    passes(phone, 0)

    assert phone not in str(LoginAttempt.objects.values_list("kind", "subject"))


def many_at_once(club, subject):
    return in_threads(club, [lambda: passes(subject, 0)] * 32).count(True)


def test_of_many_at_once_one_passes(committed_club):
    assert many_at_once(committed_club, fresh_phone()) == 1


def test_twin_without_the_line_more_than_one_passes(committed_club, monkeypatch):
    all_have_read = threading.Barrier(AT_ONCE, timeout=SECONDS)
    read = throttle._seconds_to_wait

    def read_together(*attempt):
        seconds = read(*attempt)
        all_have_read.wait()
        return seconds

    monkeypatch.setattr(throttle, "_line_up", lambda kind, subject: None)
    monkeypatch.setattr(throttle, "_seconds_to_wait", read_together)

    assert many_at_once(committed_club, fresh_phone()) > 1


@pytest.mark.parametrize(
    ("seconds", "text"), [(59, "۵۹ ثانیهٔ دیگر"), (3540, "۵۹ دقیقهٔ دیگر"), (86_000, "۲۴ ساعت دیگر")]
)
def test_the_refusal_says_how_long_to_wait(seconds, text):
    assert text in too_many(seconds).detail


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "address"),
    [
        ("5.1.2.3", "", False, "5.1.2.3"),
        ("5.1.2.3", "9.9.9.9", False, "5.1.2.3"),
        ("10.0.0.1", "6.6.6.6, 5.1.2.3", True, "5.1.2.3"),
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("", "", False, "unknown"),
        ("10.0.0.1", "<script>", True, "unknown"),
    ],
)
def test_the_address_that_is_counted(settings, remote, forwarded, trusted, address):
    settings.TRUSTED_PROXY = trusted
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR=remote)

    assert client_address(request) == address
