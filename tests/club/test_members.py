"""Members: joining, finding, changing."""

from datetime import date, timedelta

import pytest

from club.ledger.models import Entry, Wallet
from club.ledger.selectors import balances
from club.members.cards import luhn_digit, new_card_number
from club.members.models import CustomField, Member, NameToken
from club.members.selectors import find_members, get_member
from club.members.services import DuplicatePhone, update_member
from core.errors import Conflict, NotFound, ValidationFailed
from core.models import AuditEntry, Club, DomainEvent
from core.tenancy.scope import club_scope
from tests.shop import NOON, Shop


def test_a_new_member_has_wallets_card_first_tier_and_an_event(shop: Shop) -> None:
    shop.tiers()

    member = shop.member(phone="+98 912 345 6789", first_name="سارا")

    assert (member.phone, member.tier_code) == ("09123456789", "bronze")
    assert Wallet.objects.filter(member=member).count() == 4
    assert member.card is not None
    assert luhn_digit(member.card[:-1]) == member.card[-1]
    assert DomainEvent.objects.get(kind="member.enrolled").member_id == member.pk


def test_opening_value_is_a_lot_like_any_other(shop: Shop) -> None:
    member = shop.member(opening_points=300, opening_credit=1_000)

    assert (balances(member.pk, NOON).usable_points, balances(member.pk, NOON).usable_credit) == (300, 1_000)
    assert set(Entry.objects.values_list("kind", flat=True)) == {"opening"}
    assert shop.proven()


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"phone": "0912"}, "phone"),
        ({"phone": None}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"birth_date": date(2100, 1, 1)}, "birth_date"),
        ({"first_name": "x" * 61}, "first_name"),
        ({"gender": "other"}, "gender"),
        ({"custom": {"unknown": "x"}}, "custom.unknown"),
    ],
)
def test_a_wrong_field_is_named_and_nobody_joins(shop: Shop, person: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        shop.member(**person)

    assert list(refused.value.errors) == [field]
    assert not Member.objects.exists()


OWN_FIELDS = {"pet": [], "cups": [], "since": [], "coffee": ["لاته", "موکا"]}
KINDS = {"pet": "text", "cups": "number", "since": "date", "coffee": "choice"}


@pytest.fixture
def own_fields(club: Club) -> None:
    """A field of each kind that the club added."""
    for code, choices in OWN_FIELDS.items():
        CustomField.objects.create(code=code, label=code, kind=KINDS[code], choices=choices)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        *(("pet", value) for value in (5, True)),
        *(("cups", value) for value in ("۳", "3", True, 2**63)),
        *(("since", value) for value in ("1405/09/01", "2026-13-01", "20261122", 20261122)),
        *(("coffee", value) for value in ("چای", 5, True)),
    ],
)
def test_a_field_of_the_club_holds_only_its_kind(shop: Shop, own_fields: None, code: str, value: object) -> None:
    right = {"pet": "ببری", "cups": 3, "since": "2026-11-22", "coffee": "لاته"}
    member = shop.member(custom=right)

    with pytest.raises(ValidationFailed) as refused:
        update_member(member.pk, {"custom": {**right, code: value}}, actor="user:1")

    assert list(refused.value.errors) == [f"custom.{code}"]
    update_member(member.pk, {"custom": {**right, code: None}}, actor="user:1")


def test_what_a_member_has_of_a_field_no_longer_in_use_or_choice_no_longer_given_may_stay(
    shop: Shop, own_fields: None
) -> None:
    member = shop.member(custom={"pet": "ببری", "coffee": "لاته"})
    CustomField.objects.filter(code="pet").update(is_active=False)
    CustomField.objects.filter(code="coffee").update(choices=["موکا"])

    update_member(member.pk, {"custom": {"pet": "ببری", "coffee": "لاته", "cups": 3}}, actor="user:1")

    assert Member.objects.get(pk=member.pk).custom["cups"] == 3
    with pytest.raises(ValidationFailed) as refused:
        update_member(member.pk, {"custom": {"pet": "پشمک", "coffee": "چای"}}, actor="user:1")
    assert set(refused.value.errors) == {"custom.pet", "custom.coffee"}


def test_a_phone_joins_once_in_whatever_form(shop: Shop) -> None:
    shop.member(phone="09123456789")

    with pytest.raises(DuplicatePhone):
        shop.member(phone="۰۰۹۸۹۱۲۳۴۵۶۷۸۹")
    shop.member(phone=None, external_id="A-1")
    with pytest.raises(Conflict):
        shop.member(external_id="A-1")


def test_the_same_phone_joins_two_clubs(shop: Shop, other_club: Club) -> None:
    shop.member(phone="09123456789")

    with club_scope(other_club):
        Shop(other_club).member(phone="09123456789")
        assert Member.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "09123456789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "+989123456789",
        "6789",
        "۶۷۸۹",
        "456789",
        "091234",
        "كريمي",
        "کریمی",
        "علي رضا",
        "رضا",
        "کری عل",
        "6274121212121216",
    ],
)
def test_a_member_is_found_by_phone_last_digits_card_or_name_in_any_spelling(shop: Shop, text: str) -> None:
    member = shop.member(phone="09123456789", first_name="علی‌رضا", last_name="کریمی", card="6274121212121216")
    shop.member(phone="09350000001", first_name="سارا", last_name="محمدی")

    assert [hit.id for hit in find_members(text)] == [member.pk]


@pytest.mark.parametrize(
    ("external_id", "text"),
    [("1234567890123", "۱۲۳۴۵۶۷۸۹۰۱۲۳"), ("C-1001", " C-1001"), ("12-345", "12-345"), ("7/1405", "7/1405")],
)
def test_a_member_is_found_by_the_whole_external_id(shop: Shop, external_id: str, text: str) -> None:
    member = shop.member(external_id=external_id)
    shop.member(external_id="C-1002")

    assert [hit.id for hit in find_members(text)] == [member.pk]


@pytest.mark.parametrize(
    "text", ["", " ", "12", "x1\x00", "'; 1 --", "%", "_", "'; --", "\x00", "0" * 300, "ب" * 300, "00000"]
)
def test_a_search_of_no_use_finds_nobody(shop: Shop, text: str) -> None:
    shop.member(phone="09123456789", first_name="سارا")

    assert find_members(text) == []


def test_two_with_the_same_last_digits_are_both_found(shop: Shop) -> None:
    shop.member(phone="09123454567")
    shop.member(phone="09128814567")

    assert len(find_members("4567")) == 2


def test_the_newest_buyer_comes_first_and_who_never_bought_last(shop: Shop) -> None:
    early, never, late = (shop.member(phone=f"0912345456{last}", first_name="سارا") for last in (1, 2, 3))
    shop.buys(early, 1_000, occurred_at=NOON - timedelta(hours=1))
    shop.buys(late, 1_000)

    assert [hit.id for hit in find_members("سارا")] == [late.pk, early.pk, never.pk]


def test_a_change_keeps_old_and_new_and_the_search_follows(shop: Shop) -> None:
    member = shop.member(first_name="سارا")

    update_member(member.pk, {"first_name": "ندا", "birth_date": date(2000, 3, 20)}, actor="user:7")

    entry = AuditEntry.objects.get(action="member.update")
    assert (entry.actor, entry.before["first_name"], entry.after["first_name"]) == ("user:7", "سارا", "ندا")
    assert [hit.name for hit in find_members("ندا")] == ["ندا"]
    assert not NameToken.objects.filter(token="سارا").exists()
    changed = get_member(member.pk)
    assert (changed.birth_jalali_month, changed.birth_jalali_day) == (1, 1)


def test_another_clubs_member_is_not_found(shop: Shop, other_club: Club) -> None:
    member = shop.member()

    with club_scope(other_club):
        for act in (lambda: get_member(member.pk), lambda: update_member(member.pk, {}, actor="user:1")):
            with pytest.raises(NotFound):
                act()
    with pytest.raises(NotFound):
        get_member(2**63)


def test_card_numbers_are_sixteen_digits_with_a_check() -> None:
    numbers = {new_card_number() for _ in range(200)}

    assert len(numbers) == 200
    assert all(len(number) == 16 and luhn_digit(number[:-1]) == number[-1] for number in numbers)
    assert luhn_digit("453201511283036") == "6"  # the well-known example 4532015112830366
