"""The rewards that pages are looked at with: within reach, far, gone, and vouchers in every state."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from club.awards.granting import GrantOrder, start_grant
from club.awards.naming import known_codes
from club.awards.redeeming import RedeemOrder, cancel_redemption, redeem, use_redemption
from club.rewards.models import Grant, Redemption, Reward
from club.rewards.services import create_reward

MADE: tuple[dict[str, Any], ...] = (
    {"code": "tea", "name": "چای روز", "points": 20, "valid_days": 14},
    {"code": "off", "name": "ده درصد تخفیف", "points": 30, "benefit": {"kind": "discount_percent", "percent": 10}},
    {"code": "dear", "name": "کارگاه قهوهٔ خانگی", "about": "سه ساعت با برشته‌کار نارون", "points": 90_000},
    {"code": "gone", "name": "تقویم رومیزی", "points": 10, "stock": 0},
)


def reward_something(member_id: int, actor: str) -> dict[str, Any]:
    """A catalogue; of the member's vouchers one is used, one cancelled, one open to be handed out, one a coupon."""
    now = timezone.now()
    for values in MADE:
        create_reward(values, known=known_codes(), actor=actor, now=now)
    taken = [
        redeem(RedeemOrder(member_id, code), actor=actor, key=f"taken-{place}", now=now).id
        for place, code in enumerate(("tea", "tea", "tea", "off"))
    ]
    with transaction.atomic():
        use_redemption(taken[0], actor=actor, now=now)
        cancel_redemption(taken[1], actor=actor, now=now)
    Redemption.objects.filter(pk=taken[2]).update(expires_at=now.replace(year=now.year + 1))
    ids = dict(Reward.objects.values_list("code", "pk"))
    grant = start_grant(
        GrantOrder("run", gives="points", amount=20, reason="جشن پانزده‌سالگی"), [member_id], actor=actor, now=now
    )
    stopped = start_grant(GrantOrder("stopped", name="ماگ باشگاه"), [member_id], actor=actor, now=now)
    Grant.objects.filter(pk=stopped.pk).update(status="stopped", error="«ماگ باشگاه» تمام شده است.")
    Grant.objects.filter(pk=grant.pk).update(status="running", heartbeat_at=now.replace(year=now.year + 1))
    made = {"grant_id": grant.pk, "stopped_grant": stopped.pk}
    return {"reward_id": ids["tea"], "dear_reward": ids["dear"], "redemption_id": taken[2], **made}
