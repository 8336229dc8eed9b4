"""Tickets of before are found by the words of their subject and messages, however long their thread is."""

from typing import Any

from django.db import migrations

from tickets.finding import words_in

SAID = """
SELECT club_id, id, subject FROM tickets_ticket WHERE subject <> ''
UNION ALL SELECT club_id, ticket_id, text FROM tickets_comment WHERE text <> ''
"""
ADD = """
INSERT INTO tickets_ticketword (club_id, ticket_id, word) SELECT %s, %s, unnest(%s) ON CONFLICT DO NOTHING
"""
AT_ONCE = 1_000


def find_words(apps: Any, schema_editor: Any) -> None:
    """A migration sees the tickets of all clubs."""
    with schema_editor.connection.cursor() as said, schema_editor.connection.cursor() as cursor:
        said.execute(SAID)
        while rows := said.fetchmany(AT_ONCE):
            for club_id, ticket_id, text in rows:
                cursor.execute(ADD, [club_id, ticket_id, words_in(text)])


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_words")]

    operations = [
        migrations.RunPython(find_words, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(
            model_name='ticket',
            name='words',
        ),
    ]
