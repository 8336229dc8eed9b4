"""Cards: given once, blocked for good; and the six digits that stand in for one."""

from datetime import timedelta

import pytest

from club.members.cards import CardBlocked, block_card, cards_of, issue_card, refuse_blocked
from club.members.codes import VALID, member_by_code, shown_code
from club.members.models import Card, CardCode, Member
from club.members.selectors import find_members, listed
from club.members.services import update_member
from core.errors import Conflict, NotFound, ValidationFailed
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from tests.shop import NOON, Shop


def test_who_joins_has_one_open_card(shop: Shop) -> None:
    member = shop.member()

    [card] = cards_of(member.pk)
    assert (card.number, card.issued_by, card.blocked_at) == (member.card, "user:1", None)


def test_a_new_card_has_a_new_number_and_ends_the_old_one(shop: Shop) -> None:
    member = shop.member()
    old = member.card or ""

    new = issue_card(member.pk, actor="user:7", reason="گم شد").card or ""

    assert new != old
    assert [(card.number, card.blocked_by, card.reason) for card in cards_of(member.pk)] == [
        (new, "", ""),
        (old, "user:7", "گم شد"),
    ]
    assert [hit.id for hit in find_members(new)] == [member.pk]
    assert find_members(old) == []
    entry = AuditEntry.objects.get(action="member.card_issued")
    assert (entry.actor, entry.before, entry.after) == ("user:7", {"card": old}, {"card": new, "reason": "گم شد"})


def test_a_blocked_card_is_refused_by_its_day_and_the_member_stays_reachable(shop: Shop) -> None:
    member = shop.member(phone="09123456789", card="6274121212121216")

    block_card(member.pk, actor="user:7", reason="گم شد")

    with pytest.raises(CardBlocked, match="conflict") as refused:
        refuse_blocked("۶۲۷۴۱۲۱۲۱۲۱۲۱۲۱۶")
    assert "بسته شده است" in refused.value.detail
    with pytest.raises(CardBlocked):
        listed(card="6274121212121216")
    assert [hit.card for hit in find_members("09123456789")] == [None]


def test_a_card_is_blocked_once_and_a_reason_has_an_end(shop: Shop) -> None:
    member = shop.member()
    block_card(member.pk, actor="user:7", reason="")

    with pytest.raises(Conflict):
        block_card(member.pk, actor="user:7", reason="")
    with pytest.raises(ValidationFailed):
        issue_card(member.pk, actor="user:7", reason="x" * 201)
    assert Card.objects.count() == 1


def test_a_number_that_was_given_is_nobody_elses_again(shop: Shop) -> None:
    first, second = shop.member(card="1234567812345670"), shop.member()
    issue_card(first.pk, actor="user:7")

    for act in (
        lambda: shop.member(card="1234567812345670"),
        lambda: update_member(second.pk, {"card": "1234567812345670"}, actor="user:7"),
        lambda: update_member(first.pk, {"card": "1234567812345670"}, actor="user:7"),
    ):
        with pytest.raises(Conflict):
            act()
    assert Member.objects.count() == 2


def test_a_number_changed_by_hand_is_an_issued_card_too(shop: Shop) -> None:
    member = shop.member(card="1111222233334444")

    update_member(member.pk, {"card": "5555"}, actor="user:7")
    update_member(member.pk, {"card": "5555", "first_name": "سارا"}, actor="user:7")

    assert [(card.number, bool(card.blocked_at)) for card in cards_of(member.pk)] == [
        ("5555", False),
        ("1111222233334444", True),
    ]


def test_another_clubs_card_is_not_touched(shop: Shop, other_club: Club) -> None:
    member = shop.member()

    with club_scope(other_club):
        for act in (
            lambda: issue_card(member.pk, actor="user:7"),
            lambda: block_card(member.pk, actor="user:7", reason=""),
        ):
            with pytest.raises(NotFound):
                act()
    assert cards_of(member.pk)[0].blocked_at is None


def test_a_code_opens_its_member_for_a_minute(shop: Shop) -> None:
    member, other = shop.member(), shop.member()

    code, others = shown_code(member.pk, now=NOON).code, shown_code(other.pk, now=NOON).code

    assert code != others
    assert member_by_code(code, now=NOON + VALID - timedelta(seconds=1)) == member
    assert member_by_code(code, now=NOON + VALID) is None
    assert member_by_code("", now=NOON) is None and member_by_code(code + "0", now=NOON) is None


def test_a_code_stays_until_it_is_too_old_to_be_read_out(shop: Shop) -> None:
    member = shop.member()
    first = shown_code(member.pk, now=NOON)

    assert shown_code(member.pk, now=NOON + timedelta(seconds=40)).code == first.code
    second = shown_code(member.pk, now=NOON + timedelta(seconds=41))
    assert second.valid_until == NOON + timedelta(seconds=101)
    assert CardCode.objects.count() == 1


def test_a_code_on_somebody_elses_screen_is_not_shown_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = shop.member(), shop.member(), shop.member()
    ahead = iter([123, 123, 456, 123])
    monkeypatch.setattr("club.members.codes.secrets.randbelow", lambda _most: next(ahead))

    assert shown_code(first.pk, now=NOON).code == "000123"
    assert shown_code(second.pk, now=NOON).code == "000456"
    later = NOON + VALID
    assert shown_code(third.pk, now=later).code == "000123"  # the first one's has ended
    assert member_by_code("000123", now=later) == third
