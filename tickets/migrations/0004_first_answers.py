"""Who gave the first answer stands on the ticket; until now it was only the author of that message."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WHO = """
UPDATE tickets_ticket t SET first_answer_by_id = c.user_id FROM tickets_comment c
WHERE c.club_id = t.club_id AND c.ticket_id = t.id AND c.created_at = t.first_answer_at
    AND c.side = 'staff' AND NOT c.is_internal AND c.user_id IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0003_find_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ticket',
            name='first_answer_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunSQL(WHO, migrations.RunSQL.noop, elidable=True),
    ]
