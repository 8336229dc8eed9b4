"""Addresses of the member's pages."""

from django.urls import path

from accounts.views import otp_request
from portal import (
    card,
    files,
    gift_cards,
    joining,
    mail,
    missions,
    notices,
    offers,
    phone,
    profile,
    rewards,
    rules,
    views,
    vouchers,
)

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", otp_request, name="login"),
    path("join/", joining.join, name="join"),
    path("join/details/", joining.details, name="join_details"),
    path("join/wait/", joining.wait, name="join_wait"),
    path("rules/", rules.rules, name="rules"),
    path("rules/accept/", rules.accept, name="rules_accept"),
    path("rules/<int:number>/", rules.version, name="rules_version"),
    path("offers/", offers.offers, name="offers"),
    path("rewards/", rewards.reward_list, name="rewards"),
    path("rewards/<int:reward_id>/", rewards.reward, name="reward"),
    path("rewards/vouchers/<int:redemption_id>/", vouchers.voucher, name="voucher"),
    path("rewards/vouchers/<int:redemption_id>/cancel/", vouchers.cancel, name="voucher_cancel"),
    path("gift-cards/", gift_cards.gift_cards, name="gift_cards"),
    path("missions/", missions.missions, name="missions"),
    path("mail/off/<str:token>/", mail.mail_off, name="mail_off"),
    path("notices/", notices.notices, name="notices"),
    path("ledger/", views.ledger, name="ledger"),
    path("ledger.<str:form>", files.ledger_file, name="ledger_file"),
    path("purchases.<str:form>", files.purchases_file, name="purchases_file"),
    path("purchases/", views.purchases, name="purchases"),
    path("purchases/<int:purchase_id>/", views.invoice, name="invoice"),
    path("card/", card.card, name="card"),
    path("card/code/", card.code, name="card_code"),
    path("card/lost/", card.lost, name="card_lost"),
    path("card/new/", card.renew, name="card_new"),
    path("profile/", profile.profile, name="profile"),
    path("profile/edit/", profile.edit, name="profile_edit"),
    path("profile/changes/", profile.changes, name="changes"),
    path("profile/changes/export.<str:form>", profile.changes_file, name="changes_file"),
    path("profile/consent/", profile.consent, name="consent"),
    path("profile/language/", profile.language, name="language"),
    path("profile/phone/", phone.new_phone, name="phone"),
    path("profile/phone/code/", phone.prove_phone, name="phone_code"),
]
