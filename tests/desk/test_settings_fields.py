"""The club's own fields of its members: made, asked where they are marked, moved, taken off without losing anything."""

import pytest

from accounts.models import Role
from club.members.models import CustomField, Member
from club.members.own_fields import fields_in_use
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in

URL = "/desk/settings/fields/"
PET = {"label": "نام حیوان خانگي", "kind": "text", "choices": "", "is_asked_at_till": "on", "code": "pet"}


@pytest.fixture
def browser(club):
    return signed_in(person("manager"), club)


def text_of(answer):
    return answer.content.decode()


def made(code="pet", **more):
    return CustomField.objects.create(code=code, label=code, **more)


@pytest.mark.parametrize("role", list(Role.values))
def test_fields_are_the_managers_to_set(club, role):
    browser, pet = signed_in(person(role), club), made()

    for path in (URL, f"{URL}new/", f"{URL}{pet.pk}/"):
        assert browser.get(path).status_code == (200 if role in {"owner", "manager"} else 403)


def test_a_field_marked_for_the_till_is_asked_there(browser):
    browser.post(f"{URL}new/", PET)

    [field] = fields_in_use(is_asked_at_till=True)
    assert (field.label, field.kind, field.choices) == ("نام حیوان خانگی", "text", [])
    assert (field.is_asked_at_joining, field.is_shown_to_member) == (False, False)
    assert AuditEntry.objects.get(action="customfield.create").after["code"] == "pet"


def test_choices_are_taken_by_line_or_comma_each_once(browser):
    browser.post(f"{URL}new/", {**PET, "kind": "choice", "choices": "لاته\nموکا، لاته"})

    assert CustomField.objects.get().choices == ["لاته", "موکا"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x" * 61}, "label"),
        ({"kind": "soul"}, "kind"),
        ({"kind": "choice"}, "choices"),
        ({"code": "حیوان"}, "code"),
        ({"code": "taken"}, "code"),
    ],
)
def test_a_wrong_field_is_named_and_not_made(browser, wrong, field):
    made("taken")

    answer = browser.post(f"{URL}new/", {**PET, **wrong})

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in text_of(answer)
    assert CustomField.objects.count() == 1


@pytest.mark.parametrize("label", ["نام حیوان خانگی", "نام‌حيوان خانگي", "موبایل", "نام خانوادگي"])
def test_no_two_fields_of_members_bear_one_name(browser, label):
    browser.post(f"{URL}new/", PET)
    tea = made("tea")

    new = browser.post(f"{URL}new/", {**PET, "code": "other", "label": label})
    renamed = browser.post(f"{URL}{tea.pk}/", {"label": label})

    assert (new.status_code, renamed.status_code) == (422, 422)
    assert "فیلد دیگری با همین نام" in text_of(new)
    assert set(CustomField.objects.values_list("label", flat=True)) == {"نام حیوان خانگی", "tea"}
    assert browser.post(f"{URL}{tea.pk}/", {"label": "tea"}).status_code == 302, "its own name is no other's"


def test_a_field_comes_back_only_while_its_name_is_free(browser):
    pet, _other = made("pet", is_active=False), CustomField.objects.create(code="other", label="PET")

    answer = browser.post(f"{URL}{pet.pk}/use/", {"use": "1"}, follow=True)

    pet.refresh_from_db()
    assert "فیلد دیگری با همین نام" in text_of(answer) and not pet.is_active


def test_kind_and_code_of_a_field_stay(browser):
    coffee = made("coffee", kind="choice", choices=["لاته", "موکا"])

    browser.post(f"{URL}{coffee.pk}/", {"label": "قهوه", "kind": "text", "code": "tea", "choices": "لاته"})

    coffee.refresh_from_db()
    assert (coffee.label, coffee.kind, coffee.code, coffee.choices) == ("قهوه", "choice", "coffee", ["لاته"])
    assert AuditEntry.objects.get(action="customfield.update").before["choices"] == ["لاته", "موکا"]


def test_a_field_that_is_taken_off_keeps_what_members_have(browser, shop):
    pet = made()
    member = shop.member(custom={"pet": "ببری"})
    assert "در پروندهٔ ۱ عضو" in text_of(browser.get(URL))

    answer = browser.post(f"{URL}{pet.pk}/use/", {"use": "0"}, follow=True)

    assert "آنچه در پرونده‌هاست می‌ماند" in text_of(answer)
    assert fields_in_use() == []
    assert Member.objects.get(pk=member.pk).custom == {"pet": "ببری"}

    browser.post(f"{URL}{pet.pk}/use/", {"use": "1"})
    assert fields_in_use() == [pet]


def test_fields_change_places(browser):
    for position, code in enumerate("abc"):
        made(code, position=position)
    middle = CustomField.objects.get(code="b")

    browser.post(f"{URL}{middle.pk}/move/", {"way": "up"})
    assert [field.code for field in fields_in_use()] == ["b", "a", "c"]
    browser.post(f"{URL}{middle.pk}/move/", {"way": "up"})
    assert [field.code for field in fields_in_use()] == ["b", "a", "c"]


def test_a_new_field_is_the_last(browser):
    made("first", position=7)

    browser.post(f"{URL}new/", PET)

    assert [field.code for field in fields_in_use()] == ["first", "pet"]


def test_a_field_of_another_club_is_not_found(browser, other_club):
    with club_scope(other_club):
        theirs = made()

    assert browser.get(f"{URL}{theirs.pk}/").status_code == 404
    for act in ("move", "use"):
        assert browser.post(f"{URL}{theirs.pk}/{act}/", {"use": "0"}).status_code == 404
