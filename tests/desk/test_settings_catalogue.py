"""Groups, products and branches in the settings: made and changed in plain words, their codes stay."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from club.catalogue.models import Branch, Group, Product, ProductGroup
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in
from tests.files import records_of

URL = "/desk/settings/"
GROUP = {
    "name": "کیک‌های ويژه", "code": "۱۲", "earns": "on", "rial_per_point": "۲۰٬۰۰۰", "credit_bp": "۲٫۵",
    "payable_by_value": "on",
}  # fmt: skip
PRODUCT = {"name": "لاته", "code": "latte", "price_rial": "95000", "earns": "on", "is_active": "on"}
BRANCH = {"name": "ولیعصر", "code": "valiasr", "address": "تهران", "is_active": "on"}


@pytest.fixture
def browser(club):
    return signed_in(person("manager"), club)


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("role", list(Role.values))
@pytest.mark.parametrize("plural", ["groups", "products", "branches"])
def test_the_catalogue_is_the_managers_to_set(club, role, plural):
    browser = signed_in(person(role), club)

    for path in ("", "new/"):
        status = browser.get(f"{URL}{plural}/{path}").status_code
        assert status == (200 if role in {"owner", "manager"} else 403)


def test_a_group_has_its_own_rates_and_is_never_discounted(browser):
    browser.post(f"{URL}groups/new/", GROUP)

    group = Group.objects.get(code="12")
    assert (group.name, group.rial_per_point, group.credit_bp) == ("کیک‌های ویژه", 200_000, 250)
    assert (group.earns, group.discountable, group.payable_by_value) == (True, False, True)
    page = text_of(browser.get(f"{URL}groups/"))
    assert "هر ۲۰٬۰۰۰ تومان یک امتیاز، ۲٫۵٪ اعتبار، بی تخفیف" in page
    assert AuditEntry.objects.get(action="group.create").after["credit_bp"] == 250


def test_a_product_is_put_into_groups_and_taken_out(browser):
    cake, drink = (Group.objects.create(code=code, name=code) for code in ("cake", "drink"))
    browser.post(f"{URL}products/new/", {**PRODUCT, "groups": ["cake", "drink"], "vat_bp": "۹"})

    latte = Product.objects.get(code="latte")
    assert (latte.price_rial, latte.vat_bp) == (950_000, 900)
    assert ProductGroup.objects.filter(product=latte).count() == 2

    browser.post(f"{URL}products/of/latte/", {**PRODUCT, "groups": ["drink"], "price_rial": "۱۰۰٬۰۰۰", "code": "x"})

    latte.refresh_from_db()
    assert (latte.code, latte.price_rial, latte.vat_bp) == ("latte", 1_000_000, 0)
    assert list(latte.groups.all()) == [drink]
    assert cake.products.count() == 0


def test_a_branch_leads_to_its_code_for_joining(browser):
    browser.post(f"{URL}branches/new/", BRANCH)

    page = text_of(browser.get(f"{URL}branches/"))
    assert "/desk/join/?branch=valiasr" in page
    assert browser.get("/desk/join/?branch=valiasr").status_code == 200

    browser.post(f"{URL}branches/of/valiasr/", {"name": "ولیعصر", "address": ""})

    branch = Branch.objects.get()
    assert (branch.is_active, branch.address) == (False, "")
    assert "بسته" in text_of(browser.get(f"{URL}branches/"))


@pytest.mark.parametrize(
    ("plural", "typed", "field"),
    [
        ("groups", {**GROUP, "name": ""}, "name"),
        ("groups", {**GROUP, "name": "x" * 81}, "name"),
        ("groups", {**GROUP, "rial_per_point": "0"}, "rial_per_point"),
        ("groups", {**GROUP, "credit_bp": "101"}, "credit_bp"),
        ("groups", {**GROUP, "code": "taken"}, "code"),
        ("groups", {**GROUP, "code": "x" * 33}, "code"),
        ("products", {**PRODUCT, "price_rial": "-5"}, "price_rial"),
        ("products", {**PRODUCT, "groups": ["nowhere"]}, "groups"),
        ("products", {**PRODUCT, "vat_bp": "x"}, "vat_bp"),
        ("branches", {**BRANCH, "code": " "}, "code"),
        ("branches", {**BRANCH, "address": "x" * 201}, "address"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(browser, plural, typed, field):
    Group.objects.create(code="taken", name="هست")

    answer = browser.post(f"{URL}{plural}/new/", typed)

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in text_of(answer)
    assert (Group.objects.count(), Product.objects.count(), Branch.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize(("plural", "model"), [("groups", Group), ("products", Product), ("branches", Branch)])
def test_another_clubs_is_not_found(browser, other_club, plural, model):
    more = {"price_rial": 1} if model is Product else {}
    with club_scope(other_club):
        model.objects.create(code="theirs", name="x", **more)

    assert browser.get(f"{URL}{plural}/of/theirs/").status_code == 404
    assert "theirs" not in text_of(browser.get(f"{URL}{plural}/"))


def test_products_are_found_and_paged_with_as_many_queries(browser):
    Group.objects.create(code="all", name="همه")
    for number in range(60):
        product = Product.objects.create(code=f"p{number:02}", name=f"کالای {number:02}", price_rial=number)
        ProductGroup.objects.create(product=product, group=Group.objects.get())

    browser.get(f"{URL}products/")
    with CaptureQueriesContext(connection) as many:
        first = text_of(browser.get(f"{URL}products/"))
    with CaptureQueriesContext(connection) as few:
        found = text_of(browser.get(f"{URL}products/?q=p59"))
    second = text_of(browser.get(f"{URL}products/?after=p24"))

    assert len(many) == len(few)
    assert ("of/p24/" in first, "of/p25/" in first, "after=p24" in first) == (True, False, True)
    assert ("of/p25/" in second, "of/p49/" in second, "of/p50/" in second) == (True, True, False)
    assert ("of/p59/" in found, "of/p58/" in found) == (True, False)
    assert "چیزی نیست" in text_of(browser.get(f"{URL}products/?q=چای"))


@pytest.mark.parametrize(("plural", "model"), [("groups", Group), ("products", Product), ("branches", Branch)])
def test_a_list_goes_home_as_it_is_searched(browser, plural, model):
    priced = {"price_rial": 1} if model is Product else {}
    for code, name in (("tea-1", "چای سبز"), ("tea-2", "چای سیاه"), ("cake", "کیک")):
        model.objects.create(code=code, name=name, **priced)

    page = browser.get(f"/desk/settings/{plural}/", {"q": "چاي"})

    files = dict(page.context["files"])
    assert sorted(row["کد"] for row in records_of(browser.get(files["CSV"]))) == ["tea-1", "tea-2"]
    assert files["XLSX"].replace("&", "&amp;") in page.content.decode()
