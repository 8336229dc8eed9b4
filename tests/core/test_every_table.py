"""Both walls, for every tenant table there is: a new table is under test the day it is made."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from core.models import Club
from core.tenancy.models import ClubModel
from core.tenancy.scope import NOBODY, ScopeMissing, _scope, cross_club

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, ClubModel)]
NO_RIGHT = "42501"


def refusal(sql: str, *values: object) -> str:
    """The code with which PostgreSQL refuses the statement."""
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(getattr(refused.value.__cause__, "pgcode", ""))


def test_there_are_tenant_tables() -> None:
    assert len(TENANT_MODELS) > 25


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_another_clubs_row_is_refused_by_the_policy(club: Club, other_club: Club, model: type[models.Model]) -> None:
    table = connection.ops.quote_name(model._meta.db_table)

    assert refusal(f"INSERT INTO {table} (club_id) VALUES (%s)", other_club.pk) == NO_RIGHT


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_without_a_scope_the_table_is_an_error_in_python_and_in_sql(club: Club, model: type[ClubModel]) -> None:
    table = connection.ops.quote_name(model._meta.db_table)
    with cross_club("to have a row that the policy must look at"):
        exists = model.objects.exists()
    token = _scope.set(NOBODY)
    try:
        with pytest.raises(ScopeMissing):
            model.objects.first()
        if exists:
            assert refusal(f"SELECT 1 FROM {table} LIMIT 1") in {"22P02", "42704"}
        assert refusal(f"INSERT INTO {table} (club_id) VALUES (%s)", club.pk) in {"22P02", "42704"}
    finally:
        _scope.reset(token)
