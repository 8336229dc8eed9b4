"""Bad input at the till: refused beside its field, nothing written, nothing lost."""

import pytest
from django.db import OperationalError
from django.test import Client

from club.members.models import Member
from club.purchases.models import Purchase
from core.models import Club
from core.tenancy.scope import club_scope
from tests.desk.conftest import joined
from tests.desk.till.forms import JSON, save


@pytest.mark.parametrize(
    "amount",
    ["", "0", "-5", "−۵", "12.5", "۱۲٫۵", "NaN", "1e309", "abc", "9" * 40, str(2**63), "٬٬٬", "1,2,3", "\x00", "💥"],
)
def test_a_wrong_amount_is_refused_beside_its_field_and_nothing_is_written(
    cashier: Client, sara: Member, amount: str
) -> None:
    answer = save(cashier, status=422, member=sara.pk, amount=amount)

    assert list(answer["errors"]) == ["amount"]
    assert Purchase.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"who": ""},
        {"who": "nobody-like-this"},
        {"who": "0912"},
        {"who": "x" * 500},
        {"member": "abc"},
        {"member": "-1"},
        {"member": "9" * 30},
        {"member": "987654321"},
        {"who": "4567", "branch": "nowhere"},
        {"who": "4567", "branch": "x" * 99},
        {"who": "4567", "ref": "x" * 99},
        {"who": "4567", "key": ""},
        {"who": "4567", "key": "x" * 99},
        {"who": "4567", "key": "کلید"},
        {"who": "4567\x00"},
        {"who": "4567", "ref": "a\x00b\x00" * 9},
    ],
)
def test_bad_input_is_never_a_server_error(cashier: Client, sara: Member, fields: dict[str, str]) -> None:
    answer = cashier.post("/desk/till/", {"key": "k1", "amount": "1000", **fields}, headers=JSON)

    assert answer.status_code in {200, 404, 409, 422}
    assert cashier.post("/desk/till/preview/", {"amount": "1000", **fields}).status_code == 200
    assert cashier.post("/desk/till/", {"key": "k9", "amount": "1000", "act": "preview", **fields}).status_code == 200


def test_another_clubs_member_is_unknown(cashier: Client, other_club: Club) -> None:
    with club_scope(other_club):
        theirs = joined("09120000077")

    save(cashier, status=404, member=theirs.pk, amount="1000")

    assert Purchase.objects.count() == 0


def test_a_blocked_member_is_refused_with_the_reason(cashier: Client, sara: Member) -> None:
    Member.objects.filter(pk=sara.pk).update(status=Member.Status.BLOCKED)

    assert "مسدود" in str(save(cashier, status=409, member=sara.pk, amount="1000")["said"])
    assert "مسدود" in cashier.post("/desk/till/preview/", {"member": sara.pk, "amount": "1000"}).content.decode()


def test_a_lost_database_is_said_and_what_was_typed_is_kept(cashier: Client, sara: Member, monkeypatch) -> None:
    def lost(*args: object, **kwargs: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("desk.cashier.till.record_purchase", lost)

    assert "در دسترس نیست" in str(save(cashier, status=503, member=sara.pk, amount="245000")["said"])
    page = cashier.post("/desk/till/", {"key": "k1", "who": "4567", "amount": "۲۴۵٬۰۰۰"})
    assert page.status_code == 503
    assert "۲۴۵٬۰۰۰" in page.content.decode()
    assert "k1" in page.content.decode()


@pytest.mark.parametrize("page", ["/desk/till/?saved=", "/desk/purchases/?before=", "/desk/purchases/?q="])
@pytest.mark.parametrize("number", ["9" * 5_000, "9" * 19, "²", "-1", "۱۲"])
def test_a_number_of_no_purchase_in_an_address_is_passed_over(
    cashier: Client, club: Club, page: str, number: str
) -> None:
    assert cashier.get(page + number).status_code == 200
