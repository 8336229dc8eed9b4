"""What the audit calls `kind:number`, as people call it, with the page of its record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import ApiKey
from club.catalogue.models import Branch, Group, Product
from club.members.models import CustomField, Member
from club.purchases.models import Purchase, Refund
from club.tiers.models import Tier
from core.tenancy.models import ClubModel
from desk.manager.record import numbers_of
from sms.models import SmsTemplate


@dataclass(frozen=True)
class Named:
    """A record in words, and where it is looked at."""

    text: str
    url: str


def named(targets: Iterable[str]) -> dict[str, Named]:
    """The records of the club in scope that are there still, by what the audit calls them; one query for each kind."""
    kept, found = set(targets), {}
    for kind, (model, say) in KINDS.items():
        if numbers := numbers_of(kept, kind):
            address = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            for row in model.objects.filter(pk__in=numbers):
                found[f"{kind}:{row.pk}"] = Named(say(row), reverse(address, args=[row.pk]))
    return found


KINDS: dict[str, tuple[type[ClubModel], Callable[[Any], str]]] = {
    "api_key": (ApiKey, lambda row: _("کلید «%(name)s»") % {"name": row.name}),
    "branch": (Branch, lambda row: _("شعبهٔ «%(name)s»") % {"name": row}),
    "customfield": (CustomField, lambda row: _("فیلد «%(name)s»") % {"name": row}),
    "group": (Group, lambda row: _("گروه «%(name)s»") % {"name": row}),
    "member": (Member, lambda row: _("عضو: %(name)s") % {"name": row}),
    "product": (Product, lambda row: _("کالای «%(name)s»") % {"name": row}),
    "purchase": (Purchase, str),
    "refund": (Refund, str),
    "smstemplate": (SmsTemplate, lambda row: _("متن «%(name)s»") % {"name": row}),
    "tier": (Tier, lambda row: _("سطح «%(name)s»") % {"name": row}),
}
