"""The second factor: codes good once, asked after the password, limited, reset by an owner, of each club its own."""

import base64
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts import two_factor
from accounts.models import TwoFactor
from accounts.two_factor import WrongTwoFactor, begin, check, confirm, is_on, reset, turn_off
from core.errors import Conflict, Forbidden, NotFound, Throttled
from core.models import AuditEntry
from core.tenancy.middleware import forget_hosts
from core.tenancy.scope import club_scope
from tests.accounts.cast import PASSWORD, add_role, code_at, person, signed_in, visitor
from tests.threads import in_threads

pytestmark = pytest.mark.urls("tests.accounts.urls")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
STEP = timedelta(seconds=30)
LOGIN, CODE, SET_UP = "/staff/login/", "/staff/login/code/", "/staff/two-factor/"


def secured(*roles, now=NOW, **fields):
    """A person with the second factor on since a minute before, its key and the recovery codes."""
    user = person(*roles or ["cashier"], **fields)
    key, before = begin(user), now - timedelta(minutes=1)
    return user, key, confirm(user, code_at(key, before), now=before)


def test_codes_are_those_of_the_rfc():
    row = TwoFactor(secret=base64.b32encode(b"12345678901234567890").decode())

    assert two_factor._step_of(row, "287082", datetime(1970, 1, 1, 0, 0, 59, tzinfo=UTC)) == 1
    assert two_factor._step_of(row, "081804", datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC)) == 37037036


def test_the_key_is_sealed_and_recovery_codes_are_hashed_and_audited_without_words(club):
    _user, key, codes = secured()

    stored = str(list(TwoFactor.objects.values_list("secret", "recovery"))) + str(list(AuditEntry.objects.values()))
    assert key not in stored
    assert len(set(codes)) == 10
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)
    assert AuditEntry.objects.get().action == "staff.two_factor_on"


@pytest.mark.parametrize(("shift", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_of_a_neighbouring_half_minute_is_taken_and_none_beyond(club, shift, taken):
    now = NOW + timedelta(minutes=5)
    user, key, _codes = secured()

    if taken:
        check(user, code_at(key, now + shift * STEP), now=now)
    else:
        with pytest.raises(WrongTwoFactor):
            check(user, code_at(key, now + shift * STEP), now=now)


def test_a_code_is_good_once_and_so_is_an_older_one_after_it(club):
    user, key, _codes = secured()
    check(user, code_at(key, NOW), now=NOW)

    for moment in (NOW, NOW - STEP):
        with pytest.raises(WrongTwoFactor):
            check(user, code_at(key, moment), now=NOW)


def test_codes_are_taken_in_persian_digits_with_spaces_and_recovery_codes_in_any_case(club):
    user, key, codes = secured()
    typed = code_at(key, NOW).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    check(user, f" {typed[:3]} {typed[3:]}", now=NOW)
    check(user, codes[0].upper().replace("-", " "), now=NOW)
    with pytest.raises(WrongTwoFactor):
        check(user, codes[0], now=NOW)
    check(user, codes[1], now=NOW)


@pytest.mark.parametrize("typed", ["", "x", "1234567", "\x00", "9" * 40, "\u0967" * 6])
def test_nonsense_is_wrong(club, typed):
    user, _key, _codes = secured()

    with pytest.raises(WrongTwoFactor):
        check(user, typed, now=NOW)


def test_after_five_wrong_codes_even_the_right_one_waits(club):
    user, key, _codes = secured()
    for _try in range(5):
        with pytest.raises(WrongTwoFactor):
            check(user, "000000x", now=NOW)

    with pytest.raises(Throttled):
        check(user, code_at(key, NOW), now=NOW)


def test_of_two_with_the_same_code_at_once_one_is_let_in(committed_club):
    with club_scope(committed_club):
        user, key, _codes = secured()

    acts = [partial(check, user, code_at(key, NOW), now=NOW) for _each in range(2)]
    answers = in_threads(committed_club, acts, keep_errors=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "WrongTwoFactor"]


def test_each_club_has_its_own(club, other_club):
    user, _key, _codes = secured()
    add_role(user, "owner", other_club)

    with club_scope(other_club):
        assert not is_on(user)
        with pytest.raises(NotFound):
            reset(user, giver=user)
    assert is_on(user)


def test_an_owner_resets_and_nobody_else(club):
    user, _key, _codes = secured("manager")

    with pytest.raises(Forbidden):
        reset(user, giver=person("manager"))
    reset(user, giver=person("owner"))

    assert not is_on(user)
    assert AuditEntry.objects.latest("pk").action == "staff.two_factor_off"


def test_it_cannot_be_begun_anew_while_it_is_on_nor_switched_off_where_the_club_asks_it(club):
    user, key, _codes = secured("owner")

    with pytest.raises(Conflict):
        begin(user)
    club.asks_two_factor = True
    club.save()
    with club_scope(club), pytest.raises(Conflict):
        turn_off(user, code_at(key, NOW), now=NOW)
    assert is_on(user)


# --- over HTTP --------------------------------------------------------------------------------------------------------


def log_in(browser, user, **more):
    return browser.post(LOGIN, {"phone": user.phone, "password": PASSWORD, **more})


def test_the_code_is_asked_after_the_password_and_nothing_is_open_before(club):
    user, key, _codes = secured(password=PASSWORD, now=timezone.now())
    browser = visitor(club)

    asked = log_in(browser, user, next="/t/till/")

    assert asked["Location"] == CODE
    assert browser.get("/t/till/").status_code == 302
    assert browser.get("/staff/account/").status_code == 302
    assert browser.post(CODE, {"code": "12"}).status_code == 422
    answer = browser.post(CODE, {"code": code_at(key, timezone.now())})
    assert answer["Location"] == "/t/till/"
    assert browser.get("/t/till/").status_code == 200


@pytest.mark.parametrize("case", ["no password", "too late", "another password", "left", "another browser"])
def test_a_code_alone_opens_nothing(club, case):
    user, key, _codes = secured(password=PASSWORD, now=timezone.now())
    browser = visitor(club)
    if case != "no password":
        log_in(browser, user)
    if case == "too late":
        session = browser.session
        session["second_step"] = {**session["second_step"], "at": timezone.now().timestamp() - 600}
        session.save()
    if case == "another password":
        user.set_password("sib-va-golabi-1405")
        user.save()
    if case == "left":
        user.roles.update(is_active=False, ended_at=NOW)
    if case == "another browser":
        browser = visitor(club)

    answer = browser.post(CODE, {"code": code_at(key, timezone.now())})

    assert answer["Location"] == LOGIN
    assert browser.get("/t/till/").status_code == 302


def test_setting_it_up_shows_the_codes_once(club):
    user = person("cashier")
    browser = signed_in(user, club)

    page = browser.get(SET_UP).content.decode()
    key = begin(user)
    wrong = browser.post(SET_UP, {"code": "000"})
    shown = browser.post(SET_UP, {"code": code_at(key, timezone.now())})

    assert "<svg" in page
    assert key[:4] + " " + key[4:8] in page
    assert wrong.status_code == 422
    assert shown.content.decode().count("<code>") == 10
    assert "no-store" in shown["Cache-Control"]
    assert browser.get(SET_UP)["Location"] == "/staff/account/"
    assert "روشن" in browser.get("/staff/account/").content.decode()


@pytest.mark.parametrize(("role", "must"), [("owner", True), ("manager", True), ("cashier", False)])
def test_where_the_club_asks_it_managers_set_it_up_before_they_come_in(club, role, must):
    club.asks_two_factor = True
    club.save()
    forget_hosts()
    user = person(role, password=PASSWORD)
    browser = visitor(club)

    answer = log_in(browser, user, next="/t/till/")

    assert answer["Location"] == (SET_UP if must else "/t/till/")
    if must:
        assert browser.get("/t/till/").status_code == 302
        browser.get(SET_UP)
        shown = browser.post(SET_UP, {"code": code_at(begin(user), timezone.now())})
        assert 'href="/t/till/"' in shown.content.decode()
    assert browser.get("/t/till/").status_code == 200


def test_one_s_own_is_switched_off_with_a_code_alone(club):
    user, key, _codes = secured(now=timezone.now())
    browser = signed_in(user, club)

    browser.post(f"{SET_UP}off/", {"code": "1"})
    assert is_on(user)
    browser.post(f"{SET_UP}off/", {"code": code_at(key, timezone.now())})
    assert not is_on(user)
