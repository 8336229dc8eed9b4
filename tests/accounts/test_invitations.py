"""Links that set a password: good once, for a time, for their person; and first passwords on paper."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.invitations import LinkSpent, hand_first_password, person_of_link, send_link, use_link
from accounts.models import StaffLink, StaffRole, User
from accounts.services import end_role, leave_club, move_role, set_password
from core.errors import Conflict, Forbidden, NotFound, Throttled, ValidationFailed
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from tests.accounts.cast import PASSWORD, add_role, person, signed_in, visitor
from tests.threads import in_threads

pytestmark = pytest.mark.urls("tests.accounts.urls")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
GOOD = "sib-va-golabi-1405"


def token_of(message):
    return message[2]["address"].split("/")[-2]


def invited(sent, *roles, now=NOW, **fields):
    user = person(*roles or ["cashier"], **fields)
    send_link(user.pk, giver=person("owner"), now=now)
    return user, token_of(sent[-1])


def test_who_has_no_password_gets_an_invitation_and_who_has_one_a_reset(club, sent):
    new, _token = invited(sent)
    old, _token = invited(sent, password=PASSWORD)

    assert [(kind, phone) for kind, phone, _context in sent] == [
        ("staff_invited", new.phone),
        ("staff_reset", old.phone),
    ]
    three_days, two_hours = StaffLink.objects.order_by("pk").values_list("expires_at", flat=True)
    assert (three_days - NOW, two_hours - NOW) == (timedelta(days=3), timedelta(hours=2))


def test_the_link_sets_the_password_and_is_then_spent(club, sent):
    sara, token = invited(sent)

    assert use_link(token, GOOD, now=NOW) == sara

    assert User.objects.get(pk=sara.pk).check_password(GOOD)
    with pytest.raises(LinkSpent):
        use_link(token, GOOD + "x", now=NOW)
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["staff.send_link", "staff.set_password"]


def test_only_a_hash_of_the_link_is_kept_and_none_in_the_audit(club, sent):
    _sara, token = invited(sent)

    assert token not in str(list(StaffLink.objects.values()))
    assert token not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("case", ["late", "ended", "stopped", "newer", "another password", "another club", "nonsense"])
def test_a_link_is_spent_by(club, other_club, sent, case):
    sara, token = invited(sent)
    now, where = NOW, club
    if case == "late":
        now = NOW + timedelta(days=3)
    if case == "ended":
        end_role(sara.roles.get().pk, actor="system", now=NOW)
    if case == "stopped":
        User.objects.filter(pk=sara.pk).update(is_active=False)
    if case == "newer":
        now = NOW + timedelta(minutes=2)
        send_link(sara.pk, giver=person("owner"), now=now)
    if case == "another password":
        set_password(sara, GOOD, actor="system")
    if case == "another club":
        add_role(sara, "cashier", other_club)
        where = other_club
    if case == "nonsense":
        token = "\x00" * 300

    with club_scope(where), pytest.raises(LinkSpent):
        person_of_link(token, now=now)


def test_of_two_who_use_a_link_at_once_one_is_too_late(committed_club, sent):
    with club_scope(committed_club):
        sara, token = invited(sent)

    acts = [partial(use_link, token, f"{GOOD}-{number}", now=NOW) for number in range(2)]
    answers = in_threads(committed_club, acts, keep_errors=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["LinkSpent", "User"]
    won = next(number for number, answer in enumerate(answers) if isinstance(answer, User))
    assert User.objects.get(pk=sara.pk).check_password(f"{GOOD}-{won}")


@pytest.mark.parametrize(
    ("giver", "role", "allowed"),
    [
        ("owner", "owner", True),
        ("manager", "cashier", True),
        ("manager", "manager", False),
        ("manager", "owner", False),
        ("cashier", "cashier", False),
    ],
)
def test_who_may_send_links_to_whom(club, sent, giver, role, allowed):
    chief, user = person(giver), person(role)

    if allowed:
        send_link(user.pk, giver=chief, now=NOW)
        assert len(sent) == 1
        return
    for act in (partial(send_link, user.pk, giver=chief, now=NOW), partial(hand_first_password, user.pk, giver=chief)):
        with pytest.raises(Forbidden):
            act()
    assert sent == []


def test_links_to_one_person_are_limited(club, sent):
    sara, _token = invited(sent)

    with pytest.raises(Throttled):
        send_link(sara.pk, giver=person("owner"), now=NOW)

    assert StaffLink.objects.get().expires_at == NOW + timedelta(days=3), "the first goes on"


def test_nobody_of_the_staff_is_not_found(club, other_club, sent):
    owner, stranger = person("owner"), person("cashier", club=other_club)

    for user_id in (stranger.pk, 2**62):
        with pytest.raises(NotFound):
            send_link(user_id, giver=owner, now=NOW)
        with pytest.raises(NotFound):
            hand_first_password(user_id, giver=owner)
        with pytest.raises(NotFound):
            leave_club(user_id, actor="system", now=NOW)


def test_a_first_password_is_for_who_has_none_and_no_other_club(club, other_club):
    owner, new = person("owner"), person("cashier")
    old, known = person("cashier", password=PASSWORD), person("cashier")
    add_role(known, "owner", other_club)

    password = hand_first_password(new.pk, giver=owner)

    assert User.objects.get(pk=new.pk).check_password(password)
    for user in (old, known, new):
        with pytest.raises(Conflict):
            hand_first_password(user.pk, giver=owner)


def test_leaving_ends_every_role_or_none(club):
    owner, sara = person("owner", "cashier"), person("cashier", "agent")

    leave_club(sara.pk, actor="system", now=NOW)
    with pytest.raises(Conflict):
        leave_club(owner.pk, actor="system", now=NOW)

    assert not StaffRole.objects.filter(user=sara, is_active=True).exists()
    assert StaffRole.objects.filter(user=owner, is_active=True).count() == 2


def test_a_role_moves_to_another_branch_and_the_audit_says_so(club):
    held = person("cashier").roles.get()

    move_role(held.pk, branch_id=7, actor="user:1")
    move_role(held.pk, branch_id=7, actor="user:1")

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.before, entry.after) == ("staff.move_role", {"branch_id": None}, {"branch_id": 7})
    end_role(held.pk, actor="system", now=NOW)
    with pytest.raises(NotFound):
        move_role(held.pk, branch_id=None, actor="user:1")


def test_the_page_of_a_link_goes_in_with_the_new_password_and_looking_does_not_use_it_up(club, sent):
    sara, token = invited(sent, now=timezone.now())
    browser = visitor(club)

    for _look in range(2):
        assert browser.get(f"/staff/link/{token}/").status_code == 200
    refused = browser.post(f"/staff/link/{token}/", {"password": "123"})
    answer = browser.post(f"/staff/link/{token}/", {"password": GOOD})

    assert (refused.status_code, answer.status_code) == (422, 302)
    assert "گذرواژه دست‌کم ۸ نویسه می‌خواهد." in refused.content.decode()
    assert browser.get("/t/till/").content.decode() == f"till of {sara.phone}"
    spent = visitor(club).get(f"/staff/link/{token}/")
    assert spent.status_code == 404
    assert "این پیوند دیگر کار نمی‌کند" in spent.content.decode() and "/staff/login/" in spent.content.decode()


def test_a_reset_by_link_ends_the_sessions_that_were_open(club, sent):
    sara, token = invited(sent, password=PASSWORD, now=timezone.now())
    thief = signed_in(sara, club)

    use_link(token, GOOD, now=timezone.now())

    assert thief.get("/t/till/").status_code == 302


@pytest.mark.parametrize("password", ["kam", "12345678", ""])
def test_a_refused_password_leaves_the_link_good(club, sent, password):
    sara, token = invited(sent)

    with pytest.raises(ValidationFailed):
        use_link(token, password, now=NOW)

    assert person_of_link(token, now=NOW) == sara
