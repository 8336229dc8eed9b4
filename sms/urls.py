from django.urls import path

from sms import views

app_name = "sms"
urlpatterns = [
    path("callback/<str:secret>/status", views.status, name="status_callback"),
    path("callback/<str:secret>/inbound", views.inbound, name="inbound_callback"),
]
