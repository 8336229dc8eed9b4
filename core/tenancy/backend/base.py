"""A PostgreSQL backend that keeps clubs apart: composite foreign keys, policies, the club set with each statement.

Models, migrations and the admin stay stock: a model is a club's when it has a foreign key named `club`.
Needs DISABLE_SERVER_SIDE_CURSORS. `DATABASES["default"]["OWNER"]` names the role that migrates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.backends.postgresql import base, creation, schema
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INERROR
from psycopg2.extensions import cursor as Psycopg2Cursor  # noqa: N812 - a class, whatever its name

from core.tenancy.scope import NOBODY, Scope, active_scope

POLICY_RULE = "club_id = current_setting('app.club_id')::bigint"


def belongs_to_club(model: Any) -> bool:
    """Whether rows of this model belong to one club."""
    return any(field.name == "club" and field.is_relation for field in model._meta.local_fields)


class SchemaEditor(schema.DatabaseSchemaEditor):
    """Gives tenant tables their unique (club_id, id), their policies and their composite foreign keys."""

    sql_create_column_inline_fk = None  # add_field takes the same road as create_model

    def create_model(self, model: Any) -> None:
        super().create_model(model)
        if belongs_to_club(model):
            self._raise_walls(model)

    def add_field(self, model: Any, field: Any) -> None:
        super().add_field(model, field)
        if field.name == "club":  # a migration that had to split the model from its foreign keys
            self._raise_walls(model)

    def _raise_walls(self, model: Any) -> None:
        table = self.quote_name(model._meta.db_table)
        pk = self.quote_name(model._meta.pk.column)
        self.execute(f"ALTER TABLE {table} ADD UNIQUE (club_id, {pk})")
        self.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # No second argument to current_setting: without a club this is an error, not an empty answer.
        self.execute(f"CREATE POLICY one_club ON {table} TO club_app USING ({POLICY_RULE}) WITH CHECK ({POLICY_RULE})")
        self.execute(f"CREATE POLICY all_clubs ON {table} FOR SELECT TO club_system USING (true)")

    def _create_fk_sql(self, model: Any, field: Any, suffix: str) -> Statement:
        target = field.target_field.model
        if field.name == "club" or not (belongs_to_club(model) and belongs_to_club(target)):
            return super()._create_fk_sql(model, field, suffix)
        table, to_table = model._meta.db_table, target._meta.db_table
        return Statement(
            self.sql_create_fk,
            table=Table(table, self.quote_name),
            name=self._fk_constraint_name(model, field, suffix),
            column=Columns(table, ["club_id", field.column], self.quote_name),
            to_table=Table(to_table, self.quote_name),
            to_column=Columns(to_table, ["club_id", field.target_field.column], self.quote_name),
            deferrable=self.connection.ops.deferrable_sql(),
        )


class ClubCursor(Psycopg2Cursor):
    """Says which club it is in the message of the statement, so it costs no round trip and outlives no transaction."""

    wrapper: "DatabaseWrapper"

    def execute(self, query: Any, params: Any = None) -> None:
        return super().execute(self.wrapper.club_prefix() + self._text(query), params)

    def executemany(self, query: Any, params_list: Any) -> None:
        prefix = self.wrapper.club_prefix()
        if prefix:
            super().execute(prefix)
        return super().executemany(query, params_list)

    def _text(self, query: Any) -> str:
        return query if isinstance(query, str) else query.as_string(self.connection)


class DatabaseCreation(creation.DatabaseCreation):
    """Test databases are made, filled with the schema and dropped by the owner."""

    def create_test_db(self, *args: Any, **kwargs: Any) -> str:
        with self.connection.as_owner():
            return super().create_test_db(*args, **kwargs)

    def destroy_test_db(self, *args: Any, **kwargs: Any) -> None:
        with self.connection.as_owner():
            super().destroy_test_db(*args, **kwargs)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL connection that knows the club in scope and can become the owner."""

    SchemaEditorClass = SchemaEditor
    creation_class = DatabaseCreation
    _said: Scope | None = None
    is_owner = False

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        if self.is_owner:
            owner = self.settings_dict["OWNER"]
            params.update(user=owner["USER"], password=owner["PASSWORD"], host=owner["HOST"])
            if owner["PORT"]:
                params["port"] = owner["PORT"]
            params = {key: value for key, value in params.items() if value}
        return params

    @contextmanager
    def as_owner(self) -> Iterator[None]:
        """Connect as the owner inside the block, for migrations and test databases."""
        if self.is_owner:
            yield
            return
        self.close()
        self.is_owner = True
        try:
            yield
        finally:
            self.close()
            self.is_owner = False

    @contextmanager
    def _nodb_cursor(self) -> Iterator[Any]:
        with self.__class__({**self.settings_dict, "NAME": "postgres"}, alias="__no_db__").cursor_as(
            self.is_owner
        ) as cursor:
            yield cursor

    @contextmanager
    def cursor_as(self, owner: bool) -> Iterator[Any]:
        """A cursor of this connection as owner or application, closed with the connection afterwards."""
        self.is_owner = owner
        try:
            with self.cursor() as cursor:
                yield cursor
        finally:
            self.close()

    def create_cursor(self, name: str | None = None) -> Any:
        if name:
            raise NotImplementedError("server-side cursors would run without a club: set DISABLE_SERVER_SIDE_CURSORS")
        if self.is_owner:
            return super().create_cursor()
        cursor = self.connection.cursor(cursor_factory=ClubCursor)
        cursor.tzinfo_factory = self.tzinfo_factory if settings.USE_TZ else None
        cursor.wrapper = self
        return cursor

    def club_prefix(self) -> str:
        """What to say before the next statement: at the start of a transaction, outside one, when the scope changed."""
        status = self.connection.get_transaction_status()
        if status == TRANSACTION_STATUS_INERROR:
            return ""
        scope = active_scope()
        if status == TRANSACTION_STATUS_IDLE:
            self._said = None
        if scope == self._said:
            return ""
        said, self._said = self._said, None if self.connection.autocommit else scope
        if scope == NOBODY and said is None:
            # A fresh transaction has no club by itself: the setting was local to the one before.
            return ""
        club = "" if scope.club_id is None else int(scope.club_id)
        role = "club_system" if scope.all_clubs else "none"
        if said is not None or scope.all_clubs:
            return f"SELECT set_config('app.club_id', '{club}', true), set_config('role', '{role}', true);"
        return f"SELECT set_config('app.club_id', '{club}', true);"

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        self._said = Scope(-1)  # equals no scope: what was set inside the savepoint is undone, so say it again
