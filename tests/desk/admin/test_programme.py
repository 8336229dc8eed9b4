"""The programme and the tiers in the admin, in the club's unit and in percents."""

from datetime import timedelta

import pytest
from django.utils import timezone

from club.programme.models import ProgrammeVersion
from club.programme.selectors import programme_at
from club.tiers.models import Tier
from core.jalali import format_date, local_date
from core.models import AuditEntry
from tests.desk.admin.conftest import ADMIN, PROGRAMME, errors_of, text_of, values_of


def test_the_programme_changes_from_a_day_on_in_the_club_s_unit_and_percents(owner, shop):
    values = values_of(owner.get(f"{ADMIN}{PROGRAMME}add/"))
    day = local_date(timezone.now() + timedelta(days=9))
    assert values["rial_per_point"] == "۱۰٬۰۰۰"
    assert values["credit_bp"] == "۱۰"

    answer = owner.post(
        f"{ADMIN}{PROGRAMME}add/",
        {**values, "credit_bp": "۷٫۵", "rial_per_point": "20,000", "effective_from": format_date(day, "numeric")},
    )

    assert answer.status_code == 302, errors_of(answer)
    now, then = programme_at(timezone.now()), programme_at(timezone.now() + timedelta(days=10))
    assert (now.credit_bp, now.rial_per_point) == (1000, 100_000)
    assert (then.credit_bp, then.rial_per_point) == (750, 200_000)
    assert AuditEntry.objects.filter(action="programme.change").latest("id").after["credit_bp"] == 750
    shown = text_of(owner.get(ADMIN + PROGRAMME))
    assert "در راه" in shown
    assert "۷٫۵٪" in shown
    assert "در حال اجرا" in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"credit_bp": "abc"}, "credit_bp"),
        ({"credit_bp": "101"}, "credit_bp"),
        ({"credit_bp": "-1"}, "credit_bp"),
        ({"credit_bp": "7.555"}, "credit_bp"),
        ({"credit_bp": "NaN"}, "credit_bp"),
        ({"credit_bp": "1e309"}, "credit_bp"),
        ({"rial_per_point": "0"}, "rial_per_point"),
        ({"rial_per_point": "99999999999999999999"}, "rial_per_point"),
        ({"points_valid_days": "0"}, "points_valid_days"),
        ({"point_worth": ""}, "point_worth"),
        ({"points_valid_to": "decade"}, "points_valid_to"),
        ({"effective_from": "1405/13/40"}, "effective_from"),
        ({"effective_from": "1400/1/1", "credit_bp": "5"}, "effective_from"),
        ({}, "__all__"),
    ],
)
def test_a_wrong_setting_is_said_beside_it_and_no_version_written(owner, shop, typed, field):
    versions = ProgrammeVersion.objects.count()
    values = values_of(owner.get(f"{ADMIN}{PROGRAMME}add/"))

    answer = owner.post(f"{ADMIN}{PROGRAMME}add/", {**values, **typed})

    assert answer.status_code == 200
    assert list(errors_of(answer)) == [field]
    assert ProgrammeVersion.objects.count() == versions


def test_a_version_is_never_edited(owner, shop):
    version = ProgrammeVersion.objects.get()
    address = f"{ADMIN}{PROGRAMME}{version.pk}/change/"

    assert owner.post(address, {"credit_bp": "1"}).status_code == 403
    assert "۱۰٬۰۰۰ تومان" in text_of(owner.get(address))


def test_a_tier_is_made_in_the_unit_of_its_metric(owner, shop):
    asked = {
        "name": "الماسی",
        "code": "diamond",
        "rank": "۳",
        "metric": "spent",
        "threshold": "۱۰٬۰۰۰٬۰۰۰",
        "points_factor_bp": "2.5",
        "extra_credit_bp": "۳",
        "downgrade": "never",
    }

    assert owner.post(ADMIN + "tiers/tier/add/", asked).status_code == 302
    tier = Tier.objects.get(code="diamond")
    assert (tier.threshold, tier.points_factor_bp, tier.extra_credit_bp) == (100_000_000, 25_000, 300)

    address = f"{ADMIN}tiers/tier/{tier.pk}/change/"
    values = values_of(owner.get(address))
    assert owner.post(address, {**values, "metric": "visits", "threshold": "۴۰"}).status_code == 302
    tier.refresh_from_db()
    assert (tier.metric, tier.threshold, tier.points_factor_bp) == ("visits", 40, 25_000)
    taken = owner.post(ADMIN + "tiers/tier/add/", asked)
    assert errors_of(taken).keys() & {"code", "rank"}


def test_a_tier_that_is_held_stays(owner, full):
    bronze, gold = Tier.objects.get(code="bronze"), Tier.objects.get(code="gold")

    stays = owner.post(f"{ADMIN}tiers/tier/{bronze.pk}/delete/", {"post": "yes"}, follow=True)
    assert "این سطح را ۱ عضو دارند و پاک نمی‌شود" in text_of(stays)
    assert owner.post(f"{ADMIN}tiers/tier/{gold.pk}/delete/", {"post": "yes"}).status_code == 302
    assert set(Tier.objects.values_list("code", flat=True)) == {"bronze", "silver"}
    assert AuditEntry.objects.filter(action="tier.delete").count() == 1
