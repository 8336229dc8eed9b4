"""Writing the catalogue of rewards: each is known to other programs by its code, which never changes."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.rewards.models import Reward
from club.rewards.nearest import forget_nearest
from club.rewards.selectors import get_reward
from core import audit
from core.errors import Conflict, ValidationFailed
from core.reading import MOST_RIAL, Code, Field, Flag, Record, Text, Values, Whole, read_body
from core.text import clean_name
from offers.known import Known
from offers.made import make_offer
from offers.models import Offer

MOST_COUNT = 1_000_000_000
MOST_DAYS = 36_500
_NEEDS: dict[str, Field] = {
    "name": Text(required=True, least=1, most=100),
    "points": Whole(required=True, least=1, most=MOST_RIAL, about="the price in points"),
}
_MORE: dict[str, Field] = {
    "about": Text(most=200, about="what members read of it"),
    "benefit": Values(nullable=True, about="as in an offer; null: a thing handed over the counter"),
    "stock": Whole(nullable=True, most=MOST_COUNT, about="how many there are in all; null: no limit"),
    "per_member": Whole(nullable=True, least=1, most=MOST_COUNT, about="null: no limit"),
    "valid_days": Whole(nullable=True, least=1, most=MOST_DAYS, about="to the end of that local day; null: no end"),
    "position": Whole(most=1_000_000, about="the lower stands first"),
    "is_active": Flag(),
}
NEW_REWARD = Record(fields={"code": Code(required=True), **_NEEDS, **_MORE})


def changes_of(values: dict[str, Any]) -> dict[str, Any]:
    """The named fields, checked. Raises ValidationFailed by field."""
    known = {**_NEEDS, **_MORE}
    if "code" in values:
        raise ValidationFailed({"code": [_("کد عوض نمی‌شود.")]})
    return read_body(values, Record(fields={name: known[name] for name in known if name in values}))


@transaction.atomic
def create_reward(values: dict[str, Any], *, known: Known, actor: str, now: datetime) -> Reward:
    """A new reward. Raises ValidationFailed by field (`benefit.percent`), Conflict for a code that is taken."""
    said = read_body(values, NEW_REWARD)
    said["name"] = clean_name(said["name"])
    offer = _offer(said["name"], said.get("benefit"), known=known, actor=actor, now=now)
    try:
        with transaction.atomic():
            reward: Reward = Reward.objects.create(offer=offer, **said)
    except IntegrityError as error:
        raise Conflict(_("این کد پیش‌تر به کار رفته است."), field="code") from error
    forget_nearest()
    audit.record("reward.create", actor=actor, target=f"reward:{reward.pk}", before={}, after=said)
    return reward


@transaction.atomic
def update_reward(code: str, changes: dict[str, Any], *, known: Known, actor: str, now: datetime) -> Reward:
    """Change the named fields; vouchers given already stay what they are. Raises NotFound, ValidationFailed."""
    reward = get_reward(code, lock=True)
    said = changes_of(changes)
    if "name" in said:
        said["name"] = clean_name(said["name"])
    if said.get("stock") is not None and said["stock"] < reward.taken:
        text = _("تا اکنون %(taken)s تا گرفته شده است؛ موجودی کمتر از آن نمی‌شود.")
        raise ValidationFailed({"stock": [text % {"taken": reward.taken}]})
    before = {name: getattr(reward, name) for name in said}
    for name, value in said.items():
        setattr(reward, name, value)
    if any(before.get(name, getattr(reward, name)) != getattr(reward, name) for name in ("name", "benefit")):
        reward.offer = _offer(reward.name, reward.benefit, known=known, actor=actor, now=now)
    # Not `taken`, which redemptions move meanwhile.
    reward.updated_at = Now()
    reward.save(update_fields=[*said, "offer", "updated_at"])
    reward.refresh_from_db()
    forget_nearest()
    audit.record("reward.update", actor=actor, target=f"reward:{reward.pk}", before=before, after=said)
    return reward


def _offer(name: str, benefit: dict[str, Any] | None, *, known: Known, actor: str, now: datetime) -> Offer | None:
    if benefit is None:
        return None
    return make_offer(name, benefit, made_for=Offer.MadeFor.REWARD, known=known, actor=actor, now=now)
