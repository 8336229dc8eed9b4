"""Two who give the same reward at once: it is given once; without the claim both would post it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from club.ledger.models import Entry
from core import events
from core.models import Club
from crm.referrals import paying
from crm.referrals.models import Referral, ReferralReward
from crm.referrals.services import approve
from crm.referrals.tasks import pay_referrals
from tests.crm.referrals.acts import SALE, brought, credit, read, terms
from tests.shop import NOON, TOMAN, Shop
from tests.threads import in_threads

LATER = NOON + timedelta(days=8)


def due(club: Club) -> tuple[Shop, Any]:
    shop = Shop(club)
    terms(hold_days=7)
    sara = shop.member()
    shop.buys(brought(shop, sara), SALE)
    read()
    return shop, sara


def test_two_jobs_and_a_consumer_at_once_give_it_once(committed_club: Club) -> None:
    shop, sara = due(committed_club)
    acts = [lambda: pay_referrals(now=LATER)] * 3 + [events.consume_all]

    in_threads(committed_club, acts)

    assert credit(sara, LATER) == 200_000 * TOMAN and Entry.objects.filter(wallet__member=sara).count() == 1
    assert shop.proven()


def test_without_the_claim_the_second_would_post_it_again(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shop, _sara = due(committed_club)
    monkeypatch.setattr(paying, "claim", lambda reward, at: True)

    answers = in_threads(committed_club, [lambda: pay_referrals(now=LATER)] * 2, keep_errors=True)

    assert any(isinstance(answer, IntegrityError) for answer in answers)  # the ledger's own key is the last wall


def test_two_managers_approve_it_once(committed_club: Club) -> None:
    shop, sara = due(committed_club)
    referral = Referral.objects.get()
    Referral.objects.update(review="held")
    ReferralReward.objects.update(state="held")
    acts = [lambda: approve(referral.pk, actor="user:1", now=LATER)] * 3

    answers = in_threads(committed_club, acts, keep_errors=True)

    assert sorted(getattr(answer, "code", "") for answer in answers) == ["", "conflict", "conflict"]
    assert credit(sara, LATER) == 200_000 * TOMAN and shop.proven()
