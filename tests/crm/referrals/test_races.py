"""Two who give the same reward at once give it once, and two who would close a circle do not; without the guards they would."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from club.ledger.models import Entry
from club.members import services
from club.members.agent_codes import register_agent_code
from club.members.models import Member
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


def circle(club: Club) -> list[Any]:
    """An agent's code would bring a friend, as the friend would bring the agent's own membership."""
    shop = Shop(club)
    friend, own = shop.member(), shop.member()
    code = register_agent_code(1, own.phone or "", name="مریم رضایی", actor="user:1")
    return [
        lambda: tied(friend.pk, code),
        lambda: tied(own.pk, friend.referral_code),
    ]


def tied(member_id: int, code: str) -> None:
    with transaction.atomic():
        services.set_referrer(member_id, code, actor="user:1")


def test_of_two_who_would_close_a_circle_through_an_agent_one_is_refused(committed_club: Club) -> None:
    answers = in_threads(committed_club, circle(committed_club), keep_errors=True)

    assert sorted(getattr(answer, "code", "") for answer in answers) == ["", "referral_refused"]
    assert sum(member.is_referred for member in Member.objects.all()) == 1


def test_without_the_lock_on_the_chain_both_would_be_tied(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, note = Barrier(2, timeout=20), services._note_referrer

    def noted(*what: Any, **more: Any) -> None:
        both.wait()
        note(*what, **more)

    monkeypatch.setattr(services, "lock_referrals", lambda: None)
    monkeypatch.setattr(services, "_note_referrer", noted)

    in_threads(committed_club, circle(committed_club))

    assert sum(member.is_referred for member in Member.objects.all()) == 2
