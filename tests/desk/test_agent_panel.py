"""The agent's panel shows its own agent everything, nobody else's anything, and nothing at all after the contract."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import StaffRole, User
from club.members.models import AgentCode
from core import events
from core.models import Club
from crm.agents.commission import ALL
from crm.agents.contracts import end_contract
from crm.agents.models import Account, Agent
from crm.agents.payouts import Transfer, mark_paid, start_run
from crm.agents.tasks import agents_daily
from crm.leads.models import Lead
from crm.referrals.selectors import channels
from sms.models import OutboxMessage
from tests.accounts.cast import fresh_phone, person, signed_in, visitor
from tests.crm.agents.acts import agent, brings
from tests.shop import NOON, Shop

MILLION = 10_000_000
PAGES = (
    "/desk/agent/",
    "/desk/agent/leads/",
    "/desk/agent/leads/new/",
    "/desk/agent/statement/",
    "/desk/agent/profile/",
)


def panel(one: Agent, club: Club) -> Client:
    assert one.user
    return signed_in(one.user, club, "otp")


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_panel_shows_the_own_link_commissions_and_payouts_and_of_customers_the_first_name(shop: Shop, club: Club):
    sara, other = agent(basis=ALL, hold_days=0), agent(name="دیگری", basis=ALL, hold_days=0)
    shop.buys(brings(shop, sara, first_name="نیلوفر", last_name="زارعی"), 2 * MILLION)
    shop.buys(brings(shop, other, first_name="کاووس", last_name="x"), MILLION)
    events.consume_all()
    runs = [start_run([one.pk], minimum=1, actor="user:1", now=NOON) for one in (sara, other)]
    mark_paid(runs[0].pk, Transfer("98765", NOON.date()), actor="user:1", now=NOON)
    own, others = (run.payouts.get().pk for run in runs)

    client = panel(sara, club)
    code = AgentCode.objects.get(agent_id=sara.pk).code
    assert f"/r/{code}" in shown(client, "/desk/agent/")
    statement = shown(client, "/desk/agent/statement/")
    assert "نیلوفر" in statement
    assert "۲۰۰٬۰۰۰" in statement
    assert "۹۸۷۶۵" in shown(client, f"/desk/agent/payouts/{own}/")
    for page in (*PAGES, f"/desk/agent/payouts/{own}/"):
        for secret in ("زارعی", "کاووس", "دیگری"):
            assert secret not in shown(client, page)
    assert client.get(f"/desk/agent/payouts/{others}/").status_code == 404
    # who was invited has come
    sara.refresh_from_db()
    assert sara.status == "active"
    # the manager's pages are closed
    for path in ("/desk/agents/", f"/desk/agents/{sara.pk}/", "/desk/agents/payouts/"):
        assert client.get(path).status_code in (302, 403)


def test_the_account_to_pay_to_is_refused_with_a_digit_wrong_and_kept_as_it_is_typed(shop: Shop, club: Club):
    sara = agent(iban="")
    client = panel(sara, club)
    wrong = client.post("/desk/agent/profile/", {"name": "سارا", "iban": "IR06 2960 0000 0010 0324 2000 02"})
    assert wrong.status_code == 422
    assert "IR06 2960 0000 0010 0324 2000 02" in wrong.content.decode()
    right = {"name": "سارا رادان", "iban": "۰۶ ۲۹۶۰ ۰۰۰۰ ۰۰۱۰ ۰۳۲۴ ۲۰۰۰ ۰۱"}
    assert client.post("/desk/agent/profile/", right).status_code == 302
    sara.refresh_from_db()
    assert sara.iban == "IR062960000000100324200001"


@pytest.mark.parametrize("how", ["by hand", "by its last day", "before the job has run"])
def test_nothing_opens_once_the_contract_has_ended(shop: Shop, club: Club, how: str):
    today = timezone.now()
    last_day = None if how == "by hand" else today.date() - timedelta(days=2)
    sara = agent(ends_on=last_day, starts_on=date(2026, 1, 1), now=today - timedelta(days=9))
    client = panel(sara, club)
    if how == "by hand":
        assert client.get("/desk/agent/").status_code == 200
        end_contract(sara.pk, reason="پایان", actor="user:1", now=today)
    elif how == "by its last day":
        agents_daily(now=today)

    for page in PAGES:
        assert client.get(page).status_code in (302, 403), page
        assert client.post(page, {"name": "x"}).status_code in (302, 403, 405), page
    if how != "before the job has run":
        assert not AgentCode.objects.get(agent_id=sara.pk).is_active
        assert not StaffRole.objects.filter(user=sara.user, is_active=True).exists()
        assert Agent.objects.get(pk=sara.pk).status == "ended"


def test_the_panel_counts_openings_and_shares_links_that_say_in_which_network_they_stood(shop: Shop, club: Club):
    sara, other = agent(), agent(name="مینا")
    client, code = panel(sara, club), AgentCode.objects.get(agent_id=sara.pk).code
    for query in ("?s=telegram", "?s=telegram", "?s=qr", ""):
        assert visitor(club).get(f"/r/{code}{query}").status_code == 200
    shop.buys(brings(shop, sara, first_name="نیلوفر", last_name="زارعی", source="referral:telegram"), MILLION)
    brings(shop, sara, first_name="سهراب", source="referral:qr")
    brings(shop, other, first_name="کاووس")

    page = shown(client, "/desk/agent/")

    assert re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page) == [
        ("باز شدن پیوند", "۴"),
        ("عضو شدند", "۲"),
        ("خرید کردند", "۱"),
        ("سرنخ‌ها", "۰"),
    ]
    assert page.index("سهراب") < page.index("نیلوفر")
    assert "کاووس" not in page
    for network in ("telegram", "whatsapp", "sms"):
        assert f"%2Fr%2F{code}%3Fs%3D{network}" in page
    for network in ("instagram", "rubika"):
        assert f"/r/{code}?s={network}" in page
    assert f"با این پیوند عضو باشگاه {club.name} شو:" in page
    by_network = {one.network: (one.clicks, one.joined_by_agents) for one in channels()}
    assert (by_network["telegram"], by_network["qr"]) == ((2, 1), (1, 1))


def test_who_comes_to_the_panel_is_spoken_to_as_an_agent_on_the_way_in(club: Club):
    page = visitor(club)
    assert "شمارهٔ خود را بنویسید" in page.get("/login/?next=%2Fdesk%2Fagent%2F").content.decode()
    assert "شماره‌ات را بنویس" in page.get("/login/").content.decode()


def test_who_was_an_agent_reads_on_every_page_that_what_is_owed_will_be_paid(shop: Shop, club: Club):
    sara, now = agent(basis=ALL, now=timezone.now()), timezone.now()
    shop.buys(brings(shop, sara), MILLION)
    events.consume_all()
    end_contract(sara.pk, reason="پایان", actor="user:1", now=now)
    client = panel(sara, club)

    for page in (*PAGES, "/desk/agent/leads/known/", "/desk/agent/payouts/1/"):
        answer = client.get(page)
        assert (answer.status_code, "باشگاه می‌پردازد" in answer.content.decode()) == (403, True), page
    # nobody else reads it: a cashier, and who has only asked
    assert "باشگاه می‌پردازد" not in signed_in(person("cashier"), club).get("/desk/agent/").content.decode()
    told = OutboxMessage.objects.get(kind="agent_ended")
    assert (told.phone, told.context["owed"]) == (sara.phone, 1_000_000)


def test_looking_a_number_up_costs_none_of_the_leads_that_may_be_registered(shop: Shop, club: Club):
    client = panel(agent(), club)
    phones = [fresh_phone() for _each in range(21)]
    for phone in phones:
        client.get(f"/desk/agent/leads/known/?phone={phone}")
    assert client.post("/desk/agent/leads/new/", {"name": "نیلوفر", "phone": phones[0]}).status_code == 302
    # and a number known is told no more once too many were tried
    assert "سرنخ" not in client.get(f"/desk/agent/leads/known/?phone={phones[0]}").content.decode()
    assert Lead.objects.get().source == ""


def test_an_agent_who_logs_in_by_a_code_comes_to_the_panel(shop: Shop, club: Club):
    answer = Client(headers={"host": f"{club.slug}.localhost"}).get("/desk/agent/")
    assert answer["Location"] == "/login/?next=%2Fdesk%2Fagent%2F"
    sara = agent()
    assert panel(sara, club).get("/desk/").headers["Location"] == "/desk/agent/"
    assert isinstance(sara.user, User)


def test_a_lead_in_four_fields_is_the_agents_own_warned_of_when_known_and_tied_when_it_joins(shop: Shop, club: Club):
    sara, other = agent(), agent(name="مینا")
    client, phone = panel(sara, club), fresh_phone()
    page = shown(client, "/desk/agent/leads/new/")
    assert page.count("<label for=") == 4
    assert "سرنخ" not in shown(client, f"/desk/agent/leads/known/?phone={phone}")
    asked = {"name": "نیلوفر", "phone": f"+98{phone[1:]}", "expected": "۲٬۰۰۰٬۰۰۰"}
    assert client.post("/desk/agent/leads/new/", asked)["Location"] == "/desk/agent/leads/"
    lead = Lead.objects.get()
    assert (lead.agent, lead.owner, lead.expected_rial) == (sara, sara.user, 20_000_000)
    assert "نیلوفر" in shown(client, "/desk/agent/leads/")

    others = panel(other, club)
    assert "نیلوفر" not in shown(others, "/desk/agent/leads/")
    assert sara.name in shown(others, f"/desk/agent/leads/known/?phone={phone}")
    again = others.post("/desk/agent/leads/new/", {"name": "نیلو", "phone": phone, "note": "همسایه"})
    assert again.status_code == 422
    assert all(text in again.content.decode() for text in (sara.name, "نیلو", "همسایه"))
    assert Lead.objects.count() == 1

    shop.buys(shop.member(phone=phone), 2 * MILLION)
    events.consume_all()
    assert Account.objects.get(agent=sara).pending == 2_000_000
    assert "مشتری شد" in shown(client, "/desk/agent/leads/")
