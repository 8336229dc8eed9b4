from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_shown_referrers")]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="decision_reason",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="دلیل تصمیم"),
        ),
    ]
