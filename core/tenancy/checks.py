"""System checks that refuse a way around the walls between clubs."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, models

from core.tenancy.backend.base import belongs_to_club
from core.tenancy.models import AppendOnly, ClubModel

# Rows that belong to the installation, not to a club.
GLOBAL_MODELS = {
    "core.Club",
    "core.ClubHost",
    "accounts.User",
    "accounts.LoginAttempt",
    "auth.Permission",
    "auth.Group",
    "contenttypes.ContentType",
    "sessions.Session",
    "admin.LogEntry",
}


def own_models() -> list[type[models.Model]]:
    """Every model with a table, those of libraries too."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


@register(Tags.models)
def check_models(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Every business model has its club, first in every index and in every unique key."""
    return [message for model in own_models() for message in model_faults(model)]


def model_faults(model: type[models.Model]) -> Iterator[CheckMessage]:
    """What is wrong with one model, by the rules of the first wall."""
    meta = model._meta
    if meta.auto_created:
        owner: Any = meta.auto_created
        if owner._meta.label not in GLOBAL_MODELS:
            yield Error(f"{meta.label} is an automatic many-to-many table: it has no club", id="club.E004", obj=model)
        return
    if meta.label in GLOBAL_MODELS:
        return
    if not belongs_to_club(model) or not issubclass(model, ClubModel):
        yield Error(
            f"{meta.label} has no club: derive it from ClubModel or list it as global", id="club.E001", obj=model
        )
        return
    yield from _key_faults(model)


def _key_faults(model: type[models.Model]) -> Iterator[CheckMessage]:
    meta = model._meta
    fields: list[Any] = meta.local_fields
    for field in fields:
        if field.unique and not field.primary_key:
            yield Error(f"{meta.label}.{field.name} is unique across clubs", id="club.E002", obj=model)
        if field.db_index and field.name != "club" and not field.primary_key:
            yield Error(
                f"{meta.label}.{field.name}: db_index makes an index without the club", id="club.E003", obj=model
            )
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and "club" not in constraint.fields:
            yield Error(f"{meta.label}: {constraint.name} lacks the club", id="club.E002", obj=model)
    for index in meta.indexes:
        if _columns(index)[:1] != ["club"]:
            yield Error(f"{meta.label}: index {index.name} does not begin with the club", id="club.E003", obj=model)


def _columns(index: models.Index) -> list[str]:
    """The fields of an index in order; "" for an expression that is no bare field."""
    if index.fields:
        return [name.lstrip("-") for name in index.fields]
    bare = [getattr(expression, "expression", expression) for expression in index.expressions]  # without its direction
    return [getattr(field, "name", "") for field in bare]


@register(Tags.database)
def check_database(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The tables as PostgreSQL has them: policies, composite foreign keys, unique keys; and the role at work there."""
    return [fault for alias in databases or [] for fault in database_faults(connections[alias])]


def database_faults(connection: Any) -> Iterator[CheckMessage]:
    """What is wrong in the database with the second wall."""
    tables = {model._meta.db_table for model in own_models() if belongs_to_club(model)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relrowsecurity FROM pg_class WHERE relkind IN ('r', 'p') AND relname = ANY(%s)",
            [list(tables)],
        )
        secured = dict(cursor.fetchall())
        cursor.execute("SELECT tablename, policyname FROM pg_policies")
        policies = set(cursor.fetchall())
        for table in sorted(secured):
            if not secured[table] or (table, "one_club") not in policies:
                yield Error(f"table {table} lacks the row-level policy", id="club.E010")
        cursor.execute(FOREIGN_KEYS_WITHOUT_CLUB, [list(secured), list(secured)])
        for name, table in cursor.fetchall():
            yield Error(f"foreign key {name} of {table} is not composite with the club", id="club.E011")
        cursor.execute(KEYS_WITHOUT_CLUB, [list(secured)])
        for name, table in cursor.fetchall():
            yield Error(f"unique key or index {name} of {table} does not begin with the club", id="club.E012")
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled <> 'D'"
        )
        kept = {table for (table,) in cursor.fetchall()}
        written_once = {model._meta.db_table for model in own_models() if issubclass(model, AppendOnly)}
        for table in sorted(written_once & secured.keys() - kept):
            yield Error(f"rows of {table} may be changed: its migration needs MakeAppendOnly", id="club.E014")
    if not connection.is_owner:
        yield from role_faults(connection)


def role_faults(connection: Any) -> Iterator[CheckMessage]:
    """Whether the role in use could walk around the policies."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE_MAY_BYPASS)
        role, superuser, bypass, owner = cursor.fetchone()
    if superuser or bypass or owner:
        why = "a superuser" if superuser else "BYPASSRLS" if bypass else "the owner of tables"
        yield Error(f"DATABASE_URL's role {role} is {why}: row-level security would not hold it", id="club.E013")


def refuse_unsafe_role() -> None:
    """Stop the start of a server whose database role may bypass the walls."""
    faults = list(role_faults(connections["default"]))
    connections["default"].close()
    if faults:
        raise ImproperlyConfigured(str(faults[0].msg))


FOREIGN_KEYS_WITHOUT_CLUB = """
SELECT c.conname, t.relname FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
WHERE c.contype = 'f' AND t.relname = ANY(%s) AND f.relname = ANY(%s)
  AND NOT EXISTS (SELECT 1 FROM pg_attribute a
                  WHERE a.attrelid = t.oid AND a.attname = 'club_id' AND a.attnum = ANY(c.conkey))
"""
KEYS_WITHOUT_CLUB = """
SELECT i.relname, t.relname FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'club_id'
WHERE t.relname = ANY(%s) AND NOT x.indisprimary AND x.indkey[0] <> a.attnum
"""
ROLE_MAY_BYPASS = """
SELECT r.rolname, r.rolsuper, r.rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_has_role(r.oid, c.relowner, 'USAGE'))
FROM pg_roles r WHERE r.rolname = current_user
"""
