"""Versions written before `changes` was kept: what each changed of the one in force before it was asked for there."""

from typing import Any

from django.db import migrations

TABLE = "programme_programmeversion"


def tell_changes(apps: Any, schema_editor: Any) -> None:
    """A migration sees the versions of all clubs."""
    before: dict[int, dict[str, Any]] = {}
    first: dict[int, int] = {}
    versions = apps.get_model("programme", "ProgrammeVersion")._base_manager
    schema_editor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER append_only")
    for version in versions.order_by("id"):
        first.setdefault(version.club_id, version.pk)
    for version in versions.order_by("effective_from", "id"):
        known = before.get(version.club_id, version.settings)
        changes = {name: value for name, value in version.settings.items() if known.get(name, value) != value}
        if changes and first[version.club_id] != version.pk:
            versions.filter(pk=version.pk).update(changes=changes)
        before[version.club_id] = version.settings
    schema_editor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER append_only")


class Migration(migrations.Migration):
    dependencies = [("programme", "0002_what_was_asked")]

    operations = [migrations.RunPython(tell_changes, migrations.RunPython.noop, elidable=True)]
