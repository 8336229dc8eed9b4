"""Foreign keys keep the order of the packages, those named by a string too."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps

from core import layers
from core.tenancy.models import ClubModel

PROJECT = Path(__file__).resolve().parents[2]


def model(name: str, package: str, **fields: Any) -> type[models.Model]:
    """A model as if it were written in the package."""
    meta = type("Meta", (ClubModel.Meta,), {"app_label": "core"})
    return type(name, (ClubModel,), {"__module__": f"{package}.models", "Meta": meta, **fields})


def faults(source: type[models.Model]) -> list[str]:
    return [f"{fault.id} {fault.msg}" for fault in layers.layer_faults(source)]


def key_to(target: str, kind: Any = models.ForeignKey, **options: Any) -> Any:
    return kind(f"core.{target}", models.PROTECT, related_name="+", **options)


def test_the_order_is_the_contracts() -> None:
    contract = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    as_written = [
        set(line.replace("(", "").replace(")", "").replace(" ", "").split("|")) for line in contract["layers"]
    ]

    assert [set(line) for line in layers.layers()] == as_written
    assert {"config"} in as_written
    assert as_written[-1] == {"core"}


def test_the_real_models_keep_it() -> None:
    keys = [
        field
        for found in apps.get_models()
        if layers.package_of(found.__module__)
        for field in found._meta.local_fields
        if field.is_relation
    ]

    assert len(keys) > 40
    assert [fault for fault in run_checks() if fault.id == "club.E005"] == []


@pytest.mark.parametrize("kind", [models.ForeignKey, models.OneToOneField])
@isolate_apps("core")
def test_a_key_to_a_package_above_is_refused(kind: Any) -> None:
    model("Sale", "club.purchases")
    lower = model("Coin", "club.ledger", sale=key_to("Sale", kind))

    assert faults(lower) == ["club.E005 core.Coin.sale points to core.Sale: club.purchases stands above club.ledger"]


@isolate_apps("core")
def test_a_key_to_a_package_beside_is_refused() -> None:
    model("Good", "club.catalogue")
    person = model("Person", "club.members", likes=key_to("Good"))

    assert faults(person) == [
        "club.E005 core.Person.likes points to core.Good: club.catalogue stands beside club.members"
    ]


@isolate_apps("core")
def test_keys_downwards_and_within_a_package_are_let_be() -> None:
    model("Person", "club.members")
    coin = model("Coin", "club.ledger", person=key_to("Person"), reverses=models.ForeignKey("self", models.PROTECT))
    part = model("Part", "club.ledger", coin=key_to("Coin"))

    assert faults(coin) == faults(part) == []


@isolate_apps("core")
def test_a_many_to_many_is_held_by_its_target_and_by_what_it_goes_through() -> None:
    model("Good", "club.catalogue")
    model("Crate", "club.catalogue", goods=models.ManyToManyField("core.Good", through="core.Packing"))
    packing = model("Packing", "club.purchases", good=key_to("Good"), crate=key_to("Crate"))
    person = model("Person", "club.members", goods=models.ManyToManyField("core.Good", through="core.Liking"))
    liking = model("Liking", "club.members", person=key_to("Person"), good=key_to("Good"))

    assert faults(packing) == []
    assert faults(packing._meta.apps.get_model("core", "Crate")) == [
        "club.E005 core.Crate.goods points to core.Packing: club.purchases stands above club.catalogue"
    ]
    assert [fault.split(" ")[1] for fault in faults(person)] == ["core.Person.goods"]
    assert [fault.split(" ")[1] for fault in faults(liking)] == ["core.Liking.good"]


@isolate_apps("core")
def test_a_librarys_models_have_no_place_in_the_order() -> None:
    model("Sale", "club.purchases")
    theirs = model("Theirs", "some_library", sale=key_to("Sale"))

    assert faults(theirs) == []
    assert layers.package_of("django.contrib.sessions.models") is None
    assert layers.package_of("corelib.models") is None


def test_without_the_contract_nothing_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    layers.layers.cache_clear()
    try:
        assert layers.layers() == ()
        assert layers.check_layers() == []
    finally:
        layers.layers.cache_clear()
