"""Members, their ledger and their purchases."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from api import answers, bodies
from api.document import describe
from api.once import answer_once, required_key
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from club.awards.enrolment import enrol_member
from club.awards.profile import change_member
from club.ledger.adjustments import Adjustment, Reversal, adjust_value, reverse_entry
from club.ledger.selectors import entries, receipt_of
from club.members.selectors import get_member, listed
from club.members.services import set_referrer
from club.purchases.merging import merge_inside
from club.purchases.recorded import purchases, receipts_of
from core.errors import ValidationFailed
from core.moments import is_ahead
from core.text import latin_digits

NEWEST_MEMBERS = ListOrder()
NEWEST_ENTRIES = ListOrder(updated="created_at")
NEWEST_PURCHASES = ListOrder(newest="occurred_at")
EMPTY_FOR_NULL = ("first_name", "last_name", "email", "gender", "source")


class Members(ApiView):
    pos_may_write = True

    @describe("List members", query=bodies.MEMBER_LIST, page_of="Member")
    def get(self, request: Request) -> HttpResponse:
        query = list_query(request.query_params, **bodies.MEMBER_LIST)
        card = latin_digits(query["card"]).strip() if "card" in query else None
        rows = listed(phone=query.get("phone"), card=card, text=query.get("q"))
        return answer(page(rows, query, NEWEST_MEMBERS, lambda found: answers.members(found, self.now)))

    @describe("Enrol a member", body=bodies.NEW_MEMBER, answer="Member", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        values = _person(self.body(bodies.NEW_MEMBER), self.now)
        moves_value = bool(values.get("opening_points") or values.get("opening_credit"))
        text, replayed = answer_once(
            request, lambda: _enrol(values, actor=self.actor, now=self.now), required=moves_value
        )
        return stored_answer(text, replayed=replayed)


class Member(ApiView):
    pos_may_write = True

    @describe("Read a member", answer="Member")
    def get(self, request: Request, member_id: int) -> HttpResponse:
        return answer(answers.member(get_member(member_id), self.now))

    @describe("Change a member", body=bodies.MEMBER_CHANGES, answer="Member")
    def patch(self, request: Request, member_id: int) -> HttpResponse:
        changes = _person(self.body(bodies.MEMBER_CHANGES), self.now)
        get_member(member_id)
        if changes:
            change_member(member_id, changes, actor=self.actor, now=self.now)
        return answer(answers.member(get_member(member_id), self.now))


class MemberLedger(ApiView):
    @describe("List entries of a member", query=bodies.LEDGER_LIST, page_of="Entry")
    def get(self, request: Request, member_id: int) -> HttpResponse:
        query = list_query(request.query_params, **bodies.LEDGER_LIST)
        rows = entries(get_member(member_id).pk, unit=query.get("unit"))
        return answer(page(rows, query, NEWEST_ENTRIES, lambda found: [receipt_of(row).as_json() for row in found]))


class MemberAdjustments(ApiView):
    @describe("Adjust the value of a member", body=bodies.ADJUSTMENT, answer="Entry", status=201, key="required")
    def post(self, request: Request, member_id: int) -> HttpResponse:
        key = required_key(request)
        get_member(member_id)
        values = self.body(bodies.ADJUSTMENT)
        if "reverses" in values:
            reversal = Reversal(member_id, values["reverses"], values["reason"])
            receipt = reverse_entry(reversal, actor=self.actor, key=key, now=self.now)
        else:
            receipt = adjust_value(Adjustment(member_id, **values), actor=self.actor, key=key, now=self.now)
        return stored_answer(receipt.dump(), replayed=receipt.replayed)


class MemberMerge(ApiView):
    @describe("Merge a member into another", body=bodies.MERGE, answer="Member", key="required")
    def post(self, request: Request, member_id: int) -> HttpResponse:
        required_key(request)
        get_member(member_id)
        into = self.body(bodies.MERGE)["into"]
        text, replayed = answer_once(request, lambda: _merge(member_id, into, actor=self.actor, now=self.now))
        return stored_answer(text, replayed=replayed, status=200)


class MemberPurchases(ApiView):
    @describe("List purchases of a member", page_of="PurchaseInList")
    def get(self, request: Request, member_id: int) -> HttpResponse:
        query = list_query(request.query_params)
        rows = purchases(member_id=get_member(member_id).pk)
        return answer(page(rows, query, NEWEST_PURCHASES, receipts_of))


def _merge(source_id: int, into_id: int, *, actor: str, now: datetime) -> dict[str, Any]:
    merge_inside(source_id, into_id, actor=actor, now=now)
    return answers.member(get_member(into_id), now)


def _person(values: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What was sent as the services take it."""
    if values.get("enrolled_at") is not None and is_ahead(values["enrolled_at"], now):
        raise ValidationFailed({"enrolled_at": [_("زمان عضویت در آینده است.")]})
    return {name: "" if value is None and name in EMPTY_FOR_NULL else value for name, value in values.items()}


def _enrol(values: dict[str, Any], *, actor: str, now: datetime) -> dict[str, Any]:
    referrer = values.get("referred_by")
    person = {name: value for name, value in values.items() if name != "referred_by"}
    with transaction.atomic():
        member = enrol_member(actor=actor, now=now, **person)
        if referrer:
            set_referrer(member.pk, referrer, actor=actor)
            member = get_member(member.pk)
        return answers.member(member, now)
