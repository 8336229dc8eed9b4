"""A mission in plain words: what it asks, how far it has come. Pure; names and units are the club's to say."""

from collections.abc import Mapping
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.language import grouped, listed
from core.money import format_money, unit_name

WINDOWS: dict[str, Promise] = {
    "month": gettext_lazy("در هر ماه"),
    "season": gettext_lazy("در هر فصل"),
    "year": gettext_lazy("در هر سال"),
}
AGAIN: dict[str, Promise] = {
    "once": gettext_lazy("یک بار"),
    "window": gettext_lazy("هر بازه یک بار"),
    "each": gettext_lazy("هر بار که پر شود"),
}


class Asked(Protocol):
    """What a mission asks: a live rule, or the record of one that is still written."""

    @property
    def counts(self) -> str: ...
    @property
    def target(self) -> int: ...
    @property
    def window(self) -> str: ...
    @property
    def days(self) -> int | None: ...
    @property
    def again(self) -> str: ...


def counted(counts: str, number: int, unit: str) -> str:
    """So much of what is counted: `۴ خرید`, `۵۰۰٬۰۰۰ تومان`."""
    said = {"count": grouped(number)}
    match counts:
        case "visits":
            return ngettext("%(count)s خرید", "%(count)s خرید", number) % said
        case "points":
            return ngettext("%(count)s امتیاز", "%(count)s امتیاز", number) % said
        case "groups":
            return ngettext("%(count)s گروه گوناگون", "%(count)s گروه گوناگون", number) % said
        case "products":
            return ngettext("%(count)s کالای گوناگون", "%(count)s کالای گوناگون", number) % said
        case "units":
            return ngettext("%(count)s عدد", "%(count)s عدد", number) % said
    return f"{format_money(number, unit)} {unit_name(unit)}"


def progress(counts: str, done: int, target: int, unit: str) -> str:
    """How far the round has come: `۳ از ۴ خرید`."""
    so_far = format_money(done, unit) if counts == "spent" else grouped(done)
    return _("%(done)s از %(target)s") % {"done": so_far, "target": counted(counts, target, unit)}


def asks(mission: Asked, goods: Mapping[str, str], of: list[str], unit: str) -> str:
    """What is to be done, and how often it is rewarded; `goods`: the names of products and groups by code."""
    parts = [counted(mission.counts, mission.target, unit)]
    if of:
        parts.append(_("از %(goods)s") % {"goods": listed(goods.get(code, code) for code in of)})
    if mission.window == "days" and mission.days:
        said = ngettext("در %(days)s روز از نخستین خرید", "در %(days)s روز از نخستین خرید", mission.days)
        parts.append(said % {"days": grouped(mission.days)})
    elif mission.window in WINDOWS:
        parts.append(str(WINDOWS[mission.window]))
    return _("%(what)s (%(again)s)") % {"what": " ".join(parts), "again": AGAIN[mission.again]}
