"""What the staff type about a ticket: a new one for a member, an answer or a note, and what it says of itself."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.catalogue.models import Product
from core.forms import AsShown, set_choices
from core.text import whole_number
from desk.manager.settings.forms import SettingsForm
from desk.tickets.products import ProductField
from tickets.assigning import supporters
from tickets.checks import LONGEST_SUBJECT
from tickets.forms import MessageForm
from tickets.models import Priority, Ticket, TicketKind
from tickets.office import open_departments


class AnswerForm(MessageForm):
    """An answer to the member, or a note among the staff, with who is called on."""

    mentions = forms.MultipleChoiceField(
        label=gettext_lazy("خبر کردن همکار"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        set_choices(self, "mentions", [(str(user.pk), str(user)) for user in supporters()])
        self.fields["text"].widget.attrs["rows"] = 4


class NewTicketForm(MessageForm):
    """A ticket that one of the staff writes down for a member; a task is for the staff alone."""

    kind = forms.ChoiceField(label=gettext_lazy("نوع"), choices=TicketKind.choices)
    priority = forms.ChoiceField(label=gettext_lazy("اولویت"), choices=Priority.choices, initial=Priority.NORMAL)
    department = forms.ChoiceField(label=gettext_lazy("واحد"), required=False)
    assignee = forms.ChoiceField(label=gettext_lazy("مسئول"), required=False)
    subject = forms.CharField(label=gettext_lazy("موضوع"), max_length=LONGEST_SUBJECT)
    product = ProductField()

    field_order = ("subject", "text", "kind", "priority", "department", "assignee", "product", "attachments", "token")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        set_choices(self, "department", [("", "—"), *((one.code, one.name) for one in open_departments())])
        set_choices(self, "assignee", [("", _("خودکار")), *((str(user.pk), str(user)) for user in supporters())])
        self.fields["text"].required = True
        leave_out_product(self)
        for name, field in self.fields.items():
            if name in ("kind", "priority", "department", "assignee"):
                field.widget.attrs["class"] = "select"
            elif name in ("subject", "product"):
                field.widget.attrs["class"] = "input"


class AboutForm(AsShown, SettingsForm):
    """What a ticket says of itself, and whose it is."""

    kind = forms.ChoiceField(label=gettext_lazy("نوع"))
    priority = forms.ChoiceField(label=gettext_lazy("اولویت"), choices=Priority.choices)
    department = forms.ChoiceField(label=gettext_lazy("واحد"), required=False)
    assignee = forms.ChoiceField(label=gettext_lazy("مسئول"), required=False)
    product = ProductField()

    def __init__(self, *args: Any, ticket: Ticket, **options: Any) -> None:
        initial = {
            "kind": ticket.kind,
            "priority": ticket.priority,
            "department": ticket.department.code if ticket.department else "",
            "assignee": str(ticket.assignee_id or ""),
            "product": ticket.product.name if ticket.product else "",
        }
        super().__init__(*args, initial=initial, **options)
        kinds = [choice for choice in TicketKind.choices if (choice[0] == TicketKind.TASK) == ticket.is_internal]
        set_choices(self, "kind", kinds)
        # One that was archived stays that of its own tickets.
        departments = {one.code: one.name for one in (*open_departments(), ticket.department) if one}
        set_choices(self, "department", [("", "—"), *departments.items()])
        people = {user.pk: str(user) for user in supporters()}
        if ticket.assignee is not None:
            people.setdefault(ticket.assignee.pk, str(ticket.assignee))
        set_choices(self, "assignee", [("", _("هیچ‌کس")), *((str(pk), name) for pk, name in people.items())])
        cast("ProductField", self.fields["product"]).kept = ticket.product
        leave_out_product(self)

    def changes(self) -> dict[str, Any]:
        """What was chosen otherwise than the page showed it, so that nobody undoes what another did meanwhile."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        return changed | ({"assignee": whole_number(changed["assignee"])} if "assignee" in changed else {})


def leave_out_product(form: forms.Form) -> None:
    """Ask for no product where the club has none."""
    if not cast("ProductField", form.fields["product"]).kept and not Product.objects.filter(is_active=True).exists():
        del form.fields["product"]
