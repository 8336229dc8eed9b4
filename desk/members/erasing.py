"""A member erased by the staff: what goes and what stays is shown, it is typed whom it means, and asked twice."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from club.ledger.selectors import balances
from club.members.models import Member
from club.members.selectors import records_of
from club.purchases.erasure import erase_member
from core.errors import AppError, NotFound
from core.errors_page import LOST, from_database
from core.forms import PersianForm
from core.text import clean_name, latin_digits
from desk.members.card import member_here

SHOWN_DIGITS = 4
WORD = gettext_lazy("پاک")


class EraseForm(PersianForm):
    """Why, and a few digits of the member's own, so that nobody is erased for another."""

    reason = forms.CharField(max_length=200, error_messages={"required": gettext_lazy("دلیل را بنویسید")})
    proof = forms.CharField(max_length=40, error_messages={"required": gettext_lazy("برای تأیید بنویسید")})

    def __init__(self, member: Member, *args: object) -> None:
        super().__init__(*args)
        self.expected = (member.phone or member.card or "")[-SHOWN_DIGITS:] or str(WORD)
        self.proven_by = "phone" if member.phone else "card" if member.card else "word"

    def clean_reason(self) -> str:
        """One line of text, with something in it."""
        reason = clean_name(self.cleaned_data["reason"])
        if not reason:
            raise forms.ValidationError(_("دلیل را بنویسید"))
        return reason

    def clean_proof(self) -> str:
        """What belongs to this member and no other."""
        proof: str = clean_name(latin_digits(self.cleaned_data["proof"]))
        if proof != self.expected:
            raise forms.ValidationError(_("با این عضو جور نیست؛ دوباره نگاه کنید که را پاک می‌کنید."))
        return proof


@never_cache
@staff_required("erase_members")
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """First what it means and a typed proof, then the question once more, then the act."""
    member = member_here(member_id)
    form = EraseForm(member, request.POST) if request.method == "POST" else EraseForm(member)
    is_asked, status, refused = False, 200, ""
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST" and request.POST.get("act") != "erase":
        is_asked = True
    elif request.method == "POST":
        try:
            reason = form.cleaned_data["reason"]
            erase_member(member.pk, actor=actor_of(request.user), reason=reason, now=timezone.now())
        except NotFound:
            raise
        except (AppError, *LOST) as error:
            lost = error if isinstance(error, AppError) else from_database(error)
            refused, status = str(lost.detail), 422 if lost.http_status == 400 else lost.http_status
        else:
            messages.success(request, _("عضو پاک شد. خریدها و جمع‌های باشگاه سر جایشان است."))
            return redirect("desk:members")
    context = {
        "member": member,
        "form": form,
        "is_asked": is_asked,
        "refused": refused,
        "has": balances(member.pk, timezone.now()),
        "others": len(records_of(member.pk)) - 1,
    }
    return render(request, "desk/members/erase.html", context, status=status)
