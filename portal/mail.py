"""Leaving the mails of a club by the link that stands in each: no login, no script, and one click of a mail program."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.mail.leaving import leave, leaver


@csrf_exempt  # the signed link is the secret: a mail program posts to it by itself (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_off(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask once; looking alone changes nothing, as programs look at links before people do. Raises NotFound."""
    if request.method == "POST":
        member = leave(token, now=timezone.now())
    else:
        member = leaver(token)
    gone = request.method == "POST" or not member.email_consent
    return render(request, "portal/mail_off.html", {"is_gone": gone})
