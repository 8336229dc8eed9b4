"""Another club's objects are 404 behind every address that names one: a new address is under test the day it is made."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.invitations import send_link
from accounts.models import StaffSession, User
from accounts.services import create_api_key
from club.awards.granting import GrantOrder, start_grant
from club.awards.import_runs import upload
from club.catalogue.models import Branch, Group
from club.gift_cards.selectors import cards_of_batch
from club.gift_cards.services import CardIssue, issue_cards
from club.ledger.adjustments import Adjustment, adjust_value
from club.members.joining import make_invitation
from club.members.models import CustomField, Member
from club.members.notes import add_note
from club.members.rulebook import publish_rules, save_draft
from club.missions.models import MissionWin
from club.programme.models import ProgrammeVersion
from club.programme.services import change_programme
from club.purchases.models import Purchase
from club.purchases.refunds import RefundOrder, refund_purchase
from core.jalali import local_date
from core.models import Club
from core.tenancy.models import ClubModel
from core.tenancy.scope import club_scope
from crm.agents.commission import ALL
from crm.agents.commissions import earn
from crm.agents.contracts import change_settings
from crm.agents.payouts import start_run
from crm.campaigns.models import CampaignMember
from crm.leads.importing import LEADS
from crm.notices.services import Draft, publish_notice
from crm.occasions.activities import Activity, add_type, record_activity
from crm.referrals.models import Referral
from crm.segments.services import create_segment
from offers.models import Coupon
from offers.services import move_offer
from reports.models import DataGap
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in
from tests.club.missions.cards import mission
from tests.conftest import fresh_club
from tests.crm.agents.acts import agent
from tests.crm.campaigns.acts import begin
from tests.crm.campaigns.acts import draft as campaign
from tests.crm.leads.acts import nobodys
from tests.offering import publish
from tests.rewarding import reward, takes
from tests.shop import NOON, Shop
from tests.tickets.acts import asks, picture
from tickets.canned import CannedWords, save_canned
from tickets.models import Attachment

# What an address names; a code could be the other club's own, so it is one that only the first club has.
NAMES = {
    "member_id": "member",
    "purchase_id": "purchase",
    "refund_id": "refund",
    "code": "code",
    "session_id": "session",
    "run_id": "run",
    "lead_run_id": "lead_run",
    "user_id": "user",
    "token": "token",
    "note_id": "note",
    "entry_id": "entry",
    "invitation_id": "invitation",
    "version_id": "version",
    "number": "rules",
    "message_id": "message",
    "field_id": "field",
    "offer_id": "offer",
    "coupon_id": "coupon",
    "gap_id": "gap",
    "notice_id": "notice",
    "reward_id": "reward",
    "grant_id": "grant",
    "lead_id": "lead",
    "mission_id": "mission",
    "campaign_id": "campaign",
    "segment_id": "segment",
    "redemption_id": "redemption",
    "gift_card_id": "gift_card",
    "batch_id": "gift_card_batch",
    "type_id": "activity_type",
    "occasion_id": "occasion",
    "referral_id": "referral",
    "referral_code": "referral_code",
    "agent_id": "agent",
    "payout_id": "payout",
    "payout_run_id": "payout_run",
    "ticket_id": "ticket",
    "attachment_id": "attachment",
    "canned_id": "canned",
}
# Not of a club's objects: a stylesheet by its digest, the provider's callbacks by their secret, a file by its form,
# a poster by its size, a kind of message or an occasion that all clubs have.
OTHERS = {"digest", "secret", "form", "size", "kind", "occasion", "colour", "picture"}


def every_address(patterns: Any = None, before: str = "") -> Iterator[str]:
    """The routes that the resolver knows, without those of the admin's records."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from every_address(pattern.url_patterns, route)
        elif "admin/" not in route:
            yield route


# The help is every club's.
ADDRESSES = [
    route for route in every_address() if set(re.findall(r":(\w+)>", route)) - OTHERS and not route.startswith("help/")
]


@pytest.fixture(scope="module")
def filled_club(kept_until_the_end: None) -> tuple[Club, dict[str, str]]:
    club = fresh_club()
    with club_scope(club):
        return club, one_of_each(club)


@pytest.fixture
def club(db: None, filled_club: tuple[Club, dict[str, str]]) -> Iterator[Club]:
    """The club with one of each, made once for all tests; its scope is entered."""
    with club_scope(filled_club[0]):
        yield filled_club[0]


@pytest.fixture
def foreign(filled_club: tuple[Club, dict[str, str]]) -> dict[str, str]:
    return filled_club[1]


def one_of_each(club: Club) -> dict[str, str]:
    """Something of everything that an address names, by the words of `NAMES`."""
    shop = Shop(club)
    shop.tiers()
    shop.product("gold", 1_000)
    Group.objects.create(code="gold", name="x")
    Branch.objects.create(code="gold", name="x")
    member = shop.member()
    owner, invited = person("owner"), person("cashier")
    signed_in(owner, club)
    send_link(invited.pk, giver=owner, now=timezone.now())
    note = add_note(member.pk, "x", actor="user:1")
    given = adjust_value(Adjustment(member.pk, "points", 5, "x"), actor="user:1", key="given", now=NOON)
    invitation = make_invitation(note="", most_uses=1, last_day=None, actor="user:1", now=NOON)
    save_draft("x", actor="user:1", now=timezone.now())
    run = upload("list.csv", BytesIO(b"phone\n09120000000\n"), actor="user:1", now=NOON)
    leads = upload("leads.csv", BytesIO(b"phone,name\n09120000001,x\n"), actor="user:1", now=NOON, subject=LEADS)
    purchase = shop.buys(member, 1_000_000).id or 0
    change_programme({"credit_bp": 700}, effective_from=timezone.now() + timedelta(days=5), actor="user:1")
    refunded = refund_purchase(RefundOrder(purchase, amount=1_000), actor="user:1", key="back", now=NOON)
    tested = OutboxMessage.objects.create(kind="test", message_class="service", phone="09121234500")
    offer = publish("x", {"kind": "discount_percent", "percent": 10})
    move_offer(offer.pk, "pause", actor="user:1", now=timezone.now())
    begun = mission()
    MissionWin.objects.create(mission=begun, member=member, number=1, target=1, cause="purchase:1", occurred_at=NOON)
    spoken = begin(campaign(starts_at=NOON + timedelta(days=10)))
    CampaignMember.objects.create(campaign=spoken, member=member, outcome="sent", at=NOON)
    issued = issue_cards(CardIssue(amount=1_000), actor="user:1", now=NOON)
    story = add_type(code="story", name="x", actor="user:1")
    brought = Referral.objects.create(friend=shop.member(), referrer=member, joined_at=NOON, review="held")
    seen = record_activity(Activity(member.pk, "story"), actor="user:1", key="story", now=NOON)
    hired = agent(basis=ALL, hold_days=0)
    change_settings({"takes_applications": True}, actor="user:1")
    with transaction.atomic():
        earn(hired, Purchase.objects.get(pk=purchase), is_first=True, now=NOON)
    paying = start_run([hired.pk], minimum=1, actor="user:1", now=NOON)
    asked = asks(member, files=[picture()])
    return {
        "agent": str(hired.pk),
        "payout": str(paying.payouts.get().pk),
        "payout_run": str(paying.pk),
        "ticket": str(asked.pk),
        "canned": str(save_canned(CannedWords("x", "x"), actor="user:1").pk),
        "attachment": str(Attachment.objects.get().pk),
        "gift_card": str(cards_of_batch(issued)[0].pk),
        "gift_card_batch": str(issued.pk),
        "activity_type": str(story.pk),
        "occasion": str(seen.id),
        "referral": str(brought.pk),
        "referral_code": member.referral_code,
        "message": str(tested.pk),
        "offer": str(offer.pk),
        "lead": str(nobodys(next_activity="x", next_activity_on=NOON.date()).pk),
        "mission": str(begun.pk),
        "campaign": str(spoken.pk),
        "segment": str(create_segment({"name": "x", "kind": "static"}, actor="user:1", now=NOON).pk),
        "reward": str(reward(points=1).pk),
        "redemption": str(takes(member, "drink").id),
        "grant": str(start_grant(GrantOrder("g", name="x"), [member.pk], actor="user:1", now=NOON).pk),
        "notice": str(publish_notice(Draft("all", "x"), actor="user:1", now=timezone.now()).pk),
        "gap": str(DataGap.objects.create(day=local_date(NOON)).pk),
        "coupon": str(Coupon.objects.create(offer=offer, code="GOLDEN", actor="user:1").pk),
        "field": str(CustomField.objects.create(code="cat", label="x").pk),
        "run": str(run.pk),
        "lead_run": str(leads.pk),
        "session": str(StaffSession.objects.get().pk),
        "user": str(invited.pk),
        "token": OutboxMessage.objects.get(kind="staff_invited").context["address"].split("/")[-2],
        "note": str(note.pk),
        "entry": str(given.id),
        "invitation": str(invitation.pk),
        "version": str(ProgrammeVersion.objects.latest("pk").pk),
        "rules": str(publish_rules(local_date(timezone.now()), actor="user:1", now=timezone.now()).number),
        "member": str(member.pk),
        "purchase": str(purchase),
        "refund": str(refunded.id),
        "code": "gold",
    }


def test_every_address_is_known_here() -> None:
    assert len(ADDRESSES) >= 15
    named = {name for route in ADDRESSES for name in re.findall(r":(\w+)>", route)}
    assert named <= NAMES.keys() | {"form"}, "write into NAMES, and what it is into one_of_each"


@pytest.mark.parametrize("route", ADDRESSES)
def test_another_clubs_object_is_not_found(foreign: dict[str, str], club: Club, other_club: Club, route: str) -> None:
    before = contents(club)
    path = "/" + re.sub(r"<\w+:(\w+)>", lambda name: foreign.get(NAMES.get(name[1], ""), "csv"), route)
    with club_scope(other_club):
        client, extra = insider(other_club, api=path.startswith("/api/"))
        statuses = {
            "get": client.get(path).status_code,
            "post": client.post(path, {"reason": "x"}, **extra).status_code,
            "patch": client.patch(path, {}, **extra).status_code,
            "delete": client.delete(path, **extra).status_code,
        }

    assert set(statuses.values()) <= {404, 405}, statuses
    assert 404 in statuses.values(), statuses
    assert contents(club) == before


def contents(club: Club) -> dict[str, tuple[int, str]]:
    """How many rows the club has in each table, and a hash over all that stands in them."""
    each = [
        f"SELECT '{model._meta.label}', count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY id)), '') "
        f"FROM {connection.ops.quote_name(model._meta.db_table)} t WHERE club_id = %(club)s"
        for model in apps.get_models()
        if issubclass(model, ClubModel)
    ]
    with club_scope(club), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each), {"club": club.pk})
        return {label: (count, digest) for label, count, digest in cursor.fetchall()}


def insider(club: Club, *, api: bool) -> tuple[Client, dict[str, Any]]:
    """A client that may do everything in the club, and what its writing requests carry."""
    if api:
        secret = create_api_key(name="x", scope="manage", actor="user:1")[1]
        client = Client(headers={"host": f"{club.slug}.localhost", "authorization": f"Bearer {secret}"})
        return client, {"content_type": "application/json", "headers": {"Idempotency-Key": "x"}}
    return signed_in(insider_of(club), club), {}


def insider_of(club: Club) -> User:
    """The owner of the club, who is a member and an agent of it, too."""
    user = person("owner")
    Shop(club).member(phone=user.phone)
    agent(phone=user.phone)
    return user


# Whatever forms and addresses call what they name.
ASKED = {
    "member": ("member", "member_id", "with", "into", "source", "id", "referred_by", "who"),
    "purchase": ("purchase", "purchase_id"),
    "refund": ("refund", "refund_id"),
    "code": ("branch", "product", "group", "tier", "code", "line-0-product", "product_0"),
    "user": ("user", "user_id", "seller"),
    "run": ("run", "run_id"),
    "entry": ("entry", "entry_id", "reverses"),
    "note": ("note", "note_id"),
    "session": ("session", "session_id"),
    "invitation": ("invitation", "invitation_id", "request", "requests"),
    "version": ("version", "version_id"),
}
MARK = "پلنگستان"


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_clubs_ids_in_query_and_body_show_and_change_nothing(
    foreign: dict[str, str], club: Club, other_club: Club, method: str
) -> None:
    """Every page of the club asked for its own things, with the other club's ids in every field beside."""
    member = Member.objects.get(pk=foreign["member"])
    Member.objects.filter(pk=member.pk).update(first_name=MARK, last_name=MARK)
    asked = {field: foreign[name] for name, fields in ASKED.items() for field in fields} | {
        "q": member.phone,
        "phone": member.phone,
        "card": member.card or "",
    }
    before, told = contents(club), {}
    with club_scope(other_club):
        own = one_of_each(other_club)
        user = insider_of(other_club)
        for route in pages():
            path = "/" + re.sub(r"<\w+:(\w+)>", lambda name: own.get(NAMES.get(name[1], ""), "csv"), route)
            answer = getattr(signed_in(user, other_club), method)(path, asked)
            if answer.status_code >= 500 or MARK in answer.getvalue().decode(errors="replace"):
                told[path] = answer.status_code

    assert told == {}
    assert contents(club) == before


def pages() -> list[str]:
    """Every address that is for people, the admin's records apart: those have the proof above by their own manager."""
    skipped = ("api/", "sms/callback/", "healthz", "brand/")
    return [route for route in every_address() if not route.startswith(skipped)]
