"""Which states a campaign may come to from which: pure."""

DRAFT, SCHEDULED, WAITING, RUNNING = "draft", "scheduled", "waiting", "running"
STOPPED, DONE, FAILED = "stopped", "done", "failed"

ACTIVE = (WAITING, RUNNING)
"""A worker has it, or is to take it."""
MAY_CHANGE = (DRAFT,)
MAY_STOP = (SCHEDULED, WAITING, RUNNING, DONE)
"""One that is done as well, while messages of it wait for the day or for the provider."""
MAY_GO_ON = (STOPPED, FAILED)
BEGUN = (WAITING, RUNNING, STOPPED, DONE, FAILED)
