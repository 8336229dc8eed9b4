"""The programme, tiers and the catalogue over the API."""

import pytest

from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme as Settings
from core.models import AuditEntry
from tests.api.conftest import refused

PROGRAMME_FIELDS = [
    "rial_per_point", "points_per_visit", "points_valid_days", "points_valid_to", "points_idle_days",
    "points_usable_after_hours", "point_worth", "points_spendable", "credit_percent", "credit_valid_days",
    "credit_valid_to", "credit_idle_days", "credit_usable_after_hours", "credit_worth", "max_credit_share_percent",
    "min_purchase_to_spend", "earn_on_part_paid_by_value", "rounding_step", "max_discount_percent",
    "max_points_per_purchase", "max_points_per_day", "max_points_balance", "margin_percent", "refund_shortfall",
    "birthday_leap_rule",
]  # fmt: skip


class TestProgramme:
    def test_a_new_club_has_the_usual_settings(self, api):
        programme = api.get("/programme").json()

        assert list(programme) == PROGRAMME_FIELDS
        assert programme["rounding_step"] == 10 and programme["earn_on_part_paid_by_value"] is False
        assert (programme["refund_shortfall"], programme["birthday_leap_rule"]) == ("clip", "before")
        assert (programme["credit_worth"], programme["credit_percent"]) == (1, None)

    def test_percentages_are_numbers_outside_and_basis_points_inside(self, api):
        changed = api.patch("/programme", {"credit_percent": 7.5, "credit_worth": 0.85, "margin_percent": 40})

        assert changed.status_code == 200
        assert (changed.json()["credit_percent"], changed.json()["credit_worth"]) == (7.5, 0.85)
        assert '"margin_percent":40,' in changed.content.decode()
        inside = Settings.from_json(ProgrammeVersion.objects.get().settings)
        assert (inside.credit_bp, inside.credit_worth_bp, inside.margin_bp) == (750, 8_500, 4_000)
        assert api.get("/programme").json() == changed.json()
        assert api.patch("/programme", {"credit_percent": None}).json()["credit_percent"] is None

    def test_a_change_holds_from_its_moment_on(self, api):
        api.patch("/programme", {"credit_percent": 10, "effective_from": "2026-01-01"})
        later = api.patch("/programme", {"credit_percent": 8, "effective_from": "2990-01-01"})
        refused(later, 400, "validation_error", "effective_from")
        ahead = api.patch("/programme", {"credit_percent": 8, "effective_from": "2126-01-01T00:00:00+03:30"})

        assert ahead.json()["credit_percent"] == 8
        assert api.get("/programme").json()["credit_percent"] == 10
        assert AuditEntry.objects.filter(action="programme.change").count() == 2

    def test_a_change_of_the_past_goes_on_until_the_setting_was_changed_again(self, api):
        """Else what was changed today beside it would bring the old value back."""
        days = ["2025-01-01", "2025-03-01", "2025-05-01", "2025-07-01"]

        def change(day, **settings):
            return api.patch("/programme", {**settings, "effective_from": day}).status_code

        assert change(days[0], credit_percent=10, points_valid_days=90) == 200
        assert change(days[2], point_worth=7) == 200
        assert change(days[3], credit_percent=5) == 200
        assert change(days[1], credit_percent=8, points_valid_days=30) == 200

        member = api.enrol()["id"]
        earned = [api.buy(member, 10_000, occurred_at=f"{day}T12:00:00Z")["credit_earned"] for day in days]
        assert earned == [1_000, 800, 800, 500]
        now = api.get("/programme").json()
        assert (now["credit_percent"], now["points_valid_days"], now["point_worth"]) == (5, 30, 7)

    @pytest.mark.parametrize("body", [{}, {"effective_from": "2020-01-01"}])
    def test_nothing_named_changes_nothing(self, api, body):
        assert api.patch("/programme", body).json() == api.get("/programme").json()
        assert not ProgrammeVersion.objects.exists()

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"credit_bp": 5}, "credit_bp"),
            ({"colour": "red"}, "colour"),
            ({"credit_percent": 101}, "credit_percent"),
            ({"credit_percent": -1}, "credit_percent"),
            ({"credit_percent": 7.555}, "credit_percent"),
            ({"credit_percent": "10"}, "credit_percent"),
            ({"credit_percent": True}, "credit_percent"),
            ({"credit_worth": 1.1}, "credit_worth"),
            ({"rial_per_point": 0}, "rial_per_point"),
            ({"rial_per_point": 1.5}, "rial_per_point"),
            ({"rial_per_point": 2**63}, "rial_per_point"),
            ({"rounding_step": None}, "rounding_step"),
            ({"points_valid_to": "week"}, "points_valid_to"),
            ({"points_valid_days": 0}, "points_valid_days"),
            ({"refund_shortfall": None}, "refund_shortfall"),
            ({"refund_shortfall": "keep"}, "refund_shortfall"),
            ({"points_spendable": 1}, "points_spendable"),
            ({"birthday_leap_rule": "after"}, "birthday_leap_rule"),
            ({"effective_from": "tomorrow", "point_worth": 1}, "effective_from"),
            ({"effective_from": None, "point_worth": 1}, "effective_from"),
        ],
    )
    def test_a_wrong_setting_is_refused_by_name(self, api, body, field):
        refused(api.patch("/programme", body), 400, "validation_error", field)
        assert not ProgrammeVersion.objects.exists()

    def test_every_setting_can_be_sent_back_as_it_was_answered(self, api):
        programme = api.get("/programme").json()

        assert api.patch("/programme", programme).json() == programme


SILVER = {
    "code": "silver", "name": "نقره‌ای", "rank": 2, "metric": "spent", "threshold": 10_000_000, "window_days": 365,
    "points_factor": 1.5, "extra_credit_percent": 2, "downgrade": "one_step", "grace_days": 30,
}  # fmt: skip


class TestTiers:
    def test_a_tier_is_made_listed_changed_and_deleted(self, api):
        made = api.post("/tiers", SILVER)
        assert (made.status_code, made.json()) == (201, SILVER)
        api.post("/tiers", {"code": "gold", "name": "طلایی", "rank": 3, "threshold": 50_000_000})

        changed = api.patch("/tiers/silver", {"points_factor": 1.25, "window_days": None, "code": "silver"})
        assert changed.json() == {**SILVER, "points_factor": 1.25, "window_days": None}
        assert [row["code"] for row in api.get("/tiers").json()["results"]] == ["gold", "silver"]

        gone = api.delete("/tiers/silver")
        assert (gone.status_code, gone.content) == (204, b"")
        refused(api.delete("/tiers/silver"), 404, "not_found")
        actions = AuditEntry.objects.filter(action__startswith="tier.").order_by("id").values_list("action", flat=True)
        assert list(actions) == ["tier.create", "tier.create", "tier.update", "tier.delete"]

    def test_a_tier_that_a_member_holds_stays(self, api):
        api.post("/tiers", {"code": "first", "name": "آغاز", "rank": 0, "threshold": 0})
        assert api.enrol()["tier"] == "first"

        assert refused(api.delete("/tiers/first"), 409, "conflict")["members"] == 1

    def test_crossing_a_threshold_lifts_within_the_purchase(self, api):
        api.post("/tiers", {**SILVER, "threshold": 1_000_000})
        member = api.enrol()

        below = api.buy(member["id"], 999_999)
        reached = api.buy(member["id"], 1)

        assert (below["tier"], below["next_tier"]) == (None, {"code": "silver", "missing": 1})
        assert (reached["tier"], reached["tier_changed"], reached["next_tier"]) == ("silver", True, None)
        assert api.get(f"/members/{member['id']}").json()["tier"] == "silver"

    def test_code_and_rank_are_taken_once(self, api):
        api.post("/tiers", SILVER)

        assert refused(api.post("/tiers", {**SILVER, "rank": 9}), 409, "conflict")["field"] == "code"
        assert refused(api.post("/tiers", {**SILVER, "code": "x"}), 409, "conflict")["field"] == "rank"
        refused(api.patch("/tiers/silver", {"code": "argent"}), 400, "validation_error", "code")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"code": ""}, "code"), ({"code": "x" * 33}, "code"), ({"code": "a\nb"}, "code"), ({"code": ".."}, "code"),
            ({"name": " "}, "name"), ({"rank": -1}, "rank"), ({"rank": 32_768}, "rank"), ({"rank": 1.5}, "rank"),
            ({"metric": "weight"}, "metric"), ({"threshold": -1}, "threshold"), ({"threshold": 2**63}, "threshold"),
            ({"window_days": 0}, "window_days"), ({"points_factor": -0.5}, "points_factor"),
            ({"points_factor": 1.00001}, "points_factor"), ({"points_factor": 101}, "points_factor"),
            ({"extra_credit_percent": 101}, "extra_credit_percent"), ({"downgrade": "fast"}, "downgrade"),
            ({"grace_days": -1}, "grace_days"), ({"members": 5}, "members"), ({"points_factor_bp": 1}, "points_factor_bp"),
        ],
    )  # fmt: skip
    def test_a_wrong_tier_is_refused_by_name(self, api, change, field):
        refused(api.post("/tiers", {**SILVER, **change}), 400, "validation_error", field)
        api.post("/tiers", SILVER)
        refused(api.patch("/tiers/silver", change), 400, "validation_error", field)
        assert api.get("/tiers").json()["results"] == [SILVER]

    def test_what_is_missing_is_named(self, api):
        refused(api.post("/tiers", {}), 400, "validation_error", "code", "name", "rank", "threshold")

    def test_a_key_makes_it_once(self, api):
        first, again = api.post("/tiers", SILVER, key="k"), api.post("/tiers", SILVER, key="k")

        assert first.content == again.content and again["Idempotent-Replayed"] == "true"
        refused(api.post("/branches", {"code": "a", "name": "a"}, key="k"), 422, "idempotency_conflict")


TEA = {"code": "چای/۱", "name": "چای لاهیجان", "price": 250_000, "vat_percent": 10, "groups": ["hot"], "earns": True}
HOT = {
    "code": "hot", "name": "نوشیدنی گرم", "earns": True, "rial_per_point": None, "credit_percent": None,
    "discountable": True, "payable_by_value": True,
}  # fmt: skip
SHIRAZ = {"code": "shiraz", "name": "شیراز"}


class TestCatalogue:
    def test_a_product_is_made_listed_and_changed(self, api):
        api.post("/groups", {"code": "hot", "name": "نوشیدنی گرم"})
        api.post("/groups", {"code": "new", "name": "تازه"})

        made = api.post("/products", TEA)

        assert made.status_code == 201
        assert made.json() == {**TEA, "code": "چای/1"}
        assert api.get("/products").json()["results"] == [made.json()]
        changed = api.patch("/products/چای/1", {"price": 300_000, "groups": ["new", "hot", "new"], "earns": False})
        assert changed.json() == {**made.json(), "price": 300_000, "groups": ["hot", "new"], "earns": False}
        assert api.patch("/products/چای/1", {"groups": []}).json()["groups"] == []
        refused(api.patch("/products/nothing", {"price": 1}), 404, "not_found")
        refused(api.patch("/products/چای/1", {"price": 1, "groups": ["nope"]}), 400, "validation_error", "groups[0]")
        assert api.get("/products").json()["results"][0]["price"] == 300_000
        assert AuditEntry.objects.filter(action="product.update").count() == 2

    def test_a_group_has_rules_of_its_own(self, api):
        made = api.post("/groups", {"code": "hot", "name": "نوشیدنی گرم"})
        assert (made.status_code, made.json()) == (201, HOT)

        changed = api.patch(
            "/groups/hot", {"credit_percent": 12.5, "rial_per_point": 50_000, "payable_by_value": False}
        )

        assert changed.json() == {**HOT, "credit_percent": 12.5, "rial_per_point": 50_000, "payable_by_value": False}
        assert api.get("/groups").json()["results"] == [changed.json()]
        api.post("/products", {"code": "tea", "name": "چای", "price": 100_000, "groups": ["hot"]})
        bought = api.buy(api.enrol()["id"], lines=[{"product": "tea"}])
        assert (bought["points_earned"], bought["credit_earned"]) == (2, 12_500)

    def test_a_branch(self, api):
        made = api.post("/branches", SHIRAZ)

        assert (made.status_code, made.json()) == (201, SHIRAZ)
        assert api.patch("/branches/shiraz", {"name": "شیراز، ارم"}).json() == {**SHIRAZ, "name": "شیراز، ارم"}
        assert len(api.get("/branches").json()["results"]) == 1

    @pytest.mark.parametrize("path", ["/products", "/groups", "/branches"])
    def test_a_code_is_taken_once_and_never_changes(self, api, path):
        body = {"code": "a", "name": "الف", **({"price": 1} if path == "/products" else {})}
        api.post(path, body)

        refused(api.post(path, body), 409, "conflict")
        refused(api.patch(f"{path}/a", {"code": "b"}), 400, "validation_error", "code")
        refused(api.get(f"{path}/a"), 405, "method_not_allowed")
        refused(api.delete(f"{path}/a"), 405, "method_not_allowed")

    @pytest.mark.parametrize(
        ("path", "body", "fields"),
        [
            ("/products", {}, ["code", "name", "price"]),
            ("/products", {**TEA, "groups": ["nope"]}, ["groups[0]"]),
            ("/products", {**TEA, "groups": "hot"}, ["groups"]),
            ("/products", {**TEA, "groups": [], "price": -1}, ["price"]),
            ("/products", {**TEA, "groups": [], "price": 1.5}, ["price"]),
            ("/products", {**TEA, "groups": [], "vat_percent": 100.5}, ["vat_percent"]),
            ("/products", {**TEA, "groups": [], "name": "x" * 121}, ["name"]),
            ("/products", {**TEA, "groups": [], "name": "\u200f \u200e"}, ["name"]),
            ("/products", {**TEA, "groups": [], "earns": None}, ["earns"]),
            ("/products", {**TEA, "groups": [], "price_rial": 5}, ["price_rial"]),
            ("/groups", {"code": "a", "name": "a", "rial_per_point": 0}, ["rial_per_point"]),
            ("/groups", {"code": "a", "name": "a", "credit_percent": 101}, ["credit_percent"]),
            ("/groups", {"code": "a", "name": "a", "discountable": "no"}, ["discountable"]),
            ("/branches", {"code": "\u200f", "name": "a"}, ["code"]),
            ("/branches", {"code": "a", "name": "a", "address": "x"}, ["address"]),
        ],
    )
    def test_what_is_wrong_is_refused_by_name(self, api, path, body, fields):
        refused(api.post(path, body), 400, "validation_error", *fields)
        assert api.get(path).json()["results"] == []


def test_a_higher_tier_is_harder_to_reach(api):
    """Else the next small purchase would lift anybody to the top."""
    low = {"code": "low", "name": "برنزی", "rank": 1, "metric": "spent", "threshold": 5_000}
    assert api.post("/tiers", low).status_code == 201
    high = {**low, "code": "high", "name": "طلایی", "rank": 2}

    refused(api.post("/tiers", high), 400, "validation_error", "threshold")
    assert api.post("/tiers", {**high, "threshold": 9_000}).status_code == 201
    refused(api.patch("/tiers/low", {"threshold": 9_000}), 400, "validation_error", "threshold")
    visits = {**high, "code": "often", "rank": 3, "metric": "visits", "threshold": 10}
    assert api.post("/tiers", visits).status_code == 201
