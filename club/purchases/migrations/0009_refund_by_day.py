from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("purchases", "0008_paid_by_gift_card")]

    operations = [
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["club", "-occurred_at"], name="refund_by_day"),
        ),
    ]
