"""The manager's pages of the staff: what they show, what they do, and who is let in."""

import pytest
from django.utils import timezone

from accounts.models import Role, StaffRole, TwoFactor, User
from club.catalogue.models import Branch
from sms.models import OutboxMessage
from tests.accounts.cast import PASSWORD, fresh_phone, person, signed_in, visitor
from tests.core.test_pages import INLINE

URL = "/desk/staff/"


@pytest.fixture
def owner(club):
    return person("owner", name="نسرین کاویانی")


@pytest.fixture
def browser(club, owner):
    return signed_in(owner, club)


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("role", list(Role.values))
def test_the_staff_is_the_managers_to_see(club, role):
    user = person(role)

    for path in (URL, f"{URL}invite/", f"{URL}{user.pk}/"):
        assert signed_in(user, club).get(path).status_code == (200 if role in {"owner", "manager"} else 403)
        assert visitor(club).get(path).status_code == 302


def test_an_invitation_gives_the_role_and_sends_a_link(browser):
    branch = Branch.objects.create(code="v", name="ولیعصر")
    phone = fresh_phone()

    answer = browser.post(
        f"{URL}invite/", {"phone": phone, "name": "رضا", "role": "cashier", "branch": branch.pk}, follow=True
    )

    held = StaffRole.objects.get(user__phone=phone)
    assert (held.role, held.branch_id, held.user.name) == ("cashier", branch.pk, "رضا")
    assert "/staff/link/" in OutboxMessage.objects.get(kind="staff_invited", phone=phone).context["address"]
    page = text_of(answer)
    assert "پیوند ساختن گذرواژه پیامک شد" in page
    assert "ولیعصر" in page
    assert INLINE.search(page) is None


@pytest.mark.parametrize(
    "asked",
    [{"phone": "0912"}, {"phone": ""}, {"role": "king"}, {"role": ""}, {"branch": "999"}, {"name": "x" * 81}],
)
def test_a_wrong_invitation_names_its_field_and_makes_nobody(browser, asked):
    before = User.objects.count()
    field = next(iter(asked))

    answer = browser.post(f"{URL}invite/", {"phone": fresh_phone(), "role": "cashier", "name": "رضا", **asked})

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in text_of(answer)
    assert User.objects.count() == before


def test_the_same_role_twice_is_refused_in_words(browser):
    sara = person("cashier")

    answer = browser.post(f"{URL}invite/", {"phone": sara.phone, "role": "cashier"})

    assert answer.status_code == 422
    assert "این فرد همین نقش را دارد." in text_of(answer)


def test_a_manager_is_offered_no_managers_and_cannot_make_one(club):
    browser = signed_in(person("manager"), club)

    assert 'value="manager"' not in text_of(browser.get(f"{URL}invite/"))
    assert browser.post(f"{URL}invite/", {"phone": fresh_phone(), "role": "manager"}).status_code == 422


def test_a_manager_sees_an_owner_and_can_do_nothing_to_them(club, owner):
    browser = signed_in(person("manager"), club)
    held = owner.roles.get()

    assert "/leave/" not in text_of(browser.get(f"{URL}{owner.pk}/"))
    for path, body in (
        ("leave/", {}),
        ("link/", {}),
        ("password/", {}),
        ("roles/", {"held": held.pk, "act": "end"}),
        ("roles/", {"held": held.pk, "branch": ""}),
    ):
        answer = browser.post(f"{URL}{owner.pk}/{path}", body, follow=True)
        assert "دسترسی این کار را ندارید." in text_of(answer)
    assert StaffRole.objects.get(pk=held.pk).is_active
    assert not OutboxMessage.objects.exists()


def test_leaving_ends_the_sessions_at_once_and_moves_the_person_to_who_left(browser, club):
    sara = person("cashier", name="سارا محمدی")
    till = signed_in(sara, club)
    assert till.get("/desk/till/").status_code == 200

    browser.post(f"{URL}{sara.pk}/leave/")

    assert till.get("/desk/till/").status_code == 302
    assert "سارا محمدی" not in text_of(browser.get(URL))
    assert "سارا محمدی" in text_of(browser.get(f"{URL}?left=1"))
    browser.post(f"{URL}{sara.pk}/roles/add/", {"role": "support"})
    assert "سارا محمدی" in text_of(browser.get(URL)), "who left can come back"


def test_the_last_owner_stays_and_is_told_why(browser, owner):
    answer = browser.post(f"{URL}{owner.pk}/leave/", follow=True)

    assert "باشگاه بی‌مالک نمی‌ماند" in text_of(answer)
    assert owner.roles.get().is_active


def test_a_role_is_moved_ended_and_given(browser):
    sara, branch = person("cashier"), Branch.objects.create(code="v", name="ولیعصر")
    held, page = sara.roles.get(), f"{URL}{sara.pk}/"

    browser.post(f"{page}roles/", {"held": held.pk, "branch": branch.pk, "act": "move"})
    held.refresh_from_db()
    assert held.branch_id == branch.pk
    assert browser.post(f"{page}roles/", {"held": held.pk, "branch": "999999", "act": "move"}).status_code == 404
    browser.post(f"{page}roles/add/", {"role": "caller"})
    browser.post(f"{page}roles/", {"held": held.pk, "act": "end"})

    assert [one.role for one in StaffRole.objects.filter(user=sara, is_active=True)] == ["caller"]


@pytest.mark.parametrize("typed", ["", "x", "9" * 40, "-1", "۱", "of the owner"])
def test_a_role_that_is_none_of_the_person_s_is_not_found(browser, owner, typed):
    sara, held = person("cashier"), owner.roles.get().pk if typed == "of the owner" else typed

    assert browser.post(f"{URL}{sara.pk}/roles/", {"held": held, "act": "end"}).status_code == 404
    assert owner.roles.get().is_active


def test_the_first_password_is_shown_once_and_opens_the_door(browser, club):
    sara = person("cashier")

    shown = browser.post(f"{URL}{sara.pk}/password/")
    again = browser.post(f"{URL}{sara.pk}/password/", follow=True)

    secret = text_of(shown).split("<code>")[1].split("</code>")[0]
    assert "no-store" in shown["Cache-Control"]
    assert visitor(club).post("/staff/login/", {"phone": sara.phone, "password": secret}).status_code == 302
    assert secret not in text_of(again)
    assert "خودش گذرواژه دارد" in text_of(again)


def test_a_manager_never_reads_the_link_in_the_sms_log(browser):
    sara = person("cashier", password=PASSWORD)
    browser.post(f"{URL}{sara.pk}/link/")
    message = OutboxMessage.objects.get(kind="staff_reset")
    OutboxMessage.objects.filter(pk=message.pk).update(text=message.context["address"])

    page = text_of(browser.get(f"/desk/admin/sms/outboxmessage/{message.pk}/change/"))

    assert "••••••" in page
    assert "/staff/link/" not in page


@pytest.mark.parametrize("path", [URL, "one"])
def test_the_pages_take_the_same_queries_however_many_people(browser, club, path, django_assert_max_num_queries):
    sara = person("cashier", "agent", "caller")
    for _each in range(12):
        signed_in(person("cashier", "agent"), club)
    path = f"{URL}{sara.pk}/" if path == "one" else path
    browser.get(path)

    with django_assert_max_num_queries(11):
        browser.get(path)


@pytest.mark.parametrize(("role", "off"), [("owner", True), ("manager", False)])
def test_an_owner_resets_the_second_factor_of_who_lost_the_phone(club, role, off):
    sara = person("cashier")
    TwoFactor.objects.create(user=sara, secret="x", confirmed_at=timezone.now())
    browser = signed_in(person(role), club)

    assert ("/two-factor/" in text_of(browser.get(f"{URL}{sara.pk}/"))) == off
    browser.post(f"{URL}{sara.pk}/two-factor/")

    assert TwoFactor.objects.exists() != off


def test_pages_that_send_a_link_say_when_none_goes_out(club, settings):
    owner, colleague = signed_in(person("owner"), club), person("cashier")
    pages = ["/desk/staff/invite/", f"/desk/staff/{colleague.pk}/"]
    assert all("اکنون پیامکی نمی‌رود" not in owner.get(page).content.decode() for page in pages)

    settings.SMS_LOG_IS_READ = False

    assert all("اکنون پیامکی نمی‌رود" in owner.get(page).content.decode() for page in pages)
    invited = owner.post(pages[0], {"phone": fresh_phone(), "name": "رضا", "role": "cashier"}, follow=True)
    assert "پیوند به او نمی‌رسد" in invited.content.decode()
