"""Who may import whom: the contracts of pyproject.toml, and that they cover every package there is."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LINTER = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS, PURE = LINTER["contracts"]
NOT_OURS = {"tests", "benchmarks", "scripts"}
# All of Django that a pure module may name: messages are translated when they are shown.
HARMLESS = {"django.utils.translation", "django.utils.functional"}


def packages(folder: Path) -> set[str]:
    return {init.parent.name for init in folder.glob("*/__init__.py")} - NOT_OURS


def test_imports_keep_the_contracts() -> None:
    """In a process of its own: the linter switches off every logger there is."""
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"

    linted = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False)

    assert linted.returncode == 0, linted.stdout


def test_every_package_is_under_contract() -> None:
    layered = set(re.findall(r"[a-z_.]+", " ".join(LAYERS["layers"])))

    assert packages(PROJECT) == set(LINTER["root_packages"])
    assert packages(PROJECT) - {"club"} <= layered
    assert {f"club.{name}" for name in packages(PROJECT / "club")} <= layered


@pytest.mark.parametrize("module", PURE["source_modules"])
def test_a_pure_module_names_nothing_of_django_but_its_gettext(module: str) -> None:
    source = PROJECT.joinpath(*module.split(".")).with_suffix(".py")
    named: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom):
            named.add(node.module or "")
        elif isinstance(node, ast.Import):
            named.update(alias.name for alias in node.names)

    assert {name for name in named if name.partition(".")[0] == "django"} <= HARMLESS
