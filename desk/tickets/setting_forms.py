"""The forms of the settings of tickets: departments, hours, holidays, targets, and the rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import JalaliDateField, WholeField, set_choices
from core.jalali import WEEKDAYS
from core.text import whole_number
from desk.manager.settings.forms import SettingsForm
from desk.tickets.hours import SpansField
from tickets.assigning import supporters
from tickets.calendar import Span
from tickets.departments import LONGEST, DepartmentWords
from tickets.models import Department, DepartmentPerson, Priority, TicketSettings
from tickets.promises import HOUR
from tickets.room import LEAST_ROOM, MOST_ROOM
from tickets.settings import FIRST_HOLIDAYS, LAST_HOLIDAYS, LONGEST_NAME, MOST_DAYS, MOST_HOURS, MOST_WARNING


class DepartmentForm(SettingsForm):
    """A department: its name, who answers its tickets, and who hears of what is late."""

    name = forms.CharField(label=gettext_lazy("نام واحد"), max_length=LONGEST)
    head = forms.ChoiceField(
        label=gettext_lazy("سرپرست"), required=False, help_text=gettext_lazy("از تیکتی که مهلتش گذشت باخبر می‌شود.")
    )
    people = forms.MultipleChoiceField(
        label=gettext_lazy("کارکنان واحد"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, department: Department | None = None) -> None:
        self.department = department
        people = DepartmentPerson.objects.filter(department=department) if department else []
        initial: dict[str, Any] = {"people": [str(one.user_id) for one in people]}
        if department:
            initial |= {"name": department.name, "head": str(department.head_id or "")}
        super().__init__(data, initial=initial, prefix=f"d{department.pk}" if department else "new")
        staff = [(str(user.pk), str(user)) for user in supporters()]
        set_choices(self, "people", staff)
        set_choices(self, "head", [("", _("ندارد")), *staff])

    def words(self) -> DepartmentWords:
        """What was typed."""
        typed = self.cleaned_data
        people = [int(user_id) for user_id in typed["people"]]
        return DepartmentWords(
            typed["name"], people, whole_number(typed["head"]), self.department.pk if self.department else None
        )


class HoursForm(SettingsForm):
    """The working hours of each weekday, Saturday first; an empty day is a day off."""

    def __init__(self, data: Any = None, *, settings: TicketSettings) -> None:
        initial = {
            f"day{day}": [(span[0], span[1]) for span in settings.hours.get(str(day), [])]
            for day in range(len(WEEKDAYS))
        }
        super().__init__(data, initial=initial, prefix="hours")
        for day, name in enumerate(WEEKDAYS):
            self.fields[f"day{day}"] = SpansField(label=name)
        self.dress()

    def hours(self) -> dict[int, list[Span]]:
        """What was typed."""
        return {day: self.cleaned_data[f"day{day}"] for day in range(len(WEEKDAYS))}


class HolidayForm(SettingsForm):
    """A day off of the club's own."""

    day = JalaliDateField(label=gettext_lazy("روز"))
    name = forms.CharField(label=gettext_lazy("نام تعطیلی"), max_length=LONGEST_NAME)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="holiday")


class YearForm(SettingsForm):
    """The Jalali year whose official days off are taken."""

    year = WholeField(label=gettext_lazy("سال"), least=FIRST_HOLIDAYS, most=LAST_HOLIDAYS)

    def __init__(self, data: Any = None, *, year: int) -> None:
        super().__init__(data, initial={"year": year}, prefix="official")


class TargetsForm(SettingsForm):
    """What is promised for each priority, in working hours, the most urgent first."""

    def __init__(self, data: Any = None, *, targets: dict[str, tuple[int, int]]) -> None:
        initial: dict[str, int] = {}
        for priority, (answer, solve) in targets.items():
            initial |= {f"answer_{priority}": -(-answer // HOUR), f"solve_{priority}": -(-solve // HOUR)}
        super().__init__(data, initial=initial, prefix="targets")
        for priority in reversed(Priority.values):
            name = {"name": Priority(priority).label}
            self.fields[f"answer_{priority}"] = WholeField(
                label=_("نخستین پاسخ، اولویت «%(name)s»") % name, least=1, most=MOST_HOURS
            )
            self.fields[f"solve_{priority}"] = WholeField(
                label=_("حل، اولویت «%(name)s»") % name, least=1, most=MOST_HOURS
            )
        self.units = dict.fromkeys(self.fields, gettext_lazy("ساعت کاری"))
        self.dress()

    def hours(self) -> dict[str, tuple[int, int]]:
        """What was typed."""
        typed = self.cleaned_data
        return {one: (typed[f"answer_{one}"], typed[f"solve_{one}"]) for one in Priority.values}


class RoomForm(SettingsForm):
    """How much the files of tickets may take."""

    most_megabytes = WholeField(label=gettext_lazy("سقف فایل‌ها"), least=LEAST_ROOM, most=MOST_ROOM)
    units = {"most_megabytes": gettext_lazy("مگابایت")}

    def __init__(self, data: Any = None, *, settings: TicketSettings) -> None:
        super().__init__(data, initial={"most_megabytes": settings.most_megabytes}, prefix="room")


class RulesForm(SettingsForm):
    """When it is warned and closed, and whether new tickets are shared out."""

    warns_before = WholeField(label=gettext_lazy("هشدار پیش از مهلت"), least=1, most=MOST_WARNING)
    closes_after = WholeField(label=gettext_lazy("بسته شدن تیکت حل‌شده پس از"), least=1, most=MOST_DAYS)
    shares_out = forms.BooleanField(
        label=gettext_lazy("تیکت تازه خودکار به کسی برسد که تیکت باز کمتری دارد"), required=False
    )
    units = {"warns_before": gettext_lazy("دقیقهٔ کاری"), "closes_after": gettext_lazy("روز")}

    def __init__(self, data: Any = None, *, settings: TicketSettings) -> None:
        names = ("warns_before", "closes_after", "shares_out")
        super().__init__(data, initial={name: getattr(settings, name) for name in names}, prefix="rules")
