"""Sales experts: which leads they see, whose new ones are, and taking one that is nobody's."""

import pytest

from accounts.models import StaffRole
from accounts.services import end_role, leave_club
from core.errors import Conflict, NotFound
from core.events import consume_all
from core.models import AuditEntry, Club
from crm.leads.assigning import experts
from crm.leads.converting import convert_lead
from crm.leads.models import Lead, LeadRule
from crm.leads.selectors import Asked, Rival, board, lead_seen_by, leads, owners, rivals, seen_by
from crm.leads.services import get_lead, lose_lead
from crm.leads.taking import let_go_of, may_work_on, take_lead
from tests.accounts.cast import add_role, person
from tests.crm.leads.acts import lead, nobodys
from tests.shop import NOON
from tests.threads import in_threads


def test_an_expert_sees_the_own_leads_and_nobodys_and_everything_is_counted_so(club: Club) -> None:
    sara, reza = person("sales", name="سارا"), person("sales", name="رضا")
    manager, support = person("manager", name="مدیر"), person("support")
    own, free = lead(owner_id=sara.pk, expected_rial=1_000), nobodys(expected_rial=20)
    others = lead(owner_id=reza.pk, expected_rial=300_000)
    lost = lead(owner_id=reza.pk, expected_rial=4_000)
    lose_lead(lost.pk, "گران", "کافه", actor="user:1", now=NOON)

    def seen(who) -> tuple[set[int], int, int, list, list]:
        rows = leads(Asked(status="open"), today=NOON.date(), seen=seen_by(who))
        first = board(Asked(), today=NOON.date(), seen=seen_by(who))[0]
        assert {card.pk for card in first.cards} == set(rows.values_list("pk", flat=True))
        lost_to = rivals(Asked(), today=NOON.date(), seen=seen_by(who))
        return {row.pk for row in rows}, first.count, first.expected_rial, owners(seen_by(who)), lost_to

    assert seen(sara) == ({own.pk, free.pk}, 2, 1_020, [sara], [])
    assert seen(manager) == ({own.pk, free.pk, others.pk}, 3, 301_020, [reza, sara], [Rival("کافه", 1, 4_000)])
    assert seen(support) == (set(), 0, 0, [], [])
    assert lead_seen_by(sara, free.pk) == free
    with pytest.raises(NotFound):
        lead_seen_by(sara, others.pk)
    assert not leads(Asked(owner=str(reza.pk)), today=NOON.date(), seen=seen_by(sara)).exists()
    assert [may_work_on(sara, one) for one in (own, free, others)] == [True, False, False]
    assert may_work_on(manager, free)


def test_new_leads_are_shared_among_sales_experts_first(club: Club) -> None:
    manager = person("manager", name="الف")
    alone = lead()
    sara, reza = person("sales", name="ب"), person("sales", name="پ")
    add_role(reza, "manager")
    LeadRule.objects.create(position=1, source="نمایشگاه", owner=manager)

    shared = [lead(), lead(), lead(), lead()]

    assert alone.owner == manager
    assert experts() == [sara, reza, manager]
    assert [one.owner for one in shared] == [sara, reza, sara, reza]
    assert lead(source="نمایشگاه").owner == manager


def test_a_lead_of_nobodys_is_taken_once_and_the_audit_says_by_whom(club: Club) -> None:
    sara, reza = person("sales", name="سارا"), person("sales", name="رضا")
    free, won = nobodys(), nobodys()
    convert_lead(won.pk, actor="user:1", now=NOON)

    assert take_lead(free.pk, sara).owner == sara
    assert take_lead(free.pk, sara).owner == sara
    for one, told in ((free, "سارا"), (won, "دیگر باز نیست")):
        with pytest.raises(Conflict) as refused:
            take_lead(one.pk, reza)
        assert told in refused.value.detail

    assert [entry.actor for entry in AuditEntry.objects.filter(action="lead.take")] == [sara.actor]
    assert get_lead(won.pk).owner is None


def test_of_two_who_take_at_once_one_gets_it(committed_club: Club) -> None:
    people = [person("sales", name=f"کارشناس {place}") for place in range(4)]
    free = nobodys()

    answers = in_threads(committed_club, [lambda who=who: take_lead(free.pk, who) for who in people], keep_errors=True)

    assert sum(isinstance(answer, Lead) for answer in answers) == 1
    owner = get_lead(free.pk).owner
    assert all(str(owner) in answer.detail for answer in answers if not isinstance(answer, Lead))
    assert AuditEntry.objects.filter(action="lead.take").count() == 1


def test_twin_without_the_condition_two_believe_they_have_it(committed_club: Club) -> None:
    people = [person("sales"), person("sales")]
    free = nobodys()

    def takes_blindly(who) -> bool:
        return bool(Lead.objects.filter(pk=free.pk).update(owner=who))

    assert in_threads(committed_club, [lambda who=who: takes_blindly(who) for who in people]) == [True, True]


def test_the_open_leads_of_who_works_on_none_any_more_are_nobodys(club: Club) -> None:
    sara, manager = person("sales", "manager"), person("manager")
    one, lost = lead(owner_id=sara.pk), lead(owner_id=sara.pk)
    lose_lead(lost.pk, "گران", actor="user:1", now=NOON)

    end_role(StaffRole.objects.get(user=sara, role="sales").pk, actor="user:1", now=NOON)
    consume_all()
    still = get_lead(one.pk).owner
    leave_club(sara.pk, actor="user:1", now=NOON)
    consume_all()

    assert (still, get_lead(one.pk).owner, get_lead(lost.pk).owner) == (sara, None, sara)
    assert let_go_of(manager.pk, actor="user:1") == 0
    assert AuditEntry.objects.get(action="lead.let_go").before == {"leads": 1}
