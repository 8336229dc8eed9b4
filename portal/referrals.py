"""What a member brings others with: link, code and words to share, what became of it, and who brought the most."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import actor_of, member_required
from core.qr import qr_svg
from core.tenancy.scope import current_club
from core.text import whole_number
from crm.referrals.rules import Terms
from crm.referrals.selectors import counts_of, friends_of, is_shown, link_of, shown_leaders
from crm.referrals.sharing import copies_of, shares_of
from crm.referrals.showing import show_by_name
from crm.referrals.terms import referral_page, terms_at
from portal.access import member_of
from portal.referring import note_browser

ROWS = 20


@never_cache
@member_required
@require_safe
def referrals(request: HttpRequest) -> HttpResponseBase:
    """The member's link with its figures, the friends who came, and the leaders."""
    member, before = member_of(request), whole_number(request.GET.get("before", ""))
    page, text = referral_page(), share_text()
    rows = friends_of(member.pk, limit=ROWS + 1, before=before)
    context = {
        "link": link_of(member.referral_code),
        "qr": qr_svg(link_of(member.referral_code, "qr")),
        "text": text,
        "shares": shares_of(member.referral_code, text),
        "copies": copies_of(member.referral_code),
        "counts": counts_of(member),
        "promise": promise(terms_at(timezone.now())),
        "friends": rows[:ROWS],
        "older": rows[ROWS - 1].id if len(rows) > ROWS else None,
        "is_first": before is None,
        "leaders": shown_leaders() if page.shows_leaders else [],
        "shows_leaders": page.shows_leaders,
        "is_shown": is_shown(member.pk),
        "member": member,
    }
    response = render(request, "portal/referrals.html", context)
    if request.method == "GET":
        note_browser(request, response, member.pk)
    return response


@never_cache
@member_required
@require_POST
def shown(request: HttpRequest) -> HttpResponseBase:
    """Stand by name among the leaders, or no longer."""
    wants = request.POST.get("shown") == "on"
    show_by_name(member_of(request).pk, wants=wants, actor=actor_of(request.user))
    messages.success(request, _("نامت در فهرست دیده می‌شود.") if wants else _("نامت در فهرست دیده نمی‌شود."))
    return redirect("portal:referrals")


def share_text() -> str:
    """What is shared beside the link: the club's own words, or the usual ones."""
    usual = _("من عضو باشگاه %(name)s هستم و با هر خرید هدیه می‌گیرم. تو هم با این پیوند بیا:")
    return referral_page().share_text or usual % {"name": current_club().name}


def promise(terms: Terms) -> Terms | None:
    """What a friend's purchase brings, None where the club gives nothing for it by itself."""
    return terms if terms.is_on else None
