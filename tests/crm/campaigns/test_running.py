"""A campaign on its way: once to each whatever happens to its worker, held for the day, stopped, gone on with."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from club.ledger.selectors import balances
from club.purchases.orders import PurchaseOrder
from club.rewards.models import Grant
from core.errors import Conflict, ValidationFailed
from core.jalali import day_bounds, last_day, local_date
from core.models import AuditEntry, DomainEvent
from crm.campaigns import running, writing
from crm.campaigns.drafting import create_draft, delete_draft, fingerprint, get_campaign, problems, update_draft
from crm.campaigns.models import Campaign, CampaignMember, ContactPolicy
from crm.campaigns.previewing import forecast, words_for
from crm.notices.models import Notice
from offers.models import Coupon
from offers.services import move_offer
from sms.models import OutboxMessage, SmsSettings, Status
from sms.services import dispatch_due
from tests.crm.campaigns.acts import begin, draft, messages, outcomes, send
from tests.offering import publish
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}
NIGHT = NOON + timedelta(hours=10)
"""Ten in the evening in Tehran: advertising waits for the morning."""


class Killed(Exception):
    """The worker is gone in the middle."""


def killed_after(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies in the transaction of the batch after so many, when everything of it is written."""
    write, done = writing.write_batch, iter(range(batches))

    def write_and_die(*args: Any, **options: Any) -> list[int]:
        ids = write(*args, **options)
        if next(done, None) is None:
            raise Killed
        return ids

    monkeypatch.setattr(running, "write_batch", write_and_die)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(running, "BATCH", 3)
    monkeypatch.setattr(running, "BATCH_WITH_VALUE", 3)
    return


def test_everybody_gets_the_words_of_the_campaign_with_what_is_known_of_them(shop: Shop) -> None:
    shop.tiers()
    member = shop.member(first_name="سارا", opening_points=25)
    shop.member(first_name="")
    text = "{club}\n[[{name} عزیز، ]]{points_balance} امتیاز داری. {link}"

    campaign = send(text=text)

    dispatch_due(now=NOON)
    said = [message.text for message in messages(campaign)]
    assert said[0].startswith(f"{shop.club.name}\nسارا عزیز، ۲۵ امتیاز داری. http")
    assert said[0].endswith("\nلغو۱۱")
    assert said[1].startswith(f"{shop.club.name}\n۰ امتیاز")
    row = OutboxMessage.objects.get(member_id=member.pk, document=campaign.document)
    assert (row.status, row.message_class, row.kind) == (Status.DELIVERED, "advertising", "campaign")
    assert (campaign.status, campaign.asked, campaign.done) == ("done", 2, 2)


def test_a_worker_killed_in_the_middle_is_followed_behind_the_last_batch(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, small_batches: None
) -> None:
    for _each in range(10):
        shop.member()
    offer = publish("یلدا", TEN, code_required=True)
    campaign = begin(draft(gives="coupon", offer_id=offer.pk, valid_days=7, text="{club} {code} {expires}"))
    with monkeypatch.context() as patched:
        killed_after(2, patched)
        with pytest.raises(Killed):
            running.work(now=NOON)
    assert (get_campaign(campaign.pk).done, len(messages(campaign)), Coupon.objects.count()) == (6, 6, 6)
    assert running.work(now=NOON) == "nothing to send", "its worker may be alive"

    Campaign.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    running.work(now=NOON)

    found = get_campaign(campaign.pk)
    assert (found.status, found.done, found.deaths) == ("done", 10, 1)
    assert outcomes(found) == {"sent": 10}
    assert len({message.member_id for message in messages(campaign)}) == len(messages(campaign)) == 10
    codes = dict(Coupon.objects.values_list("code", "member"))
    assert {message.context["code"]: message.member_id for message in messages(campaign)} == codes


def test_the_code_in_the_message_is_used_once_and_by_its_member_alone(shop: Shop) -> None:
    member, other = shop.member(), shop.member()
    offer = publish("یلدا", TEN, code_required=True)
    campaign = send(gives="coupon", offer_id=offer.pk, valid_days=7, text="{club} {code}")
    code = next(one.context["code"] for one in messages(campaign) if one.member_id == member.pk)

    receipt = shop.buy(PurchaseOrder(member_id=member.pk, amount=1_000_000, coupons=(code,)))

    assert receipt.net == 900_000
    with pytest.raises(Exception, match="coupon_not_for_member"):
        shop.buy(PurchaseOrder(member_id=other.pk, amount=1_000_000, coupons=(code,)))


@pytest.mark.parametrize(("gives", "amount"), [("points", 40), ("credit", 500_000)])
def test_points_and_credit_come_with_the_message_once_and_nothing_else_tells_of_them(
    shop: Shop, small_batches: None, gives: str, amount: int
) -> None:
    people = [shop.member() for _each in range(4)]
    OutboxMessage.objects.all().delete()

    campaign = send(gives=gives, amount=amount, text=f"{{club}} {{{gives}}}")

    assert [getattr(balances(one.pk, NOON), gives) for one in people] == [amount] * 4
    assert set(OutboxMessage.objects.values_list("kind", flat=True)) == {"campaign"}
    grant = Grant.objects.get()
    assert (grant.status, grant.given, grant.name) == ("done", 4, campaign.name)
    assert shop.proven()


def test_advertising_waits_in_the_outbox_until_the_window_of_the_club_opens(shop: Shop) -> None:
    shop.member()
    night = NOON + timedelta(hours=10)  # ten in the evening

    campaign = send(now=night)

    dispatch_due(now=night)
    assert [message.status for message in messages(campaign)] == ["queued"]
    assert messages(campaign)[0].next_attempt_at == NOON + timedelta(hours=21)
    dispatch_due(now=NOON + timedelta(hours=21))
    assert [message.status for message in messages(campaign)] == ["delivered"]


def test_what_has_not_left_is_cancelled_by_stopping_and_goes_when_it_is_gone_on_with(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, small_batches: None
) -> None:
    for _each in range(5):
        shop.member()
    campaign = begin(draft())
    with monkeypatch.context() as patched:
        killed_after(1, patched)
        with pytest.raises(Killed):
            running.work(now=NOON)

    assert running.stop(campaign.pk, actor="user:1", now=NOON) == 3
    assert running.work(now=NOON) == "nothing to send"
    dispatch_due(now=NOON)
    assert {message.status for message in messages(campaign)} == {"skipped"}

    running.go_on(campaign.pk, actor="user:1", now=NOON)
    running.work(now=NOON)
    dispatch_due(now=NOON)
    assert [message.status for message in messages(campaign)] == ["delivered"] * 5
    with pytest.raises(Conflict):
        running.stop(campaign.pk, actor="user:1", now=NOON)
    actions = AuditEntry.objects.filter(target=campaign.document).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["campaign.create", "campaign.send", "campaign.stop", "campaign.go_on"]


def test_a_message_that_the_dispatcher_had_in_hand_at_the_stop_is_cancelled_when_it_comes_back(shop: Shop) -> None:
    shop.member()
    campaign = send()
    OutboxMessage.objects.filter(document=campaign.document).update(status="sending")
    with pytest.raises(Conflict):
        running.stop(campaign.pk, actor="user:1", now=NOON)
    shop.member()
    other = send(now=NOON)
    OutboxMessage.objects.filter(document=other.document, pk=messages(other)[0].pk).update(status="sending")
    running.stop(other.pk, actor="user:1", now=NOON)
    OutboxMessage.objects.filter(document=other.document, status="sending").update(status="queued")

    running.work(now=NOON)

    assert {message.status for message in messages(other)} == {"skipped"}


def test_a_campaign_for_later_is_sent_at_its_time_and_not_before(shop: Shop) -> None:
    shop.member()
    campaign = begin(draft(starts_at=NOON + timedelta(hours=2)))
    assert campaign.status == "scheduled"

    running.work(now=NOON + timedelta(hours=1))
    before = get_campaign(campaign.pk).status
    running.work(now=NOON + timedelta(hours=2))

    assert (before, get_campaign(campaign.pk).status) == ("scheduled", "done")


def test_sent_twice_under_its_key_is_once_and_what_somebody_changed_meanwhile_is_not_sent(shop: Shop) -> None:
    shop.member()
    campaign = draft()
    seen = fingerprint(campaign)
    update_draft(campaign.pk, {"text": "{club} چیز دیگر"}, actor="user:2")
    with pytest.raises(Conflict):
        running.send(campaign.pk, key="k", seen=seen, actor="user:1", now=NOON)

    campaign = get_campaign(campaign.pk)
    begin(campaign)
    assert begin(campaign).status == "waiting"
    with pytest.raises(Conflict):
        begin(campaign, key="another")
    for change in (
        lambda: update_draft(campaign.pk, {"text": "{club}"}, actor="user:2"),
        lambda: delete_draft(campaign.pk, actor="user:2"),
    ):
        with pytest.raises(Conflict):
            change()
    running.work(now=NOON)
    assert len(messages(campaign)) == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text": "{club} {nonsense}"}, "text"),
        ({"text": "{club} {code}"}, "text"),
        ({"gives": "coupon", "text": "{club} {code}"}, "offer_id"),
        ({"gives": "points"}, "amount"),
    ],
)
def test_a_draft_that_is_not_ready_is_not_sent(shop: Shop, said: dict[str, Any], field: str) -> None:
    campaign = draft(**said)

    with pytest.raises(ValidationFailed) as refused:
        begin(campaign)

    assert list(refused.value.errors) == [field]
    assert (get_campaign(campaign.pk).status, CampaignMember.objects.count()) == ("draft", 0)


@pytest.mark.parametrize("said", [{"name": " "}, {"text": ""}, {"control_bp": 6_000}, {"channel": "fax"}])
def test_a_draft_of_nonsense_is_not_kept(shop: Shop, said: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        create_draft({"name": "یلدا", "text": "{club}", **said}, actor="user:1")

    assert list(refused.value.errors) == list(said)


def test_without_credit_at_the_provider_campaigns_stop_and_say_so_and_go_on_when_told(shop: Shop) -> None:
    shop.member()
    campaign = send()

    assert running.stop_for_credit(now=NOON) == 1

    found = get_campaign(campaign.pk)
    assert (found.status, "شارژ" in found.error) == ("stopped", True)
    assert DomainEvent.objects.filter(kind="campaign.out_of_credit", document=campaign.document).count() == 1
    assert running.stop_for_credit(now=NOON) == 0
    running.go_on(campaign.pk, actor="user:1", now=NOON)
    running.work(now=NOON)
    assert [message.status for message in messages(campaign)] == ["queued"]


def test_a_batch_costs_as_many_statements_for_any_number(shop: Shop, django_assert_max_num_queries: Any) -> None:
    SmsSettings.objects.get_or_create()
    ContactPolicy.objects.get_or_create()
    for _each in range(30):
        shop.member()
    campaign = begin(draft())
    taken = running.claim(NOON)
    assert taken is not None

    with django_assert_max_num_queries(16):
        running._batch(taken, NOON)

    assert get_campaign(campaign.pk).done == 30


def test_what_is_gone_on_with_is_not_cancelled_by_a_sweep_that_had_read_it_as_stopped(shop: Shop) -> None:
    shop.member()
    campaign = send(now=NIGHT)
    running.stop(campaign.pk, actor="user:1", now=NIGHT)
    as_read = get_campaign(campaign.pk)
    running.go_on(campaign.pk, actor="user:1", now=NIGHT)
    running.work(now=NIGHT)

    running._cancel_what_came_back(as_read, NIGHT)

    assert [message.status for message in messages(campaign)] == [Status.QUEUED]


def test_a_campaign_whose_offer_ended_meanwhile_stops_and_the_staff_are_told_why(shop: Shop) -> None:
    shop.member()
    offer = publish("یلدا", TEN, code_required=True)
    asked = draft(gives="coupon", offer_id=offer.pk, text="{club} {code}", starts_at=NOON + timedelta(days=1))
    campaign = begin(asked)
    move_offer(offer.pk, "pause", actor="user:1", now=NOON)

    running.work(now=NOON + timedelta(days=1))

    campaign = get_campaign(campaign.pk)
    assert (campaign.status, messages(campaign)) == ("stopped", [])
    assert "فعال" in campaign.error and Notice.objects.get().text.endswith(campaign.error)

    move_offer(offer.pk, "publish", actor="user:1", now=NOON)
    running.go_on(campaign.pk, actor="user:1", now=NOON + timedelta(days=1))
    running.work(now=NOON + timedelta(days=1))
    assert (get_campaign(campaign.pk).status, len(messages(campaign))) == ("done", 1)


def test_the_end_of_a_code_is_what_the_preview_said_and_no_later_than_its_offers(shop: Shop) -> None:
    member = shop.member()
    ends = day_bounds(local_date(NOON) + timedelta(days=5))[1]
    offer = publish("یلدا", TEN, code_required=True, ends_at=ends.isoformat())
    for valid_days, end in ((None, ends), (30, ends), (2, day_bounds(local_date(NOON) + timedelta(days=2))[1])):
        asked = draft(gives="coupon", offer_id=offer.pk, valid_days=valid_days, text="{club} {code} تا {expires}")
        foreseen = words_for(asked, [member], now=NOON)[0].words

        campaign = begin(asked, key=f"k{valid_days}")
        ContactPolicy.objects.update_or_create(defaults={"most_a_week": 9})
        running.work(now=NOON)

        assert Coupon.objects.get(document=campaign.document).ends_at == end
        dispatch_due(now=NOON)
        [sent] = messages(campaign)
        assert sent.context["expires"] == last_day(end).isoformat()
        assert sent.text.partition(" تا ")[2] == foreseen.partition(" تا ")[2]


def test_an_end_that_nothing_has_is_not_promised(shop: Shop) -> None:
    endless = publish("همیشه", TEN, code_required=True)
    promised, plain = "{club} {code} تا {expires}", "{club} {code}[[ تا {expires}]]"

    assert "text" in problems(draft(gives="coupon", offer_id=endless.pk, text=promised), now=NOON)
    assert problems(draft(gives="coupon", offer_id=endless.pk, text=plain), now=NOON) == {}
    assert problems(draft(gives="coupon", offer_id=endless.pk, valid_days=3, text=promised), now=NOON) == {}
    assert "text" in problems(draft(text="{club} تا {expires}"), now=NOON)


def test_what_is_for_later_is_judged_by_the_cap_of_its_own_day(shop: Shop) -> None:
    shop.member()
    ContactPolicy.objects.create(most_a_week=1)
    send()

    assert forecast(draft(), now=NOON).sent == 0
    assert forecast(draft(starts_at=timezone.now() + timedelta(days=8)), now=NOON).sent == 1
