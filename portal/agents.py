"""Asking to become an agent, from the club's own page; the answer is the same whoever has asked before."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.throttle import AGENT_APPLY, client_address, count_attempt
from core.errors import Throttled, ValidationFailed
from core.forms import PersianForm, PhoneField
from core.prose import blocks
from crm.agents.contracts import NewAgent, apply_as_agent, settings_of_agents
from crm.agents.models import Agent


class ApplyForm(PersianForm):
    """Who asks, and what there is to say about it."""

    name = forms.CharField(label=gettext_lazy("نام و نام خانوادگی"), max_length=80)
    phone = PhoneField(label=gettext_lazy("شماره موبایل"))
    kind = forms.ChoiceField(
        label=gettext_lazy("نوع همکاری"), choices=Agent.Kind.choices, widget=forms.Select(attrs={"class": "select"})
    )
    note = forms.CharField(
        label=gettext_lazy("چند کلمه دربارهٔ خودتان"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["name"].widget.attrs.update({"class": "input", "autocomplete": "name"})
        self.fields["phone"].widget.attrs["class"] = "input"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agent_apply(request: HttpRequest) -> HttpResponseBase:
    """Take the request of whoever asks, where the club takes any; Http404 where it does not."""
    settings = settings_of_agents()
    if not settings.takes_applications:
        raise Http404
    form, status = ApplyForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            now = timezone.now()
            try:
                count_attempt((AGENT_APPLY, client_address(request)), now=now)
                apply_as_agent(NewAgent(**form.cleaned_data), now=now)
            except Throttled as refused:
                form.add_error(None, refused.detail)
                status = refused.http_status
            except ValidationFailed as refused:
                for field, texts in refused.errors.items():
                    form.add_error(field, texts)
            else:
                return redirect(f"{reverse('portal:agent_apply')}?sent=1")
    context = {"form": form, "about": blocks(settings.about), "sent": "sent" in request.GET}
    return render(request, "portal/agent_apply.html", context, status=status)
