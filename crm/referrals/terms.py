"""What the club pays for bringing friends, and how its pages speak of it."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import Text, ValidationFailed
from core.text import persian_letters
from crm.referrals.models import ReferralPage, ReferralTerms
from crm.referrals.rules import Terms

NAMES = tuple(one.name for one in fields(Terms))
MOST_DAYS, MOST_PER_DAY, MOST_FRIENDS = 365, 1_000, 100_000
LONGEST_TEXT = 300


def terms_at(moment: datetime) -> Terms:
    """What held at the moment; a club that said nothing pays the usual."""
    row = ReferralTerms.objects.filter(effective_from__lte=moment).order_by("-effective_from", "-id").first()
    return Terms(**{name: getattr(row, name) for name in NAMES}) if row else Terms()


@transaction.atomic
def change_terms(terms: Terms, *, actor: str, now: datetime) -> None:
    """Have these terms hold from now on; what was bought before keeps its own. Raises ValidationFailed by field."""
    _check(terms)
    before = terms_at(now)
    if terms == before:
        return
    row = ReferralTerms.objects.create(**asdict(terms), actor=actor, effective_from=now)
    was, held = asdict(before), asdict(terms)
    changed = [name for name in NAMES if was[name] != held[name]]
    audit.record(
        "referral_terms.update",
        actor=actor,
        target=f"referralterms:{row.pk}",
        before={name: was[name] for name in changed},
        after={name: held[name] for name in changed},
    )


def _check(terms: Terms) -> None:
    errors: dict[str, list[Text]] = {}
    if not 0 < terms.percent_bp <= 10_000:
        errors["percent_bp"] = [_("درصد را بین ۰٫۰۱ تا ۱۰۰ بنویسید.")]
    if not 0 <= terms.hold_days <= MOST_DAYS:
        errors["hold_days"] = [_("عددی از ۰ تا ۳۶۵ بنویسید.")]
    if terms.most_friends is not None and not 1 <= terms.most_friends <= MOST_FRIENDS:
        errors["most_friends"] = [_("عددی از ۱ تا ۱۰۰٬۰۰۰ بنویسید، یا خالی بگذارید.")]
    if not 0 <= terms.min_amount_rial <= 10**15:
        errors["min_amount_rial"] = [_("مبلغی درست بنویسید.")]
    if not 1 <= terms.most_a_day <= MOST_PER_DAY:
        errors["most_a_day"] = [_("عددی از ۱ تا ۱٬۰۰۰ بنویسید.")]
    if errors:
        raise ValidationFailed(errors)


def referral_page() -> ReferralPage:
    """How the pages speak of it now."""
    return ReferralPage.objects.first() or ReferralPage()


@transaction.atomic
def change_page(*, share_text: str, shows_leaders: bool, actor: str) -> None:
    """Set the words that members share, blank for the usual ones. Raises ValidationFailed (share_text)."""
    text = persian_letters(share_text.strip()).replace("\x00", "")
    if len(text) > LONGEST_TEXT:
        raise ValidationFailed({"share_text": [_("متن بیش از ۳۰۰ نویسه است؛ کوتاهش کنید.")]})
    page, _is_new = ReferralPage.objects.get_or_create()
    wanted: dict[str, Any] = {"share_text": text, "shows_leaders": shows_leaders}
    before = {name: getattr(page, name) for name in wanted}
    if before == wanted:
        return
    ReferralPage.objects.filter(pk=page.pk).update(**wanted)
    audit.record("referral_page.update", actor=actor, target=f"referralpage:{page.pk}", before=before, after=wanted)
