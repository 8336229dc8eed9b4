"""What a club promises for its tickets: its working hours, and the targets of each priority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.tenancy.scope import club_zone
from tickets.calendar import WorkingCalendar
from tickets.models import Holiday, Priority, ServiceTarget, Ticket, TicketSettings

HOUR = 60
USUAL: dict[str, tuple[int, int]] = {
    Priority.LOW: (8 * HOUR, 45 * HOUR),
    Priority.NORMAL: (4 * HOUR, 27 * HOUR),
    Priority.HIGH: (2 * HOUR, 9 * HOUR),
    Priority.URGENT: (HOUR, 4 * HOUR),
}
"""Working minutes until the first answer and until it is solved, where the club has not decided."""


@dataclass(frozen=True)
class Promises:
    """The calendar and the targets of the club in scope: (answer, solve) of each priority."""

    calendar: WorkingCalendar
    targets: dict[str, tuple[timedelta, timedelta]]
    settings: TicketSettings

    def answer_by(self, priority: str, since: datetime) -> datetime:
        """When the first answer is due."""
        return self.calendar.after(since, self.targets[priority][0])

    def solve_by(self, priority: str, since: datetime, paused: timedelta) -> datetime:
        """When it is to be solved, with as much working time more as the member was waited for."""
        return self.calendar.after(since, self.targets[priority][1] + paused)


def settings_now() -> TicketSettings:
    """What the club has decided, or what holds where it has not; the latter unsaved."""
    return TicketSettings.objects.first() or TicketSettings()


def targets_now() -> dict[str, tuple[int, int]]:
    """Working minutes to the first answer and to the solution, of each priority, the least first."""
    decided = {row.priority: (row.answer_minutes, row.solve_minutes) for row in ServiceTarget.objects.all()}
    return USUAL | decided


def promises() -> Promises:
    """What holds now, in three queries."""
    settings = settings_now()
    hours = {int(day): [(span[0], span[1]) for span in spans] for day, spans in settings.hours.items()}
    holidays = frozenset(Holiday.objects.values_list("day", flat=True))
    targets = {
        priority: (timedelta(minutes=answer), timedelta(minutes=solve))
        for priority, (answer, solve) in targets_now().items()
    }
    return Promises(WorkingCalendar(hours, holidays, club_zone()), targets, settings)


def next_due(ticket: Ticket) -> datetime | None:
    """The promise that counts now: the first answer's, then the solution's; None while nothing is awaited of us."""
    if ticket.status not in (Ticket.Status.NEW, Ticket.Status.WAITING_FOR_US):
        return None
    return ticket.answer_due_at if ticket.waits_for_answer else ticket.solve_due_at
