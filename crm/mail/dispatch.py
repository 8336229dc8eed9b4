"""Sending what waits in the outbox of mails of the club in scope: claim, judge, send one by one, record each.

The server is called outside every transaction, and what it says of a mail is written before the next one leaves. Where
an answer was lost the mail is tried again, as SMTP asks for (RFC 5321, 4.5.4), under the Message-ID that it had: of two
with one id mailboxes keep one.
"""

import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from club.members.models import Member
from core.jalali import local_date
from core.tenancy.scope import club_zone, current_club
from crm.mail.models import WAITING, Mail
from crm.mail.wording import message_of
from crm.notices.services import notify_staff
from sms.account import account
from sms.states import back_off, opens_at

log = logging.getLogger(__name__)
Status = Mail.Status
CLAIM, MOST = 50, 500
"""So many are taken at once, and in one run, so that other clubs have their turn."""
TELL_AFTER = 3
"""So many tries in vain, some three minutes, and the staff hear of it, once a day."""
OUTBOX = "/desk/admin/club_mail/mail/"
LEASE = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(hours=72)
FINAL_CODES = range(500, 600)


class ServerLost(Exception):
    """Every mail waits."""


def dispatch_due(*, now: datetime) -> int:
    """Send what is due; how many were taken in hand. Stops at the first trouble of the server."""
    taken, began = 0, monotonic()
    while taken < MOST:
        passed = timedelta(seconds=monotonic() - began)  # else the lease of a slow run's last mails were over
        batch = _claim(now, until=now + passed + LEASE)
        taken += len(batch)
        if not batch or not _run(batch, now):
            break
    return taken


@transaction.atomic(durable=True)
def _claim(now: datetime, *, until: datetime) -> list[Mail]:
    due = Mail.objects.filter(status__in=WAITING, next_attempt_at__lte=now).order_by("next_attempt_at", "id")
    batch = list(due.select_for_update(skip_locked=True, of=("self",))[:CLAIM])
    Mail.objects.filter(pk__in=[mail.pk for mail in batch]).update(
        status=Status.SENDING, attempts=F("attempts") + 1, next_attempt_at=until
    )
    for mail in batch:
        mail.attempts += 1
    return batch


def _run(batch: Sequence[Mail], now: datetime) -> bool:
    """Whether the server is well; everything is recorded either way."""
    readers = _readers(batch)
    ready = [mail for mail in batch if _may_leave(mail, readers[mail.member_id], now)]
    if not ready:
        return True
    server = get_connection()
    try:
        server.open()  # kept for all of them
    except (smtplib.SMTPException, OSError) as trouble:
        return _wait(ready, ServerLost(_told(trouble)), now)
    for place, mail in enumerate(ready):
        if not _is_ours(mail):
            continue
        try:
            _send(server, mail, readers[mail.member_id], now)
        except ServerLost as trouble:
            return _wait(ready[place:], trouble, now)
    _close(server)
    return True


def _is_ours(mail: Mail) -> bool:
    """Whether nobody took it since: a server may be so slow that the lease is over."""
    return bool(Mail.objects.filter(pk=mail.pk, status=Status.SENDING, attempts=mail.attempts).exists())


def _wait(mails: Sequence[Mail], trouble: ServerLost, now: datetime) -> bool:
    log.warning("mails of this club wait: %s", trouble)
    if mails[0].attempts >= TELL_AFTER:
        day = local_date(now, club_zone())
        said = _("سرور ایمیل پاسخ نمی‌دهد و ایمیل‌ها در صف می‌مانند؛ پاسخش: %(trouble)s") % {"trouble": trouble}
        notify_staff(said, document=f"mail-server:{day}", right="send_campaigns", link=OUTBOX, now=now)
    _put_back(mails, until=now + back_off(mails[0].attempts), error=trouble)
    return False


def _readers(batch: Sequence[Mail]) -> dict[int, Member]:
    """Who gets each mail now: the member, or who took the record over."""
    rows = Member.objects.select_related("merged_into").filter(pk__in={mail.member_id for mail in batch})
    return {row.pk: row.merged_into or row for row in rows}


def _may_leave(mail: Mail, reader: Member, now: datetime) -> bool:
    """Whether it leaves now; why it never does, or until when it waits, is written."""
    if now - mail.created_at > GIVE_UP_AFTER and mail.attempts > 1:
        _end(mail, Status.FAILED, mail.error_code or "gave_up", mail.error_text, now)
        return False
    reason = _refusal(mail, reader)
    if reason:
        _end(mail, Status.SKIPPED, reason, "", now)
        return False
    opening = opens_at(now, account().window, current_club().time_zone) if mail.is_advertising else None
    if opening:
        _put_back([mail], until=opening)
        return False
    return True


def _refusal(mail: Mail, reader: Member) -> str:
    if reader.status == Member.Status.ERASED or not reader.email:
        return "no_address"
    if mail.is_advertising and (reader.status != Member.Status.ACTIVE or not reader.email_consent):
        return "no_consent"
    return ""


def _send(server: BaseEmailBackend, mail: Mail, reader: Member, now: datetime) -> None:
    """Send and record; a refusal of this mail alone is its own. Raises ServerLost."""
    mail.address = reader.email
    try:
        server.send_messages([message_of(mail, address=reader.email, language=reader.language)])
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        _refused(mail, code, said, now)
    except smtplib.SMTPDataError as refused:
        _refused(mail, refused.smtp_code, refused.smtp_error, now)
    except smtplib.SMTPException as trouble:  # the sender, the password, a server that went away: not the mail
        raise ServerLost(_told(trouble)) from trouble
    except OSError as trouble:
        raise ServerLost(_told(trouble)) from trouble
    except ValueError as wrong:  # an address or words of which no mail can be made
        _end(mail, Status.FAILED, "bad_mail", str(wrong), now)
    else:
        kept = {"status": Status.SENT, "address": mail.address, "error_code": "", "error_text": ""}
        Mail.objects.filter(pk=mail.pk).update(**kept, sent_at=now, final_at=now)


def _refused(mail: Mail, code: int, said: bytes | str, now: datetime) -> None:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    if code in FINAL_CODES:
        _end(mail, Status.FAILED, str(code), text, now)
    else:
        _put_back([mail], until=now + back_off(mail.attempts), error=ServerLost(f"{code} {text}"))


def _end(mail: Mail, status: str, code: str, text: str, now: datetime) -> None:
    kept = {"status": status, "address": mail.address, "error_code": code[:20], "error_text": text[:300]}
    Mail.objects.filter(pk=mail.pk).update(**kept, final_at=now)


def _put_back(mails: Sequence[Mail], *, until: datetime, error: ServerLost | None = None) -> None:
    """They wait; that advertising is not sent at this hour does not count as a try."""
    Mail.objects.filter(pk__in=[mail.pk for mail in mails], status=Status.SENDING).update(
        status=Status.QUEUED,
        attempts=F("attempts") - (0 if error else 1),
        next_attempt_at=until,
        error_code="later" if error else "",
        error_text=str(error or "")[:300],
    )


def _close(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except (smtplib.SMTPException, OSError):
        log.info("the mail server did not say good-bye")


def _told(trouble: Exception) -> str:
    """What happened, without the words of the mail."""
    if isinstance(trouble, smtplib.SMTPResponseException):
        said = trouble.smtp_error
        return f"{trouble.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return f"{type(trouble).__name__}: {trouble}"[:300]
