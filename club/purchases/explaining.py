"""Why an offer applied to a purchase or not, in words: what the receipt lists under `awards` and `considered`."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.awards.naming import words_of
from offers.engine import Given, Verdict
from offers.judging import Miss, misses
from offers.live import LiveNow
from offers.rules import LiveOffer
from offers.situation import Situation
from offers.words import Words

TRIGGER = "purchase"
MOST = 50
"""Of more offers than that, what applied, what lost, and the nearest misses."""

OUTCOMES: dict[str, Promise] = {
    "applied": gettext_lazy("داده شد: %(worth)s"),
    "lost_to": gettext_lazy("«%(winner)s» %(by)s بیشتر به سود عضو است"),
    "limit_reached": gettext_lazy("سهم عضو یا همهٔ سهم‌ها پر شده است"),
    "budget_spent": gettext_lazy("بودجهٔ پیشنهاد به این نمی‌رسد"),
    "held_out": gettext_lazy("عضو در گروه مقایسهٔ این پیشنهاد است"),
    "not_active": gettext_lazy("در زمان این پیشنهاد نیست"),
    "no_effect": gettext_lazy("روی این سبد چیزی نمی‌دهد"),
    "cap_reached": gettext_lazy("سقف تخفیف باشگاه پر شده است"),
}
TIE = gettext_lazy("هم‌ارز «%(winner)s» است و آن یکی مقدم است")


def award_of(one: Given, points: int, code: str) -> dict[str, Any]:
    """What an offer gives, as the receipt says it: `points` as the programme's caps have left them.

    `code`: that of the coupon given, else that of the coupon used.
    """
    effect = one.effect
    said: dict[str, Any] = {"offer": one.offer.id, "name": one.offer.terms.name, "kind": one.offer.terms.benefit.kind}
    amount = effect.discount or effect.credit or effect.delivery
    if amount:
        said["amount"] = amount
    if one.points:
        said["points"] = points
    if effect.item:
        said["item"] = {"product": effect.item[0], "quantity": effect.item[1]}
    if code:
        said["coupon"] = code
    return {**said, "worth": one.worth, "lines": list(effect.lines)}


def kept_verdict(verdict: Verdict) -> dict[str, Any]:
    """What is kept with the purchase of an offer that matched."""
    kept = {
        "offer": verdict.offer.id,
        "version": verdict.offer.version,
        "outcome": verdict.outcome,
        "worth": verdict.worth,
    }
    return kept if verdict.lost_to is None else {**kept, "lost_to": verdict.lost_to, "by": verdict.by}


def considered(
    kept: Iterable[Mapping[str, Any]],
    here: Situation,
    live: LiveNow,
    *,
    coded: frozenset[int] = frozenset(),
    trigger: str = TRIGGER,
) -> list[dict[str, Any]]:
    """Every live offer of the trigger with what became of it: what matched as it was kept, then the nearest misses.

    `coded`: offers whose code was given; others that need one are not spoken of. Without a trigger no misses.
    """
    words = words_of(live)
    matched = [_matched(verdict, live, words) for verdict in kept]
    known = {one["offer"] for one in matched}
    rest = [
        offer
        for offer in live.by_id.values()
        if offer.terms.trigger == trigger
        and offer.id not in known
        and (not offer.terms.code_required or offer.id in coded)
    ]
    misses_of_rest = sorted((missed(offer, here) for offer in rest), key=nearness)
    return [*matched, *(_said(offer, failed, words) for offer, failed in misses_of_rest[: max(0, MOST - len(matched))])]


def _matched(kept: Mapping[str, Any], live: LiveNow, words: Words) -> dict[str, Any]:
    offer = live.by_id.get(kept["offer"])
    winner = live.by_id.get(kept.get("lost_to", 0))
    said = {
        "worth": words.money(kept["worth"]),
        "by": words.money(kept.get("by") or 0),
        "winner": winner.terms.name if winner else "",
    }
    pattern = TIE if kept["outcome"] == "lost_to" and not kept["by"] else OUTCOMES[kept["outcome"]]
    text = str(pattern) % said
    lost = {"lost_to": kept["lost_to"], "by": kept["by"]} if "lost_to" in kept else {}
    return {
        "offer": kept["offer"],
        "name": offer.terms.name if offer else "",
        "outcome": kept["outcome"],
        "worth": kept["worth"],
        **lost,
        "text": text,
    }


Missed = tuple[LiveOffer, list[Miss] | None]
"""An offer with the conditions that failed; None where it is not open now."""


def missed(offer: LiveOffer, here: Situation) -> Missed:
    """The offer with what stood against it."""
    return offer, misses(offer.terms.when, here) if offer.terms.is_open(here.at) else None


def nearness(one: Missed) -> tuple[int, float, int]:
    """Few failed conditions first, and of those the ones of which little is missing."""
    offer, failed = one
    if failed is None:
        return 10_000, 0.0, offer.id
    far = [one.missing / max(1, one.missing + _number(one.actual)) if one.missing else 1.0 for one in failed]
    return len(failed), sum(far), offer.id


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _said(offer: LiveOffer, failed: list[Miss] | None, words: Words) -> dict[str, Any]:
    said: dict[str, Any] = {"offer": offer.id, "name": offer.terms.name, "outcome": "not_active", "worth": 0}
    if failed is None:
        return {**said, "text": str(OUTCOMES["not_active"])}
    if not failed:
        return {**said, "outcome": "no_effect", "text": _none_of(offer, words)}
    text = _("، ").join(dict.fromkeys(words.missing(one) for one in failed))
    return {**said, "outcome": "not_matched", "failed": [failed_condition(one) for one in failed], "text": text}


def _none_of(offer: LiveOffer, words: Words) -> str:
    """Its conditions hold, and the basket has none of the goods that it is about."""
    of = offer.terms.benefit.of
    return _("در سبد نیست: %(goods)s") % {"goods": words.of(of)} if of else str(OUTCOMES["no_effect"])


def failed_condition(miss: Miss) -> dict[str, Any]:
    """A condition that does not hold, with how far off it is, as the receipt says it."""
    fact = miss.condition.fact
    said = {
        "fact": fact,
        "op": miss.condition.op,
        "value": _plain(miss.value, fact),
        "actual": _plain(miss.actual, fact),
    }
    return said if miss.missing is None else {**said, "missing": miss.missing}


def _plain(value: Any, fact: str) -> Any:
    """A value as JSON has it, hours as the API writes them."""
    if isinstance(value, tuple | frozenset):
        parts = [_plain(one, fact) for one in value]
        return sorted(parts) if isinstance(value, frozenset) else parts
    if isinstance(value, date):
        return value.isoformat()
    if fact == "time" and isinstance(value, int | float):
        whole = int(value)
        return f"{whole // 3600:02}:{whole % 3600 // 60:02}" + (f":{whole % 60:02}" if whole % 60 else "")
    return value
