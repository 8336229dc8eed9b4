"""Django's migrate, run as the owner of the tables: the application's role may not change the schema."""

from contextlib import nullcontext
from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from core.fresh_schema import models_fitted_in


class Command(DjangoMigrate):
    help = DjangoMigrate.help

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with connection.as_owner():  # type: ignore[attr-defined]
            is_empty = not MigrationRecorder(connection).has_table()
            with models_fitted_in() if is_empty else nullcontext():
                super().handle(*args, **options)
