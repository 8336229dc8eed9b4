"""Addresses of login and logout."""

from django.urls import path

from accounts import account, languages, second_step, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.otp_request, name="member_login"),
    path("login/code/", views.otp_verify, name="member_code"),
    path("staff/login/", views.staff_login, name="login"),
    path("staff/password/", views.password_change, name="password"),
    path("staff/account/", account.account, name="account"),
    path("staff/account/sessions/end/", account.end_all_others, name="end_sessions"),
    path("staff/account/sessions/<int:session_id>/end/", account.end_one_session, name="end_session"),
    path("staff/login/code/", second_step.second_step, name="second_step"),
    path("staff/two-factor/", second_step.set_up, name="two_factor"),
    path("staff/two-factor/off/", second_step.turn_off, name="two_factor_off"),
    path("staff/link/<str:token>/", views.staff_link, name="link"),
    path("language/", languages.switch, name="language"),
    path("logout/", views.log_out, name="logout"),
]
