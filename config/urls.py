"""Addresses: each package brings its own."""

from django.conf import settings
from django.urls import include, path

from accounts.admin_site import site
from config.components import components
from config.help import help_list, help_topic
from core.views import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("desk/admin/", site.urls),
    path("", include("portal.urls")),
    path("", include("accounts.urls")),
    path("", include("core.urls")),
    path("desk/", include("desk.urls")),
    path("help/", help_list, name="help"),
    path("help/<slug:audience>/<slug:code>/", help_topic, name="help_topic"),
    path("sms/", include("sms.urls")),
    path("api/v1/", include("api.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("ui/", components, name="components"))
handler400 = "core.errors_page.bad_request"
handler403 = "core.errors_page.forbidden"
handler404 = "core.errors_page.not_found"
handler500 = "core.errors_page.server_error"
