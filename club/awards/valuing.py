"""What the club holds value at, for comparing what offers give."""

from collections.abc import Sequence

from club.catalogue.selectors import prices_of
from club.programme.rules import Programme
from offers.effects import Valuation
from offers.rules import LiveOffer


def valuation(programme: Programme, offers: Sequence[LiveOffer]) -> Valuation:
    """What the club holds value at, with the price of what the offers give away."""
    given_away = {offer.terms.benefit.product for offer in offers if offer.terms.benefit.product}
    return Valuation(
        credit_worth_bp=programme.credit_worth_bp,
        point_worth=programme.point_worth,
        rounding_step=programme.rounding_step,
        max_discount_bp=programme.max_discount_bp,
        prices=prices_of(given_away) if given_away else {},
    )
