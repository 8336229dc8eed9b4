"""`verify_ledger` finds what was tampered with behind the application's back, proof by proof."""

import io
import os
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from club.ledger.models import Allocation, Lot, Wallet
from club.ledger.proof import PROOFS, seal_ledger, verify_ledger
from club.members.models import Member
from club.purchases.orders import PayWith, PurchaseOrder
from config.schedule import JOBS
from core.jobs import run_in_club
from core.models import Club
from tests.conftest import fresh_club
from tests.shop import NOON, Shop

# What is done to the wallet's rows -> the proof that must find it.
TAMPERINGS = {
    "UPDATE ledger_wallet SET balance = balance + 1 WHERE id = {wallet}": "the balance is not the sum of the entries",
    "UPDATE ledger_lot SET remaining = remaining - 1 WHERE wallet_id = {wallet} AND remaining > 0": (
        "the balance is not what remains in the lots"
    ),
    "UPDATE ledger_entry SET seq = seq + 9 WHERE wallet_id = {wallet} AND seq = 2": (
        "the entries have a gap in their sequence"
    ),
    "UPDATE ledger_wallet SET version = version + 1 WHERE id = {wallet}": "the entries have a gap in their sequence",
    "UPDATE ledger_entry SET balance_after = balance_after + 1 WHERE wallet_id = {wallet} AND seq = 1": (
        "a balance after an entry is not the running sum"
    ),
    "UPDATE ledger_allocation SET amount = amount + 1 WHERE lot_id = {lot}": (
        "a lot is not what its allocations left of it"
    ),
    "DELETE FROM ledger_allocation WHERE lot_id = {lot}": "an entry's allocations are not its amount",
    "UPDATE ledger_lot SET amount = amount + 1, remaining = remaining + 1 WHERE id = {lot}": (
        "a lot is not what its entry brought in"
    ),
    "UPDATE ledger_lot SET expires_at = now() + interval '10 years' WHERE id = {lot}": (
        "an entry, its lot or its allocations are not as they were written"
    ),
    "UPDATE ledger_lot SET idle_days = 10, idle_ends_at = now() + interval '2 years'"
    " WHERE wallet_id = {wallet} AND remaining > 0": (
        "value that ends without purchases has another end than the last purchase gives it"
    ),
    "INSERT INTO ledger_letgo (club_id, wallet_id, amount, claimed, after, document, occurred_at)"
    " SELECT club_id, id, 1, 0, 0, 'refund:1', now() FROM ledger_wallet WHERE id = {wallet}": (
        "what was let go is not what was told, or what is claimed of it not what was taken"
    ),
    "UPDATE ledger_entry SET kind = 'merge' WHERE lot_id = {lot}": "a merge brought in another amount than it took",
    "UPDATE ledger_entry SET id = id + 9000000 WHERE lot_id = {lot}": (
        "an entry was written before the one that it follows"
    ),
}
ACROSS = "an entry took from another wallet's lot"
HISTORY = ("ledger_entry", "ledger_allocation", "ledger_seal", "ledger_lot")


def as_owner(*statements: str) -> None:
    """Do what the application's role may not, with the triggers off, past the row-level policies."""
    url = urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    owner = psycopg2.connect(urlunsplit(url))
    with owner, owner.cursor() as cursor:
        for table in HISTORY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount, f"nothing was tampered with by {statement}"
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else keys wait for the commit and hold the tables until then
        for table in HISTORY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    owner.close()


@pytest.fixture
def buyer(committed_club: Club) -> Member:
    """A member who earned and spent credit."""
    shop = Shop(committed_club)
    shop.programme(credit_bp=1_000, rial_per_point=10_000)
    member = shop.member()
    shop.buys(member, 1_000_000)
    shop.buy(PurchaseOrder(member_id=member.pk, amount=500_000, pay_with=PayWith(credit=40_000)))
    return member


def verified(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("verify_ledger", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_an_honest_ledger_is_clean(committed_club: Club, buyer: Member) -> None:
    code, said = verified("--club", committed_club.slug)

    assert (code, said) == (0, f"{committed_club.slug}: clean (4 wallets, 5 entries)\n")


def test_every_proof_has_a_tampering() -> None:
    assert {*TAMPERINGS.values(), ACROSS} == set(PROOFS)


def test_two_spendings_that_changed_their_lots_are_found(committed_club: Club, buyer: Member) -> None:
    other = Shop(committed_club).member(opening_credit=40_000)
    Shop(committed_club).buy(
        PurchaseOrder(member_id=other.pk, amount=500_000, pay_with=PayWith(credit=40_000)), key="other"
    )
    both = Allocation.objects.order_by("pk").values_list("pk", "lot_id")
    (one, first), (two, second) = both
    assert verify_ledger() == []

    as_owner(
        f"UPDATE ledger_allocation SET lot_id = CASE id WHEN {one} THEN {second} ELSE {first} END "
        f"WHERE id IN ({one}, {two})"
    )

    wallets = set(Wallet.objects.filter(unit="credit").values_list("pk", flat=True))
    assert {(fault.wallet_id, fault.what) for fault in verify_ledger()} >= {(wallet, ACROSS) for wallet in wallets}


@pytest.mark.parametrize(("tampering", "what"), TAMPERINGS.items())
def test_tampering_is_found_in_the_wallet_it_was_done_to(
    committed_club: Club, buyer: Member, tampering: str, what: str
) -> None:
    wallet = Wallet.objects.get(member=buyer, unit="credit")
    lot = Lot.objects.filter(wallet=wallet).order_by("pk")[0]

    as_owner(tampering.format(wallet=wallet.pk, lot=lot.pk))

    code, said = verified("--club", committed_club.slug)
    assert code == 1
    assert f"{committed_club.slug}: wallet {wallet.pk} (member {buyer.pk}, credit): {what}\n" in said
    assert {fault.wallet_id for fault in verify_ledger()} == {wallet.pk}


def sealed(club: Club) -> None:
    """Three days of entries, each under its seal."""
    as_owner(
        f"UPDATE ledger_entry SET created_at = created_at - make_interval(days => 4 - seq::int) WHERE club_id = {club.pk}"
    )
    assert seal_ledger(now=datetime.now(UTC)) >= 2
    assert verified("--club", club.slug)[0] == 0


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE ledger_entry SET reason = 'gift' WHERE club_id = {club} AND seq = 1",
        "UPDATE ledger_entry SET occurred_at = occurred_at + interval '1 s' WHERE club_id = {club} AND seq = 1",
        "UPDATE ledger_seal SET digest = repeat('0', 64) WHERE club_id = {club}",
        "DELETE FROM ledger_seal WHERE id = (SELECT min(id) FROM ledger_seal WHERE club_id = {club})",
        "DELETE FROM ledger_seal WHERE id = (SELECT max(id) FROM ledger_seal WHERE club_id = {club})",
        "DELETE FROM ledger_seal WHERE club_id = {club}",
    ],
)
def test_what_the_sums_do_not_show_the_seals_do(committed_club: Club, buyer: Member, tampering: str) -> None:
    sealed(committed_club)

    as_owner(tampering.format(club=committed_club.pk))

    code, said = verified("--club", committed_club.slug)
    assert code == 1
    assert f"{committed_club.slug}: the seal of " in said


def test_all_clubs_are_proven_unless_one_is_named(committed_club: Club, buyer: Member) -> None:
    other = fresh_club("دیگری")
    as_owner(f"UPDATE ledger_wallet SET balance = balance + 1 WHERE club_id = {committed_club.pk} AND version > 0")

    code, said = verified()

    assert code == 1
    assert f"{other.slug}: clean" in said and f"{committed_club.slug}: wallet" in said
    assert verified("--club", other.slug) == (0, f"{other.slug}: clean (0 wallets, 0 entries)\n")
    assert verified("--club", "nowhere") == (2, "there is no club nowhere")


def test_the_nightly_proof_keeps_what_it_found(committed_club: Club, buyer: Member) -> None:
    wallet = Wallet.objects.get(member=buyer, unit="points")
    as_owner(f"UPDATE ledger_wallet SET balance = balance + 1 WHERE id = {wallet.pk}")
    due_at = NOON + timedelta(seconds=wallet.pk)

    outcome = run_in_club(JOBS["prove_ledger"], committed_club.pk, due_at=due_at, now=due_at)

    assert outcome.failed
    assert outcome.text.startswith(f"2 faults: wallet {wallet.pk}: the balance is not the sum of the entries")
