"""The servers of a fresh machine: found, shared, taken over after a crash, stopped by the last."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis
from django.conf import settings

from config import embedded
from config import servers as running
from config.embedded import fresh_url, outside_servers, reset, revive, servers, tell_address, throw_away_servers
from config.servers import Home, ServerTrouble, answers, missing, postmaster, stop
from core.tenancy.roles import Login, WrongRole, libpq_url, prepare_database

pytestmark = pytest.mark.slow  # each starts servers of its own

ALL = {"DATABASE_URL": "postgres://a", "DATABASE_OWNER_URL": "postgres://b", "REDIS_URL": "redis://c"}


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(libpq_url(url))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "data", lasting=False)
    yield home
    stop(home)


def test_the_application_logs_in_with_its_limits_and_without_power(home: Home) -> None:
    with servers(home) as environment:
        app = environment["DATABASE_URL"]

        assert ask(app, "SHOW lock_timeout") == [("3s",)]
        assert ask(app, "SHOW statement_timeout") == [("10s",)]
        assert ask(app, "SELECT rolsuper, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [
            (False, False, False)
        ]
        # The right to read every club is stepped into, never inherited.
        assert ask(app, "SELECT pg_has_role('club_system', 'SET'), pg_has_role('club_system', 'USAGE')") == [
            (True, False)
        ]
        assert ask(app, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'club'") == [("club_owner",)]
        assert ask(environment["DATABASE_OWNER_URL"], "CREATE DATABASE test_club") == []
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(app, "CREATE TABLE mine (id int)")


def test_servers_go_with_their_last_user_and_keep_what_was_written(home: Home) -> None:
    with servers(home) as environment:
        first = postmaster(home)
        ask(environment["DATABASE_OWNER_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
        with servers(home):
            assert postmaster(home) == first
        assert answers(home)
    assert postmaster(home) is None
    assert not answers(home)

    with servers(home) as environment:
        assert postmaster(home) != first
        assert ask(environment["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == [(42,)]


def test_a_halted_postgres_is_given_up_by_whoever_connects(home: Home) -> None:
    with servers(home) as environment:
        pid = postmaster(home)
        assert pid
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(psycopg2.OperationalError, match="timeout"):
                psycopg2.connect(environment["DATABASE_URL"], **settings.DATABASES["default"]["OPTIONS"])
        finally:
            os.kill(pid, signal.SIGCONT)


def test_servers_left_by_a_killed_process_are_taken_over(home: Home) -> None:
    script = "import sys, time\nfrom pathlib import Path\nfrom config.embedded import servers\nfrom config.servers import Home\n"
    script += "with servers(Home(Path(sys.argv[1]), lasting=False)):\n print('up', flush=True)\n time.sleep(60)\n"
    user = subprocess.Popen([sys.executable, "-c", script, home.root], stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    assert user.stdout.readline() == "up\n"
    orphan = postmaster(home)
    user.kill()
    user.communicate()
    assert orphan
    assert answers(home)

    with servers(home):
        assert postmaster(home) == orphan

    assert postmaster(home) is None


def test_a_killed_postgres_starts_again(home: Home) -> None:
    with servers(home):
        pid = postmaster(home)
        assert pid
        os.kill(pid, signal.SIGKILL)

        with servers(home):
            assert answers(home)
            assert postmaster(home) != pid


def valkey(home: Home) -> int:
    connection = redis.Redis(unix_socket_path=str(home.valkey_socket))
    return int(connection.info("server")["process_id"])  # type: ignore[index]


def test_servers_killed_under_their_users_are_started_again_by_name_and_slow_ones_left_alone(home: Home) -> None:
    with servers(home):
        assert revive(home) == []
        both = {"PostgreSQL": postmaster(home), "Valkey": valkey(home)}
        for name, pid in both.items():
            assert pid
            os.kill(pid, signal.SIGSTOP)
            assert missing(home) == []
            os.kill(pid, signal.SIGKILL)
            while name not in missing(home):
                time.sleep(0.02)

            assert revive(home) == [name]

            assert answers(home)
            assert missing(home) == []
        assert not set(both.values()) & {postmaster(home), valkey(home)}


def test_a_pid_file_that_names_somebody_else_is_forgotten(home: Home) -> None:
    with servers(home):
        content = (home.data / "postmaster.pid").read_text()
    # As after a power cut and a reboot: the old number now belongs to a process that is not PostgreSQL.
    (home.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *content.split("\n")[1:]]))
    (home.sockets / ".s.PGSQL.5432.lock").parent.mkdir(exist_ok=True)
    (home.sockets / ".s.PGSQL.5432.lock").write_text(content)
    assert postmaster(home) is None

    with servers(home):
        assert answers(home)


def test_a_folder_with_a_long_or_odd_name_gets_short_sockets(tmp_path: Path) -> None:
    long, odd = Home(tmp_path / ("long" * 30), lasting=False), Home(tmp_path / "باشگاه ۱", lasting=False)

    assert len(str(long.sockets)) < 60
    assert str(odd.sockets).isascii()
    assert long.sockets != odd.sockets
    with servers(odd):
        assert answers(odd)


def test_commands_write_links_to_the_port_of_the_last_make_run_or_the_usual_one(tmp_path: Path) -> None:
    lasting = Home(tmp_path / "lasting", lasting=True)
    try:
        with servers(lasting) as environment:
            assert environment["PUBLIC_URL"] == "http://localhost:8000"
        tell_address(lasting, fresh_url(8655))
        with servers(lasting) as environment:
            assert environment["PUBLIC_URL"] == "http://localhost:8655"
    finally:
        stop(lasting)


def test_reset_is_refused_in_use_and_then_empties(home: Home) -> None:
    with servers(home), pytest.raises(ServerTrouble, match="in use"):
        reset(home)
    assert home.data.exists()

    reset(home)

    assert not home.data.exists()
    assert not home.logs.exists()


def test_data_of_another_postgres_is_refused_by_name(home: Home) -> None:
    with servers(home):
        pass
    (home.data / "PG_VERSION").write_text("17\n")

    with pytest.raises(ServerTrouble, match=r"PostgreSQL 17, the installed one is \d+"), servers(home):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
def test_root_steps_down_where_namespaces_are_forbidden(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers(home):
        assert home.data.stat().st_uid == 0  # inside a namespace: another uid there, our files here
    closed = tmp_path / "closed"  # as /root is, with the program in it
    closed.mkdir(mode=0o700)
    shutil.copytree(running._postgres_program("postgres").parents[1], closed / "pginstall", symlinks=True)
    monkeypatch.setattr("config.servers._postgres_program", lambda name: closed / "pginstall/bin" / name)
    which = shutil.which
    monkeypatch.setattr("config.servers.shutil.which", lambda name: None if name == "unshare" else which(name))

    with servers(home):
        assert answers(home)
        assert home.data.stat().st_uid == running.NOBODY


def test_throw_away_servers_leave_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("config.embedded.tempfile.gettempdir", lambda: str(tmp_path))
    with throw_away_servers() as environment:
        assert ask(environment["DATABASE_URL"], "SHOW fsync") == [("off",)]
        assert list(tmp_path.iterdir())

    assert not list(tmp_path.iterdir())


def test_leftovers_of_a_killed_test_run_are_cleared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("config.embedded.tempfile.gettempdir", lambda: str(tmp_path))
    left = Home(tmp_path / "club-0123abcd", lasting=False)
    left.root.mkdir()
    left.lease.touch()
    running.start(left)
    os.utime(left.root, (time.time() - 600, time.time() - 600))

    with throw_away_servers():
        assert not left.root.exists()
    assert postmaster(left) is None


def test_servers_named_in_the_environment_are_used_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ALL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(embedded, "servers", lambda _: pytest.fail("nothing embedded is touched"))

    embedded.ensure_servers()

    assert outside_servers(ALL)
    assert not outside_servers({})


@pytest.mark.parametrize("missing", ALL)
def test_naming_only_some_servers_is_refused(missing: str) -> None:
    with pytest.raises(ServerTrouble, match=f"missing: {missing}"):
        outside_servers({name: value for name, value in ALL.items() if name != missing})


def test_an_outside_postgres_is_prepared_and_may_be_again(home: Home) -> None:
    with servers(home):
        app = Login("club_app", "of the app's", "shop")
        owner = Login("club_owner", "o'wner", "shop")
        for _ in range(2):
            prepare_database(home.url("postgres", "postgres"), app=app, owner=owner)

        assert ask(home.url("club_app", "shop"), "SELECT current_database()") == [("shop",)]
        passwords = "SELECT count(*) FROM pg_authid WHERE rolname ~ '^club_(app|owner)' AND rolpassword ~ '^SCRAM'"
        assert ask(home.url("postgres", "postgres"), passwords) == [(2,)]


@pytest.mark.parametrize(
    ("app", "owner"),
    [
        (Login("postgres", "", "shop"), Login("club_owner", "", "shop")),
        (Login("club_owner", "", "shop"), Login("club_owner", "", "shop")),
        (Login("club_app", "", "shop"), Login("club_owner", "", "other")),
        (Login("club_app", "", ""), Login("club_owner", "", "")),
    ],
)
def test_other_roles_or_two_databases_are_refused_before_anything_is_asked(app: Login, owner: Login) -> None:
    with pytest.raises(WrongRole):
        prepare_database("postgres://nobody@nowhere/", app=app, owner=owner)
