"""The forms of segments: name and badge, rows of conditions, the phones of a list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.members.models import Segment
from core.errors import ValidationFailed
from crm.segments.rules import ASKS
from crm.segments.services import LONGEST_DESCRIPTION, LONGEST_NAME
from desk.manager.offers.choices import Shelf, shelf
from desk.manager.offers.conditions import Said, said_of, typed_of
from desk.manager.offers.forms import posted_rows
from desk.manager.offers.rows import RowForm
from desk.manager.settings.forms import SettingsForm
from offers.parsing_conditions import MOST_PARTS

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


class RulesForm(SegmentForm):
    """A live segment: the same with its rules. `quiet`: it only changes its shape, so nothing is said against it."""

    match = forms.ChoiceField(label=gettext_lazy("کدام‌ها لازم‌اند؟"), choices=MATCH, widget=forms.RadioSelect)
    groups = forms.CharField(
        label=gettext_lazy("شرط‌های تودرتو"), required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "ltr", "spellcheck": "false"}),
        help_text=gettext_lazy("فهرستی از گروه‌ها به زبان API؛ کنار شرط‌های بالا می‌آیند."),
    )  # fmt: skip

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
        self.initial["groups"] = _shown([part for part, row in typed if row is None])
        with_what: dict[str, Any] = {"shelf": self.shelf, "quiet": quiet, "has_basket": False}
        if self.is_bound:
            numbers = posted_rows(data) if rows is None else rows
            self.rows = [RowForm(data, number=number, **with_what) for number in numbers]
        else:
            shown = [row for _part, row in typed if row is not None]
            self.rows = [RowForm(None, number=number, row=row, **with_what) for number, row in enumerate(shown)]
        self.dress()

    def full_clean(self) -> None:
        """Nothing is said against a form that only changes its shape."""
        if self.quiet:
            self._errors = forms.utils.ErrorDict()
            self.cleaned_data = {}
            return
        super().full_clean()

    def is_valid(self) -> bool:
        """Whether every field and every row can be read."""
        rows = [row.is_valid() for row in self.rows]
        return super().is_valid() and all(rows)

    def clean_groups(self) -> list[Said]:
        """The groups that are left to JSON."""
        text = self.cleaned_data["groups"].strip()
        try:
            groups = json.loads(text) if text else []
        except (ValueError, RecursionError):
            raise forms.ValidationError(
                _("این JSON خوانده نمی‌شود؛ یک کروشه، آکولاد یا ویرگول کم یا زیاد است.")
            ) from None
        groups = groups if isinstance(groups, list) else [groups]
        if not all(isinstance(group, dict) for group in groups) or len(groups) > MOST_PARTS:
            raise forms.ValidationError(_('فهرستی از گروه‌ها بنویسید، مانند [{"any": […]}].'))
        return groups

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

    @property
    def summary_errors(self) -> list[tuple[str, str]]:
        """Every error with the id and the name of its field, those of the rows too."""
        faults: list[tuple[str, str]] = []
        for form in (self, *self.rows):
            labels = {form[name].auto_id: form[name].label for name in form.errors if name in form.fields}
            faults += [(at, f"{labels[at]}: {text}" if at in labels else text) for at, text in form.summary]
        return faults


def _parts(rules: Said) -> tuple[str, list[Said]]:
    """How the parts go together, and the parts."""
    for match in (ALL, ANY):
        if set(rules) == {match} and isinstance(rules[match], list):
            return match, list(rules[match])
    return ALL, [rules] if rules else []


def _shown(groups: list[Said]) -> str:
    return json.dumps(groups, ensure_ascii=False, indent=1) if groups else ""
