import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from core.tenancy.operations import MakeAppendOnly

# What was let go of lots, by their events, as what was let go of the wallet that would get it back now.
OF_WALLETS = """
INSERT INTO ledger_letgo (club_id, wallet_id, amount, claimed, after, document, occurred_at)
SELECT l.club_id, coalesce(owner.id, l.wallet_id), told.amount, told.amount - l.let_go,
    (SELECT max(e.id) FROM ledger_entry e WHERE e.club_id = l.club_id), l.document, told.occurred_at
FROM (SELECT club_id, substr(document, 5)::bigint AS lot_id, sum((data->>'amount')::bigint) AS amount,
          max(occurred_at) AS occurred_at
      FROM core_domainevent WHERE kind = 'value.let_go' AND document LIKE 'lot:%' GROUP BY 1, 2) told
JOIN ledger_lot l ON l.club_id = told.club_id AND l.id = told.lot_id
JOIN ledger_wallet w ON w.club_id = l.club_id AND w.id = l.wallet_id
JOIN members_member m ON m.club_id = w.club_id AND m.id = w.member_id
LEFT JOIN ledger_wallet owner ON owner.club_id = w.club_id AND owner.unit = w.unit AND owner.member_id = m.merged_into_id
"""
TOLD = """
INSERT INTO core_domainevent (club_id, kind, document, data, occurred_at)
SELECT club_id, 'value.let_go', 'let_go:' || id,
    jsonb_build_object('wallet', wallet_id, 'amount', amount, 'after', after, 'of', document), occurred_at
FROM ledger_letgo
"""
WAS = ("DROP TRIGGER append_only ON ledger_lot", "DROP TRIGGER append_only_truncate ON ledger_lot")


class Migration(migrations.Migration):
    """What refunds could not take is noted on the wallet, so that it is claimed in whatever order things come back."""

    dependencies = [
        ('core', '0007_language'),
        ('members', '0005_merged'),
        ('ledger', '0004_let_go'),
    ]

    operations = [
        migrations.CreateModel(
            name='LetGo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('claimed', models.BigIntegerField(default=0)),
                ('after', models.BigIntegerField()),
                ('document', models.CharField(max_length=60)),
                ('occurred_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='letgo',
            name='club',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.club'),
        ),
        migrations.AddField(
            model_name='letgo',
            name='wallet',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='let_goes', to='ledger.wallet'),
        ),
        migrations.AddIndex(
            model_name='letgo',
            index=models.Index(fields=['club', 'wallet', 'after'], name='let_go_of_wallet'),
        ),
        migrations.AddConstraint(
            model_name='letgo',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('claimed__gte', 0), ('claimed__lte', models.F('amount'))), name='let_go_claimed_within_amount'),
        ),
        MakeAppendOnly("LetGo", but=("claimed", "wallet_id")),
        migrations.RunSQL([OF_WALLETS, TOLD, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
        migrations.RunSQL(list(WAS), migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='lot',
            name='lot_let_go_of_what_is_gone',
        ),
        migrations.RemoveField(
            model_name='lot',
            name='let_go',
        ),
        MakeAppendOnly("Lot", but=("remaining",)),
    ]
