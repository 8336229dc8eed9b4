"""An act in words: of each value that it changed the name, the old and the new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApiKey, Role
from club.catalogue.models import Branch, Group
from club.ledger.models import Unit
from club.members.models import CustomField, Member, Segment
from club.purchases.payments import METHODS
from club.tiers.models import Tier
from core.errors import Text
from core.jalali import format_date
from core.language import in_language, listed
from core.models import AuditEntry
from core.templatetags.club_ui import money_unit, percent, signed, signed_money_unit
from crm.agents.models import ContractTerms
from desk.audit import offers
from desk.audit.queries import filter_of
from desk.manager.record import actors
from desk.manager.settings.terms import ASKED
from sms.models import Status
from sms.provider_codes import explain

LABELS: dict[str, Text] = {
    "added": gettext_lazy("افزوده‌شدگان"),
    "taken_off": gettext_lazy("برداشته‌شدگان"),
    "tier_last_day": gettext_lazy("روز پایان سطح"),
    "activity": gettext_lazy("فعالیت"),
    "occasion": gettext_lazy("مناسبت"),
    "is_shown": gettext_lazy("با نام دیده شود"),
    "is_closed": gettext_lazy("تعطیل بود"),
    "points": gettext_lazy("امتیاز"),
    "note": gettext_lazy("یادداشت"),
    "reason": gettext_lazy("دلیل"),
    "referred_by": gettext_lazy("معرف"),
    "agent_code": gettext_lazy("کد عامل معرف"),
    "agent": gettext_lazy("عامل"),
    "agents": gettext_lazy("عاملان"),
    "amount": gettext_lazy("مبلغ"),
    "basis": gettext_lazy("از کدام خرید"),
    "cap_month": gettext_lazy("سقف هر ماه"),
    "cap_total": gettext_lazy("سقف کل قرارداد"),
    "hold_days": gettext_lazy("روزهای نگه‌داری"),
    "iban": gettext_lazy("شبا"),
    "number": gettext_lazy("نسخه"),
    "paid_on": gettext_lazy("روز پرداخت"),
    "percent_bp": gettext_lazy("درصد از خرید"),
    "reference": gettext_lazy("شمارهٔ پیگیری"),
    "starts_on": gettext_lazy("از روز"),
    "ends_on": gettext_lazy("تا پایان روز"),
    "takes_applications": gettext_lazy("درخواست همکاری می‌پذیرد"),
    "role": gettext_lazy("نقش"),
    "phone": gettext_lazy("موبایل"),
    "name": gettext_lazy("نام"),
    "status": gettext_lazy("وضعیت"),
    "form": gettext_lazy("نوع فایل"),
    "query": gettext_lazy("فیلترها"),
    "two_factor": gettext_lazy("ورود دومرحله‌ای"),
    "invited": gettext_lazy("دعوت شد"),
    "scope": gettext_lazy("دامنه"),
    "sessions": gettext_lazy("نشست‌ها"),
    "left": gettext_lazy("کدهای مانده"),
    "entry": gettext_lazy("سند"),
    "net": gettext_lazy("مبلغ"),
    "branch_id": gettext_lazy("شعبه"),
    "code": gettext_lazy("کد"),
    "count": gettext_lazy("شمار کدها"),
    "consent": gettext_lazy("راه گرفتن رضایت"),
    "credit_bp": gettext_lazy("اعتبار (درصد)"),
    "done": gettext_lazy("سطرهای خوانده‌شده"),
    "extra_credit_bp": gettext_lazy("اعتبار بیشتر (درصد)"),
    "file": gettext_lazy("فایل"),
    "into": gettext_lazy("به پروندهٔ"),
    "known": gettext_lazy("از پیش عضو"),
    "lines": gettext_lazy("سطرها"),
    "logo": gettext_lazy("لوگو"),
    "member": gettext_lazy("عضو"),
    "moved": gettext_lazy("عضو جابه‌جاشده"),
    "new": gettext_lazy("عضو تازه"),
    "offer": gettext_lazy("پیشنهاد"),
    "on_day": gettext_lazy("روز"),
    "days_before": gettext_lazy("چند روز پیش یا پس از آن"),
    "password": gettext_lazy("گذرواژه"),
    "pattern": gettext_lazy("الگوی کد"),
    "per_member": gettext_lazy("برای هر عضو"),
    "points_factor_bp": gettext_lazy("ضریب امتیاز (درصد)"),
    "purchases": gettext_lazy("خریدهای جابه‌جاشده"),
    "refused": gettext_lazy("ردشده"),
    "revoked_at": gettext_lazy("باطل شدن"),
    "source_record": gettext_lazy("از پروندهٔ"),
    "text": gettext_lazy("متن"),
    "tier": gettext_lazy("سطح"),
    "time_zone": gettext_lazy("منطقهٔ زمانی"),
    "uses": gettext_lazy("دفعات"),
    "vat_bp": gettext_lazy("مالیات (درصد)"),
    "void": gettext_lazy("باطل"),
    "welcome": gettext_lazy("پیامک خوش‌آمد"),
    "": gettext_lazy("بدون سطح"),
}
# Where a name means something else than in a form: by the kind of what the act was done to.
OF_KIND: dict[tuple[str, str], Text] = {
    ("batch", "count"): gettext_lazy("شمار"),
    ("grant", "count"): gettext_lazy("شمار"),
    ("grant", "credit"): gettext_lazy("اعتبار به هر نفر"),
    ("grant", "given"): gettext_lazy("داده شد"),
    ("grant", "points"): gettext_lazy("امتیاز به هر نفر"),
    ("agent_settings", "about"): gettext_lazy("متن صفحهٔ درخواست"),
    ("batch", "reason"): gettext_lazy("برای چه"),
    ("import", "joined"): gettext_lazy("عضو شدند"),
    ("import", "points"): gettext_lazy("امتیاز آغاز"),
    ("import", "credit"): gettext_lazy("اعتبار آغاز"),
    ("outboxmessage", "status"): gettext_lazy("نتیجه"),
}
VALUES: dict[str, dict[str, Text]] = {
    "role": dict(Role.choices),
    "scope": dict(ApiKey.Scope.choices),
    "password": {"set": gettext_lazy("گذاشته شد")},
    "payment_method": METHODS,
    "basis": dict(ContractTerms.Basis.choices),
}
SENT = gettext_lazy("فرستاده شد")
# Acts that tell of tiers by their codes.
MOVING = frozenset({"tier.move", "tier.delete"})
MONEY = frozenset({"net", "min_amount_rial", "price", "rial_per_point", "money_back"})
MONEY_OF_KIND = frozenset(
    {
        ("agent", "cap_month"),
        ("agent", "cap_total"),
        ("payout", "amount"),
        ("payout_run", "amount"),
        ("import", "credit"),
        ("grant", "credit"),
        ("member", "amount"),
        ("giftcard", "amount"),
        ("batch", "amount"),
    }
)
# What is named by a code or a number, and whose name is looked up: by the kind of thing that it is.
LOOKS = {
    "tier": "tier",
    "tier_floor": "tier",
    "branch_id": "branch",
    "groups": "group",
    "referred_by": "member",
    "member": "member",
    "into": "member",
    "source_record": "member",
    "position": "field",
}
# What the audit of a merge counts beside the values that were taken over.
MERGED = frozenset({"source", "into", "moved", "purchases"})
OWN = "custom."
KIND = "kind."
TIER = "tier."
AS_WRITTEN = frozenset(
    {
        "code",
        "pattern",
        "time_zone",
        "file",
        "email",
        "external_id",
        "form",
        "colour",
        "brand_colour",
        "api_key",
        "agent_code",
    }
)


@dataclass(frozen=True)
class Change:
    """A value with its state before and after, in words; nothing where there was none."""

    label: str
    before: str
    after: str
    look: str = ""
    """Of what kind the things are that the values name by code or number."""

    def named(self, labels: dict[str, str]) -> Change:
        """With the club's own names of what it calls by code or number."""
        label = labels.get(self.label, self.label.removeprefix(OWN).removeprefix(TIER))
        if labels.get(KIND + self.label) == CustomField.Kind.DATE:
            return replace(self, label=label, before=day_in_words(self.before), after=day_in_words(self.after))
        if not self.look:
            return replace(self, label=label)
        before, after = (self._looked_up(text, labels) for text in (self.before, self.after))
        return replace(self, label=label, before=before, after=after)

    def _looked_up(self, text: str, labels: dict[str, str]) -> str:
        return listed(labels.get(f"{self.look}.{one}", in_language(one)) for one in text.split(",")) if text else ""


def own_names(changes: Sequence[Change]) -> dict[str, str]:
    """What the club calls whatever these name by code or number; the same few queries however many they are."""
    numbers = {
        int(text)
        for change in changes
        if change.look == "member"
        for text in (change.before, change.after)
        if text.isdecimal()
    }
    own = list(CustomField.objects.values_list("code", "label", "kind"))
    fields = {OWN + code: label for code, label, _kind in own}
    people = {change.after for change in changes if change.look == "person"}
    return (
        fields
        | {KIND + OWN + code: kind for code, _label, kind in own}
        | {f"person.{name}": said for name, said in actors(people).items()}
        | {f"field.{name.removeprefix(OWN)}": label for name, label in fields.items()}
        | {TIER + code: name for code, name in Tier.objects.values_list("code", "name")}
        | {f"branch.{number}": name for number, name in Branch.objects.values_list("pk", "name")}
        | {f"group.{code}": name for code, name in Group.objects.values_list("code", "name")}
        | {f"segment.{code}": name for code, name in Segment.objects.values_list("code", "name")}
        | {f"member.{row.pk}": str(row) for row in Member.objects.filter(pk__in=numbers)}
    )


def changes_of(entry: AuditEntry) -> tuple[Change, ...]:
    """The values that the act changed; of the club's own fields each by itself."""
    if entry.target == "programme":
        return _settings(entry)
    if entry.action.startswith("ledger."):
        return _by_hand(entry.after)
    if entry.action == "list.export":
        return _taken_home(entry.after)
    if entry.target.startswith("offer:"):
        return tuple(Change(*said) for said in offers.told(entry.before, entry.after))
    if entry.target.startswith("reward:"):
        return _reward(entry)
    kind, hidden = entry.target.partition(":")[0], frozenset[str]()
    first: tuple[Change, ...] = ()
    if entry.action == "member.merge":
        first, hidden = _merged(entry), MERGED
    elif entry.action in MOVING:
        first, hidden = _by_tier(entry), frozenset(entry.after) - {"moved"}
    before, after = _flat(entry.before, hidden), _flat(entry.after, hidden)
    told = (_change(kind, name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after]))
    return first + tuple(change for change in told if change.before != change.after)


def _reward(entry: AuditEntry) -> tuple[Change, ...]:
    """Of what it gives that it changed; its page says what it is."""
    before, after = dict(entry.before), dict(entry.after)
    changed = ("benefit" in before or after.get("benefit")) and before.pop("benefit", None) != after.get("benefit")
    after.pop("benefit", None)
    told = tuple(_change("reward", name, before.get(name), after[name]) for name in after)
    gives = (Change(label_of("reward", "benefit"), "", _("عوض شد") if entry.before else _("دارد")),) if changed else ()
    return tuple(change for change in told if change.before != change.after) + gives


def _change(kind: str, name: str, before: Any, after: Any) -> Change:
    look = LOOKS.get(name, "") if name != "position" or isinstance(after, list) else ""
    say = _codes if look else partial(in_words, kind, name)
    return Change(label_of(kind, name), say(before), say(after), look)


def _codes(value: Any) -> str:
    return ",".join(str(one) for one in value) if isinstance(value, list) else str("" if value is None else value)


def _merged(entry: AuditEntry) -> tuple[Change, ...]:
    """Whose record was taken over by whom, and the sums and purchases that went along."""
    after, own = entry.after, entry.target.partition(":")[2]
    other = "into" if own == str(after.get("source")) else "source_record"
    number = after.get("into") if other == "into" else after.get("source")
    moved = dict(after.get("moved") or {})
    sums = [_value(unit, moved[unit]) for unit in Unit.values if moved.get(unit)]
    purchases = after.get("purchases") or 0
    bought = [Change(str(LABELS["purchases"]), "", in_language(purchases))] if purchases else []
    return Change(str(LABELS[other]), "", _codes(number), "member"), *sums, *bought


def _by_tier(entry: AuditEntry) -> tuple[Change, ...]:
    """How the rank of each tier changed, or how many came to which tier from one that was taken off."""
    names = [name for name in entry.after if name != "moved"]
    return tuple(
        Change(
            TIER + name if name != "-" else str(LABELS[""]),
            in_words("tier", "rank", entry.before.get(name)),
            in_words("tier", "rank", entry.after[name]),
        )
        for name in names
    )


def _taken_home(after: dict[str, Any]) -> tuple[Change, ...]:
    """In which form, and what the list was filtered by."""
    query = after.get("query") or {}
    filters = (filter_of(name, str(value)) for name, value in query.items())
    asked = tuple(Change(label, "", said, look) for label, said, look in filters)
    return Change(str(LABELS["form"]), "", str(after.get("form", "")).upper()), *asked


def _by_hand(after: dict[str, Any]) -> tuple[Change, ...]:
    """What was given or taken, and why."""
    given = _value(after.get("unit", ""), after.get("delta", 0))
    return given, Change(str(LABELS["reason"]), "", str(after.get("reason", "")))


def _value(unit: str, delta: int) -> Change:
    said = signed_money_unit(delta) if unit in (Unit.CREDIT, Unit.CREDIT_DEBT) else signed(delta)
    labels: dict[str, Text] = dict(Unit.choices)
    return Change(str(labels.get(unit, unit)), "", said)


def _settings(entry: AuditEntry) -> tuple[Change, ...]:
    """The programme's settings speak for themselves."""

    def said(name: str, values: dict[str, Any]) -> str:
        if name not in values:
            return ""
        return ASKED[name].shown(values) if name in ASKED else in_words("programme", name, values[name])

    names = dict.fromkeys([*entry.before, *entry.after])
    return tuple(
        Change(
            str(ASKED[name].label) if name in ASKED else label_of("programmeversion", name),
            said(name, entry.before),
            said(name, entry.after),
        )
        for name in names
    )


def _flat(values: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name == "custom" and isinstance(value, dict):
            flat |= {OWN + code: inner for code, inner in value.items()}
        elif name not in hidden:
            flat[name] = value
    return flat


def label_of(kind: str, name: str) -> str:
    """What people call the value: as in its form; without a word for people, as it is written."""
    if (kind, name) in OF_KIND:
        return str(OF_KIND[kind, name])
    if name in LABELS:
        return str(LABELS[name])
    field = _field(kind, name)
    return str(field.verbose_name) if field and isinstance(field.verbose_name, Promise) else name


def in_words(kind: str, name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("بله") if value else _("نه")
    if isinstance(value, int):
        return _number(kind, name, value)
    if isinstance(value, list):
        return listed(value)
    if isinstance(value, dict):
        return listed(f"{key}: {inner}" for key, inner in value.items())
    if name.endswith(("_date", "_at", "_on", "_day")):
        return day_in_words(str(value))
    return _text(kind, name, str(value))


def day_in_words(text: str) -> str:
    """The Jalali day of what is kept as ISO text; anything else as it is."""
    try:
        return format_date(date.fromisoformat(text[:10]))
    except ValueError:
        return text


def _number(kind: str, name: str, value: int) -> str:
    if name in MONEY or (kind, name) in MONEY_OF_KIND:
        return money_unit(value)
    return percent(value) if name.endswith("_bp") else in_language(value)


def _text(kind: str, name: str, value: str) -> str:
    if name in AS_WRITTEN:
        return value
    if name == "logo":
        return _("گذاشته شد")
    if name == "phone":
        return in_language(value)
    if (kind, name) == ("outboxmessage", "status"):
        return str(SENT) if value == Status.SENT else explain(value)
    field = _field(kind, name)
    choices = VALUES.get(name) or (dict(field.flatchoices) if field else {})
    return str(choices.get(value, value))  # what people wrote stands as they wrote it, digits too


def _field(kind: str, name: str) -> Any:
    """The column that the value came from, if one has its name."""
    models = (model for model in apps.get_models() if model._meta.model_name == kind)
    fields = (field for model in models for field in model._meta.fields if name in (field.name, field.attname))
    return next(fields, None)
