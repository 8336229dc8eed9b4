"""What asks for a look today, on the manager's first page: each thing with its number and the list of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.rights import Person, can
from club.ledger.models import Lot
from club.members.joining import count_waiting
from core.language import listed
from core.templatetags.club_ui import money_unit, number
from crm.campaigns.selectors import stopped_by_themselves
from desk.members.listing import Asked, ending_credit, fitting
from offers.counters import month_of
from offers.selectors import stopped_offers


@dataclass(frozen=True)
class Matter:
    """Something to look at: its words, its mark and where it is seen."""

    title: str
    text: str
    icon: str
    bubble: str
    url: str


def matters(user: Person, now: datetime) -> list[Matter]:
    """What there is to look at for this person, the most pressing first; as many queries whatever there is."""
    found: list[Matter] = []
    if can(user, "manage_joining"):
        found += _joining()
    if can(user, "send_campaigns"):
        found += _campaigns()
    if can(user, "open_admin"):
        found += _stopped(now)
    if can(user, "view_members"):
        found += [*_ending(now), *_birthdays(now), *_gone(now)]
    return found


def _joining() -> Iterator[Matter]:
    if waiting := count_waiting():
        title = _("درخواست عضویت چشم‌به‌راه: %(count)s") % {"count": number(waiting)}
        url = reverse("desk:join_requests")
        yield Matter(title, _("بپذیرید یا با دلیل رد کنید"), "user-round-plus", "bubble-bad", url)


def _campaigns() -> Iterator[Matter]:
    if stopped := stopped_by_themselves():
        title = _("کارزار ایستاده: %(count)s") % {"count": number(len(stopped))}
        yield Matter(title, stopped[0].error, "send", "bubble-bad", reverse("desk:campaign", args=[stopped[0].pk]))


def _stopped(now: datetime) -> Iterator[Matter]:
    if stopped := stopped_offers(month_of(now)):
        title = _("پیشنهاد ایستاده از سقف یا بودجه: %(count)s") % {"count": number(len(stopped))}
        names = listed(offer.name for offer in stopped[:3])
        yield Matter(title, names, "ban", "bubble-bad", reverse("desk:offers"))


def _ending(now: datetime) -> Iterator[Matter]:
    rows: dict[str, int | None] = ending_credit(Lot.objects, now).aggregate(
        credit=Sum("remaining"), members=Count("wallet__member", distinct=True)
    )
    if rows["credit"]:
        title = _("%(credit)s اعتبار تا یک هفته تمام می‌شود") % {"credit": money_unit(rows["credit"])}
        text = _("شمار عضوها: %(count)s") % {"count": number(rows["members"] or 0)}
        yield Matter(title, text, "hourglass", "bubble-saffron", _members("has", "credit_ends"))


def _birthdays(now: datetime) -> Iterator[Matter]:
    if count := fitting(Asked(status="active", has="birthday_soon"), now).count():
        title = _("تولد در هفتهٔ پیش رو: %(count)s") % {"count": number(count)}
        yield Matter(title, _("روز خوبی برای یک تبریک"), "cake", "", _members("has", "birthday_soon"))


def _gone(now: datetime) -> Iterator[Matter]:
    if count := fitting(Asked(status="active", bought="-90"), now).count():
        title = _("عضو در خطر رفتن: %(count)s") % {"count": number(count)}
        yield Matter(title, _("۹۰ روز است نیامده"), "user-round-x", "bubble-plain", _members("bought", "-90"))


def _members(name: str, value: str) -> str:
    return f"{reverse('desk:members')}?status=active&{name}={value}"
