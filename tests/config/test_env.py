"""Settings from the environment: a wrong one stops the start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("600/min", (600, 60)),
        ("20/s", (20, 1)),
        ("1/hour", (1, 3_600)),
        (" 999999999/day ", (999_999_999, 86_400)),
        ("off", None),
    ],
)
def test_a_rate_is_so_many_in_so_many_seconds(monkeypatch: pytest.MonkeyPatch, written: str, rate: object) -> None:
    monkeypatch.setenv("RATE", written)

    assert env.rate("RATE", "1/s") == rate


@pytest.mark.parametrize("written", ["", "0/min", "-1/min", "600", "600/m", "600 / min", "1.5/s", "1e9/s", "OFF"])
def test_nonsense_is_no_rate(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("RATE", written)

    with pytest.raises(ImproperlyConfigured, match="RATE"):
        env.rate("RATE", "1/s")


def test_without_the_variable_the_default_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RATE", raising=False)

    assert env.rate("RATE", "300/min") == (300, 60)


def test_keys_that_could_be_guessed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYS", f"{'a' * 32}, {'b' * 40},")
    assert env.keys("KEYS") == ["a" * 32, "b" * 40]

    monkeypatch.setenv("KEYS", f"{'a' * 32},short")
    with pytest.raises(ImproperlyConfigured, match="KEYS has fewer than 32") as refused:
        env.keys("KEYS")
    assert "short" not in str(refused.value)
