"""The forms of segments: name and badge, rows of conditions, the phones of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from club.members.models import Segment
from core.errors import ValidationFailed
from crm.segments.rules import ASKS
from crm.segments.services import LONGEST_DESCRIPTION, LONGEST_NAME
from desk.manager.offers.choices import Shelf, shelf
from desk.manager.offers.conditions import Said, said_of, typed_of
from desk.manager.offers.conditions_form import ConditionsForm, groups_field, groups_shown
from desk.manager.settings.forms import SettingsForm

ALL, ANY = "all", "any"
MATCH = [(ALL, gettext_lazy("همهٔ شرط‌ها با هم")), (ANY, gettext_lazy("دست‌کم یکی از شرط‌ها"))]


class SegmentForm(SettingsForm):
    """What a segment is called and how it shows; `segment` is None for one to be made."""

    name = forms.CharField(label=gettext_lazy("نام گروه"), max_length=LONGEST_NAME)
    description = forms.CharField(
        label=gettext_lazy("توضیح"), max_length=LONGEST_DESCRIPTION, required=False,
        help_text=gettext_lazy("برای همکاران؛ عضو آن را نمی‌بیند."),
    )  # fmt: skip
    badge = forms.ChoiceField(
        label=gettext_lazy("نشان"), choices=Segment.Badge.choices, required=False,
        help_text=gettext_lazy("گروه نشان‌دار را خود عضو و صندوق هم کنار نام می‌بینند."),
    )  # fmt: skip
    code = forms.CharField(
        label=gettext_lazy("کد"), max_length=32, required=False,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
        help_text=gettext_lazy("در API و شرط پیشنهادها؛ بعد عوض نمی‌شود. خالی: خودکار"),
    )  # fmt: skip

    def __init__(self, data: Any, *, segment: Segment | None = None, begun: Mapping[str, Any] | None = None) -> None:
        told = {name: getattr(segment, name) for name in ("name", "description", "badge")} if segment else {}
        super().__init__(data, initial={**(begun or {}), **told})
        if segment:
            del self.fields["code"]

    def values(self) -> dict[str, Any]:
        """What the services take."""
        names = ("name", "description", "badge", "code")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}


class ListForm(SettingsForm):
    """Who is on a list: phones written or in a file."""

    phones = forms.CharField(
        label=gettext_lazy("شماره‌های موبایل"), required=False, max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "ltr"}), help_text=gettext_lazy("هر سطر یکی"),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("یا فایل شماره‌ها"), required=False, help_text=gettext_lazy("CSV یا متن؛ شماره در هر ستونی")
    )
    whole = forms.BooleanField(label=gettext_lazy("هر که در این فهرست نیست از گروه بیرون برود"), required=False)


class RulesForm(SegmentForm, ConditionsForm):
    """A live segment: the same with its rules."""

    match = forms.ChoiceField(label=gettext_lazy("کدام‌ها لازم‌اند؟"), choices=MATCH, widget=forms.RadioSelect)
    groups = groups_field(gettext_lazy("فهرستی از گروه‌ها به زبان API؛ کنار شرط‌های بالا می‌آیند."))

    def __init__(
        self,
        data: Any,
        *,
        segment: Segment | None = None,
        begun: Mapping[str, Any] | None = None,
        rules: Said | None = None,
        rows: list[int] | None = None,
        quiet: bool = False,
    ) -> None:
        super().__init__(data, segment=segment, begun=begun)
        self.shelf: Shelf = replace(shelf(), asks=ASKS)
        self.quiet = quiet
        match, parts = _parts(rules or {})
        typed = [(part, typed_of(part, self.shelf.kinds)) for part in parts]
        self.initial["match"] = match
        self.initial["groups"] = groups_shown([part for part, row in typed if row is None])
        self.lay_rows([row for _part, row in typed if row is not None], rows, has_basket=False)
        self.dress()

    def rules(self) -> Said:
        """The rules that the valid form says; empty where nothing is asked."""
        rows = [said_of({**row.cleaned_data}, self.shelf.kinds) for row in self.rows]
        parts = [*rows, *self.cleaned_data["groups"]]
        return {self.cleaned_data["match"]: parts} if parts else {}

    def refuse_rules(self, refused: ValidationFailed) -> None:
        """Say what a rule is wrong in beside its row; what names none, above the form."""
        for path, texts in refused.errors.items():
            for text in texts:
                self._refuse(path, str(text))

    def _refuse(self, path: str, text: str) -> None:
        place = path.partition("[")[2].partition("]")[0]
        number = int(place) if path.startswith("rules.") and place.isdigit() else None
        if number is not None and number < len(self.rows):
            row = self.rows[number]
            name = path.rpartition(".")[2].partition("[")[0]
            row.add_error(name if name in row.fields else None, text)
        elif path.startswith("rules.") and number is not None:
            self.add_error("groups", f"{path.removeprefix('rules.')}: {text}")
        else:
            self.add_error(path if path in self.fields else None, text)


def _parts(rules: Said) -> tuple[str, list[Said]]:
    """How the parts go together, and the parts."""
    for match in (ALL, ANY):
        if set(rules) == {match} and isinstance(rules[match], list):
            return match, list(rules[match])
    return ALL, [rules] if rules else []
