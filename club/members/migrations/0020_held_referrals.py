from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0019_device_of_requests")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="referral_held",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("referral_held", False), ("referred_by__isnull", False), _connector="OR"),
                name="member_held_for_a_referrer",
            ),
        ),
    ]
