"""The cards that members have had so far, kept as issued ones."""

from django.db import migrations

FILL = """
INSERT INTO members_card (club_id, member_id, number, issued_at, issued_by, blocked_by, reason)
SELECT club_id, id, card, enrolled_at, 'system', '', '' FROM members_member WHERE card IS NOT NULL
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0003_cards")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
