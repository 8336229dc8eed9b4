"""Activities noted by staff or a program: what they give, why not, once; and taken back, nothing ever happened."""

from datetime import timedelta
from typing import Any

import pytest

from club.ledger.models import Entry
from club.members.services import MemberBlocked
from club.purchases.merging import merge_members
from core.errors import Conflict, IdempotencyConflict, NotFound, ValidationFailed
from core.models import AuditEntry
from crm.occasions.activities import Activity, add_type, change_type, record_activity
from crm.occasions.models import ActivityType, Occasion
from crm.occasions.undoing import TakenBackBefore, take_back_occasion
from offers.models import OfferCounter
from sms.models import OutboxMessage
from tests.crm.occasions.acts import did, points
from tests.offering import publish
from tests.shop import NOON, Shop

TWENTY = {"kind": "points_amount", "points": 20}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    add_type(code="story", name="استوری اینستاگرام", actor="user:1")
    return shop


def test_a_story_brings_20_points_once_a_day(shop: Shop) -> None:
    member = shop.member()
    publish("استوری", TWENTY, trigger="event:story", limits={"per_member_per_day": 1})

    first, second = did(shop, member, "story"), did(shop, member, "story")

    assert (first.awards[0]["points"], first.balances) == (20, {"points": 20, "credit": 0})
    assert (second.awards, second.balances["points"]) == ([], 20)
    assert second.considered[0]["outcome"] == "limit_reached"
    assert OutboxMessage.objects.filter(kind="gift_given").count() == 1
    assert Entry.objects.get(document=f"occasion:{first.id}").reason == "استوری"
    assert AuditEntry.objects.filter(action="activity.record").count() == 2
    assert shop.proven()


def test_why_others_gave_nothing_is_told(shop: Shop) -> None:
    member = shop.member()
    publish("برای ویژه‌ها", TWENTY, trigger="event:story", when={"fact": "tag", "op": "has", "value": "vip"})
    publish("برای چیز دیگر", TWENTY, trigger="event:visit")

    told = did(shop, member, "story").considered

    assert [(one["name"], one["outcome"]) for one in told] == [("برای ویژه‌ها", "not_matched")]


def test_an_activity_without_any_offer_is_noted_all_the_same(shop: Shop) -> None:
    receipt = did(shop, shop.member(), "story", note="کنار ویترین", properties={"url": "https://example.com"})

    noted = Occasion.objects.get(pk=receipt.id)
    assert (noted.note, noted.properties, noted.trigger) == (
        "کنار ویترین",
        {"url": "https://example.com"},
        "event:story",
    )


def test_the_same_key_answers_the_same_and_with_another_body_is_refused(shop: Shop) -> None:
    member = shop.member()
    publish("استوری", TWENTY, trigger="event:story")

    first, again = (did(shop, member, "story", key="k") for _each in range(2))

    assert (again.replayed, again.dump(), points(member)) == (True, first.dump(), 20)
    with pytest.raises(IdempotencyConflict):
        did(shop, member, "story", key="k", note="دیگر")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"type": "dance"}, "type"),
        ({"occurred_at": NOON + timedelta(hours=2)}, "occurred_at"),
        ({"note": "ا" * 201}, "note"),
        ({"properties": {"long": "ا" * 4_001}}, "properties"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(shop: Shop, wrong: dict[str, Any], field: str) -> None:
    member = shop.member()
    with pytest.raises(ValidationFailed) as refused:
        record_activity(Activity(**{"member": member.pk, "type": "story", **wrong}), actor="user:1", key="k", now=NOON)

    assert set(refused.value.errors) == {field}
    assert not Occasion.objects.exists()
    if field == "type":
        assert "story" in str(refused.value.errors["type"][0])


def test_nobody_blocked_or_unknown_gets_anything_and_a_merged_record_is_who_took_it_over(shop: Shop) -> None:
    one, two, blocked = shop.member(), shop.member(), shop.member()
    type(one).objects.filter(pk=blocked.pk).update(status="blocked")
    publish("استوری", TWENTY, trigger="event:story")
    merge_members(two.pk, one.pk, actor="user:1", key="merge", now=NOON)

    did(shop, two, "story")

    assert points(one) == 20
    with pytest.raises(MemberBlocked):
        did(shop, blocked, "story")
    with pytest.raises(NotFound):
        record_activity(Activity(2**40, "story"), actor="user:1", key="k", now=NOON)


def test_taken_back_it_is_gone_with_its_use_of_the_limit_and_only_once(shop: Shop) -> None:
    member = shop.member()
    publish("استوری", TWENTY, trigger="event:story", limits={"per_member_per_day": 1, "total": 1})
    given = did(shop, member, "story").id

    found = take_back_occasion(given, reason="استوری پاک شد", actor="user:1", now=NOON)

    assert (found.taken["points"], points(member)) == (20, 0)
    assert not OfferCounter.objects.filter(used__gt=0).exists()
    assert shop.proven()
    with pytest.raises(TakenBackBefore):
        take_back_occasion(given, reason="دوباره", actor="user:1", now=NOON)
    with pytest.raises(ValidationFailed):
        take_back_occasion(given, reason=" ", actor="user:1", now=NOON)
    assert did(shop, member, "story").awards[0]["points"] == 20


def test_a_type_keeps_its_code_and_may_rest(shop: Shop) -> None:
    story = ActivityType.objects.get()

    change_type(story.pk, name="استوری", is_active=False, actor="user:1")

    with pytest.raises(ValidationFailed):
        did(shop, shop.member(), "story")
    with pytest.raises(Conflict):
        add_type(code="story", name="باز هم", actor="user:1")
    with pytest.raises(ValidationFailed):
        add_type(code="استوری", name="استوری", actor="user:1")
    actions = set(AuditEntry.objects.filter(action__startswith="activity_type").values_list("action", flat=True))
    assert actions == {"activity_type.create", "activity_type.update"}
