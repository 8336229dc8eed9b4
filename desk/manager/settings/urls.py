"""Addresses of the settings."""

from django.urls import path

from desk.manager.settings import index, programme

urlpatterns = [
    path("settings/", index.settings, name="settings"),
    path("settings/programme/", programme.programme, name="settings_programme"),
    path("settings/programme/example/", programme.programme_example, name="settings_programme_example"),
    path("settings/programme/versions/", programme.programme_versions, name="settings_programme_versions"),
    path(
        "settings/programme/versions/<int:version_id>/withdraw/",
        programme.programme_withdraw,
        name="settings_programme_withdraw",
    ),
]
