"""What the manager's records have in common: acts through services, columns in Persian, no log but the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import NON_FIELD_ERRORS as ALL
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ClubModelAdmin, ReadOnlyAdmin
from accounts.models import ApiKey, User
from accounts.rights import actor_of
from core.errors import AppError, Text, ValidationFailed
from core.forms import MoneyField, PersianErrors
from core.language import in_language
from core.money import unit_name
from core.tables import writing as tables
from core.templatetags.club_ui import jalali_date, jalali_time, number, percent, phone, show_money
from core.tenancy.scope import current_club_id
from core.text import persian_letters, whole_number
from desk.manager.listing import NOTHING, Exported, PageOfRows, plain

ROWS = 25
Row = TypeVar("Row")
Column = Any  # a callable with Django's attributes; its stubs know names only


class Listed(Exported):
    """A list of 25 rows, without bulk acts and without counting all rows beside a filtered list."""

    actions: tuple[str, ...] | None = None
    list_per_page = ROWS
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        """The list with prepared rows."""
        return PageOfRows

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list under its own name, with the addresses of its files."""
        files = self.export_links(request)
        context = {"title": self.opts.verbose_name_plural, "export_links": files, **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The record; what is not here, another club's too, is a 404 for whoever may see such records."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def prepare(self, rows: list[Any]) -> None:
        """Look up together what the columns of a page's rows show."""

    def title_of(self, row: Any) -> str:
        """What a record is called above its page."""
        return in_language(row)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **options: Any) -> HttpResponse:  # type: ignore[override]
        """The page under the record's own title."""
        if options.get("obj"):
            context = context | {"subtitle": self.title_of(options["obj"])}
        return super().render_change_form(request, context, **options)

    @property
    def media(self) -> forms.Media:
        """Django's scripts without jQuery, which styles inline and is not needed by our forms."""
        return forms.Media(js=["admin/js/core.js"])


class RecordAdmin(Listed, ClubModelAdmin):
    """Records that the admin itself may change."""

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """A field of choices; nothing chosen is a dash."""
        options["choices"] = db_field.get_choices(include_blank=db_field.blank, blank_choice=[("", NOTHING)])
        return super().formfield_for_choice_field(db_field, request, **options)


class SeenAdmin(Listed, ReadOnlyAdmin):
    """Records that are written elsewhere, as a list and one by one."""


class OwnForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that says its errors in Persian digits and its money's unit, and takes the letters of any keyboard."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"error_class": PersianErrors, **options})
        self.say_units()

    def say_units(self) -> None:
        """Name the unit beside each amount."""
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                unit = _("به %(unit)s") % {"unit": unit_name(field.unit_in_use())}
                field.help_text = f"{unit} · {field.help_text}" if field.help_text else unit

    def clean(self) -> dict[str, Any]:
        """The Arabic ي and ك are kept as ی and ک."""
        cleaned = super().clean() or {}
        for name, value in cleaned.items():
            if type(value) is str:
                cleaned[name] = persian_letters(value)
        return cleaned


class ClubForm(OwnForm):
    """A form of a record of the club: what must be unique in the club is looked at before the database refuses it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.instance.club_id = self.instance.club_id or current_club_id()

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"club"}  # type: ignore[misc, no-any-return]

    def _update_errors(self, errors: Any) -> None:
        """A repeated code is an error of the code's field, not of the record."""
        found = errors.error_dict if hasattr(errors, "error_dict") else {ALL: errors.error_list}
        placed: dict[str, list[Any]] = {name: list(texts) for name, texts in found.items() if name != ALL}
        placed = {name: texts for name, texts in placed.items() if name not in self.errors}  # one fault is said once
        for error in found.get(ALL, []):
            check = (error.params or {}).get("unique_check") or ()
            name = next((name for name in reversed(check) if name in self.fields), ALL)
            placed.setdefault(name, []).append(error if name == ALL else _("این پیش‌تر به کار رفته است."))
        super()._update_errors(forms.ValidationError(placed))  # type: ignore[misc]


class ServiceForm(OwnForm):
    """A form whose saving is a service's act, done when the fields are right: what it refuses stands beside its field.

    The admin runs a form inside a transaction, so that a page that fails later leaves nothing behind.
    """

    actor = "system"
    renamed: dict[str, str] = {}
    """Names of the service's fields that the form calls otherwise."""

    def act(self) -> Model:
        """Do what the form asks for; the record as it is now."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.instance = self.act()
        except ValidationFailed as refused:
            for path, texts in refused.errors.items():
                self._refuse(path, texts)
        except AppError as refused:
            self._refuse(str(refused.data.get("field", "")), [refused.detail])

    def _refuse(self, path: str, texts: Iterable[str]) -> None:
        name = self.renamed.get(path, path.partition("[")[0])
        for text in texts:
            self.add_error(name if name in self.fields else None, text)

    def changes(self) -> dict[str, Any]:
        """What was typed otherwise than it was shown."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's
        """The record; the act is done."""
        return self.instance

    def save_m2m(self) -> None:
        """Nothing is left to save."""


class ServiceAdmin(RecordAdmin):
    """Records that are made and changed by services, which audit by themselves."""

    form = ServiceForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """The form, which knows who acts: its class is made anew for each request."""
        form = super().get_form(request, obj, change=change, **options)
        cast(Any, form).actor = actor_of(request.user)
        return form

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit of this record, by the name under which the services keep it."""
        target = urlencode({"target": self.audit_target(self.get_object(request, object_id))})
        return HttpResponseRedirect(f"{reverse('desk:audit')}?{target}")

    def audit_target(self, obj: Any) -> str:
        """What the services call the record in the audit."""
        return f"{self.opts.model_name}:{obj.pk}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """The form's service has saved."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        """The service has audited."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        """The service has audited."""


class KeptAdmin(ServiceAdmin):
    """Records that may be deleted until something needs them."""

    def why_kept(self, request: HttpRequest, row: Any) -> Text | None:
        """What needs the record and what to do instead of deleting it; None when nothing does."""
        _rows, _counts, forbidden, protected = self.get_deleted_objects([row], request)
        if not (forbidden or protected):
            return None
        return _("«%(name)s» به کار رفته است و پاک نمی‌شود؛ به‌جای آن «فعال» را بردارید تا دیگر پیشنهاد نشود.") % {
            "name": row
        }

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The question before deletion, or back to the record with why it stays."""
        row = self.get_object(request, object_id)
        if self.has_delete_permission(request, row) and (why := self.why_kept(request, row)):
            self.message_user(request, str(why), messages.WARNING)
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
            )
        return super().delete_view(request, object_id, extra_context)


def column(
    text: Text,
    show: Callable[[Any], Any],
    *,
    order: str = "",
    kind: tables.Kind = "text",
    value: Callable[[Any], Any] | None = None,
) -> Column:
    """Make a column of a list, or a field of a page that is read: its heading and what it shows of a row.

    `value` is what a file of the list holds there, of the kind; by itself it is the words that are shown.
    """

    def shown(row: Any) -> Any:
        value = show(row)
        return NOTHING if value in (None, "") else value

    shown.__name__ = f"column_{order.strip('-') or id(shown)}"
    shown.column = tables.Column(text, value or (lambda row: plain(show(row))), kind)  # type: ignore[attr-defined]
    return admin.display(description=text, ordering=order or None)(shown)  # type: ignore[arg-type]


def _typed(name: str, text: Text, show: Callable[[Any], Any], kind: tables.Kind) -> Column:
    return column(text, lambda row: show(getattr(row, name)), order=name, kind=kind, value=attrgetter(name))


def at(name: str, text: Text) -> Column:
    """A column of an instant."""
    return _typed(name, text, lambda moment: jalali_time(moment, "numeric") or None, "moment")


def day(name: str, text: Text) -> Column:
    """A column of a day."""
    return _typed(name, text, lambda on: jalali_date(on) or None, "day")


def count(name: str, text: Text) -> Column:
    """A column of a whole number."""
    return _typed(name, text, number, "number")


def money(name: str, text: Text) -> Column:
    """A column of an amount in the club's unit."""
    return _typed(name, text, show_money, "money")


def rate(name: str, text: Text) -> Column:
    """A column of basis points, shown as a percentage."""
    return _typed(name, text, lambda bp: percent(bp) or None, "percent")


def phone_column(name: str, text: Text) -> Column:
    """A column of a phone."""
    read = attrgetter(name)
    return column(text, lambda row: phone(read(row)) or None, value=read)


def code(text: Text) -> Column:
    """A column of the code by which a record is known."""
    return column(text, lambda row: as_typed(row.code), order="code")


def as_typed(text: object) -> SafeString:
    """What programs know something by, letter for letter."""
    return format_html('<bdi class="ltr">{}</bdi>', text)


def island(text: object) -> SafeString:
    """A code, left to right, in Persian digits."""
    return format_html('<bdi class="ltr">{}</bdi>', in_language(text))


def actors(names: Iterable[str]) -> dict[str, str]:
    """Who acted: people of `user:5`, keys of `api_key:3` by their names, in two queries; others as they are written."""
    kept = set(names)
    known = {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=numbers_of(kept, "user"))}
    for key in ApiKey.objects.filter(pk__in=numbers_of(kept, "api_key")):
        known[key.actor] = str(_("کلید «%(name)s»") % {"name": key.name})
    known |= {name: str(_("خود عضو")) for name in kept if name.startswith("member:")}
    return {name: known.get(name, str(SPOKEN.get(name, name))) for name in kept}


def numbers_of(names: Iterable[str], kind: str) -> set[int]:
    """The numbers of what the audit and the ledger call `kind:5`."""
    found = (whole_number(name.removeprefix(f"{kind}:")) for name in names if name.startswith(f"{kind}:"))
    return {number for number in found if number is not None}


SPOKEN = {"system": _("سامانه"), "import": _("ورود داده")}


def actor_column(text: Text) -> Column:
    """A column of who acted; a list's page looks all of them up at once by `with_names`."""

    def shown(row: Any) -> str:
        return str(getattr(row, "actor_name", None) or actors([row.actor])[row.actor])

    shown.__name__ = "column_actor"
    shown.column = tables.Column(text, shown)  # type: ignore[attr-defined]
    return admin.display(description=text)(shown)  # type: ignore[arg-type]


def with_names(rows: Iterable[Any], *, by: str = "actor") -> None:
    """Give each row of a page the name of who acted, who is kept in the field `by`."""
    kept = list(rows)
    names = actors(getattr(row, by) for row in kept)
    for row in kept:
        row.actor_name = names[getattr(row, by)]


def named(rows: list[Row], *, by: str = "actor") -> list[Row]:
    """The rows, with the names of who acted."""
    with_names(rows, by=by)
    return rows
