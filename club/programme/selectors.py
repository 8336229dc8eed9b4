"""Reads of the programme."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme


def programme_at(moment: datetime) -> Programme:
    """The settings in force at the moment: before all of them the club's first settings, without any the defaults."""
    versions = ProgrammeVersion.objects.order_by("-effective_from", "-id")
    version = versions.filter(effective_from__lte=moment).first() or _first_settings()
    return Programme.from_json(version.settings) if version else Programme()


@dataclass(frozen=True)
class Programmes:
    """The settings of all moments, read once: for whoever looks at many purchases."""

    moments: Sequence[datetime]
    settings: Sequence[Programme]
    """One more than moments: before the first, then from each of them on."""

    def at(self, moment: datetime) -> Programme:
        """The settings in force at the moment, as `programme_at` says them."""
        return self.settings[bisect_right(self.moments, moment)]


def programmes() -> Programmes:
    """The settings of all moments, in three queries at most."""
    rows = versions()[::-1]
    first = _first_settings() if rows else None
    before = Programme.from_json(first.settings) if first else Programme()
    return Programmes(
        [row.effective_from for row in rows], [before, *(Programme.from_json(row.settings) for row in rows)]
    )


def versions() -> list[ProgrammeVersion]:
    """Every version, the latest to come first."""
    return list(ProgrammeVersion.objects.order_by("-effective_from", "-id"))


def newest_version_id() -> int:
    """The version written last; 0 where there is none."""
    return ProgrammeVersion.objects.order_by("-id").values_list("pk", flat=True).first() or 0


def _first_settings() -> ProgrammeVersion | None:
    """Those written first, as corrected for the same moment; not what a change of an earlier moment made of them."""
    first = ProgrammeVersion.objects.order_by("id").first()
    if first is None:
        return None
    corrected = ProgrammeVersion.objects.filter(effective_from=first.effective_from).exclude(changes={})
    return corrected.order_by("-id").first() or first


def settings_by_moment(
    versions: Sequence[ProgrammeVersion], *, without: int | None = None
) -> dict[datetime, Programme]:
    """What the changes that were not taken back amount to at each moment at which one begins, in order of time.

    Takes all versions in the order they were written: the first of them is what holds for all time before.
    """
    withdrawn = {version.withdraws_id for version in versions} | {without}
    asked = [version for version in versions if version.pk not in withdrawn]
    settings = Programme.from_json(versions[0].settings)
    for version in asked:
        if version.effective_from == versions[0].effective_from:
            settings = settings.changed(version.changes)
    moments = {version.effective_from: settings for version in versions}
    for moment in sorted(moments):
        for version in asked:
            if version.effective_from == moment:
                settings = settings.changed(version.changes)
        moments[moment] = settings
    return moments
