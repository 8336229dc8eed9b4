"""The till: who may open it, whom it finds, what it records, and what it says when it does not."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from club.members.cards import block_card
from club.members.codes import shown_code
from club.members.models import CustomField, Member
from club.programme.services import change_programme
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.tiers.models import Tier
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from core.text import persian_digits
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in, visitor
from tests.desk.conftest import joined

JSON = {"accept": "application/json"}


def typed(client: Client, **fields: object) -> dict[str, object]:
    """A form as the page posts it, with a key of its own."""
    return {"key": "k1", **fields}


def save(client: Client, *, status: int = 200, **fields: object) -> dict[str, object]:
    """Post the form as the page's script does."""
    answer = client.post("/desk/till/", {"key": "k1", **fields}, headers=JSON)
    assert answer.status_code == status, answer.content.decode()[:500]
    return json.loads(answer.content)


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────

PAGES = ["/desk/till/", "/desk/till/members/?q=4567", "/desk/purchases/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_sent_to_the_login_and_back(club: Club, path: str) -> None:
    answer = visitor(club).get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:login") + "?next=")


@pytest.mark.parametrize("path", PAGES)
def test_who_has_no_role_here_is_refused(stranger: Client, path: str) -> None:
    assert stranger.get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_support_agent_is_refused(club: Club, path: str) -> None:
    assert signed_in(person(Role.SUPPORT), club).get(path).status_code == 403


def test_a_session_that_came_by_code_alone_opens_no_till(club: Club) -> None:
    assert signed_in(person(Role.CASHIER), club, method="otp").get("/desk/till/").status_code == 302


def test_a_cashier_of_another_club_is_a_stranger_here(club: Club, other_club: Club) -> None:
    user = person(Role.CASHIER, club=other_club)

    assert signed_in(user, club).get("/desk/till/").status_code == 403


def test_home_leads_the_cashier_to_the_till(cashier: Client) -> None:
    assert cashier.get("/desk/")["Location"] == "/desk/till/"


# ── whom it finds ─────────────────────────────────────────────────────────────────────────────────────────


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


# ── what it records ───────────────────────────────────────────────────────────────────────────────────────


def test_a_purchase_of_a_known_member(cashier: Client, sara: Member) -> None:
    answer = save(cashier, member=sara.pk, amount="۲۴۵٬۰۰۰")

    bought = Purchase.objects.get()
    assert (bought.net, bought.member_id, bought.points_earned) == (2_450_000, sara.pk, 24)
    assert answer["said"] == "ثبت شد: سارا محمدی، ۲۴۵٬۰۰۰ تومان، \u200e+۲۴ امتیاز"
    assert answer["key"] != "k1"
    assert f"/desk/purchases/{bought.pk}/undo/" == answer["undo"]
    assert "سارا محمدی" in str(answer["recent"])


def test_a_new_phone_becomes_a_member_with_the_purchase(cashier: Client, club: Club) -> None:
    save(cashier, who="۰۹۳۵۱۱۱۲۲۳۳", amount="100000")

    assert Member.objects.get().phone == "09351112233"
    assert Purchase.objects.get().member == Member.objects.get()


def test_a_newcomer_may_be_named_with_the_purchase(cashier: Client, club: Club) -> None:
    save(cashier, who="09351112233", new_name="  مینا   رضایی‌فر ", amount="100000")

    member = Member.objects.get()
    assert (member.first_name, member.last_name) == ("مینا", "رضایی‌فر")
    assert OutboxMessage.objects.get(kind="welcome").context["name"] == "مینا"


def test_a_newcomer_is_asked_what_the_club_wants_to_know_at_the_till(cashier: Client, club: Club) -> None:
    CustomField.objects.create(code="pet", label="نام گربه", is_asked_at_till=True)
    CustomField.objects.create(code="age", label="سن گربه", kind="number", is_asked_at_till=True, position=1)
    CustomField.objects.create(code="mood", label="خلق‌وخو")
    page = cashier.get("/desk/till/").content.decode()
    assert 'name="custom_pet"' in page and 'name="custom_mood"' not in page

    wrong = save(cashier, status=422, who="09351112233", amount="1000", custom_pet="پشمک", custom_age="سه")
    assert list(wrong["errors"]) == ["custom_age"] and not Member.objects.filter(phone="09351112233").exists()
    save(cashier, who="09351112233", new_name="مینا", amount="1000", custom_pet="پشمک", custom_age="۳", custom_mood="x")

    member = Member.objects.get(phone="09351112233")
    assert (member.first_name, member.custom) == ("مینا", {"pet": "پشمک", "age": 3})
    manager = signed_in(person("manager"), club)
    assert "پشمک" in manager.get(f"/desk/members/{member.pk}/").content.decode()


def test_what_is_asked_of_newcomers_changes_no_known_member(cashier: Client, sara: Member) -> None:
    CustomField.objects.create(code="pet", label="نام گربه", is_asked_at_till=True)

    save(cashier, member=sara.pk, amount="1000", custom_pet="پشمک")

    sara.refresh_from_db()
    assert sara.custom == {}


def test_a_nameless_member_is_named_at_once_or_with_a_purchase_and_it_is_noted(cashier: Client, club: Club) -> None:
    first, second = joined("09351112233", "", ""), joined("09351112244", "", "")

    said = save(cashier, act="name", member=first.pk, new_name="مینا رضایی")["said"]
    save(cashier, member=second.pk, new_name="زهرا", amount="1000")

    assert said == "نام نوشته شد: مینا رضایی"
    assert [str(member) for member in Member.objects.order_by("pk")] == ["مینا رضایی", "زهرا"]
    assert AuditEntry.objects.filter(action="member.update").count() == 2
    assert Purchase.objects.count() == 1


def test_a_name_is_not_changed_by_a_purchase(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, new_name="دیگری", amount="1000")

    sara.refresh_from_db()
    assert sara.full_name == "سارا محمدی"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"new_name": "مینا"}, "who"),
        ({"who": "4567", "new_name": " "}, "new_name"),
        ({"who": "4567", "new_name": "ی" * 90}, "new_name"),
    ],
)
def test_a_name_that_cannot_be_given_is_refused_beside_its_field(
    cashier: Client, sara: Member, fields: dict[str, str], field: str
) -> None:
    assert list(save(cashier, status=422, act="name", **fields)["errors"]) == [field]


def test_without_javascript_naming_keeps_what_was_typed(cashier: Client, sara: Member) -> None:
    fields = typed(cashier, who="4567", amount="245000", act="name", new_name="سارا کریمی")

    page = cashier.post("/desk/till/", fields).content.decode()

    assert "نام نوشته شد: سارا کریمی" in page
    assert 'value="245000"' in page
    assert Purchase.objects.count() == 0


def test_a_sale_to_a_non_member_by_explicit_choice(cashier: Client, sara: Member) -> None:
    save(cashier, nobody="1", member=sara.pk, amount="100000")

    assert Purchase.objects.get().member is None


def test_a_new_tier_and_the_way_to_the_next_are_said_with_what_was_recorded(cashier: Client, sara: Member) -> None:
    Tier.objects.create(code="silver", name="نقره‌ای", rank=1, threshold=2_000_000)
    Tier.objects.create(code="gold", name="طلایی", rank=2, threshold=30_000_000)

    said = str(save(cashier, member=sara.pk, amount="۲۴۵٬۰۰۰")["said"])

    assert said.endswith("، به سطح نقره‌ای رسید، ۲٬۷۵۵٬۰۰۰ تومان تا طلایی")
    page = cashier.get(f"/desk/till/?saved={Purchase.objects.get().pk}").content.decode()
    assert "به سطح نقره‌ای رسیدید" in page


def test_pressing_enter_twice_records_once(cashier: Client, sara: Member) -> None:
    first = save(cashier, member=sara.pk, amount="245000")
    second = save(cashier, member=sara.pk, amount="245000")

    assert Purchase.objects.count() == 1
    assert first["id"] == second["id"]
    assert "دوباره ثبت نشد" in str(second["said"])


def test_enrolling_twice_with_one_key_records_once(cashier: Client, club: Club) -> None:
    save(cashier, who="09351112233", amount="245000")
    save(cashier, who="09351112233", amount="245000")

    assert (Purchase.objects.count(), Member.objects.count()) == (1, 1)


def test_the_same_form_with_another_amount_is_refused(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, amount="245000")

    answer = save(cashier, status=422, member=sara.pk, amount="999000")

    assert answer["code"] == "idempotency_conflict"
    assert Purchase.objects.count() == 1


def test_credit_pays_as_far_as_it_reaches(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, amount="245000", use_credit="1")

    bought = Purchase.objects.get()
    assert (bought.paid_by_credit, bought.payable) == (620_000, 1_830_000)


def test_points_pay_too(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, amount="245000", use_points="1")

    assert Purchase.objects.get().points_spent == 500


def test_the_number_of_the_shops_own_invoice_is_kept_once(cashier: Client, sara: Member) -> None:
    save(cashier, member=sara.pk, amount="1000", ref="F-12")

    answer = save(cashier, status=409, key="k2", member=sara.pk, amount="1000", ref="F-12")

    first = Purchase.objects.get()
    assert answer["errors"] == {"ref": f"این شماره پیش‌تر با خرید {persian_digits(first.number)} ثبت شده است"}


# ── without JavaScript ────────────────────────────────────────────────────────────────────────────────────


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


# ── bad input ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "amount",
    ["", "0", "-5", "−۵", "12.5", "۱۲٫۵", "NaN", "1e309", "abc", "9" * 40, str(2**63), "٬٬٬", "1,2,3", "\x00", "💥"],
)
def test_a_wrong_amount_is_refused_beside_its_field_and_nothing_is_written(
    cashier: Client, sara: Member, amount: str
) -> None:
    answer = save(cashier, status=422, member=sara.pk, amount=amount)

    assert list(answer["errors"]) == ["amount"]
    assert Purchase.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"who": ""},
        {"who": "nobody-like-this"},
        {"who": "0912"},
        {"who": "x" * 500},
        {"member": "abc"},
        {"member": "-1"},
        {"member": "9" * 30},
        {"member": "987654321"},
        {"who": "4567", "branch": "nowhere"},
        {"who": "4567", "branch": "x" * 99},
        {"who": "4567", "ref": "x" * 99},
        {"who": "4567", "key": ""},
        {"who": "4567", "key": "x" * 99},
        {"who": "4567", "key": "کلید"},
        {"who": "4567\x00"},
        {"who": "4567", "ref": "a\x00b\x00" * 9},
    ],
)
def test_bad_input_is_never_a_server_error(cashier: Client, sara: Member, fields: dict[str, str]) -> None:
    answer = cashier.post("/desk/till/", {"key": "k1", "amount": "1000", **fields}, headers=JSON)

    assert answer.status_code in {200, 404, 409, 422}
    assert cashier.post("/desk/till/preview/", {"amount": "1000", **fields}).status_code == 200
    assert cashier.post("/desk/till/", {"key": "k9", "amount": "1000", "act": "preview", **fields}).status_code == 200


def test_another_clubs_member_is_unknown(cashier: Client, other_club: Club) -> None:
    with club_scope(other_club):
        theirs = joined("09120000077")

    save(cashier, status=404, member=theirs.pk, amount="1000")

    assert Purchase.objects.count() == 0


def test_a_blocked_member_is_refused_with_the_reason(cashier: Client, sara: Member) -> None:
    Member.objects.filter(pk=sara.pk).update(status=Member.Status.BLOCKED)

    assert "مسدود" in str(save(cashier, status=409, member=sara.pk, amount="1000")["said"])
    assert "مسدود" in cashier.post("/desk/till/preview/", {"member": sara.pk, "amount": "1000"}).content.decode()


def test_a_lost_database_is_said_and_what_was_typed_is_kept(cashier: Client, sara: Member, monkeypatch) -> None:
    def lost(*args: object, **kwargs: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("desk.cashier.till.record_purchase", lost)

    assert "در دسترس نیست" in str(save(cashier, status=503, member=sara.pk, amount="245000")["said"])
    page = cashier.post("/desk/till/", {"key": "k1", "who": "4567", "amount": "۲۴۵٬۰۰۰"})
    assert page.status_code == 503
    assert "۲۴۵٬۰۰۰" in page.content.decode()
    assert "k1" in page.content.decode()


@pytest.mark.parametrize("page", ["/desk/till/?saved=", "/desk/purchases/?before=", "/desk/purchases/?q="])
@pytest.mark.parametrize("number", ["9" * 5_000, "9" * 19, "²", "-1", "۱۲"])
def test_a_number_of_no_purchase_in_an_address_is_passed_over(
    cashier: Client, club: Club, page: str, number: str
) -> None:
    assert cashier.get(page + number).status_code == 200


# ── the preview ───────────────────────────────────────────────────────────────────────────────────────────


def previewed(client: Client, **fields: object) -> str:
    """The parts of the page for what is typed so far."""
    answer = client.post("/desk/till/preview/", fields)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_preview_shows_the_member_and_the_sums_and_writes_nothing(cashier: Client, sara: Member) -> None:
    page = previewed(cashier, member=sara.pk, amount="۲۴۵٬۰۰۰", use_credit="1")

    assert "سارا محمدی" in page
    assert "<span data-pay>۱۸۳٬۰۰۰</span>" in page
    assert Purchase.objects.count() == 0


def test_what_a_cap_cuts_is_said_before_and_on_the_receipt(cashier: Client, sara: Member) -> None:
    now = timezone.now()
    change_programme({"max_points_per_purchase": 5}, effective_from=now - timedelta(days=1), actor="user:1")

    page = previewed(cashier, member=sara.pk, amount="۲۴۵٬۰۰۰")
    done = save(cashier, member=sara.pk, amount="245000")

    assert "۱۹ امتیاز بالای سقف بود" in page
    assert "۱۹ امتیاز بالای سقف بود" in cashier.get(f"/desk/purchases/{done['id']}/").content.decode()


def test_the_preview_of_a_newcomer(cashier: Client, club: Club) -> None:
    page = previewed(cashier, who="09351112233", amount="100000")

    assert "عضو تازه" in page
    assert "\u200e+۱۰" in page
    assert Member.objects.count() == 0


def test_before_anything_is_typed_the_preview_waits(cashier: Client, club: Club) -> None:
    page = previewed(cashier)

    assert "منتظر عضو بعدی" in page
    assert "<span data-pay>۰</span>" in page


def test_the_preview_says_how_far_the_next_tier_is(cashier: Client, sara: Member) -> None:
    Tier.objects.create(code="gold", name="طلایی", rank=1, threshold=10_000_000)

    assert "تا سطح طلایی" in previewed(cashier, member=sara.pk, amount="100000")


def test_the_page_costs_the_same_for_1_and_for_6_purchases(cashier: Client, sara: Member) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            cashier.get("/desk/till/")
        return len(caught)

    save(cashier, member=sara.pk, amount="1000")
    cost()
    few = cost()
    for i in range(5):
        save(cashier, key=f"more{i}", who=f"0935111223{i}", amount="1000")

    assert cost() == few


def test_the_undo_is_offered_for_a_quarter_of_an_hour(cashier: Client, sara: Member) -> None:
    answer = save(cashier, member=sara.pk, amount="1000")
    assert answer["undo"]

    bought = Purchase.objects.get()
    Purchase.objects.filter(pk=bought.pk).update(created_at=bought.created_at - timedelta(minutes=16))
    assert "data-undo" not in cashier.get("/desk/till/").content.decode()
