"""Seals every stored secret anew, with the newest of FIELD_KEYS."""

from typing import Any

from django.core.management.base import CommandError

from core.commands import ClubCommand
from core.services import rotate_secrets


class Command(ClubCommand):
    help = "Seals every stored secret with the first of FIELD_KEYS; afterwards the others can go. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        sealed, unreadable = rotate_secrets()
        self.stdout.write(f"{sealed} secrets are sealed with the newest key")
        if unreadable:
            raise CommandError("No key in FIELD_KEYS opens these: " + ", ".join(unreadable))
