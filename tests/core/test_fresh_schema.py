"""An empty database is filled by the statements by which one with tables would be."""

from contextlib import nullcontext

import pytest
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from core.fresh_schema import models_fitted_in


def club() -> ModelState:
    return ModelState("x", "Club", [("id", models.BigAutoField(primary_key=True))])


def row(name: str, **more: models.Field) -> ModelState:
    fields = {"id": models.BigAutoField(primary_key=True), "club": models.ForeignKey("x.Club", models.PROTECT), **more}
    return ModelState("x", name, list(fields.items()))


def changed() -> ProjectState:
    """A state whose models are made already, changed in the ways that are quicker where nothing is there yet."""
    state = ProjectState()
    assert list(state.apps.get_models()) == []
    state.add_model(club())
    state.add_model(row("Wallet", points=models.IntegerField()))
    state.add_model(row("Lot", wallet=models.ForeignKey("x.Wallet", models.CASCADE, related_name="lots")))
    state.add_index("x", "wallet", models.Index(fields=["club", "points"], name="gone"))
    state.add_index("x", "wallet", models.Index(fields=["club", "-points"], name="kept"))
    state.remove_index("x", "wallet", "gone")
    state.add_constraint("x", "lot", models.UniqueConstraint(fields=["club", "wallet"], name="once"))
    state.add_field("x", "lot", "left", models.IntegerField(), preserve_default=True)
    return state


def made(state: ProjectState) -> dict[str, tuple[object, ...]]:
    """What migrations can ask of each model."""
    return {
        model.__name__: (
            sorted(field.name for field in model._meta.get_fields()),
            sorted(str(relation.get_accessor_name()) for relation in model._meta.related_objects),
            model._meta.indexes,
            model._meta.constraints,
        )
        for model in state.apps.get_models()
    }


def strangers(state: ProjectState) -> list[models.Field]:
    """Fields that lead to a model of another registry, or to one that was made anew since."""
    known = list(state.apps.get_models())
    return [field for model in known for field in model._meta.fields if field.related_model not in (None, *known)]


@pytest.mark.parametrize("asked_before", [False, True])
def test_models_that_are_fitted_in_are_those_that_django_makes(asked_before: bool) -> None:
    found = []
    for way in (models_fitted_in, nullcontext):
        with way():
            state = changed()
            if asked_before:
                assert state.relations
                state.add_model(row("Gift"))
            found.append((made(state), state.models))
            assert strangers(state) == []

    quick, stock = found
    assert quick == stock
    assert quick[0]["Club"][1] == (["gift_set"] if asked_before else []) + ["lot_set", "wallet_set"]
