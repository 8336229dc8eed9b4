"""The table of states: what leads where, and what is refused."""

from itertools import product

from tickets import states
from tickets.models import Ticket


def test_every_act_leads_to_a_state_that_there_is() -> None:
    named = {state for table in states.TABLE.values() for pair in table.items() for state in pair}

    assert named == set(Ticket.Status.values) == states.OPEN | states.ENDED


def test_what_is_closed_is_only_ever_reopened() -> None:
    assert [act for act in states.TABLE if states.after(act, states.CLOSED)] == [states.REOPENS]


def test_after_every_act_somebody_is_awaited_or_it_has_ended() -> None:
    reached = {states.after(act, state) for act, state in product(states.TABLE, Ticket.Status.values)} - {None}

    assert reached == set(Ticket.Status.values)
    assert states.after(states.WRITES, states.SOLVED) == states.WAITING_FOR_US
    assert states.after(states.ANSWERS, states.NEW) == states.WAITING_FOR_MEMBER
