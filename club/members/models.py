"""Members of a club: a person or a company, how to reach and find them, and their figures."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.agent_code_models import AgentCode as AgentCode
from club.members.awaited_models import AwaitedMember as AwaitedMember
from club.members.joining_models import JoinInvitation as JoinInvitation
from club.members.joining_models import JoinRequest as JoinRequest
from club.members.scores import MemberScore as MemberScore
from club.members.segment_models import Segment as Segment
from club.members.segment_models import SegmentDay as SegmentDay
from club.members.segment_models import SegmentMember as SegmentMember
from core.language import NAMES, in_language
from core.tenancy.models import AppendOnly, ClubModel


class Member(ClubModel):
    """A customer in the club. Figures (visits, spent, first and last purchase, tier) are written by purchases."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("فعال")
        BLOCKED = "blocked", _("مسدود")
        ERASED = "erased", _("پاک‌شده")

    class Gender(models.TextChoices):
        UNKNOWN = "", _("نامشخص")
        FEMALE = "female", _("زن")
        MALE = "male", _("مرد")

    phone = models.CharField(_("موبایل"), max_length=11, null=True, blank=True, db_collation="C")
    # Last digits first, so that a search by them is a range on an index.
    phone_reversed = models.CharField(max_length=11, blank=True, default="", db_collation="C", editable=False)
    external_id = models.CharField(_("شناسهٔ بیرونی"), max_length=64, null=True, blank=True, db_collation="C")
    card = models.CharField(_("شمارهٔ کارت"), max_length=32, null=True, blank=True, db_collation="C")
    referral_code = models.CharField(_("کد معرفی"), max_length=12, db_collation="C", editable=False)
    first_name = models.CharField(_("نام"), max_length=60, blank=True)
    last_name = models.CharField(_("نام خانوادگی"), max_length=60, blank=True)
    email = models.EmailField(_("ایمیل"), blank=True)
    gender = models.CharField(_("جنسیت"), max_length=6, blank=True, choices=Gender.choices)
    birth_date = models.DateField(_("تاریخ تولد"), null=True, blank=True)
    # The Jalali month and day, for looking birthdays up.
    birth_jalali_month = models.SmallIntegerField(null=True, editable=False)
    birth_jalali_day = models.SmallIntegerField(null=True, editable=False)
    city = models.CharField(_("شهر"), max_length=60, blank=True, default="")
    # Chosen by the member; blank is the club's.
    language = models.CharField(
        _("زبان"), max_length=5, blank=True, default="", db_default="", choices=list(NAMES.items())
    )
    status = models.CharField(_("وضعیت"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    source = models.CharField(_("از کجا آمد"), max_length=40, blank=True)
    referred_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # Who was not brought by a member may have been by an agent.
    agent_code = models.ForeignKey(
        AgentCode, models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    # Who brought them is doubtful, or was refused: until that is approved the fact `referred` is false of them.
    referral_held = models.BooleanField(default=False, db_default=False, editable=False)
    # Who has taken this record over. Always somebody who was not taken over: one step leads there.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged", db_index=False
    )
    tags = models.JSONField(_("برچسب‌ها"), default=list, blank=True)
    custom = models.JSONField(_("فیلدهای باشگاه"), default=dict, blank=True)
    sms_consent = models.BooleanField(_("اجازهٔ پیامک"), default=True)
    sms_consent_at = models.DateTimeField(null=True, editable=False)
    sms_consent_source = models.CharField(max_length=40, blank=True, editable=False)

    email_consent = models.BooleanField(_("اجازهٔ ایمیل"), default=False)

    visits = models.IntegerField(_("خریدها"), default=0, editable=False)
    spent_rial = models.BigIntegerField(_("جمع خرید"), default=0, editable=False)
    first_purchase_at = models.DateTimeField(_("نخستین خرید"), null=True, editable=False)
    last_purchase_at = models.DateTimeField(_("آخرین خرید"), null=True, editable=False)
    tier_code = models.CharField(_("سطح"), max_length=32, blank=True, default="", editable=False)
    tier_floor = models.CharField(_("کف سطح"), max_length=32, blank=True, default="")

    enrolled_at = models.DateTimeField(_("عضویت"))
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("عضو")
        verbose_name_plural = _("اعضا")
        constraints = [
            models.UniqueConstraint(fields=["club", "phone"], name="member_phone_once"),
            models.UniqueConstraint(fields=["club", "external_id"], name="member_external_id_once"),
            models.UniqueConstraint(fields=["club", "card"], name="member_card_once"),
            models.UniqueConstraint(fields=["club", "referral_code"], name="member_referral_code_once"),
            models.CheckConstraint(
                condition=models.Q(visits__gte=0, spent_rial__gte=0), name="member_figures_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(status="erased"), name="member_merged_is_no_member"
            ),
            models.CheckConstraint(
                condition=models.Q(referred_by=None) | models.Q(agent_code=None), name="member_has_one_referrer"
            ),
            models.CheckConstraint(
                condition=models.Q(referral_held=False) | models.Q(referred_by__isnull=False),
                name="member_held_for_a_referrer",
            ),
            models.CheckConstraint(condition=~models.Q(referral_code__startswith="A"), name="member_code_is_no_agents"),
        ]
        indexes = [
            models.Index(fields=["club", "phone_reversed"], name="member_by_last_digits"),
            models.Index(
                fields=["club", "merged_into"], name="member_merged", condition=models.Q(merged_into__isnull=False)
            ),
            models.Index(fields=["club", "-updated_at", "-id"], name="member_updated"),
            models.Index(fields=["club", "-enrolled_at", "-id"], name="member_joined"),
            # Who is looked for at the till: of many with one name the newest buyers, without sorting them all.
            models.Index(
                models.F("club"),
                models.F("last_purchase_at").desc(nulls_last=True),
                models.F("id").desc(),
                name="member_newest_buyer",
            ),
            models.Index(fields=["club", "birth_jalali_month", "birth_jalali_day"], name="member_birthday"),
            models.Index(
                fields=["club", "referred_by", "id"],
                name="member_brought_by",
                condition=models.Q(referred_by__isnull=False),
            ),
            models.Index(
                fields=["club", "agent_code", "id"],
                name="member_brought_by_agent",
                condition=models.Q(agent_code__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or in_language(self.phone or self.card or self.external_id or f"#{self.pk}")

    @property
    def is_referred(self) -> bool:
        """Whether a member or an agent brought them."""
        return self.referred_by_id is not None or self.agent_code_id is not None

    @property
    def counts_as_referred(self) -> bool:
        """What offers see as the fact `referred`."""
        return self.is_referred and not self.referral_held

    @property
    def full_name(self) -> str:
        """First and last name, blank where neither is known."""
        return f"{self.first_name} {self.last_name}".strip()


class Card(ClubModel):
    """A card as it was issued: its number is given once and, blocked, opens nobody again. `Member.card` is the last."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="cards", db_index=False)
    number = models.CharField(_("شمارهٔ کارت"), max_length=32, db_collation="C")
    issued_at = models.DateTimeField(_("صدور"), db_default=Now())
    issued_by = models.CharField(_("صادرکننده"), max_length=60)
    blocked_at = models.DateTimeField(_("بسته شدن"), null=True)
    blocked_by = models.CharField(_("چه کسی بست"), max_length=60, blank=True)
    reason = models.CharField(_("دلیل"), max_length=200, blank=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("کارت")
        verbose_name_plural = _("کارت‌ها")
        constraints = [models.UniqueConstraint(fields=["club", "number"], name="card_number_once")]
        indexes = [models.Index(fields=["club", "member", "-id"], name="card_of_member")]

    def __str__(self) -> str:
        return in_language(self.number)


class CardCode(ClubModel):
    """Six digits that a member's screen shows for a minute in place of the card. No two live ones are the same."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    code = models.CharField(max_length=6, db_collation="C")
    valid_until = models.DateTimeField()

    class Meta(ClubModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["club", "code"], name="card_code_once"),
            models.UniqueConstraint(fields=["club", "member"], name="card_code_of_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.valid_until:%T}"


class ConsentChange(AppendOnly):
    """A yes or no of a member to messages over one channel, with the words shown. `Member` has the last."""

    class Channel(models.TextChoices):
        SMS = "sms", _("پیامک")
        EMAIL = "email", _("ایمیل")

    member = models.ForeignKey(Member, models.PROTECT, related_name="consent_changes", db_index=False)
    channel = models.CharField(_("کانال"), max_length=8, choices=Channel.choices)
    given = models.BooleanField(_("اجازه داد"))
    source = models.CharField(_("از کجا"), max_length=40)
    text = models.CharField(_("متنی که دید"), max_length=500, blank=True)
    actor = models.CharField(_("چه کسی"), max_length=60)
    at = models.DateTimeField(_("زمان"))
    created_at = models.DateTimeField(db_default=Now())

    class Meta(AppendOnly.Meta):
        verbose_name = _("رضایت پیام")
        verbose_name_plural = _("رضایت‌های پیام")
        indexes = [models.Index(fields=["club", "member", "-id"], name="consent_of_member")]

    def __str__(self) -> str:
        return f"{self.channel} {self.given}"


class NameToken(ClubModel):
    """A folded word of a member's name: names are found by range on it, as LIKE loses its index under row security."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="name_tokens", db_index=False)
    token = models.CharField(max_length=60, db_collation="C")

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "token", "member"], name="name_token_once")]
        indexes = [models.Index(fields=["club", "member"], name="name_token_of_member")]

    def __str__(self) -> str:
        return self.token


class CustomField(ClubModel):
    """A field the club added to its members: shown in the form, on the card and in exports."""

    class Kind(models.TextChoices):
        TEXT = "text", _("متن")
        NUMBER = "number", _("عدد")
        DATE = "date", _("تاریخ")
        CHOICE = "choice", _("گزینه")

    code = models.SlugField(_("کد"), max_length=32, db_index=False)
    label = models.CharField(_("برچسب"), max_length=60)
    kind = models.CharField(_("نوع"), max_length=8, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(_("گزینه‌ها"), default=list, blank=True)
    position = models.SmallIntegerField(_("ترتیب"), default=0)
    is_active = models.BooleanField(_("فعال"), default=True)
    is_asked_at_till = models.BooleanField(
        _("پرسیدن سر صندوق"), default=False, db_default=False, help_text=_("هنگام ساختن عضو تازه در صندوق پرسیده شود.")
    )
    is_asked_at_joining = models.BooleanField(
        _("پرسیدن هنگام عضویت"), default=False, db_default=False, help_text=_("در صفحهٔ عضویت باشگاه پرسیده شود.")
    )
    is_shown_to_member = models.BooleanField(
        _("دیدن عضو"), default=True, db_default=True, help_text=_("عضو این را در پنل خودش ببیند.")
    )

    class Meta(ClubModel.Meta):
        verbose_name = _("فیلد عضو")
        verbose_name_plural = _("فیلدهای عضو")
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="custom_field_code_once")]

    def __str__(self) -> str:
        return self.label


class Note(ClubModel):
    """What the staff should remember of a member. Its words may be mended by who wrote them; the audit has the old."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="notes", db_index=False)
    text = models.TextField(_("یادداشت"), max_length=1000)
    is_pinned = models.BooleanField(_("سنجاق‌شده"), default=False)
    author = models.CharField(_("نویسنده"), max_length=60)
    written_at = models.DateTimeField(_("نوشته‌شده"), db_default=Now())
    changed_at = models.DateTimeField(_("ویراسته"), null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("یادداشت عضو")
        verbose_name_plural = _("یادداشت‌های عضو")
        indexes = [models.Index(fields=["club", "member", "-is_pinned", "-id"], name="note_of_member")]

    def __str__(self) -> str:
        return self.text[:60]


class TierChange(AppendOnly):
    """A member's tier at each time: judged purchases of the past by it. Kept below `tiers`, which writes it as rows."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="tier_changes", db_index=False)
    from_code = models.CharField(max_length=32, blank=True)
    to_code = models.CharField(max_length=32, blank=True)
    document = models.CharField(max_length=60)
    at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(AppendOnly.Meta):
        indexes = [models.Index(fields=["club", "member", "-at", "-id"], name="tier_change_of_member")]

    def __str__(self) -> str:
        return f"{self.from_code} → {self.to_code}"


class RulesVersion(ClubModel):
    """The club's rules as they hold from a day on; once published never changed. At most one is still a draft.

    A version may be taken back before its day: it keeps its number, and nobody is asked about it.
    """

    number = models.PositiveIntegerField(_("نسخه"), null=True)
    text = models.TextField(_("متن"), max_length=20_000)
    starts_on = models.DateField(_("از روز"), null=True)
    written_by = models.CharField(_("نویسنده"), max_length=60)
    written_at = models.DateTimeField(_("نوشته‌شده"))
    published_by = models.CharField(_("منتشرکننده"), max_length=60, blank=True)
    published_at = models.DateTimeField(_("انتشار"), null=True)
    withdrawn_at = models.DateTimeField(_("پس گرفتن"), null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("نسخهٔ قوانین")
        verbose_name_plural = _("نسخه‌های قوانین")
        constraints = [
            models.UniqueConstraint(fields=["club", "number"], name="rules_number_once"),
            models.UniqueConstraint(fields=["club"], condition=models.Q(published_at=None), name="one_draft_of_rules"),
            models.CheckConstraint(
                condition=models.Q(published_at=None, number=None)
                | models.Q(published_at__isnull=False, number__isnull=False, starts_on__isnull=False),
                name="rules_published_have_number_and_day",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(published_at__isnull=False),
                name="rules_withdrawn_were_published",
            ),
        ]

    def __str__(self) -> str:
        return str(_("نسخهٔ %(number)s") % {"number": in_language(self.number or "")})


class RulesAcceptance(AppendOnly):
    """A member's yes to one version of the club's rules, with when and from where."""

    rules = models.ForeignKey(RulesVersion, models.PROTECT, related_name="acceptances", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(_("از کجا"), max_length=40)
    address = models.CharField(_("نشانی اینترنتی"), max_length=45, blank=True)
    at = models.DateTimeField(_("زمان"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("پذیرش قوانین")
        verbose_name_plural = _("پذیرش‌های قوانین")
        constraints = [models.UniqueConstraint(fields=["club", "rules", "member"], name="rules_accepted_once")]
        indexes = [models.Index(fields=["club", "rules", "-id"], name="rules_acceptance_newest")]

    def __str__(self) -> str:
        return f"rules:{self.rules_id} member:{self.member_id}"
