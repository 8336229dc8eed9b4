"""Every address of the resolver, opened by every role: who is let in stands in tests/doors.py, and nobody else is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from accounts.admin_site import site
from accounts.models import ApiKey, Role, StaffRole, User
from accounts.services import create_api_key
from club.lotteries.services import open_lottery
from club.members.models import Member
from club.members.rulebook import accept_rules, save_draft
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder
from club.purchases.services import record_purchase
from core.models import Club
from core.tenancy.scope import club_scope
from crm.agents.models import Agent
from crm.campaigns.models import Campaign, CampaignMember
from crm.mail.outbox import Letter, enqueue_many
from crm.referrals.models import Referral, ReferralReward
from offers.services import move_offer
from sms.models import InboundMessage, SmsSettings, SmsTemplate, Suppression
from tests.accounts.cast import person, signed_in, visitor
from tests.doors import EVERYBODY, PAGES, PROGRAMS, RECORDS, WHO, Door
from tests.offering import publish
from tests.test_other_club import NAMES, contents, one_of_each
from tickets.models import Department, Holiday, ServiceTarget

LOGINS = ("/login/", "/staff/login/", "/desk/admin/login/", "/desk/admin/?", "/join/")
OF_A_RECORD = re.compile(r"admin:([a-z_]+)_([a-z]+)_(changelist|add|change|delete|history|export)$")
KINDS = {"changelist": "see", "add": "add", "change": "see", "delete": "delete", "history": "see", "export": "see"}


def addresses(patterns: Any = None, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of all there are, those for programs apart; Django's own nameless ones are left out."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route, pattern.namespace or space)
        elif pattern.name and not route.startswith(PROGRAMS):
            yield (f"{space}:{pattern.name}" if space else pattern.name), route


def of_record(name: str) -> tuple[str, str] | None:
    """The model and the kind of page, where it is one of the admin's records."""
    found = OF_A_RECORD.match(name)
    if found is None or name in PAGES:
        return None
    return apps.get_model(found[1], found[2])._meta.label, found[3]


def door_of(name: str) -> Door:
    record = of_record(name)
    if record is None:
        return PAGES[name]
    label, kind = record
    who = getattr(RECORDS[label], KINDS[kind])
    # A record that is there may lead on: to the one there is, to its past in the audit, back where it may not be deleted.
    return Door(who, get=(200, 302), post=(200, 302, 403, 405), to_login="vxmacset")


def with_a_row() -> list[tuple[str, str]]:
    """Those to try; logging out comes last."""
    rows = [(name, route) for name, route in addresses() if of_record(name) or name in PAGES]
    return sorted(rows, key=lambda row: row[0] == "accounts:logout")


def test_every_address_has_its_row() -> None:
    named = dict(addresses())

    missing = sorted(name for name in named if of_record(name) is None and name not in PAGES)
    assert not missing, f"write a Door for each into PAGES of tests/doors.py: {', '.join(missing)}"
    records = {model._meta.label for model in site._registry}
    assert not records - RECORDS.keys(), f"write into RECORDS of tests/doors.py: {records - RECORDS.keys()}"
    assert not PAGES.keys() - named.keys(), f"gone, take it out of tests/doors.py: {PAGES.keys() - named.keys()}"
    assert not RECORDS.keys() - records, f"gone, take it out of tests/doors.py: {RECORDS.keys() - records}"


def test_every_role_knocks() -> None:
    assert {*Role.values} <= {*WHO.values()}
    assert set(EVERYBODY) == WHO.keys()


class House:
    """The club whose doors are tried, with one of everything in it, and a browser for whoever knocks."""

    def __init__(self, club: Club, other: Club) -> None:
        self.club, self.other = club, other
        self.ids = {**one_of_each(club), **more_records()}
        accept_rules(int(self.ids["member"]), int(self.ids["rules"]), address="", now=timezone.now())
        with club_scope(other):
            self.stranger = person("owner")
            self.foreign_cookies = signed_in(self.stranger, other).cookies

    def browser(self, letter: str) -> Client:
        who = WHO[letter]
        if who == "visitor":
            return visitor(self.club)
        if who == "stranger":
            client = visitor(self.club)
            client.cookies = self.foreign_cookies
            return client
        if who == "member":
            phone = Member.objects.get(pk=self.ids["member"]).phone or ""
            return signed_in(User.objects.of_phone(phone), self.club, "otp")  # the demo may have that number
        if who == "agent":
            return signed_in(Agent.objects.get(pk=self.ids["agent"]).user, self.club)
        return signed_in(person(who), self.club)

    def path(self, name: str, route: str) -> str:
        return "/" + re.sub(
            r"<\w+:(\w+)>|\(\?P<(\w+)>.*?\)",
            lambda at: self._id(name, at[1] or at[2]),
            route.replace("^", "").replace("$", ""),
        )

    def _id(self, name: str, argument: str) -> str:
        record = of_record(name)
        if argument == "object_id" and record:
            row = apps.get_model(record[0])._base_manager.order_by("pk")
            row = row.filter(pk=self.club.pk) if record[0] == "core.Club" else row.filter(club_id=self.club.pk)
            return str(row[0].pk)
        given = {
            "form": "csv",
            "picture": "svg",
            "size": "a4",
            "digest": "x",
            "kind": "welcome",
            "occasion": "birthday",
            "colour": "ffd400",
            "app_label": "members",
        }
        return str(given.get(argument) or self.ids.get(NAMES.get(argument, argument), "0"))


def more_records() -> dict[str, str]:
    """What the admin shows beside what addresses name."""
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="سلام {name}، به {club} خوش آمدی")
    Suppression.objects.create(phone="09121119999")
    SmsSettings.objects.get_or_create()
    InboundMessage.objects.create(phone="09121119998", text="x", provider_id=1, received_at=timezone.now())
    create_api_key(name="x", scope="pos", actor="user:1")
    save_draft("x", actor="user:1", now=timezone.now())
    open_lottery(name="x", code="x", actor="user:1")
    Department.objects.create(code="x", name="x", position=1)
    Holiday.objects.create(day="2026-11-22", name="x")
    ServiceTarget.objects.create(priority="low", answer_minutes=1, solve_minutes=2)
    _give_something()
    _write_to_somebody()
    return {
        "role_id": str(StaffRole.objects.order_by("pk")[0].pk),
        "key_id": str(ApiKey.objects.order_by("pk")[0].pk),
        "content_type_id": "0",
        "object_id": "0",
    }


def _give_something() -> None:
    """What an offer gave by a purchase of today."""
    offer = publish("y", {"kind": "points_amount", "points": 1})
    member = Member.objects.exclude(phone=None).order_by("pk")[0]
    order = PurchaseOrder(member_id=member.pk, amount=1_000)
    record_purchase(order, actor="user:1", key="given-by-an-offer", now=timezone.now())
    move_offer(offer.pk, "pause", actor="user:1", now=timezone.now())
    ReferralReward.objects.create(
        referral=Referral.objects.order_by("pk")[0],
        purchase=Purchase.objects.order_by("pk")[0],
        base_rial=100,
        amount=10,
        state="waiting",
        due_at=timezone.now(),
    )


def _write_to_somebody() -> None:
    """A mail, and a message of a campaign."""
    member = Member.objects.exclude(phone=None).order_by("pk")[0]
    enqueue_many([Letter(member.pk, "x", "x")])
    campaign = Campaign.objects.order_by("pk")[0]
    CampaignMember.objects.get_or_create(
        campaign=campaign, member=member, defaults={"outcome": "sent", "at": timezone.now()}
    )


def among(status: int, wanted: int | tuple[int, ...]) -> bool:
    return status in (wanted if isinstance(wanted, tuple) else (wanted,))


@pytest.mark.slow
@pytest.mark.parametrize("letter", EVERYBODY, ids=WHO.get)
def test_every_door_opens_for_whom_it_should_and_for_nobody_else(house: House, letter: str) -> None:
    wrong, browser = [], house.browser(letter)
    before = contents(house.club)
    for name, route in with_a_row():
        door, path = door_of(name), house.path(name, route)
        if letter in door.let_in:
            continue
        for method in ("get", "post"):
            answer = getattr(browser, method)(path)
            if not is_refused(answer, to_login=letter in door.to_login, method=method):
                wrong.append(f"{name}: {method} of {path} by {WHO[letter]} is not refused: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert contents(house.club) == before

    for name, route in with_a_row():
        door, path = door_of(name), house.path(name, route)
        if letter not in door.let_in:
            continue
        for method, wanted in (("get", door.get), ("post", door.post)):
            answer = getattr(browser, method)(path)
            if not among(answer.status_code, wanted) or leads_to_login(answer, name):
                wrong.append(f"{name}: {method} of {path} by {WHO[letter]}: {answer.status_code}, not {wanted}")
    assert not wrong, "\n".join(wrong)


def test_another_clubs_records_are_not_found_in_the_admin(house: House) -> None:
    """By who may do everything there; what has no page of its own sends on, and nothing of the first club changes."""
    rows = [row for row in with_a_row() if "admin/" in row[1] and re.search(r":(object_id|role_id|key_id)>", row[1])]
    paths = {house.path(name, route): name for name, route in rows}
    before, wrong = contents(house.club), []
    with club_scope(house.other):
        browser = signed_in(person("owner"), house.other)
        for path, name in paths.items():
            for method in ("get", "post"):
                answer = getattr(browser, method)(path, {"post": "yes"} if method == "post" else {})
                if answer.status_code == 200 or answer.status_code >= 500:
                    wrong.append(f"{name}: {method} of {path} answers {answer.status_code}")

    assert len(paths) > 50
    assert not wrong, "\n".join(wrong)
    assert contents(house.club) == before


def is_refused(answer: Any, *, to_login: bool, method: str) -> bool:
    """Sent to a login, or told that it is not theirs. A wrong method may be told first, where nothing is done by it."""
    if method == "post" and answer.status_code == 405:
        return True
    if to_login:
        return answer.status_code == 302 and answer["Location"].startswith(LOGINS)
    return answer.status_code == 403


def leads_to_login(answer: Any, name: str) -> bool:
    return answer.status_code == 302 and name != "accounts:logout" and answer["Location"].startswith(LOGINS[:3])
