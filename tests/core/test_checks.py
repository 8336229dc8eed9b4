"""The system checks refuse every way around the walls between clubs."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import SystemCheckError
from django.db import connection, connections, models
from django.db.models.functions import Lower
from django.test.utils import isolate_apps

from core.commands import ClubCommand
from core.tenancy import checks
from core.tenancy.models import ClubModel


def faults(model: type[models.Model]) -> list[str | None]:
    return [message.id for message in checks.model_faults(model)]


@isolate_apps("core")
def test_a_business_model_without_a_club_is_refused() -> None:
    class Loose(models.Model):
        class Meta:
            app_label = "core"

    assert faults(Loose) == ["club.E001"]


@isolate_apps("core")
def test_a_unique_field_or_key_without_the_club_is_refused() -> None:
    class Keyed(ClubModel):
        code = models.CharField(max_length=9, unique=True)
        name = models.CharField(max_length=9)

        class Meta(ClubModel.Meta):
            app_label = "core"
            constraints = [models.UniqueConstraint(fields=["name"], name="x")]

    assert faults(Keyed) == ["club.E002", "club.E002"]


@isolate_apps("core")
def test_an_index_that_does_not_begin_with_the_club_is_refused() -> None:
    class Indexed(ClubModel):
        name = models.CharField(max_length=9, db_index=True)

        class Meta(ClubModel.Meta):
            app_label = "core"
            indexes = [
                models.Index(fields=["name", "club"], name="x"),
                models.Index(models.F("name").desc(nulls_last=True), models.F("club"), name="y"),
                models.Index(Lower("name"), name="z"),
            ]

    assert faults(Indexed) == ["club.E003"] * 4


@isolate_apps("core")
def test_an_index_that_begins_with_the_club_is_let_be() -> None:
    class Sorted(ClubModel):
        name = models.CharField(max_length=9)

        class Meta(ClubModel.Meta):
            app_label = "core"
            indexes = [
                models.Index(fields=["club", "-name"], name="x"),
                models.Index(models.F("club"), models.F("name").desc(nulls_last=True), name="y"),
            ]

    assert faults(Sorted) == []


@isolate_apps("core")
def test_an_automatic_many_to_many_table_is_refused() -> None:
    class Tag(ClubModel):
        class Meta(ClubModel.Meta):
            app_label = "core"

    class Tagged(ClubModel):
        tags = models.ManyToManyField(Tag)

        class Meta(ClubModel.Meta):
            app_label = "core"

    assert faults(Tagged.tags.through) == ["club.E004"]


@contextmanager
def owners_change(*statements: str, undo: list[str]) -> Iterator[None]:
    """Statements of the owner, committed, undone afterwards."""
    owner = connection.settings_dict["OWNER"]
    session = psycopg2.connect(
        dbname=connection.settings_dict["NAME"],
        user=owner["USER"],
        password=owner["PASSWORD"],
        host=owner["HOST"],
        port=owner["PORT"] or None,
    )
    session.autocommit = True
    try:
        with session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        yield
    finally:
        with session.cursor() as cursor:
            for statement in undo:
                cursor.execute(statement)
        session.close()


@pytest.mark.parametrize(
    ("change", "undo", "fault"),
    [
        (
            "ALTER TABLE core_eventcursor DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE core_eventcursor ENABLE ROW LEVEL SECURITY",
            "club.E010",
        ),
        (
            "ALTER TABLE ledger_lot ADD CONSTRAINT loose FOREIGN KEY (wallet_id) REFERENCES ledger_wallet (id)",
            "ALTER TABLE ledger_lot DROP CONSTRAINT loose",
            "club.E011",
        ),
        ("CREATE INDEX loose ON core_eventcursor (consumer)", "DROP INDEX loose", "club.E012"),
        (
            "ALTER TABLE members_consentchange DISABLE TRIGGER append_only",
            "ALTER TABLE members_consentchange ENABLE TRIGGER append_only",
            "club.E014",
        ),
    ],
)
def test_a_table_that_lost_its_wall_is_refused(real_commits: None, change: str, undo: str, fault: str) -> None:
    with owners_change(change, undo=[undo]):
        assert fault in [message.id for message in checks.check_database(["default"])]

    assert checks.check_database(["default"]) == []


def test_boot_refuses_a_role_that_may_bypass_the_policies(real_commits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = connections["default"].copy()
    owner.is_owner = True

    checks.refuse_unsafe_role()
    monkeypatch.setattr(checks, "connections", {"default": owner})
    with pytest.raises(ImproperlyConfigured, match="owner"):
        checks.refuse_unsafe_role()


def test_commands_on_the_rows_of_clubs_refuse_it_too(real_commits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("jobs", skip_checks=False, stdout=io.StringIO())

    monkeypatch.setattr(checks, "ROLE_MAY_BYPASS", "SELECT 'admin', true, false, false")
    with pytest.raises(SystemCheckError, match="E013"):
        call_command("jobs", skip_checks=False, stdout=io.StringIO())


def test_every_command_of_ours_is_such_a_one_or_touches_no_club() -> None:
    apart = {"migrate", "prepare_database", "kavenegar_emulator"}
    own = {app.name for app in apps.get_app_configs() if "site-packages" not in app.path}
    ours = {name: load_command_class(app, name) for name, app in get_commands().items() if app in own}

    assert apart < ours.keys()
    assert {name for name, command in ours.items() if not isinstance(command, ClubCommand)} == apart
