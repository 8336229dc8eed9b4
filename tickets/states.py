"""The states of a ticket, and which act leads from which to which: pure."""

NEW, WAITING_FOR_US, WAITING_FOR_MEMBER, SOLVED, CLOSED = (
    *("new", "waiting_for_us", "waiting_for_member"),
    *("solved", "closed"),
)
OPEN = frozenset({NEW, WAITING_FOR_US, WAITING_FOR_MEMBER})
ENDED = frozenset({SOLVED, CLOSED})
OUR_TURN = frozenset({NEW, WAITING_FOR_US})
"""In these the clock of the service times runs; while the member is asked something it stands still."""

WRITES, ANSWERS, HOLDS, SOLVES, CLOSES, REOPENS = "writes", "answers", "holds", "solves", "closes", "reopens"
TABLE: dict[str, dict[str, str]] = {
    # The member writes: it is our turn; what was solved is open again. What is closed is reopened first.
    WRITES: {
        NEW: NEW,
        WAITING_FOR_US: WAITING_FOR_US,
        WAITING_FOR_MEMBER: WAITING_FOR_US,
        SOLVED: WAITING_FOR_US,
    },
    ANSWERS: {
        NEW: WAITING_FOR_MEMBER,
        WAITING_FOR_US: WAITING_FOR_MEMBER,
        WAITING_FOR_MEMBER: WAITING_FOR_MEMBER,
        SOLVED: SOLVED,
    },
    HOLDS: {NEW: WAITING_FOR_US, WAITING_FOR_MEMBER: WAITING_FOR_US},
    SOLVES: {NEW: SOLVED, WAITING_FOR_US: SOLVED, WAITING_FOR_MEMBER: SOLVED},
    CLOSES: {NEW: CLOSED, WAITING_FOR_US: CLOSED, WAITING_FOR_MEMBER: CLOSED, SOLVED: CLOSED},
    REOPENS: {SOLVED: WAITING_FOR_US, CLOSED: WAITING_FOR_US},
}


def after(act: str, state: str) -> str | None:
    """The state that the act leads to from this one; None where it cannot be done there."""
    return TABLE[act].get(state)
