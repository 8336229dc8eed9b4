"""Addresses of no package's own: the club's stylesheet and logo."""

from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("brand/<slug:digest>.css", views.brand_css, name="brand_css"),
    path("brand/logo/<slug:digest>.webp", views.logo, name="logo"),
]
