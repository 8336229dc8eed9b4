"""Points and credit by hand: seen first, done once, undone once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from club.ledger.adjustments import Adjustment, adjust_value
from club.ledger.models import Entry, Lot
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.proof import verify_value
from core.jalali import day_bounds, format_date, local_date
from core.models import AuditEntry, Club
from tests.accounts.cast import person, signed_in
from tests.desk.conftest import joined


def asked(**changes: str) -> dict[str, str]:
    return {"key": "k1", "unit": "points", "way": "give", "amount": "۴۰", "reason": "جبران تأخیر", **changes}


def post(client: Client, member: Member, **changes: str) -> Any:
    """Send the form; what is to be saved was looked at, as the page wants it."""
    path, fields = f"/desk/members/{member.pk}/value/", asked(**changes)
    if fields.get("act") == "save" and "seen" not in fields:
        looked = client.post(path, {**fields, "act": "preview"}).context
        fields["seen"] = looked["seen"].seal if looked and looked.get("seen") else ""
    return client.post(path, fields)


def points(member: Member) -> int:
    return balances(member.pk, timezone.now()).points


def test_looking_writes_nothing_and_says_what_it_comes_to(manager: Client, sara: Member) -> None:
    answer = post(manager, sara, act="preview")

    assert (answer.context["seen"].before, answer.context["seen"].after) == (500, 540)
    assert "۵۴۰" in answer.content.decode()
    assert points(sara) == 500


def test_a_last_day_that_is_over_is_said_before_anything_is_done(manager: Client, sara: Member) -> None:
    gone = local_date(timezone.now()) - timedelta(days=1)

    answer = post(manager, sara, act="preview", last_day=format_date(gone, "numeric"))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"last_day"}
    assert answer.context["seen"] is None


def test_what_is_given_comes_once_with_reason_last_day_and_audit(manager: Client, sara: Member) -> None:
    day = local_date(timezone.now()) + timedelta(days=30)
    for _again in range(2):
        assert post(manager, sara, act="save", last_day=format_date(day, "numeric")).status_code == 302

    assert points(sara) == 540
    assert Lot.objects.get(amount=40).expires_at == day_bounds(day)[1]
    assert AuditEntry.objects.get(action="ledger.adjust").after["reason"] == "جبران تأخیر"


def test_the_last_day_is_repeated_before_it_is_confirmed(manager: Client, sara: Member) -> None:
    day = local_date(timezone.now()) + timedelta(days=30)

    with_end = post(manager, sara, act="preview", last_day=format_date(day, "numeric")).content.decode()
    without = post(manager, sara, act="preview").content.decode()

    assert f"تا پایان {format_date(day)}" in with_end
    assert "بی‌پایان</dd>" in without
    assert "مهلت</dt>" not in post(manager, sara, act="preview", way="take").content.decode()


def test_only_what_was_seen_is_given(manager: Client, sara: Member) -> None:
    seen = post(manager, sara, act="preview").context["seen"].seal

    for changes in ({"amount": "400"}, {"unit": "credit"}, {"way": "take"}, {"last_day": "۱۴۹۹/۰۱/۰۱"}, {"seen": ""}):
        answer = post(manager, sara, **{"act": "save", "seen": seen, **changes})
        assert (answer.status_code, "دوباره ثبت کنید" in answer.content.decode()) == (422, True), changes
    assert points(sara) == 500
    assert post(manager, sara, act="save", seen=seen).status_code == 302
    assert points(sara) == 540


UNUSUAL = "یک صفر زیاد ننوشته‌اید؟"


def test_a_gift_far_above_what_is_usual_is_warned_of_and_may_be_given(manager: Client, sara: Member) -> None:
    # Sara, the only member, was given 500 points and 62,000 toman once: ten times the average is above what she got.
    for amount, unit, warns in (
        ("5000", "points", False),
        ("5001", "points", True),
        ("620000", "credit", False),
        ("620001", "credit", True),
    ):
        page = post(manager, sara, act="preview", amount=amount, unit=unit).content.decode()
        assert (UNUSUAL in page) == warns, amount
    assert "۵۰۰ امتیاز" in post(manager, sara, act="preview", amount="5001").content.decode()
    assert UNUSUAL not in post(manager, sara, act="preview", amount="500", way="take").content.decode()
    assert post(manager, sara, act="save", amount="5001").status_code == 302


def test_what_a_member_got_in_all_is_not_unusual(manager: Client, sara: Member) -> None:
    for number in range(20):
        joined(f"0935000{number:04}", opening_points=10)

    # 20 gifts of 10 and one of 500: 33 on average.
    assert UNUSUAL not in post(manager, sara, act="preview", amount="500").content.decode()
    assert UNUSUAL in post(manager, sara, act="preview", amount="501").content.decode()


def test_a_club_that_gave_nothing_yet_has_nothing_to_compare_with(manager: Client, club: Club) -> None:
    assert UNUSUAL not in post(manager, joined("09350000000"), act="preview", amount="90000").content.decode()


def test_credit_is_typed_in_the_clubs_unit(manager: Client, sara: Member) -> None:
    post(manager, sara, act="save", unit="credit", way="take", amount="۱۲٬۰۰۰")

    assert balances(sara.pk, timezone.now()).credit == 500_000


def test_more_than_there_is_cannot_be_taken(manager: Client, sara: Member) -> None:
    seen = post(manager, sara, act="preview", way="take", amount="600")
    refused = post(manager, sara, act="save", way="take", amount="600")

    assert seen.context["seen"].missing == 100
    assert 'value="save"' not in seen.content.decode()
    assert refused.status_code == 409
    assert "جبران تأخیر" in refused.content.decode()
    assert points(sara) == 500


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", ""), ("amount", "0"), ("amount", "-5"), ("amount", "x"), ("amount", "9" * 30), ("reason", " "),
     ("last_day", "۱۴۰۵/۱۳/۰۱"), ("last_day", "۱۳۹۰/۰۱/۰۱"), ("unit", "points_debt"), ("way", ""), ("key", "ک")],
)  # fmt: skip
@pytest.mark.parametrize("act", ["preview", "save"])
def test_bad_input_is_named_and_nothing_is_lost(
    manager: Client, sara: Member, field: str, value: str, act: str
) -> None:
    answer = post(manager, sara, act=act, **{field: value})

    if (act, field, value) != ("preview", "last_day", "۱۳۹۰/۰۱/۰۱"):
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
    if field != "reason":
        assert "جبران تأخیر" in answer.content.decode()
    assert points(sara) == 500


def test_an_entry_made_by_hand_is_undone_from_the_history_whole_and_once(manager: Client, sara: Member) -> None:
    entry = adjust_value(Adjustment(sara.pk, "points", 40, "x"), actor="user:1", key="a", now=timezone.now()).id
    path = f"/desk/members/{sara.pk}/value/{entry}/undo/"
    assert path in manager.get(f"/desk/members/{sara.pk}/").content.decode()
    assert manager.get(path).status_code == 200

    assert manager.post(path, {"key": "u1", "reason": ""}).status_code == 422
    assert manager.post(path, {"key": "u1", "reason": "اشتباه شد"}).status_code == 302
    assert manager.post(path, {"key": "u2", "reason": "اشتباه شد"}).status_code == 409

    assert points(sara) == 500
    assert path not in manager.get(f"/desk/members/{sara.pk}/").content.decode()
    assert verify_value() == []


def test_an_entry_of_a_purchase_has_no_page_to_undo_it(manager: Client, sara: Member) -> None:
    from tests.desk.test_purchases import bought

    bought(sara)
    entry = Entry.objects.get(kind="earn")

    assert manager.get(f"/desk/members/{sara.pk}/value/{entry.pk}/undo/").status_code == 404


@pytest.mark.parametrize("role", [Role.CASHIER, Role.SUPPORT, Role.CALLER])
def test_who_may_not_adjust_neither_sees_nor_does_it(club: Club, sara: Member, role: str) -> None:
    client = signed_in(person(role), club)

    assert "/value/" not in client.get(f"/desk/members/{sara.pk}/").content.decode()
    assert post(client, sara, act="save").status_code == 403
    assert points(sara) == 500
