"""What the endpoints of leads take."""

from core.reading import Choice, Day, Field, NamedCode, Phone, Record, Text, Whole
from crm.leads.checks import MOST_EXPECTED
from crm.leads.models import Lead, LeadKind

_EMAIL = Text(nullable=True, most=254)
_KIND = Choice(values=tuple(LeadKind.values))
_SOURCE = Text(nullable=True, most=40)
_EXPECTED = Whole(nullable=True, most=MOST_EXPECTED, about="Rial")
_NOTE = Text(nullable=True, most=1_000)
NEW_LEAD = Record(
    fields={
        "phone": Phone(required=True, about="in any usual form and any digits"),
        "name": Text(required=True, least=1, most=120),
        "email": _EMAIL,
        "kind": _KIND,
        "source": _SOURCE,
        "agent": NamedCode(nullable=True, about="code of the agent who brings them"),
        "referred_by": NamedCode(nullable=True, about="code of the member, or agent, who named them"),
        "expected_amount": _EXPECTED,
        "note": _NOTE,
    }
)
LEAD_CHANGES = Record(
    fields={
        "phone": Phone(),
        "name": Text(least=1, most=120),
        "email": _EMAIL,
        "kind": _KIND,
        "source": _SOURCE,
        "expected_amount": _EXPECTED,
        "note": _NOTE,
        "next_activity": Record(
            nullable=True,
            fields={"text": Text(required=True, least=1, most=200), "due_on": Day(required=True)},
        ),
        "stage": NamedCode(about="code of the stage to move to"),
        "status": Choice(values=(Lead.Status.OPEN.value, Lead.Status.LOST.value), about="open: go on with a lost one"),
        "lost_reason": Text(least=1, most=200, about="closes the lead as lost"),
        "rival": Text(nullable=True, most=80, about="to whom it was, or may be, lost"),
    }
)
LEAD_LIST: dict[str, Field] = {
    "phone": Phone(),
    "status": Choice(values=tuple(Lead.Status.values)),
    "stage": NamedCode(),
    "kind": Choice(values=tuple(LeadKind.values)),
    "q": Text(most=100, about="phone or name"),
}
