"""Django finds the records of the admin here."""

from desk.manager.records import catalogue, club, ledger, members, messages, programme, purchases, staff, tiers  # noqa: F401
