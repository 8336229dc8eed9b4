"""From a template and what happened to the words of one SMS. Reads no table.

A text has {placeholders}, and [[optional parts]] that vanish when a placeholder in them is empty or among the `unsaid`
of the context; a part may stand within another. Zero is a value like others. A line with nothing left to say goes as
well. Values are put in one pass, so a name that looks like a placeholder stays a name.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Text
from core.jalali import format_date
from core.language import grouped, listed
from core.money import format_money, unit_name
from core.text import clean_name
from sms.kinds import DAY, DERIVED, MONEY, NUMBER, Kind

OPTIONAL = re.compile(r"\[\[((?:(?!\[\[|\]\]).)*)\]\]", re.DOTALL)  # an innermost one
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_LEFT_ALONE = " ،؛·"


def faults(kind: Kind, text: Text) -> list[str]:
    """What is wrong with a text of this kind, in words for the one who wrote it; empty when nothing is."""
    text = str(text)
    if not text.strip():
        return [_("متن خالی است.")]
    found = unreadable(kind, text)
    if missing := missing_from(kind, text):
        found.append(
            _("این پیام بدون %(missing)s گفته نمی‌شود؛ آن را بیرون از [[…]] بنویسید.") % {"missing": shown(missing)}
        )
    return found


def missing_from(kind: Kind, text: Text) -> list[str]:
    """The placeholders that the kind needs and that may be left out of this text."""
    always = PLACEHOLDER.findall(_without_parts(str(text), lambda part: False))
    return [name for name in kind.needs if name not in always]


def unreadable(kind: Kind, text: Text) -> list[str]:
    """Why no words can be made of a text of this kind, for the one who wrote it; empty when they can."""
    text, found = str(text), []
    unknown = [name for name in PLACEHOLDER.findall(text) if name not in kind.known]
    if unknown:
        found.append(
            _("جای‌گذار %(unknown)s را نمی‌شناسیم؛ این‌ها را می‌توانید بنویسید: %(known)s")
            % {"unknown": shown(unknown), "known": shown(kind.known)}
        )
    bare = PLACEHOLDER.sub("", text)
    if "{" in bare or "}" in bare:
        found.append(_("آکولاد باز یا بسته‌ای تنها مانده است."))
    whole = _without_parts(text, lambda part: False)
    if "[[" in whole or "]]" in whole:
        found.append(_("هر «[[» باید یک «]]» داشته باشد."))
    return found


def shown(placeholders: Iterable[str]) -> str:
    """Placeholders as a person types them."""
    return listed(f"{{{name}}}" for name in placeholders)


def render(kind: Kind, text: Text, context: Mapping[str, Any], *, club_name: str, unit: str, link: str) -> str:
    """The words of the SMS, without the opt-out line."""
    values = written(kind, {**context, "club": club_name, "link": link}, unit)

    unsaid = set(context.get("unsaid") or ())

    def is_said(part: str) -> bool:
        return all(values.get(name) and name not in unsaid for name in PLACEHOLDER.findall(part))

    filled = PLACEHOLDER.sub(lambda found: values.get(found[1], ""), _without_parts(str(text), is_said))
    lines = [line.strip(_LEFT_ALONE) for line in filled.split("\n")]
    return "\n".join(line for line in lines if line)


def _without_parts(text: str, is_said: Callable[[str], bool]) -> str:
    """The text with its optional parts resolved, the inner before the outer."""
    while part := OPTIONAL.search(text):
        text = text[: part.start()] + (part[1] if is_said(part[1]) else "") + text[part.end() :]
    return text


def written(kind: Kind, context: Mapping[str, Any], unit: str) -> dict[str, str]:
    """Every placeholder of the kind as text; empty where there is nothing to say."""
    derived = {
        "new_tier": _new_tier,
        "next_tier_missing": _next_tier_missing,
        "missing": _missing,
        "offers": _offers,
        "free_items": _free_items,
    }
    return {
        name: derived[name](context, unit) if how == DERIVED else _written(how, context.get(name), unit)
        for name, how in kind.known.items()
    }


def _written(how: str, value: Any, unit: str) -> str:
    if value is None or value == "":
        return ""
    if how == MONEY:
        return f"{format_money(int(value), unit)} {unit_name(unit)}"
    if how == DAY:
        return _day(str(value))
    if how == NUMBER:
        return grouped(int(value))
    return clean_name(str(value))


def _day(value: str) -> str:
    """A day in words; what was put into words before (rows of an older release) stays as it is."""
    try:
        return format_date(date.fromisoformat(value))
    except ValueError:
        return clean_name(value)


def _offers(context: Mapping[str, Any], unit: str) -> str:
    """The names of the offers that gave something."""
    return clean_name(listed(context.get("offers") or ()))


def _free_items(context: Mapping[str, Any], unit: str) -> str:
    """The goods given away, each with its number."""
    return clean_name(listed(f"{grouped(quantity)} {name}" for name, quantity in context.get("free_items") or ()))


def _new_tier(context: Mapping[str, Any], unit: str) -> str:
    return _written("text", context.get("tier"), unit) if context.get("tier_changed") else ""


def _next_tier_missing(context: Mapping[str, Any], unit: str) -> str:
    """How far the next tier is, with what it is counted in."""
    return _counted(context.get("next_tier_missing") or 0, context.get("next_tier_metric"), unit)


def _missing(context: Mapping[str, Any], unit: str) -> str:
    """What is missing to keep a tier or to come back to it."""
    return _counted(context.get("missing") or 0, context.get("metric"), unit)


def _counted(missing: int, metric: str | None, unit: str) -> str:
    if not missing:
        return ""
    if metric == "spent":
        return _written(MONEY, missing, unit)
    if metric == "visits":
        said = ngettext("%(count)s خرید", "%(count)s خرید", missing)
    else:
        said = ngettext("%(count)s امتیاز", "%(count)s امتیاز", missing)
    return said % {"count": _written(NUMBER, missing, unit)}
