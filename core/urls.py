"""Addresses of no package's own: the club's stylesheet, and in development the components page."""

from django.conf import settings
from django.urls import path

from core import views

app_name = "core"
urlpatterns = [path("brand/<slug:digest>.css", views.brand_css, name="brand_css")]
if settings.DEBUG:
    urlpatterns.append(path("ui/", views.components, name="components"))
