"""Where a role counts: at the branches it names, or everywhere; and what is said where it does not reach."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from accounts.rights import RIGHTS, Right
from core.errors import Forbidden

Branches = frozenset[int] | None
"""Ids of branches; None for all of them."""


class AtOtherBranch(Forbidden):
    """What was sold at a branch is that branch's matter, or of who works at all of them."""

    message = _("این خرید در شعبهٔ %(branch)s ثبت شده است؛ برگشت آن با صندوق همان شعبه یا مدیر است.")


def own_branches(user: User, right: Right) -> Branches:
    """The branches at which the person may do this; None for all: a role without a branch counts everywhere."""
    roles = [role for role, rights in RIGHTS.items() if right in rights]
    held = StaffRole.objects.filter(user_id=user.pk, is_active=True, role__in=roles)
    branches = frozenset(held.values_list("branch_id", flat=True))
    named = frozenset(branch for branch in branches if branch is not None)
    return named if named == branches and named else None


def reaches(own: Branches, branch_id: int | None) -> bool:
    """Whether who works at these branches may touch what was sold there; a sale of no branch is everybody's."""
    return own is None or branch_id is None or branch_id in own
