"""The worked case of the mission (row 95) through the API: what a till sends, and the five outcomes it is answered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from club.members.models import Member
from club.programme.services import change_programme
from core.jalali import local_date
from core.models import Club
from core.tenancy.scope import club_scope
from offers.models import OfferSet, OfferVersion
from tests.api.conftest import Api, api_of, fresh_key, fresh_phone
from tests.offering import five_offers
from tests.shop import Shop

VISITS, BASKET, BIRTHDAY, SILVER, SPECIAL = range(5)
FIVE: list[dict[str, Any]] = [
    {"name": "بیش از ۱۰ مراجعه", "when": {"fact": "visit_number", "op": "gt", "value": 10},
     "benefit": {"kind": "credit_percent", "percent": 5}},
    {"name": "خرید بالای ۵۰۰ هزار", "when": {"fact": "amount", "op": "gt", "value": 5_000_000},
     "benefit": {"kind": "discount_percent", "percent": 10}},
    {"name": "تولد", "when": {"fact": "days_from_birthday", "op": "eq", "value": 0},
     "benefit": {"kind": "credit_percent", "percent": 20}},
    {"name": "نقره‌ای", "when": {"fact": "tier", "op": "eq", "value": "silver"},
     "benefit": {"kind": "credit_percent", "percent": 15}},
    {"name": "گروه ویژه", "benefit": {"kind": "discount_percent", "percent": 7, "of": "special"}},
]  # fmt: skip


@pytest.fixture
def cafe(api: Api) -> Api:
    """A club whose programme itself gives nothing, with a silver tier and a special group."""
    api.patch("/programme", {"rial_per_point": None, "credit_percent": None, "effective_from": "2020-01-01"})
    api.post("/tiers", {"code": "bronze", "name": "برنزی", "rank": 0, "threshold": 0})
    api.post("/tiers", {"code": "silver", "name": "نقره‌ای", "rank": 1, "threshold": 10**12})
    api.post("/groups", {"code": "special", "name": "ویژه"})
    return api


def sara(api: Api, *, visits: int = 10) -> int:
    """Silver, born on this day, with so many visits behind her."""
    today = local_date(datetime.now(UTC), "Asia/Tehran")
    member = api.enrol(birth_date=today.replace(year=1995).isoformat(), enrolled_at="2025-01-01")
    api.patch(f"/members/{member['id']}", {"tier_floor": "silver"})
    for day in range(visits):
        api.buy(member["id"], 10_000, occurred_at=(datetime.now(UTC) - timedelta(days=40 - day)).isoformat())
    return int(member["id"])


def five(api: Api) -> list[int]:
    made = [api.post("/offers", {"trigger": "purchase", "status": "live", **offer}) for offer in FIVE]
    assert [one.status_code for one in made] == [201] * 5
    return [one.json()["id"] for one in made]


def basket(member: int, rial: int = 6_000_000) -> dict[str, Any]:
    return {"member": member, "lines": [{"unit_price": rial, "group": "special"}]}


def test_five_match_the_birthday_offer_is_applied_and_all_are_explained(cafe: Api) -> None:
    member, offers = sara(cafe), five(cafe)

    preview = cafe.post("/purchases/preview", basket(member)).json()
    receipt = cafe.buy(**basket(member))

    birthday = offers[BIRTHDAY]
    assert receipt["awards"] == [
        {"offer": birthday, "name": "تولد", "kind": "credit_percent", "amount": 1_200_000, "worth": 1_200_000,
         "lines": [0]}
    ]  # fmt: skip
    assert (receipt["discount"], receipt["credit_earned"], receipt["payable"]) == (0, 1_200_000, 6_000_000)
    assert [(one["offer"], one["outcome"], one["worth"], one.get("by")) for one in receipt["considered"]] == [
        (birthday, "applied", 1_200_000, None),
        (offers[SILVER], "lost_to", 900_000, 300_000),
        (offers[BASKET], "lost_to", 600_000, 600_000),
        (offers[SPECIAL], "lost_to", 420_000, 780_000),
        (offers[VISITS], "lost_to", 300_000, 900_000),
    ]
    assert {one["lost_to"] for one in receipt["considered"][1:]} == {birthday}
    assert all(one["text"] for one in receipt["considered"])
    assert (preview["awards"], preview["considered"]) == (receipt["awards"], receipt["considered"])
    read = cafe.get(f"/purchases/{receipt['id']}").json()
    assert (read["awards"], read["considered"]) == (receipt["awards"], receipt["considered"])


@pytest.mark.parametrize(("visits", "said"), [(9, "not_matched"), (10, "lost_to")])
def test_more_than_ten_visits_start_at_the_eleventh(cafe: Api, visits: int, said: str) -> None:
    member, offers = sara(cafe, visits=visits), five(cafe)

    assert of(cafe.buy(**basket(member)), offers[VISITS])["outcome"] == said


def of(receipt: dict[str, Any], offer: int) -> dict[str, Any]:
    return next(one for one in receipt["considered"] if one["offer"] == offer)


def test_above_500_000_is_strict_and_says_what_is_missing(cafe: Api) -> None:
    member, offers = sara(cafe, visits=0), five(cafe)

    missed = of(cafe.buy(**basket(member, 5_000_000)), offers[BASKET])

    assert missed["outcome"] == "not_matched"
    assert missed["failed"] == [
        {"fact": "amount", "op": "gt", "value": 5_000_000, "actual": 5_000_000, "missing": 1}
    ]  # fmt: skip
    assert of(cafe.buy(**basket(member, 5_000_010)), offers[BASKET])["outcome"] == "lost_to"


def ahead(api: Api, member: int, moment: str, offer: int) -> dict[str, Any]:
    """What a preview of that moment says of the offer."""
    response = api.post("/purchases/preview", {**basket(member), "occurred_at": moment})
    assert response.status_code == 200, response.content.decode()
    return of(response.json(), offer)


def test_the_birthday_is_one_day(cafe: Api) -> None:
    member, offers = cafe.enrol(birth_date="1995-11-22")["id"], five(cafe)

    said = {
        day: ahead(cafe, member, f"2030-11-{day}T12:00:00+03:30", offers[BIRTHDAY])["outcome"] for day in (21, 22, 23)
    }

    assert said == {21: "not_matched", 22: "applied", 23: "not_matched"}


def test_a_birthday_on_30_esfand_is_kept_on_29_in_a_common_year(cafe: Api) -> None:
    member, offers = cafe.enrol(birth_date="2021-03-20")["id"], five(cafe)  # 30 Esfand 1399

    assert ahead(cafe, member, "2027-03-20T12:00:00+03:30", offers[BIRTHDAY])["outcome"] == "applied"  # 29 Esfand 1405
    assert ahead(cafe, member, "2027-03-21T12:00:00+03:30", offers[BIRTHDAY])["outcome"] == "not_matched"
    assert (
        ahead(cafe, member, "2030-03-19T12:00:00+03:30", offers[BIRTHDAY])["outcome"] == "not_matched"
    )  # 29 in a leap year
    assert ahead(cafe, member, "2030-03-20T12:00:00+03:30", offers[BIRTHDAY])["outcome"] == "applied"  # 30


@pytest.mark.parametrize(
    ("time", "said"), [("15:59:59", "not_matched"), ("16:00:00", "applied"), ("19:59:59", "applied"),
                       ("20:00:00", "not_matched")],
)  # fmt: skip
def test_an_hour_ends_before_its_last_second(cafe: Api, time: str, said: str) -> None:
    member = cafe.enrol()["id"]
    evening = {"fact": "time", "op": "between", "value": ["16:00", "20:00"]}
    body = {"name": "عصر", "trigger": "purchase", "status": "live", "when": evening}
    offer = cafe.post("/offers", {**body, "benefit": {"kind": "discount_percent", "percent": 5}}).json()["id"]

    assert ahead(cafe, member, f"2030-05-05T{time}+03:30", offer)["outcome"] == said


def test_offers_that_were_live_then_judge_a_purchase_that_comes_late(club: Club) -> None:
    """Five offers live since 2020, one made better today: a purchase of last month gets what held then."""
    api = api_of(club)
    with club_scope(club):
        shop = Shop(club)
        change_programme(
            {"rial_per_point": None, "credit_bp": None}, effective_from=datetime(2020, 1, 1, tzinfo=UTC), actor="user:1"
        )
        shop.tiers()
        api.post("/groups", {"code": "special", "name": "ویژه"})
        offers = [one.pk for one in five_offers()]
        member = Member.objects.get(pk=api.enrol(phone=fresh_phone(), enrolled_at="2025-01-01")["id"])
    path = f"/offers/{offers[BASKET]}"
    api.patch(path, {"benefit": {"kind": "discount_percent", "percent": 50}, "name": "نیم‌بها"})
    body = {"member": member.pk, "amount": 6_000_000}
    last_month = (datetime.now(UTC) - timedelta(days=30)).isoformat()

    then = api.buy(**body, occurred_at=last_month)
    now = api.buy(**body)

    assert (then["discount"], now["discount"]) == (600_000, 3_000_000)
    assert (then["awards"][0]["name"], now["awards"][0]["name"]) == ("خرید بالای ۵۰۰ هزار", "نیم‌بها")
    api.post(f"{path}/end")
    assert api.buy(**body)["discount"] == 0
    assert api.buy(**body, occurred_at=last_month)["discount"] == 600_000
    assert api.get(f"/purchases/{then['id']}").json()["considered"] == then["considered"]


def test_a_published_offer_holds_for_what_comes_after(cafe: Api) -> None:
    member, offer = sara(cafe, visits=0), five(cafe)[BASKET]
    first = cafe.buy(**basket(member))
    assert of(first, offer)["worth"] == 600_000

    cafe.patch(f"/offers/{offer}", {"benefit": {"kind": "discount_percent", "percent": 30}})

    assert of(cafe.buy(**basket(member)), offer)["outcome"] == "applied"
    assert cafe.get(f"/purchases/{first['id']}").json()["considered"] == first["considered"]
    cafe.post(f"/offers/{offer}/pause")
    assert offer not in [one["offer"] for one in cafe.buy(**basket(member))["considered"]]


def test_the_key_repeats_the_reasons_too(cafe: Api) -> None:
    member = sara(cafe, visits=0)
    five(cafe)
    key = fresh_key()

    first, again = (cafe.post("/purchases", basket(member), key=key) for _each in range(2))

    assert again.content == first.content and len(first.json()["considered"]) == 5


def test_an_offer_that_started_before_it_was_written_down_finds_late_purchases(cafe: Api) -> None:
    """Only those that are told of after it; the reasons of an earlier one do not know of it."""
    member = cafe.enrol(enrolled_at="2025-01-01")["id"]
    big = {"fact": "amount", "op": "gte", "value": 100_000}
    said = {"trigger": "purchase", "status": "live", "benefit": {"kind": "discount_percent", "percent": 10}}
    now = datetime.now(UTC)
    days_ago = {day: (now - timedelta(days=day)).isoformat() for day in (1, 3, 5)}
    started = cafe.post("/offers", {"name": "سه روز پیش", "starts_at": days_ago[3], "when": big, **said}).json()["id"]
    cafe.post("/offers", {"name": "از امروز", "starts_at": now.isoformat(), **said})

    late = cafe.buy(member, 100_000, occurred_at=days_ago[1])
    small = cafe.buy(member, 99_999, occurred_at=days_ago[1])

    assert late["discount"] == 10_000
    assert [(one["offer"], one["outcome"]) for one in small["considered"]] == [(started, "not_matched")]
    assert cafe.buy(member, 100_000, occurred_at=days_ago[5])["considered"] == []
    OfferVersion.objects.filter(offer=started).update(created_at=now + timedelta(hours=1))  # as if published after it
    OfferSet.objects.update(version=F("version") + 1)
    assert cafe.get(f"/purchases/{small['id']}").json()["considered"] == []
