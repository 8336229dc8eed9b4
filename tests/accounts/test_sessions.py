"""Sessions of staff: seen by their own, ended at once, over after a time."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.devices import device_name
from accounts.models import ApiKey, StaffRole, StaffSession
from accounts.services import create_api_key, end_role, set_password
from accounts.sessions import forget_old_sessions, sessions_of
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from tests.accounts.cast import PASSWORD, add_role, person, signed_in, visitor

pytestmark = pytest.mark.urls("tests.accounts.urls")
PAGE = "/staff/account/"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"
)


def is_in(browser):
    return browser.get("/t/till/").status_code == 200


def moved_back(browser, **keys):
    session = browser.session
    for key, by in keys.items():
        session[key] -= by.total_seconds()
    session.save()


def test_a_login_is_listed_with_its_device_and_address(club):
    sara = person("cashier", password=PASSWORD)
    browser = visitor(club)
    browser.post(
        "/staff/login/",
        {"phone": sara.phone, "password": PASSWORD},
        headers={"user-agent": ANDROID},
        REMOTE_ADDR="203.0.113.7",
    )

    page = browser.get(PAGE).content.decode()

    assert "کروم · اندروید" in page
    assert "203.0.113.7" in page
    assert "همین دستگاه" in page
    assert "صندوق‌دار" in page


@pytest.mark.parametrize("method", ["otp", None])
def test_the_account_page_takes_a_session_by_password(club, method):
    browser = signed_in(person("cashier"), club, method) if method else visitor(club)

    assert browser.get(PAGE)["Location"] == "/staff/login/?next=%2Fstaff%2Faccount%2F"


def test_ending_one_session_ends_it_at_its_next_request(club):
    sara = person("cashier")
    here, there, third = signed_in(sara, club), signed_in(sara, club), signed_in(sara, club)
    row = StaffSession.objects.get(session_key=there.session.session_key)

    answer = here.post(f"{PAGE}sessions/{row.pk}/end/")

    assert answer["Location"] == PAGE
    assert (is_in(here), is_in(there), is_in(third)) == (True, False, True)
    entry = AuditEntry.objects.get(action="staff.end_sessions")
    assert (entry.actor, entry.target, entry.after) == (sara.actor, sara.actor, {"sessions": 1})


def test_ending_all_others_leaves_this_one(club):
    sara, reza = person("cashier"), person("cashier")
    here, there, his = signed_in(sara, club), signed_in(sara, club), signed_in(reza, club)

    here.post(f"{PAGE}sessions/end/")

    assert (is_in(here), is_in(there), is_in(his)) == (True, False, True)


def test_somebody_else_s_session_is_not_found_and_goes_on(club):
    sara, reza = signed_in(person("owner"), club), signed_in(person("cashier"), club)
    row = StaffSession.objects.get(session_key=reza.session.session_key)

    assert sara.post(f"{PAGE}sessions/{row.pk}/end/").status_code == 404
    assert sara.post(f"{PAGE}sessions/{2**62}/end/").status_code == 404
    assert is_in(reza)


def test_a_role_that_ends_takes_the_sessions_and_keys_of_its_person_along(club):
    person("owner")
    leaver, stayer = person("owner"), person("cashier")
    gone, here = signed_in(leaver, club), signed_in(stayer, club)
    create_api_key(name="x", scope="pos", actor=leaver.actor)
    create_api_key(name="y", scope="pos", actor="user:0")

    end_role(StaffRole.objects.get(user=leaver).pk, actor="system", now=timezone.now())

    assert gone.get("/t/till/").status_code == 302, "a visitor is sent to the login"
    assert is_in(here)
    assert not Session.objects.filter(session_key=gone.session.session_key).exists()
    assert [key.name for key in ApiKey.objects.filter(revoked_at=None)] == ["y"]


def test_who_stays_owner_keeps_the_keys(club):
    sara = person("owner")
    held = add_role(sara, "agent")
    create_api_key(name="x", scope="pos", actor=sara.actor)

    end_role(held.pk, actor="system", now=timezone.now())

    assert ApiKey.objects.get().revoked_at is None


def test_a_new_password_ends_sessions_in_every_club_and_their_lines_in_the_lists(club, other_club):
    sara = person("cashier")
    add_role(sara, "cashier", other_club)
    here, there = signed_in(sara, club), signed_in(sara, other_club)

    set_password(sara, "sib-va-golabi-1405", actor="system")

    assert (is_in(here), is_in(there)) == (False, False)
    for one in (club, other_club):
        with club_scope(one):
            assert sessions_of(sara, now=timezone.now()) == []


@pytest.mark.parametrize(
    ("passed", "goes_on"),
    [
        ({"seen_at": timedelta(hours=11, minutes=59)}, True),
        ({"seen_at": timedelta(hours=12)}, False),
        ({"opened_at": timedelta(days=13, hours=23)}, True),
        ({"opened_at": timedelta(days=14)}, False),
    ],
)
def test_a_session_is_over_when_unused_or_too_old(club, passed, goes_on):
    browser = signed_in(person("cashier"), club)
    moved_back(browser, **passed)

    assert is_in(browser) == goes_on
    assert is_in(browser) == goes_on
    assert (StaffSession.objects.get().ended_at is None) == goes_on


def test_a_session_by_password_that_tells_no_times_is_over(club):
    browser = signed_in(person("cashier"), club)
    session = browser.session
    del session["opened_at"]
    session.save()

    assert not is_in(browser)


def test_its_use_is_noted_every_five_minutes_and_no_oftener(club):
    browser = signed_in(person("cashier"), club)
    StaffSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    is_in(browser)
    assert StaffSession.objects.get().last_seen_at < timezone.now() - timedelta(minutes=59)

    moved_back(browser, seen_at=timedelta(minutes=6))
    is_in(browser)

    assert StaffSession.objects.get().last_seen_at > timezone.now() - timedelta(minutes=1)


def test_logging_out_takes_the_session_from_the_list(club):
    sara = person("cashier")
    browser = signed_in(sara, club)

    browser.post("/logout/")

    assert sessions_of(sara, now=timezone.now()) == []


def test_the_page_takes_the_same_queries_however_many_sessions(club, django_assert_max_num_queries):
    sara = person("cashier")
    browser = signed_in(sara, club)
    for _each in range(6):
        signed_in(sara, club)

    with django_assert_max_num_queries(7):  # club, session, user, sessions, roles, second factor, notices
        assert browser.get(PAGE).content.decode().count("/end/") == 7


@pytest.mark.parametrize("password", ["x{phone}", "09{phone}y", "Sib {fa} x"])
def test_a_password_with_the_own_number_is_refused_in_persian(club, password):
    sara = person("cashier", password=PASSWORD)
    short = sara.phone[1:]
    typed = password.format(phone=short, fa=short.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))

    answer = signed_in(sara, club).post("/staff/password/", {"present": PASSWORD, "password": typed})

    assert answer.status_code == 422
    assert "شمارهٔ موبایل نباید در گذرواژه باشد." in answer.content.decode()


def test_rows_unused_for_ninety_days_are_forgotten(club):
    signed_in(person("cashier"), club)
    now = timezone.now()

    assert forget_old_sessions(now) == 0
    assert forget_old_sessions(now + timedelta(days=91)) == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (ANDROID, "کروم · اندروید"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0", "اِج · ویندوز"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604",
            "سافاری · آیفون",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "فایرفاکس · لینوکس"),
        ("<script>", "دستگاه ناشناخته"),
        ("", "دستگاه ناشناخته"),
    ],
)
def test_a_browser_is_named_in_words(agent, name):
    assert device_name(agent) == name
