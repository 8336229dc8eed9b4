from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0018_referrer_of_requests")]

    operations = [
        migrations.AddField(
            model_name="joinrequest",
            name="device",
            field=models.CharField(blank=True, db_collation="C", db_default="", default="", max_length=64),
        ),
    ]
