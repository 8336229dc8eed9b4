"""The classes of buying behaviour: how many members each has, who they are, and what they have bought."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import can, staff_required
from reports.rfm.selectors import class_shares

MEANINGS: dict[str, Promise] = {
    "champions": _("تازه، زیاد و گران می‌خرند؛ قدرشان را بدانید."),
    "loyal": _("پیوسته می‌خرند؛ از آن‌ها بخواهید دیگران را بیاورند."),
    "potential_loyalist": _("به‌تازگی چند بار خریده‌اند؛ با یک پاداش ماندگار می‌شوند."),
    "new": _("همین تازگی نخستین خریدشان بوده است؛ خوش‌آمد بگویید."),
    "promising": _("چندی پیش خرید کوچکی کرده‌اند؛ برای خرید دوم دعوتشان کنید."),
    "need_attention": _("میانه‌اند و کم‌کم دیر می‌آیند؛ یادی از آن‌ها بکنید."),
    "about_to_sleep": _("کم می‌خریدند و دیر کرده‌اند؛ پیش از رفتن چیزی پیشنهاد کنید."),
    "at_risk": _("خوب می‌خریدند و مدتی است نیامده‌اند؛ زود سراغشان بروید."),
    "cannot_lose": _("از بهترین‌ها بودند و دیگر نمی‌آیند؛ خودتان تماس بگیرید."),
    "hibernating": _("کم و کوچک می‌خریدند و دیری است نیامده‌اند."),
    "lost": _("کمتر از همه خریده‌اند و از همه دیرتر؛ کم برایشان خرج کنید."),
}


@never_cache
@staff_required("view_reports")
@require_safe
def rfm(request: HttpRequest) -> HttpResponseBase:
    """All classes, best first; before the first night says when there will be something."""
    rows = [(share, MEANINGS[share.code]) for share in class_shares()]
    context = {"rows": rows, "may_divide": can(request.user, "manage_offers")}
    context["may_list"] = can(request.user, "view_members")
    return render(request, "desk/rfm.html", context)
