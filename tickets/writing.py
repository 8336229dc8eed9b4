"""The rows of a message: a comment, and the files that came with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User
from core.errors import AppError, ValidationFailed
from tickets.files import MOST_FILES, MOST_TOTAL, TOO_LARGE, TOO_MANY, KeptFile, SentFile, kept
from tickets.finding import let_find
from tickets.models import Attachment, AttachmentBytes, Comment, Ticket


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
    let_find(ticket.pk, text)
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
