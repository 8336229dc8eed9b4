from django.db import migrations

import core.secrets


class Migration(migrations.Migration):

    dependencies = [
        ('sms', '0002_claim_by_class'),
    ]

    operations = [
        migrations.AlterField(
            model_name='smssettings',
            name='api_key',
            field=core.secrets.SecretField(blank=True, verbose_name='کلید API'),
        ),
        migrations.AlterField(
            model_name='smssettings',
            name='callback_secret',
            field=core.secrets.SecretField(editable=False),
        ),
    ]
