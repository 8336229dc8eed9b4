"""Addresses of login and logout."""

from django.urls import path

from accounts import account, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.otp_request, name="member_login"),
    path("login/code/", views.otp_verify, name="member_code"),
    path("staff/login/", views.staff_login, name="login"),
    path("staff/password/", views.password_change, name="password"),
    path("staff/account/", account.account, name="account"),
    path("staff/account/sessions/end/", account.end_all_others, name="end_sessions"),
    path("staff/account/sessions/<int:session_id>/end/", account.end_one_session, name="end_session"),
    path("staff/link/<str:token>/", views.staff_link, name="link"),
    path("logout/", views.log_out, name="logout"),
]
