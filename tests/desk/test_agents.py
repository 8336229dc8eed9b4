"""The manager's pages of agents: inviting, approving, terms, the end, and the payout run with its file."""

from django.test import Client
from django.utils import timezone

from accounts.models import StaffRole
from core import events
from core.models import Club
from crm.agents.commission import ALL
from crm.agents.contracts import change_settings
from crm.agents.models import Account, Agent, ContractTerms, Payout
from crm.leads.services import move_lead
from crm.notices.models import Notice
from sms.models import OutboxMessage
from tests.accounts.cast import fresh_phone, person, signed_in, visitor
from tests.crm.agents.acts import agent, brings
from tests.crm.leads.acts import lead
from tests.files import records_of
from tests.shop import Shop

MILLION = 10_000_000
TERMS = {"percent_bp": "۷٫۵", "basis": "all", "hold_days": "۱۰", "starts_on": "۱۴۰۵/۰۱/۰۱"}


def manager(club: Club) -> Client:
    return signed_in(person("manager"), club)


def test_an_invited_agent_has_panel_code_and_terms_and_a_phone_is_an_agent_once(club: Club):
    client, phone = manager(club), fresh_phone()
    asked = {"name": "آرش", "phone": phone, "kind": "marketer", **TERMS, "cap_month": "۵۰۰٬۰۰۰"}
    made = client.post("/desk/agents/new/", asked)
    one = Agent.objects.get(phone=phone)
    assert (made.status_code, made["Location"]) == (302, f"/desk/agents/{one.pk}/")
    assert one.status == "invited"
    terms = ContractTerms.objects.get(agent=one)
    assert (terms.percent_bp, terms.cap_month, terms.number) == (750, 5_000_000, 1)
    assert StaffRole.objects.get(user=one.user, is_active=True).role == "agent"
    assert OutboxMessage.objects.get(kind="agent_welcome").context["address"].endswith("/desk/agent/")
    again = client.post("/desk/agents/new/", asked)
    assert again.status_code == 422
    assert "عاملی با این شماره هست" in again.content.decode()
    # bad terms are told at their field, and nothing typed is lost
    bad = client.post(
        "/desk/agents/new/", {**asked, "phone": fresh_phone(), "percent_bp": "۰", "ends_on": "۱۴۰۴/۰۱/۰۱"}
    )
    assert bad.status_code == 422
    assert "پایان باید پس از آغاز باشد" in bad.content.decode()
    assert Agent.objects.count() == 1
    # a new version begins tomorrow at the earliest
    late = client.post(f"/desk/agents/{one.pk}/terms/", TERMS)
    assert late.status_code == 422
    assert client.post(f"/desk/agents/{one.pk}/terms/", {**TERMS, "starts_on": "1410/01/01"}).status_code == 302
    assert ContractTerms.objects.filter(agent=one).count() == 2
    # the end wants its reason
    client.post(f"/desk/agents/{one.pk}/end/", {"reason": ""})
    assert Agent.objects.get(pk=one.pk).status == "invited"
    client.post(f"/desk/agents/{one.pk}/end/", {"reason": "رفت"})
    assert Agent.objects.get(pk=one.pk).status == "ended"
    assert "رفت" in client.get(f"/desk/agents/{one.pk}/").content.decode()


def test_who_asks_on_the_open_page_waits_for_a_word_and_the_page_tells_nobody_who_is_an_agent(club: Club):
    page, phone = visitor(club), fresh_phone()
    asked = {"name": "پویا", "phone": phone, "kind": "agent", "note": "x"}
    assert page.get("/agents/").status_code == 404
    change_settings({"takes_applications": True}, actor="user:1")
    answers = [page.post("/agents/", asked) for _twice in range(2)]
    assert [answer["Location"] for answer in answers] == ["/agents/?sent=1"] * 2
    one = Agent.objects.get(phone=phone)
    assert one.status == "applied"
    assert Notice.objects.get(document=one.document).right == "manage_agents"
    client = manager(club)
    assert "پویا" in client.get("/desk/agents/?shown=applied").content.decode()
    assert client.post(f"/desk/agents/{one.pk}/", TERMS).status_code == 302
    assert Agent.objects.get(pk=one.pk).status == "active"
    client.post(f"/desk/agents/{one.pk}/refuse/")
    assert Agent.objects.get(pk=one.pk).status == "active"
    for _number in range(3):
        page.post("/agents/", {**asked, "phone": fresh_phone()})
    assert page.post("/agents/", {**asked, "phone": fresh_phone()}).status_code == 429


def test_a_run_pays_who_was_chosen_and_its_file_is_for_the_bank(shop: Shop, club: Club):
    sara, poor, nameless = (
        agent(basis=ALL, hold_days=0),
        agent(basis=ALL, hold_days=0),
        agent(basis=ALL, hold_days=0, iban=""),
    )
    for one, amount in ((sara, 2 * MILLION), (poor, 100_000), (nameless, MILLION)):
        shop.buys(brings(shop, one), amount)
    events.consume_all()
    client = manager(club)
    chosen = [str(one.pk) for one in (sara, poor, nameless)]
    made = client.post("/desk/agents/payouts/", {"agent": chosen, "minimum": "۵۰٬۰۰۰"})
    (payout,) = Payout.objects.all()
    assert made["Location"] == f"/desk/agents/payouts/{payout.run_id}/"
    assert (payout.agent, payout.amount) == (sara, 2_000_000)
    assert client.post("/desk/agents/payouts/", {"agent": chosen, "minimum": "۵۰٬۰۰۰"}).status_code == 422
    file = client.get(f"/desk/agents/payouts/{payout.run_id}/export.csv")
    told = records_of(file)[0]
    assert (told["شبا"], told["نام"], told["مبلغ (ریال)"]) == (sara.iban, sara.name, "2000000")
    # what the bank says has a reference and a day that has come
    path = f"/desk/agents/payouts/{payout.run_id}/"
    for wrong in ({"reference": "", "paid_on": "1405/08/01"}, {"reference": "5", "paid_on": "1499/08/01"}):
        assert client.post(path, {"act": "paid", **wrong}).status_code == 422
    assert client.post(path, {"act": "paid", "reference": "۴۵۶", "paid_on": "1405/08/01"}).status_code == 302
    assert Account.objects.get(agent=sara).paid == 2_000_000
    assert Payout.objects.get(agent=sara).reference == "456"
    client.post(path, {"act": "cancel"})
    assert Account.objects.get(agent=sara).paid == 2_000_000


def test_the_card_lists_the_agents_leads_with_their_stages(club: Club):
    client, sara, other = manager(club), agent(), agent(name="مینا")
    assert "هنوز کسی را معرفی نکرده است" in client.get(f"/desk/agents/{sara.pk}/").content.decode()
    mine = [lead(name=f"دوست {number}", agent_id=sara.pk, now=timezone.now()) for number in range(12)]
    theirs = lead(name="پری سماوات", agent_id=other.pk, now=timezone.now())
    move_lead(mine[-1].pk, "proposal", actor="user:1", now=timezone.now())

    page = client.get(f"/desk/agents/{sara.pk}/").content.decode()
    listed = client.get(f"/desk/leads/list/?agent={sara.pk}").content.decode()

    assert f'href="/desk/leads/{mine[-1].pk}/"' in page and "پیشنهاد داده شد" in page
    assert "همهٔ ۱۲ سرنخ" in page and page.count('href="/desk/leads/list/?agent=') == 1
    assert theirs.name not in page and theirs.name not in listed
    assert all(f'href="/desk/leads/{one.pk}/"' in listed for one in mine)


def test_the_list_costs_the_same_for_many_agents(shop: Shop, club: Club, django_assert_num_queries):
    client = manager(club)
    for _number in range(3):
        agent(now=timezone.now())
    client.get("/desk/agents/")
    with django_assert_num_queries(10) as few:
        client.get("/desk/agents/")
    for _number in range(6):
        agent(now=timezone.now())
    with django_assert_num_queries(len(few)):
        client.get("/desk/agents/")
