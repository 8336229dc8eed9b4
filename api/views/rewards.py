"""Rewards, and the vouchers that members get of them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api import reward_answers, reward_bodies
from api.document import describe
from api.once import answer_once, required_key
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from club.awards.naming import known_codes
from club.awards.redeeming import RedeemOrder, RedemptionReceipt, cancel_redemption, redeem, use_redemption
from club.rewards.selectors import get_redemption, rewards
from club.rewards.services import NEW_REWARD, create_reward

NEWEST_REWARDS = ListOrder()


class Rewards(ApiView):
    @describe("List rewards", page_of="Reward")
    def get(self, request: Request) -> HttpResponse:
        return answer(page(rewards(), list_query(request.query_params), NEWEST_REWARDS, reward_answers.rewards))

    @describe("Add a reward", body=NEW_REWARD, answer="Reward", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        values = self.body(NEW_REWARD)
        text, replayed = answer_once(request, lambda: self._create(values))
        return stored_answer(text, replayed=replayed)

    def _create(self, values: dict[str, Any]) -> dict[str, Any]:
        return reward_answers.reward(create_reward(values, known=known_codes(), actor=self.actor, now=self.now))


class Redemptions(ApiView):
    pos_may_write = True

    @describe(
        "Take a reward for points", body=reward_bodies.REDEMPTION, answer="Redemption", status=201, key="required"
    )
    def post(self, request: Request) -> HttpResponse:
        key = required_key(request)
        receipt = redeem(RedeemOrder(**self.body(reward_bodies.REDEMPTION)), actor=self.actor, key=key, now=self.now)
        return stored_answer(receipt.dump(), replayed=receipt.replayed)


class RedemptionAct(ApiView):
    """What the two acts on a voucher share."""

    pos_may_write = True

    def act(
        self, request: Request, redemption_id: int, act: Callable[..., RedemptionReceipt], *, required: bool = False
    ) -> HttpResponse:
        if required:
            required_key(request)
        get_redemption(redemption_id)
        text, replayed = answer_once(request, lambda: act(redemption_id, actor=self.actor, now=self.now).as_json())
        return stored_answer(text, replayed=replayed, status=200)


class UseRedemption(RedemptionAct):
    @describe("Hand out what a voucher is for", answer="Redemption", key="optional")
    def post(self, request: Request, redemption_id: int) -> HttpResponse:
        return self.act(request, redemption_id, use_redemption)


class CancelRedemption(RedemptionAct):
    @describe("Cancel a voucher, with its points back", answer="Redemption", key="required")
    def post(self, request: Request, redemption_id: int) -> HttpResponse:
        return self.act(request, redemption_id, cancel_redemption, required=True)
