"""The login pages, and three pages that doors guard; pages of higher packages are no part of these tests."""

from django.http import HttpResponse
from django.urls import include, path

from accounts.admin_site import site
from accounts.rights import member_required, staff_required

handler403 = "core.errors_page.forbidden"
handler404 = "core.errors_page.not_found"


@staff_required("record_purchase")
def till(request):
    return HttpResponse(f"till of {request.user.phone}")


@staff_required("use_agent_panel")
def agent(request):
    return HttpResponse("agent's panel")


@member_required
def home(request):
    return HttpResponse(f"hello {request.member}")


urlpatterns = [
    path("t/till/", till),
    path("t/agent/", agent),
    path("t/home/", home),
    path("admin/", site.urls),
    path("", include("accounts.urls")),
    path("", include("core.urls")),
]
