"""The picture of each kind of benefit, by its name among the icons. Pure."""

ICONS = {
    "credit_percent": "wallet",
    "discount_percent": "badge-percent",
    "points_factor": "star",
    "free_item": "gift",
    "credit_amount": "hand-coins",
    "discount_amount": "banknote",
    "points_amount": "coins",
    "buy_x_get_y": "shopping-bag",
    "fixed_price": "package",
    "free_delivery": "house",
    "coupon": "ticket-percent",
    "tier": "crown",
    "chances": "sparkles",
}


def icon_of(kind: str) -> str:
    """The picture of what a benefit of the kind gives; a parcel for a thing handed over, which is none."""
    return ICONS.get(kind, "package")
