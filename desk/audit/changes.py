"""An act in words: of each value that it changed the name, the old and the new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from club.catalogue.models import Branch, Group, Product
from club.ledger.models import Unit
from club.members.models import CustomField, Member, Segment
from club.tiers.models import Tier
from core.errors import Text
from core.language import in_language, listed
from core.models import AuditEntry
from core.templatetags.club_ui import signed, signed_money_unit
from desk.audit import offers
from desk.audit.queries import filter_of
from desk.audit.values import LABELS, day_in_words, in_words, label_of
from desk.manager.record import actors
from desk.manager.settings.terms import ASKED
from tickets.models import Department

# Acts that tell of tiers by their codes.
MOVING = frozenset({"tier.move", "tier.delete"})
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
# Where a name means something else than elsewhere: by the kind of what the act was done to.
LOOKS_OF_KIND = {
    ("ticket", "assignee"): "person",
    ("ticket", "department"): "department",
    ("ticket", "into"): "",
    ("ticket", "product"): "product",
}
# What the audit of a merge counts beside the values that were taken over.
MERGED = frozenset({"source", "into", "moved", "purchases"})
OWN = "custom."
KIND = "kind."
TIER = "tier."


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
    people, products, departments = (_named_as(look, changes) for look in ("person", "product", "department"))
    return (
        fields
        | {KIND + OWN + code: kind for code, _label, kind in own}
        | {f"person.{name}": said for name, said in actors(people).items()}
        | {f"field.{name.removeprefix(OWN)}": label for name, label in fields.items()}
        | {TIER + code: name for code, name in Tier.objects.values_list("code", "name")}
        | {f"branch.{number}": name for number, name in Branch.objects.values_list("pk", "name")}
        | {f"group.{code}": name for code, name in Group.objects.values_list("code", "name")}
        | _names("product", Product.objects.filter(code__in=products))
        | _names("department", Department.objects.filter(code__in=departments))
        | {f"segment.{code}": name for code, name in Segment.objects.values_list("code", "name")}
        | {f"member.{row.pk}": str(row) for row in Member.objects.filter(pk__in=numbers)}
    )


def _named_as(look: str, changes: Sequence[Change]) -> set[str]:
    """What the values of this kind name before and after."""
    return {text for change in changes if change.look == look for text in (change.before, change.after) if text}


def _names(look: str, rows: QuerySet[Any]) -> dict[str, str]:
    return {f"{look}.{code}": name for code, name in rows.values_list("code", "name")}


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
    usual = LOOKS.get(name, "") if name != "position" or isinstance(after, list) else ""
    look = LOOKS_OF_KIND.get((kind, name), usual)
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
