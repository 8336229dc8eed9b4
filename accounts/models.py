"""People who log in, the roles they hold in clubs, their codes, and the keys of programs."""

from typing import Any

from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.language import in_language
from core.phones import normalise_phone
from core.secrets import SecretField
from core.tenancy.models import ClubModel

PROGRAM = "api_key"
"""How what a program did begins to name it."""


class UserManager(BaseUserManager["User"]):
    """Makes users by phone."""

    def create_user(self, phone: str, password: str | None = None, **fields: Any) -> "User":
        """A user with this number in any form; without a password only a code by SMS lets them in.

        Raises InvalidPhone.
        """
        user = self.model(phone=normalise_phone(phone), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def of_phone(self, phone: str) -> "User":
        """The user of a stored phone, made without a password where there is none; twins meet in one row."""
        user, _made = self.get_or_create(phone=phone, defaults={"password": make_password(None)})
        return user


class User(AbstractBaseUser):
    """A person. What the person may do follows from the roles held in the club in scope, never from the user row."""

    phone = models.CharField(_("موبایل"), max_length=11, unique=True)
    name = models.CharField(_("نام"), max_length=80, blank=True)
    language = models.CharField(_("زبان"), max_length=5, blank=True, default="", db_default="")
    is_active = models.BooleanField(_("فعال"), default=True)
    created_at = models.DateTimeField(db_default=Now())

    auth_method: str | None = None
    """How this request's session was proven, "password" or "otp"; None outside a request. Not a column."""
    known_roles: tuple[int, frozenset[str]] | None = None
    """The roles in a club, as `accounts.rights` read them for this object. Not a column."""

    objects = UserManager()
    USERNAME_FIELD = "phone"

    class Meta:
        verbose_name = _("کاربر")
        verbose_name_plural = _("کاربرها")
        constraints = [
            models.CheckConstraint(condition=models.Q(phone__regex=r"^09[0-9]{9}$"), name="user_phone_is_mobile")
        ]

    def __str__(self) -> str:
        return self.name or in_language(self.phone)

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        """Django's question, answered by the role in the club in scope."""
        return any(backend.has_perm(self, perm, obj) for backend in _backends())

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the admin shows this app at all."""
        return any(backend.has_module_perms(self, app_label) for backend in _backends())

    @property
    def actor(self) -> str:
        """How audit, ledger and events name this person."""
        return f"user:{self.pk}"


def _backends() -> list[Any]:
    return list(auth.get_backends())


class Role(models.TextChoices):
    """What a person can be in a club, beside a member; what each may do stands in `accounts.rights`."""

    OWNER = "owner", _("مالک")
    MANAGER = "manager", _("مدیر")
    CASHIER = "cashier", _("صندوق‌دار")
    AGENT = "agent", _("نماینده")
    SUPPORT = "support", _("پشتیبان")
    CALLER = "caller", _("تماس‌گیرنده")
    SALES = "sales", _("کارشناس فروش")


class StaffRole(ClubModel):
    """One role of one person in one club, at one branch or at all. Ended, never deleted.

    One person may hold several, in several clubs, and one role at several branches.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="roles", db_index=False, verbose_name=_("کاربر"))
    role = models.CharField(_("نقش"), max_length=10, choices=Role.choices)
    branch_id = models.BigIntegerField(_("شعبه"), null=True, blank=True)
    is_active = models.BooleanField(_("فعال"), default=True)
    invited_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", db_index=False, null=True, blank=True, verbose_name=_("دعوت‌کننده")
    )
    created_at = models.DateTimeField(_("از"), db_default=Now())
    ended_at = models.DateTimeField(_("تا"), null=True, blank=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("نقش کارکنان")
        verbose_name_plural = _("نقش‌های کارکنان")
        constraints = [
            models.UniqueConstraint(
                fields=["club", "user", "role", "branch_id"],
                condition=models.Q(is_active=True),
                nulls_distinct=False,
                name="staff_role_active_once",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="staff_role_known"),
            models.CheckConstraint(
                condition=models.Q(is_active=True, ended_at=None) | models.Q(is_active=False, ended_at__isnull=False),
                name="staff_role_ended_or_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class StaffSession(ClubModel):
    """A session opened by password: where it was opened and last used. Ended, never changed back.

    `proof` marks the password it was opened with: with another password the session is over in every club at once.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    session_key = models.CharField(max_length=40)
    proof = models.CharField(max_length=16)
    device = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "session_key"], name="staff_session_key_once")]
        indexes = [
            models.Index(fields=["club", "user", "-last_seen_at"], name="staff_session_of_user"),
            models.Index(fields=["club", "last_seen_at"], name="staff_session_oldest"),
        ]

    def __str__(self) -> str:
        return f"session:{self.pk}"


class TwoFactor(ClubModel):
    """What shows codes for a person at their login here: a key in an app. Each club has its own, so none opens another.

    `last_step` is the half-minute of the last code taken: no code is good twice. `recovery` are hashes of what is left.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    secret = SecretField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    recovery = models.JSONField(default=list)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "user"], name="two_factor_once")]

    def __str__(self) -> str:
        return f"two_factor:{self.pk}"


class StaffLink(ClubModel):
    """A link by SMS that lets one person of the staff set a password, once; only a hash of its secret is kept.

    `proof` marks the password at its making: once another is set, by whatever way, the link is spent.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)
    proof = models.CharField(max_length=16)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "digest"], name="staff_link_digest_once")]
        indexes = [models.Index(fields=["club", "user", "-created_at"], name="staff_link_of_user")]

    def __str__(self) -> str:
        return f"link:{self.pk}"


class OtpCode(ClubModel):
    """A code sent to a phone: good for one browser session, for a short time and a few tries; only its HMAC is kept."""

    phone = models.CharField(max_length=11)
    nonce = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(ClubModel.Meta):
        indexes = [models.Index(fields=["club", "created_at"], name="otp_oldest")]

    def __str__(self) -> str:
        return f"otp:{self.pk}"


class LoginAttempt(models.Model):
    """An attempt that a limit counts. Global: a phone is protected in all clubs together. `subject` is a hash."""

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "subject", "-at"], name="login_attempt_newest"),
            models.Index(fields=["at"], name="login_attempt_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"


class ApiKey(ClubModel):
    """A program's key to the API of one club; the key itself is shown once and never kept."""

    class Scope(models.TextChoices):
        POS = "pos", _("صندوق")
        READ = "read", _("خواندن")
        MANAGE = "manage", _("همه‌چیز")

    name = models.CharField(_("نام"), max_length=80)
    scope = models.CharField(_("دامنه"), max_length=10, choices=Scope.choices)
    prefix = models.CharField(_("آغاز کلید"), max_length=12)
    digest = models.CharField(max_length=64, editable=False)
    created_by = models.CharField(_("سازنده"), max_length=60)
    created_at = models.DateTimeField(_("ساخته‌شده"), db_default=Now())
    last_used_at = models.DateTimeField(_("آخرین کاربرد"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("باطل‌شده"), null=True, blank=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("کلید API")
        verbose_name_plural = _("کلیدهای API")
        constraints = [
            models.UniqueConstraint(fields=["club", "prefix"], name="api_key_prefix_once"),
            models.CheckConstraint(condition=models.Q(scope__in=["pos", "read", "manage"]), name="api_key_scope_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def actor(self) -> str:
        """How audit, ledger and events name this program."""
        return f"{PROGRAM}:{self.pk}"
