"""The product that a ticket is about: a field for its name or code, and what is offered while it is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from club.catalogue.models import Product
from club.catalogue.selectors import SUGGESTED, called, products_called
from core.text import clean_name, latin_digits

LONGEST = 120
OFFERED = "ticket-products"


class ProductField(forms.CharField):
    """A product on sale by its code, its name, or a part of the name that only one has; cleans to the code or "".

    `kept`, which the page shows already, may also be one that is no longer sold.
    """

    kept: Product | None = None

    def __init__(self) -> None:
        hint = gettext_lazy("نام یا کد")
        super().__init__(label=gettext_lazy("کالا"), required=False, max_length=LONGEST, help_text=hint)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """What fits is offered while one types; without a script the name or the code is typed."""
        asked = {"hx-get": reverse_lazy("desk:ticket_products"), "hx-trigger": "input changed delay:200ms"}
        shown = {"hx-target": f"#{OFFERED}", "hx-swap": "innerHTML", "list": OFFERED, "autocomplete": "off"}
        return {**super().widget_attrs(widget), **asked, **shown}

    def clean(self, value: Any) -> str:
        """The code of the product that was named."""
        typed = clean_name(super().clean(value))
        if not typed:
            return ""
        if self.kept and typed == clean_name(self.kept.name):
            return self.kept.code
        found = products_called([typed]).get(latin_digits(typed))
        fitting = [found] if found else products_with(typed)
        if not fitting:
            raise ValidationError(_("کالایی با این نام یا کد در باشگاه نیست."), code="unknown")
        if len(fitting) > 1:
            named = "، ".join(f"{one.name} ({one.code})" for one in fitting)
            raise ValidationError(_("کدام کالا؟ کدش را بنویسید: %(named)s"), code="several", params={"named": named})
        return fitting[0].code


def products_with(text: str) -> list[Product]:
    """A few products on sale whose name has the text or whose code begins with it, by name."""
    return list(called(Product.objects.filter(is_active=True), text).order_by("name", "pk")[:SUGGESTED])


@never_cache
@staff_required("answer_tickets")
@require_safe
def ticket_products(request: HttpRequest) -> HttpResponseBase:
    """The options under the field of the product."""
    text = clean_name(request.GET.get("product", "")[:LONGEST].replace("\x00", ""))
    return render(request, "desk/_products.html", {"products": products_with(text) if text else []})
