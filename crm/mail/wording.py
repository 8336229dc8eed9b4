"""A mail as it leaves: text, the same in the club's look, and the ways to leave."""

from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language_bidi

from core.branding import light_tokens
from core.tenancy.scope import current_club
from crm.mail.leaving import leaving_link
from crm.mail.models import Mail
from crm.mail.outbox import one_line
from sms.wording import portal_link


def message_of(mail: Mail, *, address: str, language: str) -> EmailMultiAlternatives:
    """The mail to this address. Its Message-ID is the row's own: who gets it twice, by a lost answer, keeps one."""
    club = current_club()
    home, leaving = portal_link(club), leaving_link(mail.member_id)
    link = home + mail.link if mail.link.startswith("/") else mail.link
    with translation.override(language or club.language):
        context = {
            "subject": mail.subject,
            "paragraphs": [part for part in mail.text.split("\n") if part.strip()],
            "link": link,
            "club": club,
            "home": home,
            "leaving": leaving,
            "brand": light_tokens(club.brand_colour)["--brand"],
            "direction": "rtl" if get_language_bidi() else "ltr",
            "align": "right" if get_language_bidi() else "left",
            "language": translation.get_language(),
        }
        html, plain = render_to_string("mail/message.html", context), render_to_string("mail/message.txt", context)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=plain.strip() + "\n",
        from_email=formataddr((one_line(club.name), settings.DEFAULT_FROM_EMAIL)),
        to=[address],
        headers={
            "Message-ID": f"<mail.{mail.club_id}.{mail.pk}@{domain}>",
            "List-Unsubscribe": f"<{leaving}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(html, "text/html")
    return message
