"""Coupons over the API: making codes, using them in a purchase, and asking whether one may be used."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from offers.codes import ALPHABET
from offers.coupons import void_coupon
from offers.models import Coupon
from tests.api.conftest import fresh_key, refused
from tests.offering import LONG_AGO

FIELDS = [
    "id", "offer", "code", "uses", "per_member", "member", "starts_at", "ends_at", "used", "void", "created_at",
    "updated_at",
]  # fmt: skip
UNGUESSABLE = "TAVALOD-XXXX-XXXXX-XXXX"


class TestMaking:
    def test_a_code_of_its_own_name_is_kept_in_capitals_and_latin_digits(self, api, desk):
        offer = desk.coded()

        response = api.post("/coupons", {"offer": offer, "code": " nowruz۱۴۰٥ ", "uses": None}, key="c")

        assert response.status_code == 201
        (coupon,) = response.json()["results"]
        assert list(coupon) == FIELDS
        assert coupon == {
            **coupon,
            "offer": offer, "code": "NOWRUZ1405", "uses": None, "per_member": None, "member": None, "starts_at": None,
            "ends_at": None, "used": 0, "void": False,
        }  # fmt: skip
        assert api.get("/coupons").json() == {"results": [coupon], "next": None}

    def test_many_are_drawn_by_a_pattern_in_a_constant_number_of_queries(self, api, desk):
        offer = desk.coded()

        def made(count):
            with CaptureQueriesContext(connection) as asked:
                codes = desk.coupons(offer, count=count, pattern=UNGUESSABLE, per_member=1)
            assert len(set(codes)) == count
            return len(asked), codes

        few, _codes = made(2)
        many, codes = made(500)

        assert few == many
        assert all(set(code.removeprefix("TAVALOD-").replace("-", "")) <= set(ALPHABET) for code in codes)
        assert {(one.uses, one.per_member) for one in Coupon.objects.all()} == {(1, 1)}

    @pytest.mark.parametrize(
        ("pattern", "form"),
        [(None, 15), ("tavalod", len("TAVALOD-") + 15), ("EXTRA-XXXXXXXXXXXXX", 19), ("۱۴۰۵XXXXXXXXXXXXX", 17)],
    )
    def test_what_a_pattern_does_not_say_is_drawn(self, desk, pattern, form):
        (code,) = desk.coupons(desk.coded(), count=1, **({"pattern": pattern} if pattern else {}))

        assert len(code) == form
        if pattern:
            assert code.startswith({"t": "TAVALOD-", "E": "EXTRA-", "۱": "1405"}[pattern[0]])

    def test_codes_that_many_share_may_be_short(self, desk):
        assert len(desk.coupons(desk.coded(), count=3, pattern="CAFE-XXXX", uses=100)) == 3

    @pytest.mark.parametrize(
        ("said", "fields"),
        [
            ({}, ["code"]),
            ({"code": "A", "count": 1}, ["code"]),
            ({"code": "A", "pattern": "XXXX"}, ["pattern"]),
            ({"code": "  "}, ["code"]),
            ({"code": " - "}, ["code"]),
            ({"code": "ß" * 60}, ["code"]),
            ({"count": 0}, ["count"]),
            ({"count": 10_001}, ["count"]),
            ({"count": 1, "pattern": "TAVALOD-XXXX"}, ["pattern"]),
            ({"count": 1, "pattern": "XXXX-XXXX-XXXX"}, ["pattern"]),
            ({"count": 11, "pattern": "CAFE-XX", "uses": 5}, ["pattern"]),
            ({"count": 1, "pattern": "X" * 65}, ["pattern"]),
            ({"count": 1, "pattern": "A\nXXXXXXXXXXXXX"}, ["pattern"]),
            ({"code": "A", "uses": 0}, ["uses"]),
            ({"code": "A", "per_member": -1}, ["per_member"]),
            ({"code": "A", "starts_at": "2026-02-02", "ends_at": "2026-02-01"}, ["ends_at"]),
            ({"code": "A", "member": "someone"}, ["member"]),
            ({"code": "A", "colour": "red"}, ["colour"]),
        ],
    )
    def test_what_is_wrong_is_named(self, api, desk, said, fields):
        refused(api.post("/coupons", {"offer": desk.coded(), **said}, key="k"), 400, "validation_error", *fields)
        assert not Coupon.objects.exists()

    def test_only_an_offer_that_needs_a_code_has_codes(self, api, desk, member):
        body = {"offer": desk.offer()["id"], "code": "A"}

        refused(api.post("/coupons", body, key="k"), 400, "validation_error", "offer")
        refused(api.post("/coupons", {**body, "offer": 10**12}, key="k"), 404, "not_found")
        coded = desk.coded()
        refused(api.post("/coupons", {"offer": coded, "code": "A", "member": 10**12}, key="k"), 404, "not_found")
        refused(api.post("/coupons", {"offer": coded, "code": "A", "member": "09120000000"}, key="k"), 404, "not_found")

    def test_a_code_is_there_once_in_a_club(self, api, desk, other_api):
        desk.coupons(desk.coded(), code="nowruz")

        problem = refused(api.post("/coupons", {"offer": desk.coded(), "code": "NOW-RUZ"}, key="k"), 409, "conflict")

        assert problem["field"] == "code"
        other = type(desk)(other_api)
        assert other.coupons(other.coded(), code="NOWRUZ") == ["NOWRUZ"]

    def test_the_key_is_asked_for_and_repeats_the_answer(self, api, desk):
        body = {"offer": desk.coded(), "count": 3}
        refused(api.post("/coupons", body), 400, "idempotency_key_missing")

        first, again = (api.post("/coupons", body, key="once") for _each in range(2))

        assert again.content == first.content and again["Idempotent-Replayed"] == "true"
        assert Coupon.objects.count() == 3
        refused(api.post("/coupons", {**body, "count": 4}, key="once"), 422, "idempotency_conflict")

    def test_who_made_them_is_kept_without_what_was_drawn(self, api, desk):
        offer = desk.coded()
        (drawn,) = desk.coupons(offer, count=1)
        desk.coupons(offer, code="NOWRUZ", uses=5, starts_at="2026-11-22", ends_at="2026-11-23")

        named, counted = AuditEntry.objects.filter(action="coupon.create").order_by("-pk")

        assert named.after == {
            "offer": offer, "code": "NOWRUZ", "uses": 5, "starts_at": "2026-11-22", "ends_at": "2026-11-23",
        }  # fmt: skip
        assert (counted.target, counted.after["count"]) == (f"coupons:{offer}", 1)
        assert drawn not in str(counted.after)

    def test_lists_are_filtered_and_paged(self, api, desk, member):
        offer, other = desk.coded(), desk.coded()
        desk.coupons(offer, code="A")
        desk.coupons(other, code="B", member=member)
        desk.coupons(other, code="C")

        def listed(query):
            return [one["code"] for one in api.get(f"/coupons?{query}").json()["results"]]

        assert (listed(""), listed(f"offer={offer}"), listed(f"member={member}"), listed("code=c")) == (
            ["C", "B", "A"], ["A"], ["B"], ["C"],
        )  # fmt: skip
        page = api.get("/coupons?limit=2").json()
        assert listed(f"limit=2&cursor={page['next']}") == ["A"]


class TestUsing:
    @pytest.fixture
    def buy(self, api, member):
        def send(*codes, who=member, amount=1_000_000, **more):
            return api.post("/purchases", {"member": who, "amount": amount, "coupons": codes, **more}, key=fresh_key())

        return send

    def test_a_code_brings_its_offer_in_any_letter_case_and_digits(self, api, desk, buy):
        offer = desk.coded()
        desk.coupons(offer, code="Nowruz1405", uses=1)

        receipt = buy("noWRUZ ۱۴۰٥").json()

        assert (receipt["discount"], receipt["payable"]) == (100_000, 900_000)
        (award,) = receipt["awards"]
        assert (award["offer"], award["coupon"], award["amount"]) == (offer, "NOWRUZ1405", 100_000)
        assert [one["outcome"] for one in receipt["considered"]] == ["applied"]
        assert api.get("/coupons").json()["results"][0]["used"] == 1

    @pytest.mark.parametrize("typed", ["nowruz1405", "NOWRUZ-1405", "now ruz-14-05"])
    def test_dashes_may_be_left_out_of_a_code(self, api, desk, buy, typed):
        desk.coupons(desk.coded(), code="Nowruz-1405", uses=1)

        receipt = buy(typed, "nowruz1405").json()

        assert [award["coupon"] for award in receipt["awards"]] == ["NOWRUZ-1405"]
        assert api.get(f"/coupons?code={typed}").json()["results"][0]["used"] == 1

    def test_without_its_code_the_offer_is_not_spoken_of(self, desk, buy):
        desk.coupons(desk.coded(), code="A")

        receipt = buy().json()

        assert (receipt["discount"], receipt["considered"]) == (0, [])

    def test_a_code_given_twice_counts_once(self, api, desk, buy):
        desk.coupons(desk.coded(), code="A", uses=1)

        receipt = buy("A", "a", " A ").json()

        assert receipt["discount"] == 100_000 and len(receipt["awards"]) == 1
        assert api.get("/coupons").json()["results"][0]["used"] == 1

    def test_the_preview_says_the_same_and_uses_nothing(self, api, desk, buy, member):
        desk.coupons(desk.coded(), code="A", uses=1)
        body = {"member": member, "amount": 1_000_000, "coupons": ["A"]}

        previews = [api.post("/purchases/preview", body).json() for _each in range(2)]
        receipt = buy("A").json()

        same = ("discount", "payable", "awards", "considered")
        assert all([one[name] for name in same] == [other[name] for name in same]
                   for one, other in pairwise([*previews, receipt]))  # fmt: skip

    def test_each_reason_against_a_code_has_its_own_name(self, api, desk, buy, member):
        offer = desk.coded()
        somebody = api.enrol()["id"]
        desk.coupons(offer, code="ENDED", ends_at="2024-01-01")
        desk.coupons(offer, code="LATER", starts_at="2099-01-01")
        desk.coupons(offer, code="HERS", member=somebody)
        desk.coupons(offer, code="ONCE", uses=1)
        assert buy("ONCE", who=somebody).status_code == 201

        for code, reason in {
            "NONE": "coupon_unknown",
            "ENDED": "coupon_expired",
            "LATER": "coupon_not_started",
            "HERS": "coupon_not_for_member",
            "ONCE": "coupon_used",
        }.items():
            refused(buy(code), 409, reason)
            refused(api.post("/purchases/preview", {"member": member, "amount": 1, "coupons": [code]}), 409, reason)
        assert api.get(f"/members/{member}/purchases").json()["results"] == []

    def test_each_member_has_so_many_uses(self, api, desk, buy):
        desk.coupons(desk.coded(), code="A", per_member=1)

        assert buy("A").status_code == 201
        refused(buy("A"), 409, "coupon_used")
        assert buy("A", who=api.enrol()["id"]).status_code == 201

    def test_a_limit_of_the_offer_uses_up_its_codes_too(self, desk, buy):
        desk.coupons(desk.coded(limits={"per_member": 1}), code="A")

        assert buy("A").status_code == 201
        refused(buy("A"), 409, "coupon_used")

    def test_the_time_of_the_offer_is_that_of_its_codes(self, api, desk, buy):
        over, soon, draft = (
            desk.coded(ends_at="2099-01-01"),
            desk.coded(starts_at="2099-01-01"),
            desk.coded(status="draft"),
        )
        for offer, code in ((over, "OVER"), (soon, "SOON"), (draft, "DRAFT")):
            desk.coupons(offer, code=code)
        api.post(f"/offers/{over}/end")

        refused(buy("OVER"), 409, "coupon_expired")
        refused(buy("SOON"), 409, "coupon_not_started")
        refused(buy("DRAFT"), 409, "coupon_not_started")

    def test_a_code_taken_back_is_over(self, desk, buy):
        desk.coupons(desk.coded(), code="A")
        void_coupon(Coupon.objects.get().pk, actor="user:1")

        refused(buy("A"), 409, "coupon_expired")
        assert AuditEntry.objects.filter(action="coupon.void").count() == 1

    def test_a_code_whose_offer_gives_nothing_here_is_refused(self, desk, buy):
        desk.coupons(desk.coded(when={"fact": "amount", "op": "gte", "value": 2_000_000}), code="BIG")

        refused(buy("BIG"), 409, "coupon_no_effect")
        assert buy("BIG", amount=2_000_000).json()["discount"] == 200_000

    def test_a_sale_to_nobody_takes_no_code(self, desk, buy):
        desk.coupons(desk.coded(), code="A")

        refused(buy("A", who=None), 400, "validation_error", "coupons")

    def test_a_code_that_loses_to_a_better_offer_stays_unused(self, api, desk, buy):
        coded = desk.coded()
        desk.coupons(coded, code="A", uses=1)
        better = desk.offer(benefit={"kind": "discount_percent", "percent": 30})["id"]

        receipt = buy("A").json()

        assert [one["offer"] for one in receipt["awards"]] == [better]
        lost = next(one for one in receipt["considered"] if one["offer"] == coded)
        assert (lost["outcome"], lost["lost_to"], lost["by"]) == ("lost_to", better, 200_000)
        assert api.get("/coupons").json()["results"][0]["used"] == 0

    def test_a_full_refund_gives_the_use_back(self, api, desk, buy):
        desk.coupons(desk.coded(), code="A", uses=1)
        purchase = buy("A").json()["id"]
        Coupon.objects.update(updated_at=LONG_AGO)

        api.post(f"/purchases/{purchase}/refunds", {"reason": "برگشت"}, key="r")

        assert api.get("/coupons").json()["results"][0]["used"] == 0
        changed = api.get("/coupons?updated_after=2021-01-01").json()["results"]
        assert [one["code"] for one in changed] == ["A"]
        assert buy("A").status_code == 201


class TestAsking:
    def test_a_good_code_names_its_offer(self, pos, desk, member):
        offer = desk.coded()
        desk.coupons(offer, code="A1", uses=1)

        assert pos.post("/coupons/validate", {"code": "a۱"}).json() == {"valid": True, "offer": offer}
        assert pos.post("/coupons/validate", {"code": "a1", "member": member}).json()["valid"] is True

    def test_a_bad_one_says_why(self, api, desk, member):
        offer, draft = desk.coded(), desk.coded(status="draft")
        somebody = api.enrol()
        desk.coupons(offer, code="ENDED", ends_at="2024-01-01")
        desk.coupons(offer, code="LATER", starts_at="2099-01-01")
        desk.coupons(draft, code="DRAFT")
        desk.coupons(offer, code="HERS", member=somebody["phone"])
        desk.coupons(offer, code="EACH", per_member=1)
        api.buy(member, 1_000_000, coupons=["EACH"])

        def said(code, who=member):
            answer = api.post("/coupons/validate", {"code": code, "member": who}).json()
            return answer["valid"], answer["offer"], answer.get("reason")

        assert said("NONE") == (False, None, "coupon_unknown")
        assert said("ENDED") == (False, offer, "coupon_expired")
        assert said("LATER") == (False, offer, "coupon_not_started")
        assert said("DRAFT") == (False, draft, "coupon_not_started")
        assert said("HERS") == (False, offer, "coupon_not_for_member")
        assert said("HERS", somebody["phone"]) == said("HERS", None) == (True, offer, None)
        assert said("EACH") == (False, offer, "coupon_used")
        assert said("EACH", somebody["id"]) == (True, offer, None)
        limited = desk.coded(limits={"per_member": 1})
        desk.coupons(limited, code="LIMITED")
        assert said("LIMITED") == (True, limited, None)
        api.buy(member, 1_000_000, coupons=["LIMITED"])
        assert said("LIMITED") == (False, limited, "coupon_used")
        assert said("LIMITED", None) == (True, limited, None)
        refused(api.post("/coupons/validate", {"code": "A", "member": 10**12}), 404, "not_found")
        refused(api.post("/coupons/validate", {}), 400, "validation_error", "code")
