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


def named_in(module: str) -> set[str]:
    """The modules that a module imports, with `from package import name` as both."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(PROJECT.joinpath(*module.split(".")).with_suffix(".py").read_text())):
        if isinstance(node, ast.ImportFrom):
            named |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            named.update(alias.name for alias in node.names)
    return named


def is_module(name: str) -> bool:
    return PROJECT.joinpath(*name.split(".")).with_suffix(".py").is_file()


@pytest.mark.parametrize("module", PURE["source_modules"])
def test_a_pure_module_names_only_pure_modules_and_of_django_its_gettext(module: str) -> None:
    named = named_in(module)

    assert {name for name in named if is_module(name)} <= set(PURE["source_modules"])
    django = {name for name in named if name.partition(".")[0] == "django"}
    assert {name for name in django if not name.startswith(tuple(HARMLESS))} == set()


def test_a_module_that_calls_itself_pure_is_under_contract() -> None:
    sources = [path for package in packages(PROJECT) for path in (PROJECT / package).rglob("*.py")]
    saying = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for path in sources
        if re.search(r"(?i)\bpure\b", ast.get_docstring(ast.parse(path.read_text())) or "")
    }

    assert len(saying) > 10
    assert saying <= set(PURE["source_modules"])
