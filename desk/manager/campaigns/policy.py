"""The contact policy: how often and at which hours the club writes to a member to advertise."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from core.errors import AppError
from core.forms import WholeField
from crm.campaigns.audience import most_a_week
from crm.campaigns.policy import MOST, set_policy
from desk.manager.fields import HourField
from desk.manager.settings.forms import SettingsForm
from sms.account import account
from sms.models import Suppression


class PolicyForm(SettingsForm):
    """How many a week, and between which hours."""

    most = WholeField(
        label=gettext_lazy("هر عضو در هفت روز، چند پیام تبلیغاتی؟"), least=1, most=MOST,
        help_text=gettext_lazy(
            "پیامک و ایمیل روی هم؛ رسید خرید، کد ورود، اعلان پنل و آنچه به کسی نرسید در این شمار نیستند"
        ),
    )  # fmt: skip
    window_from = HourField(label=gettext_lazy("تبلیغ از ساعت"))
    window_to = HourField(label=gettext_lazy("تبلیغ تا ساعت"))
    units = {"most": gettext_lazy("پیام")}


@never_cache
@staff_required("send_campaigns")
@require_http_methods(["GET", "HEAD", "POST"])
def contact_policy(request: HttpRequest) -> HttpResponse:
    """The policy, to be changed."""
    opening, closing = account().window
    form = PolicyForm(
        request.POST or None, initial={"most": most_a_week(), "window_from": opening, "window_to": closing}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            window = said["window_from"], said["window_to"]
            set_policy(most=said["most"], window=window, actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("قاعدهٔ تماس ثبت شد."))
            return redirect("desk:contact_policy")
    context = {"form": form, "suppressed": Suppression.objects.count()}
    return render(request, "desk/campaigns/policy.html", context, status=422 if form.errors else 200)
