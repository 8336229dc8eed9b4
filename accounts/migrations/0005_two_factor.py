import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.secrets


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_staff_links'),
        ('core', '0003_two_factor'),
    ]

    operations = [
        migrations.CreateModel(
            name='TwoFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret', core.secrets.SecretField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('last_step', models.BigIntegerField(default=0)),
                ('recovery', models.JSONField(default=list)),
                ('club', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.club')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('club', 'user'), name='two_factor_once')],
            },
        ),
    ]
