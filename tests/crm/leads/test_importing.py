"""A list of leads comes in once: categorised by its kind column, what is known comes back with who sees to it."""

from io import BytesIO
from time import monotonic

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.awards import import_runs
from club.awards.import_batches import Line
from club.awards.models import ImportRun
from club.members.models import AgentCode, AwaitedMember
from core.errors import NotFound
from core.events import consume_all
from core.models import AuditEntry, Club, DomainEvent
from crm.agents.contracts import end_contract
from crm.leads import importing
from crm.leads.importing import LEADS, LeadImport
from crm.leads.models import Lead, LeadRule
from crm.leads.services import lose_lead
from tests.accounts.cast import fresh_phone, person
from tests.crm.agents.acts import agent
from tests.crm.leads.acts import history, lead
from tests.shop import NOON, Shop

HEADER = "نام,موبایل,نوع,از کجا آمد,مبلغ پیش‌بینی,مرحله,یادداشت\n"


def brought(text: str) -> ImportRun:
    """A list that was sent, checked and brought in."""
    now = timezone.now()
    run = import_runs.upload("leads.csv", BytesIO(text.encode()), actor="user:1", now=now, subject=LEADS)
    import_runs.work(now=now)
    before = Lead.objects.count()
    import_runs.start(run.pk, actor="user:1")
    assert Lead.objects.count() == before  # nobody before somebody says so
    import_runs.work(now=now)
    return import_runs.get_run(run.pk, subject=LEADS)


def reasons(run: ImportRun) -> list[tuple[int, str]]:
    return [(line.number, "؛ ".join(line.reasons)) for line in import_runs.faults(run.pk)]


def counts(run: ImportRun) -> tuple[int, int, int]:
    return run.joined, run.known, run.refused


def test_every_kind_is_understood_in_persian_and_english(club: Club) -> None:
    said = {
        "person": ("شخص", "حقیقی", "Person", "-", ""),
        "company": ("شرکت", "شركت", "Company"),
        "institute": ("مؤسسه", "موسسه", "institute"),
        "public_body": ("سازمان دولتی", "نهاد دولتی", "public body", "Public_Body"),
    }
    phones = {word: f"0912000{number:04}" for number, word in enumerate(w for words in said.values() for w in words)}
    lines = [f"نام {word},{phone},{word},نمایشگاه,۱٬۰۰۰٬۰۰۰,,\n" for word, phone in phones.items()]

    run = brought(HEADER + "".join(lines) + "بد,09120009999,هتل,,,,\n")

    kinds = {one.phone: one.kind for one in Lead.objects.all()}
    assert {word: kinds[phone] for word, phone in phones.items()} == {
        word: kind for kind, words in said.items() for word in words
    }
    assert counts(run) == (len(phones), 0, 1)
    assert reasons(run) == [(len(phones) + 2, "نوع: شخص، شرکت، مؤسسه یا نهاد دولتی بنویسید.")]


def test_a_line_says_owner_stage_amount_and_agent_and_the_rest_is_shared_out(club: Club) -> None:
    one, two = person("manager", name="سارا محمدی"), person("owner", name="نیما")
    LeadRule.objects.create(position=1, source="نمایشگاه", owner=two)
    nima = agent(name="آرش")
    code = AgentCode.objects.get(agent_id=nima.pk).code
    text = (
        "name,mobile,owner,agent code,expected amount,stage,source,note,last name\n"
        f"شرکت الف,09120000001,{one.phone},,۲٬۵۰۰,واجد شرایط,نمایشگاه,سلام,\n"
        "مینا,09120000002,نیما,,,,,,راد\n"
        f"ج,09120000003,,{code.lower()},,,,,\n"
        "د,09120000004,,,,,نمایشگاه,,\n"
        "ه,09120000005,,,,,,,\n"
        "و,09120000006,09129999999,NOBODY,-5,هیچ,,,\n"
    )

    run = brought(text)

    a, mina, by_agent, by_rule, by_load = Lead.objects.order_by("pk").select_related("stage", "owner", "agent")
    assert (a.owner, a.expected_rial, a.stage.code, a.note, a.channel) == (one, 25_000, "qualified", "سلام", "import")
    assert a.qualified_at and history(a) == [("qualified", "open")]
    assert (mina.owner, mina.name) == (two, "مینا راد")
    assert (by_agent.agent, by_agent.owner) == (nima, nima.user)
    assert AwaitedMember.objects.get().phone == by_agent.phone
    assert (by_rule.owner, by_load.owner) == (two, one)
    assert counts(run) == (5, 0, 1)
    [(number, why)] = reasons(run)
    assert number == 7 and all(name in why for name in ("کارشناس:", "کد عامل:", "مبلغ پیش‌بینی:", "مرحله:"))
    registered = AuditEntry.objects.filter(action="lead.register")
    assert registered.count() == DomainEvent.objects.filter(kind="lead.registered").count() == 5
    noted = AuditEntry.objects.get(action="leads.imported")
    assert noted.target == f"leads_import:{run.pk}" and noted.after["joined"] == 5
    with pytest.raises(NotFound):
        import_runs.get_run(run.pk)  # no list of customers


def test_a_closed_code_of_an_agent_brings_nobody_by_a_list(club: Club) -> None:
    gone = agent()
    code = AgentCode.objects.get(agent_id=gone.pk).code
    end_contract(gone.pk, reason="رفت", actor="user:1", now=NOON)

    run = brought(f"نام,موبایل,کد عامل\nالف,09120000001,{code}\n")

    assert "پایان یافته" in reasons(run)[0][1] and not Lead.objects.exists()
    assert not AgentCode.objects.get(agent_id=gone.pk).is_active


def test_a_list_sent_twice_adds_nothing_and_names_whose_each_is(shop: Shop, club: Club) -> None:
    person("manager", name="سارا محمدی")
    member, lost = shop.member(), lead(name="رفته")
    lose_lead(lost.pk, "گران بود", actor="user:1", now=NOON)
    text = (
        f"{HEADER}الف,09120000001,شرکت,,,,\nب,۰۹۱۲۰۰۰۰۰۰۱,,,,,\n,09120000003,,,,,\n"
        f"ج,{member.phone},,,,,\nد,{lost.phone},,,,,\nه,0912,,,,,\n"
    )

    first, second = brought(text), brought(text)

    assert (counts(first), counts(second)) == ((1, 2, 3), (0, 3, 3))
    assert Lead.objects.count() == 2
    told = dict(reasons(second))
    assert told[2] == "این شماره سرنخ باز دارد؛ کارشناسش «سارا محمدی» است."
    assert "سطر ۲" in told[3] and "نام را بنویسید" in told[4]
    assert told[5] == "این شماره عضو باشگاه است." and "از دست رفت" in told[6] and "سارا محمدی" in told[6]


def test_what_was_imported_joins_and_buys_as_any_lead(shop: Shop, club: Club) -> None:
    brought(f"{HEADER}الف,09120000001,شرکت,,,,\n")
    consume_all()

    shop.buys(shop.member(phone="09120000001"), 500_000)
    consume_all()

    assert Lead.objects.get().status == "won"


def test_a_phone_registered_while_its_batch_is_brought_in_is_known_by_then(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, other = importing.known_phones, []

    def looks_too_early(phones: list[str]) -> dict[str, str]:
        found = looks(phones)
        if not other:
            other.append(lead("09120000001", "دیگری"))
        return found

    monkeypatch.setattr(importing, "known_phones", looks_too_early)
    bring_in = LeadImport.bring_in
    tries: list[int] = []

    def counted(self: LeadImport, lines: list[Line]) -> None:
        tries.append(len(lines))
        bring_in(self, lines)

    monkeypatch.setattr(LeadImport, "bring_in", counted)
    now = timezone.now()
    run = import_runs.upload("l.csv", BytesIO(f"{HEADER}الف,09120000001,,,,,\nب,09120000002,,,,,\n".encode()),
                             actor="user:1", now=now, subject=LEADS)  # fmt: skip
    ImportRun.objects.filter(pk=run.pk).update(status="checked")
    import_runs.start(run.pk, actor="user:1")
    import_runs.work(now=now)

    assert tries == [2, 2] and counts(import_runs.get_run(run.pk, subject=LEADS)) == (1, 1, 0)
    assert sorted(Lead.objects.values_list("name", flat=True)) == ["ب", "دیگری"]


def lines_of(count: int, first: int) -> str:
    words = ("شخص", "شرکت", "مؤسسه", "سازمان دولتی")
    return HEADER + "".join(
        f"سرنخ {number},09{first + number},{words[number % 4]},نمایشگاه,1000,,یادداشت\n" for number in range(count)
    )


def test_five_thousand_lines_take_as_many_queries_as_five_batches(club: Club) -> None:
    for _each in range(3):
        person("manager", name=fresh_phone())

    def cost(count: int, first: int) -> int:
        now = timezone.now()
        content = BytesIO(lines_of(count, first).encode())
        run = import_runs.upload("l.csv", content, actor="user:1", now=now, subject=LEADS)
        ImportRun.objects.filter(pk=run.pk).update(status="checked")
        import_runs.start(run.pk, actor="user:1")
        with CaptureQueriesContext(connection) as queries:
            began = monotonic()
            import_runs.work(now=now)
            print(f"{count} lines: {monotonic() - began:.2f} s, {len(queries)} queries")
        assert counts(import_runs.get_run(run.pk, subject=LEADS)) == (count, 0, 0)
        return len(queries)

    few = cost(10, 121_000_000)
    many = cost(5_000, 122_000_000)

    assert few <= 35 and many <= 5 * few
    assert set(Lead.objects.values_list("kind", flat=True)) == {"person", "company", "institute", "public_body"}
