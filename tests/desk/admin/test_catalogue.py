"""Products, groups and branches in the admin."""

import re

from club.catalogue.models import Branch, Group, Product
from core.models import AuditEntry
from tests.desk.admin.conftest import ADMIN, errors_of, text_of, values_of


def test_what_is_in_use_is_not_deleted_and_says_what_to_do(owner, full, shop):
    branch, group, tea = Branch.objects.get(code="b"), Group.objects.get(code="hot"), Product.objects.get()
    tea.groups.add(group, through_defaults={"club_id": full.club_id})
    shop.buys(full, 100_000, branch="b")

    def asked(name, row):
        address = f"{ADMIN}catalogue/{name}/{row.pk}/delete/"
        owner.post(address, {"post": "yes"})
        return text_of(owner.get(address, follow=True))

    assert "«ونک» به کار رفته است و پاک نمی‌شود؛ به‌جای آن «فعال» را بردارید" in asked("branch", branch)
    assert "گروه «گرم» ۱ کالا دارد؛ نخست کالاها را از آن بیرون ببرید." in asked("group", group)
    assert (Branch.objects.count(), Group.objects.count()) == (1, 1)


def test_numbers_are_said_in_persian_digits_with_their_unit_and_too_large_ones_as_such(owner, full):
    asked = {"name": "چ" * 121, "code": "t", "price_rial": "9" * 20, "vat_bp": "9" * 25, "is_active": "on"}
    page = owner.post(ADMIN + "catalogue/product/add/", asked)
    wrong = errors_of(page)

    assert "۱۲۰" in wrong["name"][0] and not re.search("[0-9]", str(wrong))
    assert "بزرگ" in wrong["price_rial"][0]
    assert wrong["vat_bp"] == ["عددی از ۰ تا ۱۰۰ بنویسید."]
    assert "به تومان" in text_of(page)
    tier = owner.post(ADMIN + "tiers/tier/add/", {"rank": "9" * 20})
    assert errors_of(tier)["rank"] == ["عددی از ۰ تا ۳۲٬۷۶۷ بنویسید."]
    assert "جمع خرید (تومان)" in text_of(tier) and "(ریال)" not in text_of(tier)
    assert "۱ برابر" in text_of(owner.get(ADMIN + "tiers/tier/"))


def test_a_product_is_made_and_changed_with_its_groups(owner, full):
    asked = {"name": "چای", "code": "۱۲", "price_rial": "۵۰٬۰۰۰", "vat_bp": "10", "groups": ["hot"], "is_active": "on"}

    assert owner.post(ADMIN + "catalogue/product/add/", asked).status_code == 302
    tea = Product.objects.get(code="12")
    assert (tea.price_rial, tea.vat_bp, tea.earns) == (500_000, 1000, False)
    assert [group.code for group in tea.groups.all()] == ["hot"]
    assert errors_of(owner.post(ADMIN + "catalogue/product/add/", asked)).keys() == {"code"}

    address = f"{ADMIN}catalogue/product/{tea.pk}/change/"
    values = values_of(owner.get(address))
    del values["groups"]
    assert owner.post(address, {**values, "code": "other", "name": "چای سبز"}).status_code == 302
    tea.refresh_from_db()
    assert (tea.code, tea.name) == ("12", "چای سبز")
    assert not tea.groups.exists()
    assert list(
        AuditEntry.objects.order_by("pk").filter(target=f"product:{tea.pk}").values_list("action", flat=True)
    ) == [
        "product.create",
        "product.update",
    ]
