"""Who a member is, mended on the staff's page: by whom, with what, and what a wrong value changes: nothing."""

import pytest
from django.test import Client

from club.members.models import CustomField, Member
from core.models import AuditEntry, Club
from tests.accounts.cast import person, signed_in
from tests.desk.conftest import joined
from tests.hostile import PageReader


@pytest.fixture
def support(club: Club) -> Client:
    return signed_in(person("support", name="مینا نوری"), club)


def address(member: Member) -> str:
    return f"/desk/members/{member.pk}/edit/"


def asked(member: Member, **changes: str) -> dict[str, str]:
    """The form as it came, with these fields typed otherwise."""
    as_it_was = {"first_name": member.first_name, "last_name": member.last_name, "gender": "", "birth_date": ""}
    return {**as_it_was, "email": "", "city": "", **changes}


def test_the_name_the_birthday_the_city_and_the_club_s_own_fields_are_mended(support: Client, sara: Member) -> None:
    CustomField.objects.create(code="coffee", label="قهوهٔ همیشگی")
    typed = asked(
        sara, last_name="محمدي نیک", birth_date="۱۳۷۰/۰۲/۰۵", city="شیراز", language="en", custom_coffee="لاته"
    )

    answer = support.post(address(sara), typed)

    assert answer["Location"] == f"/desk/members/{sara.pk}/"
    sara.refresh_from_db()
    assert (sara.last_name, str(sara.birth_date), sara.city) == ("محمدی نیک", "1991-04-25", "شیراز")
    assert sara.language == "en"
    assert sara.custom == {"coffee": "لاته"}
    told = AuditEntry.objects.order_by("pk").filter(target=f"member:{sara.pk}").last()
    assert told and told.after.keys() == {"last_name", "birth_date", "city", "language", "custom"}


def test_what_two_people_mend_at_once_is_kept_of_both(support: Client, sara: Member) -> None:
    first, second = asked(sara, city="شیراز"), asked(sara, first_name="ساره")

    support.post(address(sara), first)
    support.post(address(sara), {**second, "city": "شیراز"})

    sara.refresh_from_db()
    assert (sara.first_name, sara.city) == ("ساره", "شیراز")


def test_what_another_changed_since_the_page_was_opened_is_not_put_back(support: Client, sara: Member) -> None:
    CustomField.objects.create(code="coffee", label="قهوهٔ همیشگی")
    CustomField.objects.create(code="cake", label="کیک همیشگی")
    opened = as_the_page_has_it(support, sara)
    Member.objects.filter(pk=sara.pk).update(
        city="شیراز", birth_date="1991-04-25", gender="female", custom={"cake": "گردو"}
    )

    support.post(address(sara), {**opened, "first_name": "ساره", "custom_coffee": "لاته"})

    sara.refresh_from_db()
    assert (sara.first_name, sara.city, str(sara.birth_date), sara.gender) == ("ساره", "شیراز", "1991-04-25", "female")
    assert sara.custom == {"cake": "گردو", "coffee": "لاته"}


def test_a_page_shown_again_with_its_error_still_knows_what_it_showed_first(support: Client, sara: Member) -> None:
    opened = as_the_page_has_it(support, sara)
    Member.objects.filter(pk=sara.pk).update(city="شیراز")

    again = posted_by(support.post(address(sara), {**opened, "email": "سارا"}).content.decode())
    support.post(address(sara), {**again, "email": "s@example.com"})

    sara.refresh_from_db()
    assert (sara.email, sara.city) == ("s@example.com", "شیراز")


def as_the_page_has_it(support: Client, member: Member) -> dict[str, str]:
    """Every field of the open page, as a browser would post it back."""
    return posted_by(support.get(address(member)).content.decode())


def posted_by(html: str) -> dict[str, str]:
    """The fields of the page's form of a member."""
    [form] = [form for form in PageReader(html).forms if "first_name" in form.fields]
    return {name: (values or [""])[0] for name, values in form.fields.items()}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "سارا"}, "email"),
        ({"birth_date": "۱۴۰۵/۱۳/۴۰"}, "birth_date"),
        ({"birth_date": "۱۴۹۹/۰۱/۰۱"}, "birth_date"),
        ({"city": "ش" * 61}, "city"),
        ({"language": "de"}, "language"),
        ({"gender": "x"}, "gender"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field_and_nothing_is_changed(
    support: Client, sara: Member, wrong: dict[str, str], field: str
) -> None:
    answer = support.post(address(sara), asked(sara, first_name="ساره", **wrong))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert "ساره" in answer.content.decode()
    sara.refresh_from_db()
    assert sara.first_name == "سارا"


def test_who_may_not_edit_members_finds_no_button_and_no_form(cashier: Client, sara: Member) -> None:
    assert address(sara) not in cashier.get(f"/desk/members/{sara.pk}/").content.decode()
    assert cashier.get(address(sara)).status_code == 403


def test_who_is_not_there_any_more_is_not_edited(support: Client, sara: Member) -> None:
    gone = joined("09350000001", "رفته", "")
    Member.objects.filter(pk=gone.pk).update(status=Member.Status.ERASED)

    assert support.get(address(gone)).status_code == 404
