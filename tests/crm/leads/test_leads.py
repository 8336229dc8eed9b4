"""Leads: registered once a phone, moved by who is first, lost with a reason, and followed through merge and erasure."""

from datetime import date
from threading import Barrier
from typing import Any

import pytest

from club.members.models import AwaitedMember
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from core.errors import Conflict, NotFound, ValidationFailed
from core.events import consume_all
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from crm.leads import services
from crm.leads.forgetting import forget_lead
from crm.leads.models import Lead, LeadRule, LeadSettings
from crm.leads.services import (
    DuplicateLead,
    get_lead,
    known_as,
    lose_lead,
    move_lead,
    reopen_lead,
    update_lead,
)
from crm.leads.stages import StageWords, archive_stage, open_stages, save_stage, shift_stage
from tests.accounts.cast import person
from tests.crm.leads.acts import history, lead
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads


def test_a_lead_stands_in_the_first_stage_with_whom_it_was_given_to(club: Club) -> None:
    one, two = person("manager", name="الف"), person("owner", name="ب")
    person("cashier")

    mina = lead("۰۹۱۲ ۱۲۳ ۴۵۶۷", " مينا  راد ", kind="company", email="mina@example.com")
    reza = lead("+989121234568", "رضا")
    LeadRule.objects.create(position=1, source="نمایشگاه", owner=two)
    fair = [lead(source="نمایشگاه"), lead(source="نمایشگاه")]
    LeadSettings.objects.create(shares_out=False)
    nobodys = lead()

    assert (mina.phone, mina.name, mina.stage.code, history(mina)) == (
        "09121234567",
        "مینا راد",
        "new",
        [("new", "open")],
    )
    assert [mina.owner, reza.owner, *(each.owner for each in fair), nobodys.owner] == [one, two, two, two, None]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "021888"),
        ("name", " "),
        ("email", "mina"),
        ("kind", "x"),
        ("note", "ن" * 1_001),
        ("source", "ن" * 41),
        ("expected_rial", 10**14 + 1),
        ("expected_rial", -1),
    ],
)
def test_what_a_lead_may_not_hold_is_said_at_its_field(club: Club, field: str, value: Any) -> None:
    typed: dict[str, Any] = {"phone": "09121234567", "name": "مینا", field: value}

    with pytest.raises(ValidationFailed) as refused:
        lead(**typed)

    assert list(refused.value.errors) == [field]
    assert not Lead.objects.exists()


def test_a_phone_in_any_form_has_one_open_lead_unless_the_staff_know(club: Club) -> None:
    owner = person("manager", name="سارا محمدی")
    first = lead("09121234567")

    with pytest.raises(DuplicateLead) as refused:
        lead("+98 912 123 4567")
    second = lead("۰۹۱۲۱۲۳۴۵۶۷", knowingly=True)
    lose_lead(first.pk, "گران بود", "کافهٔ روبه‌رو", actor="user:1", now=NOON)
    with pytest.raises(DuplicateLead):
        reopen_lead(first.pk, actor="user:1", now=NOON)

    assert "سارا محمدی" in refused.value.detail
    assert refused.value.data == {"lead": first.pk, "member": None, "owner": str(owner)}
    assert known_as("09121234567").lead == second
    assert (get_lead(first.pk).lost_reason, get_lead(first.pk).rival) == ("گران بود", "کافهٔ روبه‌رو")


def test_two_who_register_one_phone_at_once_make_one_lead(committed_club: Club) -> None:
    open_stages()
    acts = [lambda: lead("09121234567")] * 4

    answers = in_threads(committed_club, acts, keep_errors=True)

    assert sum(isinstance(answer, Lead) for answer in answers) == 1
    assert sum(isinstance(answer, DuplicateLead) for answer in answers) == 3
    assert Lead.objects.count() == 1


def test_twin_outside_the_unique_key_one_phone_has_two_leads(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, insert = Barrier(2, timeout=SECONDS), services._insert
    open_stages()

    def inserts_beside_the_other(one: Lead) -> None:
        both.wait()  # each has seen by now that the phone is nobody's
        one.is_second = True
        insert(one)

    monkeypatch.setattr(services, "_insert", inserts_beside_the_other)

    in_threads(committed_club, [lambda: lead("09121234567")] * 2)

    assert Lead.objects.filter(phone="09121234567", status=Lead.Status.OPEN).count() == 2


def test_of_two_who_drag_one_card_the_second_is_told(committed_club: Club) -> None:
    one = lead()
    codes = ["contacted", "proposal", "negotiation"]
    acts = [lambda code=code: move_lead(one.pk, code, actor="user:1", now=NOON, seen_in="new") for code in codes]

    answers = in_threads(committed_club, acts, keep_errors=True)

    told = [answer for answer in answers if isinstance(answer, Conflict)]
    stage = get_lead(one.pk).stage
    assert len(told) == 2 and all(stage.name in answer.detail for answer in told)
    assert history(one) == [("new", "open"), (stage.code, "open")]


def test_twin_without_the_condition_two_movers_both_believe_it(committed_club: Club) -> None:
    one = lead()

    def moves_blindly(code: str) -> bool:
        seen = get_lead(one.pk)
        to = next(stage for stage in open_stages() if stage.code == code)
        return bool(Lead.objects.filter(pk=seen.pk).update(stage=to))

    answers = in_threads(committed_club, [lambda: moves_blindly("contacted"), lambda: moves_blindly("proposal")])

    assert answers == [True, True]


def test_a_lead_past_the_qualifying_stage_is_qualified_and_stays_so(club: Club) -> None:
    one = lead()

    move_lead(one.pk, "contacted", actor="user:1", now=NOON)
    before = get_lead(one.pk).qualified_at
    move_lead(one.pk, "proposal", actor="user:1", now=NOON)
    move_lead(one.pk, "new", actor="user:1", now=NOON)
    same = move_lead(one.pk, "new", actor="user:1", now=NOON, seen_in="contacted")

    assert (before, same.qualified_at) == (None, NOON)
    assert [code for code, _status in history(one)] == ["new", "contacted", "proposal", "new"]
    with pytest.raises(ValidationFailed):
        move_lead(one.pk, "nowhere", actor="user:1", now=NOON)


def test_what_was_lost_opens_again_where_it_was(club: Club) -> None:
    one = lead()
    move_lead(one.pk, "proposal", actor="user:1", now=NOON)

    with pytest.raises(ValidationFailed):
        lose_lead(one.pk, " ", actor="user:1", now=NOON)
    lose_lead(one.pk, "منصرف شد", actor="user:1", now=NOON)
    for act in (
        lambda: lose_lead(one.pk, "باز", actor="user:1", now=NOON),
        lambda: move_lead(one.pk, "new", actor="user:1", now=NOON),
    ):
        with pytest.raises(Conflict):
            act()
    again = reopen_lead(one.pk, actor="user:1", now=NOON)

    assert (again.status, again.stage.code, again.lost_reason) == ("open", "proposal", "")
    assert history(one)[2:] == [("proposal", "lost"), ("proposal", "open")]


def test_a_thing_to_do_has_its_day_and_only_what_changed_is_written(club: Club) -> None:
    one, due = lead(), date(2026, 12, 1)

    with pytest.raises(ValidationFailed) as refused:
        update_lead(one.pk, {"next_activity": "زنگ بزن"}, actor="user:1")
    update_lead(one.pk, {"next_activity": "زنگ بزن", "next_activity_on": due, "name": one.name}, actor="user:1")
    done = update_lead(one.pk, {"next_activity": ""}, actor="user:1")

    assert list(refused.value.errors) == ["next_activity_on"]
    assert (done.next_activity, done.next_activity_on) == ("", None)
    entry = AuditEntry.objects.filter(action="lead.update").order_by("pk")[0]
    assert entry.after == {"next_activity": "زنگ بزن", "next_activity_on": "2026-12-01"}
    with pytest.raises(ValidationFailed):
        update_lead(one.pk, {"owner_id": person("cashier").pk}, actor="user:1")


def test_a_corrected_phone_is_looked_up_anew(club: Club) -> None:
    shop = Shop(club)
    sara, known = shop.member(), shop.member(phone="09127654321")
    one, other = lead("09121234567", referrer_id=sara.pk), lead("09121234568")

    with pytest.raises(DuplicateLead):
        update_lead(one.pk, {"phone": other.phone}, actor="user:1")
    update_lead(one.pk, {"phone": "09121234569"}, actor="user:1")
    assert list(AwaitedMember.objects.values_list("phone", "code")) == [("09121234569", sara.referral_code)]
    moved = update_lead(one.pk, {"phone": known.phone}, actor="user:1")

    assert (moved.member, AwaitedMember.objects.count()) == (known, 0)
    with pytest.raises(Conflict):
        update_lead(one.pk, {"phone": "09121234560"}, actor="user:1")


def test_stages_are_the_clubs_own(club: Club) -> None:
    one = lead()
    codes = [stage.code for stage in open_stages()]
    new = open_stages()[0]

    with pytest.raises(Conflict):
        archive_stage(new.pk, actor="user:1", now=NOON)
    made = save_stage(StageWords("امضای قرارداد", is_qualifying=True), actor="user:1")
    shift_stage(made.pk, by=-1, actor="user:1")
    archive_stage(open_stages()[1].pk, actor="user:1", now=NOON)
    with pytest.raises(ValidationFailed):
        save_stage(StageWords("تازه"), actor="user:1")

    assert codes == ["new", "contacted", "qualified", "proposal", "negotiation"]
    assert [stage.code for stage in open_stages()] == ["new", "qualified", "proposal", made.code, "negotiation"]
    assert [stage.code for stage in open_stages() if stage.is_qualifying] == [made.code]
    assert move_lead(one.pk, "qualified", actor="user:1", now=NOON).qualified_at is None


def test_merge_and_erasure_reach_leads(club: Club) -> None:
    shop = Shop(club)
    sara, old, mina = shop.member(), shop.member(), shop.member(phone="09121234567")
    own = lead("09121234567", "مینا راد", note="خوش‌خرید", email="m@example.com")
    named = lead(referrer_id=old.pk)
    alone = lead("09121234568", "رضا کیا")

    merge_members(old.pk, sara.pk, actor="user:1", key="m", now=NOON)
    erase_member(mina.pk, actor="user:1", reason="خودش خواست", now=NOON)
    consume_all()
    forget_lead(alone.pk, actor="user:1", now=NOON)

    assert get_lead(named.pk).referrer == sara
    for one in (get_lead(own.pk), get_lead(alone.pk)):
        assert (one.name, one.phone, one.email, one.note, one.status) == ("", "", "", "", "lost")
    said = [str(entry.after) for entry in AuditEntry.objects.filter(target__in=[own.document, alone.document])]
    assert not any(word in text for text in said for word in ("مینا", "رضا", "0912"))
    with pytest.raises(Conflict):
        reopen_lead(alone.pk, actor="user:1", now=NOON)


def test_a_lead_of_another_club_is_not_there(club: Club, other_club: Club) -> None:
    one = lead()

    with club_scope(other_club):
        for act in (get_lead, lambda lead_id: move_lead(lead_id, "new", actor="user:1", now=NOON)):
            with pytest.raises(NotFound):
                act(one.pk)
        assert lead(one.phone).stage_id != one.stage_id
        with pytest.raises(NotFound):
            lead(referrer_id=Shop(other_club).member().pk + 1_000)
