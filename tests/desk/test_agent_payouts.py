"""A payout run on the manager's page: what it comes to, paid whole or one by one, and what the bank is handed."""

from django.test import Client
from django.utils import timezone

from core import events
from core.models import Club
from core.text import HALF_SPACE
from crm.agents.commission import ALL
from crm.agents.models import Account, Agent, Payout, PayoutRun
from crm.agents.payouts import start_run
from crm.agents.profile import change_own_profile
from crm.notices.models import Notice
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in
from tests.crm.agents.acts import IBAN, agent, brings
from tests.files import records_of
from tests.shop import Shop

PAID_ON = "1405/08/01"
OTHER_IBAN = "IR580540105180021273113007"


def run_of(shop: Shop, *amounts: int) -> PayoutRun:
    """A run that pays an agent for each amount, of whom nobody has another's account."""
    agents = [agent(name=f"عامل {place}", basis=ALL, hold_days=0) for place in range(len(amounts))]
    for one, amount in zip(agents, amounts, strict=True):
        shop.buys(brings(shop, one), amount * 10)
    events.consume_all()
    return start_run([one.pk for one in agents], minimum=1, actor="user:1", now=timezone.now())


def manager(club: Club) -> Client:
    return signed_in(person("manager"), club)


def test_a_run_is_paid_one_by_one_each_with_its_reference_and_no_other_act_does_anything(shop: Shop, club: Club):
    run, client = run_of(shop, 500_000, 442_000, 100_000), manager(club)
    path = f"/desk/agents/payouts/{run.pk}/"
    first, second, third = run.payouts.order_by("-amount")
    paid = {"act": "paid", "paid_on": PAID_ON}

    for wrong in ({}, {"act": ""}, {"act": "pay"}, {"act": "cancel", "payout": "همه"}):
        assert client.post(path, wrong).status_code == 404
    assert client.post(path, {**paid, "reference": "1", "payout": "999999"}).status_code == 404
    bad = client.post(path, {**paid, "reference": "", "payout": first.pk})
    assert (bad.status_code, bad.content.decode().count('class="error"')) == (422, 1)
    assert not Payout.objects.exclude(status="open").exists()

    assert client.post(path, {**paid, "reference": "۱۱", "payout": first.pk}).status_code == 302
    assert client.post(path, {"act": "cancel", "payout": second.pk}).status_code == 302
    assert client.post(path, {**paid, "reference": "22", "payout": second.pk}).status_code == 302  # which says why not
    told = [(one.status, one.reference) for one in run.payouts.order_by("-amount")]
    assert told == [("paid", "11"), ("cancelled", ""), ("open", "")]
    # what was cancelled is in no sum, on neither page
    for page in (path, "/desk/agents/payouts/"):
        shown = client.get(page).content.decode()
        assert "۶۰٬۰۰۰" in shown
        assert "۱۰۴٬۲۰۰" not in shown
    assert "۲ عامل" in client.get("/desk/agents/payouts/").content.decode()
    assert client.post(path, {**paid, "reference": "33"}).status_code == 302
    assert [one.status for one in run.payouts.order_by("-amount")] == ["paid", "cancelled", "paid"]
    assert Account.objects.get(agent=third.agent).paid == 100_000
    # each was told what was paid
    sent = OutboxMessage.objects.filter(kind="agent_paid").order_by("pk")
    assert [(one.phone, one.context["amount"]) for one in sent] == [
        (first.agent.phone, 500_000),
        (third.agent.phone, 100_000),
    ]


def test_the_bank_gets_plain_names_and_the_page_numbers_to_copy(shop: Shop, club: Club):
    run, client = run_of(shop, 500_000, 100_000), manager(club)
    Payout.objects.filter(amount=500_000).update(name=f"سارا{HALF_SPACE}نیک\x07\nفر")

    rows = records_of(client.get(f"/desk/agents/payouts/{run.pk}/export.csv"))
    page = client.get(f"/desk/agents/payouts/{run.pk}/").content.decode()

    assert rows[0]["نام"] == "سارا نیک فر"
    assert "IR06 2960 0000 0010 0324 2000 01" in page
    assert f"hidden>{IBAN}<" in page


def test_managers_hear_of_a_changed_account_and_see_that_two_agents_share_one(shop: Shop, club: Club):
    sara, mina, client = agent(), agent(name="مینا", iban=OTHER_IBAN), manager(club)
    shop.buys(brings(shop, mina), 20_000_000)
    Account.objects.update_or_create(agent=mina, defaults={"due": 1})
    assert "شبای مشترک" not in client.get("/desk/agents/payouts/").content.decode()

    for name, iban in (("مینا", IBAN), ("مینا شریفی", IBAN), ("مینا شریفی", IBAN)):
        change_own_profile(mina.pk, name=name, iban=iban, actor="user:2", now=timezone.now())

    told = list(Notice.objects.filter(right="manage_agents").order_by("pk").values_list("text", "link"))
    path = f"/desk/agents/{mina.pk}/"
    assert told == [("عامل «مینا» شبای خود را عوض کرد.", path), ("عامل «مینا» نام خود را عوض کرد.", path)]
    assert "شبای مشترک" in client.get("/desk/agents/payouts/").content.decode()
    card = client.get(path).content.decode()
    assert "همین شبا را عامل دیگری هم نوشته است" in card and f'href="/desk/agents/{sara.pk}/"' in card
    # the audit has both numbers
    shown = client.get("/desk/audit/").content.decode()
    assert OTHER_IBAN in shown and IBAN in shown


def test_a_run_pays_to_the_account_number_of_the_moment_at_which_it_holds_the_sums(shop: Shop, monkeypatch):
    from crm.agents import payouts

    sara = agent(basis=ALL, hold_days=0)
    shop.buys(brings(shop, sara), 10_000_000)
    events.consume_all()
    held = payouts.hold_accounts

    def after_a_change(agent_ids):
        Agent.objects.filter(pk=sara.pk).update(iban=OTHER_IBAN)
        return held(agent_ids)

    monkeypatch.setattr(payouts, "hold_accounts", after_a_change)
    run = start_run([sara.pk], minimum=1, actor="user:1", now=timezone.now())
    assert run.payouts.get().iban == OTHER_IBAN
