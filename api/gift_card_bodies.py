"""What the endpoints of gift cards take."""

from club.gift_cards.models import GiftCard
from club.gift_cards.services import MOST_AT_ONCE, MOST_RIAL
from core.reading import Choice, Field, MemberRef, Moment, Record, Text, Whole
from core.tenancy.scope import club_zone

NEW_GIFT_CARDS = Record(
    fields={
        "amount": Whole(required=True, least=1, most=MOST_RIAL, about="Rial on each card"),
        "count": Whole(nullable=True, least=1, most=MOST_AT_ONCE, about="so many cards; absent: one"),
        "member": MemberRef(nullable=True, about="who alone may spend them; absent: whoever has the code"),
        "ends_at": Moment(nullable=True, zone=club_zone, ends=True, about="a date: to the end of that day"),
        "reason": Text(nullable=True, most=200, about="what they are given for"),
    }
)
GIFT_CARD_LIST: dict[str, Field] = {
    "status": Choice(values=tuple(GiftCard.Status.values)),
    "member": Whole(least=1),
    "code": Text(most=64),
}
