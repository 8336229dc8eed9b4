"""What holds for every address, whatever it does: CSRF, framing, headers, cookies, hosts, sizes, and where it leads.

Addresses are those of the resolver with their doors (tests/doors.py): a new one is under test the day it is made.
"""

import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.services import create_api_key
from core.models import Club
from core.security import POLICY
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage
from tests.accounts.cast import PASSWORD, fresh_phone, person, signed_in, visitor
from tests.shop import Shop
from tests.test_every_door import House, among, door_of, with_a_row
from tests.test_other_club import contents

# From what may be kept by whoever is on the way: nothing in them is anybody's.
FOR_ALL = {"core:brand_css", "healthz", "admin:jsi18n"}


def knocking(letter: str) -> list[tuple[str, str]]:
    return [(name, route) for name, route in with_a_row() if letter in door_of(name).let_in]


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["v", "m", "o"])
def test_every_answer_keeps_out_frames_scripts_and_guesses_at_its_kind(house: House, letter: str) -> None:
    browser, wrong = house.browser(letter), []
    for name, route in knocking(letter):
        answer = browser.get(house.path(name, route))
        wrong += [f"{name}: {header}" for header in missing_headers(answer)]
        if letter != "v" and name not in FOR_ALL and answer.status_code == 200 and not kept_private(answer):
            wrong.append(f"{name}: may be kept by a proxy, Cache-Control: {answer.get('Cache-Control')}")

    assert not wrong, "\n".join(wrong)


def missing_headers(answer) -> list[str]:
    wanted = {
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    lacking = [f"{name}: {answer.get(name)}" for name, value in wanted.items() if answer.get(name) != value]
    policy = answer.get("Content-Security-Policy", "")
    if "frame-ancestors 'none'" not in policy or "unsafe" in policy:
        lacking.append(f"Content-Security-Policy: {policy}")
    return lacking


def kept_private(answer) -> bool:
    """Whether only the one who asked may keep it: by a word, or as it varies with the cookie."""
    said = answer.get("Cache-Control", "")
    return "private" in said or "no-store" in said or "cookie" in answer.get("Vary", "").lower()


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in POLICY and "*" not in POLICY and "http" not in POLICY
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"):
        assert rule in POLICY


# The signed link of a mail is a secret of its own: a mail program posts to it by itself.
WITHOUT_TOKEN = {"healthz", "admin:login", "admin:logout", "portal:mail_off"}


@pytest.mark.slow
def test_no_form_is_taken_without_its_token(house: House) -> None:
    browsers = {letter: guarded(house.browser(letter)) for letter in "vmo"}
    before, taken = contents(house.club), []
    for name, route in with_a_row():
        let_in = door_of(name).let_in
        for letter in [letter for letter in "vmo" if letter in let_in]:
            answer = browsers[letter].post(house.path(name, route), {"reason": "x", "amount": "1"})
            if not among(answer.status_code, (403, 405)) and name not in WITHOUT_TOKEN:
                taken.append(f"{name} by {letter}: {answer.status_code}")

    assert not taken, "\n".join(taken)
    assert contents(house.club) == before


def guarded(browser: Client) -> Client:
    """The same browser against a server that asks for the token, as the real one does."""
    checked = Client(enforce_csrf_checks=True, headers={"host": browser.defaults["HTTP_HOST"]})
    checked.cookies = browser.cookies
    return checked


def test_a_session_opens_nothing_of_the_api(club: Club) -> None:
    """Else any page of another site could post with it: the API asks for no token."""
    browser = signed_in(person("owner"), club)

    assert browser.get("/api/v1/members").status_code == 401
    assert browser.post("/api/v1/members", {"phone": fresh_phone()}, "application/json").status_code == 401


def test_a_key_opens_no_page(club: Club) -> None:
    with club_scope(club):
        _row, raw = create_api_key(name="x", scope="manage", actor="user:1")
    client = Client(headers={"host": f"{club.slug}.localhost", "authorization": f"Bearer {raw}"})

    assert client.get("/desk/dashboard/").status_code == 302


EVIL = ("//evil.example/", "https://evil.example/", "/\\evil.example", "http:///evil.example", "javascript:alert(1)")
ONWARD = ("next", "back", "back_to", "from", "to", "url", "return", "redirect", "onward")


def test_no_address_sends_on_to_another_host(house: House) -> None:
    """Whoever follows what it is asked to go on to, in query or body, follows nothing that leads elsewhere."""
    followers, ways_out = 0, []
    for letter in "vmo":
        browser = house.browser(letter)
        for name, route in with_a_row():
            if route.startswith("desk/admin/") and name != "admin:login":
                continue
            path = house.path(name, route)
            for send in (browser.get, browser.post):
                if "/over/there/" not in leads_to(send(path, dict.fromkeys(ONWARD, "/over/there/"))):
                    continue
                followers += 1
                found = [leads_to(send(path, dict.fromkeys(ONWARD, evil))) for evil in EVIL]
                ways_out += [f"{name} by {letter}: {place}" for place in found if is_elsewhere(place)]

    assert followers
    assert not ways_out, "\n".join(ways_out)


def leads_to(answer) -> str:
    return answer.get("Location", "") + answer.get("HX-Redirect", "")


def is_elsewhere(place: str) -> bool:
    parts = urlsplit(place)
    return bool(parts.netloc or parts.scheme) or place.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 404),
        ("{slug}.localhost.evil.example", 404),
        ("evil-{slug}.localhost", 404),
        ("{slug}.localhost/@evil.example", 400),
        ("{slug}.localhost evil.example", 400),
        ("<script>", 400),
        ("", 400),
        ("{slug}.LOCALHOST", 302),
        ("{slug}.localhost.:8000", 302),
    ],
)
def test_only_the_club_s_own_host_is_answered(club: Club, other_club: Club, host: str, status: int) -> None:
    answer = Client(headers={"host": host.format(slug=club.slug)}).get("/")

    assert answer.status_code == status
    assert "evil" not in answer.get("Location", "")
    assert "<script>" not in answer.content.decode()


def test_a_forwarded_host_is_believed_from_a_trusted_proxy_alone(club: Club, other_club: Club) -> None:
    answer = Client(headers={"host": "evil.example", "x-forwarded-host": f"{club.slug}.localhost"}).get("/")

    assert not settings.USE_X_FORWARDED_HOST
    assert answer.status_code == 404


def test_cookies_are_for_our_server_and_our_pages_alone(club: Club) -> None:
    user = person("cashier", password=PASSWORD)
    browser = visitor(club)
    browser.get("/staff/login/")
    browser.post("/staff/login/", {"phone": user.phone, "password": PASSWORD})

    session = browser.cookies[settings.SESSION_COOKIE_NAME]
    token = browser.cookies[settings.CSRF_COOKIE_NAME]
    assert (session["httponly"], session["samesite"], session["domain"], session["path"]) == (True, "Lax", "", "/")
    assert (token["samesite"], token["domain"]) == ("Lax", "")


def test_in_production_cookies_never_go_out_in_the_clear() -> None:
    """With nothing said but what has no default: https alone, told to browsers for a year."""
    said = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG")
    script = f"from config import settings; print(*(getattr(settings, name) for name in {said}))"
    needed = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PATH")}
    kept = {**needed, "SECRET_KEY": "k" * 50, "FIELD_KEYS": "f" * 50, "BASE_DOMAIN": "example.com"}

    told = subprocess.run([sys.executable, "-c", script], env=kept, capture_output=True, text=True, check=False)

    assert told.stdout.split() == ["True", "True", "True", "31536000", "False"], told.stderr


def test_the_session_of_a_login_by_code_is_a_new_one(club: Club) -> None:
    """An attacker who set a session beforehand has nothing of it."""
    phone, browser = fresh_phone(), visitor(club)
    Shop(club).member(phone=phone)
    fixed = browser.session
    fixed["fixed"] = "by an attacker"
    fixed.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(fixed.session_key)

    browser.post("/login/", {"phone": phone})
    code = OutboxMessage.objects.filter(phone=phone).latest("pk").context["code"]
    browser.post("/login/code/", {"code": code})

    assert browser.get("/").status_code == 200
    assert browser.session.session_key != fixed.session_key
    assert not Session.objects.filter(session_key=fixed.session_key).exists()
    assert "fixed" not in browser.session


def shape(sql: str) -> str:
    """What kind of statement it is, whomever it is about."""
    return re.sub(r"[0-9a-f]{16,}|\d+", "#", " ".join(sql.split(" ")[:3]))


def test_asking_for_a_code_takes_the_same_work_whoever_it_is(club: Club) -> None:
    """So the time it takes tells neither members nor staff from strangers."""
    member, staff, stranger = fresh_phone(), person("owner").phone, fresh_phone()
    Shop(club).member(phone=member)
    OutboxMessage.objects.all().delete()
    work = {}
    visitor(club).post("/login/", {"phone": fresh_phone()})  # what is looked up once is known
    for who, phone in {"member": member, "staff": staff, "stranger": stranger}.items():
        with CaptureQueriesContext(connection) as asked:
            answer = visitor(club).post("/login/", {"phone": phone}, REMOTE_ADDR=f"10.0.0.{len(work) + 1}")
        work[who] = (answer.status_code, answer["Location"], [shape(one["sql"]) for one in asked])

    assert work["member"] == work["staff"] == work["stranger"]


BIG = b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)


def test_a_body_past_every_form_is_refused_before_it_is_read(club: Club) -> None:
    browser = signed_in(person("owner"), club)
    fields = "&".join(f"f{number}=1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS or 0))

    for body in (BIG, f"{fields}&last=1".encode()):
        answer = browser.post("/desk/till/", body, "application/x-www-form-urlencoded")
        assert answer.status_code in (400, 413)
    assert visitor(club).post("/login/", BIG, "application/x-www-form-urlencoded").status_code in (400, 413)


def test_more_files_than_a_form_has_are_refused(club: Club) -> None:
    browser = signed_in(person("owner"), club)
    files = {f"file{number}": SimpleUploadedFile("x.csv", b"x") for number in range(101)}

    assert browser.post("/desk/imports/", files).status_code == 400
