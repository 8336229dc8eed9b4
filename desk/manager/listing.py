"""How the manager's lists are paged and taken home: by keyset, without counting all, and whole as CSV or XLSX."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from operator import attrgetter, methodcaller
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, DateField, DateTimeField, Field, IntegerField, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from core.keyset import ForeignCursor, after, cursor_of, every, keys_of, opened
from core.tables.writing import Column, Kind
from desk.files import file_links, list_file

AFTER = "after"
MOST_COUNTED = 10_000
CHUNK = 1_000
NOTHING = "—"


class PageOfRows(ChangeList):
    """A page of a list, found by keyset: a page costs the same at any depth, and what matches is counted up to a limit.

    The rows of a page are prepared together, so that columns ask nothing row by row.
    """

    cursor = ""
    next_link = first_link = ""
    has_more_than_counted = False

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """The rows that the filters and the search leave; links that filter or sort begin at the first page."""
        self.cursor = self.params.pop(AFTER, self.cursor)
        self.filter_params.pop(AFTER, None)
        found: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return found

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, and let its admin prepare the rows."""
        keys = keys_of(self.model, self.queryset.query.order_by)
        rows = self.queryset
        if self.cursor:
            try:
                rows = rows.filter(after(keys, opened(self.cursor, keys)))
            except ForeignCursor as error:
                raise IncorrectLookupParameters from error
        found = list(rows[: self.list_per_page + 1])
        self.result_list = found[: self.list_per_page]
        self.model_admin.prepare(self.result_list)  # type: ignore[attr-defined]
        if len(found) > self.list_per_page:
            self.next_link = self.get_query_string({AFTER: cursor_of(keys, self.result_list[-1])})
        self.first_link = self.get_query_string() if self.cursor else ""
        counted = self.queryset.order_by().values("pk")[: MOST_COUNTED + 1].count()
        self.has_more_than_counted = counted > MOST_COUNTED
        self.result_count = min(counted, MOST_COUNTED)
        self.full_result_count = None
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = True
        self.paginator = None


class Exported(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that whoever may `export` takes home as it is filtered and searched now, all of it, newest first."""

    def export_columns(self) -> list[Column]:
        """What is written of a row: what the list shows, unless its admin knows better."""
        return [self._column_of(name) for name in self.list_display]

    def prepare_export(self, rows: list[Any]) -> None:
        """Look up together what the columns of a file's rows hold: what a page's rows show."""
        self.prepare(rows)  # type: ignore[attr-defined]

    is_alone = False
    """Whether the club has one row of it: no list, and so no file."""

    def get_urls(self) -> list[URLPattern]:
        """With the addresses of the files."""
        if self.is_alone:
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export.<str:form>", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def export_links(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Each form with its address, for who may."""
        return file_links(request, f"admin:{self.opts.app_label}_{self.opts.model_name}_export")

    def export_view(self, request: HttpRequest, form: str) -> HttpResponseBase:
        """The file, in constant memory."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            listed = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        title = str(self.opts.verbose_name_plural)
        asked = {name: " ".join(values) for name, values in listed.filter_params.items()}
        name, rows = str(self.opts.model_name), in_chunks(listed.queryset, self.prepare_export)
        return list_file(request, self.export_columns(), rows, form=form, title=title, name=name, asked=asked)

    def _column_of(self, name: Any) -> Column:
        """The column behind an entry of `list_display`."""
        if callable(name):
            known: Column = getattr(name, "column")  # noqa: B009 - set by `column`, unknown to callables
            return known
        return column_of_field(self.opts.get_field(name))  # type: ignore[arg-type]


def column_of_field(field: Field[Any, Any]) -> Column:
    """A field of a model as a column."""
    return Column(field.verbose_name, _reader(field), _kind_of(field))


def _reader(field: Field[Any, Any]) -> Callable[[Any], Any]:
    """What is written of a row under this field."""
    if field.choices:
        return methodcaller(f"get_{field.name}_display")
    read = attrgetter(field.name)
    if isinstance(field, BooleanField):
        return lambda row: yes_or_no(read(row))
    return read


def _kind_of(field: Field[Any, Any]) -> Kind:
    if isinstance(field, DateTimeField):
        return "moment"
    if isinstance(field, DateField):
        return "day"
    return "number" if isinstance(field, IntegerField) and not field.choices else "text"


def yes_or_no(value: bool) -> str:  # noqa: FBT001
    """A truth, in a word."""
    return _("بله") if value else _("نه")


def plain(shown: Any) -> str | None:
    """The words of what a list shows, without its marks."""
    text = html.unescape(strip_tags(str(shown))) if shown is not None else ""
    text = " ".join(text.split())
    return None if text in ("", NOTHING) else text


def in_chunks(rows: QuerySet[Any], prepare: Callable[[list[Any]], None] = lambda rows: None) -> Iterator[Any]:
    """Every row, newest first, a thousand at a time by keyset: no more are in memory, and no cursor stays open."""
    ordered = rows.order_by("-pk")

    def chunk(last: int | None) -> list[Any]:
        found = list((ordered if last is None else ordered.filter(pk__lt=last))[:CHUNK])
        prepare(found)
        return found

    return every(chunk, attrgetter("pk"))
