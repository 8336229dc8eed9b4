"""Makes a key to the API of one club."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import ApiKey
from accounts.services import create_api_key
from core.commands import ClubCommand, club_named
from core.errors import ValidationFailed
from core.tenancy.scope import club_scope


class Command(ClubCommand):
    help = "Makes an API key and prints it, this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--club", required=True, metavar="SLUG")
        parser.add_argument("--name", required=True, help="what it is for")
        parser.add_argument("--scope", required=True, choices=ApiKey.Scope.values)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with club_scope(club_named(options["club"])):
                _key, raw = create_api_key(name=options["name"], scope=options["scope"], actor="system")
        except ValidationFailed as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stderr.write("Keep this key; it is not shown again.")
        self.stdout.write(raw)
