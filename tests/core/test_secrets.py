"""What the database keeps sealed: no copy of it shows the text, keys are changed one after another."""

import io
import json
import logging
import pickle

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.forms import modelform_factory

from core.secrets import Secret, SecretUnreadable
from core.services import rotate_secrets, secret_columns
from core.tenancy.scope import club_scope
from sms.models import SmsSettings

# Clubs that other tests really committed have sealed with the key of the machine: it stays in the list while rotating.
OLD, NEW = "the-old-key-" + "x" * 32, "the-new-key-" + "y" * 32
PLAIN = "plain-key-of-the-account"


def column(name="api_key"):
    """What really stands in the table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM sms_smssettings")
        [(stored,)] = cursor.fetchall()
    return stored


def test_the_table_holds_no_plain_text(club):
    row = SmsSettings.objects.create(api_key=PLAIN)

    assert SmsSettings.objects.get().api_key.text == PLAIN
    assert PLAIN not in column()
    assert row.callback_secret.text not in column("callback_secret")
    assert len(row.callback_secret.text) > 30


def test_the_same_text_is_never_sealed_alike():
    assert Secret.of(PLAIN).sealed != Secret.of(PLAIN).sealed


@pytest.mark.parametrize("text", ["", "x", "کلید با فاصله", "k" * 200])
def test_what_goes_in_comes_out(club, text):
    SmsSettings.objects.create(api_key=text)

    found = SmsSettings.objects.get().api_key
    assert (found.text, bool(found)) == (text, bool(text))


def test_updates_and_look_ups_know_the_empty_one(club):
    SmsSettings.objects.create(api_key=PLAIN)
    assert not SmsSettings.objects.filter(api_key="").exists()

    SmsSettings.objects.update(api_key="")

    assert column() == ""
    assert not SmsSettings.objects.get().api_key
    SmsSettings.objects.update(api_key="other")
    assert SmsSettings.objects.get().api_key.text == "other"


def test_saving_a_row_again_leaves_the_sealed_text_as_it_is(club):
    SmsSettings.objects.create(api_key=PLAIN)
    before = column()

    row = SmsSettings.objects.get()
    row.sender_line = "10004346"
    row.full_clean()
    row.save()

    assert column() == before


def test_it_shows_itself_nowhere(club, caplog):
    row = SmsSettings.objects.create(api_key=PLAIN)

    logging.getLogger("test").error("%s %r %s", row.api_key, row.api_key, vars(row))
    shown = f"{row.api_key}{row.api_key!r}{[row.api_key]}{row.__dict__}{row.api_key.mark}{caplog.text}"
    shown += str(list(SmsSettings.objects.values()))
    assert PLAIN not in shown
    assert PLAIN.encode() not in pickle.dumps(row)
    with pytest.raises(TypeError):
        json.dumps({"api_key": row.api_key})


def test_its_mark_tells_one_from_another(club):
    one, other = Secret.of(PLAIN), Secret.of("another")

    assert one.mark == Secret(one.sealed).mark != other.mark
    assert Secret("").mark == ""


def test_no_form_takes_it_by_itself():
    assert "api_key" not in modelform_factory(SmsSettings, fields="__all__").base_fields


def test_a_secret_sealed_with_a_lost_key_is_said_to_be_unreadable(settings):
    settings.FIELD_KEYS = [OLD]
    secret = Secret.of(PLAIN)
    settings.FIELD_KEYS = [NEW]

    with pytest.raises(SecretUnreadable) as refused:
        _ = secret.text

    assert PLAIN not in repr(refused.value) and refused.value.__cause__ is None
    assert secret, "it is there all the same"
    assert not secret.is_readable


@pytest.mark.parametrize("broken", ["plain", "gAAAAA", "\x01"])
def test_a_text_that_was_never_sealed_is_unreadable(broken):
    with pytest.raises(SecretUnreadable):
        _ = Secret(broken).text


def test_keys_are_changed_one_after_another(club, other_club, settings):
    settings.FIELD_KEYS = [OLD]
    SmsSettings.objects.create(api_key=PLAIN)
    with club_scope(other_club):
        SmsSettings.objects.create(api_key="theirs")

    settings.FIELD_KEYS = [NEW, OLD, settings.SECRET_KEY]
    assert SmsSettings.objects.get().api_key.text == PLAIN, "in between both keys open"
    said = io.StringIO()
    call_command("rotate_secrets", stdout=said)

    settings.FIELD_KEYS = [NEW]
    assert SmsSettings.objects.get().api_key.text == PLAIN
    with club_scope(other_club):
        assert SmsSettings.objects.get().api_key.text == "theirs"
    assert "secrets are sealed with the newest key" in said.getvalue()


def test_what_no_key_opens_is_named_and_the_others_are_sealed_anew(club, other_club, settings):
    settings.FIELD_KEYS = ["a-lost-key-" + "z" * 32]
    lost = SmsSettings.objects.create(api_key=PLAIN)
    settings.FIELD_KEYS = [OLD]
    with club_scope(other_club):
        SmsSettings.objects.create(api_key="theirs")
    settings.FIELD_KEYS = [NEW, OLD, settings.SECRET_KEY]

    with pytest.raises(CommandError) as refused:
        call_command("rotate_secrets", stdout=io.StringIO())

    assert f"sms.SmsSettings {lost.pk} api_key of club {club.pk}" in str(refused.value)
    settings.FIELD_KEYS = [NEW]
    with club_scope(other_club):
        assert SmsSettings.objects.get().api_key.text == "theirs"


def test_a_secret_that_is_written_anew_meanwhile_stays(club, monkeypatch):
    SmsSettings.objects.create(api_key=PLAIN)
    really = Secret.resealed

    def written_meanwhile(secret):
        SmsSettings.objects.update(api_key="newer")
        return really(secret)

    monkeypatch.setattr(Secret, "resealed", written_meanwhile)

    rotate_secrets()

    assert SmsSettings.objects.get().api_key.text == "newer"


def test_the_columns_that_are_sealed():
    assert {(model.__name__, name) for model, name in secret_columns()} >= {
        ("SmsSettings", "api_key"),
        ("SmsSettings", "callback_secret"),
    }


def test_the_settings_key_opens_what_was_sealed_before_there_was_another(settings):
    settings.FIELD_KEYS = [settings.SECRET_KEY]
    secret = Secret.of(PLAIN)
    settings.FIELD_KEYS = [NEW, settings.SECRET_KEY]

    assert secret.text == secret.resealed().text == PLAIN
