"""What a case expects: each word of `then` read off the step's answer, or off what the club has after it."""

from collections.abc import Callable
from typing import Any

from club.ledger.models import Lot
from club.ledger.selectors import Balances, balances
from club.members.models import Member
from club.purchases.receipts import Receipt
from tests.cases.acts import Seen
from tests.cases.stage import Stage
from tests.cases.words import UnknownWord

# The case's names of errors, by our codes.
ERRORS = {
    "insufficient_funds": {"insufficient_points", "insufficient_credit"},
    "insufficient_points": {"insufficient_points"},
    "already_reversed": {"already_reversed"},
    "coupon_invalid": {"coupon_unknown"},
    "coupon_not_yours": {"coupon_not_for_member"},
    "coupon_limit": {"coupon_used"},
    "already_member": {"duplicate_phone"},
    "self_referral": {"referral_refused"},
    "not_a_new_member": {"referral_refused"},
}


def check(stage: Stage, seen: Seen, expected: dict[str, Any]) -> None:
    """Assert every word of the expectation; UnknownWord for one that nobody reads."""
    words = {word: value for word, value in expected.items() if word != "step"}
    unknown = {bare(word) for word in words} - set(READERS) - {"error", "error_in"}
    if unknown or not words:
        raise UnknownWord(", ".join(sorted(unknown)) or "nothing is expected")
    if "error" in words:
        assert seen.error is not None, f"done, and not refused with {words['error']}"
        assert seen.error.code in ERRORS[words.pop("error")]
    elif "error_in" in words:
        assert seen.error is not None, f"done, and not refused with one of {words['error_in']}"
        assert seen.error.code in set.union(*(ERRORS[name] for name in words.pop("error_in")))
    elif seen.error is not None:
        raise seen.error
    for word, value in words.items():
        found, due = READERS[bare(word)](stage, seen), _in_rial(stage, bare(word), value)
        if word.endswith(LEAST):
            assert found >= due, word
        elif word.endswith(MOST):
            assert found <= due, word
        else:
            assert found == due, word


LEAST, MOST = "_at_least", "_at_most"


def bare(word: str) -> str:
    """The word without its bound."""
    return word.removesuffix(LEAST).removesuffix(MOST)


def _in_rial(stage: Stage, word: str, value: Any) -> Any:
    if word not in MONEY:
        return value
    if isinstance(value, dict):
        return {name: part * stage.unit for name, part in value.items()}
    return [part * stage.unit for part in value] if isinstance(value, list) else value * stage.unit


def _member(seen: Seen) -> Member:
    assert seen.member is not None
    return Member.objects.get(pk=seen.member.pk)


def _balances(seen: Seen) -> Balances:
    return balances(_member(seen).pk, seen.at)


def _ended(stage: Stage, seen: Seen) -> int:
    return -sum(row.delta for row in seen.entries if row.kind == "expire" and row.wallet.unit == "points")


def _points_moved(seen: Seen, kind: str) -> int:
    return sum(row.delta for row in seen.entries if row.kind == kind and row.wallet.unit == "points")


def _entries(stage: Stage, seen: Seen) -> int:
    member = _member(seen)
    return stage.entries_of(member) - stage.entries_before[member.pk]


def _lots(stage: Stage, seen: Seen) -> list[int]:
    lots = Lot.objects.filter(wallet__member=_member(seen), wallet__unit="points")
    return list(lots.order_by("expires_at", "id").values_list("remaining", flat=True))


def _receipt(seen: Seen) -> Receipt:
    assert seen.receipt is not None
    return seen.receipt


def _applied(_stage: Stage, seen: Seen) -> list[str]:
    return [award["name"] for award in _receipt(seen).awards]


def _discounts(_stage: Stage, seen: Seen) -> list[int]:
    return [line["discount"] for line in _receipt(seen).lines]


def _discount_by_sku(_stage: Stage, seen: Seen) -> dict[str, int]:
    return {line["product"]: line["discount"] for line in _receipt(seen).lines}


def _free_items(_stage: Stage, seen: Seen) -> int:
    return sum(award["item"]["quantity"] for award in _receipt(seen).awards if "item" in award)


def _of_receipt(name: str) -> Callable[[Stage, Seen], Any]:
    return lambda _stage, seen: getattr(seen.receipt, name)


def _of_refund(name: str) -> Callable[[Stage, Seen], Any]:
    return lambda _stage, seen: getattr(seen.refund, name)


READERS: dict[str, Callable[[Stage, Seen], Any]] = {
    "gross": _of_receipt("gross"),
    "discount": _of_receipt("discount"),
    "net": _of_receipt("net"),
    "due": _of_receipt("payable"),
    "paid_by_credit": _of_receipt("paid_by_credit"),
    "points_earned": _of_receipt("points_earned"),
    "applied": _applied,
    "applied_any_order": lambda stage, seen: sorted(_applied(stage, seen)),
    "discount_by_sku": _discount_by_sku,
    "line_discounts_sorted": lambda stage, seen: sorted(_discounts(stage, seen)),
    "line_discounts_sum": lambda stage, seen: sum(_discounts(stage, seen)),
    "free_items": _free_items,
    "charged": lambda _stage, seen: seen.purchases > 0,
    "refunded": _of_refund("refunded"),
    "refunded_money": _of_refund("refunded"),
    "points_revoked": _of_refund("points_taken_back"),
    "points_returned": _of_refund("points_returned"),
    "balances": lambda stage, seen: {name: balances(one.pk, seen.at).points for name, one in stage.members.items()},
    "balance": lambda _stage, seen: _balances(seen).points,
    "points": lambda _stage, seen: _balances(seen).points,
    "issued": lambda _stage, seen: _points_moved(seen, "earn"),
    "used": lambda _stage, seen: -_points_moved(seen, "spend"),
    "balance_spendable": lambda _stage, seen: _balances(seen).usable_points,
    "credit": lambda _stage, seen: _balances(seen).credit,
    "tier": lambda _stage, seen: _member(seen).tier_code,
    "changed": lambda _stage, seen: _member(seen).tier_code != seen.tiers_before[_member(seen).pk],
    "spent": lambda _stage, seen: _member(seen).spent_rial,
    "expired": _ended,
    "ledger_entries": _entries,
    "lots": _lots,
    "parts_sum": lambda _stage, seen: sum(seen.parts or []),
}
MONEY = {
    "gross", "discount", "net", "due", "paid_by_credit", "refunded", "refunded_money", "credit", "spent",
    "discount_by_sku", "line_discounts_sorted", "line_discounts_sum",
}  # fmt: skip
