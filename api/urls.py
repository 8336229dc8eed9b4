"""Addresses below /api/v1/."""

from django.urls import path

from api.schema import Document
from api.views import catalogue, coupons, events, gift_cards, leads, members, offers, purchases, rewards, settings

# A code is the club's own and may hold a slash, so it takes the rest of the path.
urlpatterns = [
    path("schema", Document.as_view(), name="api-schema"),
    path("members", members.Members.as_view()),
    path("members/<int:member_id>", members.Member.as_view()),
    path("members/<int:member_id>/ledger", members.MemberLedger.as_view()),
    path("members/<int:member_id>/adjustments", members.MemberAdjustments.as_view()),
    path("members/<int:member_id>/merge", members.MemberMerge.as_view()),
    path("members/<int:member_id>/purchases", members.MemberPurchases.as_view()),
    path("members/<int:member_id>/offers", offers.MemberOffers.as_view()),
    path("purchases", purchases.Purchases.as_view()),
    path("purchases/preview", purchases.PurchasePreview.as_view()),
    path("purchases/<int:purchase_id>", purchases.Purchase.as_view()),
    path("purchases/<int:purchase_id>/refunds", purchases.Refunds.as_view()),
    path("purchases/<int:purchase_id>/refunds/preview", purchases.RefundPreview.as_view()),
    path("programme", settings.Programme.as_view()),
    path("tiers", settings.Tiers.as_view()),
    path("tiers/<path:code>", settings.Tier.as_view()),
    path("offers", offers.Offers.as_view()),
    path("offers/backtest", offers.BackTestOffer.as_view()),
    path("offers/check", offers.CheckOffer.as_view()),
    path("offers/<int:offer_id>", offers.Offer.as_view()),
    path("offers/<int:offer_id>/publish", offers.PublishOffer.as_view()),
    path("offers/<int:offer_id>/pause", offers.PauseOffer.as_view()),
    path("offers/<int:offer_id>/end", offers.EndOffer.as_view()),
    path("offers/<int:offer_id>/effect", offers.OfferEffect.as_view()),
    path("coupons", coupons.Coupons.as_view()),
    path("coupons/validate", coupons.ValidateCoupon.as_view()),
    path("rewards", rewards.Rewards.as_view()),
    path("redemptions", rewards.Redemptions.as_view()),
    path("redemptions/<int:redemption_id>/use", rewards.UseRedemption.as_view()),
    path("redemptions/<int:redemption_id>/cancel", rewards.CancelRedemption.as_view()),
    path("events", events.Events.as_view()),
    path("gift_cards", gift_cards.GiftCards.as_view()),
    path("gift_cards/<str:code>/block", gift_cards.BlockGiftCard.as_view()),
    path("leads", leads.Leads.as_view()),
    path("leads/<int:lead_id>", leads.OneLead.as_view()),
    path("leads/<int:lead_id>/convert", leads.ConvertLead.as_view()),
    path("products", catalogue.Products.as_view()),
    path("products/<path:code>", catalogue.OneProduct.as_view()),
    path("groups", catalogue.Groups.as_view()),
    path("groups/<path:code>", catalogue.OneGroup.as_view()),
    path("branches", catalogue.Branches.as_view()),
    path("branches/<path:code>", catalogue.OneBranch.as_view()),
]
