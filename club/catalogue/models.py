"""What the club sells and where: products, their groups, branches."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import ClubModel


class Group(ClubModel):
    """Products that share a rule: their own earning rate or none, never discounted, not payable by value."""

    code = models.CharField(_("کد"), max_length=32)
    name = models.CharField(_("نام"), max_length=80)
    earns = models.BooleanField(_("امتیاز و اعتبار می‌دهد"), default=True)
    rial_per_point = models.BigIntegerField(
        _("ریال برای هر امتیاز"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    credit_bp = models.IntegerField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(10_000)])
    discountable = models.BooleanField(_("تخفیف می‌گیرد"), default=True)
    payable_by_value = models.BooleanField(_("با امتیاز و اعتبار پرداخت می‌شود"), default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("گروه کالا")
        verbose_name_plural = _("گروه‌های کالا")
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="group_code_once")]

    def __str__(self) -> str:
        return self.name


class Product(ClubModel):
    """A thing or a service on sale; prices include VAT."""

    code = models.CharField(_("کد"), max_length=32)
    name = models.CharField(_("نام"), max_length=120)
    price_rial = models.BigIntegerField(_("قیمت"), validators=[MinValueValidator(0)])
    vat_bp = models.IntegerField(default=0, validators=[MinValueValidator(0), MaxValueValidator(10_000)])
    earns = models.BooleanField(_("امتیاز و اعتبار می‌دهد"), default=True)
    is_active = models.BooleanField(_("فعال"), default=True)
    groups = models.ManyToManyField(Group, through="ProductGroup", related_name="products", verbose_name=_("گروه‌ها"))
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("کالا")
        verbose_name_plural = _("کالاها")
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="product_code_once")]

    def __str__(self) -> str:
        return self.name


class ProductGroup(ClubModel):
    """A product is in a group."""

    product = models.ForeignKey(Product, models.CASCADE, db_index=False)
    group = models.ForeignKey(Group, models.PROTECT, db_index=False)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "product", "group"], name="product_in_group_once")]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.group_id}"


class Branch(ClubModel):
    """A place where the club sells."""

    code = models.CharField(_("کد"), max_length=32)
    name = models.CharField(_("نام"), max_length=80)
    address = models.CharField(_("نشانی"), max_length=200, blank=True)
    is_active = models.BooleanField(_("فعال"), default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("شعبه")
        verbose_name_plural = _("شعبه‌ها")
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="branch_code_once")]

    def __str__(self) -> str:
        return self.name
