"""What the club sells and where: groups of goods with rates of their own, products, branches with their code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of, can, staff_required
from club.catalogue import services
from club.catalogue.models import Branch, Group, Product
from club.catalogue.selectors import by_code, catalogue_page, group_codes, in_catalogue
from club.purchases.orders import normal_code
from core.errors import AppError, Text
from core.forms import MoneyField, set_choices
from core.language import listed
from core.templatetags.club_ui import money_unit, percent
from desk.files import file_links
from desk.manager.fields import HundredthsField
from desk.manager.settings.forms import SettingsForm

ROWS = 25
LONGEST = 120


class CodedForm(SettingsForm):
    """A record known by its code, which stays once it is there."""

    name = forms.CharField(label=gettext_lazy("نام"), max_length=120)
    code = forms.CharField(
        label=gettext_lazy("کد"),
        max_length=32,
        help_text=gettext_lazy("همان که روی کالا یا در نرم‌افزار فروش است؛ پس از ساختن عوض نمی‌شود."),
    )

    def __init__(self, data: Any, *, row: Any) -> None:
        super().__init__(data)
        self.row = row
        self.fields["code"].widget.attrs["dir"] = "ltr"
        if row is not None:
            self.initial = {name: getattr(row, name) for name in self.fields if name != "groups"}
            del self.fields["code"]

    def clean_code(self) -> str:
        """Digits in Latin, no outer blanks; something is left."""
        code = normal_code(self.cleaned_data["code"])
        if not code or not code.isprintable():
            raise forms.ValidationError(_("کد را بنویسید."))
        return code


class GroupForm(CodedForm):
    """A group: its own rates, or none at all."""

    earns = forms.BooleanField(
        label=gettext_lazy("خرید این کالاها امتیاز و اعتبار می‌دهد"), required=False, initial=True
    )
    rial_per_point = MoneyField(
        label=gettext_lazy("خرید برای هر امتیاز"),
        required=False,
        min_rial=1,
        max_rial=services.MOST_RIAL,
        help_text=gettext_lazy("خالی: مانند برنامهٔ باشگاه"),
    )
    credit_bp = HundredthsField(
        label=gettext_lazy("درصد اعتبار"), required=False, help_text=gettext_lazy("خالی: مانند برنامهٔ باشگاه")
    )
    discountable = forms.BooleanField(label=gettext_lazy("تخفیف می‌گیرد"), required=False, initial=True)
    payable_by_value = forms.BooleanField(
        label=gettext_lazy("با امتیاز و اعتبار پرداخت می‌شود"), required=False, initial=True
    )


class ProductForm(CodedForm):
    """A thing or a service on sale."""

    price_rial = MoneyField(label=gettext_lazy("قیمت"), max_rial=services.MOST_RIAL)
    vat_bp = HundredthsField(
        label=gettext_lazy("درصد مالیات درون قیمت"), required=False, help_text=gettext_lazy("خالی: ندارد")
    )
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("گروه‌ها"), required=False, widget=forms.CheckboxSelectMultiple
    )
    earns = forms.BooleanField(label=gettext_lazy("خریدش امتیاز و اعتبار می‌دهد"), required=False, initial=True)
    is_active = forms.BooleanField(label=gettext_lazy("فروخته می‌شود"), required=False, initial=True)

    def __init__(self, data: Any, *, row: Product | None) -> None:
        super().__init__(data, row=row)
        choices = [(group.code, group.name) for group in in_catalogue(Group).order_by("name")]
        set_choices(self, "groups", choices)
        if not choices:
            del self.fields["groups"]
        elif row is not None:
            self.initial["groups"] = group_codes([row])[row.pk]

    def clean_vat_bp(self) -> int:
        """None is none."""
        return self.cleaned_data["vat_bp"] or 0


class BranchForm(CodedForm):
    """A place where the club sells."""

    address = forms.CharField(label=gettext_lazy("نشانی"), required=False, max_length=200)
    is_active = forms.BooleanField(label=gettext_lazy("باز است"), required=False, initial=True)


@dataclass(frozen=True)
class Shelf:
    """One kind of the catalogue: its pages, its words, and what a row of it says of itself."""

    kind: type[Product] | type[Group] | type[Branch]
    form: type[CodedForm]
    list_route: str
    new_route: str
    route: str
    title: Text
    new: Text
    one: Text
    lead: Text
    icon: str
    says: Callable[[Any], str]


def _says_group(group: Group) -> str:
    if not group.earns:
        said = [_("امتیاز و اعتبار نمی‌دهد")]
    else:
        said = [_("هر %(money)s یک امتیاز") % {"money": money_unit(group.rial_per_point)}] * bool(group.rial_per_point)
        said += [_("%(rate)s اعتبار") % {"rate": percent(group.credit_bp)}] * (group.credit_bp is not None)
        said = said or [_("مانند برنامهٔ باشگاه")]
    said += [_("بی تخفیف")] * (not group.discountable) + [_("تنها با پول")] * (not group.payable_by_value)
    return listed(said)


def _says_product(product: Product) -> str:
    said = [money_unit(product.price_rial), *(group.name for group in product.groups.all())]
    return listed(said + [_("امتیاز و اعتبار نمی‌دهد")] * (not product.earns))


SHELVES: dict[str, Shelf] = {
    "group": Shelf(
        Group,
        GroupForm,
        "desk:settings_groups",
        "desk:settings_group_new",
        "desk:settings_group",
        gettext_lazy("گروه‌های کالا"),
        gettext_lazy("گروه تازه"),
        gettext_lazy("گروه «%(name)s»"),
        gettext_lazy("کالاهایی که پاداش یا تخفیفشان با بقیه فرق دارد."),
        "package",
        _says_group,
    ),
    "product": Shelf(
        Product,
        ProductForm,
        "desk:settings_products",
        "desk:settings_product_new",
        "desk:settings_product",
        gettext_lazy("کالاها"),
        gettext_lazy("کالای تازه"),
        gettext_lazy("کالای «%(name)s»"),
        gettext_lazy("آنچه در صندوق با نام یا کد پیدا می‌شود."),
        "shopping-bag",
        _says_product,
    ),
    "branch": Shelf(
        Branch,
        BranchForm,
        "desk:settings_branches",
        "desk:settings_branch_new",
        "desk:settings_branch",
        gettext_lazy("شعبه‌ها"),
        gettext_lazy("شعبهٔ تازه"),
        gettext_lazy("شعبهٔ «%(name)s»"),
        gettext_lazy("جاهایی که باشگاه می‌فروشد، هر کدام با کد عضوگیری خودش."),
        "map-pin",
        lambda branch: branch.address,
    ),
}


@never_cache
@staff_required("manage_catalogue")
@require_safe
def shelf(request: HttpRequest, kind: str) -> HttpResponse:
    """Everything of one kind, found by name or code, page by page."""
    this, text = SHELVES[kind], request.GET.get("q", "").replace("\x00", "")[:LONGEST].strip()
    rows, after = catalogue_page(this.kind, text, after=request.GET.get("after", ""), limit=ROWS)
    context = {
        "heading": this.title,
        "shelf": this,
        "kind": kind,
        "rows": [(row, this.says(row)) for row in rows],
        "after": after,
        "is_first": not request.GET.get("after"),
        "text": text,
        "files": file_links(request, f"admin:catalogue_{kind}_export"),  # the manager's list, of the same search
        "may_print": kind == "branch" and can(request.user, "enrol_members"),
    }
    return render(request, "desk/settings/shelf.html", context)


@never_cache
@staff_required("manage_catalogue")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponseBase:
    """One more."""
    return _page(request, SHELVES[kind], None)


@never_cache
@staff_required("manage_catalogue")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, kind: str, code: str) -> HttpResponseBase:
    """One that is there."""
    return _page(request, SHELVES[kind], by_code(SHELVES[kind].kind, code))


def _page(request: HttpRequest, this: Shelf, row: Any) -> HttpResponseBase:
    form = this.form(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            _save(this, row, form, actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("«%(name)s» ثبت شد.") % {"name": form.cleaned_data["name"]})
            return redirect(this.list_route)
    heading = this.one % {"name": row.name} if row else this.new
    context = {"heading": heading, "form": form, "shelf": this, "row": row}
    return render(request, "desk/settings/shelf_one.html", context, status=422 if form.errors else 200)


def _save(this: Shelf, row: Model | None, form: CodedForm, *, actor: str) -> None:
    values = form.cleaned_data
    if row is None:
        services.create(this.kind, values, actor=actor)
        return
    before = {name: form.initial.get(name) for name in values}
    changes = {name: value for name, value in values.items() if value != before[name]}
    if changes:
        services.update(this.kind, form.row.code, changes, actor=actor)
