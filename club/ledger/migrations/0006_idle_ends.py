from django.db import migrations, models
from django.db.models.functions import Least

from core.tenancy.operations import MakeAppendOnly

WAS = ("DROP TRIGGER append_only ON ledger_lot", "DROP TRIGGER append_only_truncate ON ledger_lot")


class Migration(migrations.Migration):
    """Value that ends after so many days without a purchase, beside its own end."""

    dependencies = [
        ('ledger', '0005_let_go_of_wallets'),
    ]

    operations = [
        migrations.AddField(model_name='lot', name='idle_days', field=models.IntegerField(null=True)),
        migrations.AddField(model_name='lot', name='idle_ends_at', field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name='lot',
            name='ends_at',
            field=models.GeneratedField(
                db_persist=True,
                expression=Least('expires_at', 'idle_ends_at'),
                output_field=models.DateTimeField(null=True),
            ),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(('idle_days', None), ('idle_ends_at', None)),
                    models.Q(('idle_days__gt', 0), ('idle_ends_at__isnull', False)),
                    _connector='OR',
                ),
                name='lot_idle_end_of_idle_days',
            ),
        ),
        migrations.RemoveIndex(model_name='lot', name='lot_open'),
        migrations.RemoveIndex(model_name='lot', name='lot_due'),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(
                condition=models.Q(('remaining__gt', 0)), fields=['club', 'wallet', 'ends_at', 'id'], name='lot_open'
            ),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(
                condition=models.Q(('ends_at__isnull', False), ('remaining__gt', 0)),
                fields=['club', 'ends_at'],
                name='lot_due',
            ),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(
                condition=models.Q(('idle_days__isnull', False), ('remaining__gt', 0)),
                fields=['club', 'wallet'],
                name='lot_open_idle',
            ),
        ),
        migrations.RunSQL(list(WAS), migrations.RunSQL.noop),
        MakeAppendOnly("Lot", but=("remaining", "idle_ends_at", "ends_at")),
    ]
