"""Makes a club and its owner."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from accounts.services import make_owner
from core.commands import ClubCommand
from core.errors import AppError, Conflict, ValidationFailed
from core.language import NAMES
from core.phones import normalise_phone
from core.services import create_club
from core.tenancy.scope import club_scope
from sms.wording import portal_link


class Command(ClubCommand):
    help = "Makes an empty club and its owner, and prints the owner's first password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="its address: SLUG.BASE_DOMAIN; latin letters, digits, dashes")
        parser.add_argument("--name", required=True, help="as people read it")
        parser.add_argument("--owner-phone", required=True, metavar="PHONE", help="mobile of the owner, in any form")
        parser.add_argument("--owner-name", default="", metavar="NAME")
        parser.add_argument("--language", default="fa", choices=list(NAMES), help="of its pages, messages and API")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, phone = options["slug"], options["owner_phone"]
        try:
            stored = normalise_phone(phone)
            with transaction.atomic():
                club = create_club(slug=slug, name=options["name"], language=options["language"])
                with club_scope(club):
                    user, password = make_owner(phone=stored, name=options["owner_name"], actor="system")
        except Conflict as taken:
            raise CommandError(f"SLUG {slug}: there is a club with this address already") from taken
        except ValidationFailed as wrong:
            raise CommandError(str(wrong)) from wrong
        except AppError as wrong:
            raise CommandError(f"--owner-phone {phone}: {wrong.detail}") from wrong
        self.stdout.write(f"Club:     {club.name}  ({portal_link(club)}/)")
        self.stdout.write(f"Owner:    {user.phone}")
        self.stdout.write(f"Password: {password or '(as before: this person has one already)'}")
