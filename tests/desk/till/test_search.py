"""Whom the till finds, and whom it does not."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.members.cards import block_card
from club.members.codes import shown_code
from club.members.models import Member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from core.models import Club
from core.tenancy.scope import club_scope
from tests.desk.conftest import joined
from tests.desk.till.forms import save


def options(client: Client, text: str) -> str:
    """The options for what was typed."""
    return client.get("/desk/till/members/", {"q": text}).content.decode()


@pytest.mark.parametrize(
    "text", ["4567", "۴۵۶۷", "٤٥٦٧", "09123454567", "+98 912 345 4567", "سارا", "محمدي", "محمدی سارا"]
)
def test_a_member_is_found_by_phone_last_digits_and_name_in_any_spelling(
    cashier: Client, sara: Member, text: str
) -> None:
    assert f'data-member="{sara.pk}"' in options(cashier, text)


def test_of_two_members_with_the_same_digits_both_are_shown_and_the_hint_says_to_choose(
    cashier: Client, sara: Member
) -> None:
    joined("09128814567", "الهام", "صادقی")

    page = options(cashier, "4567")

    assert page.count("data-member=") == 2
    assert "۲ نفر پیدا شد" in page


def test_more_than_the_list_shows_are_not_counted_but_said_to_be_more(cashier: Client, club: Club) -> None:
    for i in range(9):
        joined(f"0912{i:03}4567")

    page = options(cashier, "4567")

    assert page.count("data-member=") == 8
    assert "بیش از ۸ نفر پیدا شد؛ بیشتر بنویسید" in page


@pytest.mark.parametrize("text", ["02188776655", "۰۹۱۲۳۴۵۴۵۶۷۸", "021 8877-6655", "88776655"])
def test_a_number_that_is_no_mobile_is_called_so(cashier: Client, sara: Member, text: str) -> None:
    assert "این شمارهٔ موبایل نیست" in options(cashier, text)
    assert "این شمارهٔ موبایل نیست" in str(save(cashier, status=422, who=text, amount="1000")["errors"])


@pytest.mark.parametrize("text", ["09121", "0912999888", "98912999", "00989129", "912999888", "6219861012345678"])
def test_a_mobile_that_is_being_typed_and_a_card_are_no_wrong_mobile(cashier: Client, sara: Member, text: str) -> None:
    assert "پیدا نشد" in options(cashier, text)


def test_a_whole_number_that_nobody_has_may_become_a_member(cashier: Client, sara: Member) -> None:
    assert 'data-phone="09351112233"' in options(cashier, "۰۹۳۵ ۱۱۱ ۲۲۳۳")
    assert "data-phone" not in options(cashier, "09123454567")


def test_the_old_number_of_a_merged_record_opens_the_one_left_and_nobody_new(cashier: Client, sara: Member) -> None:
    double = joined("09350000077", "سارا", "")
    merge_members(double.pk, sara.pk, actor="user:1", key="k", now=timezone.now())

    shown = options(cashier, "09350000077")

    assert f'data-member="{sara.pk}"' in shown
    assert "data-phone" not in shown


def test_members_of_another_club_are_not_found(cashier: Client, other_club: Club) -> None:
    with club_scope(other_club):
        joined("09120000077", "بیگانه", "")

    assert "data-member" not in options(cashier, "0077")
    assert 'data-phone="09120000077"' in options(cashier, "09120000077")


@pytest.mark.parametrize("text", ["", " ", "%", "'; --", "<b>", "9" * 500, "\x00", "💥", "NaN", "1e309"])
def test_nonsense_finds_nobody_and_breaks_nothing(cashier: Client, text: str) -> None:
    assert "data-member" not in options(cashier, text)


def test_a_blocked_card_is_refused_in_words_and_never_opens_somebody_else(cashier: Client, club: Club) -> None:
    lost = joined(card="4567")
    joined("09129994567", first="ندا")  # found by the same digits
    block_card(lost.pk, actor="user:1", reason="گم شد")

    shown = cashier.get("/desk/till/members/?q=۴۵۶۷").content.decode()
    answer = save(cashier, status=422, who="4567", amount="245000")

    assert "بسته شده است" in shown and "data-member" not in shown
    assert "بسته شده است" in str(answer["errors"])
    assert not Purchase.objects.exists()


def test_the_code_on_the_members_screen_opens_the_member(cashier: Client, sara: Member) -> None:
    code = shown_code(sara.pk, now=timezone.now()).code

    shown = cashier.get("/desk/till/members/", {"q": f"{code[:3]} {code[3:]}"}).content.decode()
    save(cashier, who=code, amount="245000")

    assert f'data-member="{sara.pk}"' in shown
    assert Purchase.objects.get().member == sara


def test_the_search_costs_the_same_for_3_and_for_8_members(cashier: Client, club: Club) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            options(cashier, "4567")
        return len(caught)

    for i in range(3):
        joined(f"0912{i:03}4567")
    cost()
    few = cost()
    for i in range(3, 8):
        joined(f"0912{i:03}4567")

    assert cost() == few
