"""Products, their groups, and branches: written by the catalogue's services; a code never changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.catalogue import services
from club.catalogue.models import Branch, Group, Product, ProductGroup
from club.catalogue.selectors import called
from club.purchases.orders import normal_code
from core.errors import Text
from core.forms import MoneyField, set_choices
from core.language import in_language
from desk.manager.fields import HundredthsField
from desk.manager.record import KeptAdmin, ServiceForm, code, money, rate


class CodedForm(ServiceForm):
    """A record known by its code."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk and "code" in self.fields:
            self.fields["code"].disabled = True

    def clean_code(self) -> str:
        """Digits in Latin, no outer blanks; something is left."""
        code = normal_code(self.cleaned_data["code"])
        if not code or not code.isprintable():
            raise forms.ValidationError(_("کد را بنویسید."))
        return code

    def act(self) -> Any:
        """Make it, or change what was changed."""
        kind = type(self.instance)
        if self.instance.pk is None:
            return services.create(kind, dict(self.cleaned_data), actor=self.actor)
        changes = self.changes()
        if not changes:
            return self.instance
        return services.update(kind, self.instance.code, changes, actor=self.actor)


class GroupForm(CodedForm):
    rial_per_point = MoneyField(
        label=_("خرید برای هر امتیاز"), required=False, min_rial=1, help_text=_("خالی: مانند برنامهٔ باشگاه")
    )
    credit_bp = HundredthsField(label=_("درصد اعتبار"), required=False, help_text=_("خالی: مانند برنامهٔ باشگاه"))

    class Meta:
        model = Group
        fields = ["name", "code", "earns", "rial_per_point", "credit_bp", "discountable", "payable_by_value"]


class ProductForm(CodedForm):
    price_rial = MoneyField(label=_("قیمت"))
    vat_bp = HundredthsField(label=_("درصد مالیات درون قیمت"), required=False)
    groups = forms.MultipleChoiceField(label=_("گروه‌ها"), required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Product
        fields = ["name", "code", "price_rial", "vat_bp", "groups", "earns", "is_active"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(group.code, group.name) for group in Group.objects.order_by("name")]
        set_choices(self, "groups", choices)
        if self.instance.pk:
            self.initial["groups"] = sorted(self.instance.groups.values_list("code", flat=True))

    def clean_vat_bp(self) -> int:
        """None is none."""
        return self.cleaned_data["vat_bp"] or 0


class BranchForm(CodedForm):
    class Meta:
        model = Branch
        fields = ["name", "code", "address", "is_active"]


class CodedAdmin(KeptAdmin):
    """A list by name, searched by name and code."""

    search_fields = ("name", "code")  # what is found is decided by `called`
    ordering = ("name",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], term: str) -> tuple[Any, bool]:
        """By name in any spelling of ی and ک, or the beginning of the code: what the settings find."""
        return called(queryset, term.replace("\x00", "").strip()), False


@admin.register(Group, site=site)
class GroupAdmin(CodedAdmin):
    """Groups of products that share a rule."""

    def why_kept(self, request: HttpRequest, row: Any) -> Text | None:
        """The products in it."""
        products = ProductGroup.objects.filter(group=row).count()
        if not products:
            return None
        said = {"name": row, "count": in_language(products)}
        return _("گروه «%(name)s» %(count)s کالا دارد؛ نخست کالاها را از آن بیرون ببرید.") % said

    form = GroupForm
    list_display = (
        "name",
        code(_("کد")),
        "earns",
        money("rial_per_point", _("خرید برای هر امتیاز")),
        rate("credit_bp", _("اعتبار")),
    )


@admin.register(Product, site=site)
class ProductAdmin(CodedAdmin):
    """What the club sells."""

    form = ProductForm
    list_display = (
        "name",
        code(_("کد")),
        money("price_rial", _("قیمت")),
        rate("vat_bp", _("مالیات")),
        "earns",
        "is_active",
    )
    list_filter = ("is_active", "earns")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Products with their groups, in one more query."""
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The form's own field stands for the table between."""
        return None


@admin.register(Branch, site=site)
class BranchAdmin(CodedAdmin):
    """Where the club sells."""

    form = BranchForm
    list_display = ("name", code(_("کد")), "address", "is_active")
    list_filter = ("is_active",)
