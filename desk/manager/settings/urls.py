"""Addresses of the settings."""

from django.urls import path

from desk.manager.settings import index, programme, tiers

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
    path("settings/tiers/", tiers.ladder, name="settings_tiers"),
    path("settings/tiers/forecast/", tiers.ladder_forecast, name="settings_tiers_forecast"),
    path("settings/tiers/new/", tiers.tier_new, name="settings_tier_new"),
    path("settings/tiers/new/forecast/", tiers.tier_forecast, name="settings_tier_new_forecast"),
    path("settings/tiers/of/<str:code>/", tiers.tier, name="settings_tier"),
    path("settings/tiers/of/<str:code>/forecast/", tiers.tier_forecast, name="settings_tier_forecast"),
    path("settings/tiers/of/<str:code>/move/", tiers.tier_move, name="settings_tier_move"),
    path("settings/tiers/of/<str:code>/delete/", tiers.tier_delete, name="settings_tier_delete"),
]
