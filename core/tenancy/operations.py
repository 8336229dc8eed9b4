"""Migration operations of the house."""

from typing import Any

from django.db.migrations.operations.base import Operation

APPEND_ONLY_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
"""


class MakeAppendOnly(Operation):
    """Rows of the model are added and never changed: no right for the application's role, and a trigger for everybody.

    `but` names the columns that may still be written (an event's seq, given after commit).
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, but: tuple[str, ...] = ()) -> None:
        self.model_name = model_name
        self.but = but

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name], {"but": self.but} if self.but else {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models are as they were."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        meta = to_state.apps.get_model(app_label, self.model_name)._meta
        table = schema_editor.quote_name(meta.db_table)
        fixed = ", ".join(schema_editor.quote_name(f.column) for f in meta.local_fields if f.column not in self.but)
        schema_editor.execute(APPEND_ONLY_FUNCTION, params=None)
        schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM club_app")
        if self.but:
            columns = ", ".join(schema_editor.quote_name(column) for column in self.but)
            schema_editor.execute(f"GRANT UPDATE ({columns}) ON {table} TO club_app")
        schema_editor.execute(
            f"CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OF {fixed} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        schema_editor.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = schema_editor.quote_name(from_state.apps.get_model(app_label, self.model_name)._meta.db_table)
        schema_editor.execute(f"DROP TRIGGER append_only ON {table}")
        schema_editor.execute(f"DROP TRIGGER append_only_truncate ON {table}")
        schema_editor.execute(f"GRANT UPDATE, DELETE ON {table} TO club_app")

    def describe(self) -> str:
        return f"Make {self.model_name} append-only"


class GrantToApplication(Operation):
    """Default privileges of this database: what the owner makes, the application uses and the system role reads."""

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing changes in the models."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in (
            "GRANT USAGE ON SCHEMA public TO club_app, club_system",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO club_app",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO club_app",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO club_system",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO club_app",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO club_system",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO club_app",
        ):
            schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The rights go with the tables."""

    def describe(self) -> str:
        return "Grant the application's role its rights"
