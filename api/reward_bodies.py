"""What the endpoints of rewards take."""

from core.reading import MemberRef, Moment, NamedCode, Record

REDEMPTION = Record(
    fields={
        "member": MemberRef(required=True),
        "reward": NamedCode(required=True),
        "occurred_at": Moment(nullable=True),
    }
)
