"""The OpenAPI 3 document: the operations as drf-spectacular finds them, with the shapes of the answers."""

import json
from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.bodies import PROGRAMME_CHANGES
from api.offer_schema import AWARD, CONSIDERED, OFFER_COMPONENTS
from api.reward_answers import REWARD_COMPONENTS
from api.shapes import ANYTHING, FLAG, MAYBE_MOMENT, MOMENT, NUMBER, Schema, array, record, text, whole
from api.views.base import JSON, ApiView
from club.gift_cards.models import GiftCard
from core.reading import Field, Flag, Scaled
from crm.leads.models import Lead, LeadKind
from tickets.models import Comment, Priority, Ticket, TicketKind

MEDIA_TYPE = "application/vnd.oai.openapi+json"


class BearerKey(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a key is sent."""

    target_class = "api.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "http", "scheme": "bearer", "description": "a key of the club"}


class Document(ApiView):
    """The document itself is for everybody: it says nothing about a club."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(document_text(), MEDIA_TYPE)


@cache
def document_text() -> str:
    """The document as JSON, made once a process."""
    return json.dumps(document(), ensure_ascii=False, default=str)


def document() -> Schema:
    """The document."""
    generator = SchemaGenerator(api_version="1")  # type: ignore[no-untyped-call]
    made: Schema = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    made["paths"] = {path: operations for path, operations in made["paths"].items() if path.startswith("/api/v1/")}
    for operations in made["paths"].values():
        for operation in operations.values():
            _say_whether_a_body_is_needed(operation)
    made.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    return made


def _say_whether_a_body_is_needed(operation: Schema) -> None:
    body = operation.get("requestBody")
    if body and body["content"][JSON]["schema"].keys() & {"required", "oneOf"}:
        body["required"] = True


BALANCES = record({"points": whole(), "credit": whole()})
NEXT_TIER = record({"code": text(), "missing": whole()}, nullable=True)
_SOLD_LINE = record(
    {
        "product": text(nullable=True),
        "quantity": whole(),
        "unit_price": whole(),
        "gross": whole(),
        "discount": whole(),
        "net": whole(),
    }
)
_SUMS = {
    name: whole()
    for name in [
        "gross",
        "discount",
        "net",
        "vat",
        "paid_by_credit",
        "paid_by_points",
        "paid_by_gift_card",
        "payable",
        "points_earned",
        "points_cut",
        "credit_earned",
    ]
}
_RECEIPT = {
    "member": whole(nullable=True),
    "occurred_at": MOMENT,
    **_SUMS,
    "balances": BALANCES,
    "tier": text(nullable=True),
    "tier_changed": FLAG,
    "next_tier": NEXT_TIER,
    "lines": array(_SOLD_LINE),
    "awards": array(AWARD),
    "chances": array(ANYTHING),
}
_REASONS = {"considered": array(CONSIDERED)}
_RECORDED = {
    "branch": text(nullable=True),
    "channel": text(),
    "payment_method": text(),
    "external_id": text(nullable=True),
    "refunded": whole(),
}
_REFUND = {
    "refunded": whole(),
    "points_taken_back": whole(),
    "credit_taken_back": whole(),
    "points_returned": whole(),
    "credit_returned": whole(),
    "gift_card_returned": whole(),
    "shortfall": BALANCES,
    "balances": {**BALANCES, "nullable": True},
    "tier": text(nullable=True),
}


_GIFT_CARD = record(
    {
        "id": whole(),
        "code": text(),
        "amount": whole(),
        "balance": {**whole(), "description": "what is left on it, also where it is blocked or has ended"},
        "status": text(one_of=tuple(GiftCard.Status.values)),
        "origin": text(one_of=tuple(GiftCard.Origin.values)),
        "member": whole(nullable=True),
        "personal": {**FLAG, "description": "only the member may spend it"},
        "ends_at": MAYBE_MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
)


_LEAD = record(
    {
        "id": whole(),
        "stage": text(),
        "status": text(one_of=tuple(Lead.Status.values)),
        "member": whole(nullable=True),
        "owner": {**text(nullable=True), "description": "the name of who sees to it: an expert or an agent"},
        "next_activity": record({"text": text(), "due_on": text(kind="date")}, nullable=True),
        "phone": text(nullable=True),
        "name": text(),
        "email": text(),
        "kind": text(one_of=tuple(LeadKind.values)),
        "source": text(),
        "channel": text(one_of=tuple(Lead.Channel.values)),
        "agent": text(nullable=True),
        "referred_by": text(nullable=True),
        "expected_amount": whole(nullable=True),
        "note": text(),
        "qualified_at": MAYBE_MOMENT,
        "lost_reason": text(nullable=True),
        "rival": text(nullable=True),
        "converted_at": MAYBE_MOMENT,
        "purchase": whole(nullable=True),
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
)


_TICKET = record(
    {
        "id": whole(),
        "number": {**whole(), "description": "the club's own number, which people are told"},
        "status": text(one_of=tuple(Ticket.Status.values)),
        "assignee": {**text(nullable=True), "description": "the name of who looks after it"},
        "first_answer_at": MAYBE_MOMENT,
        "due_at": {**MAYBE_MOMENT, "description": "what is promised next; null while nothing is awaited of us"},
        "rating": {**whole(nullable=True), "description": "1 to 5 stars"},
        "member": whole(),
        "kind": text(one_of=tuple(TicketKind.values)),
        "subject": text(),
        "department": text(nullable=True),
        "priority": text(one_of=tuple(Priority.values)),
        "product": text(nullable=True),
        "channel": text(one_of=tuple(Ticket.Channel.values)),
        "rating_text": text(),
        "reopened": {**whole(), "description": "how often"},
        "merged_into": {**whole(nullable=True), "description": "id of the ticket in which its matter goes on"},
        "follows": {**whole(nullable=True), "description": "id of the complaint that this task follows up"},
        "solved_at": MAYBE_MOMENT,
        "closed_at": MAYBE_MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
)
_COMMENT = record(
    {
        "id": whole(),
        "ticket": {**whole(), "description": "another one where that was merged into this"},
        "from": text(one_of=tuple(Comment.Side.values)),
        "internal": FLAG,
        "text": text(),
        "author": {**text(nullable=True), "description": "the name of one of the staff"},
        "attachments": array(record({"id": whole(), "name": text(), "media_type": text(), "size": whole()})),
        "created_at": MOMENT,
    }
)


def _setting(field: Field) -> Schema:
    """A setting as it is answered: as it is taken, with its limits left out."""
    schema = {**field.kind(), **({"nullable": True} if field.nullable else {})}
    if isinstance(field, Scaled):
        return {**NUMBER, **({"nullable": True} if field.nullable else {})}
    if isinstance(field, Flag) or "enum" not in schema:
        return schema
    return text(nullable=field.nullable, one_of=tuple(schema["enum"]))


COMPONENTS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": text(kind="uri-reference"),
            "title": text(),
            "status": {"type": "integer"},
            "detail": {**text(), "description": "for people, in the club's language"},
            "code": {**text(), "description": "for programs, stable"},
            "errors": {"type": "object", "additionalProperties": array(text())},
        },
    },
    "Member": record(
        {
            "id": whole(),
            "phone": text(nullable=True),
            "email": text(),
            "first_name": text(),
            "last_name": text(),
            "birth_date": text(nullable=True, kind="date"),
            "status": text(one_of=("active", "blocked", "erased")),
            "tier": text(nullable=True),
            "tier_floor": text(nullable=True),
            "next_tier": NEXT_TIER,
            "points": whole(),
            "credit": whole(),
            "usable": BALANCES,
            "debt": BALANCES,
            "lifetime": record(
                {
                    "visits": whole(),
                    "spent": whole(),
                    "first_purchase_at": text(nullable=True, kind="date-time"),
                    "last_purchase_at": text(nullable=True, kind="date-time"),
                }
            ),
            "referral_code": text(),
            "referred_by": text(nullable=True),
            "card": text(nullable=True),
            "tags": array(text()),
            "segments": array(text()),
        }
    ),
    "Entry": record(
        {
            "id": whole(),
            "seq": whole(),
            "unit": text(one_of=("points", "credit")),
            "delta": whole(),
            "balance_after": whole(),
            "kind": text(
                one_of=("opening", "earn", "spend", "expire", "take_back", "give_back", "adjust", "reverse", "merge")
            ),
            "reason": text(),
            "document": text(),
            "occurred_at": MOMENT,
            "usable_from": text(nullable=True, kind="date-time"),
            "expires_at": text(nullable=True, kind="date-time"),
            "remaining": whole(nullable=True),
        }
    ),
    "Receipt": record({"id": whole(), "number": whole(), **_RECEIPT, **_REASONS}),
    "ReceiptPreview": record({**_RECEIPT, **_REASONS}),
    "Purchase": record({"id": whole(), "number": whole(), **_RECEIPT, **_REASONS, **_RECORDED}),
    "PurchaseInList": record({"id": whole(), "number": whole(), **_RECEIPT, **_RECORDED}),
    "Refund": record({"id": whole(), **_REFUND}),
    "RefundPreview": record(_REFUND),
    "Programme": record(
        {name: _setting(field) for name, field in PROGRAMME_CHANGES.fields.items() if name != "effective_from"}
    ),
    "Tier": record(
        {
            "code": text(),
            "name": text(),
            "rank": whole(),
            "metric": text(one_of=("spent", "points", "visits")),
            "threshold": whole(),
            "window_days": whole(nullable=True),
            "points_factor": NUMBER,
            "extra_credit_percent": NUMBER,
            "downgrade": text(one_of=("never", "one_step", "to_fitting")),
            "grace_days": whole(),
        }
    ),
    "Product": record(
        {
            "code": text(),
            "name": text(),
            "price": whole(),
            "vat_percent": NUMBER,
            "groups": array(text()),
            "earns": FLAG,
        }
    ),
    "Group": record(
        {
            "code": text(),
            "name": text(),
            "earns": FLAG,
            "rial_per_point": whole(nullable=True),
            "credit_percent": {**NUMBER, "nullable": True},
            "discountable": FLAG,
            "payable_by_value": FLAG,
        }
    ),
    "Branch": record({"code": text(), "name": text()}),
    **OFFER_COMPONENTS,
    **REWARD_COMPONENTS,
    "Event": record(
        {
            "id": whole(),
            "awards": array(AWARD),
            "considered": array(CONSIDERED),
            "balances": record({"points": whole(), "credit": whole()}),
        }
    ),
    "GiftCard": _GIFT_CARD,
    "Lead": _LEAD,
    "Ticket": _TICKET,
    "Comment": _COMMENT,
    "GiftCards": record({"results": array(_GIFT_CARD), "next": text(nullable=True)}),
}
