"""Addresses of login and logout."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.otp_request, name="member_login"),
    path("login/code/", views.otp_verify, name="member_code"),
    path("staff/login/", views.staff_login, name="login"),
    path("staff/password/", views.password_change, name="password"),
    path("logout/", views.log_out, name="logout"),
]
