"""What django-oscar's Applicator needs for a basket and its offers, given as JSON; asked by `benchmarks/offers.py`.

Run by a Python that has django-oscar, which the project does not: standard input is `{offers, lines, rounds}`, standard
output `{milliseconds, queries, applied, oscar, django}`, or `{}` where django-oscar is not installed. Its tables are in
SQLite in memory, so that no other process works for it unseen.
"""

import json
import os
import statistics
import sys
import time
from importlib.util import find_spec
from typing import Any

SECRET_KEY = "x"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
SITE_ID = 1
USE_TZ = True


class NoMigrations:
    """The tables are made as the models are now: that is quicker."""

    def __contains__(self, _app: str) -> bool:
        return True

    def __getitem__(self, _app: str) -> None:
        return None


MIGRATION_MODULES = NoMigrations()
if find_spec("oscar"):
    from oscar import INSTALLED_APPS  # noqa: F401
    from oscar.defaults import *  # noqa: F403


def sell(lines: list[dict[str, Any]]) -> int:
    """A basket of new products, each in the category that is its group; its id."""
    from oscar.apps.basket.models import Basket
    from oscar.apps.catalogue.models import Product, ProductCategory, ProductClass
    from oscar.apps.partner.models import Partner, StockRecord

    kind = ProductClass.objects.create(name="goods", track_stock=False, requires_shipping=False)
    shop = Partner.objects.create(name="shop")
    basket = Basket.objects.create()
    for number, line in enumerate(lines):
        product = Product.objects.create(title=f"{line['product']}-{number}", upc=f"u{number}", product_class=kind)
        ProductCategory.objects.create(product=product, category=category(line["group"]))
        price = line["unit_price"]
        record = StockRecord.objects.create(product=product, partner=shop, partner_sku=f"s{number}", price=price)
        basket.lines.create(
            line_reference=f"l{number}",
            product=product,
            stockrecord=record,
            quantity=line["quantity"],
            price_currency="IRR",
            price_excl_tax=price,
            price_incl_tax=price,
            tax_code="",
        )
    return int(basket.pk)


def category(group: str) -> Any:
    from oscar.apps.catalogue.models import Category

    return Category.objects.filter(name=group).first() or Category.add_root(name=group)


def publish(offers: list[dict[str, Any]]) -> None:
    """The offers: above an amount or so many pieces of a group or of all, a percentage or an amount off them."""
    from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer, Range

    for number, said in enumerate(offers):
        of = Range.objects.create(name=f"range {number}", includes_all_products=not said["group"])
        if said["group"]:
            of.included_categories.add(category(said["group"]))
        condition = Condition.objects.create(range=of, type=said["asks"], value=said["at_least"])
        benefit = Benefit.objects.create(range=of, type=said["gives"], value=said["figure"])
        ConditionalOffer.objects.create(
            name=f"offer {number}",
            condition=condition,
            benefit=benefit,
            priority=number,
            max_basket_applications=1,
        )


def applied(basket_id: int) -> tuple[int, int, int]:
    """CPU nanoseconds to apply the offers to the basket, whose lines are read before; queries; offers that applied."""
    from django.db import connection
    from oscar.apps.basket.models import Basket
    from oscar.apps.offer.applicator import Applicator
    from oscar.apps.partner.strategy import Selector

    basket = Basket.objects.get(pk=basket_id)
    basket.strategy = Selector().strategy()
    for line in basket.all_lines():
        line.purchase_info  # noqa: B018
    asked: list[str] = []

    def counted(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(counted):
        started = time.process_time_ns()
        Applicator().apply(basket)
        spent = time.process_time_ns() - started
    return spent, len(asked), len(basket.offer_applications)


def main() -> None:
    if not find_spec("oscar"):
        print("{}")
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "beside_oscar"
    import django
    import oscar
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    given = json.load(sys.stdin)
    basket = sell(given["lines"])
    publish(given["offers"])
    runs = [applied(basket) for _each in range(given["rounds"])]
    found = {
        "milliseconds": statistics.median(spent for spent, _queries, _count in runs) / 1_000_000,
        "queries": runs[-1][1],
        "applied": runs[-1][2],
        "oscar": oscar.get_version(),
        "django": django.get_version(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
