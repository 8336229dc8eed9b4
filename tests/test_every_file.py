"""Every list that can be taken home, from the resolver: a new one is under test the day it is made."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.admin_site import site
from accounts.rights import RIGHTS
from club.awards.import_runs import upload
from club.gift_cards.models import Batch
from club.gift_cards.services import CardIssue, issue_cards
from club.ledger.adjustments import Adjustment, adjust_value
from club.members.joining import make_invitation
from club.members.models import JoinRequest, Member, Segment
from club.members.notes import add_note
from club.members.rulebook import accept_rules, publish_rules, save_draft
from club.members.services import update_member
from club.purchases.models import Purchase
from core.jalali import local_date
from core.models import AuditEntry, Club
from core.tables.writing import FORMS
from core.tenancy.scope import club_scope
from crm.agents.commission import ALL
from crm.agents.commissions import earn
from crm.agents.models import PayoutRun
from crm.agents.payouts import start_run
from crm.campaigns.models import Campaign, CampaignMember
from crm.segments.services import create_segment, put_list
from offers.models import Coupon, Offer
from sms.models import InboundMessage, Suppression
from tests.accounts.cast import person, signed_in
from tests.conftest import fresh_club
from tests.crm.agents.acts import agent
from tests.files import records_of, rows_of, sent
from tests.offering import draft, publish
from tests.shop import Shop

FORMULA = "=HYPERLINK(1)"
PERSIAN = re.compile("[آ-ی]")
PHONE = re.compile(r"\+?[0-9]{10,}", re.ASCII)


def names(patterns: Any = None, space: str = "") -> Iterator[str]:
    """Whatever the resolver knows that makes a table's file in either form."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        elif "<str:form>" in str(pattern.pattern) and str(pattern.name).endswith(("_file", "_export")):
            yield f"{space}{pattern.name}"


FILES = sorted(set(names()))
OF_MEMBERS = [name for name in FILES if name.startswith("portal:")]
# Of one thing in the club: its place in the address.
OF_ONE: dict[str, Callable[[Member], dict[str, int]]] = {
    "desk:activity_file": lambda member: {"member_id": member.pk},
    "desk:rules_file": lambda _member: {"number": 1},
    "desk:campaign_file": lambda _member: {"campaign_id": Campaign.objects.get().pk},
    "desk:segment_file": lambda _member: {"segment_id": Segment.objects.get().pk},
    "desk:agent_payout_file": lambda _member: {"payout_run_id": PayoutRun.objects.get().pk},
    "desk:gift_card_batch_file": lambda _member: {"batch_id": Batch.objects.latest("pk").pk},
    "desk:offer_effect_file": lambda _member: {"offer_id": Offer.objects.get(status="live", made_for="").pk},
    "desk:offer_coupons_file": lambda _member: {"offer_id": Coupon.objects.get(code="TEN").offer_id},
}
OF_STAFF = [name for name in FILES if name not in OF_MEMBERS]


def address(name: str, form: str, member: Member) -> str:
    """Where the file is; of a member, where it is one's."""
    return reverse(name, kwargs={"form": form, **OF_ONE.get(name, lambda _member: {})(member)})


def filled(club: Club, name: str, start: int) -> Member:
    """Rows in every list of the club, marked by a name; the member's own is a formula."""
    shop = Shop(club)
    shop.programme(credit_bp=1000, rial_per_point=100_000)
    shop.tiers()
    shop.product(f"{name}{start}", 1_000)
    member = shop.member(first_name=name, last_name=FORMULA, phone=f"0913{start:07}")
    shop.buys(member, 1_000_000)
    update_member(member.pk, {"city": name}, actor=f"member:{member.pk}")
    adjust_value(Adjustment(member.pk, "points", 5, name), actor="user:1", key=f"given{start}", now=timezone.now())
    add_note(member.pk, FORMULA, actor="user:1")
    upload(f"{name}.csv", io.BytesIO(b"phone\n09120000000\n"), actor="user:1", now=timezone.now())
    save_draft(name, actor="user:1", now=timezone.now())
    rules = publish_rules(local_date(timezone.now()), actor="user:1", now=timezone.now())
    accept_rules(member.pk, rules.number or 0, address="", now=timezone.now())
    JoinRequest.objects.create(
        phone=f"0937{start:07}", first_name=name, last_name=FORMULA, sms_consent=True, asked_at=timezone.now()
    )
    make_invitation(note=f"{FORMULA} {name}", most_uses=3, last_day=None, actor="user:1", now=timezone.now())
    offer = draft(f"{FORMULA} {name}", {"kind": "discount_percent", "percent": 10}, code_required=True)
    Coupon.objects.create(offer=offer, code="TEN", member=member, actor="user:1")
    publish(f"{FORMULA} {name}", {"kind": "discount_percent", "percent": 10}, code_required=True)
    segment = create_segment({"name": f"{FORMULA} {name}", "kind": "static"}, actor="user:1", now=timezone.now())
    put_list(segment.pk, [member.pk], whole=True, actor="user:1", now=timezone.now())
    campaign = Campaign.objects.create(name=f"{FORMULA} {name}", text=FORMULA, actor="user:1")
    CampaignMember.objects.create(campaign=campaign, member=member, outcome="sent", at=timezone.now())
    issue_cards(CardIssue(amount=500_000, member=member.pk, reason=FORMULA), actor="user:1", now=timezone.now())
    hired = agent(phone=f"0934{start:07}", name=f"{FORMULA} {name}", basis=ALL, hold_days=0)
    with transaction.atomic():
        earn(hired, Purchase.objects.get(), is_first=True, now=timezone.now())
    start_run([hired.pk], minimum=1, actor="user:1", now=timezone.now())
    Suppression.objects.create(phone=f"0935{start:07}", reason=name)
    InboundMessage.objects.create(
        phone=f"0936{start:07}", text=f"{FORMULA} {name}", provider_id=start, received_at=timezone.now()
    )
    return member


def browser_of(name: str, club: Club, member: Member) -> Client:
    """Who may have the file: its member, or the owner."""
    if name in OF_MEMBERS:
        return signed_in(person(phone=member.phone), club)
    return signed_in(person("owner", name=member.first_name), club)


@dataclass
class Filled:
    """Two clubs with rows in every list, and a member of each."""

    club: Club
    ours: Member
    other: Club
    theirs: Member


@pytest.fixture(scope="module")
def filled_clubs(kept_until_the_end: None) -> Filled:
    club, other = fresh_club(), fresh_club("فروشگاه سرو")
    person(name="کسی دیگر")  # in a new database user:1, by whom all is done here, would be the first club's agent
    with club_scope(club):
        person("cashier", name="کارمند")  # who is user:1 where nobody was before
        ours = filled(club, "خودی", 100)
    with club_scope(other):
        theirs = filled(other, "بیگانه", 900)
    return Filled(club, ours, other, theirs)


@pytest.fixture
def club(db: None, filled_clubs: Filled) -> Iterator[Club]:
    """The club whose lists are taken home, made once for all tests; its scope is entered."""
    with club_scope(filled_clubs.club):
        yield filled_clubs.club


@pytest.fixture
def ours(filled_clubs: Filled) -> Member:
    return filled_clubs.ours


def test_every_list_is_known_here() -> None:
    lists = {model._meta for model, admin in site._registry.items() if not admin.is_alone}

    assert {f"admin:{one.app_label}_{one.model_name}_export" for one in lists} <= set(OF_STAFF)
    assert {"desk:members_file", "desk:activity_file", "desk:staff_file", "desk:imports_file"} <= set(OF_STAFF)
    assert {"portal:ledger_file", "portal:purchases_file"} <= set(OF_MEMBERS)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_persian_from_right_to_left_and_no_formula(club: Club, ours: Member, name: str) -> None:
    browser = browser_of(name, club, ours)

    text = browser.get(address(name, "csv", ours))
    book = openpyxl.load_workbook(io.BytesIO(sent(browser.get(address(name, "xlsx", ours)))))

    header, *rows = rows_of(text)
    sheet: Any = book.active
    assert [cell.value for cell in sheet[1]] == header
    assert all(PERSIAN.search(heading) for heading in header), header
    assert sheet.sheet_view.rightToLeft
    assert sheet.max_row == len(rows) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "@"))]
    assert not [cell for row in sheet for cell in row if cell.data_type == "f"]
    for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row if PHONE.fullmatch(str(cell.value))):
        assert isinstance(cell.value, str) and cell.number_format == "@", cell
    for heading in (heading for heading in header if heading.endswith("(میلادی)")):
        jalali = header.index(heading) - 1
        years = [int(row[jalali + 1][:4]) - int(row[jalali][:4]) for row in rows if row[jalali]]
        assert {621, 622}.issuperset(years), heading


@pytest.mark.parametrize("name", FILES)
def test_rows_of_another_club_are_never_in_it(club: Club, ours: Member, filled_clubs: Filled, name: str) -> None:
    other_club, theirs = filled_clubs.other, filled_clubs.theirs

    mine = sent(browser_of(name, club, ours).get(address(name, "csv", ours))).decode()

    assert "بیگانه" not in mine and str(theirs.phone) not in mine
    with club_scope(other_club):
        seen = records_of(browser_of(name, other_club, theirs).get(address(name, "csv", theirs)))
        assert not any("خودی" in str(row) or str(ours.phone) in str(row) for row in seen)
    if name == "desk:activity_file":
        assert browser_of(name, club, ours).get(address(name, "csv", theirs)).status_code == 404


@pytest.mark.parametrize("name", OF_STAFF)
def test_only_who_may_export_gets_it_and_the_audit_keeps_who(club: Club, ours: Member, name: str) -> None:
    refused = {role: signed_in(person(role), club) for role, rights in RIGHTS.items() if "export" not in rights}
    for browser in [*refused.values(), signed_in(person(phone=ours.phone), club), Client(headers={"host": "kafe"})]:
        assert browser.get(address(name, "csv", ours)).status_code in {302, 403, 404}
    assert not AuditEntry.objects.filter(action="list.export").exists()

    owner = person("owner")
    answer = signed_in(owner, club).get(address(name, "xlsx", ours))

    assert answer.status_code == 200
    noted = AuditEntry.objects.get(action="list.export")
    assert (noted.actor, noted.after["form"]) == (f"user:{owner.pk}", "xlsx")
    assert noted.target.startswith("list:")


@pytest.mark.parametrize("name", FILES)
def test_there_are_two_forms_and_no_third(club: Club, ours: Member, name: str) -> None:
    assert set(FORMS) == {"csv", "xlsx"}

    assert browser_of(name, club, ours).get(address(name, "pdf", ours)).status_code == 404
