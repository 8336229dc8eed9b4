"""Addresses of the member's pages."""

from django.urls import path

from accounts.views import otp_request
from portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", otp_request, name="login"),
    path("ledger/", views.ledger, name="ledger"),
    path("purchases/", views.purchases, name="purchases"),
    path("purchases/<int:purchase_id>/", views.invoice, name="invoice"),
    path("card/", views.card, name="card"),
    path("profile/", views.profile, name="profile"),
]
