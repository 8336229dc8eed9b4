"""Django finds the records of the admin here."""

from desk.manager.records import (  # noqa: F401
    agents,
    campaigns,
    catalogue,
    club,
    gift_cards,
    leads,
    ledger,
    mails,
    members,
    messages,
    missions,
    offers,
    programme,
    purchases,
    referrals,
    rewards,
    staff,
    tickets,
    tiers,
)
