"""Staff, passwords and API keys: what may happen, what is refused, and what the audit keeps."""

import contextlib
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet

from accounts import services
from accounts.models import ApiKey, StaffRole, User
from accounts.rights import can, roles_of
from accounts.services import (
    authenticate_key,
    create_api_key,
    end_role,
    first_password,
    give_role,
    make_owner,
    revoke_api_key,
    set_password,
)
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope, cross_club
from tests.accounts.cast import fresh_phone, person
from tests.threads import SECONDS, in_threads

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def audited():
    return list(AuditEntry.objects.order_by("id").values_list("action", "target", "before", "after"))


def test_a_role_is_given_by_phone_and_audited(club):
    owner, phone = person("owner"), fresh_phone()

    held = give_role(phone="+98" + phone[1:], role="cashier", name=" رضا ", actor=owner.actor, giver=owner)

    assert roles_of(held.user) == {"cashier"}
    assert (held.user.phone, held.user.name, held.invited_by) == (phone, "رضا", owner)
    assert not held.user.has_usable_password()
    assert audited() == [("staff.give_role", held.user.actor, {}, {"role": "cashier", "phone": phone})]


def test_the_same_role_twice_is_a_conflict_and_another_is_not(club):
    sara = person("cashier")

    with pytest.raises(Conflict):
        give_role(phone=sara.phone, role="cashier", actor="system")
    give_role(phone=sara.phone, role="agent", actor="system")

    assert roles_of(sara) == {"cashier", "agent"}
    assert len(audited()) == 1


def test_an_ended_role_can_be_given_again(club):
    held = give_role(phone=fresh_phone(), role="cashier", actor="system")

    end_role(held.pk, actor="system", now=NOW)
    end_role(held.pk, actor="system", now=NOW)
    again = give_role(phone=held.user.phone, role="cashier", actor="system")

    assert again.pk != held.pk
    assert StaffRole.objects.filter(user=held.user).count() == 2
    assert [action for action, *_rest in audited()] == ["staff.give_role", "staff.end_role", "staff.give_role"]


@pytest.mark.parametrize(
    ("phone", "role", "field"), [("0912", "cashier", "phone"), ("", "cashier", "phone"), (None, "king", "role")]
)
def test_a_wrong_phone_or_role_names_its_field(club, phone, role, field):
    with pytest.raises(ValidationFailed) as refused:
        give_role(phone=fresh_phone() if phone is None else phone, role=role, actor="system")

    assert list(refused.value.errors) == [field]
    assert not StaffRole.objects.exists()
    assert audited() == []


@pytest.mark.parametrize(
    ("giver", "role", "allowed"),
    [
        ("owner", "owner", True),
        ("owner", "manager", True),
        ("owner", "cashier", True),
        ("manager", "owner", False),
        ("manager", "manager", False),
        ("manager", "cashier", True),
        ("cashier", "cashier", False),
        ("agent", "agent", False),
    ],
)
def test_who_may_appoint_and_end_whom(club, giver, role, allowed):
    person("owner")
    chief = person(giver)

    if allowed:
        held = give_role(phone=fresh_phone(), role=role, actor=chief.actor, giver=chief)
        end_role(held.pk, actor=chief.actor, now=NOW, giver=chief)
        assert not StaffRole.objects.get(pk=held.pk).is_active
        return
    with pytest.raises(Forbidden):
        give_role(phone=fresh_phone(), role=role, actor=chief.actor, giver=chief)
    held = give_role(phone=fresh_phone(), role=role, actor="system")
    with pytest.raises(Forbidden):
        end_role(held.pk, actor=chief.actor, now=NOW, giver=chief)
    assert StaffRole.objects.get(pk=held.pk).is_active


def test_the_last_owner_stays(club):
    first, second = person("owner"), person("owner")

    end_role(first.roles.get().pk, actor="system", now=NOW)
    with pytest.raises(Conflict):
        end_role(second.roles.get().pk, actor="system", now=NOW)

    assert roles_of(second) == {"owner"}


def test_another_club_s_role_is_not_found(club, other_club):
    sara = person("cashier", club=other_club)
    with club_scope(other_club):
        held = StaffRole.objects.get(user=sara)

    with pytest.raises(NotFound):
        end_role(held.pk, actor="system", now=NOW)
    with pytest.raises(NotFound):
        end_role(2**62, actor="system", now=NOW)


def test_first_passwords_differ_and_pass_the_validators(club):
    sara, passwords = person(), {first_password() for _number in range(50)}

    assert len(passwords) == 50
    for password in list(passwords)[:3]:
        set_password(sara, password, actor="system")
        assert sara.check_password(password)


def test_the_audit_keeps_no_password(club):
    sara = person()

    set_password(sara, "sib-va-golabi-1405", actor="system")

    assert "golabi" not in str(audited())
    assert len(audited()) == 1


def test_an_owner_of_a_second_club_keeps_the_password(club, other_club):
    sara, password = make_owner(phone=fresh_phone(), actor="system")
    assert sara.check_password(password or "")

    with club_scope(other_club):
        again, second = make_owner(phone=sara.phone, actor="system")

    assert (again, second) == (sara, None)
    assert again.check_password(password or "")


def test_an_api_key_is_shown_once_and_kept_as_a_hash(club):
    key, raw = create_api_key(name="صندوق ۱", scope="pos", actor="user:1")

    assert raw.startswith(f"ck_{key.prefix}_")
    assert raw not in str(ApiKey.objects.values_list())
    assert raw not in str(audited())
    found = authenticate_key(raw, now=NOW)
    assert (found, found and found.actor) == (key, f"api_key:{key.pk}")


def test_an_api_key_is_unknown_in_another_club_and_when_revoked_or_wrong(club, other_club):
    key, raw = create_api_key(name="x", scope="read", actor="system")

    with club_scope(other_club):
        assert authenticate_key(raw, now=NOW) is None
    assert authenticate_key(raw[:-1] + ("0" if raw[-1] != "0" else "1"), now=NOW) is None
    assert authenticate_key(raw, now=NOW)
    revoke_api_key(key.pk, actor="system", now=NOW)
    revoke_api_key(key.pk, actor="system", now=NOW)
    assert authenticate_key(raw, now=NOW) is None
    assert [action for action, *_rest in audited()] == ["api_key.create", "api_key.revoke"]
    with club_scope(other_club), pytest.raises(NotFound):
        revoke_api_key(key.pk, actor="system", now=NOW)


@pytest.mark.parametrize(
    "raw", ["", "ck", "ck__", "ck_0123456789_", "Bearer", "ck_\x00123456789_x", "ck_۰۱۲۳۴۵۶۷۸۹_x", "\ud800", "_" * 9999]
)
def test_nonsense_is_no_key(club, raw):
    assert authenticate_key(raw, now=NOW) is None


def test_the_use_of_a_key_is_noted_every_ten_minutes(club, django_assert_num_queries):
    key, raw = create_api_key(name="x", scope="read", actor="system")

    authenticate_key(raw, now=NOW)
    with django_assert_num_queries(1):
        authenticate_key(raw, now=NOW + timedelta(minutes=9))
    key.refresh_from_db()
    assert key.last_used_at == NOW
    authenticate_key(raw, now=NOW + timedelta(minutes=10))
    key.refresh_from_db()
    assert key.last_used_at == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("name", "scope", "field"), [("", "pos", "name"), ("x" * 81, "pos", "name"), ("x", "all", "scope")]
)
def test_a_wrong_key_request_names_its_field(club, name, scope, field):
    with pytest.raises(ValidationFailed) as refused:
        create_api_key(name=name, scope=scope, actor="system")

    assert list(refused.value.errors) == [field]
    assert not ApiKey.objects.exists()


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_create_club_prints_the_owner_s_first_password_and_where_the_club_is(settings):
    settings.PUBLIC_URL = "http://localhost:8655"
    phone = fresh_phone()

    said = run("create_club", "kafe-sib", "--name", "کافه سیب", "--owner-phone", "+98" + phone[1:])

    password = said.split("Password: ")[1].strip()
    owner = User.objects.get(phone=phone)
    assert owner.check_password(password)
    with club_scope(Club.objects.get(slug="kafe-sib")):
        assert can(owner, "appoint_managers")
        assert [action for action, *_rest in audited()] == ["staff.give_role", "staff.set_password"]
    assert "(http://kafe-sib.localhost:8655/)" in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "phone", "said"),
    [
        ("Kafe Sib", None, "slug"),
        ("a", None, "slug"),
        ("sib-", None, "slug"),
        ("s" * 60, None, "slug"),
        ("sib", "0912", "--owner-phone 0912: شماره موبایل درست نیست"),
        ("taken", None, "SLUG taken"),
        ("www", None, "slug: این نشانی برای کار دیگری است"),
        ("localhost", None, "slug"),
    ],
)
def test_create_club_says_what_is_wrong_and_makes_nothing(slug, phone, said):
    run("create_club", "taken", "--name", "کافه", "--owner-phone", fresh_phone())
    before = Club.objects.count(), User.objects.count()

    with pytest.raises(CommandError, match=said):
        run("create_club", slug, "--name", "کافه", "--owner-phone", phone or fresh_phone())

    assert (Club.objects.count(), User.objects.count()) == before


def test_create_api_key_prints_the_key_alone(club):
    raw = run("create_api_key", "--club", club.slug, "--name", "till", "--scope", "pos").strip()

    assert authenticate_key(raw, now=NOW)
    with pytest.raises(CommandError, match="there is no club"):
        run("create_api_key", "--club", "nowhere", "--name", "till", "--scope", "pos")
    with pytest.raises(CommandError, match="name"):
        run("create_api_key", "--club", club.slug, "--name", "", "--scope", "pos")


def test_every_table_of_the_club_is_behind_the_walls(club, other_club):
    person("cashier", club=other_club)

    assert not StaffRole.objects.exists()
    with cross_club("a test reads all"):
        assert StaffRole.objects.count() >= 1


def owners_left(club, owners):
    """Each of two owners ends the other's role at the same moment; how many owners the club has then."""
    roles = [StaffRole.objects.get(user=owner, is_active=True).pk for owner in owners]

    def end(role_id):
        with contextlib.suppress(Conflict):
            end_role(role_id, actor="system", now=NOW)

    in_threads(club, [partial(end, role) for role in roles])
    return StaffRole.objects.filter(role="owner", is_active=True).count()


def test_two_owners_who_end_each_other_at_once_leave_one(committed_club):
    for _round in range(10):
        StaffRole.objects.filter(is_active=True).update(is_active=False, ended_at=NOW)

        assert owners_left(committed_club, [person("owner"), person("owner")]) == 1


def test_twin_without_the_lock_the_club_is_left_without_an_owner(committed_club, monkeypatch):
    both_have_read = threading.Barrier(2, timeout=SECONDS)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    monkeypatch.setattr(services, "may_appoint", lambda giver, role: both_have_read.wait())

    assert owners_left(committed_club, [person("owner"), person("owner")]) == 0
