"""Codes by which agents bring members. An agent stands in a higher package, which registers the code here."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import ClubModel


class AgentCode(ClubModel):
    """What an agent hands out. It begins with a letter that no member's code has, so that the two never meet.

    `agent_id` is the row of the agent above; `phone` the agent's own, which the code brings nobody in by. A closed one
    keeps whom it has brought, and brings nobody more.
    """

    code = models.CharField(_("کد معرفی"), max_length=12, db_collation="C")
    agent_id = models.BigIntegerField(_("عامل"))
    name = models.CharField(_("نام"), max_length=60, blank=True)
    phone = models.CharField(_("موبایل"), max_length=11, db_collation="C")
    is_active = models.BooleanField(_("فعال"), default=True)
    made_at = models.DateTimeField(_("ساخته‌شده"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("کد عامل")
        verbose_name_plural = _("کدهای عاملان")
        constraints = [
            models.UniqueConstraint(fields=["club", "code"], name="agent_code_once"),
            models.UniqueConstraint(fields=["club", "agent_id"], name="agent_has_one_code"),
            models.CheckConstraint(condition=models.Q(code__startswith="A"), name="agent_code_is_no_members"),
        ]

    def __str__(self) -> str:
        return self.name or self.code
