"""SMS in the language of who reads it: default texts in the member's or the club's, a club's own text in the club's."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from core.models import Club
from core.tenancy.scope import club_scope
from sms.account import account
from sms.kinds import KINDS
from sms.models import OutboxMessage, SmsTemplate
from sms.templates import faults
from sms.wording import Desk, default_text

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def said(**context):
    message = OutboxMessage(kind="credit_granted", phone="09121234567", context={"credit": 500_000, **context})
    return Desk(account(), [message], now=NOW).words(message)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_default_text_is_one_a_manager_could_save(language):
    with translation.override(language):
        assert {code: found for code, kind in KINDS.items() if (found := faults(kind, kind.text))} == {}


def test_a_member_who_chose_english_is_written_to_in_english(club):
    words = said(language="en", expires="2026-12-21")

    assert "you were given 50,000 Toman of credit." in words
    assert "Spend it by 30 Azar 1405" in words


def test_whoever_chose_nothing_is_written_to_in_the_clubs_language(club):
    with translation.override("en"):  # of whoever happens to send it
        assert "۵۰٬۰۰۰ تومان اعتبار هدیه گرفتی" in said()

    Club.objects.filter(pk=club.pk).update(language="en")
    with club_scope(club.pk):
        assert "50,000 Toman" in said()
        assert default_text(KINDS["test"]).startswith("{club}\nThis is a test message")


def test_a_clubs_own_text_stays_in_its_language(club):
    SmsTemplate.objects.create(kind="credit_granted", message_class="service", text="{club}: {credit} برای تو")

    assert said(language="en").endswith("۵۰٬۰۰۰ تومان برای تو")


def test_a_day_that_was_put_into_words_before_is_said_as_it_is(club):
    assert "تا ۳۰ آذر ۱۴۰۵ فرصت داری" in said(expires="۳۰ آذر ۱۴۰۵")
