"""Seals the keys that stood in plain text. Until now the columns hold text, so they are read and written as such."""

from django.db import migrations

from core.secrets import Secret

READ = "SELECT id, api_key, callback_secret FROM sms_smssettings"
WRITE = "UPDATE sms_smssettings SET api_key = %s, callback_secret = %s WHERE id = %s"


def seal(apps, schema_editor):
    _rewrite(schema_editor.connection, lambda text: Secret.of(text).sealed)


def unseal(apps, schema_editor):
    _rewrite(schema_editor.connection, lambda sealed: Secret(sealed).text)


def _rewrite(connection, how):
    with connection.cursor() as cursor:
        cursor.execute(READ)
        for pk, *texts in cursor.fetchall():
            cursor.execute(WRITE, [*map(how, texts), pk])


class Migration(migrations.Migration):

    dependencies = [
        ('sms', '0003_secrets'),
    ]

    operations = [
        migrations.RunPython(seal, unseal),
    ]
