"""Products, groups and branches: three lists of one shape."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from api import answers, bodies
from api.document import describe
from api.once import answer_once
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from api.views.settings import inner
from club.catalogue import services
from club.catalogue.models import Branch, Group, Product
from club.catalogue.selectors import in_catalogue
from core.reading import Record


class CatalogueView(ApiView):
    """What a list and its things share."""

    kind: ClassVar[services.Kind]
    names: ClassVar[dict[str, str]] = {}

    def shown(self, rows: list[Any]) -> list[dict[str, Any]]:
        """The rows as they are answered."""
        show: dict[Any, Callable[[list[Any]], list[dict[str, Any]]]] = {
            Product: answers.products,
            Group: lambda found: [answers.group(row) for row in found],
            Branch: lambda found: [answers.branch(row) for row in found],
        }
        return show[self.kind](rows)

    def listed(self, request: Request) -> HttpResponse:
        return answer(page(in_catalogue(self.kind), list_query(request.query_params), ListOrder(), self.shown))

    def create(self, request: Request, record: Record) -> HttpResponse:
        values = inner(self.body(record), self.names)
        text, replayed = answer_once(
            request, lambda: self.shown([services.create(self.kind, values, actor=self.actor)])[0]
        )
        return stored_answer(text, replayed=replayed)

    def change(self, code: str, record: Record) -> HttpResponse:
        changes = inner(self.body(record), self.names)
        return answer(self.shown([services.update(self.kind, code, changes, actor=self.actor)])[0])


class Products(CatalogueView):
    kind, names = Product, bodies.PRODUCT_NAMES

    @describe("List products", page_of="Product")
    def get(self, request: Request) -> HttpResponse:
        return self.listed(request)

    @describe("Add a product", body=bodies.NEW_PRODUCT, answer="Product", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        return self.create(request, bodies.NEW_PRODUCT)


class OneProduct(CatalogueView):
    kind, names = Product, bodies.PRODUCT_NAMES

    @describe("Change a product", body=bodies.PRODUCT_CHANGES, answer="Product")
    def patch(self, request: Request, code: str) -> HttpResponse:
        return self.change(code, bodies.PRODUCT_CHANGES)


class Groups(CatalogueView):
    kind, names = Group, bodies.GROUP_NAMES

    @describe("List groups of products", page_of="Group")
    def get(self, request: Request) -> HttpResponse:
        return self.listed(request)

    @describe("Add a group", body=bodies.NEW_GROUP, answer="Group", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        return self.create(request, bodies.NEW_GROUP)


class OneGroup(CatalogueView):
    kind, names = Group, bodies.GROUP_NAMES

    @describe("Change a group", body=bodies.GROUP_CHANGES, answer="Group")
    def patch(self, request: Request, code: str) -> HttpResponse:
        return self.change(code, bodies.GROUP_CHANGES)


class Branches(CatalogueView):
    kind = Branch

    @describe("List branches", page_of="Branch")
    def get(self, request: Request) -> HttpResponse:
        return self.listed(request)

    @describe("Add a branch", body=bodies.NEW_BRANCH, answer="Branch", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        return self.create(request, bodies.NEW_BRANCH)


class OneBranch(CatalogueView):
    kind = Branch

    @describe("Change a branch", body=bodies.BRANCH_CHANGES, answer="Branch")
    def patch(self, request: Request, code: str) -> HttpResponse:
        return self.change(code, bodies.BRANCH_CHANGES)
