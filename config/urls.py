"""Addresses: each package brings its own."""

from importlib.util import find_spec

from django.urls import include, path

from accounts.admin_site import site
from core.views import healthz

PREFIXES = [
    ("", "portal.urls"),
    ("", "accounts.urls"),
    ("", "core.urls"),
    ("desk/", "desk.urls"),
    ("sms/", "sms.urls"),
    ("api/v1/", "api.urls"),
]


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("desk/admin/", site.urls),
    *(path(prefix, include(module)) for prefix, module in PREFIXES if _exists(module)),
]
handler400 = "core.errors_page.bad_request"
handler403 = "core.errors_page.forbidden"
handler404 = "core.errors_page.not_found"
handler500 = "core.errors_page.server_error"
