"""Members and their custom fields in the admin: found, enrolled and changed through the services."""

import pytest
from django.urls import reverse

from club.members.models import CustomField, Member, NameToken
from core.models import AuditEntry
from sms.models import OutboxMessage
from tests.accounts.cast import fresh_phone
from tests.desk.admin.conftest import ADMIN, errors_of, text_of, values_of


@pytest.mark.parametrize("typed", ["سارا کاظمی", "كاظمى", "کاظ", "۰۹۱۲۰۰۰۰۰۰۱", "0001", "+989120000001"])
def test_members_are_found_by_phone_last_digits_and_name_in_any_spelling(owner, full, shop, typed):
    shop.member(first_name="علی", phone="09359998877")

    found = owner.get(ADMIN + "members/member/", {"q": typed}).context["cl"].result_list

    assert [member.pk for member in found] == [full.pk]


@pytest.mark.parametrize("typed", ["\x00", "%", "'", "zzz", "0" * 300])
def test_a_search_for_nonsense_finds_nobody(owner, full, typed):
    answer = owner.get(ADMIN + "members/member/", {"q": typed})

    assert answer.status_code == 200
    assert "cl" in answer.context


def test_a_member_is_enrolled_with_wallets_tier_and_welcome(owner, shop):
    CustomField.objects.create(code="coffee", label="قهوه", kind="choice", choices=["اسپرسو", "لاته"])
    CustomField.objects.create(code="anniv", label="سالگرد", kind="date")
    phone = fresh_phone()

    answer = owner.post(
        ADMIN + "members/member/add/",
        {
            "phone": "۰" + phone[1:],
            "first_name": "نگار",
            "last_name": "رضایی",
            "gender": "female",
            "birth_date": "۱۳۷۰/۵/۱۲",
            "email": "",
            "card": "",
            "external_id": "",
            "source": "",
            "tags": "دوست، همسایه",
            "custom_coffee": "لاته",
            "custom_anniv": "1395/1/2",
        },
    )

    assert answer.status_code == 302, errors_of(answer)
    member = Member.objects.get(phone=phone)
    assert (member.tier_code, member.tags, member.birth_jalali_month) == ("bronze", ["دوست", "همسایه"], 5)
    assert member.custom == {"coffee": "لاته", "anniv": "2016-03-21"}
    assert member.wallets.count() == 4
    assert OutboxMessage.objects.filter(kind="welcome", phone=phone).exists()
    assert AuditEntry.objects.get(action="member.enrol").target == f"member:{member.pk}"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"phone": "0912"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": "09120000001"}, "__all__"),
        ({"birth_date": "1405/13/1"}, "birth_date"),
        ({"birth_date": "1499/1/1"}, "birth_date"),
        ({"email": "x"}, "email"),
        ({"first_name": "ا" * 61}, "first_name"),
    ],
)
def test_bad_input_stands_beside_its_field_and_enrols_nobody(owner, full, typed, field):
    asked = {"phone": fresh_phone(), "first_name": "", "gender": "", **typed}

    answer = owner.post(ADMIN + "members/member/add/", asked)

    assert answer.status_code == 200
    assert field in errors_of(answer)
    assert Member.objects.count() == 1


def test_a_member_is_changed_by_the_service_so_that_names_are_found_and_audited(owner, full):
    address = f"{ADMIN}members/member/{full.pk}/change/"
    values = values_of(owner.get(address))

    answer = owner.post(address, {**values, "last_name": "محمدی", "tier_floor": "silver"})

    assert answer.status_code == 302, errors_of(answer)
    full.refresh_from_db()
    assert (full.last_name, full.tier_floor, full.tier_code) == ("محمدی", "silver", "silver")
    assert set(NameToken.objects.filter(member=full).values_list("token", flat=True)) == {"سارا", "محمدی"}
    entry = AuditEntry.objects.get(action="member.update")
    assert (entry.before, entry.after) == ({"last_name": "کاظمی"}, {"last_name": "محمدی"})


def test_a_phone_changed_in_the_admin_is_told_to_the_old_one(owner, full):
    address, old = f"{ADMIN}members/member/{full.pk}/change/", full.phone

    answer = owner.post(address, {**values_of(owner.get(address)), "phone": "09359998877"})

    assert answer.status_code == 302, errors_of(answer)
    told = OutboxMessage.objects.get(kind="phone_changed")
    assert (told.phone, told.context["phone"]) == (old, "0935…8877")


def test_an_unchanged_form_changes_nothing(owner, full):
    address = f"{ADMIN}members/member/{full.pk}/change/"
    before = AuditEntry.objects.count()

    assert owner.post(address, values_of(owner.get(address))).status_code == 302
    assert AuditEntry.objects.count() == before


def test_a_member_is_blocked_and_admitted_again(owner, full):
    address = f"{ADMIN}members/member/{full.pk}/change/"
    values = values_of(owner.get(address))

    owner.post(address, {**values, "status": "blocked"})
    full.refresh_from_db()
    assert full.status == "blocked"
    assert "مسدود" in text_of(owner.get(ADMIN + "members/member/"))

    owner.post(address, {**values, "status": "active"})
    full.refresh_from_db()
    assert full.status == "active"
    assert AuditEntry.objects.filter(action="member.standing").count() == 2


def test_a_member_s_own_lists_are_reached_from_the_page(owner, full):
    page = text_of(owner.get(f"{ADMIN}members/member/{full.pk}/change/"))

    for name, rows in (("purchases_purchase", 2), ("ledger_entry", 6), ("sms_outboxmessage", None)):
        address = f"{reverse(f'admin:{name}_changelist')}?of={full.pk}"
        assert address in page
        found = owner.get(address).context["cl"].result_count
        assert rows is None or found == rows
    assert owner.get(ADMIN + "ledger/entry/?of=x").context["cl"].result_count == 0


def test_nobody_deletes_a_member(owner, full):
    assert owner.post(f"{ADMIN}members/member/{full.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_repeated_code_of_a_custom_field_is_said(owner, full):
    answer = owner.post(
        ADMIN + "members/customfield/add/", {"label": "x", "code": "coffee", "kind": "text", "position": "۱"}
    )

    assert errors_of(answer) == {"code": ["این پیش‌تر به کار رفته است."]}


def test_the_letters_of_an_arabic_keyboard_are_kept_as_persian_ones(owner, club):
    asked = {"label": "نوشيدنيِ كافه", "code": "drink", "kind": "text", "position": "0", "is_active": "on"}

    wrong = errors_of(owner.post(ADMIN + "members/customfield/add/", {**asked, "code": "نوشيدني"}))
    assert wrong == {"code": ["کد تنها حرف و رقم لاتین، «-» و «_» دارد؛ مانند coffee."]}
    assert owner.post(ADMIN + "members/customfield/add/", asked).status_code == 302
    assert CustomField.objects.get().label == "نوشیدنیِ کافه"
