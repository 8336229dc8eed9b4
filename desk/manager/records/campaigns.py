"""Messages of campaigns, to read: who got which, and who did not and why; campaigns have pages of their own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from crm.campaigns.models import CampaignMember
from desk.manager.filters import OfMemberFilter
from desk.manager.record import SeenAdmin, at, column


def written_to(row: CampaignMember) -> SafeString:
    """The member, linked."""
    url = reverse("admin:members_member_change", args=[row.member_id])
    return format_html('<a href="{}">{}</a>', url, row.member)


@admin.register(CampaignMember, site=site)
class CampaignMemberAdmin(SeenAdmin):
    """What each campaign came to for each member."""

    list_display = (
        column(_("کارزار"), lambda row: row.campaign.name),
        column(_("عضو"), written_to),
        column(_("نتیجه"), lambda row: row.get_outcome_display()),
        at("at", _("زمان")),
    )
    list_filter = (OfMemberFilter, "outcome")
    list_select_related = ("member", "campaign")
    ordering = ("-at", "-id")
    fields = list_display
    readonly_fields = fields

    def title_of(self, row: CampaignMember) -> str:
        """By the campaign."""
        return str(row.campaign.name)
