from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_forget_person'),
    ]

    operations = [
        migrations.AddField(
            model_name='club',
            name='asks_two_factor',
            field=models.BooleanField(db_default=False, default=False, help_text='از ورود بعدی، مالک\u200cها و مدیرها پس از گذرواژه کد برنامهٔ رمزساز را هم می\u200cنویسند.', verbose_name='ورود دومرحله\u200cای مالک و مدیر'),
        ),
    ]
