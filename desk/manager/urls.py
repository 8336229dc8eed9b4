"""Addresses of the manager's own pages; the records are in the admin."""

from django.urls import path

from desk.manager import dashboard

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/sales.csv", dashboard.dashboard_csv, name="dashboard_csv"),
]
