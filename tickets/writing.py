"""The rows of a message: a comment, and the files that came with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import TextField, Value
from django.db.models.functions import Concat, Left

from accounts.models import User
from core.errors import AppError, ValidationFailed
from core.text import search_key
from tickets.files import MOST_FILES, MOST_TOTAL, TOO_LARGE, TOO_MANY, KeptFile, SentFile, kept
from tickets.models import Attachment, AttachmentBytes, Comment, Ticket

MOST_WORDS = 4_000
"""So many letters of a ticket's messages are searched."""


def kept_files(files: Sequence[SentFile]) -> list[KeptFile]:
    """What is kept of the files of one message. Raises ValidationFailed (attachments)."""
    if len(files) > MOST_FILES:
        raise ValidationFailed({"attachments": [TOO_MANY]})
    if sum(len(one.data) for one in files) > MOST_TOTAL:
        raise ValidationFailed({"attachments": [TOO_LARGE]})
    try:
        return [kept(one) for one in files]
    except AppError as refused:
        raise ValidationFailed({"attachments": [refused.detail]}) from refused


def write(
    ticket: Ticket,
    text: str,
    files: Sequence[KeptFile],
    *,
    side: str,
    user: User | None,
    actor: str,
    now: datetime,
    is_internal: bool = False,
    token: str = "",
) -> Comment:
    """Keep a message that was checked, in the running transaction."""
    comment: Comment = Comment.objects.create(
        ticket=ticket,
        side=side,
        user=user,
        actor=actor,
        text=text,
        is_internal=is_internal,
        created_at=now,
        token=token,
    )
    _let_find(ticket, text)
    for file in files:
        attachment = Attachment.objects.create(
            comment=comment,
            name=file.name,
            media_type=file.media_type,
            size=len(file.data),
            digest=file.digest,
            width=file.width,
            height=file.height,
        )
        AttachmentBytes.objects.create(attachment=attachment, data=file.data)
    return comment


def _let_find(ticket: Ticket, text: str) -> None:
    """Let a search find the ticket by these words, too."""
    added = Concat("words", Value(f" {search_key(text)}"), output_field=TextField())
    Ticket.objects.filter(pk=ticket.pk).update(words=Left(added, MOST_WORDS))
