"""The login pages, as a browser sees them."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import LoginAttempt, StaffRole, User
from core.tenancy.scope import club_scope
from sms.gateways.base import GatewayError
from sms.models import SmsSettings
from sms.recording import stop_account
from tests.accounts.cast import PASSWORD, fresh_phone, person, signed_in, visitor

pytestmark = pytest.mark.urls("tests.accounts.urls")

TOKEN = re.compile('name="csrfmiddlewaretoken" value="[^"]+"')
BAD_PHONES = ["", "0912", "abc", "09121234567\x00", "9" * 5000, "۰۹۱۲", "\ud800".encode("utf-8", "surrogatepass")]


def log_in(browser, phone, password=PASSWORD, **more):
    return browser.post("/staff/login/", {"phone": phone, "password": password, **more})


def text_of(answer):
    return answer.content.decode()


def test_a_cashier_logs_in_by_phone_in_any_form_and_password(club):
    sara = person("cashier", password=PASSWORD)
    browser = visitor(club)
    browser.get("/staff/login/")

    answer = log_in(browser, "+98 " + sara.phone[1:])

    assert answer.status_code == 302
    assert browser.session["club_id"] == club.pk
    assert browser.session["auth_method"] == "password"
    assert browser.session["_auth_user_id"] == str(sara.pk)


def test_login_goes_on_to_next_on_this_host_only(club):
    sara = person("cashier", password=PASSWORD)

    assert log_in(visitor(club), sara.phone, next="/desk/till/?a=1")["Location"] == "/desk/till/?a=1"
    assert "evil" not in log_in(visitor(club), sara.phone, next="https://evil.example/")["Location"]
    assert 'name="next" value=""' in text_of(visitor(club).get("/staff/login/?next=//evil.example/"))


def test_the_session_key_changes_at_login_and_the_old_session_is_gone(club):
    sara = person("cashier", password=PASSWORD)
    browser = visitor(club)
    session = browser.session
    session["fixed"] = "by an attacker"
    session.save()
    before = session.session_key

    log_in(browser, sara.phone)

    assert browser.session.session_key != before
    assert "fixed" not in browser.session
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("case", ["wrong password", "unknown phone", "no role here", "no password", "stopped", "ended"])
def test_every_refusal_is_the_same_answer(club, other_club, case):
    user = person("cashier", club=other_club if case == "no role here" else None, password=PASSWORD)
    password = "wrong" if case == "wrong password" else PASSWORD
    phone = fresh_phone() if case == "unknown phone" else user.phone
    if case == "no password":
        user.set_unusable_password()
        user.save()
    if case == "stopped":
        User.objects.filter(pk=user.pk).update(is_active=False)
    if case == "ended":
        StaffRole.objects.filter(user=user).update(is_active=False, ended_at="2026-01-01T00:00Z")
    browser = visitor(club)

    answer = log_in(browser, phone, password)

    assert answer.status_code == 422
    assert "شماره یا گذرواژه درست نیست." in text_of(answer)
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("case", ["known", "unknown", "no password"])
def test_each_refusal_hashes_one_password(club, monkeypatch, case):
    from django.contrib.auth.hashers import MD5PasswordHasher

    user = person("cashier", password=None if case == "no password" else PASSWORD)
    hashed = []
    real = MD5PasswordHasher.encode

    def counting(*given):
        hashed.append(1)
        return real(*given)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)

    log_in(visitor(club), fresh_phone() if case == "unknown" else user.phone, "wrong")

    assert len(hashed) == 1


def test_too_many_attempts_on_a_phone_are_refused_even_with_the_right_password(club):
    sara = person("cashier", password=PASSWORD)
    browser = visitor(club)
    for _attempt in range(10):
        assert log_in(browser, sara.phone, "wrong").status_code == 422

    refused = log_in(browser, sara.phone)

    assert refused.status_code == 429
    assert "دوباره امتحان کنید" in text_of(refused)
    unknown = fresh_phone()
    answers = [log_in(browser, unknown, "wrong").status_code for _attempt in range(11)]
    assert answers == [422] * 10 + [429], "an unknown phone is answered alike"


def test_a_login_forgives_the_attempts_on_the_phone(club):
    sara = person("cashier", password=PASSWORD)
    for _attempt in range(9):
        log_in(visitor(club), sara.phone, "wrong")

    assert log_in(visitor(club), sara.phone).status_code == 302

    assert not LoginAttempt.objects.filter(kind="login_phone").exists()


@pytest.mark.parametrize("phone", BAD_PHONES)
@pytest.mark.parametrize("password", ["", "x" * 100_000, "a\x00b"])
def test_bad_input_at_the_staff_login_is_an_answer_not_an_error(club, phone, password):
    assert log_in(visitor(club), phone, password).status_code == 422


@pytest.mark.parametrize("phone", BAD_PHONES)
def test_bad_phones_at_the_member_login_send_nothing(club, sent, phone):
    answer = visitor(club).post("/login/", {"phone": phone})

    assert answer.status_code == 422
    assert "شماره موبایل" in text_of(answer)
    assert sent == []


def ask(browser, phone, **more):
    return browser.post("/login/", {"phone": phone, **more})


def test_a_member_logs_in_with_the_code_in_persian_digits(club, sent):
    phone, browser = fresh_phone(), visitor(club)

    asked = ask(browser, phone, next="/me/purchases/")
    page = browser.get(asked["Location"])
    code = sent[-1][2]["code"].translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    answer = browser.post("/login/code/", {"code": f" {code[:3]} {code[3:]} "})

    assert asked["Location"] == "/login/code/"
    assert 'autocomplete="one-time-code"' in text_of(page)
    assert "کد ۶ رقمی را به" in text_of(page)
    assert phone not in text_of(page).replace(f'name="phone" value="{phone}"', "")
    assert answer["Location"] == "/me/purchases/"
    assert browser.session["auth_method"] == "otp"
    assert browser.session["club_id"] == club.pk
    user = User.objects.get(phone=phone)
    assert not user.has_usable_password()


@pytest.mark.parametrize("case", ["no account", "only a log", "refused by the provider"])
def test_where_no_code_can_be_sent_everybody_is_told_alike_what_to_do_instead(club, sent, settings, case):
    settings.SMS_GATEWAY, settings.SMS_LOG_IS_READ = ("console" if case == "only a log" else "kavenegar"), False
    if case == "refused by the provider":
        SmsSettings.objects.create(gateway="kavenegar", api_key="wrong")
        stop_account(GatewayError("403"), now=timezone.now())
    club.phone = "02188001100"
    club.save()
    sara, browser = person(), visitor(club)

    page = text_of(browser.get("/login/"))
    known, unknown = ask(browser, sara.phone), ask(browser, fresh_phone())

    assert "اکنون کد پیامک نمی‌شود" in page and "tel:02188001100" in page
    assert 'name="phone"' not in page
    assert known.status_code == unknown.status_code == 503
    assert TOKEN.sub("", text_of(known)) == TOKEN.sub("", text_of(unknown))
    assert sent == []


def test_a_club_with_a_key_asks_for_the_phone(club, settings):
    settings.SMS_GATEWAY, settings.SMS_LOG_IS_READ = "console", False
    SmsSettings.objects.create(gateway="kavenegar", api_key="right")

    page = text_of(visitor(club).get("/login/"))

    assert 'name="phone"' in page and "اکنون کد پیامک نمی‌شود" not in page


def test_known_and_unknown_phones_are_answered_alike(club, sent):
    sara = person("owner")
    before = User.objects.count()
    known, unknown = ask(visitor(club), sara.phone), ask(visitor(club), fresh_phone())

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"]) == (302, "/login/code/")
    assert len(sent) == 2
    assert User.objects.count() == before, "asking makes nobody"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\x00", "9" * 10_000, "१२३४५६"])
def test_a_code_that_is_none_costs_no_try(club, sent, typed):
    browser = visitor(club)
    ask(browser, fresh_phone())

    answer = browser.post("/login/code/", {"code": typed})

    assert answer.status_code == 422
    right = sent[-1][2]["code"]
    wrong = f"{(int(right) + 1) % 10**6:06}"
    assert "۴ بار دیگر" in text_of(browser.post("/login/code/", {"code": wrong}))


def test_after_five_wrong_codes_even_the_right_one_is_refused(club, sent):
    browser = visitor(club)
    ask(browser, fresh_phone())
    right = sent[-1][2]["code"]
    wrong = f"{(int(right) + 1) % 10**6:06}"

    texts = [text_of(browser.post("/login/code/", {"code": wrong})) for _try in range(5)]

    assert "۱ بار دیگر" in texts[3]
    assert "کد تازه بگیرید" in texts[4]
    assert "کد تازه بگیرید" in text_of(browser.post("/login/code/", {"code": right}))
    assert "_auth_user_id" not in browser.session


def test_a_code_is_good_only_in_the_browser_that_asked(club, sent):
    phone, asked, thief = fresh_phone(), visitor(club), visitor(club)
    ask(asked, phone)

    answer = thief.post("/login/code/", {"code": sent[-1][2]["code"]})

    assert answer["Location"] == "/login/"
    assert "_auth_user_id" not in thief.session


def test_a_code_asked_for_in_one_club_is_nothing_in_another(club, other_club, sent):
    phone, browser = fresh_phone(), visitor(club)
    ask(browser, phone)
    there = visitor(other_club)
    there.cookies["club_session"] = browser.cookies["club_session"].value

    assert there.post("/login/code/", {"code": sent[-1][2]["code"]})["Location"] == "/login/"


def test_asking_again_too_early_keeps_the_first_code_and_says_so(club, sent):
    phone, browser = fresh_phone(), visitor(club)
    ask(browser, phone)

    again = browser.post("/login/", {"phone": phone}, follow=True)

    assert again.status_code == 200
    assert "کد تازه تا ۶۰ ثانیهٔ دیگر" in text_of(again) or "کد تازه تا ۵" in text_of(again)
    assert len(sent) == 1
    assert browser.post("/login/code/", {"code": sent[0][2]["code"]}).status_code == 302
    elsewhere = ask(visitor(club), phone)
    assert elsewhere.status_code == 429
    assert "ثانیهٔ دیگر" in text_of(elsewhere)


def test_a_stopped_person_is_not_let_in_by_a_code(club, sent):
    sara = person("owner", is_active=False)
    browser = visitor(club)
    ask(browser, sara.phone)

    assert browser.post("/login/code/", {"code": sent[-1][2]["code"]})["Location"] == "/login/"
    assert "_auth_user_id" not in browser.session


def test_logging_out_takes_a_post_and_ends_the_session(club):
    browser = signed_in(person("cashier"), club)
    key = browser.session.session_key

    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/")["Location"] == "/staff/login/"
    assert not Session.objects.filter(session_key=key).exists()
    assert signed_in(person(), club, "otp").post("/logout/")["Location"] == "/login/"


def test_a_new_password_ends_the_other_sessions(club):
    sara = person("cashier", password=PASSWORD)
    here, elsewhere = signed_in(sara, club), signed_in(sara, club)

    answer = here.post("/staff/password/", {"present": PASSWORD, "password": "sib-va-golabi-1405"})

    assert answer.status_code == 302
    assert here.get("/staff/password/").status_code == 200
    assert elsewhere.get("/staff/password/").status_code == 302
    assert log_in(visitor(club), sara.phone).status_code == 422
    assert log_in(visitor(club), sara.phone, "sib-va-golabi-1405").status_code == 302


@pytest.mark.parametrize(
    ("present", "password", "text"),
    [
        ("wrong", "sib-va-golabi-1405", "گذرواژهٔ کنونی درست نیست."),
        (PASSWORD, "12345678", "گذرواژه نباید تنها از رقم باشد."),
        (PASSWORD, PASSWORD, "این همان گذرواژهٔ کنونی است"),
        (PASSWORD, "نسرین كاوياني", "گذرواژه نباید نام خودتان باشد."),
        (PASSWORD, "نسرین-۱۳۷۰", "گذرواژه نباید نام خودتان باشد."),
        (PASSWORD, "kam", "گذرواژه دست‌کم ۸ نویسه می‌خواهد."),
        (PASSWORD, "", "گذرواژهٔ تازه را بنویسید."),
        ("", "", "گذرواژهٔ کنونی را بنویسید."),
    ],
)
def test_a_password_is_refused_in_persian(club, present, password, text):
    sara = person("cashier", password=PASSWORD, name="نسرین کاویانی")

    answer = signed_in(sara, club).post("/staff/password/", {"present": present, "password": password})

    assert answer.status_code == 422
    assert text in text_of(answer)
    assert "This password" not in text_of(answer)
    sara.refresh_from_db()
    assert sara.check_password(PASSWORD)


def test_a_session_by_code_changes_no_password(club):
    sara = person("cashier", password=PASSWORD)

    assert signed_in(sara, club, "otp").get("/staff/password/").status_code == 302


def test_login_pages_say_nothing_of_another_club_s_staff(club, other_club):
    sara = person("cashier", password=PASSWORD)

    assert log_in(visitor(other_club), sara.phone).status_code == 422
    with club_scope(other_club):
        assert not StaffRole.objects.exists()
