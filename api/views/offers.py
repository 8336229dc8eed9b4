"""Offers: defining, publishing, pausing, ending; what one says in plain words; what is open to a member."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from api import effect_answers, offer_answers, offer_bodies
from api.document import describe
from api.once import answer_once
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from club.awards.naming import known_codes
from club.members.selectors import get_member
from club.purchases.openings import open_offers
from club.purchases.overlooking import club_of, others_live
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.reading import Record, read_body
from offers.lint import lint
from offers.models import Offer as OfferRow
from offers.rules import Terms
from offers.selectors import get_offer, offers
from offers.services import DEFAULTS, checked, create_offer, delete_draft, move_offer, update_offer
from offers.states import act_to
from reports.back_test.steps import back_test, check_trigger, span_of
from reports.effect.forecasting import publish_offer
from reports.effect.selectors import effect_of

NEWEST_OFFERS = ListOrder()
READ_ONLY = ("id",)


class Offers(ApiView):
    @describe("List offers", query=offer_bodies.OFFER_LIST, page_of="Offer")
    def get(self, request: Request) -> HttpResponse:
        query = list_query(request.query_params, **offer_bodies.OFFER_LIST)
        rows = offers(status=query.get("status"), trigger=query.get("trigger"))
        return answer(page(rows, query, NEWEST_OFFERS, offer_answers.offers))

    @describe("Add an offer", body=offer_bodies.NEW_OFFER, answer="Offer", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        said, status = _with_status(request.data, offer_bodies.NEW_STATUS)
        text, replayed = answer_once(request, lambda: self._create(said, status))
        return stored_answer(text, replayed=replayed)

    def _create(self, said: dict[str, Any], status: str | None) -> dict[str, Any]:
        row = create_offer(said, known=known_codes(), actor=self.actor)
        if status == OfferRow.Status.LIVE:
            publish_offer(row.pk, actor=self.actor, now=self.now)
        return offer_answers.offer(get_offer(row.pk))


class Offer(ApiView):
    @describe("Read an offer", answer="Offer")
    def get(self, request: Request, offer_id: int) -> HttpResponse:
        return answer(offer_answers.offer(get_offer(offer_id)))

    @describe("Change an offer", body=offer_bodies.OFFER_CHANGES, answer="Offer")
    def patch(self, request: Request, offer_id: int) -> HttpResponse:
        get_offer(offer_id)
        changes, status = _with_status(request.data, offer_bodies.STATUS)
        with transaction.atomic():
            self._change(offer_id, changes, status)
        return answer(offer_answers.offer(get_offer(offer_id)))

    def _change(self, offer_id: int, changes: dict[str, Any], status: str | None) -> None:
        """What is published says the new at once; what is stopped was never live with it."""
        now = self.now
        before = get_offer(offer_id, lock=True).status
        act = act_to(before, status or before)
        if act is None:
            raise Conflict(_("از این وضعیت به آن نمی‌شود رفت."), status=before)
        if act == "pause":
            move_offer(offer_id, act, actor=self.actor, now=now)
        if changes:
            update_offer(offer_id, changes, known=known_codes(), actor=self.actor, now=now)
        if act == "publish":
            publish_offer(offer_id, actor=self.actor, now=now)
        elif act == "end":
            move_offer(offer_id, act, actor=self.actor, now=now)

    @describe("Delete a draft of an offer", status=204)
    def delete(self, request: Request, offer_id: int) -> HttpResponse:
        delete_draft(offer_id, actor=self.actor)
        return HttpResponse(status=204)


class MoveOffer(ApiView):
    """What the three acts on an offer share."""

    def move(self, request: Request, offer_id: int, act: str) -> HttpResponse:
        get_offer(offer_id)
        text, replayed = answer_once(request, lambda: self._move(offer_id, act))
        return stored_answer(text, replayed=replayed, status=200)

    def _move(self, offer_id: int, act: str) -> dict[str, Any]:
        if act == "publish":
            publish_offer(offer_id, actor=self.actor, now=self.now)
        else:
            move_offer(offer_id, act, actor=self.actor, now=self.now)
        return offer_answers.offer(get_offer(offer_id))


class PublishOffer(MoveOffer):
    @describe("Publish an offer", answer="Offer", key="optional")
    def post(self, request: Request, offer_id: int) -> HttpResponse:
        return self.move(request, offer_id, "publish")


class PauseOffer(MoveOffer):
    @describe("Pause an offer", answer="Offer", key="optional")
    def post(self, request: Request, offer_id: int) -> HttpResponse:
        return self.move(request, offer_id, "pause")


class EndOffer(MoveOffer):
    @describe("End an offer", answer="Offer", key="optional")
    def post(self, request: Request, offer_id: int) -> HttpResponse:
        return self.move(request, offer_id, "end")


class OfferEffect(ApiView):
    @describe("Read what an offer brought", answer="OfferEffect")
    def get(self, request: Request, offer_id: int) -> HttpResponse:
        found = effect_of(get_offer(offer_id), now=self.now)
        if found is None:
            raise NotFound(_("این پیشنهاد هنوز باز نشده است."))
        return answer(effect_answers.effect(found))


class CheckOffer(ApiView):
    @describe("Check an offer", body=offer_bodies.CHECKED_OFFER, answer="OfferCheck")
    def post(self, request: Request) -> HttpResponse:
        said, _status = _with_status(request.data, offer_bodies.STATUS)
        own = read_body({name: said.pop(name) for name in READ_ONLY if name in said}, OWN)
        number = get_offer(own["id"]).pk if "id" in own else None
        known, now = known_codes(), self.now
        _kept, terms = checked({**DEFAULTS, **said}, known)
        others = others_live(now)
        club = club_of(terms, others, now=now, known=known)
        found = lint(terms, others, club, number=number)
        return answer({"text": club.words.offer(terms), "findings": [vars(finding) for finding in found]})


class BackTestOffer(ApiView):
    @describe("Replay past purchases with an offer", body=offer_bodies.BACK_TEST, answer="OfferBackTest")
    def post(self, request: Request) -> HttpResponse:
        asked = self.body(offer_bodies.BACK_TEST)
        faults: dict[str, list[Text]] = {}
        found = _collect(faults, "offer.", lambda: self._terms(asked["offer"]))
        span = _collect(faults, "", lambda: span_of(asked.get("from"), asked.get("to"), now=self.now))
        if found is None or span is None:
            raise ValidationFailed(faults)
        return answer(offer_answers.back_test(back_test(found[0], found[1], span, now=self.now)))

    def _terms(self, data: dict[str, Any]) -> tuple[Terms, int | None]:
        said, _status = _with_status(data, offer_bodies.STATUS)
        own = read_body({name: said.pop(name) for name in READ_ONLY if name in said}, OWN)
        number = get_offer(own["id"]).pk if "id" in own else None
        _said, terms = checked({**DEFAULTS, **said}, known_codes())
        check_trigger(terms)
        return terms, number


class MemberOffers(ApiView):
    @describe("List offers open to a member", answer="MemberOffers")
    def get(self, request: Request, member_id: int) -> HttpResponse:
        found = open_offers(get_member(member_id).pk, at=self.now)
        return answer({"results": [offer_answers.open_offer(one) for one in found], "next": None})


OWN = Record(fields={name: offer_bodies.CHECKED_OFFER.fields[name] for name in READ_ONLY})


def _with_status(data: Any, status: Record) -> tuple[dict[str, Any], str | None]:
    """What the body says of the offer, which the service reads, and the status that it asks for."""
    if not isinstance(data, dict):
        raise ValidationFailed({"body": [_("شیء JSON بنویسید.")]})
    said = dict(data)
    asked = read_body({"status": said.pop("status")} if "status" in said else {}, status)
    return said, asked.get("status")


Found = TypeVar("Found")


def _collect(faults: dict[str, list[Text]], start: str, read: Callable[[], Found]) -> Found | None:
    """What is read; or None, with what is wrong under its path among the faults."""
    try:
        return read()
    except ValidationFailed as refused:
        faults.update({f"{start}{path}": list(texts) for path, texts in refused.errors.items()})
        return None
