"""Segments on the manager's pages: rules with their count, lists that are pasted, badges, gifts to one."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from club.members.models import Segment
from club.members.selectors import members_in
from club.rewards.models import GrantMember
from core.models import AuditEntry
from crm.segments.services import create_segment, put_list
from tests.accounts.cast import person, signed_in
from tests.offering import publish
from tests.shop import NOON, Shop

URL = "/desk/segments/"
RULES = {
    "name": "پرخریدها",
    "badge": "gold",
    "code": "big",
    "match": "all",
    "rows": ["0", "1"],
    "c0-fact": "visits_in_days",
    "c0-op": "gte",
    "c0-days": "۳۰",
    "c0-value": "۲",
    "c1-fact": "gender",
    "c1-op": "eq",
    "c1-value": "female",
}
SAID = {
    "all": [
        {"fact": "visits_in_days", "op": "gte", "value": 2, "of": 30},
        {"fact": "gender", "op": "eq", "value": "female"},
    ]
}


@pytest.fixture
def manager(shop: Shop) -> Client:
    return signed_in(person("manager"), shop.club)


def listed(shop: Shop, *members: Any, **more: Any) -> Segment:
    made = create_segment({"name": "فهرست", "kind": "static", "code": "list", **more}, actor="user:1", now=NOON)
    if members:
        put_list(made.pk, [member.pk for member in members], whole=False, actor="user:1", now=NOON)
    return made


def test_rules_are_written_in_rows_counted_while_typing_and_kept(shop: Shop, manager: Client) -> None:
    sara = shop.member(gender="female", first_name="سارا", phone="09121110001")
    for _time in range(2):
        shop.buys(sara, 100_000, now=timezone.now())
    shop.member(gender="male")

    look = manager.post(f"{URL}new/", {**RULES, "act": "look"}, headers={"HX-Request": "true"}).content.decode()
    kept = manager.post(f"{URL}new/", {**RULES, "act": "save"})

    segment = Segment.objects.get()
    assert ("۱ عضو" in look, "سارا" in look) == (True, True)
    assert (kept.status_code, kept["Location"]) == (302, f"{URL}{segment.pk}/")
    assert (segment.code, segment.badge, segment.rules, segment.size) == ("big", "gold", SAID, 1)
    assert segment.counted_at is not None
    page = manager.get(f"{URL}{segment.pk}/").content.decode()
    assert ("سارا" in page, "تعداد خرید" in page) == (True, True)

    # Opened again it says the same, and saved again nothing has changed.
    shown = manager.get(f"{URL}{segment.pk}/edit/").content.decode()
    assert ('value="۳۰"' in shown, 'name="code"' in shown) == (True, False)
    manager.post(f"{URL}{segment.pk}/edit/", {**RULES, "act": "save"})
    assert list(AuditEntry.objects.values_list("action", flat=True)).count("segment.update") == 0


def test_the_parts_that_no_row_can_say_stay_as_they_are(shop: Shop, manager: Client) -> None:
    nested = {"any": [{"not": {"fact": "tag", "op": "has", "value": "vip"}}, {"fact": "age", "op": "gte", "value": 60}]}
    made = create_segment({"name": "x", "kind": "live", "rules": nested}, actor="user:1", now=NOON)
    shown = manager.get(f"{URL}{made.pk}/edit/").context["form"]

    typed = {"name": "y", "match": shown.initial["match"], "groups": shown.initial["groups"], "rows": ["0"]}
    row = {"c0-fact": "age", "c0-op": "gte", "c0-value": "۶۰"}
    assert manager.post(f"{URL}{made.pk}/edit/", {**typed, **row, "act": "save"}).status_code == 302

    made.refresh_from_db()
    assert (made.name, made.rules) == ("y", {"any": [nested["any"][1], nested["any"][0]]})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "نام گروه"),
        ({"c0-value": ""}, "لازم"),
        ({"rows": []}, "دست‌کم یک شرط"),
        ({"groups": "[{"}, "JSON"),
        ({"groups": json.dumps([{"fact": "amount", "op": "gt", "value": 1}])}, "چنین دانسته‌ای نیست"),
        ({"code": "list"}, "همین کد"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    shop: Shop, manager: Client, typed: dict[str, Any], said: str
) -> None:
    listed(shop)

    refused = manager.post(f"{URL}new/", {**RULES, **typed, "act": "save"})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert said in page
    assert Segment.objects.count() == 1
    if typed.get("rows") != []:
        assert 'value="۳۰"' in page


def test_without_scripts_rows_come_and_go_by_buttons(manager: Client) -> None:
    more = manager.post(f"{URL}new/", {**RULES, "act": "add"}).content.decode()
    fewer = manager.post(f"{URL}new/", {**RULES, "act": "drop:0"}).content.decode()

    assert ('name="c2-fact"' in more, 'name="c0-fact"' in fewer, 'name="c1-fact"' in fewer) == (True, False, True)


def test_phones_are_pasted_onto_a_list_and_strangers_are_named(shop: Shop, manager: Client) -> None:
    one, two = shop.member(phone="09121110001"), shop.member(phone="09121110002")
    segment = listed(shop)

    manager.post(f"{URL}{segment.pk}/phones/", {"phones": "۰۹۱۲۱۱۱۰۰۰۱، 09129999999"})
    page = manager.get(f"{URL}{segment.pk}/").content.decode()
    assert ("۱ عضو افزوده شد" in page, "۰۹۱۲۹۹۹۹۹۹۹" in page or "09129999999" in page) == (True, True)
    assert list(members_in(segment.pk)) == [one]

    manager.post(f"{URL}{segment.pk}/phones/", {"phones": "09121110002", "whole": "on"})
    assert list(members_in(segment.pk)) == [two]
    assert manager.post(f"{URL}{segment.pk}/phones/", {"phones": "سلام"}).status_code == 422


def test_one_is_put_on_a_list_from_the_card_and_taken_off_it(shop: Shop, manager: Client) -> None:
    member, segment = shop.member(), listed(shop, badge="red")
    card = f"/desk/members/{member.pk}/"

    assert manager.post(f"{card}segments/", {"segment": segment.pk}).status_code == 302
    page = manager.get(card).content.decode()
    assert ("tag-bad" in page, list(members_in(segment.pk))) == (True, [member])
    till = manager.get(f"/desk/till/?member={member.pk}").content.decode()
    assert segment.name in till

    manager.post(f"{card}segments/", {"remove": segment.pk})
    assert not members_in(segment.pk).exists()


def test_a_segment_is_put_away_and_brought_back(shop: Shop, manager: Client) -> None:
    segment = listed(shop, shop.member())

    assert manager.post(f"{URL}{segment.pk}/move/", {"act": "archive"}).status_code == 302
    assert manager.get(f"{URL}{segment.pk}/").url == f"{URL}#archived"
    assert segment.name in manager.get(URL).content.decode()
    manager.post(f"{URL}{segment.pk}/move/", {"act": "restore"})

    assert manager.get(f"{URL}{segment.pk}/").status_code == 200


def test_what_hangs_on_a_segment_stands_on_its_page_and_its_members_are_a_file(shop: Shop, manager: Client) -> None:
    segment = listed(shop, shop.member(phone="09121110001"))
    publish("مزیت", {"kind": "discount_percent", "percent": 5}, when={"fact": "segment", "op": "in", "value": ["list"]})

    page = manager.get(f"{URL}{segment.pk}/").content.decode()
    file = b"".join(manager.get(f"{URL}{segment.pk}/export.csv").streaming_content).decode()  # type: ignore[attr-defined]

    assert ("مزیت" in page, "09121110001" in file) == (True, True)


def test_a_gift_goes_to_the_members_of_a_segment(shop: Shop, manager: Client) -> None:
    inside, _outside = shop.member(), shop.member()
    listed(shop, inside)

    asked = manager.get("/desk/rewards/grant/?list=1&segment=list").content.decode()
    typed = {"gives": "points", "points": "۵", "reason": "سپاس", "key": "k", "query": "list=1&segment=list"}
    assert manager.post("/desk/rewards/grant/", typed).status_code == 302

    assert "۱ عضو" in asked
    assert list(GrantMember.objects.values_list("member", flat=True)) == [inside.pk]


def test_members_are_listed_by_segment(shop: Shop, manager: Client) -> None:
    inside, outside = shop.member(first_name="نسرین"), shop.member(first_name="بهار")
    listed(shop, inside)

    page = manager.get("/desk/members/?segment=list").content.decode()

    assert ("نسرین" in page, "بهار" in page) == (True, False)
    assert outside.pk


@pytest.mark.parametrize("many", [3, 30])
def test_the_list_and_a_segment_ask_as_much_for_many_as_for_few(
    shop: Shop, manager: Client, many: int, django_assert_max_num_queries: Any
) -> None:
    members = [shop.member() for _ in range(many)]
    segment = listed(shop, *members)
    for number in range(many // 3):
        create_segment(
            {"name": f"x{number}", "kind": "live", "rules": {"fact": "age", "op": "gte", "value": number}},
            actor="user:1", now=NOON,
        )  # fmt: skip
    manager.get(URL)

    with django_assert_max_num_queries(20):
        manager.get(URL)
    with django_assert_max_num_queries(20):
        manager.get(f"{URL}{segment.pk}/")


def test_the_members_list_as_it_is_filtered_becomes_a_segment(shop: Shop, manager: Client) -> None:
    inside, _outside = shop.member(tags=["vip"]), shop.member()
    address = f"{URL}new/?kind=static&list=1&tag=vip"
    shown = manager.get(address).content.decode()

    assert manager.post(address, {"name": "برچسب‌دارها"}).status_code == 302

    assert "۱ عضو از فهرستی" in shown
    assert "segments/new/?tag=vip&amp;kind=static&amp;list=1" in manager.get("/desk/members/?tag=vip").content.decode()
    assert list(members_in(Segment.objects.get().pk)) == [inside]
