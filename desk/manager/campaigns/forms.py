"""The form of a campaign: to whom, what it says and gives, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.members.selectors import open_segments
from core.errors import AppError, Text, ValidationFailed
from core.forms import JalaliDateField, MoneyField, WholeField, set_choices, show_only_for
from core.jalali import local_date
from core.language import PERSIAN
from core.reading import MOST_RIAL
from core.tenancy.scope import club_zone, current_club
from crm.campaigns.drafting import LIMITS, LONGEST_NAME, LONGEST_SUBJECT, LONGEST_TEXT
from crm.campaigns.models import NOTICE_DAYS, Campaign
from crm.campaigns.wording import KIND, faults
from desk.manager.fields import HourField, HundredthsField
from desk.manager.settings.forms import SettingsForm
from offers.models import Offer
from offers.selectors import offers
from sms.wording import default_text

Gives = Campaign.Gives
NEEDED: Text = gettext_lazy("این را هم بنویسید.")
MOST_POINTS = 1_000_000_000
# Fields that only some choices have, with the choice that they hang on.
ONLY = {
    "segment_id": ("audience", ("segment",)),
    "offer_id": ("gives", ("coupon",)),
    "valid_days": ("gives", ("coupon",)),
    "points": ("gives", ("points",)),
    "credit": ("gives", ("credit",)),
    "subject": ("channel", ("email",)),
    "notice_days": ("channel", ("panel",)),
    "day": ("when", ("later",)),
    "hour": ("when", ("later",)),
}
MAY_BE_LEFT = ("valid_days", "notice_days")
SECTIONS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (gettext_lazy("به چه کسانی؟"), ("name", "audience", "segment_id", "control_bp")),
    (gettext_lazy("چه هدیه‌ای؟"), ("gives", "offer_id", "valid_days", "points", "credit")),
    (gettext_lazy("چه بگوید؟"), ("channel", "subject", "notice_days", "text")),
    (gettext_lazy("کِی، و چند روز سنجیده شود؟"), ("when", "day", "hour", "effect_days")),
)


class CampaignForm(SettingsForm):
    """A draft of a campaign."""

    name = forms.CharField(
        label=gettext_lazy("نام کارزار"), max_length=LONGEST_NAME, help_text=gettext_lazy("تنها کارکنان می‌بینند")
    )
    audience = forms.ChoiceField(label=gettext_lazy("برای چه کسانی؟"), choices=Campaign.Audience.choices)
    segment_id = forms.TypedChoiceField(label=gettext_lazy("کدام گروه؟"), required=False, coerce=int, empty_value=None)
    control_bp = HundredthsField(
        label=gettext_lazy("گروه شاهد"), required=False, most=5_000,
        help_text=gettext_lazy("این سهم به قرعه پیام نمی‌گیرد تا اثر پیام سنجیده شود؛ خالی: هیچ‌کس"),
    )  # fmt: skip
    gives = forms.ChoiceField(label=gettext_lazy("همراه پیام چه می‌گیرد؟"), choices=Gives.choices, required=False)
    offer_id = forms.TypedChoiceField(
        label=gettext_lazy("کد کدام پیشنهاد؟"), required=False, coerce=int, empty_value=None,
        help_text=gettext_lazy("پیشنهادهای فعالی که با کد داده می‌شوند"),
    )  # fmt: skip
    valid_days = WholeField(
        label=gettext_lazy("کد تا چند روز؟"), required=False, least=LIMITS["valid_days"][0],
        most=LIMITS["valid_days"][1], help_text=gettext_lazy("خالی: تا پایان پیشنهاد"),
    )  # fmt: skip
    points = WholeField(label=gettext_lazy("چند امتیاز؟"), required=False, least=1, most=MOST_POINTS)
    credit = MoneyField(label=gettext_lazy("چه مبلغ اعتبار؟"), required=False, min_rial=1, max_rial=MOST_RIAL)
    channel = forms.ChoiceField(label=gettext_lazy("از چه راهی؟"), choices=Campaign.Channel.choices)
    subject = forms.CharField(label=gettext_lazy("موضوع ایمیل"), max_length=LONGEST_SUBJECT, required=False)
    notice_days = WholeField(
        label=gettext_lazy("اعلان تا چند روز بماند؟"), required=False, least=LIMITS["notice_days"][0],
        most=LIMITS["notice_days"][1], help_text=gettext_lazy("پس از آن از پنل برداشته می‌شود؛ خالی: ۳۰ روز"),
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("متن پیام"), max_length=LONGEST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    when = forms.ChoiceField(
        label=gettext_lazy("کِی فرستاده شود؟"),
        choices=[("now", gettext_lazy("همین که تأیید کردم")), ("later", gettext_lazy("در روز و ساعتی دیگر"))],
    )
    day = JalaliDateField(label=gettext_lazy("روز"), required=False)
    hour = HourField(label=gettext_lazy("ساعت"), required=False)
    effect_days = WholeField(
        label=gettext_lazy("خرید تا چند روز سنجیده شود؟"), least=LIMITS["effect_days"][0],
        most=LIMITS["effect_days"][1],
    )  # fmt: skip
    units = {
        "valid_days": gettext_lazy("روز"),
        "effect_days": gettext_lazy("روز"),
        "notice_days": gettext_lazy("روز"),
        "points": gettext_lazy("امتیاز"),
    }

    def __init__(self, data: Any, *, campaign: Campaign | None = None, segment_id: int | None = None) -> None:
        super().__init__(data)
        self.initial = _initial(campaign) if campaign else _fresh(segment_id)
        set_choices(self, "segment_id", [("", _("برگزینید")), *((one.pk, one.name) for one in open_segments())])
        set_choices(self, "offer_id", [("", _("برگزینید")), *_offers(campaign)])
        own = current_club().language
        self.fields["text"].widget.attrs |= {"lang": own, "dir": "rtl" if own == PERSIAN else "ltr"}
        for name, (choice, values) in ONLY.items():
            show_only_for(self, name, choice, values)

    @property
    def sections(self) -> list[tuple[Text, list[forms.BoundField]]]:
        """The fields by what they are about."""
        return [(title, [self[name] for name in names]) for title, names in SECTIONS]

    def clean(self) -> dict[str, Any]:
        """What the chosen audience, gift and time need is there."""
        typed = super().clean()
        needed = [name for name, (choice, values) in ONLY.items() if typed.get(choice) in values]
        for name in needed:
            if name not in MAY_BE_LEFT and typed.get(name) in (None, "") and not self.has_error(name):
                self.add_error(name, str(NEEDED))
        return typed

    def clean_text(self) -> str:
        """A text of which words can be made."""
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if found := faults(text, self.data.get("gives", "")):
            raise forms.ValidationError(found)
        return text

    def values(self) -> dict[str, Any]:
        """What a draft is made of, as the services take it."""
        cleaned = self.cleaned_data
        names = ("name", "audience", "segment_id", "gives", "valid_days", "channel", "subject", "text", "effect_days")
        said = {name: cleaned[name] for name in names}
        said["control_bp"] = cleaned["control_bp"] or 0
        said["notice_days"] = cleaned["notice_days"] or NOTICE_DAYS
        said["amount"] = cleaned.get(cleaned["gives"]) or 0 if cleaned["gives"] in ("points", "credit") else 0
        if cleaned["gives"] == Gives.COUPON:
            said["offer_id"] = cleaned["offer_id"]
        said["starts_at"] = None
        if cleaned["when"] == "later":
            said["starts_at"] = datetime.combine(cleaned["day"], cleaned["hour"], ZoneInfo(club_zone()))
        return said

    def refuse(self, refused: AppError) -> None:
        """A fault of a moment stands beside its day, one of an amount beside its figure."""
        if isinstance(refused, ValidationFailed):
            moved = {"starts_at": "day", "amount": self.cleaned_data.get("gives", "")}
            texts: dict[str, Any] = {moved.get(name, name): text for name, text in refused.errors.items()}
            refused = ValidationFailed(texts)
        super().refuse(refused)


def _fresh(segment_id: int | None) -> dict[str, Any]:
    begun = {"when": "now", "audience": "all", "channel": "sms", "effect_days": 14, "notice_days": NOTICE_DAYS}
    begun |= {"control_bp": 1_000}
    begun |= {"audience": "segment", "segment_id": segment_id} if segment_id else {}
    return {**begun, "text": default_text(KIND)}


def _initial(campaign: Campaign) -> dict[str, Any]:
    names = (
        "name",
        "audience",
        "segment_id",
        "gives",
        "valid_days",
        "channel",
        "subject",
        "text",
        "effect_days",
        "notice_days",
        "offer_id",
    )
    said = {name: getattr(campaign, name) for name in names}
    said |= {"control_bp": campaign.control_bp or None, "when": "later" if campaign.starts_at else "now"}
    if campaign.gives in (Gives.POINTS, Gives.CREDIT):
        said[campaign.gives] = campaign.amount
    if campaign.starts_at:
        local = campaign.starts_at.astimezone(ZoneInfo(club_zone()))
        said |= {"day": local_date(campaign.starts_at, club_zone()), "hour": local.time()}
    return said


def _offers(campaign: Campaign | None) -> list[tuple[int, str]]:
    """The live offers that are given by a code, and the one that was chosen before."""
    rows = offers(status=Offer.Status.LIVE).filter(code_required=True).order_by("name")
    found = list(rows.values_list("pk", "name"))
    if campaign and campaign.offer and campaign.offer.pk not in {pk for pk, _name in found}:
        found.append((campaign.offer.pk, campaign.offer.name))
    return found
