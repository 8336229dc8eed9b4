"""People for tests of any package: staff of a role, and browsers on a club's host logged in as them."""

import base64
import itertools

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from django_otp.oath import hotp

from accounts.models import StaffRole, User
from accounts.sessions import BACKEND, CLUB_KEY, METHOD_KEY, note_session
from core.models import Club
from core.tenancy.scope import club_scope

PASSWORD = "naranj-va-toranj"
_numbers = itertools.count(1_000_000)


def fresh_phone():
    """A mobile number that nobody in the tests has."""
    return f"0912{next(_numbers)}"


def person(*roles, club=None, phone=None, name="سارا محمدی", password=None, **fields):
    """A user with these roles in the club (default: the club in scope)."""
    user = User.objects.create(phone=phone or fresh_phone(), name=name, password=make_password(password), **fields)
    for role in roles:
        add_role(user, role, club)
    return user


def add_role(user, role, club=None):
    """Give the user one more role."""
    if club is None:
        return StaffRole.objects.create(user=user, role=role)
    with club_scope(club):
        return StaffRole.objects.create(user=user, role=role)


def visitor(club: Club) -> Client:
    """A browser on the club's host, not logged in."""
    return Client(headers={"host": f"{club.slug}.localhost"})


def signed_in(user: User, club: Club, method="password") -> Client:
    """A browser on the club's host with a session of this person, as opened by password or by code ("otp")."""
    client = visitor(club)
    client.force_login(user, backend=BACKEND)
    session = client.session
    session[CLUB_KEY], session[METHOD_KEY] = club.pk, method
    if method == "password":
        with club_scope(club):
            note_session(session, user, device="", address="127.0.0.1", now=timezone.now())
    session.save()
    return client


def code_at(key, moment):
    """What the app of a second factor shows at that moment."""
    return f"{hotp(base64.b32decode(key), int(moment.timestamp()) // 30):06}"


def log_in(page, phone):
    """Give the phone and the password on an open page of login, in a real browser."""
    page.fill("[name=phone]", phone)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
