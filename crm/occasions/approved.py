"""What a friend missed while the referral was looked at: given once it is approved, from the purchases as they were.

Only offers that ask whether somebody is referred, and that the purchase did not match then, answer to it. Discounts and
free deliveries are of a sale that is over, and come back to nobody; a code is not asked for either.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from club.programme.selectors import programme_at
from club.purchases.explaining import TRIGGER
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.replaying import reckoning_of
from club.purchases.retelling import live_then, situation_then
from core.models import DomainEvent
from crm.occasions.answering import Call, Happening, answer
from offers.rules import LiveOffer, conditions
from offers.situation import Situation
from offers.vocabulary import BENEFITS

FACT = "referred"


def give_missed(event: DomainEvent, member_id: int) -> None:
    """Let the offers answer to each purchase since `since` of the event, in the running transaction, once each."""
    for row in _missed(member_id, since=datetime.fromisoformat(event.data["since"]), until=event.created_at):
        live = live_then(row)
        known = {verdict["offer"] for verdict in row.considered}

        def answers(offer: LiveOffer, _here: Situation, known: set[int] = known) -> bool:
            return offer.id not in known and _asks(offer)

        if not any(_asks(offer) for offer in live.by_id.values()):
            continue
        lines = list(PurchaseLine.objects.filter(purchase=row))
        here = situation_then(row, lines)
        happening = Happening(
            member_id,
            missed_by(row.pk),
            properties={"purchase": row.pk},
            person=replace(here.person, id=member_id, referred=True),
            basket=here.basket,
            reckon=reckoning_of(row, lines, programme_at(row.occurred_at)),
        )
        call = Call(TRIGGER, event.occurred_at, "system", live, takes_part=answers, as_of=row.occurred_at)
        answer(call, [happening])


def missed_by(purchase_id: int) -> str:
    """Under which key the turns in what a purchase missed are taken."""
    return f"approved:purchase:{purchase_id}"


def _missed(member_id: int, *, since: datetime, until: datetime) -> Iterator[Purchase]:
    own = Purchase.objects.filter(member=member_id, occurred_at__gte=since, created_at__lte=until)
    rows = own.filter(facts__referred=False, fully_refunded=False, imported=False).select_related("branch")
    yield from rows.order_by("occurred_at", "pk")


def _asks(offer: LiveOffer) -> bool:
    terms = offer.terms
    if terms.trigger != TRIGGER or terms.code_required or BENEFITS[terms.benefit.kind].discount:
        return False
    return any(condition.fact == FACT for condition in conditions(terms.when))
