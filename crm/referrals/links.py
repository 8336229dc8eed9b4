"""The short link of whoever brings others: whose it is, how often it was opened, and by which browser."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from club.members.models import AgentCode, Member
from club.members.referral_codes import normal_code
from core.errors import Text
from core.tenancy.scope import current_club_id
from crm.referrals.models import MemberDevice

NETWORKS: dict[str, Text] = {
    "telegram": _("تلگرام"),
    "instagram": _("اینستاگرام"),
    "whatsapp": _("واتساپ"),
    "rubika": _("روبیکا"),
    "eitaa": _("ایتا"),
    "bale": _("بله"),
    "sms": _("پیامک"),
    "qr": _("کد QR"),
}
"""Where a link may have stood: `?s=` of it."""
CHANNEL = "referral"
"""What a member's `source` begins with who came by such a link; the network follows."""


@dataclass(frozen=True)
class Inviter:
    """Who invites: by a member's or an agent's open code. `first_name` may be blank."""

    code: str
    first_name: str
    member_id: int | None = None


def inviter_of(code: str) -> Inviter | None:
    """Whose link it is; None for a code of nobody, one that is closed, and of who left or may not bring anybody."""
    wanted = normal_code(code)
    known = Member.objects.select_related("merged_into").filter(referral_code=wanted).first() if wanted else None
    if known is not None:
        person = known.merged_into or known
        is_here = person.status == Member.Status.ACTIVE
        return Inviter(wanted, person.first_name, person.pk) if is_here else None
    agent = AgentCode.objects.filter(code=wanted, is_active=True).first()
    return Inviter(wanted, agent.name.partition(" ")[0]) if agent else None


def network_of(text: str) -> str:
    """The network that a link names, blank for any other text."""
    return text if text in NETWORKS else ""


def source_of(network: str) -> str:
    """What is kept with the member as where they came from."""
    return f"{CHANNEL}:{network}" if network else CHANNEL


@transaction.atomic
def count_click(code: str, network: str) -> None:
    """Count one opening of the link: one statement, whoever opens it at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO referrals_linkclicks (club_id, code, source, clicks) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (club_id, code, source) DO UPDATE SET clicks = referrals_linkclicks.clicks + 1",
            [current_club_id(), code, network],
        )


def device_of(cookie: str) -> str:
    """A browser as it is remembered: a keyed hash of its cookie that says nothing by itself, another in each club."""
    return salted_hmac("referrals.device", f"{current_club_id()}:{cookie}", algorithm="sha256").hexdigest()


@transaction.atomic
def note_device(member_id: int, device: str) -> None:
    """Remember that the member used this browser; `device` is what `device_of` says of it."""
    MemberDevice.objects.get_or_create(member_id=member_id, device=device)
