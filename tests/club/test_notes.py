"""Notes and tags: kept as written, changed by who may, and every word in the audit."""

import pytest

from club.members.models import Member, Note
from club.members.notes import NotTheAuthor, add_note, add_tag, change_note, notes_of, pin_note, remove_tag
from club.purchases.merging import merge_members
from core.errors import Conflict, NotFound, ValidationFailed
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from tests.shop import NOON, Shop

ALI, SARA = "user:7", "user:8"


@pytest.fixture
def member(shop: Shop) -> Member:
    return shop.member()


def told(member: Member) -> list[tuple[str, str, object, object]]:
    rows = AuditEntry.objects.filter(target=f"member:{member.pk}", action__startswith="member.note").order_by("id")
    return [(row.action, row.actor, row.before.get("note"), row.after.get("note")) for row in rows]


def test_pinned_notes_stand_first_then_the_newest(member: Member) -> None:
    first, second, third = (add_note(member.pk, text, actor=ALI) for text in ("یک", "دو", "سه"))

    pin_note(member.pk, first.pk, is_pinned=True, actor=SARA)

    assert [note.pk for note in notes_of(member.pk)] == [first.pk, third.pk, second.pk]


def test_a_note_keeps_its_lines_and_loses_what_is_invisible(member: Member) -> None:
    note = add_note(member.pk, "  قهوه \u200f\x00تلخ\nبی‌شکر  \n\n", actor=ALI)

    assert Note.objects.get(pk=note.pk).text == "قهوه تلخ\nبی‌شکر"


def test_the_author_alone_changes_a_note_and_the_audit_has_both_texts(member: Member) -> None:
    note = add_note(member.pk, "قهوه", actor=ALI)

    with pytest.raises(NotTheAuthor):
        change_note(member.pk, note.pk, "چای", actor=SARA)
    change_note(member.pk, note.pk, "چای", actor=ALI)

    assert notes_of(member.pk)[0].text == "چای"
    assert notes_of(member.pk)[0].changed_at is not None
    assert told(member) == [("member.note_added", ALI, "", "قهوه"), ("member.note_changed", ALI, "قهوه", "چای")]


@pytest.mark.parametrize("text", ["", " \n ", "\x00", "ب" * 1001])
def test_a_note_of_nothing_or_of_too_much_is_refused(member: Member, text: str) -> None:
    with pytest.raises(ValidationFailed, match="یادداشت"):
        add_note(member.pk, text, actor=ALI)

    assert not Note.objects.exists()


def test_a_member_has_room_for_a_hundred_notes(member: Member) -> None:
    for number in range(100):
        add_note(member.pk, str(number), actor=ALI)

    with pytest.raises(Conflict):
        add_note(member.pk, "یکی دیگر", actor=ALI)


def test_a_note_is_found_under_its_own_member_alone(shop: Shop, member: Member) -> None:
    note = add_note(member.pk, "قهوه", actor=ALI)

    with pytest.raises(NotFound):
        change_note(shop.member().pk, note.pk, "چای", actor=ALI)


def test_notes_follow_a_member_who_is_merged(shop: Shop, member: Member) -> None:
    other = shop.member()
    add_note(other.pk, "قهوه", actor=ALI)

    merge_members(other.pk, member.pk, actor=ALI, key="m", now=NOON)

    assert [note.text for note in notes_of(member.pk)] == ["قهوه"]
    assert notes_of(other.pk) == []


def test_another_clubs_member_gets_no_note_and_no_tag(other_club: Club, member: Member) -> None:
    with club_scope(other_club):
        for act in (add_note, add_tag, remove_tag):
            with pytest.raises(NotFound):
                act(member.pk, "x", actor=ALI)


def test_tags_come_and_go_one_by_one_with_the_old_and_new_in_the_audit(member: Member) -> None:
    add_tag(member.pk, " همسایه ", actor=ALI)
    add_tag(member.pk, "دانشجو", actor=ALI)
    add_tag(member.pk, "دانشجو", actor=ALI)
    remove_tag(member.pk, "همسایه", actor=SARA)
    remove_tag(member.pk, "نیست", actor=SARA)

    assert Member.objects.get(pk=member.pk).tags == ["دانشجو"]
    rows = AuditEntry.objects.filter(action="member.update").order_by("id")
    assert [(row.actor, row.before["tags"], row.after["tags"]) for row in rows] == [
        (ALI, [], ["همسایه"]),
        (ALI, ["همسایه"], ["دانشجو", "همسایه"]),
        (SARA, ["دانشجو", "همسایه"], ["دانشجو"]),
    ]


@pytest.mark.parametrize("tag", ["", "  ", "ب" * 41])
def test_a_tag_of_nothing_or_of_too_much_is_refused(member: Member, tag: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        add_tag(member.pk, tag, actor=ALI)

    assert list(refused.value.errors) == ["tag"]


def test_a_member_has_room_for_fifty_tags(member: Member) -> None:
    for number in range(50):
        add_tag(member.pk, f"برچسب {number}", actor=ALI)

    with pytest.raises(ValidationFailed) as refused:
        add_tag(member.pk, "یکی دیگر", actor=ALI)

    assert list(refused.value.errors) == ["tag"]
