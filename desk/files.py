"""Lists that the staff take home: who may, where the files are, and what the audit keeps of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.rights import actor_of, can
from core import audit
from core.errors import Text
from core.tables.downloads import table_file
from core.tables.writing import FORMS, Column

# What says where in a list a page begins; a file holds all of it.
PLACES = ("before", "after")


def file_links(request: HttpRequest, route: str, *args: Any) -> list[tuple[str, str]]:
    """Each form with the address of its file, as the list is filtered and searched now; none for who may not."""
    if not can(request.user, "export"):
        return []
    query = request.GET.copy()
    for name in PLACES:
        query.pop(name, None)
    asked = f"?{query.urlencode()}" if query else ""
    return [(form.upper(), reverse(route, args=[*args, form]) + asked) for form in FORMS]


def list_file(
    request: HttpRequest,
    columns: Iterable[Column],
    rows: Iterable[Any],
    *,
    form: str,
    title: Text,
    name: str,
    asked: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    """The rows as a file, and noted in the audit before the first one leaves.

    `asked` is what filters them. Raises Http404 for a form that there is not, PermissionDenied.
    """
    if form not in FORMS:
        raise Http404
    if not can(request.user, "export"):
        raise PermissionDenied
    query = {name: value for name, value in (asked or {}).items() if value}
    noted = {"form": form, "query": query}
    target = f"list:{name.partition('-')[0]}"  # a code, as who reads the audit may read another language
    audit.record("list.export", actor=actor_of(request.user), target=target, before={}, after=noted)
    return table_file(columns, rows, title=title, name=name, form=form)
