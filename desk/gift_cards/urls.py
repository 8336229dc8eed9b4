"""Addresses of gift cards."""

from django.urls import path

from desk.gift_cards import card, issuing, listing, selling

urlpatterns = [
    path("gift-cards/", listing.gift_cards, name="gift_cards"),
    path("gift-cards/export.<str:form>", listing.gift_cards_file, name="gift_cards_file"),
    path("gift-cards/sell/", selling.sell, name="gift_card_sell"),
    path("gift-cards/issue/", issuing.issue, name="gift_card_issue"),
    path("gift-cards/<int:gift_card_id>/", card.gift_card, name="gift_card"),
    path("gift-cards/<int:gift_card_id>/print/", card.card_print, name="gift_card_print"),
    path("gift-cards/batches/<int:batch_id>/", issuing.batch, name="gift_card_batch"),
    path("gift-cards/batches/<int:batch_id>/print/", issuing.batch_print, name="gift_card_batch_print"),
    path("gift-cards/batches/<int:batch_id>/export.<str:form>", issuing.batch_file, name="gift_card_batch_file"),
]
