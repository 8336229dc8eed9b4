"""What the endpoints of offers and coupons take."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.reading import Choice, Day, Fault, Field, MemberRef, Moment, NamedCode, Record, Text, Whole
from core.tenancy.scope import club_zone
from offers.codes import LONGEST
from offers.coupons import MOST_AT_ONCE, MOST_USES
from offers.models import Offer
from offers.parsing import offer_record

_OFFER = offer_record(zone=club_zone).fields
STATUSES = tuple(Offer.Status.values)
NEW_STATUS = Record(
    fields={
        "status": Choice(values=(Offer.Status.DRAFT.value, Offer.Status.LIVE.value), about="live: published at once")
    }
)
STATUS = Record(fields={"status": Choice(values=STATUSES)})

# The fields of an offer are read where it is parsed (`offers.parsing`); here they are described.
NEW_OFFER = Record(fields={**_OFFER, **NEW_STATUS.fields})
OFFER_CHANGES = Record(
    fields={**{name: replace(field, required=False) for name, field in _OFFER.items()}, **STATUS.fields}
)
CHECKED_OFFER = Record(fields={**_OFFER, **STATUS.fields, "id": Whole(least=1, about="of the offer that it changes")})


@dataclass(frozen=True, kw_only=True)
class OfferSaid(Field):
    """An offer as it is said, to be read where it is parsed."""

    def take(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Fault(_("شیء JSON بنویسید."))
        return value

    def kind(self) -> dict[str, Any]:
        return CHECKED_OFFER.kind()


BACK_TEST = Record(
    fields={
        "offer": OfferSaid(required=True, about="as for `POST /offers/check`"),
        "from": Day(about="the first day, in the club's zone; absent: 89 days before the last"),
        "to": Day(about="the last day; absent: today"),
    }
)
OFFER_LIST: dict[str, Field] = {"status": Choice(values=STATUSES), "trigger": Text(most=46)}

_TIMES = Whole(nullable=True, least=1, most=MOST_USES)
NEW_COUPONS = Record(
    fields={
        "offer": Whole(required=True, least=1, about="of an offer with code_required"),
        "code": NamedCode(nullable=True, most=LONGEST, about="one code of this name, in any letter case and digits"),
        "count": Whole(nullable=True, least=1, most=MOST_AT_ONCE, about="so many codes, drawn by the pattern"),
        "pattern": Text(
            nullable=True,
            most=LONGEST,
            about="two or more X in a row are drawn, all else stands as written; without any, the beginning of codes. "
            "Codes of one use or of one member need 13 X (64 bits)",
        ),
        "uses": replace(
            _TIMES, about="of each code; null: no limit; absent: once where drawn or of a member, else null"
        ),
        "per_member": replace(_TIMES, about="null: no limit"),
        "member": MemberRef(nullable=True, about="whose alone they are"),
        "starts_at": Moment(nullable=True, zone=club_zone),
        "ends_at": Moment(nullable=True, zone=club_zone, ends=True),
    }
)
COUPON_LIST: dict[str, Field] = {
    "offer": Whole(least=1),
    "member": Whole(least=1),
    "code": Text(most=LONGEST),
}
COUPON_CHECK = Record(
    fields={"code": NamedCode(required=True, most=LONGEST), "member": MemberRef(nullable=True)},
)
