"""Gift cards: issuing and listing them, and blocking one that was lost."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api import gift_card_bodies as bodies
from api.answers import moment
from api.document import describe
from api.once import answer_once, required_key
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from api.views.naming import member_named
from club.gift_cards.changing import block_card
from club.gift_cards.models import GiftCard
from club.gift_cards.selectors import card_by_code, cards_of_batch, gift_cards
from club.gift_cards.services import CardIssue, issue_cards

NEWEST_CARDS = ListOrder()


class GiftCards(ApiView):
    @describe("List gift cards", query=bodies.GIFT_CARD_LIST, page_of="GiftCard")
    def get(self, request: Request) -> HttpResponse:
        query = list_query(request.query_params, **bodies.GIFT_CARD_LIST)
        rows = gift_cards(status=query.get("status"), member=query.get("member"), code=query.get("code"))
        return answer(page(rows, query, NEWEST_CARDS, cards_said))

    @describe("Issue gift cards", body=bodies.NEW_GIFT_CARDS, answer="GiftCards", status=201, key="required")
    def post(self, request: Request) -> HttpResponse:
        required_key(request)
        values = self.body(bodies.NEW_GIFT_CARDS)
        issue = CardIssue(
            amount=values["amount"],
            count=values.get("count") or 1,
            member=member_named(values.get("member")),
            ends_at=values.get("ends_at"),
            reason=values.get("reason") or "",
        )
        text, replayed = answer_once(request, lambda: self._issued(issue))
        return stored_answer(text, replayed=replayed)

    def _issued(self, issue: CardIssue) -> dict[str, Any]:
        batch = issue_cards(issue, actor=self.actor, now=self.now)
        return {"results": cards_said(cards_of_batch(batch)), "next": None}


class BlockGiftCard(ApiView):
    @describe("Block a lost gift card", answer="GiftCard", key="optional")
    def post(self, request: Request, code: str) -> HttpResponse:
        card_id = card_by_code(code).pk
        text, replayed = answer_once(request, lambda: card_said(block_card(card_id, actor=self.actor)))
        return stored_answer(text, replayed=replayed, status=200)


def cards_said(rows: list[GiftCard]) -> list[dict[str, Any]]:
    return [card_said(row) for row in rows]


def card_said(row: GiftCard) -> dict[str, Any]:
    """A card with what is left on it, usable or not."""
    return {
        "id": row.pk,
        "code": row.shown_code,
        "amount": row.amount,
        "balance": row.wallet.balance,
        "status": row.status,
        "origin": row.origin,
        "member": row.member_id,
        "personal": row.is_personal,
        "ends_at": moment(row.ends_at),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }
