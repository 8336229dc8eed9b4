"""The messages of occasions beyond gifts: kinds with their default words, and what each is reckoned by."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from club.members.models import CustomField
from core.named_days import NAMES
from sms.kinds import ADVERTISING, DAY, DERIVED, LATIN, MONEY, NUMBER, SERVICE, TEXT, Kind, register, register_family

NAMED_DAY, OWN_DAY = "named_day", "own_day"
LONGEST_BEFORE = 60


@dataclass(frozen=True)
class Told:
    """An occasion that members are told of: by which kind of message, and which trigger of offers goes with it.

    `days` of the club are so many before it, or without a purchase; None where it is told on the day alone.
    """

    code: str
    trigger: str = ""
    days: int | None = None
    least: int = 1
    most: int = LONGEST_BEFORE
    label: str | Promise = ""


BEFORE_THE_END: Promise = _("چند روز پیش از پایان")
BEFORE_IT: Promise = _("چند روز پیش از آن")
OF_MEMBERS = {
    one.code: one
    for one in (
        Told("birthday", "birthday"),
        Told("anniversary", "anniversary"),
        Told("tier_up", "tier_reached"),
        Told("tier_warning"),
        Told("tier_changed"),
        Told("points_expiring", days=7, label=BEFORE_THE_END),
        Told("reward_expiring", days=3, label=BEFORE_THE_END),
        Told("miss_you", "lapsed", days=60, most=730, label=_("پس از چند روز نیامدن")),
    )
}


def told_of(code: str) -> Told | None:
    """What is known of the occasion; None where there is none of this code."""
    family, dash, _which = code.partition("-")
    if dash and family in (NAMED_DAY, OWN_DAY):
        return Told(code, days=0, least=0, most=30, label=BEFORE_IT)
    return OF_MEMBERS.get(code)


def _label_of(code: str) -> str:
    fields = CustomField.objects.filter(code=code, kind=CustomField.Kind.DATE)
    return fields.values_list("label", flat=True).first() or ""


def register_messages() -> None:
    """Make the kinds known to who sends them."""
    for kind in KINDS:
        register(kind)
    register_family(NAMED_DAYS, lambda code: str(NAMES.get(code, "")))
    register_family(OWN_DAYS, _label_of)


KINDS = (
    Kind(
        "anniversary",
        _("سالگرد عضویت"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]{years} سال است که با مایی؛ سپاس از همراهی‌ات.
[[هدیهٔ تو، {offers}:]]
[[{points} امتیاز]]
[[{credit} اعتبار]]
[[{free_items} رایگان]]
[[کد {code}[[ تا {expires}]]]]"""
        ),
        {
            "name": TEXT,
            "years": NUMBER,
            "offers": DERIVED,
            "points": NUMBER,
            "credit": MONEY,
            "free_items": DERIVED,
            "code": LATIN,
            "expires": DAY,
            "points_balance": NUMBER,
            "credit_balance": MONEY,
        },
        invites=True,
        begins_on=False,
    ),
    Kind(
        "points_expiring",
        _("نزدیک شدن پایان امتیاز و اعتبار"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]تا {expires} فرصت داری:
[[{points} امتیاز]]
[[{credit} اعتبار]]
{link}"""
        ),
        {"name": TEXT, "points": NUMBER, "credit": MONEY, "expires": DAY},
        invites=True,
        needs=("expires",),
    ),
    Kind(
        "reward_expiring",
        _("نزدیک شدن پایان هدیه"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]«{reward}» فقط تا {expires} مانده است.
[[کد: {code}]]
[[و {more} هدیهٔ دیگر]]
{link}"""
        ),
        {"name": TEXT, "reward": TEXT, "code": LATIN, "expires": DAY, "more": NUMBER},
        invites=True,
        needs=("reward", "expires"),
    ),
    Kind(
        "miss_you",
        _("دلمان تنگ شده"),
        ADVERTISING,
        _(
            """{club}
[[{name}، ]]جایت خالی است؛ زود به ما سر بزن.
[[امتیاز تو: {points_balance}]]
[[اعتبار تو: {credit_balance}]]"""
        ),
        {"name": TEXT, "points_balance": NUMBER, "credit_balance": MONEY},
        begins_on=False,
    ),
)
NAMED_DAYS = Kind(
    NAMED_DAY,
    _("روز تقویم"),
    ADVERTISING,
    _(
        """[[{name}، ]]{occasion} مبارک.
{club}"""
    ),
    {"name": TEXT, "occasion": TEXT},
    begins_on=False,
)
OWN_DAYS = Kind(
    OWN_DAY,
    _("روز خود عضو"),
    SERVICE,
    _(
        """[[{name}، ]]{occasion} مبارک.
{club}"""
    ),
    {"name": TEXT, "occasion": TEXT},
    invites=True,
    begins_on=False,
)
