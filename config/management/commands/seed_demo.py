"""Fills two demo clubs, so that a newcomer has something to look at."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from config.demo.building import open_demo
from config.demo.cast import CLUBS, logins
from core.commands import ClubCommand


class Command(ClubCommand):
    help = "Builds two demo clubs and 120 days of their history. Safe to repeat and to interrupt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="only print the addresses and logins; touch nothing")
        parser.add_argument(
            "--base-url", default=settings.PUBLIC_URL or f"http://{settings.BASE_DOMAIN}:8000", metavar="URL"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self.stdout.write(logins(options["base_url"]))
            return
        if settings.HTTPS_ONLY:
            raise CommandError("the demo's passwords are public: not on an installation that others reach (HTTPS_ONLY)")
        demos = []
        for plan in CLUBS:  # both can be logged into before the history of the first is written
            demo = open_demo(plan, self._tell)
            if demo is None:
                self._tell(f"{plan.slug}: there is such a club that is no demo; it is left alone")
            else:
                demos.append(demo)
        for demo in demos:
            if not demo.fill() and options["verbosity"]:  # at 0 only what is done is told, not what was there
                self._tell(f"{demo.plan.slug}: filled already")

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
