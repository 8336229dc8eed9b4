"""Each entry carries a hash over itself, its lot and its allocations; seals cover it; lots are fixed but for what remains."""

from django.db import migrations, models

from core.tenancy.operations import MakeAppendOnly

# One definition for the three statements that write entries and for the proof that reads them. JSON, because a joined
# text would not tell where one field ends; seconds, because a text of a time depends on the session's zone.
DIGEST = """
CREATE FUNCTION ledger_entry_digest(
    wallet bigint, member bigint, unit text, seq bigint, delta bigint, balance_after bigint, kind text, document text,
    cause text, reverses bigint, reason text, actor text, occurred_at timestamptz,
    lot_document text, usable_from timestamptz, expires_at timestamptz, took jsonb
) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        wallet, member, unit, seq, delta, balance_after, kind, document, cause, reverses, reason, actor,
        extract(epoch FROM occurred_at), lot_document, extract(epoch FROM usable_from), extract(epoch FROM expires_at),
        took)::text, 'UTF8')), 'hex')
$$;
"""
# What is there already is taken as it is.
FILL = """
UPDATE ledger_entry SET digest = ledger_entry_digest(
    w.id, w.member_id, w.unit, e.seq, e.delta, e.balance_after, e.kind, e.document, e.cause, e.reverses_id, e.reason,
    e.actor, e.occurred_at, l.document, l.usable_from, l.expires_at, coalesce(t.took, '[]'))
FROM ledger_entry e
JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
LEFT JOIN ledger_lot l ON l.club_id = e.club_id AND l.id = e.lot_id
LEFT JOIN (
    SELECT a.club_id, a.entry_id, jsonb_agg(jsonb_build_array(l.seq, a.amount) ORDER BY l.seq) AS took
    FROM ledger_allocation a JOIN ledger_lot l ON l.club_id = a.club_id AND l.id = a.lot_id
    GROUP BY a.club_id, a.entry_id
) t ON t.club_id = e.club_id AND t.entry_id = e.id
WHERE ledger_entry.club_id = e.club_id AND ledger_entry.id = e.id;
"""
# The triggers name columns, the new ones not among them.
WHOLE_ROWS = """
DROP TRIGGER append_only ON ledger_entry;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP TRIGGER append_only ON ledger_seal;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger_seal FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(DIGEST, "DROP FUNCTION ledger_entry_digest"),
        migrations.AddField("entry", "digest", models.CharField(editable=False, max_length=64, null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("entry", "digest", models.CharField(editable=False, max_length=64)),
        migrations.AddField(
            "seal",
            "form",
            models.SmallIntegerField(choices=[(1, "Entries"), (2, "Entries With Digest")], default=1),
        ),
        migrations.RunSQL(WHOLE_ROWS, migrations.RunSQL.noop),
        MakeAppendOnly("Lot", but=("remaining",)),
    ]
