from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0007_notes")]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="is_asked_at_till",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="هنگام ساختن عضو تازه در صندوق پرسیده شود.",
                verbose_name="پرسیدن سر صندوق",
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="is_asked_at_joining",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="در صفحهٔ عضویت باشگاه پرسیده شود.",
                verbose_name="پرسیدن هنگام عضویت",
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="is_shown_to_member",
            field=models.BooleanField(
                db_default=True, default=True, help_text="عضو این را در پنل خودش ببیند.", verbose_name="دیدن عضو"
            ),
        ),
    ]
