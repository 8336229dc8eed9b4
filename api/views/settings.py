"""The programme and the tiers."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api import answers, bodies
from api.document import describe
from api.once import answer_once
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from club.programme.selectors import programme_at
from club.programme.services import change_programme
from club.tiers.selectors import tiers
from club.tiers.services import NewTier, create_tier, delete_tier, update_tier

INNER_SETTINGS = {outside: inside for inside, (outside, _unit) in bodies.PROGRAMME_SCALES.items()}


class Programme(ApiView):
    @describe("Read the programme", answer="Programme")
    def get(self, request: Request) -> HttpResponse:
        return answer(answers.programme(programme_at(self.now)))

    @describe("Change the programme", body=bodies.PROGRAMME_CHANGES, answer="Programme")
    def patch(self, request: Request) -> HttpResponse:
        changes = inner(self.body(bodies.PROGRAMME_CHANGES), INNER_SETTINGS)
        effective_from = changes.pop("effective_from", None) or self.now
        if not changes:
            return answer(answers.programme(programme_at(effective_from)))
        return answer(answers.programme(change_programme(changes, effective_from=effective_from, actor=self.actor)))


class Tiers(ApiView):
    @describe("List tiers", page_of="Tier")
    def get(self, request: Request) -> HttpResponse:
        query = list_query(request.query_params)
        return answer(page(tiers(), query, ListOrder(), lambda found: [answers.tier(row) for row in found]))

    @describe("Add a tier", body=bodies.NEW_TIER, answer="Tier", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        new = NewTier(**inner(self.body(bodies.NEW_TIER), bodies.TIER_NAMES))
        text, replayed = answer_once(request, lambda: answers.tier(create_tier(new, actor=self.actor)))
        return stored_answer(text, replayed=replayed)


class Tier(ApiView):
    @describe("Change a tier", body=bodies.TIER_CHANGES, answer="Tier")
    def patch(self, request: Request, code: str) -> HttpResponse:
        changes = inner(self.body(bodies.TIER_CHANGES), bodies.TIER_NAMES)
        return answer(answers.tier(update_tier(code, changes, actor=self.actor)))

    @describe("Delete a tier", status=204)
    def delete(self, request: Request, code: str) -> HttpResponse:
        delete_tier(code, actor=self.actor)
        return HttpResponse(status=204)


def inner(values: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What was read, under the names of the services."""
    return {names.get(name, name): value for name, value in values.items()}
