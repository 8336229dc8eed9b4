"""What a member allows us to send: each yes and no kept with its day, source and words; the last one counts."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import ConsentChange, Member
from club.members.selectors import member_by_phone, records_of
from core import audit
from core.errors import NotFound, ValidationFailed
from core.rows import insert_rows
from sms.inbound import off_our_list, opt_in, opt_out, opt_out_many
from sms.models import Suppression

LIST = "import"
Answers = Sequence[tuple[Member, bool | None]]
"""Newcomers of a list, each with the yes or no that it gives; None where it says nothing."""

FIELDS = {ConsentChange.Channel.SMS.value: "sms_consent", ConsentChange.Channel.EMAIL.value: "email_consent"}


@transaction.atomic
def change_consent(
    member_id: int, *, channel: str, given: bool, source: str, actor: str, now: datetime, text: str = ""
) -> Member:
    """Note that the member allows messages over the channel or does not; what is so already changes nothing.

    A no to SMS puts the phone on the list that the outbox looks at, a yes takes it off. `text` are the words shown.
    Raises NotFound, ValidationFailed (channel).
    """
    if channel not in FIELDS:
        raise ValidationFailed({"channel": [_("یکی از گزینه‌ها را برگزینید.")]})
    member = Member.objects.select_for_update().filter(pk=member_id).exclude(status=Member.Status.ERASED).first()
    if member is None:
        raise NotFound
    if getattr(member, FIELDS[channel]) == given:
        return member
    if channel == ConsentChange.Channel.SMS:
        _tell_outbox(member.phone, given=given, now=now)
    return _keep(member, channel=channel, given=given, source=source, actor=actor, now=now, text=text)


@transaction.atomic
def note_reply(phone: str, *, given: bool, words: str, at: datetime) -> None:
    """Keep a yes or no that the member wrote to our line, whose phone the outbox has on or off its list already.

    Of a phone that is nobody's, and what was decided otherwise since, nothing is kept.
    """
    known = member_by_phone(phone)
    member = Member.objects.select_for_update().filter(pk=known.pk).first() if known else None
    if member is None or member.status == Member.Status.ERASED or member.sms_consent == given:
        return
    if member.sms_consent_at is None or member.sms_consent_at <= at:
        _keep(member, channel="sms", given=given, source="sms", actor=f"member:{member.pk}", now=at, text=words)


def _keep(member: Member, *, channel: str, given: bool, source: str, actor: str, now: datetime, text: str) -> Member:
    name = FIELDS[channel]
    before = getattr(member, name)
    setattr(member, name, given)
    changed = [name, "updated_at"]
    if name == "sms_consent":
        member.sms_consent_at, member.sms_consent_source = now, source
        changed += ["sms_consent_at", "sms_consent_source"]
    member.save(update_fields=changed)
    ConsentChange.objects.create(
        member=member, channel=channel, given=given, source=source, text=text[:500], actor=actor, at=now
    )
    audit.record(
        "member.consent", actor=actor, target=f"member:{member.pk}", before={name: before}, after={name: given}
    )
    return member


def note_consent_at_joining(member: Member, *, given: bool, text: str, actor: str, now: datetime) -> None:
    """Keep what a newcomer answered about SMS at `now`, with the words shown, in the running transaction.

    Who was let in later and wrote «لغو» meanwhile stays off.
    """
    allowed = given and not Suppression.objects.filter(phone=member.phone, since__gt=now).exists()
    Member.objects.filter(pk=member.pk).update(
        sms_consent=allowed, sms_consent_at=now, sms_consent_source="join", updated_at=Now()
    )
    if allowed == given:
        _tell_outbox(member.phone, given=given, now=now)
    channel = ConsentChange.Channel.SMS
    ConsentChange.objects.create(
        member=member, channel=channel, given=given, source="join", text=text[:500], actor=actor, at=now
    )


def weigh_answers(answers: Answers, *, now: datetime) -> None:
    """Set what newcomers of a list allow, who are not written yet.

    Nobody allows anything by a list that does not say so, or whose phone was taken off by its owner before.
    """
    off = off_our_list(member.phone for member, given in answers if given and member.phone)
    for member, given in answers:
        believed = given is not None and not (given and member.phone in off)
        member.sms_consent = believed and given is True
        member.sms_consent_at, member.sms_consent_source = (now, LIST) if believed else (None, "")


def keep_answers(answers: Answers, *, text: str, actor: str, now: datetime) -> None:
    """Keep the answers of newcomers that `weigh_answers` believed, who are written by now, and how they were got.

    Whoever answered at the joining page, too, stays by that. A no puts the phone on the list that the outbox looks at.
    """
    told = [(member, given) for member, given in answers if member.sms_consent_source == LIST]
    if not told:
        return
    own = set(
        ConsentChange.objects.filter(member__in=[one.pk for one, _given in told]).values_list("member_id", flat=True)
    )
    kept = [(member, given) for member, given in told if member.pk not in own]
    names = ("member_id", "channel", "given", "source", "text", "actor", "at")
    channel = ConsentChange.Channel.SMS.value
    insert_rows(ConsentChange, names, [(one.pk, channel, given, LIST, text[:500], actor, now) for one, given in kept])
    opt_out_many([one.phone for one, given in kept if not given and one.phone], now=now)


def follow_phone(member: Member, *, now: datetime) -> None:
    """Who said no to messages said it for any mobile: put the one of now on the outbox's list, in the transaction.

    Who was never asked has said nothing.
    """
    if not member.sms_consent and member.sms_consent_at:
        _tell_outbox(member.phone, given=False, now=now)


def consents_of(member_id: int) -> list[ConsentChange]:
    """Every yes and no of the member, also of records merged into this one, the newest first."""
    return list(ConsentChange.objects.filter(member__in=records_of(member_id)).order_by("-id"))


def _tell_outbox(phone: str | None, *, given: bool, now: datetime) -> None:
    if phone and given:
        opt_in(phone, now=now)
    elif phone:
        opt_out(phone, now=now, reason=Suppression.Reason.MANUAL)
