"""Whose pages these are."""

from typing import cast

from django.http import HttpRequest

from club.members.models import Member


def member_of(request: HttpRequest) -> Member:
    """The member of a view behind `member_required`."""
    return cast(Member, request.member)  # type: ignore[attr-defined]
