"""Forms of a member's data for the staff: whole for the manager's records, short for the page of the card."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.awards.enrolment import enrol_member
from club.awards.profile import change_member
from club.members.models import Member
from club.members.own_fields import PREFIX, fields_in_use, form_fields, typed_values, without_blanks
from club.members.standing import change_standing
from club.tiers.models import Tier
from core.forms import AsShown, JalaliDateField, NumberTextField, PhoneField, set_choices
from core.language import NAMES
from desk.manager.fields import WordsField
from desk.manager.record import ServiceForm

PERSON = (
    "phone",
    "first_name",
    "last_name",
    "gender",
    "birth_date",
    "email",
    "city",
    "language",
    "card",
    "external_id",
    "source",
    "tags",
)


Form = TypeVar("Form", bound="PersonForm")


class PersonForm(AsShown, ServiceForm):
    """Who a known member is; fields the club added are put in by `with_custom_fields`."""

    birth_date = JalaliDateField(label=_("تاریخ تولد"), required=False)

    class Meta:
        model = Member
        fields = ["first_name", "last_name", "gender", "birth_date", "email", "city", "language"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        language = self.fields.get("language")
        if isinstance(language, forms.ChoiceField):
            language.choices = [("", _("زبان باشگاه")), *NAMES.items()]
        for name in self.fields:
            if name.startswith(PREFIX):
                self.initial[name] = self.instance.custom.get(name.removeprefix(PREFIX), "")

    def act(self) -> Member:
        """Change what was typed otherwise."""
        changes, now = self.changes(), timezone.now()
        standing = {name: changes.pop(name) for name in ("status", "sms_consent") if name in changes}
        own = [name for name in changes if name.startswith(PREFIX)]
        for name in own:
            del changes[name]
        if own:
            changes["custom"] = self.custom()
        member: Member = self.instance
        if standing:
            member = change_standing(member.pk, actor=self.actor, now=now, **standing)
        return change_member(member.pk, changes, actor=self.actor, now=now) if changes else member

    def custom(self) -> dict[str, Any]:
        """The club's own fields of the member, with what was typed otherwise."""
        return without_blanks({**self.instance.custom, **typed_values(self.changes())})


class MemberForm(PersonForm):
    """All data of a member, of a new one, too."""

    phone = PhoneField(label=_("موبایل"), required=False)
    card = NumberTextField(label=_("شمارهٔ کارت"), required=False, max_length=40)
    external_id = NumberTextField(label=_("شناسهٔ بیرونی"), required=False, max_length=64)
    tags = WordsField(label=_("برچسب‌ها"), required=False, help_text=_("با ویرگول از هم جدا کنید."))

    class Meta(PersonForm.Meta):
        fields = ["phone", *PersonForm.Meta.fields, "card", "external_id", "source"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["tags"] = self.instance.tags
        self.initial.update({name: self.initial.get(name) or "" for name in ("phone", "card", "external_id")})

    def act(self) -> Member:
        """Enrol a new member; change what was changed of a known one."""
        if self.instance.pk is not None:
            return super().act()
        person = {name: self.cleaned_data[name] for name in PERSON if self.cleaned_data.get(name)}
        person["tags"] = tuple(person.get("tags", ()))
        return enrol_member(actor=self.actor, now=timezone.now(), custom=self.custom(), **person)


class KnownMemberForm(MemberForm):
    """A known member also has a standing, and a floor below which the tier never falls."""

    status = forms.ChoiceField(
        label=_("وضعیت"), choices=[(c.value, c.label) for c in (Member.Status.ACTIVE, Member.Status.BLOCKED)]
    )
    tier_floor = forms.ChoiceField(label=_("کف سطح"), required=False, help_text=_("سطح عضو از این پایین‌تر نمی‌آید."))

    class Meta(MemberForm.Meta):
        fields = [*MemberForm.Meta.fields, "status", "sms_consent", "tier_floor"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        tiers = [(tier.code, tier.name) for tier in Tier.objects.order_by("rank")]
        if "tier_floor" in self.fields:
            set_choices(self, "tier_floor", [("", _("ندارد")), *tiers])

    def clean_tier_floor(self) -> str | None:
        """The code of a tier, or none."""
        return self.cleaned_data["tier_floor"] or None


def with_custom_fields(form: type[Form]) -> tuple[type[Form], list[str]]:
    """The form with a field for each one that the club added, and their names."""
    added = form_fields(fields_in_use())
    return type(form.__name__, (form,), {**added, "Meta": form.Meta}), list(added)
