"""Coupons: making codes, listing them, and asking whether one may be used."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api import offer_answers, offer_bodies
from api.document import describe
from api.once import answer_once, required_key
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from api.views.naming import member_named
from club.awards.uses import is_used_up, uses_so_far
from offers.coupons import NewCoupons, create_coupons
from offers.engine import Used
from offers.given_codes import CouponUsed, judge_code
from offers.live import current_live_offers
from offers.rules import LiveOffer
from offers.selectors import coupons

NEWEST_COUPONS = ListOrder()


class Coupons(ApiView):
    @describe("List coupons", query=offer_bodies.COUPON_LIST, page_of="Coupon")
    def get(self, request: Request) -> HttpResponse:
        query = list_query(request.query_params, **offer_bodies.COUPON_LIST)
        rows = coupons(offer=query.get("offer"), member=query.get("member"), code=query.get("code"))
        return answer(page(rows, query, NEWEST_COUPONS, offer_answers.coupons))

    @describe("Make coupons", body=offer_bodies.NEW_COUPONS, answer="Coupons", status=201, key="required")
    def post(self, request: Request) -> HttpResponse:
        required_key(request)
        new = _new(self.body(offer_bodies.NEW_COUPONS))
        text, replayed = answer_once(request, lambda: _made(new, self.actor))
        return stored_answer(text, replayed=replayed)


class ValidateCoupon(ApiView):
    pos_may_write = True

    @describe("Ask whether a coupon may be used", body=offer_bodies.COUPON_CHECK, answer="CouponCheck")
    def post(self, request: Request) -> HttpResponse:
        asked = self.body(offer_bodies.COUPON_CHECK)
        now, member = self.now, member_named(asked.get("member"))
        live = current_live_offers().at(now)
        offer, reason = judge_code(asked["code"], member_id=member, live=live, at=now)
        if offer and not reason and _is_used_up(live.by_id[offer], member, now):
            reason = CouponUsed.code
        said = {"valid": not reason, "offer": offer}
        return answer({**said, "reason": reason} if reason else said)


def _made(new: NewCoupons, actor: str) -> dict[str, Any]:
    return {"results": offer_answers.coupons(create_coupons(new, actor=actor)), "next": None}


def _new(values: dict[str, Any]) -> NewCoupons:
    """What is drawn, or somebody's own, is for one use unless told; a name that all may know for any number."""
    member = member_named(values.pop("member", None))
    once = values.get("count") is not None or member is not None
    return NewCoupons(**{"uses": 1 if once else None, **values}, member=member)


def _is_used_up(offer: LiveOffer, member: int | None, at: datetime) -> bool:
    """Whether the offer's own limits leave nothing; without a member, those that all members share."""
    used = uses_so_far([offer], member_id=member or 0, at=at).get(offer.id, Used())
    return is_used_up(offer, used)
