"""Campaigns over other channels than SMS, and what the outbox tells campaigns."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from club.members.consent import change_consent
from club.members.models import Member
from core import events
from core.errors import Conflict, ValidationFailed
from core.jalali import day_bounds, local_date
from crm.campaigns import running, withdrawing
from crm.campaigns.drafting import get_campaign
from crm.campaigns.figuring import kept_figures
from crm.campaigns.models import Campaign
from crm.campaigns.selectors import Figures, figures_of, lines_of
from crm.campaigns.tasks import clubs_with_campaigns
from crm.mail.dispatch import dispatch_due
from crm.mail.models import Mail
from crm.notices.models import Notice, NoticeRead
from crm.notices.selectors import new_for_member, notices_of_member
from offers.models import Coupon
from sms import recording
from sms.gateways.base import OutOfCredit
from sms.models import OutboxMessage
from tests.crm.campaigns.acts import begin, draft, messages, outcomes, send
from tests.offering import publish
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}
LETTER = {"channel": "email", "subject": "{name}، یلدا مبارک", "text": "سلام {name}\nکد: {code}"}


def readers(shop: Shop) -> list[Member]:
    """Two who agreed to mails; one who did not, and one without an address, who get none."""
    found = [shop.member(first_name=name, email=f"m{place}@example.com") for place, name in enumerate(("سارا", "نیما"))]
    for member in found:
        change_consent(member.pk, channel="email", given=True, source="desk", actor="user:1", now=NOON)
    shop.member(email="no@example.com")
    shop.member()
    return found


def test_a_campaign_by_email_reaches_who_agreed_with_a_code_and_a_link_to_leave(shop: Shop) -> None:
    people = readers(shop)
    offer = publish("یلدا", TEN, code_required=True)

    campaign = send(**LETTER, gives="coupon", offer_id=offer.pk, valid_days=7)
    dispatch_due(now=NOON)

    assert outcomes(campaign) == {"sent": 2, "no_consent": 1, "no_address": 1}
    assert [one.to for one in mail.outbox] == [["m0@example.com"], ["m1@example.com"]]
    code = Coupon.objects.get(member=people[0]).code
    assert mail.outbox[0].subject == "سارا، یلدا مبارک" and code in mail.outbox[0].body
    assert "List-Unsubscribe" in mail.outbox[0].extra_headers
    figures = figures_of([campaign.pk])[campaign.pk]
    assert (figures.written, figures.left, figures.failed, figures.cost) == (2, 2, 0, 0)
    assert [line.status for line in lines_of(campaign.pk)] == ["sent", "sent", "", ""]


def test_mails_that_have_not_left_are_cancelled_and_leave_when_it_is_gone_on_with(shop: Shop) -> None:
    readers(shop)
    campaign = send(channel="email", subject="یلدا", text="سلام {name}")

    assert running.stop(campaign.pk, actor="user:1", now=NOON) == 2
    dispatch_due(now=NOON)
    assert (mail.outbox, {one.status for one in Mail.objects.all()}) == ([], {"skipped"})

    running.go_on(campaign.pk, actor="user:1", now=NOON)
    running.work(now=NOON)
    dispatch_due(now=NOON)
    assert len(mail.outbox) == 2
    with pytest.raises(Conflict):
        running.stop(campaign.pk, actor="user:1", now=NOON)


def test_a_mail_without_a_subject_is_not_sent(shop: Shop) -> None:
    with pytest.raises(ValidationFailed) as refused:
        begin(draft(channel="email", text="سلام"))

    assert list(refused.value.errors) == ["subject"]


def test_a_campaign_on_the_panel_is_a_notice_to_each_counted_when_it_is_read(shop: Shop) -> None:
    member, _other = shop.member(first_name="سارا", phone=None, card="7"), shop.member()

    campaign = send(channel="panel", text="{name}، یلدا مبارک", gives="points", amount=5)

    assert outcomes(campaign) == {"sent": 2}
    notice = Notice.objects.get(member=member)
    assert (notice.text, notice.document) == ("سارا، یلدا مبارک", campaign.document)
    NoticeRead.objects.create(notice=notice, member=member, read_at=NOON)
    figures = figures_of([campaign.pk])[campaign.pk]
    assert (figures.written, figures.delivered, figures.failed, figures.states) == (2, 1, 0, {"read": 1, "shown": 1})
    with pytest.raises(Conflict):
        running.stop(campaign.pk, actor="user:1", now=NOON)


def test_a_notice_ends_after_its_days_or_with_its_code(shop: Shop) -> None:
    member = shop.member()
    offer = publish("یلدا", TEN, code_required=True)
    code = {"gives": "coupon", "offer_id": offer.pk, "valid_days": 3, "text": "{code}"}

    usual, short, with_code = (send(channel="panel", **said) for said in ({}, {"notice_days": 2}, code))

    ends = [Notice.objects.get(document=one.document).ends_at for one in (usual, short, with_code)]
    today = local_date(NOON)
    assert ends == [day_bounds(today + timedelta(days=days))[1] for days in (30, 2, 3)]
    assert new_for_member(member, at=NOON) == 3
    assert new_for_member(member, at=NOON + timedelta(days=4)) == 1


def test_notices_that_are_taken_back_leave_panels_and_badges_also_the_many_left_for_the_worker(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [shop.member() for _each in range(4)]
    campaign, other = send(channel="panel"), send(channel="panel")
    read = Notice.objects.get(document=campaign.document, member=people[0])
    NoticeRead.objects.create(notice=read, member=people[0], read_at=NOON)
    monkeypatch.setattr(withdrawing, "CHUNK", 1)
    monkeypatch.setattr(withdrawing, "AT_ONCE", 2)

    withdrawing.withdraw(campaign.pk, actor="user:1", now=NOON)
    assert Notice.objects.filter(document=campaign.document, withdrawn_at=None).count() == 2
    assert campaign.club_id in clubs_with_campaigns()
    withdrawing.finish(now=NOON)

    assert [new_for_member(member, at=NOON) for member in people] == [1] * 4, "the other campaign's"
    assert [len(notices_of_member(member, at=NOON)) for member in people] == [1] * 4
    assert figures_of([campaign.pk])[campaign.pk].states == {"read": 1, "withdrawn": 3}
    with pytest.raises(Conflict):
        withdrawing.withdraw(campaign.pk, actor="user:1", now=NOON)
    with pytest.raises(Conflict):
        withdrawing.withdraw(send().pk, actor="user:1", now=NOON)
    assert Notice.objects.filter(document=other.document, withdrawn_at=None).count() == 4


def test_what_is_being_written_stops_when_it_is_taken_back_and_does_not_go_on(shop: Shop) -> None:
    shop.member()
    campaign = begin(draft(channel="panel"))

    withdrawing.withdraw(campaign.pk, actor="user:1", now=NOON)

    assert running.work(now=NOON) == "nothing to send"
    with pytest.raises(Conflict):
        running.go_on(campaign.pk, actor="user:1", now=NOON)
    assert not Notice.objects.filter(document=campaign.document).exists()


def test_figures_are_summed_now_and_then_and_not_on_each_look(shop: Shop, django_assert_num_queries: Any) -> None:
    shop.member()
    campaign = send()

    def look(after: float) -> Figures:
        return kept_figures([get_campaign(campaign.pk)], now=NOON + timedelta(seconds=after))[campaign.pk]

    assert look(0).queued == 1
    OutboxMessage.objects.filter(document=campaign.document).update(status="delivered", parts=1, cost_rial=900)
    fresh = get_campaign(campaign.pk)
    with django_assert_num_queries(0):
        kept_figures([fresh], now=NOON + timedelta(seconds=9))
    assert look(9).queued == 1
    assert (look(11).delivered, look(11).cost) == (1, 900)
    settled = timezone.now() - NOON + timedelta(days=5)
    look(settled.total_seconds())
    OutboxMessage.objects.all().delete()
    assert look(settled.total_seconds() * 50).delivered == 1, "no provider tells of it any more"


def test_mails_count_in_the_week_as_well_but_notices_neither_count_nor_are_held_back(shop: Shop) -> None:
    readers(shop)
    for minute in range(2):
        assert outcomes(send(channel="panel", now=NOON + timedelta(minutes=minute))) == {"sent": 4}
    for minute in range(2):
        mailed = send(channel="email", subject="یلدا", now=NOON + timedelta(minutes=minute))
        assert outcomes(mailed)["sent"] == 2
    later = NOON + timedelta(minutes=5)

    assert outcomes(send(now=later)) == {"sent": 2, "policy": 2}
    assert outcomes(send(channel="panel", now=later)) == {"sent": 4}
    Mail.objects.filter(document=mailed.document).update(status="failed")
    assert outcomes(send(now=later)) == {"sent": 4}, "one of their two mails has not reached them"


def test_the_provider_without_credit_stops_campaigns_and_the_staff_are_told_once(shop: Shop) -> None:
    shop.member()
    campaign = send()
    events.consume_all()

    for _again in range(2):
        recording.wait_for_credit(OutOfCredit("418"), until=NOON + timedelta(minutes=15))
        events.consume_all()

    found = get_campaign(campaign.pk)
    assert (found.status, "شارژ" in found.error) == ("stopped", True)
    assert Notice.objects.filter(audience="staff", right="send_campaigns").count() == 1
    assert {one.status for one in messages(campaign)} == {"skipped"}
    running.go_on(campaign.pk, actor="user:1", now=NOON)
    running.work(now=NOON)
    assert [one.status for one in OutboxMessage.objects.filter(document=campaign.document)] == ["queued"]
    assert Campaign.objects.get().error == ""
