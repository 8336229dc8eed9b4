"""Addresses of the agent's panel."""

from django.urls import path

from desk.agent import leads, views

urlpatterns = [
    path("agent/", views.home, name="agent"),
    path("agent/leads/", leads.agent_leads, name="agent_leads"),
    path("agent/leads/new/", leads.agent_lead_new, name="agent_lead_new"),
    path("agent/leads/known/", leads.agent_lead_known, name="agent_lead_known"),
    path("agent/statement/", views.agent_statement, name="agent_statement"),
    path("agent/payouts/<int:payout_id>/", views.payout, name="agent_payout"),
    path("agent/profile/", views.profile, name="agent_profile"),
]
