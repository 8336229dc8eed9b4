"""The worker that writes a campaign killed in the middle: nobody is left out, nobody has two messages or two gifts."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from club.ledger.models import Lot
from club.members.models import Member
from club.purchases.proof import verify_value
from core.models import Club
from core.rows import insert_rows
from core.runs import GONE_AFTER
from core.tenancy.scope import current_club_id
from core.timetable import Every
from crm.campaigns.drafting import get_campaign
from crm.campaigns.models import Campaign, CampaignMember
from crm.campaigns.tasks import clubs_with_campaigns
from offers.models import Coupon
from sms.emulator.server import Emulator, running_emulator
from sms.models import OutboxMessage
from tests.crm.campaigns.acts import begin, draft
from tests.offering import publish
from tests.sms.faults import House, advertise, assert_each_was_sent_once, house, lease_is_over, wait_until, waiting

TEN = {"kind": "discount_percent", "percent": 10}
WALLETS = """
INSERT INTO ledger_wallet (club_id, member_id, unit, balance, version)
SELECT %(club)s, m.id, u, 0, 0 FROM members_member m
CROSS JOIN unnest(ARRAY['points', 'credit', 'points_debt', 'credit_debt']) u WHERE m.club_id = %(club)s
"""
pytestmark = pytest.mark.slow


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running_emulator() as provider:
        yield provider


def people(count: int) -> None:
    """So many members with their wallets, each with a phone of its own that the emulator takes."""
    names = ("phone", "phone_reversed", "referral_code", "enrolled_at", "updated_at", "tags", "custom")
    phones, now = [f"0912{10 * number + 9:07}" for number in range(count)], timezone.now()
    insert_rows(Member, names, [(one, one[::-1], f"r{one}", now, now, [], {}) for one in phones])
    with connection.cursor() as cursor:
        cursor.execute(WALLETS, {"club": current_club_id()})


def worker_is_gone() -> None:
    """As if the minutes had passed after which a worker that says nothing is taken for dead."""
    for campaign in Campaign.objects.filter(status=Campaign.Status.RUNNING):
        Campaign.objects.filter(pk=campaign.pk).update(heartbeat_at=timezone.now() - GONE_AFTER - timedelta(seconds=1))
    lease_is_over()


class Sweep:
    """The jobs of the scheduler, each time at their next due time."""

    def __init__(self, at_home: House, club: Club) -> None:
        self.at_home, self.club, self.due = at_home, club, Every(30).last_due(timezone.now())

    def run(self, *jobs: str) -> None:
        self.due = Every(30).next_due(self.due)
        for job in jobs:
            said = {"name": job, "for_club": self.club.pk, "due_at": self.due.isoformat()}
            self.at_home.ask("config.tasks.run_job", **said)


@pytest.mark.parametrize(("gives", "members"), [("coupon", 20_000), ("points", 2_000)])
def test_a_worker_killed_three_times_while_it_writes_leaves_nobody_out_and_writes_to_nobody_twice(
    committed_club: Club, emulator: Emulator, tmp_path: Path, gives: str, members: int
) -> None:
    advertise(emulator, members)
    people(members)
    offer = publish("یلدا", TEN, code_required=True) if gives == "coupon" else None
    told = {"offer_id": offer.pk, "text": "{club}\nکد تو {code}"} if offer else {"amount": 40}
    campaign = begin(draft(gives=gives, **told), now=timezone.now())
    cut = []

    with house(tmp_path, emulator, committed_club) as at_home:
        sweep = Sweep(at_home, committed_club)
        for share in (0.1, 0.4, 0.7):
            at_home.start_worker()
            assert committed_club.pk in clubs_with_campaigns(), "the sweep finds what was left"
            sweep.run("send_campaigns")
            wait_until(lambda least=share * members: get_campaign(campaign.pk).done >= least)
            at_home.kill_worker()
            cut.append(get_campaign(campaign.pk).done)
            worker_is_gone()
        at_home.start_worker()
        sweep.run("send_campaigns", "dispatch_sms")
        wait_until(lambda: get_campaign(campaign.pk).status == Campaign.Status.DONE)
        while waiting():
            sweep.run("dispatch_sms")
            before = waiting()
            wait_until(lambda least=before: waiting() < least or not waiting())

        assert sorted(set(cut)) == cut and cut[-1] < members, f"killed in the middle each time: {cut}"
        found = get_campaign(campaign.pk)
        assert (found.status, found.done, found.deaths) == ("done", members, 3)
        assert_each_was_sent_once(emulator, members)
        rows = CampaignMember.objects.filter(campaign=campaign, outcome="sent")
        of_whom = dict(OutboxMessage.objects.values_list("pk", "member_id"))
        assert dict(rows.values_list("message_id", "member")) == of_whom
        assert set(of_whom.values()) == set(Member.objects.values_list("pk", flat=True))
        if offer:
            codes = dict(Coupon.objects.values_list("code", "member"))
            assert len(codes) == members
            said = OutboxMessage.objects.values_list("context__code", "member_id")
            assert dict(said) == codes, "each is told the code that is theirs"
        else:
            lots = Lot.objects.values("wallet__member").annotate(n=Count("pk")).values_list("n", "wallet__member")
            assert set(lots) == {(1, member) for member in of_whom.values()}
            assert set(Lot.objects.values_list("amount", flat=True)) == {40}
            assert verify_value() == []
