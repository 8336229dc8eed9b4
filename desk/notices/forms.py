"""The form of a notice: for whom, what it says, and from when to when it stands on panels."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.members.segment_models import Segment
from core.errors import AppError, ValidationFailed
from core.forms import JalaliDateField, set_choices, show_only_for
from core.jalali import day_bounds
from core.language import in_language, listed
from core.tenancy.scope import club_zone
from crm.notices.models import Notice
from crm.notices.services import LONGEST, LONGEST_LINK, Draft
from desk.cashier.lookup import LONGEST as LONGEST_LOOKUP
from desk.cashier.lookup import look_up
from desk.manager.fields import HourField
from desk.manager.settings.forms import SettingsForm

FIELDS = {"member_id": "member", "segment_id": "segment", "starts_at": "starts_on", "ends_at": "ends_on"}
NAMED = 3


class NoticeForm(SettingsForm):
    """A notice as it is typed; a member is named in any way that finds one."""

    audience = forms.ChoiceField(label=gettext_lazy("برای چه کسی؟"), choices=Notice.Audience.choices)
    member = forms.CharField(
        label=gettext_lazy("کدام عضو؟"),
        required=False,
        max_length=LONGEST_LOOKUP,
        help_text=gettext_lazy("موبایل، کارت یا نام"),
    )
    segment = forms.ChoiceField(label=gettext_lazy("کدام گروه؟"), required=False)
    text = forms.CharField(
        label=gettext_lazy("متن اعلان"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    link = forms.CharField(
        label=gettext_lazy("پیوند"),
        required=False,
        max_length=LONGEST_LINK,
        widget=forms.TextInput(
            attrs={"dir": "ltr", "inputmode": "url", "autocomplete": "off", "placeholder": "/offers/"}
        ),
        help_text=gettext_lazy("صفحه‌ای از همان پنل یا نشانی کامل؛ خالی: بی پیوند"),
    )
    starts_on = JalaliDateField(
        label=gettext_lazy("از روز"), required=False, help_text=gettext_lazy("خالی: از همین اکنون")
    )
    starts_hour = HourField(
        label=gettext_lazy("از ساعت"), required=False, help_text=gettext_lazy("خالی: از آغاز آن روز")
    )
    ends_on = JalaliDateField(label=gettext_lazy("تا روز"), required=False, help_text=gettext_lazy("خالی: بی پایان"))

    def __init__(self, data: Any, *, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        show_only_for(self, "member", "audience", [Notice.Audience.MEMBER])
        show_only_for(self, "segment", "audience", [Notice.Audience.SEGMENT])
        known = Segment.objects.filter(archived_at=None).values_list("pk", "name")
        set_choices(self, "segment", [("", "—"), *((str(pk), name) for pk, name in known)])

    def draft(self) -> Draft:
        """What was typed, as the services take it. Raises ValidationFailed (member) where the name finds not one."""
        typed = self.cleaned_data
        is_for_one = typed["audience"] == Notice.Audience.MEMBER
        return Draft(
            audience=typed["audience"],
            member_id=_member(typed["member"]) if is_for_one else None,
            segment_id=int(typed["segment"]) if typed["segment"] else None,
            text=typed["text"],
            link=typed["link"],
            starts_at=self._starts_at(),
            ends_at=day_bounds(typed["ends_on"], club_zone())[1] if typed["ends_on"] else None,
        )

    def refuse(self, refused: AppError) -> None:
        """A fault of a moment stands beside its day."""
        if isinstance(refused, ValidationFailed):
            refused = ValidationFailed({FIELDS.get(name, name): list(said) for name, said in refused.errors.items()})
        super().refuse(refused)

    def _starts_at(self) -> datetime | None:
        day, hour = self.cleaned_data["starts_on"], self.cleaned_data["starts_hour"]
        if day is None:
            if hour is not None:
                raise ValidationFailed({"starts_at": [_("روز آغاز را هم بنویسید.")]})
            return None
        return datetime.combine(day, hour or time(0), tzinfo=ZoneInfo(club_zone()))


def _member(text: str) -> int:
    found = look_up(text, now=timezone.now()) if text.strip() else None
    if found and found.only:
        return found.only.id
    if found and found.hits:
        names = listed(hit.name or in_language(hit.phone or hit.card or "") for hit in found.hits[:NAMED])
        said = _("چند عضو با این نوشته پیدا شد (%(names)s)؛ شمارهٔ کامل را بنویسید.") % {"names": names}
        raise ValidationFailed({"member": [said]})
    raise ValidationFailed({"member": [_("چنین عضوی پیدا نشد.")]})
