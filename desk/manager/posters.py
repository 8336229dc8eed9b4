"""What hangs in the shop: a QR code that leads to joining, as a poster, a card for the table, or a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import can, staff_required
from club.catalogue.models import Branch
from club.members.joining import WAYS, count_waiting
from club.programme.selectors import programme_at
from core.errors import NotFound
from core.models import Club
from core.qr import qr_file, qr_svg
from core.tenancy.scope import current_club
from sms.wording import portal_link

SIZES = ("a4", "a6")
FILES = {"svg": "image/svg+xml", "png": "image/png"}


@never_cache
@staff_required("enrol_members")
@require_safe
def join(request: HttpRequest) -> HttpResponseBase:
    """The code of the counter to look at, print and download; and who may join by it."""
    branch = _branch(request)
    address = join_address(branch)
    may_manage = can(request.user, "manage_joining")
    context = {
        "branches": list(Branch.objects.filter(is_active=True).order_by("name")),
        "branch": branch,
        "address": address,
        "qr": qr_svg(address),
        "may_manage": may_manage,
        "waiting": count_waiting() if may_manage else 0,
        "way": current_club().joining,
        "ways": [(value, label, WAYS[value]) for value, label in Club.Joining.choices],
    }
    return render(request, "desk/join.html", context)


@never_cache
@staff_required("enrol_members")
@require_safe
def poster(request: HttpRequest, size: str) -> HttpResponseBase:
    """A page to print: a poster of A4, or a card of A6 for the table."""
    if size not in SIZES:
        raise NotFound
    branch = _branch(request)
    address = join_address(branch)
    context = {
        "size": size,
        "branch": branch,
        "address": address.partition("://")[2].partition("?")[0].rstrip("/"),
        "qr": qr_svg(address),
        "programme": programme_at(timezone.now()),
    }
    return render(request, "desk/join_poster.html", context)


@never_cache
@staff_required("enrol_members")
@require_safe
def code_file(request: HttpRequest, picture: str) -> HttpResponseBase:
    """The code alone as a file, for a designer or a printer."""
    if picture not in FILES:
        raise NotFound
    branch = _branch(request)
    answer = HttpResponse(qr_file(join_address(branch), picture), content_type=FILES[picture])
    name = f"join-{branch.code}" if branch else "join"
    answer["Content-Disposition"] = f'attachment; filename="{name}.{picture}"'
    return answer


def join_address(branch: Branch | None) -> str:
    """Where the code leads: joining, with the counter it hangs at."""
    source = f"counter:{branch.code}" if branch else "counter"
    return f"{portal_link(current_club())}{reverse('portal:join')}?source={source}"


def _branch(request: HttpRequest) -> Branch | None:
    code = request.GET.get("branch", "").replace("\x00", "")
    return Branch.objects.filter(code=code, is_active=True).first() if code else None
