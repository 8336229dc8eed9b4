"""What only production uses: hashed static files, the compose file, the list of settings."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import LazySettings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

PROJECT = Path(__file__).resolve().parents[2]
SETTING = re.compile(
    r"""env\.(?:text|flag|number|words|rate|keys)\(\s*"([A-Z_]+)"|environ(?:\.get\(|\[)\s*"([A-Z_]+)\""""
)
NOT_SETTINGS = {"DJANGO_SETTINGS_MODULE"}


@pytest.mark.slow
def test_every_file_a_stylesheet_names_is_there_and_gets_a_hash(settings: LazySettings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": manifest}}

    call_command("collectstatic", interactive=False, verbosity=0)

    name = staticfiles_storage.stored_name("django_htmx/htmx-2.min.js")  # type: ignore[attr-defined]
    assert re.fullmatch(r"django_htmx/htmx-2\.min\.[0-9a-f]{12}\.js", name)
    assert (tmp_path / name).exists()


def sources() -> list[Path]:
    folders = [p.parent for p in PROJECT.glob("*/__init__.py") if p.parent.name != "tests"]
    return [source for folder in folders for source in folder.rglob("*.py")]


def settings_read(*sources: Path) -> set[str]:
    return {name for source in sources for pair in SETTING.findall(source.read_text()) for name in pair if name}


def test_every_setting_that_is_read_is_explained_in_the_example() -> None:
    example = (PROJECT / ".env.example").read_text()
    read = settings_read(*sources())

    unexplained = {name for name in read - NOT_SETTINGS if not re.search(rf"^{name}=", example, re.MULTILINE)}

    assert not unexplained


def test_the_compose_file_runs_the_production_shape_with_settings_of_the_example() -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    services = yaml.safe_load(text)["services"]
    example = (PROJECT / ".env.example").read_text()

    assert set(services) == {"postgres", "valkey", "setup", "pooler", "web", "worker", "beat", "proxy"}
    for service in services.values():
        for needed in service.get("depends_on", {}):
            assert needed in services
    for name in re.findall(r"\$\{([A-Z_]+)", text):
        assert re.search(rf"^{name}=", example, re.MULTILINE), name


def test_every_name_of_the_example_is_read_by_the_settings_or_the_compose_file() -> None:
    compose = (PROJECT / "docker-compose.yml").read_text()
    offered = set(re.findall(r"^([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    passed = set(yaml.safe_load(compose)["x-club"]["environment"])

    assert offered <= settings_read(*sources()) | set(re.findall(r"\$\{([A-Z_]+)", compose))
    assert settings_read(PROJECT / "config/settings.py") <= passed
