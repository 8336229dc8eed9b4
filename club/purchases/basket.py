"""From an order's lines to priced lines: the products and groups they name, by the catalogue's rules."""

from django.utils.translation import gettext_lazy as _

from club.purchases.facts import GroupFacts, ProductFacts
from club.purchases.orders import MOST_RIAL, OrderLine, normal_code
from club.purchases.pricing import Line
from core.errors import Text, ValidationFailed


def priced_lines(
    asked: tuple[OrderLine, ...], products: dict[str, ProductFacts], groups: dict[str, GroupFacts]
) -> tuple[Line, ...]:
    """The lines with prices and rules; a code that the club does not have is refused by its path."""
    errors: dict[str, list[Text]] = {}
    for index, line in enumerate(asked):
        if line.product and line.product not in products:
            errors[f"lines[{index}].product"] = [_("چنین کالایی در باشگاه نیست.")]
        if line.group and line.group not in groups:
            errors[f"lines[{index}].group"] = [_("چنین گروهی در باشگاه نیست.")]
    if errors:
        raise ValidationFailed(errors)
    lines = tuple(
        _priced(index, line, products.get(line.product or ""), groups.get(line.group or ""))
        for index, line in enumerate(asked)
    )
    if sum(line.gross for line in lines) > MOST_RIAL:
        raise ValidationFailed({"lines": [_("جمع خرید بزرگ‌تر از اندازه است.")]})
    return lines


def with_normal_codes(asked: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    """Codes as the catalogue keeps them."""
    return tuple(
        OrderLine(
            quantity=line.quantity,
            unit_price=line.unit_price,
            name=line.name,
            vat_bp=line.vat_bp,
            product=normal_code(line.product) if line.product else None,
            group=normal_code(line.group) if line.group else None,
        )
        for line in asked
    )


def _priced(index: int, line: OrderLine, product: ProductFacts | None, group: GroupFacts | None) -> Line:
    rules = [*(product.groups if product else ()), *([group] if group else [])]
    rates = [rule.rial_per_point for rule in rules if rule.rial_per_point]
    percents = [rule.credit_bp for rule in rules if rule.credit_bp is not None]
    vat_bp = line.vat_bp if line.vat_bp is not None else product.vat_bp if product else 0
    price = line.unit_price if line.unit_price is not None else product.price if product else 0
    return Line(
        index=index,
        product=product.code if product else "",
        name=line.name or (product.name if product else ""),
        groups=tuple(dict.fromkeys(rule.code for rule in rules)),
        quantity=line.quantity,
        unit_price=price,
        vat_bp=vat_bp,
        earns=(product.earns if product else True) and all(rule.earns for rule in rules),
        rial_per_point=min(rates, default=None),
        credit_bp=max(percents, default=None),
        payable_by_value=all(rule.payable_by_value for rule in rules),
        discountable=all(rule.discountable for rule in rules),
    )
