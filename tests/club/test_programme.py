"""The programme over time: what was asked from a moment on holds from then on."""

from datetime import timedelta

import pytest

from club.programme.models import ProgrammeVersion
from club.programme.selectors import programme_at
from club.programme.services import change_programme, withdraw_change
from core.errors import Conflict, NotFound
from core.models import AuditEntry
from tests.shop import NOON

pytestmark = pytest.mark.django_db
TOMORROW, LATER = NOON + timedelta(days=1), NOON + timedelta(days=9)


def credit_at(moment):
    return programme_at(moment).credit_bp


def change(moment, **settings):
    change_programme(settings, effective_from=moment, actor="user:1")
    return ProgrammeVersion.objects.filter(effective_from=moment).exclude(changes={}).order_by("-id").first()


@pytest.fixture(autouse=True)
def ten_percent(club):
    change(NOON - timedelta(days=30), credit_bp=1000)


def test_a_planned_change_outlives_a_present_one_to_the_same_value_and_back():
    change(TOMORROW, credit_bp=800)
    change(NOON, credit_bp=800)
    change(NOON + timedelta(seconds=1), credit_bp=1000)

    assert credit_at(TOMORROW - timedelta(seconds=1)) == 1000
    assert credit_at(TOMORROW) == 800


def test_a_change_goes_on_through_later_ones_of_other_settings():
    change(TOMORROW, point_worth=7)
    change(NOON, credit_bp=800)

    assert (credit_at(TOMORROW), programme_at(TOMORROW).point_worth) == (800, 7)


def test_a_planned_change_can_be_taken_back_and_what_follows_forgets_it():
    planned = change(TOMORROW, credit_bp=800, points_valid_days=30)
    change(LATER, points_valid_days=60)

    withdraw_change(planned.pk, actor="user:1", now=NOON)

    assert (credit_at(TOMORROW), programme_at(TOMORROW).points_valid_days) == (1000, None)
    assert (credit_at(LATER), programme_at(LATER).points_valid_days) == (1000, 60)
    assert AuditEntry.objects.get(action="programme.withdraw").before["credit_bp"] == 800
    with pytest.raises(Conflict):
        withdraw_change(planned.pk, actor="user:1", now=NOON)


def test_of_two_changes_of_one_moment_taking_back_the_later_leaves_the_earlier():
    change(TOMORROW, credit_bp=800)
    second = change(TOMORROW, credit_bp=700)

    withdraw_change(second.pk, actor="user:1", now=NOON)

    assert credit_at(TOMORROW) == 800


def test_what_is_in_force_is_not_taken_back(other_club):
    planned = change(TOMORROW, credit_bp=800)
    first = ProgrammeVersion.objects.order_by("id")[0]

    with pytest.raises(Conflict):
        withdraw_change(planned.pk, actor="user:1", now=TOMORROW)
    with pytest.raises(NotFound):
        withdraw_change(first.pk, actor="user:1", now=NOON)
    assert credit_at(TOMORROW) == 800


def test_before_every_version_the_clubs_first_settings_hold():
    change(NOON - timedelta(days=60), credit_bp=500)

    assert credit_at(NOON - timedelta(days=90)) == 1000
    assert credit_at(NOON - timedelta(days=45)) == 500


def test_a_correction_of_the_first_settings_holds_before_them_too():
    change(NOON - timedelta(days=30), credit_bp=900)

    assert credit_at(NOON - timedelta(days=90)) == credit_at(NOON) == 900
