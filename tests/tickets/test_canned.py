"""Canned answers: what they may say, for whose tickets they are, and what stands in them for one ticket."""

import pytest

from core.errors import NotFound, ValidationFailed
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from tests.accounts.cast import person
from tests.shop import Shop
from tests.tickets.acts import asks
from tickets.canned import CannedWords, canned_answers, canned_for, delete_canned, filled, get_canned, save_canned
from tickets.models import Department

WHO = "user:1"


def keep(title: str = "پیگیری", text: str = "سلام {name}", department: str = "", **more: int) -> int:
    return save_canned(CannedWords(title, text, department), more.get("canned_id"), actor=WHO).pk


def test_placeholders_are_filled_for_the_member_and_whoever_answers(shop: Shop) -> None:
    ali = person("support", name="علی")
    ticket, nameless = asks(shop.member(first_name="سارا {club}")), asks(shop.member(first_name="", last_name=""))
    text = "سلام {name} عزیز، تیکت {number} در {club} با {agent} است."

    assert filled(text, ticket, ali) == f"سلام {ticket.member.full_name} عزیز، تیکت ۱ در {shop.club.name} با علی است."
    assert "سلام مشتری عزیز" in filled(text, nameless, ali)
    # whoever has no name shows the member no phone
    assert filled("{agent}", ticket, person("support", name="")) == shop.club.name


def test_each_wrong_field_is_refused_by_name_and_nothing_is_kept(club: Club) -> None:
    keep("ساعت کار")
    for wrong, fields in (
        ({"title": " ", "text": " ", "department": "nowhere"}, {"title", "text", "department"}),
        ({"title": "x" * 81}, {"title"}),
        ({"title": "ساعت کار"}, {"title"}),
        ({"text": "سلام {phone}"}, {"text"}),
        ({"text": "سلام {name"}, {"text"}),
        ({"text": "x" * 4_001}, {"text"}),
    ):
        with pytest.raises(ValidationFailed) as refused:
            keep(**{"title": "تازه", **wrong})
        assert set(refused.value.errors) == fields
    assert "{phone}" in _said("سلام {phone}") and "{agent}" in _said("سلام {phone}")
    assert [one.title for one in canned_answers()] == ["ساعت کار"]


def test_a_ticket_is_offered_its_departments_answers_and_then_those_for_all(shop: Shop) -> None:
    for place, code in enumerate(("sales", "technical")):
        Department.objects.create(code=code, name=code, position=place)
    for title, department in (("الف", ""), ("ب", "sales"), ("پ", "technical")):
        keep(title, department=department)

    assert [one.title for one in canned_for(asks(shop.member(), department="sales"))] == ["ب", "الف"]
    assert [one.title for one in canned_for(asks(shop.member()))] == ["الف"]


def test_changes_and_deletions_are_audited_and_stay_in_the_club(club: Club, other_club: Club) -> None:
    one = keep()
    with club_scope(other_club):
        for refused in (lambda: get_canned(one), lambda: delete_canned(one, actor=WHO), lambda: keep(canned_id=one)):
            with pytest.raises(NotFound):
                refused()

    keep("پیگیری", "سلام {name}، {agent}", canned_id=one)
    delete_canned(one, actor=WHO)

    kinds = AuditEntry.objects.filter(target=f"cannedanswer:{one}").order_by("pk").values_list("action", flat=True)
    assert list(kinds) == ["ticket.canned", "ticket.canned", "ticket.canned_delete"]
    assert canned_answers() == []


def _said(text: str) -> str:
    with pytest.raises(ValidationFailed) as refused:
        keep("دیگر", text)
    return " ".join(refused.value.errors["text"])
