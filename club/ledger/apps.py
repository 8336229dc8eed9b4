from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "club.ledger"
