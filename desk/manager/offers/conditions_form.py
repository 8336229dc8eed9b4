"""What the forms of offers and of segments share: rows of conditions, and the groups that are left to JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.text import whole_number
from desk.manager.offers.choices import Shelf
from desk.manager.offers.conditions import Said
from desk.manager.offers.rows import RowForm
from desk.manager.settings.forms import SettingsForm
from offers.parsing_conditions import MOST_PARTS

GROUPS_ROWS = 4


def groups_field(help_text: Any) -> forms.CharField:
    """Where the groups are written that no row can show."""
    attrs = {"rows": GROUPS_ROWS, "dir": "ltr", "spellcheck": "false"}
    label = gettext_lazy("شرط‌های تودرتو")
    return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs=attrs), help_text=help_text)


def posted_rows(data: Mapping[str, Any]) -> list[int]:
    """The numbers of the rows that were sent, in their order."""
    sent = data.getlist("rows") if hasattr(data, "getlist") else []
    numbers = [number for number in map(whole_number, sent) if number is not None]
    return list(dict.fromkeys(numbers))[:MOST_PARTS]


def groups_shown(groups: Sequence[Said]) -> str:
    """The groups as JSON to be read and changed; nothing where there are none."""
    return json.dumps(groups, ensure_ascii=False, indent=1) if groups else ""


class ConditionsForm(SettingsForm):
    """A form with rows of conditions and a field `groups`.

    `quiet`: it only changes its shape, so nothing is said against it.
    """

    shelf: Shelf
    quiet = False
    rows: Sequence[RowForm] = ()

    def lay_rows(self, kept: Sequence[dict[str, Any]], numbers: list[int] | None, *, has_basket: bool) -> None:
        """Make the rows: of a sent form those that came with it, or `numbers` of them; else those that are kept."""
        with_what: dict[str, Any] = {"shelf": self.shelf, "quiet": self.quiet, "has_basket": has_basket}
        if self.is_bound:
            sent = posted_rows(self.data) if numbers is None else numbers
            self.rows = [RowForm(self.data, number=number, **with_what) for number in sent]
        else:
            self.rows = [RowForm(None, number=number, row=row, **with_what) for number, row in enumerate(kept)]

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

    @property
    def summary_errors(self) -> list[tuple[str, str]]:
        """Every error with the id and the name of its field, those of the rows too."""
        faults: list[tuple[str, str]] = []
        for form in (self, *self.rows):
            labels = {form[name].auto_id: form[name].label for name in form.errors if name in form.fields}
            faults += [(at, f"{labels[at]}: {text}" if at in labels else text) for at, text in form.summary]
        return faults
