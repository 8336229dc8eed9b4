"""Addresses of the audit."""

from django.urls import path

from desk.audit import views

urlpatterns = [
    path("audit/", views.audit, name="audit"),
    path("audit/export.<str:form>", views.audit_file, name="audit_file"),
]
