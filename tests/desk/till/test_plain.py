"""The till without JavaScript."""

from django.test import Client

from club.members.models import Member
from club.purchases.models import Purchase
from core.models import Club
from tests.desk.conftest import joined
from tests.desk.till.forms import save, typed


def test_the_page_comes_with_a_key_and_the_focus_in_the_members_field(cashier: Client, club: Club) -> None:
    page = cashier.get("/desk/till/").content.decode()

    assert 'name="key" value="' in page
    assert "autofocus" in page
    assert "کافه نارون" in page


def test_a_posted_form_answers_with_the_next_page_and_says_what_was_saved(cashier: Client, sara: Member) -> None:
    answer = cashier.post("/desk/till/", typed(cashier, who="4567", amount="245000"), follow=True)

    assert answer.redirect_chain[0][1] == 302
    assert "ثبت شد" in answer.content.decode()


def test_save_and_print_leads_to_the_receipt(cashier: Client, sara: Member) -> None:
    answer = cashier.post("/desk/till/", typed(cashier, who="4567", amount="245000", print="1"))

    assert answer["Location"] == f"/desk/purchases/{Purchase.objects.get().pk}/?print=1"


def test_two_matches_are_offered_to_choose_from_and_nobody_is_credited(cashier: Client, sara: Member) -> None:
    other = joined("09128814567", "الهام", "صادقی")

    answer = cashier.post("/desk/till/", typed(cashier, who="4567", amount="245000"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'type="radio" name="member" value="{sara.pk}"' in page
    assert f'type="radio" name="member" value="{other.pk}"' in page
    assert 'value="245000"' in page
    assert Purchase.objects.count() == 0


def test_more_than_one_error_has_a_summary_that_leads_to_the_fields(cashier: Client, club: Club) -> None:
    page = cashier.post("/desk/till/", typed(cashier)).content.decode()

    assert 'href="#who"' in page
    assert 'href="#amount"' in page
    assert "<title>خطا:" in page


def test_sums_can_be_seen_without_saving(cashier: Client, sara: Member) -> None:
    page = cashier.post("/desk/till/", typed(cashier, who="4567", amount="245000", act="preview")).content.decode()

    assert Purchase.objects.count() == 0
    assert "۲۴۵٬۰۰۰" in page


def test_the_sums_are_of_the_member_whom_recording_would_find(cashier: Client, sara: Member) -> None:
    page = cashier.post(
        "/desk/till/", typed(cashier, who="4567", amount="245000", use_credit="1", act="preview")
    ).content.decode()

    assert "سارا محمدی" in page
    assert "<span data-pay>۱۸۳٬۰۰۰</span>" in page


def test_the_sums_of_two_matches_ask_which_one(cashier: Client, sara: Member) -> None:
    other = joined("09128814567", "الهام", "صادقی")

    page = cashier.post("/desk/till/", typed(cashier, who="4567", amount="245000", act="preview")).content.decode()

    assert f'type="radio" name="member" value="{other.pk}"' in page
    assert "منتظر عضو بعدی" in page


def test_another_text_lets_the_member_chosen_before_go(cashier: Client, sara: Member) -> None:
    other = joined("09351112233", "الهام", "صادقی")

    save(cashier, member=sara.pk, who="2233", amount="245000")

    assert Purchase.objects.get().member == other


def test_the_one_chosen_of_two_stays_chosen_when_the_form_comes_back(cashier: Client, sara: Member) -> None:
    other = joined("09128814567", "الهام", "صادقی")

    page = cashier.post("/desk/till/", typed(cashier, who="4567", member=other.pk, amount="")).content.decode()

    assert f'name="member" value="{other.pk}" checked' in page
    assert 'id="member-id" value=""' in page
