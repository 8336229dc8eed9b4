"""Keys that make a request happen once."""

import pytest

from core.errors import IdempotencyConflict, IdempotencyKeyMissing
from core.idempotency import once
from core.models import Club
from core.tenancy.scope import club_scope


def test_the_first_claim_has_no_answer_and_the_second_has_the_stored_one(club: Club) -> None:
    once("k", fingerprint="f").keep("{}")

    assert once("k", fingerprint="f").answer == "{}"


def test_another_request_under_the_same_key_is_refused(club: Club) -> None:
    once("k", fingerprint="f").keep("{}")

    with pytest.raises(IdempotencyConflict):
        once("k", fingerprint="g")


def test_a_key_belongs_to_one_club(club: Club, other_club: Club) -> None:
    once("k", fingerprint="f").keep("{}")

    with club_scope(other_club):
        assert once("k", fingerprint="g").answer is None


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "کلید", "a\n", "\x00"])
def test_a_key_that_is_not_1_to_64_visible_characters_is_refused(club: Club, key: str) -> None:
    with pytest.raises(IdempotencyKeyMissing):
        once(key, fingerprint="f")
