"""The order of the packages, read from the import contract in pyproject.toml, and the check that keys keep it too.

The linter sees imports; a foreign key that names its target by a string passes it by.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import models


@cache
def layers() -> tuple[frozenset[str], ...]:
    """The packages of each line of the contract, the highest first; none where pyproject.toml was left out."""
    path = Path(settings.BASE_DIR) / "pyproject.toml"
    if not path.exists():
        return ()  # an installation without its sources' settings: they were held to the contract before
    contracts = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    lines = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return tuple(frozenset(re.findall(r"[\w.]+", line)) for line in lines)


def package_of(module: str) -> str | None:
    """The package of the contract that a module belongs to; None for a library's."""
    return next((name for line in layers() for name in line if f"{module}.".startswith(f"{name}.")), None)


@register(Tags.models)
def check_layers(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Every foreign key points down the contract's lines, or stays within its package."""
    return [message for model in apps.get_models() for message in layer_faults(model)]


def layer_faults(model: type[models.Model]) -> Iterator[CheckMessage]:
    """The fields of a model that point to a package above its own, or beside it."""
    own = package_of(model.__module__)
    if own is None:
        return
    meta = model._meta
    fields: list[Any] = [*meta.local_fields, *meta.local_many_to_many]
    for field in fields:
        for target in _targets(field):
            other = package_of(target.__module__)
            if other and other != own and _line_of(other) <= _line_of(own):
                where = "beside" if _line_of(other) == _line_of(own) else "above"
                yield Error(
                    f"{meta.label}.{field.name} points to {target._meta.label}: {other} stands {where} {own}",
                    hint="Let the higher package hold the key, or keep the kind and id of the row.",
                    obj=model,
                    id="club.E005",
                )


def _targets(field: Any) -> Iterator[type[models.Model]]:
    """The models that a field points to and goes through; a name that is nobody's is Django's to refuse."""
    if field.is_relation:
        for target in (field.related_model, getattr(field.remote_field, "through", None)):
            if isinstance(target, type) and issubclass(target, models.Model):
                yield target


def _line_of(package: str) -> int:
    return next(number for number, line in enumerate(layers()) if package in line)
