"""What a row of the table of pages says, the rows of the admin's records, and the address that a row leads to."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, reverse
from playwright.sync_api import Page

from accounts.admin_site import site
from accounts.rights import ADMIN_RIGHTS
from tests.browser.pages.no_pages import NO_PAGES
from tests.browser.pages.world import URLS

Act = Callable[[Page], None]
NAMED = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Row:
    """A page as somebody sees it: `route` is the name of an address, or a path that begins with a slash."""

    route: str
    who: str
    state: str = ""
    """What is particular about it, where a page has several rows."""
    query: str = ""
    """An id of the world's stands in braces."""
    act: Act | None = None
    """What is done before it is looked at."""
    status: int = 200
    given: Mapping[str, str] = field(default_factory=dict)
    technical: bool = False
    """For people who read Latin names: its words are not looked at."""

    @property
    def name(self) -> str:
        """How tests and pictures call it."""
        route = re.sub(r"\W+", "-", self.route).strip("-") or "root"
        return f"{route}-{self.state}" if self.state else route


def alike() -> set[str]:
    """Names of the admin's pages of records but for one of each kind: all are drawn by the same few templates."""
    seen, found = set[str](), set[str]()
    for row in records():
        kind = row.route.rsplit("_", 1)[1]
        if kind in seen:
            found.add(row.name)
        seen.add(kind)
    return found


def records() -> Iterator[Row]:
    """List, form to add, record and question before deletion of each model, where somebody may open them."""
    for model in site._registry:
        for kind in ("changelist", "add", "change", "delete"):
            route = route_of(model, kind)
            if is_open(model, kind) and route not in NO_PAGES:
                given = (
                    {}
                    if kind in ("changelist", "add")
                    else {"object_id": model._meta.label + (":last" if kind == "delete" else "")}
                )
                yield Row(route, "owner", given=given)


def route_of(model: type[Model], kind: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}"


def is_open(model: type[Model], kind: str) -> bool:
    """Whether the admin lets anybody have this page of the model."""
    request = RequestFactory().get("/")
    request.user = Anybody()
    record = site._registry[model]
    allowed = {"add": record.has_add_permission, "delete": record.has_delete_permission}
    return kind not in allowed or allowed[kind](request)


class Anybody(AnonymousUser):
    """Somebody who has every right there is."""

    def has_perm(self, permission: str, obj: object = None) -> bool:
        app, _dot, codename = permission.partition(".")
        action, _underscore, model = codename.partition("_")
        rights = ADMIN_RIGHTS.get(f"{app}.{model}") or ADMIN_RIGHTS[app]
        return rights[{"view": 0, "add": 1, "change": 1, "delete": 2}[action]] is not None


def path_of(row: Row, known: Callable[[str], Any]) -> str:
    """The row's address in the world that knows what it names."""
    path = row.route
    if not path.startswith("/"):
        names = NAMED.findall(dict(addresses())[row.route])
        path = reverse(row.route, kwargs={name: known(row.given.get(name, name)) for name in names})
    query = re.sub(r"{(\w+)}", lambda name: str(known(name[1])), row.query)
    return f"{path}?{query}" if query else path


def addresses(patterns: Any = None, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of everything the resolver knows; without a name, the route twice."""
    for pattern in get_resolver(URLS).url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route, pattern.namespace or space)
        elif pattern.name is None:
            yield route, route
        else:
            yield (f"{space}:{pattern.name}" if space else pattern.name), route
