"""Addresses of the settings."""

from django.urls import path

from desk.manager.settings import account, catalogue, fields, index, look, messages, programme, tiers

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
    # A code is the club's own and may hold a slash, so the address that ends with it comes last.
    path("settings/tiers/of/<path:code>/forecast/", tiers.tier_forecast, name="settings_tier_forecast"),
    path("settings/tiers/of/<path:code>/move/", tiers.tier_move, name="settings_tier_move"),
    path("settings/tiers/of/<path:code>/delete/", tiers.tier_delete, name="settings_tier_delete"),
    path("settings/tiers/of/<path:code>/", tiers.tier, name="settings_tier"),
    path("settings/messages/", messages.kinds, name="settings_messages"),
    path("settings/messages/of/<slug:kind>/", messages.words, name="settings_message"),
    path("settings/messages/of/<slug:kind>/preview/", messages.words_preview, name="settings_message_preview"),
    path("settings/messages/of/<slug:kind>/switch/", messages.words_switch, name="settings_message_switch"),
    path("settings/messages/of/<slug:kind>/default/", messages.words_default, name="settings_message_default"),
    path("settings/messages/account/", account.sms_account, name="settings_sms_account"),
    path("settings/messages/balance/", account.sms_balance, name="settings_sms_balance"),
    path("settings/messages/test/", account.sms_test, name="settings_sms_test"),
    path("settings/messages/test/<int:message_id>/", account.sms_tested, name="settings_sms_tested"),
    path("settings/look/", look.look, name="settings_look"),
    path("settings/look/preview/", look.look_preview, name="settings_look_preview"),
    path("settings/look/<slug:colour>.css", look.look_css, name="settings_look_css"),
    path("settings/look/logo/", look.logo, name="settings_logo"),
    path("settings/contact/", look.contact, name="settings_contact"),
    path("settings/fields/", fields.own_fields, name="settings_fields"),
    path("settings/fields/new/", fields.own_field_new, name="settings_field_new"),
    path("settings/fields/<int:field_id>/", fields.own_field, name="settings_field"),
    path("settings/fields/<int:field_id>/move/", fields.own_field_move, name="settings_field_move"),
    path("settings/fields/<int:field_id>/use/", fields.own_field_use, name="settings_field_use"),
    path("settings/groups/", catalogue.shelf, {"kind": "group"}, name="settings_groups"),
    path("settings/groups/new/", catalogue.new, {"kind": "group"}, name="settings_group_new"),
    path("settings/groups/of/<path:code>/", catalogue.one, {"kind": "group"}, name="settings_group"),
    path("settings/products/", catalogue.shelf, {"kind": "product"}, name="settings_products"),
    path("settings/products/new/", catalogue.new, {"kind": "product"}, name="settings_product_new"),
    path("settings/products/of/<path:code>/", catalogue.one, {"kind": "product"}, name="settings_product"),
    path("settings/branches/", catalogue.shelf, {"kind": "branch"}, name="settings_branches"),
    path("settings/branches/new/", catalogue.new, {"kind": "branch"}, name="settings_branch_new"),
    path("settings/branches/of/<path:code>/", catalogue.one, {"kind": "branch"}, name="settings_branch"),
]
