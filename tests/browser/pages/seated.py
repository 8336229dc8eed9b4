"""Who looks at pages: the people of the club that has something of everything, and a browser for each of them."""

from dataclasses import dataclass, field

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import two_factor
from accounts.models import User
from config.demo.cast import Staff
from core.models import Club
from core.tenancy.scope import club_scope
from tests.accounts.cast import PASSWORD, add_role, code_at, person, signed_in
from tests.browser.pages.hired import FORMER_AGENT, NEW_AGENT

STAFF = (
    Staff("owner", "09130000001", "نسرین کاویانی"),
    Staff("manager", "09130000002", "بهرام صادقی"),
    Staff("cashier", "09130000003", "لیلا رستمی"),
    Staff("sales", "09130000004", "کاوه پارسا"),
)
SECURED = "09130000010"
MEMBER, NEWCOMER, INDEBTED, SAME_LAST_DIGITS = "09121234567", "09127654321", "09121112233", "09358884567"
WAITING, ASKED = "09127778899", "09127778800"


@dataclass(frozen=True)
class Seat:
    """Whose browser it is: the host it is at and the cookies it has."""

    host: str
    cookies: dict[str, str] = field(default_factory=dict)


def add_former_role(club: Club) -> User:
    """Somebody with the role of an agent still, whose contract is over."""
    user = User.objects.get(phone=FORMER_AGENT)
    add_role(user, "agent", club)
    return user


def _secure(user: User) -> None:
    """Give the person a second factor."""
    two_factor.confirm(user, code_at(two_factor.begin(user), timezone.now()), now=timezone.now())


def seats(club: Club, empty: Club, agent_phone: str) -> dict[str, Seat]:
    """A seat for everybody whom the table of pages may name."""

    def seat(user: User, at: Club = club, method: str = "password") -> Seat:
        cookies: Client = signed_in(user, at, method)
        name = settings.SESSION_COOKIE_NAME
        return Seat(f"{at.slug}.localhost", {name: cookies.cookies[name].value})

    staff = {one.role: seat(User.objects.get(phone=one.phone)) for one in STAFF}
    with club_scope(club):
        _secure(person("cashier", phone=SECURED, name="نیما راستین", password=PASSWORD))
        others = {role: seat(person(role, name="هومن شفیعی")) for role in ("support", "caller")}
    founder = person(name="پریسا امینی")
    add_role(founder, "owner", empty)
    members = {
        name: seat(person(phone=phone), method="otp")
        for name, phone in {
            "member": MEMBER,
            "newcomer": NEWCOMER,
            "indebted": INDEBTED,
            "waiting": WAITING,
            "asked": ASKED,
        }.items()
    }
    agents = {
        name: seat(User.objects.get(phone=phone), method="otp")
        for name, phone in {"agent": agent_phone, "new_agent": NEW_AGENT}.items()
    }
    agents["former_agent"] = seat(add_former_role(club), method="otp")
    return {
        "visitor": Seat(f"{club.slug}.localhost"),
        "halfway": Seat(f"{club.slug}.localhost"),
        "lost": Seat("localhost"),
        "phones": Seat("127.0.0.1"),
        "stranger": seat(person(), method="otp"),
        "founder": seat(founder, empty),
        **staff,
        **others,
        **agents,
        **members,
    }
