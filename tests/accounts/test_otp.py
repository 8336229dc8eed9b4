"""Codes by SMS: how long, how often, how many tries, and what is kept."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from accounts import otp
from accounts.models import LoginAttempt, OtpCode
from accounts.otp import TRIES, CodeSpent, WrongCode, check_code, forget_old_codes, send_code
from core.errors import Throttled
from core.tenancy.scope import club_scope
from tests.accounts.cast import fresh_phone
from tests.threads import AT_ONCE, SECONDS, in_threads

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def send(phone, seconds=0, address="5.1.2.3"):
    return send_code(phone, address=address, domain="sib.localhost", now=NOW + timedelta(seconds=seconds))


def wrong_for(code):
    return f"{(int(code) + 1) % 10**6:06}"


def outcome(sent_code, typed, seconds=0):
    try:
        check_code(sent_code.id, sent_code.phone, typed, now=NOW + timedelta(seconds=seconds))
    except WrongCode as refused:
        return refused.data["left"]
    except CodeSpent:
        return "spent"
    return "in"


def test_six_digits_go_out_and_only_their_hmac_is_kept(club, sent):
    phone = fresh_phone()

    send(phone)

    [(kind, to, context)] = sent
    assert (kind, to, context["domain"]) == ("otp", phone, "sib.localhost")
    assert len(context["code"]) == 6
    assert context["code"].isdigit()
    row = OtpCode.objects.get()
    assert len(row.digest) == 64
    assert all(context["code"] not in str(value) for value in (row.digest, row.nonce))


def test_two_codes_of_the_same_digits_have_nothing_in_common(club, sent, monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda _below: 42)
    send(fresh_phone())
    send(fresh_phone())

    assert [context["code"] for _kind, _phone, context in sent] == ["000042", "000042"]
    assert len(set(OtpCode.objects.values_list("digest", flat=True))) == 2


def test_the_right_code_lets_in_once(club, sent):
    code = send(fresh_phone())

    assert outcome(code, sent[-1][2]["code"]) == "in"
    assert outcome(code, sent[-1][2]["code"]) == "spent"


def test_five_tries(club, sent):
    code = send(fresh_phone())
    right = sent[-1][2]["code"]

    assert [outcome(code, wrong_for(right)) for _try in range(TRIES)] == [4, 3, 2, 1, "spent"]
    assert outcome(code, right) == "spent", "even the right code comes too late"


def test_the_right_code_at_the_fifth_try_lets_in(club, sent):
    code = send(fresh_phone())
    right = sent[-1][2]["code"]
    for _try in range(TRIES - 1):
        outcome(code, wrong_for(right))

    assert outcome(code, right) == "in"


@pytest.mark.parametrize(("seconds", "result"), [(0, "in"), (119, "in"), (120, "spent"), (3600, "spent")])
def test_two_minutes(club, sent, seconds, result):
    code = send(fresh_phone())

    assert outcome(code, sent[-1][2]["code"], seconds) == result


def test_a_code_is_good_for_its_own_phone_and_its_own_club(club, other_club, sent):
    code = send(fresh_phone())
    right = sent[-1][2]["code"]

    assert outcome(otp.SentCode(code.id, fresh_phone(), NOW), right) == "spent"
    with club_scope(other_club):
        assert outcome(code, right) == "spent"
    assert outcome(code, right) == "in"


def test_a_message_says_how_many_tries_remain(club, sent):
    code = send(fresh_phone())

    with pytest.raises(WrongCode) as refused:
        check_code(code.id, code.phone, wrong_for(sent[-1][2]["code"]), now=NOW)

    assert refused.value.detail == "کد درست نیست. ۴ بار دیگر می‌توانید امتحان کنید"


def refused_at(phone, seconds, address="5.1.2.3"):
    try:
        send(phone, seconds, address)
    except Throttled as refused:
        return refused.data["seconds"]
    return None


def test_one_a_minute_five_an_hour_ten_a_day_for_a_phone(club, other_club, sent):
    phone = fresh_phone()

    assert refused_at(phone, 0) is None
    assert refused_at(phone, 30) == 30
    assert [refused_at(phone, minute * 60) for minute in range(1, 5)] == [None] * 4
    assert refused_at(phone, 5 * 60) == 55 * 60
    assert [refused_at(phone, 3600 + minute * 60) for minute in range(5)] == [None] * 5
    assert refused_at(phone, 3 * 3600) == 21 * 3600
    with club_scope(other_club):
        assert refused_at(phone, 3 * 3600) == 21 * 3600, "a phone is protected in all clubs together"
    assert refused_at(phone, 24 * 3600) is None
    assert len(sent) == 11


def test_a_refusal_sends_nothing_and_keeps_nothing(club, sent):
    phone = fresh_phone()
    send(phone)
    counted, codes = LoginAttempt.objects.count(), OtpCode.objects.count()

    with pytest.raises(Throttled):
        send(phone, 1)

    assert (len(sent), LoginAttempt.objects.count(), OtpCode.objects.count()) == (1, counted, codes)


def test_an_address_has_limits_of_its_own(club, sent):
    assert [refused_at(fresh_phone(), 0, "6.6.6.6") for _phone in range(30)] == [None] * 30
    assert refused_at(fresh_phone(), 0, "6.6.6.6") == 60
    assert refused_at(fresh_phone(), 0, "7.7.7.7") is None


def test_old_codes_are_forgotten(club, sent):
    send(fresh_phone())

    assert forget_old_codes(NOW + timedelta(hours=24)) == 0
    assert forget_old_codes(NOW + timedelta(hours=25)) == 1


def tries_that_got_through(club, code, right):
    """How many of 48 wrong guesses in 16 threads were compared with the code."""
    compared = []
    real = otp._digest

    def counting(phone, nonce, typed):
        compared.append(typed)
        return real(phone, nonce, typed)

    otp._digest = counting
    try:
        in_threads(club, [lambda: outcome(code, wrong_for(right))] * 48)
    finally:
        otp._digest = real
    return len(compared)


def test_many_guesses_at_once_share_the_five_tries(committed_club, sent):
    code = send(fresh_phone())

    assert tries_that_got_through(committed_club, code, sent[-1][2]["code"]) == TRIES


def test_twin_reading_before_writing_lets_more_guesses_through(committed_club, sent, monkeypatch):
    all_have_read = threading.Barrier(AT_ONCE, timeout=SECONDS)

    def read_then_write(code_id, phone, *, now):
        code = OtpCode.objects.filter(pk=code_id, phone=phone, used_at=None, expires_at__gt=now).first()
        all_have_read.wait()
        if code is None or code.tries >= TRIES:
            return False
        code.tries += 1
        code.save(update_fields=["tries"])
        return True

    monkeypatch.setattr(otp, "take_try", read_then_write)
    code = send(fresh_phone())

    assert tries_that_got_through(committed_club, code, sent[-1][2]["code"]) > TRIES
