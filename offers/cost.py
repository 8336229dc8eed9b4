"""The most that an offer may cost in all, asked before it is published. Pure.

Cost is worth to the member in Rial, as budgets count it. Known where a budget bounds it, or where both one giving and
the number of givings are bounded; otherwise the manager is told what is missing.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.charts import SIZES, short
from core.jalali import local_date, to_jalali
from core.language import grouped
from core.money import UNITS, unit_name
from offers.giving import Club, most_worth
from offers.rules import Terms
from offers.vocabulary import BENEFITS


@dataclass(frozen=True)
class Cost:
    """The most in Rial, None where nothing bounds it; `why`: what bounds it, or what would."""

    rial: int | None
    why: str


def worst_cost(terms: Terms, club: Club) -> Cost:
    """The most that the offer may cost from now to its end; of those who join later nothing is known."""
    bounds = [*_by_budget(terms, club), *_by_limits(terms, club)]
    if bounds:
        return min(bounds, key=lambda cost: cost.rial or 0)
    if terms.limits.budget_per_month is not None:
        return Cost(None, _each_month(terms.limits.budget_per_month, club))
    if BENEFITS[terms.benefit.kind].worthless:
        return Cost(None, _("هزینهٔ این هدیه به چیزی است که با آن می‌دهید."))
    if most_worth(terms, club) is None:
        return Cost(None, _("نه سقفی برای هر خرید دارد و نه بودجه‌ای؛ بودجه بگذارید."))
    return Cost(None, _("شمار دفعه‌هایش سقفی ندارد؛ بودجه یا سقف دفعه بگذارید."))


def _each_month(rial: int, club: Club) -> str:
    """What is known of an offer that has a budget for each month and no last one."""
    said = {"cost": in_prose(rial, club.words.names.unit)}
    return _("ماهی تا %(cost)s، ولی پایانی ندارد؛ بودجهٔ کل یا تاریخ پایان بگذارید.") % said


def question(cost: Cost, club: Club) -> str:
    """What is asked before the offer is published."""
    if cost.rial is None:
        return _("منتشر شود؟ بیشترین هزینه معلوم نیست: %(why)s") % {"why": cost.why}
    return _("منتشر شود؟ بیشترین هزینه %(cost)s است.") % {"cost": in_prose(cost.rial, club.words.names.unit)}


def in_prose(rial: int, unit: str) -> str:
    """Money as people say it: in millions or thousands where nothing is lost by it, else in full."""
    whole, rest = divmod(rial, UNITS[unit].rial)
    size = next((size for size, _word in SIZES if whole >= size), 1)
    number = short(whole) if not rest and whole % size == 0 else None
    return f"{number or grouped(whole + bool(rest))} {unit_name(unit)}"


def _by_budget(terms: Terms, club: Club) -> list[Cost]:
    limits, found = terms.limits, []
    if limits.budget is not None:
        found.append(Cost(limits.budget, _("بودجهٔ آن")))
    months = _months(terms, club)
    if limits.budget_per_month is not None and months is not None:
        why = ngettext("بودجهٔ ماهانه در %(months)s ماه", "بودجهٔ ماهانه در %(months)s ماه", months)
        found.append(Cost(limits.budget_per_month * months, why % {"months": grouped(months)}))
    return found


def _by_limits(terms: Terms, club: Club) -> list[Cost]:
    most = most_worth(terms, club)
    if most is None or BENEFITS[terms.benefit.kind].worthless:
        return []
    found, total, each = [], terms.limits.total, _times_each(terms, club)
    if total is not None:
        found.append(Cost(most * total, _so_often(total, most, club)))
    if each is not None and club.members is not None:
        members = club.members
        why = ngettext("%(each)s، برای %(members)s عضو امروز", "%(each)s، برای %(members)s عضو امروز", members)
        said = {"each": _so_often(each, most, club), "members": grouped(members)}
        found.append(Cost(most * each * members, why % said))
    return found


def _so_often(times: int, most: int, club: Club) -> str:
    said = {"times": grouped(times), "most": in_prose(most, club.words.names.unit)}
    return ngettext("%(times)s بار و هر بار تا %(most)s", "%(times)s بار و هر بار تا %(most)s", times) % said


def _times_each(terms: Terms, club: Club) -> int | None:
    """How often one member is given it at most."""
    limits = terms.limits
    by_day = _product(limits.per_member_per_day, _days(terms, club))
    by_month = _product(limits.per_member_per_month, _months(terms, club))
    return min((times for times in (limits.per_member, by_day, by_month) if times is not None), default=None)


def _product(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one * other


def _days(terms: Terms, club: Club) -> int | None:
    """On how many local days it is open from now on; None where it has no end."""
    if terms.ends_at is None:
        return None
    last = local_date(terms.ends_at - timedelta(microseconds=1), club.zone)
    return max(0, (last - _first_day(terms, club)).days + 1)


def _months(terms: Terms, club: Club) -> int | None:
    """In how many Jalali months it is open from now on; None where it has no end."""
    if terms.ends_at is None or not _days(terms, club):
        return None if terms.ends_at is None else 0
    last = to_jalali(local_date(terms.ends_at - timedelta(microseconds=1), club.zone))
    first = to_jalali(_first_day(terms, club))
    return (last[0] - first[0]) * 12 + last[1] - first[1] + 1


def _first_day(terms: Terms, club: Club) -> date:
    return local_date(max(club.now, terms.starts_at or club.now), club.zone)
