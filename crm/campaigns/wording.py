"""What a campaign may say to a member, and what of it is known of each; the words are made when they are sent."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from club.ledger.selectors import balances_of
from club.members.models import Member
from club.members.reaching import in_language_of
from club.tiers.models import Tier
from core.jalali import day_bounds, last_day, local_date
from core.languages import clubs_language
from core.tenancy.scope import club_zone, current_club
from crm.campaigns.models import Campaign
from crm.referrals.selectors import links_of
from sms.kinds import ADVERTISING, DAY, LATIN, MONEY, NUMBER, TEXT, Kind
from sms.templates import PLACEHOLDER, missing_from, render, unreadable
from sms.wording import portal_link

KIND = Kind(
    "campaign",
    _("پیام کارزار"),
    ADVERTISING,
    _("{club}\n[[{name} عزیز، ]]پیشنهاد تازه‌ای برایت داریم."),
    {
        "name": TEXT,
        "points_balance": NUMBER,
        "credit_balance": MONEY,
        "tier": TEXT,
        "points": NUMBER,
        "credit": MONEY,
        "code": LATIN,
        "expires": DAY,
        "referral_link": LATIN,
    },
    carried=True,
)
WITH_CODE, WITH_END = replace(KIND, needs=("code",)), replace(KIND, needs=("expires",))


def asked_by(text: str) -> set[str]:
    """The placeholders of a text."""
    return set(PLACEHOLDER.findall(text))


def faults(text: str, gives: str, *, is_whole: bool = True) -> list[str]:
    """Why the text cannot be sent with this gift, for who wrote it; empty where it can.

    `is_whole`: it is all that the member reads, and no subject above the text.
    """
    found = unreadable(KIND, text)
    if not text.strip():
        return [str(_("متن خالی است."))]
    if gives != Campaign.Gives.COUPON and not missing_from(WITH_CODE, text):
        found.append(str(_("جای‌گذار {code} تنها وقتی پر می‌شود که کارزار کد شخصی می‌دهد.")))
    if gives != Campaign.Gives.COUPON and says_an_end(text):
        found.append(str(_("جای‌گذار {expires} تنها وقتی پر می‌شود که کارزار کد شخصی می‌دهد.")))
    if is_whole and gives == Campaign.Gives.COUPON and "code" not in asked_by(text):
        found.append(str(_("هر عضو یک کد می‌گیرد؛ {code} را در متن بنویسید.")))
    return found


def code_ends_at(campaign: Campaign, at: datetime) -> datetime | None:
    """When codes given at this moment end: so many local days on, no later than their offer; None where none is."""
    if campaign.gives != Campaign.Gives.COUPON or campaign.offer is None:
        return None
    zone, ends = club_zone(), [campaign.offer.ends_at]
    if campaign.valid_days is not None:
        ends.append(day_bounds(local_date(at, zone) + timedelta(days=campaign.valid_days), zone)[1])
    return min((end for end in ends if end), default=None)


def notice_ends_at(campaign: Campaign, at: datetime) -> datetime:
    """When a notice written at this moment is gone from the panel: so many local days on, or with its code."""
    zone = club_zone()
    last = day_bounds(local_date(at, zone) + timedelta(days=campaign.notice_days), zone)[1]
    return min(last, code_ends_at(campaign, at) or last)


def says_an_end(text: str) -> bool:
    """Whether the end of a code stands in the text, whether there is one or not."""
    return not missing_from(WITH_END, text)


def contexts(
    campaign: Campaign, members: Sequence[Member], codes: Mapping[int, str], *, ends_at: datetime | None, at: datetime
) -> dict[int, dict[str, Any]]:
    """What is known of each member by the names of the placeholders that the text has; a query for each kind of them.

    `codes`: the code of each. The text goes along, so that a message stays what it was when the campaign is gone.
    """
    asked = asked_by(campaign.text) | asked_by(campaign.subject)
    same = {"words": campaign.text, **_of_gift(campaign, asked, ends_at)}
    balances = _balances(members, asked, at)
    tiers = dict(Tier.objects.values_list("code", "name")) if "tier" in asked else {}
    network = "sms" if campaign.channel == Campaign.Channel.SMS else ""
    links = links_of([member.referral_code for member in members], network) if "referral_link" in asked else {}
    found = {}
    for member in members:
        said = {**same, **balances.get(member.pk, {}), **in_language_of(member)}
        if "name" in asked:
            said["name"] = member.first_name or member.full_name
        if "tier" in asked:
            said["tier"] = tiers.get(member.tier_code, "")
        if "code" in asked:
            said["code"] = codes.get(member.pk, "")
        if links:
            said["referral_link"] = links[member.referral_code]
        found[member.pk] = said
    return found


def speaker() -> Callable[[str, Mapping[str, Any]], str]:
    """What makes the words of a text for a member of whom so much is known, in the club's language."""
    club = current_club()
    link = portal_link(club)

    def say(text: str, said: Mapping[str, Any]) -> str:
        with clubs_language():
            return render(KIND, text, said, club_name=club.name, unit=club.currency_unit, link=link)

    return say


def _of_gift(campaign: Campaign, asked: Collection[str], ends_at: datetime | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if "expires" in asked and ends_at:
        said["expires"] = last_day(ends_at, club_zone()).isoformat()
    for name in ("points", "credit"):
        if name in asked and campaign.gives == name:
            said[name] = campaign.amount
    return said


def _balances(members: Sequence[Member], asked: Collection[str], at: datetime) -> dict[int, dict[str, int]]:
    if not {"points_balance", "credit_balance"} & set(asked):
        return {}
    found = balances_of([member.pk for member in members], at)
    return {pk: {"points_balance": has.points, "credit_balance": has.credit} for pk, has in found.items()}
