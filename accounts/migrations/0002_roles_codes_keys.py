import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("core", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="نام")),
                (
                    "scope",
                    models.CharField(
                        choices=[("pos", "صندوق"), ("read", "خواندن"), ("manage", "همه\u200cچیز")],
                        max_length=10,
                        verbose_name="دامنه",
                    ),
                ),
                ("prefix", models.CharField(max_length=12, verbose_name="آغاز کلید")),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("created_by", models.CharField(max_length=60, verbose_name="سازنده")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="ساخته\u200cشده"
                    ),
                ),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="آخرین کاربرد")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="باطل\u200cشده")),
            ],
            options={
                "verbose_name": "کلید API",
                "verbose_name_plural": "کلیدهای API",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="LoginAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="OtpCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phone", models.CharField(max_length=11)),
                ("nonce", models.CharField(max_length=32)),
                ("digest", models.CharField(max_length=64)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="StaffRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "مالک"),
                            ("manager", "مدیر"),
                            ("cashier", "صندوق\u200cدار"),
                            ("agent", "نماینده"),
                            ("support", "پشتیبان"),
                            ("caller", "تماس\u200cگیرنده"),
                        ],
                        max_length=10,
                        verbose_name="نقش",
                    ),
                ),
                ("branch_id", models.BigIntegerField(blank=True, null=True, verbose_name="شعبه")),
                ("is_active", models.BooleanField(default=True, verbose_name="فعال")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="از"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="تا")),
            ],
            options={
                "verbose_name": "نقش کارکنان",
                "verbose_name_plural": "نقش\u200cهای کارکنان",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone__regex", "^09[0-9]{9}$")), name="user_phone_is_mobile"
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="club",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.club",
            ),
        ),
        migrations.AddIndex(
            model_name="loginattempt",
            index=models.Index(fields=["kind", "subject", "-at"], name="login_attempt_newest"),
        ),
        migrations.AddIndex(
            model_name="loginattempt",
            index=models.Index(fields=["at"], name="login_attempt_oldest"),
        ),
        migrations.AddField(
            model_name="otpcode",
            name="club",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.club",
            ),
        ),
        migrations.AddField(
            model_name="staffrole",
            name="club",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.club",
            ),
        ),
        migrations.AddField(
            model_name="staffrole",
            name="invited_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="دعوت\u200cکننده",
            ),
        ),
        migrations.AddField(
            model_name="staffrole",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="roles",
                to=settings.AUTH_USER_MODEL,
                verbose_name="کاربر",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.UniqueConstraint(fields=("club", "prefix"), name="api_key_prefix_once"),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ["pos", "read", "manage"])), name="api_key_scope_known"
            ),
        ),
        migrations.AddIndex(
            model_name="otpcode",
            index=models.Index(fields=["club", "created_at"], name="otp_oldest"),
        ),
        migrations.AddConstraint(
            model_name="staffrole",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)), fields=("club", "user", "role"), name="staff_role_active_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="staffrole",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "manager", "cashier", "agent", "support", "caller"])),
                name="staff_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffrole",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("is_active", True)),
                    models.Q(("ended_at__isnull", False), ("is_active", False)),
                    _connector="OR",
                ),
                name="staff_role_ended_or_active",
            ),
        ),
    ]
