from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("purchases", "0001_initial")]

    operations = [
        migrations.AddField("purchaseline", "points_earned", models.BigIntegerField(default=0)),
        migrations.AddField("purchaseline", "credit_earned", models.BigIntegerField(default=0)),
    ]
