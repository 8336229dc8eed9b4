import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_staff_sessions'),
        ('core', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='StaffLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('proof', models.CharField(max_length=16)),
                ('created_by', models.CharField(max_length=60)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('club', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.club')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['club', 'user', '-created_at'], name='staff_link_of_user')],
                'constraints': [models.UniqueConstraint(fields=('club', 'digest'), name='staff_link_digest_once')],
            },
        ),
    ]
