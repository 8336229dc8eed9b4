"""Who may get advertising: by channel, as one statement, each member left out counted under one reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.members.consent import change_consent
from club.members.models import Member
from club.members.reach import reach_of, reachable
from core.errors import ValidationFailed
from core.models import Club
from sms.models import Suppression
from tests.shop import NOON, Shop


def says(member: Member, channel: str, *, given: bool) -> None:
    change_consent(member.pk, channel=channel, given=given, source="portal", actor="x", now=NOON)


@pytest.fixture
def people(shop: Shop) -> dict[str, Member]:
    names = ("willing", "left", "closed", "never_asked", "blocked", "erased", "no_phone", "by_mail")
    found = {name: shop.member(first_name=name) for name in names}
    ids = {name: one.pk for name, one in found.items()}
    says(found["left"], "sms", given=False)
    Suppression.objects.create(phone=found["closed"].phone or "", reason="operator")
    Member.objects.filter(pk=ids["never_asked"]).update(sms_consent=False, sms_consent_at=None)
    Member.objects.filter(pk=ids["blocked"]).update(status="blocked")
    Member.objects.filter(pk=ids["erased"]).update(status="erased", phone=None)
    Member.objects.filter(pk=ids["no_phone"]).update(phone=None)
    Member.objects.filter(pk=ids["by_mail"]).update(email="a@example.ir")
    says(found["by_mail"], "email", given=True)
    return found


def reached(channel: str) -> set[str]:
    return set(reachable(channel).values_list("first_name", flat=True))


def test_each_channel_reaches_who_agreed_to_it_and_can_be_written_to(people: dict[str, Member]) -> None:
    assert reached("sms") == {"willing", "by_mail"}
    assert reached("email") == {"by_mail"}
    assert reached("panel") == set(people) - {"blocked", "erased"}
    assert set(reachable("sms", Member.objects.filter(first_name="left"))) == set()


def test_what_is_left_out_is_counted_once_under_its_reason_in_one_query(people: dict[str, Member]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        sms = reach_of("sms", Member.objects.order_by("-id"))

    assert len(asked) == 1
    assert (sms.total, sms.reachable, sms.no_member, sms.no_address) == (8, 2, 2, 1)
    assert (sms.no_consent, sms.opted_out) == (1, 2)
    mail = reach_of("email", Member.objects.all())
    assert (mail.reachable, mail.no_member, mail.no_address, mail.no_consent, mail.opted_out) == (1, 2, 5, 0, 0)
    panel = reach_of("panel", Member.objects.all())
    assert (panel.reachable, panel.total) == (6, 8)


def test_a_way_that_nobody_knows_is_refused(club: Club) -> None:
    with pytest.raises(ValidationFailed):
        reachable("telex")
