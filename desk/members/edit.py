"""Who a member is, mended by the staff: name, birthday, e-mail, city and what the club asks besides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from desk.members.card import member_here
from desk.members.forms import PersonForm, with_custom_fields


class PageForm(PersonForm):
    """The form as the page shows it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "select" if isinstance(field, forms.ChoiceField) else "input"
        self.fields["email"].widget.attrs.update({"dir": "ltr", "inputmode": "email"})


@never_cache
@staff_required("edit_members")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """The form; only what was typed otherwise is changed, so that two people who edit at once keep both."""
    member, status = member_here(member_id), 200
    form_of, _names = with_custom_fields(PageForm)
    form = form_of(request.POST or None, instance=member)
    form.actor = actor_of(request.user)
    if request.method == "POST":
        if form.is_valid():
            messages.success(request, _("نوشته شد."))
            return redirect("desk:member", member.pk)
        status = 422
    summary = [(f"id_{name}", text) for name, texts in form.errors.items() for text in texts]
    return render(
        request, "desk/members/edit.html", {"member": member, "form": form, "summary": summary}, status=status
    )
