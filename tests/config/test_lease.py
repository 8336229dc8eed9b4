"""A shared hold on a folder whose last holder knows it is the last."""

import multiprocessing
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from config.lease import Lease, alone


def never() -> None:
    pytest.fail("somebody else still holds the lease")


def test_only_the_last_to_leave_tidies_up(tmp_path: Path) -> None:
    first, second, third = (Lease(tmp_path / "lease") for _ in range(3))
    tidied: list[str] = []

    assert not first.release(never)
    assert not third.release(never)
    assert second.release(lambda: tidied.append("second"))

    assert tidied == ["second"]


def test_a_lease_is_given_back_once(tmp_path: Path) -> None:
    lease = Lease(tmp_path / "lease")
    tidied: list[int] = []

    lease.release(lambda: tidied.append(1))
    lease.release(lambda: tidied.append(2))

    assert tidied == [1]


def test_the_exclusive_hold_is_refused_while_a_lease_is_out(tmp_path: Path) -> None:
    lease = Lease(tmp_path / "lease")
    with alone(tmp_path / "lease", wait=False) as nobody_else:
        assert not nobody_else

    lease.release(lambda: None)

    with alone(tmp_path / "lease", wait=False) as nobody_else:
        assert nobody_else


def test_a_forked_child_does_not_judge_by_its_parents_hold(tmp_path: Path) -> None:
    lease = Lease(tmp_path / "lease")
    context = multiprocessing.get_context("fork")
    child = context.Process(target=lambda: lease.release(lambda: (tmp_path / "tidied").touch()))

    child.start()
    child.join(60)

    assert child.exitcode == 0
    assert not (tmp_path / "tidied").exists()


def _hold_until_killed(file: Path, held: Event) -> None:
    keep = Lease(file)
    held.set()
    multiprocessing.Event().wait(60)
    keep.release(lambda: None)


def test_the_hold_of_a_killed_process_is_given_back(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    held = context.Event()
    other = context.Process(target=_hold_until_killed, args=(tmp_path / "lease", held))
    other.start()
    assert held.wait(60)
    mine = Lease(tmp_path / "lease")

    other.kill()
    other.join(60)

    assert mine.release(lambda: None)
