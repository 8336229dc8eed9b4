"""E-mails of the club, to read: to whom each went, and what the server said of those that did not."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from crm.mail.models import Mail
from desk.manager.filters import CreatedFilter, OfMemberFilter
from desk.manager.record import SeenAdmin, at, column


def written_to(mail: Mail) -> SafeString:
    """The member, linked."""
    url = reverse("admin:members_member_change", args=[mail.member_id])
    return format_html('<a href="{}">{}</a>', url, mail.member)


def why_not(mail: Mail) -> str:
    """What the server said, or why it was never asked."""
    return mail.error_text or str(REASONS.get(mail.error_code, mail.error_code))


REASONS = {
    "no_address": _("عضو نشانی ایمیل ندارد."),
    "no_consent": _("عضو به ایمیل رضایت نداده است."),
    "stopped": _("پیش از رفتن متوقف شد."),
    "gave_up": _("سه روز نرفت و رها شد."),
    "later": _("دوباره فرستاده می‌شود."),
}


@admin.register(Mail, site=site)
class MailAdmin(SeenAdmin):
    """The outbox of mails."""

    list_display = (
        column(_("موضوع"), lambda row: format_html("<bdi>{}</bdi>", row.subject)),
        column(_("عضو"), written_to),
        column(_("نشانی"), lambda row: format_html('<bdi class="ltr">{}</bdi>', row.address)),
        column(_("وضعیت"), lambda row: row.get_status_display()),
        column(_("چرا"), why_not),
        at("created_at", _("ثبت")),
        at("sent_at", _("فرستادن")),
    )
    list_filter = (OfMemberFilter, CreatedFilter, "status")
    list_select_related = ("member",)
    ordering = ("-id",)
    fields = (*list_display, column(_("متن"), lambda row: format_html("<bdi>{}</bdi>", row.text)))
    readonly_fields = fields

    def title_of(self, row: Mail) -> str:
        """By the subject."""
        return str(row.subject)
