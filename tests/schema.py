"""The schema of test databases, written down when the migrations make it first: they take longer than most test files.

What stands in pytest's cache is made anew as soon as a migration changes, or what migrations are made of.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import psycopg2
from django.apps import apps
from django.db import connection

from config.embedded import PROJECT

MADE_OF = ("core/tenancy/**/*.py", "core/secrets.py", "core/fresh_schema.py", "tests/schema.py")
NOT_WRITTEN = ("SELECT", "SAVEPOINT", "RELEASE")


class Schema:
    """The statements by which an empty database becomes one to test in; `folder` is where they stand between runs."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"{digest()}.sql"
        self._said: list[str] = []
        self._is_whole = True

    def follow(self) -> None:
        """From here on a database that is made gets its schema from what stands written, or is listened to."""
        make = connection.creation._create_test_db

        def made(*args: Any, **options: Any) -> str:
            name: str = make(*args, **options)
            if self.file.exists():
                self._fill(name)
            else:
                connection.execute_wrappers.append(self._listen)
            return name

        connection.creation._create_test_db = made

    def keep(self) -> None:
        """The database is made: write down what was said, in place of what older migrations said."""
        if self._listen not in connection.execute_wrappers:
            return
        connection.execute_wrappers.remove(self._listen)
        if self._is_whole:
            for old in {*self.file.parent.glob("*.sql")} - {self.file}:
                old.unlink(missing_ok=True)
            draft = self.file.with_suffix(f".{connection.settings_dict['NAME']}")  # each worker has one of its own
            draft.write_text(";\n".join(self._said), encoding="utf-8")
            draft.rename(self.file)

    def _fill(self, name: str) -> None:
        params = {**connection.get_connection_params(), "dbname": name}
        with psycopg2.connect(**params) as database, database.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(self.file.read_text(encoding="utf-8"))
        database.close()

    def _listen(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        for one in params if many else [params]:
            said = context["cursor"].cursor.mogrify(sql, one).decode().strip().rstrip(";")
            self._is_whole = self._is_whole and not said.startswith("ROLLBACK")
            if not said.startswith(NOT_WRITTEN):
                self._said.append(said)
        return answer


def digest() -> str:
    """Of the migrations, and of all that they are made of."""
    files = [file for pattern in MADE_OF for file in PROJECT.glob(pattern)]
    for app in apps.get_app_configs():
        files += Path(app.path).glob("migrations/*.py")
    found = hashlib.sha256(django.__version__.encode())
    for file in sorted(files):
        found.update(f"\0{file}\0".encode() + file.read_bytes())
    return found.hexdigest()[:16]
