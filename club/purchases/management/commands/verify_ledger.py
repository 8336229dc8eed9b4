"""Proves the ledger of all clubs, or of one, with the purchases and refunds it came from."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from club.ledger.models import Entry, Wallet
from club.ledger.proof import Fault
from club.purchases.proof import verify_value
from core.commands import ClubCommand, club_named
from core.models import Club
from core.tenancy.scope import club_scope

FAULTY = 1


class Command(ClubCommand):
    help = "Proves that entries, balances, lots, seals and documents fit; otherwise names what does not, exit code 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--club", metavar="SLUG", help="only this club; otherwise all of them")

    def handle(self, *args: Any, club: str | None, **options: Any) -> None:
        clubs = Club.objects.order_by("slug") if club is None else [club_named(club)]
        faulty = False
        for each in clubs:
            with club_scope(each):
                faults = verify_value()
                if not faults:
                    counted = f"{Wallet.objects.count()} wallets, {Entry.objects.count()} entries"
                    self.stdout.write(f"{each.slug}: clean ({counted})")
                for fault in faults:
                    faulty = True
                    self.stdout.write(f"{each.slug}: {_named(fault)}")
        if faulty:
            sys.exit(FAULTY)


def _named(fault: Fault) -> str:
    if not fault.wallet_id:
        return fault.what
    wallet = Wallet.objects.filter(pk=fault.wallet_id).first()
    whose = f" (member {wallet.member_id}, {wallet.unit})" if wallet else ""
    return f"wallet {fault.wallet_id}{whose}: {fault.what}"
