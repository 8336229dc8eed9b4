"""Data of older versions comes over."""

from importlib import import_module
from types import SimpleNamespace

from django.db import connection

from sms.models import SmsSettings

READ = "SELECT api_key, callback_secret FROM sms_smssettings WHERE id = %s"


def test_keys_in_plain_text_are_sealed_and_on_the_way_back_opened(committed_club):
    row = SmsSettings.objects.create(api_key="plain-key")
    secret = row.callback_secret.text
    migration = import_module("sms.migrations.0004_seal_secrets")
    owner = connection.copy()
    owner.is_owner = True  # who migrates sees all clubs
    owner.set_autocommit(False)

    def stored():
        with owner.cursor() as cursor:
            cursor.execute(READ, [row.pk])
            return cursor.fetchone()

    try:
        migration.unseal(None, SimpleNamespace(connection=owner))
        before = stored()
        migration.seal(None, SimpleNamespace(connection=owner))
        after = stored()
        migration.unseal(None, SimpleNamespace(connection=owner))
        again = stored()
    finally:
        owner.rollback()
        owner.close()

    assert before == again == ("plain-key", secret)
    assert "plain-key" not in after[0] and secret not in after[1]
    row.refresh_from_db()
    assert (row.api_key.text, row.callback_secret.text) == before
