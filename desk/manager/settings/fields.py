"""The club's own fields of its members: what is asked, where, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.members.field_editing import (
    FLAGS,
    create_field,
    every_field,
    filled,
    get_field,
    move_field,
    set_in_use,
    update_field,
)
from club.members.models import CustomField
from core.errors import AppError, Text, ValidationFailed
from desk.manager.fields import WordsField, free_code
from desk.manager.settings.forms import SettingsForm

TAGS: dict[str, Text] = {
    "is_asked_at_till": gettext_lazy("صندوق"),
    "is_asked_at_joining": gettext_lazy("عضویت"),
    "is_shown_to_member": gettext_lazy("پنل عضو"),
}


class FieldForm(SettingsForm):
    """A field; the code and kind of one that is there stay."""

    label = forms.CharField(
        label=gettext_lazy("برچسب"),
        max_length=60,
        help_text=gettext_lazy("همان که پرسیده می‌شود؛ مانند «نام حیوان خانگی»"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("چه می‌نویسند؟"), choices=CustomField.Kind.choices)
    choices = WordsField(
        label=gettext_lazy("گزینه‌ها"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("تنها برای نوع «گزینه»؛ هر کدام در یک سطر یا با ویرگول"),
    )
    is_asked_at_till = forms.BooleanField(label=gettext_lazy("سر صندوق پرسیده شود"), required=False)
    is_asked_at_joining = forms.BooleanField(label=gettext_lazy("هنگام عضویت پرسیده شود"), required=False)
    is_shown_to_member = forms.BooleanField(label=gettext_lazy("خود عضو هم ببیند"), required=False)
    code = forms.CharField(
        label=gettext_lazy("کد برای نرم‌افزارهای دیگر"), max_length=32, help_text=gettext_lazy("پس از ساختن عوض نمی‌شود.")
    )

    def __init__(self, data: Any, *, field: CustomField | None, taken: set[str]) -> None:
        super().__init__(data)
        self.fields["code"].widget.attrs["dir"] = "ltr"
        if field is None:
            self.initial = {"code": free_code("field", taken), "is_shown_to_member": True}
            return
        self.initial = {name: getattr(field, name) for name in ("label", "choices", *FLAGS)}
        del self.fields["code"], self.fields["kind"]
        if field.kind != CustomField.Kind.CHOICE:
            del self.fields["choices"]


@dataclass(frozen=True)
class Row:
    """A field in the list: where it is asked, and how many members have something in it."""

    field: CustomField
    where: list[Text]
    filled: int


@never_cache
@staff_required("manage_programme")
@require_safe
def own_fields(request: HttpRequest) -> HttpResponse:
    """The fields in their order, and those that were taken off."""
    counts = filled()
    rows = [
        Row(field, [text for flag, text in TAGS.items() if getattr(field, flag)], counts.get(field.code, 0))
        for field in every_field()
    ]
    context = {
        "heading": _("فیلدهای عضو"),
        "rows": [row for row in rows if row.field.is_active],
        "off": [row for row in rows if not row.field.is_active],
    }
    return render(request, "desk/settings/fields.html", context)


@never_cache
@staff_required("manage_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def own_field_new(request: HttpRequest) -> HttpResponseBase:
    """A field to be added."""
    return _page(request, None)


@never_cache
@staff_required("manage_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def own_field(request: HttpRequest, field_id: int) -> HttpResponseBase:
    """A field to be changed."""
    return _page(request, get_field(field_id))


Act = Callable[[int, HttpRequest], str]


def _act(act: Act) -> Callable[..., HttpResponseBase]:
    """A view that does one thing to a field by POST, and goes back to the list."""

    @staff_required("manage_programme")
    @require_POST
    def view(request: HttpRequest, field_id: int) -> HttpResponseBase:
        try:
            messages.success(request, act(field_id, request))
        except ValidationFailed as refused:
            messages.error(request, " ".join(refused.texts))
        return redirect("desk:settings_fields")

    return view


@_act
def own_field_move(field_id: int, request: HttpRequest) -> str:
    """A place up or down."""
    move_field(field_id, up=request.POST.get("way") == "up", actor=actor_of(request.user))
    return _("ترتیب عوض شد.")


@_act
def own_field_use(field_id: int, request: HttpRequest) -> str:
    """Off every form and card, or back."""
    in_use = request.POST.get("use") == "1"
    field = set_in_use(field_id, in_use=in_use, actor=actor_of(request.user))
    if in_use:
        return _("«%(field)s» دوباره پرسیده می‌شود.") % {"field": field.label}
    return _("«%(field)s» برداشته شد؛ آنچه در پرونده‌هاست می‌ماند.") % {"field": field.label}


def _page(request: HttpRequest, field: CustomField | None) -> HttpResponseBase:
    form = FieldForm(request.POST or None, field=field, taken={one.code for one in every_field()})
    if request.method == "POST" and form.is_valid():
        try:
            actor = actor_of(request.user)
            if field is None:
                create_field(form.cleaned_data, actor=actor)
            else:
                update_field(field.pk, form.cleaned_data, actor=actor)
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("فیلد «%(field)s» ثبت شد.") % {"field": form.cleaned_data["label"]})
            return redirect("desk:settings_fields")
    heading = _("فیلد «%(field)s»") % {"field": field.label} if field else _("فیلد تازه")
    context = {"heading": heading, "form": form, "field": field}
    return render(request, "desk/settings/field.html", context, status=422 if form.errors else 200)
