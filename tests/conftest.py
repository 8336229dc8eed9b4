"""Shared cast: a club in scope, another club out of it, and clubs whose rows are really committed."""

import gc
import itertools
import math
import os
import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.template.base import Template
from django.test import override_settings
from django.test.signals import template_rendered
from django.urls import set_urlconf
from django.utils import translation
from django.utils.safestring import SafeString
from pytest_django import fixtures as pytest_django_fixtures
from pytest_django.plugin import DjangoDbBlocker

from core.models import Club
from core.services import create_club
from core.tenancy import middleware
from core.tenancy.backend.base import DatabaseWrapper
from core.tenancy.scope import club_scope
from tests.dealing import WholeFiles, longest_first
from tests.schema import Schema
from tests.shop import Shop

if TYPE_CHECKING:
    from tests.browser.pages.world import World
    from tests.test_every_door import House

_numbers = itertools.count(1)

# pytest-django makes the test database only when some test names its own `db`; those that commit for themselves, run
# alone, would find none.
pytest_django_fixtures._get_databases_for_setup = lambda items: ({"default"}, set())


# The same examples each time, and no clock over them: a busy machine draws and runs them slowly.
hypothesis.settings.load_profile("ci")

# What the console gateway prints is as good as sent here.
settings.SMS_LOG_IS_READ = True

# Workers have a database each, in which clubs have the same ids, but one cache; and a busy machine is no lost one.
settings.CACHES["default"]["KEY_PREFIX"] = secrets.token_hex(4)
settings.CACHES["default"]["OPTIONS"].update(socket_connect_timeout=60, socket_timeout=60)

# Real hashing takes half a second a password; tests of logins compare passwords by whatever they are hashed with.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Else each browser of a test begins by reading every static file there is; and real ones need not ask for them again.
settings.WHITENOISE_AUTOREFRESH = True
settings.WHITENOISE_MAX_AGE = 3_600


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeFiles:
    return WholeFiles(config, log)


def pytest_collection_finish() -> None:
    """All that the tests and the program are made of stays until the end: it is no longer searched for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items)


@pytest.fixture(autouse=True)
def hosts_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However long the test takes, so that its queries can be counted; and none is known from the test before."""
    monkeypatch.setattr(middleware, "REMEMBER_SECONDS", math.inf)
    middleware.forget_hosts()
    yield
    middleware.forget_hosts()


@pytest.fixture(scope="session", autouse=True)
def pages_tell_once_what_they_were_given(django_test_environment: None) -> None:
    """Django's own runner copies what stands in each template that is drawn; here in the first of a page alone."""
    Template._render = _told_once  # type: ignore[method-assign]


def _told_once(template: Template, context: Any) -> SafeString:
    if not getattr(context, "is_told", False):
        context.is_told = True
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


@pytest.fixture(autouse=True)
def _django_set_urlconf(request: pytest.FixtureRequest) -> Iterator[None]:
    """In place of pytest-django's: what addresses were compiled to is kept by urlconf, so nothing need be forgotten."""
    marker = request.node.get_closest_marker("urls")
    if marker is None:
        yield
        return
    before, settings.ROOT_URLCONF = settings.ROOT_URLCONF, marker.args[0]
    yield
    settings.ROOT_URLCONF = before
    set_urlconf(None)


@pytest.fixture(autouse=True)
def persian_again() -> Iterator[None]:
    """A request leaves its language to the thread, for what is still being sent; the next test begins without."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def kept_schema(request: pytest.FixtureRequest) -> Schema | None:
    """Where it is written down; nowhere, when pytest keeps nothing between runs."""
    cache = getattr(request.config, "cache", None)
    return Schema(cache.mkdir("schema")) if cache else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, kept_schema: Schema | None) -> None:
    if kept_schema:
        kept_schema.follow()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, kept_schema: Schema | None) -> None:
    if kept_schema:
        kept_schema.keep()


def fresh_club(name: str = "کافه نارون") -> Club:
    """A new club whose slug no other test or worker has."""
    return create_club(slug=f"t{os.getpid()}-{next(_numbers)}", name=name)


@pytest.fixture
def club(db: None) -> Iterator[Club]:
    """A fresh club with its scope entered; gone with the test's transaction."""
    club = fresh_club()
    with club_scope(club):
        yield club


@pytest.fixture
def other_club(db: None) -> Club:
    """Another club; its scope is not entered."""
    return fresh_club("فروشگاه سرو")


@pytest.fixture(scope="module")
def kept_until_the_end(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What fixtures of a module write after this is there for all of its tests, and gone after the last.

    Each test undoes what it wrote itself, as always. For modules in which no test commits.
    """
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block._from_testcase = True  # services may open their durable transactions in it
        with block:
            yield
            transaction.set_rollback(True)


@pytest.fixture(scope="module")
def built_house(kept_until_the_end: None) -> "House":
    """The club whose every door is tried, made once for all tests of a module."""
    from tests.test_every_door import House

    club, other = fresh_club(), fresh_club("فروشگاه سرو")
    with club_scope(club):
        return House(club, other)


@pytest.fixture
def house(db: None, built_house: "House") -> Iterator["House"]:
    """The house with the scope of its club entered."""
    with club_scope(built_house.club):
        yield built_house


@pytest.fixture
def real_commits(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database without a surrounding transaction: what the test commits stays (the role may not flush)."""
    with django_db_blocker.unblock():
        yield
        from django.db import connections

        connections.close_all()


@pytest.fixture
def committed_club(real_commits: None) -> Iterator[Club]:
    """A fresh club that is really committed, with its scope entered: for threads, workers and live servers."""
    club = fresh_club()
    with club_scope(club):
        yield club


@pytest.fixture(scope="session")
def peopled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> "World":
    """The club that every page is opened in, committed once for all tests that look at pages."""
    from tests.browser.pages import world

    with django_db_blocker.unblock(), override_settings(ROOT_URLCONF=world.URLS):
        return world.build()


@pytest.fixture
def shop(club: Club) -> Shop:
    return Shop(club)


@pytest.fixture
def committed_shop(committed_club: Club) -> Shop:
    return Shop(committed_club)


@pytest.fixture
def lost_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """The connection breaks and no new one can be made, once the returned function is called."""

    def refuse(*_: object) -> None:
        raise psycopg2.OperationalError("connection refused")

    def lose() -> None:
        connection.close()
        monkeypatch.setattr(DatabaseWrapper, "get_new_connection", refuse)

    yield lose
    monkeypatch.undo()
