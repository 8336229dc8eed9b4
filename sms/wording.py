"""What is to be done with a message that is due: the words and the line it goes out with, or why it does not."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from core.models import Club, ClubHost
from core.tenancy.scope import current_club
from sms.account import Account
from sms.kinds import ADVERTISING, OTP, Kind, kind_of, known
from sms.models import OutboxMessage, Silence, SmsTemplate, Suppression
from sms.parts import with_opt_out
from sms.states import CODE_VALID, GIVE_UP_AFTER, opens_at
from sms.templates import faults, render, unreadable

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ready:
    """Send this text from this line; no line is the account's default."""

    text: str
    sender: str


@dataclass(frozen=True)
class Skip:
    """Do not send, ever; `code` says why."""

    code: str


@dataclass(frozen=True)
class Wait:
    """Not before then."""

    until: datetime


Verdict = Ready | Skip | Wait


class Desk:
    """Everything a batch is judged by, read once: templates, suppressions, the club's name, unit, zone and address."""

    def __init__(self, account: Account, messages: Iterable[OutboxMessage], *, now: datetime) -> None:
        messages = list(messages)
        self.account, self.now, self.club = account, now, current_club()
        self.templates = {one.kind: one for one in SmsTemplate.objects.filter(kind__in={m.kind for m in messages})}
        suppressed = Suppression.objects.filter(phone__in={m.phone for m in messages})
        self.suppressed = {one.phone: one.reason for one in suppressed}
        readers = {m.member_id for m in messages if m.member_id and m.message_class != OTP}
        silent = Silence.objects.filter(member_id__in=readers).values_list("member_id", flat=True) if readers else ()
        self.silent = set(silent)
        self.link = portal_link(self.club)

    def judge(self, message: OutboxMessage) -> Verdict:
        """Send, skip or wait, by the class of the message."""
        template = self.templates.get(message.kind)
        if template:
            message.message_class = template.message_class
        message_class = message.message_class
        if message_class == OTP:
            return self._judge_code(message)
        if reason := self._refusal(message, template, message_class):
            return Skip(reason)
        if message_class == ADVERTISING and (until := opens_at(self.now, self.account.window, self.club.time_zone)):
            return Wait(until)
        text = self.words(message)
        if text is None:
            return Skip("bad_template")
        may_be_left = kind_of(message.kind).may_be_left
        return Ready(with_opt_out(text) if may_be_left else text, self._line(message_class))

    def words(self, message: OutboxMessage) -> str | None:
        """The text by the club's template, or by the default one; None when it cannot be read."""
        kind = known(message.kind)
        if kind is None:
            return None
        template = self.templates.get(message.kind)
        own = template.text if template else None
        if kind.carried:
            own = str(message.context.get("words") or "")
        if own is not None and kind.message_class == OTP and faults(kind, own):  # without the code it lets nobody in
            log.error("the club's text of %s is of no use; the default one is sent", kind.code)
            own = None
        if own is not None and (not own.strip() or unreadable(kind, own)):
            return None
        club = self.club
        # The club writes its own texts in its language; the default ones speak the reader's.
        language = club.language if own is not None else message.context.get("language") or club.language
        try:
            with translation.override(language):
                text = str(kind.text) if own is None else own
                return render(kind, text, message.context, club_name=club.name, unit=club.currency_unit, link=self.link)
        except (TypeError, ValueError):  # one message of nonsense must not hold up its whole batch
            log.exception("the context of SMS %s cannot be put into words", message.pk)
            return None

    def _judge_code(self, message: OutboxMessage) -> Verdict:
        if self.now - message.created_at > CODE_VALID:
            return Skip("expired")
        text = self.words(message)
        return Skip("bad_template") if text is None else Ready(text, self.account.line)

    def _refusal(self, message: OutboxMessage, template: SmsTemplate | None, message_class: str) -> str:
        advertising = message_class == ADVERTISING
        reason, kind = self.suppressed.get(message.phone), known(message.kind)
        if template and not template.enabled:
            return "template_off"
        if self.now - message.created_at > GIVE_UP_AFTER:
            return "gave_up"
        if message.member_id in self.silent and (advertising or (kind and kind.invites)):
            return "blocked_member"
        if reason == Suppression.Reason.OPERATOR:
            return "no_advertising" if advertising else ""
        if reason and not (reason == Suppression.Reason.MANUAL and kind and kind.always):
            return "opted_out"
        if advertising and self.account.line and not self.account.advertising_line:
            return "advertising_line"
        return ""

    def _line(self, message_class: str) -> str:
        return self.account.advertising_line if message_class == ADVERTISING else self.account.line


def default_text(kind: Kind) -> str:
    """What the club in scope sends of this kind until it has words of its own, in the club's language."""
    with translation.override(current_club().language):
        return str(kind.text)


def portal_link(club: Club) -> str:
    """The address of the club's portal: its own host, or its place under the base domain."""
    public = urlsplit(settings.PUBLIC_URL)
    own = ClubHost.objects.filter(serves=club).order_by("pk").first()
    host = own.host if own else f"{club.slug}.{settings.BASE_DOMAIN}"
    scheme = public.scheme or ("https" if settings.HTTPS_ONLY else "http")
    return f"{scheme}://{host}" + (f":{public.port}" if public.port else "")
