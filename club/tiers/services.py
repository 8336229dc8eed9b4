"""Writing tiers, and the floor given to a member by hand. Purchases, refunds and the nightly review move members."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from club.ledger.book import lock_book
from club.members.models import Member
from club.tiers.changing import Change, change_tiers
from club.tiers.granting import give_by_hand, given_by_hand, take_off_by_hand
from club.tiers.ladder import after_gain, step_of
from club.tiers.models import Tier
from club.tiers.selectors import get_tier, ladder
from core import audit
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.jalali import last_day
from core.tenancy.scope import club_zone

LIMITS: dict[str, tuple[int, int]] = {
    "rank": (0, 32_767),
    "threshold": (0, 10**15),
    "window_days": (1, 36_500),
    "points_factor_bp": (0, 1_000_000),
    "extra_credit_bp": (0, 10_000),
    "grace_days": (0, 36_500),
}
CHOICES = {"metric": Tier.Metric.values, "downgrade": Tier.Downgrade.values}
LENGTHS = {"code": 32, "name": 60}


@dataclass(frozen=True)
class NewTier:
    """A tier to make. Rates are basis points: 10,000 is a factor of 1; `spent` thresholds are Rial."""

    code: str
    name: str
    rank: int
    threshold: int
    metric: str = "spent"
    window_days: int | None = None
    points_factor_bp: int = 10_000
    extra_credit_bp: int = 0
    downgrade: str = "never"
    grace_days: int = 0


@transaction.atomic
def create_tier(new: NewTier, *, actor: str) -> Tier:
    """Add a tier to the ladder. Raises ValidationFailed by field, Conflict when code or rank is taken."""
    values = vars(new)
    _check(values)
    tier = Tier(**values)
    _save(tier)
    audit.record("tier.create", actor=actor, target=f"tier:{tier.pk}", before={}, after=values)
    return tier


@transaction.atomic
def update_tier(code: str, changes: dict[str, Any], *, actor: str) -> Tier:
    """Change the named fields of a tier but its code, which members hold. What is held moves at the next occasion.

    Raises NotFound, ValidationFailed by field, Conflict when the rank is taken.
    """
    tier = get_tier(code, lock=True)
    if changes.get("code", code) != code:
        raise ValidationFailed({"code": [_("کد سطح عوض نمی‌شود.")]})
    _check(changes)
    before = model_to_dict(tier, fields=list(changes))
    for name, value in changes.items():
        setattr(tier, name, value)
    _save(tier)
    audit.record("tier.update", actor=actor, target=f"tier:{tier.pk}", before=before, after=changes)
    return tier


def still_held(code: str) -> Conflict | None:
    """Why the tier stays: members hold it or have it as floor."""
    held = Member.objects.filter(Q(tier_code=code) | Q(tier_floor=code)).count()
    text = _("این سطح را %(members)s عضو دارند و پاک نمی‌شود؛ نخست آنان را جابه‌جا کنید.")
    return Conflict(text, members=held) if held else None


@transaction.atomic
def delete_tier(code: str, *, actor: str) -> None:
    """Take a tier off the ladder. Raises NotFound, Conflict while a member holds it or has it as floor."""
    tier = get_tier(code, lock=True)
    if held := still_held(code):
        raise held
    before = describe(tier)
    audit.record("tier.delete", actor=actor, target=f"tier:{tier.pk}", before=before, after={})
    tier.delete()


def describe(tier: Tier) -> dict[str, Any]:
    """All that is written of the tier, for the audit."""
    return model_to_dict(tier, exclude=["id", "club"])


@transaction.atomic
def set_tier_floor(
    member_id: int, code: str | None, *, actor: str, at: datetime, until: datetime | None = None
) -> None:
    """Hold the member at this tier or above (None: no floor), and lift the member there now; `until`: only to then.

    It takes the place of what was given by hand before; a tier given to a moment that is taken off ends at once.
    Locks the wallets first, as a purchase does, so that neither overwrites the other's tier.
    Raises NotFound, ValidationFailed for a tier that is not there (tier_floor) or an end that is past (until).
    """
    if not lock_book(member_id).wallets:
        raise NotFound
    steps = ladder(member_id, at)
    if code and step_of(steps, code) is None:
        raise ValidationFailed({"tier_floor": [_("چنین سطحی در باشگاه نیست.")]})
    if until is not None and until <= at:
        raise ValidationFailed({"until": [_("روز پایان پیش از امروز است.")]})
    member = Member.objects.get(pk=member_id)
    before = _by_hand(member)
    held, member.tier_floor = member.tier_code, code or "" if until is None else ""
    document = f"member:{member_id}"
    if code and until is not None:
        document = give_by_hand(member_id, code, until=until)
    if code:
        member.tier_code = after_gain(steps, held, code)
    member.save(update_fields=["tier_floor", "updated_at"])
    if member.tier_code != held:
        change_tiers([Change(member_id, held, member.tier_code, document, at)])
    take_off_by_hand(member_id, at=at, but=document)
    member.refresh_from_db(fields=["tier_code"])
    audit.record("member.tier_floor", actor=actor, target=f"member:{member_id}", before=before, after=_by_hand(member))


def _by_hand(member: Member) -> dict[str, str]:
    """The floor, to its last day where it has one, and the tier held, for the audit."""
    found = {"tier_floor": member.tier_floor, "tier": member.tier_code}
    given = given_by_hand(member.pk)
    if given is None:
        return found
    return {**found, "tier_floor": given.code, "tier_last_day": last_day(given.until, club_zone()).isoformat()}


def _check(values: dict[str, Any]) -> None:
    errors: dict[str, list[Text]] = {}
    for name, value in values.items():
        if name in LIMITS:
            least, most = LIMITS[name]
            if not (value is None and name == "window_days") and not least <= value <= most:
                errors[name] = [_("این عدد از اندازهٔ پذیرفتنی بیرون است.")]
        elif name in CHOICES:
            if value not in CHOICES[name]:
                errors[name] = [_("یکی از گزینه‌ها را برگزینید.")]
        elif name not in LENGTHS:
            errors[name] = [_("چنین فیلدی نیست.")]
        elif not 0 < len(value.strip()) <= LENGTHS[name]:
            errors[name] = [_("این فیلد خالی یا بلندتر از اندازه است.")]
    if errors:
        raise ValidationFailed(errors)


def check_order(tier: Tier) -> None:
    """Higher is harder: else one purchase would lift a newcomer to the top. Tells where the neighbour stands."""
    alike = Tier.objects.filter(metric=tier.metric, window_days=tier.window_days).exclude(pk=tier.pk)
    below = alike.filter(rank__lt=tier.rank, threshold__gte=tier.threshold).order_by("-threshold").first()
    above = alike.filter(rank__gt=tier.rank, threshold__lte=tier.threshold).order_by("threshold").first()
    if below is not None:
        raise ValidationFailed({"threshold": [_("باید بیش از آستانهٔ سطح «%(tier)s» باشد.") % {"tier": below.name}]})
    if above is not None:
        raise ValidationFailed({"threshold": [_("باید کمتر از آستانهٔ سطح «%(tier)s» باشد.") % {"tier": above.name}]})


def _save(tier: Tier) -> None:
    try:
        with transaction.atomic():
            tier.save()
    except IntegrityError as error:
        if "tier_rank_once" in str(error):
            raise Conflict(_("سطح دیگری همین پایه را دارد."), field="rank") from error
        if "tier_code_once" in str(error):
            raise Conflict(_("سطح دیگری همین کد را دارد."), field="code") from error
        raise
    check_order(tier)
