"""The three database roles and the club's database, made on any PostgreSQL by somebody who may make roles.

`club_owner` owns the tables and migrates, `club_app` does all else inside the policies, `club_system` is the role that
`cross_club` steps into. See "Tenancy: two walls" in docs/architecture.md. No Django here: it runs before settings load.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import psycopg2
from psycopg2 import extensions, sql

OWNER, APP, SYSTEM = "club_owner", "club_app", "club_system"
# A lock not had in 3 s is a queue the till must hear of, a statement of 10 s a mistake. What needs longer says so.
APP_SETTINGS = {"lock_timeout": "3s", "statement_timeout": "10s"}


class WrongRole(Exception):
    """A URL names a role that is not the one the application is built for."""


@dataclass(frozen=True)
class Login:
    """What a database URL says about who connects, and where to."""

    user: str
    password: str
    database: str

    @classmethod
    def of(cls, url: str) -> "Login":
        parts = urlsplit(url)
        return cls(unquote(parts.username or ""), unquote(parts.password or ""), unquote(parts.path.lstrip("/")))


def prepare_database(superuser_url: str, *, app: Login, owner: Login) -> None:
    """Make the roles and the database where they are missing, and set their rights and time limits either way.

    Safe to repeat. Passwords are set when the logins have one and left alone otherwise. Raises WrongRole when the
    logins are not club_app and club_owner, or name two databases; then nothing has been written.
    """
    if (owner.user, app.user) != (OWNER, APP):
        raise WrongRole(f"the owner must be {OWNER} and the application {APP}, not {owner.user!r} and {app.user!r}")
    if not app.database or app.database != owner.database:
        raise WrongRole(f"both roles must name one database, not {app.database!r} and {owner.database!r}")
    connection = psycopg2.connect(libpq_url(superuser_url))
    try:
        with connection:
            _make_roles(connection, app=app, owner=owner)
        connection.autocommit = True  # CREATE DATABASE refuses to run in a transaction
        _make_database(connection, app.database)
    finally:
        connection.close()


def libpq_url(url: str) -> str:
    """The same URL as libpq reads it; it takes `postgres://` and insists that a socket folder is percent-encoded."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(parse_qsl(parts.query), quote_via=quote, safe="")))


def _make_roles(connection: extensions.connection, *, app: Login, owner: Login) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7261)")  # two starts at once would both find no role
        for name, rights in ((OWNER, "LOGIN CREATEDB"), (APP, "LOGIN"), (SYSTEM, "NOLOGIN")):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {} " + rights).format(sql.Identifier(name)))
        for login in (owner, app):
            if login.password:
                statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
                cursor.execute(statement.format(sql.Identifier(login.user), sql.Literal(login.password)))
        for setting, value in APP_SETTINGS.items():
            statement = sql.SQL("ALTER ROLE {} SET {} = {}")
            cursor.execute(statement.format(sql.Identifier(APP), sql.Identifier(setting), sql.Literal(value)))
        # INHERIT FALSE: with it, the policy that lets club_system read every club would open them all to club_app.
        cursor.execute(f"GRANT {SYSTEM} TO {APP} WITH INHERIT FALSE, SET TRUE")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (False,):  # a hosted PostgreSQL: to give a database to a role one must be in it
            cursor.execute(f"GRANT {OWNER} TO CURRENT_USER WITH SET TRUE")


def _make_database(connection: extensions.connection, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            cursor.execute(statement.format(sql.Identifier(name), sql.Identifier(OWNER)))
