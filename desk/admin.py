"""Django finds the records of the admin here."""

from desk.manager.records import (  # noqa: F401
    campaigns,
    catalogue,
    club,
    gift_cards,
    ledger,
    mails,
    members,
    messages,
    missions,
    offers,
    programme,
    purchases,
    rewards,
    staff,
    tiers,
)
