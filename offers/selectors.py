"""Reads of offers."""

from django.db.models import QuerySet

from core.errors import NotFound
from offers.codes import coupon_key
from offers.models import Coupon, Offer, OfferCounter, OfferVersion

LARGEST = 2**63 - 1


def offers(*, status: str | None = None, trigger: str | None = None) -> QuerySet[Offer]:
    """The managers' own offers, or those of one status or trigger, for lists."""
    rows: QuerySet[Offer] = Offer.objects.filter(made_for="")
    wanted = {"status": status, "trigger": trigger}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def coupons(*, offer: int | None = None, member: int | None = None, code: str | None = None) -> QuerySet[Coupon]:
    """The codes of managers' own offers, or of one offer, of one member, or of this name, however it is typed."""
    rows: QuerySet[Coupon] = Coupon.objects.filter(offer__made_for="")
    wanted = {"offer": offer, "member": member, "key": None if code is None else coupon_key(code)}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def get_offer(offer_id: int, *, lock: bool = False) -> Offer:
    """A manager's own offer; NotFound for an unknown id (another club's too), and for one that was made for something.

    `lock`: against other changes of it, not against purchases that are giving it, whose rows only refer to its id.
    """
    rows = Offer.objects.select_for_update(no_key=True) if lock else Offer.objects
    offer: Offer | None = rows.filter(pk=offer_id, made_for="").first() if 0 < offer_id <= LARGEST else None
    if offer is None:
        raise NotFound
    return offer


def giver_of_codes(offer: Offer) -> Offer | None:
    """An offer that gives codes of this one away, or did while it was live."""
    gives = {"terms__benefit__kind": "coupon", "terms__benefit__offer": offer.pk}
    giver: Offer | None = Offer.objects.filter(**gives).first()
    if giver is None:
        version = OfferVersion.objects.filter(**gives).select_related("offer").first()
        giver = version.offer if version else None
    return giver


def stopped_offers(period: str) -> list[Offer]:
    """The live offers of which nothing is left, in all or in the Jalali month named, the last to stop first."""
    stopped = OfferCounter.objects.filter(stopped_at__isnull=False, period__in=("", period))
    rows = Offer.objects.filter(status=Offer.Status.LIVE, made_for="", pk__in=stopped.values("offer"))
    return list(rows.order_by("-updated_at", "-id"))


def versions_of(offer: Offer) -> list[OfferVersion]:
    """Each version that was live, the newest first."""
    return list(OfferVersion.objects.filter(offer=offer).order_by("-number"))
