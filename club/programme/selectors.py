"""Reads of the programme."""

from datetime import datetime

from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme


def programme_at(moment: datetime) -> Programme:
    """The settings in force at the moment; before the first version the first holds; without any, the defaults."""
    versions = ProgrammeVersion.objects.order_by("-effective_from", "-id")
    version = versions.filter(effective_from__lte=moment).first() or versions.last()
    return Programme.from_json(version.settings) if version else Programme()
