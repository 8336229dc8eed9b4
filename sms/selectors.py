"""Reads for who looks after the club's SMS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Sum

from core.errors import NotFound
from sms.kinds import Kind, kind_of
from sms.models import OutboxMessage, SmsTemplate, Status
from sms.templates import PLACEHOLDER

PRICED = 50


@dataclass(frozen=True)
class Sent:
    """What became of the messages of some days: how many by state, with their parts and cost in Rial."""

    by_status: list[tuple[Status, int]]
    total: int
    parts: int
    cost_rial: int


def sent_since(since: datetime) -> Sent:
    """The messages made since then, in one query."""
    rows = OutboxMessage.objects.filter(created_at__gte=since).values("status").order_by()
    found = {row["status"]: row for row in rows.annotate(number=Count("pk"), size=Sum("parts"), cost=Sum("cost_rial"))}
    return Sent(
        [(status, found[status]["number"]) for status in Status if status in found],
        sum(row["number"] for row in found.values()),
        sum(row["size"] or 0 for row in found.values()),
        sum(row["cost"] or 0 for row in found.values()),
    )


def price_of_part(now: datetime) -> int | None:
    """What a part has cost of late, in Rial; None where nothing was paid yet."""
    paid = OutboxMessage.objects.filter(cost_rial__gt=0, parts__gt=0, created_at__gte=now - timedelta(days=60))
    rows = list(paid.order_by("-pk").values_list("cost_rial", "parts")[:PRICED])
    size = sum(parts for _cost, parts in rows)
    return round(sum(cost for cost, _parts in rows) / size) if size else None


def own_words() -> dict[str, SmsTemplate]:
    """The club's own texts by the code of their kind."""
    return {template.kind: template for template in SmsTemplate.objects.all()}


def sayable(*codes: str) -> dict[str, set[str]]:
    """Of these kinds, those that the club sends, with the placeholders that its words or the default ones have."""
    own = {one.kind: one for one in SmsTemplate.objects.filter(kind__in=codes)}
    texts = {code: own[code].text if code in own else str(kind_of(code).text) for code in codes}
    return {code: set(PLACEHOLDER.findall(text)) for code, text in texts.items() if is_sent(kind_of(code), own)}


def is_sent(kind: Kind, own: Mapping[str, SmsTemplate]) -> bool:
    """Whether the club sends this kind, by its own texts."""
    return own[kind.code].enabled if kind.code in own else kind.begins_on


def get_test(message_id: int) -> OutboxMessage:
    """A message of the button «پیامک آزمایشی»; NotFound for any other."""
    found: OutboxMessage | None = OutboxMessage.objects.filter(pk=message_id, kind="test").first()
    if found is None:
        raise NotFound
    return found
