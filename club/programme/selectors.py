"""Reads of the programme."""

from datetime import datetime

from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme


def programme_at(moment: datetime) -> Programme:
    """The settings in force at the moment; before the first version the first holds; without any, the defaults."""
    versions = ProgrammeVersion.objects.order_by("-effective_from", "-id")
    version = versions.filter(effective_from__lte=moment).first() or versions.order_by("effective_from", "-id").first()
    return Programme.from_json(version.settings) if version else Programme()


def settings_after(moment: datetime) -> list[tuple[datetime, Programme]]:
    """What comes into force after the moment, in order: of two versions of one moment the one that holds."""
    versions = ProgrammeVersion.objects.filter(effective_from__gt=moment).order_by("effective_from", "id")
    holding = {version.effective_from: Programme.from_json(version.settings) for version in versions}
    return list(holding.items())
