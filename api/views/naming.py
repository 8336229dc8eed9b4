"""What a body names: a member, by id or by phone."""

from club.members.selectors import get_member, member_by_phone
from core.errors import NotFound


def member_named(named: int | str | None) -> int | None:
    """The id of the member, of a merged record that of who took it over; None for none. Raises NotFound."""
    if named is None:
        return None
    found = get_member(named) if isinstance(named, int) else member_by_phone(named)
    if found is None:
        raise NotFound
    return found.merged_into_id or found.pk
