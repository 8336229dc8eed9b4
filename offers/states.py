"""Which states an offer may come to from which: pure."""

DRAFT, LIVE, PAUSED, ENDED = "draft", "live", "paused", "ended"

MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "publish": ((DRAFT, PAUSED), LIVE),
    "pause": ((LIVE,), PAUSED),
    "end": ((DRAFT, LIVE, PAUSED), ENDED),
}
"""By what is done: from which states, to which."""


def act_to(status: str, wanted: str) -> str | None:
    """What leads from the one state to the other: empty where it is there already, None where nothing does."""
    if status == wanted:
        return ""
    return next((act for act, (before, after) in MOVES.items() if after == wanted and status in before), None)


def acts_on(status: str) -> list[str]:
    """What may be done with an offer in this state."""
    return [act for act, (before, _after) in MOVES.items() if status in before]
