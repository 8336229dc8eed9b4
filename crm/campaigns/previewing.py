"""What a campaign will come to before it is sent: how many it reaches, the words of real members, parts and cost."""

from dataclasses import dataclass, field
from datetime import datetime

from club.members.models import Member
from core.errors import Text
from core.languages import clubs_language
from core.tenancy.scope import current_club
from crm.campaigns.audience import count_of, judged
from crm.campaigns.drafting import problems
from crm.campaigns.models import Campaign, CampaignMember
from crm.campaigns.wording import KIND, code_ends_at, contexts, faults, speaker
from crm.mail.outbox import one_line
from sms.lint import Finding, lint
from sms.preview import Preview, preview
from sms.selectors import price_of_part
from sms.wording import portal_link

Outcome, Gives = CampaignMember.Outcome, Campaign.Gives
SHOWN, WEIGHED = 3, 50
MADE_UP_CODE = "K7MP3QXR"


@dataclass(frozen=True)
class Sample:
    """The message as one real member will read it."""

    member: Member
    words: Preview
    subject: str = ""


@dataclass(frozen=True)
class Forecast:
    """How many get it and how many not for which reason; the words of the first few; parts in all, and Rial.

    `parts` and `cost` are reckoned from the first fifty; `cost` is None where no part was paid yet. `problems` keep it
    from being sent, `findings` are worth a look.
    """

    counts: dict[str, int]
    samples: list[Sample] = field(default_factory=list)
    parts: int = 0
    cost: int | None = None
    gift: int = 0
    problems: dict[str, list[Text]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many would be written to."""
        return self.counts.get(Outcome.SENT, 0)

    @property
    def audience(self) -> int:
        """How many it is meant for."""
        return sum(self.counts.values())

    @property
    def left_out(self) -> list[tuple[str, int]]:
        """Why the others get none, in words, the most frequent first."""
        rows = [(name, number) for name, number in self.counts.items() if name != Outcome.SENT]
        return [(str(Outcome(name).label), number) for name, number in sorted(rows, key=lambda row: -row[1])]


def forecast(campaign: Campaign, *, now: datetime) -> Forecast:
    """What sending it would come to, now or at its time; nothing is written, and any audience costs as many queries."""
    found, price = problems(campaign, now=now), price_of_part(now)
    now = max(now, campaign.starts_at or now)
    counts = count_of(campaign, now=now)
    sent = counts.get(Outcome.SENT, 0)
    if "text" in found:
        return Forecast(counts, problems=found)
    rows = judged(campaign, now=now).filter(outcome=Outcome.SENT).order_by("pk")[:WEIGHED]
    members = list(rows)
    seen = words_for(campaign, members, now=now)
    each = sum(one.parts for one in seen) / len(seen) if seen else 0
    parts = round(each * sent)
    subjects = subjects_for(campaign, members[:SHOWN], now=now)
    return Forecast(
        counts=counts,
        samples=[Sample(*row) for row in zip(members[:SHOWN], seen[:SHOWN], subjects, strict=True)] if seen else [],
        parts=parts,
        cost=None if price is None else price * parts,
        gift=campaign.amount * sent,
        problems=found,
        findings=findings_of(campaign, seen),
    )


def findings_of(campaign: Campaign, seen: list[Preview]) -> list[Finding]:
    """What operators will hold against the words of an SMS."""
    if campaign.channel != Campaign.Channel.SMS or not seen:
        return []
    return lint(seen[0].words, club_name=current_club().name)


def words_for(campaign: Campaign, members: list[Member], *, now: datetime) -> list[Preview]:
    """The message as each of these would read it, with a made-up code; a text with faults makes none."""
    if faults(campaign.text, campaign.gives):
        return []
    codes = {member.pk: MADE_UP_CODE for member in members} if campaign.gives == Gives.COUPON else {}
    ends_at = code_ends_at(campaign, now)
    said = contexts(campaign, members, codes, ends_at=ends_at, at=now)
    if campaign.channel != Campaign.Channel.SMS:
        say = speaker()
        return [Preview(say(campaign.text, said[one.pk]), 0, 0, 0, is_unicode=True) for one in members]
    club, link = current_club(), portal_link(current_club())
    with clubs_language():
        return [
            preview(KIND, campaign.text, said[one.pk], club_name=club.name, unit=club.currency_unit, link=link)
            for one in members
        ]


def subjects_for(campaign: Campaign, members: list[Member], *, now: datetime) -> list[str]:
    """The subject of the e-mail as each of these would read it, as it is typed where it has faults; else none."""
    subject = campaign.subject if campaign.channel == Campaign.Channel.EMAIL else ""
    if not subject or faults(subject, campaign.gives, is_whole=False):
        return [subject] * len(members)
    codes = {member.pk: MADE_UP_CODE for member in members} if campaign.gives == Gives.COUPON else {}
    said = contexts(campaign, members, codes, ends_at=code_ends_at(campaign, now), at=now)
    say = speaker()
    return [one_line(say(subject, said[one.pk])) for one in members]
