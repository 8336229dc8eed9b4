"""What members are told of beyond gifts: once a member and occasion, on its day, by who may be written to."""

from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.ledger.models import Lot
from club.members.models import CustomField, Member
from club.programme.named_days import correct_day
from club.purchases.merging import merge_members
from club.rewards.models import Redemption
from core.jalali import from_jalali
from core.models import DomainEvent
from crm.occasions.daily import anniversaries
from crm.occasions.greeting import greetings
from crm.occasions.models import Greeting
from crm.occasions.timing import set_days
from sms.editing import set_words
from sms.kinds import kind_of, name_of
from sms.models import OutboxMessage, SmsTemplate, Suppression
from sms.services import dispatch_due
from tests.crm.occasions.acts import FIFTY, TODAY, YALDA, day, hear, morning, points, switch, told, who
from tests.offering import LONG_AGO, publish
from tests.shop import NOON, Shop


def test_whose_points_end_soon_is_told_once_with_what_ends_and_its_first_day(shop: Shop) -> None:
    shop.programme(points_valid_days=30, rial_per_point=10_000)
    member, other = shop.member(enrolled_at=LONG_AGO), shop.member(enrolled_at=LONG_AGO)
    shop.buys(member, 1_000_000)
    shop.buys(member, 2_000_000, now=day(2))
    shop.buys(other, 1_000_000, now=day(20))

    for offset in (22, 23, 23, 24, 29):
        greetings(now=day(offset))

    [(pk, said)] = told("points_expiring")
    assert (pk, said["points"], said["unsaid"]) == (member.pk, 100, ["credit"])
    assert said["expires"] == (TODAY + timedelta(days=30)).isoformat()
    greetings(now=day(30))  # what ends later is told of a week after the first word
    assert [context["points"] for _pk, context in told("points_expiring")] == [100, 200]


def test_value_that_ends_without_a_purchase_counts_and_a_purchase_moves_its_day(shop: Shop) -> None:
    shop.programme(points_idle_days=30, rial_per_point=10_000)
    comes, stays_away = shop.member(enrolled_at=LONG_AGO), shop.member(enrolled_at=LONG_AGO)
    for member in (comes, stays_away):
        shop.buys(member, 1_000_000)
    shop.buys(comes, 10_000, now=day(20))

    greetings(now=day(25))

    [(pk, said)] = told("points_expiring")
    assert (pk, said["points"], said["expires"]) == (stays_away.pk, 100, (TODAY + timedelta(days=30)).isoformat())


def test_nothing_is_said_of_points_that_were_spent_or_ended(shop: Shop) -> None:
    shop.programme(points_valid_days=10, rial_per_point=10_000)
    shop.buys(shop.member(enrolled_at=LONG_AGO), 1_000_000)
    Lot.objects.update(remaining=0)

    greetings(now=day(5))

    assert told("points_expiring") == []


def test_a_voucher_that_ends_soon_is_told_once_and_of_two_the_first_with_the_number_of_others(shop: Shop) -> None:
    member = shop.member(enrolled_at=LONG_AGO)
    for number, days in enumerate((5, 6, 40)):
        Redemption.objects.create(
            member=member,
            name=f"نوشیدنی {number}",
            code=f"CODE{number}",
            occurred_at=NOON,
            actor="system",
            expires_at=day(days),
        )

    for offset in (1, 2, 3, 3, 4):
        greetings(now=day(offset))

    said = [(context["reward"], context["code"], context["more"]) for _pk, context in told("reward_expiring")]
    assert said == [("نوشیدنی 0", "CODE0", 0), ("نوشیدنی 1", "CODE1", 0)]
    Greeting.objects.all().delete()
    greetings(now=day(4))
    assert told("reward_expiring")[-1][1]["more"] == 1


def test_who_stays_away_is_missed_once_and_only_who_agreed_to_advertising(shop: Shop) -> None:
    switch("miss_you")
    agreed, no, off = (shop.member(enrolled_at=LONG_AGO) for _each in range(3))
    Member.objects.filter(pk__in=[agreed.pk, off.pk]).update(sms_consent=True)
    Member.objects.filter(pk=no.pk).update(sms_consent=False)
    Suppression.objects.create(phone=off.phone)
    for member in (agreed, no, off):
        shop.buys(member, 1_000_000)

    for offset in (59, 60, 60, 61, 90):
        greetings(now=day(offset))

    assert who("miss_you") == [agreed.pk]
    assert OutboxMessage.objects.get(kind="miss_you").message_class == "advertising"
    shop.buys(agreed, 1_000_000, now=day(91))
    greetings(now=day(91 + 62))
    assert who("miss_you") == [agreed.pk, agreed.pk], "another absence"


def test_advertising_keeps_to_what_the_club_sends_a_week_and_goes_when_there_is_room(shop: Shop) -> None:
    switch("miss_you")
    now = timezone.now()
    member = shop.member(enrolled_at=LONG_AGO)
    Member.objects.filter(pk=member.pk).update(sms_consent=True, last_purchase_at=now - timedelta(days=60))
    sent = [
        OutboxMessage.objects.create(
            kind="campaign", message_class="advertising", phone=member.phone, member_id=member.pk
        )
        for _each in range(2)
    ]

    greetings(now=now)
    assert (told("miss_you"), Greeting.objects.count()) == ([], 0)
    sent[0].delete()
    greetings(now=now)
    assert who("miss_you") == [member.pk]


def test_who_left_long_before_it_was_switched_on_is_not_written_to(shop: Shop) -> None:
    member = shop.member(enrolled_at=LONG_AGO)
    Member.objects.filter(pk=member.pk).update(sms_consent=True)
    shop.buys(member, 1_000_000)
    switch("miss_you")

    greetings(now=day(200))

    assert told("miss_you") == []


def test_a_named_day_is_greeted_on_it_or_days_before_and_never_after_it(shop: Shop) -> None:
    member = shop.member(enrolled_at=LONG_AGO, language="")
    Member.objects.filter(pk=member.pk).update(sms_consent=True)
    switch("named_day-yalda")

    for late in (-1, 0, 0, 1):
        greetings(now=morning(YALDA + timedelta(days=late)))
    assert [context["occasion"] for _pk, context in told("named_day-yalda")] == ["شب یلدا"]

    set_days("named_day-yalda", 3, actor="user:1")
    next_year = from_jalali(1406, 9, 30)
    greetings(now=morning(next_year - timedelta(days=3)))
    greetings(now=morning(next_year))
    assert len(told("named_day-yalda")) == 2
    greetings(now=morning(from_jalali(1407, 10, 2)), last=morning(from_jalali(1407, 9, 25)))
    assert len(told("named_day-yalda")) == 2, "what was missed is past"


def test_a_morning_that_was_missed_is_made_up_for_while_the_day_is_to_come(shop: Shop) -> None:
    Member.objects.filter(pk=shop.member(enrolled_at=LONG_AGO).pk).update(sms_consent=True)
    switch("named_day-yalda")
    set_days("named_day-yalda", 3, actor="user:1")

    greetings(now=morning(YALDA - timedelta(days=1)), last=morning(YALDA - timedelta(days=5)))

    assert len(told("named_day-yalda")) == 1


def test_a_corrected_day_is_greeted_where_the_club_has_it(shop: Shop) -> None:
    Member.objects.filter(pk=shop.member(enrolled_at=LONG_AGO).pk).update(sms_consent=True)
    switch("named_day-mothers_day")
    given = from_jalali(1405, 9, 9)
    correct_day("mothers_day", given, given + timedelta(days=1), actor="user:1")

    greetings(now=morning(given))
    assert told("named_day-mothers_day") == []
    greetings(now=morning(given + timedelta(days=1)))
    assert len(told("named_day-mothers_day")) == 1


def test_a_day_of_the_members_own_comes_every_year_once(shop: Shop) -> None:
    CustomField.objects.create(code="wedding", label="سالگرد ازدواج", kind="date")
    leap, other = shop.member(enrolled_at=LONG_AGO), shop.member(enrolled_at=LONG_AGO)
    for member, kept in ((leap, from_jalali(1399, 12, 30)), (other, from_jalali(1390, 12, 28))):
        Member.objects.filter(pk=member.pk).update(custom={"wedding": kept.isoformat()})
    switch("own_day-wedding")

    for year in (1405, 1406):
        for number in (27, 28, 29, 29):
            greetings(now=morning(from_jalali(year, 12, number)))

    assert who("own_day-wedding") == [other.pk, leap.pk, other.pk, leap.pk]
    assert told("own_day-wedding")[0][1]["occasion"] == "سالگرد ازدواج"
    assert sorted(Greeting.objects.filter(member=leap).values_list("key", flat=True)) == [
        "own:wedding:1405",
        "own:wedding:1406",
    ]


def test_an_anniversary_and_its_gift_are_one_message(shop: Shop) -> None:
    joined = morning(from_jalali(1404, 9, 1))
    member, plain = shop.member(enrolled_at=joined), shop.member(enrolled_at=joined, phone=None, card="700124")
    publish("سالگرد", FIFTY, trigger="anniversary")
    switch("anniversary")

    for _twice in range(2):
        anniversaries(now=NOON)

    [(pk, said)] = told("anniversary")
    assert (pk, said["years"], said["points"], said["offers"]) == (member.pk, 1, 50, ["سالگرد"])
    assert (told("gift_given"), points(plain)) == ([], 50)


def test_until_it_is_switched_on_nobody_is_told(shop: Shop) -> None:
    CustomField.objects.create(code="wedding", label="سالگرد ازدواج", kind="date")
    member = shop.member(enrolled_at=morning(from_jalali(1404, 9, 30)))
    kept = {"wedding": from_jalali(1400, 9, 30).isoformat()}
    Member.objects.filter(pk=member.pk).update(
        custom=kept, sms_consent=True, last_purchase_at=morning(YALDA) - timedelta(days=60)
    )

    greetings(now=morning(YALDA))
    anniversaries(now=morning(YALDA))
    assert OutboxMessage.objects.exclude(kind="welcome").count() == 0

    for code in ("named_day-yalda", "own_day-wedding", "miss_you", "anniversary"):
        switch(code)
    greetings(now=morning(YALDA) + timedelta(hours=1))
    anniversaries(now=morning(YALDA) + timedelta(hours=1))
    kinds = OutboxMessage.objects.exclude(kind="welcome").values_list("kind", flat=True)
    assert sorted(kinds) == ["anniversary", "miss_you", "named_day-yalda", "own_day-wedding"]


def test_what_is_switched_off_is_not_told(shop: Shop) -> None:
    shop.programme(points_valid_days=5, rial_per_point=10_000)
    shop.buys(shop.member(enrolled_at=LONG_AGO), 1_000_000)
    switch("points_expiring", on=False)

    greetings(now=day(1))

    assert told("points_expiring") == []


def test_rising_outside_a_purchase_is_told_once_and_by_the_receipt_otherwise(shop: Shop) -> None:
    shop.tiers()
    member = shop.member(enrolled_at=LONG_AGO)
    shop.buys(member, 20_000_000)
    hear()
    assert told("tier_up") == [], "the receipt says it"

    rise(member, "silver", "gold")
    rise(member, "gold", "bronze")
    rise(member, "bronze", "gold", occurred_at=NOON - timedelta(days=30))
    hear()
    hear()

    assert [(pk, said["tier"]) for pk, said in told("tier_up")] == [(member.pk, "طلایی")]


def test_where_the_receipt_names_no_new_tier_a_message_of_its_own_does(shop: Shop) -> None:
    shop.tiers()
    set_words(kind_of("purchase_receipt"), text="{club} خرید {amount}", enabled=True, actor="user:1")
    member = shop.member(enrolled_at=LONG_AGO)

    shop.buys(member, 20_000_000, now=timezone.now())
    hear()

    assert [(pk, said["tier"]) for pk, said in told("tier_up")] == [(member.pk, "نقره‌ای")]


def rise(member: Member, before: str, after: str, *, occurred_at: datetime | None = None) -> None:
    DomainEvent.objects.create(
        kind="tier.changed",
        member_id=member.pk,
        document="tier:review",
        occurred_at=occurred_at or timezone.now(),
        data={"from": before, "to": after, "imported": False},
    )


def test_who_was_told_is_not_told_again_under_the_record_that_took_it_over(shop: Shop) -> None:
    shop.programme(points_valid_days=30, rial_per_point=10_000)
    gone, kept = shop.member(enrolled_at=LONG_AGO), shop.member(enrolled_at=LONG_AGO)
    shop.buys(gone, 1_000_000)
    greetings(now=day(23))
    merge_members(gone.pk, kept.pk, actor="user:1", key="merge", now=day(23))

    greetings(now=day(23) + timedelta(hours=1))
    hear()
    greetings(now=day(23) + timedelta(hours=2))

    assert len(told("points_expiring")) == 1
    assert list(Greeting.objects.values_list("member", flat=True)) == [kept.pk]


def test_many_are_told_in_as_many_statements_as_few(shop: Shop) -> None:
    shop.programme(points_valid_days=30, rial_per_point=10_000)
    for few in (1, 12):
        for _each in range(few):
            shop.buys(shop.member(enrolled_at=LONG_AGO), 1_000_000, now=day(few))
    greetings(now=day(0))

    def statements(offset: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            greetings(now=day(offset))
        return len(asked)

    assert statements(1 + 30) == statements(12 + 30)
    assert len(told("points_expiring")) == 13


def test_one_of_a_family_has_words_and_a_name_of_its_own(shop: Shop) -> None:
    CustomField.objects.create(code="wedding", label="سالگرد ازدواج", kind="date")
    assert str(name_of("named_day-yalda")) == "شب یلدا"
    assert str(name_of("own_day-wedding")) == "سالگرد ازدواج"
    assert str(name_of("own_day-gone")) == "روز خود عضو"
    set_words(kind_of("named_day-yalda"), text="{name} جان، یلدا خوش!", enabled=True, actor="user:1")
    assert [str(row) for row in SmsTemplate.objects.all()] == ["شب یلدا"]
    Member.objects.filter(pk=shop.member(first_name="سارا", enrolled_at=LONG_AGO).pk).update(sms_consent=True)

    greetings(now=morning(YALDA))
    dispatch_due(now=timezone.now().replace(hour=8))

    assert OutboxMessage.objects.get(kind="named_day-yalda").context["name"] == "سارا"
