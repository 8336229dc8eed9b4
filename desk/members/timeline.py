"""What happened with a member, newest first: purchases, payments, value, messages, changes, merged page by page.

Each source is read by its own index, no further than the page reaches, so that a page costs the same for any history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from club.ledger.models import Entry, Kind, Unit
from club.members.models import Member, TierChange
from club.members.segments import ENTERED, LEFT
from club.members.selectors import records_of
from club.purchases.models import Purchase, Refund
from club.purchases.payments import method_name
from core.errors import Text
from core.language import in_language, listed
from core.models import AuditEntry, DomainEvent
from core.templatetags.club_ui import money_unit, number, signed, signed_money_unit
from core.text import whole_number
from crm.campaigns.models import CampaignMember
from crm.campaigns.wording import KIND as CAMPAIGN
from crm.leads.models import Lead, StageChange
from crm.mail.models import Mail
from crm.notices.models import Notice, NoticeRead
from crm.occasions.models import Occasion
from crm.occasions.naming import name_of
from crm.occasions.selectors import with_names
from desk.audit.changes import Change, changes_of, own_names
from desk.audit.words import title_of
from desk.manager.record import actors
from sms.models import MessageClass, OutboxMessage
from tickets.models import StatusChange as TicketStatus
from tickets.models import Ticket

CODED = ("tier", "segment")
VALUE = (Unit.POINTS, Unit.CREDIT)
BY_HAND = (Kind.OPENING, Kind.ADJUST)
# Of these the rows themselves tell more than the audit's.
TOLD_BY_ENTRIES = ("ledger.adjust", "ledger.reverse", "member.enrol", "activity.record")


@dataclass(frozen=True)
class Happening:
    """One thing that happened: what, when, how much, by whom, and where there is more to read."""

    at: datetime
    source: str
    id: int
    title: str
    icon: str
    bubble: str = ""
    text: str = ""
    amount: str = ""
    rial: int | None = None
    points: int | None = None
    purchase_id: int | None = None
    occasion_id: int | None = None
    undo_entry: tuple[int, int] | None = None
    """Member and entry, where it was made by hand and not undone yet."""
    actor: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def cursor(self) -> str:
        """Where the page after this one begins."""
        return f"{_microseconds(self.at)}.{RANKS[self.source]}.{self.id}"


@dataclass(frozen=True)
class Source:
    """Rows of one table about a member, ordered by a moment, and how each is told."""

    name: str
    moment: str
    rows: Callable[[list[int]], QuerySet[Any]]
    tell: Callable[[Any], Happening]


def happenings(member_id: int, names: frozenset[str], *, after: str = "", limit: int) -> list[Happening]:
    """One page of what the named sources tell of the member and of records merged into this one.

    `after` is the cursor of the last one already shown.
    """
    place, records = _place_of(after), records_of(member_id)
    found: list[Happening] = []
    for source in SOURCES:
        if source.name in names:
            rows = _after(source, source.rows(records), place)
            found += [source.tell(row) for row in rows.order_by(f"-{source.moment}", "-pk")[:limit]]
    found.sort(key=lambda each: (each.at, -RANKS[each.source], each.id), reverse=True)
    return _named(found[:limit])


def _after(source: Source, rows: QuerySet[Any], place: tuple[datetime, int, int] | None) -> QuerySet[Any]:
    if place is None:
        return rows
    at, rank, last = place
    older = Q(**{f"{source.moment}__lt": at})
    if RANKS[source.name] > rank:
        older |= Q(**{source.moment: at})
    elif RANKS[source.name] == rank:
        older |= Q(**{source.moment: at, "pk__lt": last})
    return rows.filter(older)


def _place_of(cursor: str) -> tuple[datetime, int, int] | None:
    parts = [whole_number(part) for part in cursor.split(".")]
    if len(parts) != 3 or None in parts:
        return None
    at, rank, last = (part or 0 for part in parts)
    try:
        return datetime.fromtimestamp(at // 10**6, UTC).replace(microsecond=at % 10**6), rank, last
    except (ValueError, OverflowError, OSError):
        return None


def _microseconds(at: datetime) -> int:
    return int(at.replace(microsecond=0).timestamp()) * 10**6 + at.microsecond


def _named(found: list[Happening]) -> list[Happening]:
    """With the names of who acted and of tiers in place of their codes, each looked up once."""
    # All of them whatever is on the page, so that each costs the same.
    names = actors(each.actor for each in found if each.actor)
    labels = own_names([change for each in found for change in each.changes])
    return [
        replace(
            each,
            text=labels.get(f"{each.source}.{each.text}", each.text) if each.source in CODED else each.text,
            actor=names.get(each.actor, ""),
            changes=tuple(change.named(labels) for change in each.changes),
        )
        for each in found
    ]


def _segment(row: DomainEvent) -> Happening:
    came = row.kind == ENTERED
    title = _("به گروه مشتریان آمد") if came else _("از گروه مشتریان رفت")
    icon, bubble = ("user-round-check", "bubble-ok") if came else ("user-round-x", "")
    return Happening(row.occurred_at, "segment", row.pk, title, icon, bubble, text=row.data.get("code", ""))


def _joined(member: Member) -> Happening:
    return Happening(member.enrolled_at, "joined", member.pk, _("عضو شد"), "user-plus", "bubble-ok")


def _purchase(row: Purchase) -> Happening:
    title = _("خرید شمارهٔ %(number)s") % {"number": in_language(row.number)}
    return Happening(
        row.occurred_at, "purchase", row.pk, title, "shopping-bag",
        text=" · ".join(_value(row.points_earned, row.credit_earned)),
        amount=money_unit(row.net), rial=row.net, purchase_id=row.pk, actor=row.actor,
    )  # fmt: skip


def _value(points: int, credit: int) -> list[str]:
    told = [
        _points(points) if points else "",
        _("%(credit)s اعتبار") % {"credit": signed_money_unit(credit)} if credit else "",
    ]
    return [text for text in told if text]


def _points(amount: int) -> str:
    return ngettext("%(points)s امتیاز", "%(points)s امتیاز", amount) % {"points": signed(amount)}


def _payment(row: Purchase) -> Happening:
    title = _("پرداخت خرید %(number)s") % {"number": in_language(row.number)}
    return Happening(
        row.occurred_at, "payment", row.pk, title, "banknote", "bubble-plain",
        text=method_name(row.payment_method), amount=money_unit(row.payable), rial=row.payable,
        purchase_id=row.pk,
    )  # fmt: skip


def _refund(row: Refund) -> Happening:
    title = _("برگشت خرید %(number)s") % {"number": in_language(row.purchase.number)}
    value = _value(row.points_returned - row.points_taken_back, row.credit_returned - row.credit_taken_back)
    return Happening(
        row.occurred_at, "refund", row.pk, title, "undo-2", "bubble-bad",
        text=" · ".join(filter(None, [row.reason, *value])),
        amount=money_unit(row.net), rial=row.net, purchase_id=row.purchase_id, actor=row.actor,
    )  # fmt: skip


def _entry(row: Any, source: str) -> Happening:
    is_points = row.wallet.unit == Unit.POINTS
    amount = _points(row.delta) if is_points else _("%(credit)s اعتبار") % {"credit": signed_money_unit(row.delta)}
    left = number(row.balance_after) if is_points else money_unit(row.balance_after)
    title, icon, bubble = ENTRIES[row.kind]
    can_undo = row.kind in BY_HAND and not row.is_reversed
    said = [row.reason, _("مانده %(left)s") % {"left": left}]
    return Happening(
        row.occurred_at, source, row.pk, str(title), icon, bubble, text=" · ".join(filter(None, said)), amount=amount,
        rial=None if is_points else row.delta, points=row.delta if is_points else None,
        actor=row.actor, undo_entry=(row.wallet.member_id, row.pk) if can_undo else None,
    )  # fmt: skip


def _occasion(row: Any) -> Happening:
    """An occasion that offers answered to: what it was, and under which names something was given."""
    name = row.type_name or name_of(row.trigger, {})
    gifts = listed(award["name"] for award in row.awards) if row.awards else _("بی‌هدیه")
    points, credit = (sum(award.get(key, 0) for award in row.awards) for key in ("points", "amount"))
    gone = _("پس گرفته شد") if row.taken_back_at else ""
    return Happening(
        row.occurred_at, "occasion", row.pk, name, "gift", "bubble-saffron",
        text=" · ".join(filter(None, [gifts, row.note, gone])), amount=" · ".join(_value(points, credit)),
        occasion_id=row.pk, actor="" if row.actor == "system" else row.actor,
    )  # fmt: skip


def _message(row: OutboxMessage) -> Happening:
    title = _("پیامک: %(kind)s") % {"kind": row.kind_name}
    status = row.get_status_display()
    return Happening(row.created_at, "sms", row.pk, title, "message-square", "bubble-plain", text=str(status))


def _notice(row: Any) -> Happening:
    """What was told to the member alone, on the panel."""
    said = [
        row.text,
        "" if row.withdrawn_at is None else _("پس گرفته شد"),
        _("خوانده") if row.is_read else _("نخوانده"),
    ]
    by = "" if row.author == "system" else row.author
    return Happening(
        row.starts_at, "notice", row.pk, _("اعلان"), "bell", "bubble-plain", " · ".join(filter(None, said)), actor=by
    )


def _notices(records: list[int]) -> QuerySet[Notice]:
    told = Notice.objects.filter(member__in=records).exclude(document__startswith="campaign:")
    return told.annotate(is_read=Exists(NoticeRead.objects.filter(notice=OuterRef("pk"))))


def _campaign(row: CampaignMember) -> Happening:
    """A message of a campaign, under the campaign's name."""
    title = _("پیام کارزار: %(name)s") % {"name": row.campaign.name}
    channel = str(row.campaign.get_channel_display())
    return Happening(row.at, "campaign", row.pk, title, "send", "bubble-plain", text=channel)


def _mail(row: Mail) -> Happening:
    title = _("ایمیل: %(subject)s") % {"subject": row.subject}
    said = filter(None, [str(row.get_status_display()), row.error_text])
    return Happening(row.created_at, "mail", row.pk, title, "mail", "bubble-plain", text=" · ".join(said))


def _tier(row: TierChange) -> Happening:
    return Happening(row.at, "tier", row.pk, _("سطح عوض شد"), "medal", "bubble-saffron", text=row.to_code or "—")


def _lead(row: StageChange) -> Happening:
    """Where the lead that the member was, or is again, has come to."""
    title, bubble = LEADS.get(row.to_status, (_("سرنخ ثبت شد"), "bubble-plain"))
    if row.to_status == Lead.Status.OPEN and row.from_stage_id:
        title = _("سرنخ به مرحلهٔ دیگر رفت")
    said = row.to_stage.name if row.to_status == Lead.Status.OPEN else ""
    by = "" if row.actor == "system" else row.actor
    return Happening(row.at, "lead", row.pk, str(title), "funnel", bubble, text=said, actor=by)


def _ticket(row: TicketStatus) -> Happening:
    """Where a matter of the member has come to."""
    title, ends = _("تیکت: %(status)s") % {"status": row.get_to_status_display()}, row.to_status == Ticket.Status.SOLVED
    by, bubble = "" if row.actor == "system" else row.actor, "bubble-ok" if ends else "bubble-plain"
    return Happening(
        row.at, "ticket", row.pk, title, "message-circle", bubble, text=f"#{row.ticket.shown_number}", actor=by
    )


def _change(row: AuditEntry) -> Happening:
    told = changes_of(row)
    return Happening(
        row.created_at, "change", row.pk, title_of(row), "pencil", "bubble-plain", actor=row.actor, changes=told
    )


def _acts_on(records: list[int]) -> QuerySet[AuditEntry]:
    """What was done to the member; of a merge the row of the one left, as the audit has one for each of the two."""
    rows = AuditEntry.objects.filter(target__in=[f"member:{each}" for each in records])
    told_twice = Q(action="member.merge") & ~Q(target=f"member:{records[0]}")
    return rows.exclude(action__in=TOLD_BY_ENTRIES).exclude(told_twice)


# What left a merged record came to the one left, and is told there.
LEAVING = Q(kind=Kind.MERGE, delta__lt=0, wallet__unit__in=VALUE)


def _entries(records: list[int], *names: str) -> QuerySet[Entry]:
    rows = Entry.objects.filter(wallet__member__in=records, wallet__unit__in=VALUE, kind__in=names)
    return rows.select_related("wallet").annotate(is_reversed=Exists(Entry.objects.filter(reverses=OuterRef("pk"))))


LEADS: dict[str, tuple[Text, str]] = {
    Lead.Status.WON: (gettext_lazy("سرنخ مشتری شد"), "bubble-ok"),
    Lead.Status.LOST: (gettext_lazy("سرنخ از دست رفت"), "bubble-bad"),
}
ENTRIES: dict[str, tuple[Text, str, str]] = {
    Kind.OPENING: (gettext_lazy("ماندهٔ آغاز"), "sparkles", "bubble-saffron"),
    Kind.SPEND: (gettext_lazy("خرج در خرید"), "wallet", "bubble-plain"),
    Kind.EXPIRE: (gettext_lazy("مهلتش تمام شد"), "clock", "bubble-bad"),
    Kind.ADJUST: (gettext_lazy("به دست کارکنان"), "hand-coins", "bubble-saffron"),
    Kind.REVERSE: (gettext_lazy("برگردان سند دستی"), "rotate-ccw", "bubble-plain"),
    Kind.MERGE: (gettext_lazy("یکی شدن دو عضو"), "users", "bubble-plain"),
}
SOURCES = (
    Source(
        "change",
        "created_at",
        lambda who: _acts_on(who),
        _change,
    ),
    Source("tier", "at", lambda who: TierChange.objects.filter(member__in=who), _tier),
    Source(
        "sms",
        "created_at",
        lambda who: OutboxMessage.objects.filter(member_id__in=who).exclude(
            Q(message_class=MessageClass.OTP) | Q(kind=CAMPAIGN.code)
        ),
        _message,
    ),
    Source(
        "mail",
        "created_at",
        lambda who: Mail.objects.filter(member__in=who).exclude(document__startswith="campaign:"),
        _mail,
    ),
    Source("notice", "starts_at", _notices, _notice),
    Source(
        "campaign",
        "at",
        lambda who: CampaignMember.objects.filter(member__in=who, outcome=CampaignMember.Outcome.SENT).select_related(
            "campaign"
        ),
        _campaign,
    ),
    Source(
        "segment",
        "occurred_at",
        lambda who: DomainEvent.objects.filter(member_id__in=who, kind__in=(ENTERED, LEFT)),
        _segment,
    ),
    Source(
        "value",
        "occurred_at",
        lambda who: _entries(who, Kind.OPENING, Kind.ADJUST, Kind.REVERSE, Kind.EXPIRE, Kind.MERGE).exclude(LEAVING),
        lambda row: _entry(row, "value"),
    ),
    Source(
        "refund",
        "occurred_at",
        lambda who: Refund.objects.filter(purchase__member__in=who).select_related("purchase"),
        _refund,
    ),
    Source(
        "lead", "at", lambda who: StageChange.objects.filter(lead__member__in=who).select_related("to_stage"), _lead
    ),
    Source(
        "ticket",
        "at",
        lambda who: TicketStatus.objects.filter(ticket__member__in=who).select_related("ticket"),
        _ticket,
    ),
    Source("occasion", "occurred_at", lambda who: with_names(Occasion.objects.filter(member__in=who)), _occasion),
    Source("spend", "occurred_at", lambda who: _entries(who, Kind.SPEND), lambda row: _entry(row, "spend")),
    Source("payment", "occurred_at", lambda who: Purchase.objects.filter(member__in=who, payable__gt=0), _payment),
    Source("purchase", "occurred_at", lambda who: Purchase.objects.filter(member__in=who), _purchase),
    # A merge leaves the earlier of the two days with who is left.
    Source("joined", "enrolled_at", lambda who: Member.objects.filter(pk=who[0]), _joined),
)
# Of what happened at one moment the first of these stands above.
RANKS = {source.name: rank for rank, source in enumerate(SOURCES)}
# On the card a purchase is told once, without its payment.
FIRST_SEEN = frozenset(RANKS) - {"payment"}
FILTERS: dict[str, tuple[Text, frozenset[str]]] = {
    "": (gettext_lazy("همه"), frozenset(RANKS)),
    "purchase": (gettext_lazy("خرید"), frozenset({"purchase"})),
    "payment": (gettext_lazy("پرداخت"), frozenset({"payment"})),
    "spend": (gettext_lazy("خرج"), frozenset({"spend"})),
    "refund": (gettext_lazy("برگشت"), frozenset({"refund"})),
    "occasion": (gettext_lazy("مناسبت"), frozenset({"occasion"})),
    "value": (gettext_lazy("دستی و پایان مهلت"), frozenset({"value"})),
    "sms": (gettext_lazy("پیام‌ها"), frozenset({"sms", "mail", "notice", "campaign"})),
    "ticket": (gettext_lazy("تیکت"), frozenset({"ticket"})),
    "change": (gettext_lazy("تغییر"), frozenset({"change", "tier", "joined", "segment", "lead"})),
}
