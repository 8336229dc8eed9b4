"""Makes the roles and the database of DATABASE_URL and DATABASE_OWNER_URL on a PostgreSQL of one's own."""

import os
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.tenancy.roles import Login, WrongRole, prepare_database


class Command(BaseCommand):
    help = "Makes the roles club_owner, club_app and club_system, and their database. Safe to repeat."
    requires_system_checks = ()  # they look into the database that this command is about to make

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--superuser-url", required=True, help="postgres://… of somebody who may make roles")

    def handle(self, *args: Any, superuser_url: str, **options: Any) -> None:
        app, owner = Login.of(os.environ["DATABASE_URL"]), Login.of(os.environ["DATABASE_OWNER_URL"])
        try:
            prepare_database(superuser_url, app=app, owner=owner)
        except (WrongRole, psycopg2.Error) as error:
            raise CommandError(str(error).strip()) from error
        self.stdout.write(f"Ready: database {app.database}. Next: manage.py migrate")
