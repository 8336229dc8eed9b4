"""Addresses of the staff's side of tickets."""

from django.urls import path

from desk.tickets import canned, inbox, many, products, report, settings, views

urlpatterns = [
    path("tickets/", inbox.tickets, name="tickets"),
    path("tickets/many/", many.tickets_many, name="tickets_many"),
    path("tickets/report/", report.tickets_report, name="tickets_report"),
    path("tickets/report/export.<str:form>", report.tickets_report_file, name="tickets_report_file"),
    path("tickets/report/weeks.<str:form>", report.tickets_report_weeks, name="tickets_report_weeks"),
    path("tickets/report/complaints.<str:form>", report.tickets_report_complaints, name="tickets_report_complaints"),
    path("tickets/products/", products.ticket_products, name="ticket_products"),
    path("tickets/new/", views.ticket_new, name="ticket_new"),
    path("tickets/settings/", settings.ticket_settings, name="ticket_settings"),
    path("tickets/canned/", canned.canned, name="ticket_canned"),
    path("tickets/canned/new/", canned.canned_new, name="ticket_canned_new"),
    path("tickets/canned/<int:canned_id>/", canned.canned_one, name="ticket_canned_one"),
    path("tickets/canned/<int:canned_id>/delete/", canned.canned_delete, name="ticket_canned_delete"),
    path("tickets/<int:ticket_id>/", views.ticket, name="ticket"),
    path("tickets/<int:ticket_id>/thread/", views.ticket_thread, name="ticket_thread"),
    path("tickets/<int:ticket_id>/act/", views.ticket_act, name="ticket_act"),
    path("tickets/files/<int:attachment_id>/", views.ticket_file, name="ticket_file"),
]
