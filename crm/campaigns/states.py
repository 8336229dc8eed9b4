"""Which states a campaign may come to from which: pure."""

DRAFT, SCHEDULED, WAITING, RUNNING = "draft", "scheduled", "waiting", "running"
STOPPED, DONE, FAILED = "stopped", "done", "failed"

ACTIVE = (WAITING, RUNNING)
"""A worker has it, or is to take it."""
BEGUN = (WAITING, RUNNING, STOPPED, DONE, FAILED)

MOVES: dict[str, tuple[str, ...]] = {
    "change": (DRAFT,),
    "send": (DRAFT,),
    # One that is done as well, while messages of it wait for the day or for the provider.
    "stop": (SCHEDULED, WAITING, RUNNING, DONE),
    "go_on": (STOPPED, FAILED),
    # As long as nothing of it was written.
    "to_draft": (SCHEDULED, STOPPED, FAILED),
    # Notices, from the panels; what is being written stops.
    "withdraw": BEGUN,
}
"""From which states each act begins."""


def may(act: str, status: str) -> bool:
    """Whether the act is open in this state."""
    return status in MOVES[act]
