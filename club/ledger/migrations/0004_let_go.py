from django.db import migrations, models

from core.tenancy.operations import MakeAppendOnly

WAS = ("DROP TRIGGER append_only ON ledger_lot", "DROP TRIGGER append_only_truncate ON ledger_lot")


class Migration(migrations.Migration):
    """What a refund should have taken of a lot and could not, as it was spent."""

    dependencies = [("ledger", "0003_gift_cards")]

    operations = [
        migrations.AddField(
            model_name="lot", name="let_go", field=models.BigIntegerField(db_default=0, default=0)
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(let_go__gte=0, let_go__lte=models.F("amount") - models.F("remaining")),
                name="lot_let_go_of_what_is_gone",
            ),
        ),
        migrations.RunSQL(list(WAS), migrations.RunSQL.noop),
        MakeAppendOnly("Lot", but=("remaining", "let_go")),
    ]
