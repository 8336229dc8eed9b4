"""Addresses of the staff pages: each panel brings its own."""

from django.urls import path

from desk.agent.urls import urlpatterns as agent
from desk.audit.urls import urlpatterns as audit
from desk.cashier.urls import urlpatterns as cashier
from desk.gift_cards.urls import urlpatterns as gift_cards
from desk.manager.urls import urlpatterns as manager
from desk.members.urls import urlpatterns as members
from desk.notices.urls import urlpatterns as notices
from desk.tickets.urls import urlpatterns as tickets
from desk.views import home

app_name = "desk"
urlpatterns = [
    path("", home, name="home"),
    *cashier,
    *gift_cards,
    *members,
    *manager,
    *notices,
    *audit,
    *agent,
    *tickets,
]
