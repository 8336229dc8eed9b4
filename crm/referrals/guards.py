"""What makes a referral doubtful. It is held then, and a manager looks: a family shares a phone, too."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from club.purchases.models import Purchase
from club.purchases.shared_cards import is_of
from core.errors import Text
from core.jalali import day_bounds, local_date
from core.tenancy.scope import club_zone
from crm.referrals.models import MemberDevice, Referral
from crm.referrals.rules import Terms

REASONS: dict[str, Text] = {
    "device": _("با مرورگری عضو شد که معرف یا دوست دیگر او هم به کار برده است"),
    "velocity": _("معرف در یک روز بیش از اندازه دوست آورد"),
    "card": _("خرید نخست با کارت هدیه‌ای بود که معرف هم به کار برده است"),
}


def doubts_at_joining(referral: Referral, terms: Terms) -> list[str]:
    """Codes of what is doubtful about who has just been brought."""
    found = {"device": _shares_device(referral), "velocity": _came_too_fast(referral, terms)}
    return [code for code, is_so in found.items() if is_so]


def doubts_at_buying(referral: Referral, purchase: Purchase) -> list[str]:
    """Codes of what the first purchase adds: it was paid by a gift card of the referrer's, or also used by them."""
    if purchase.gift_card_id is None:
        return []
    return ["card"] if is_of(purchase.gift_card_id, referral.referrer_id) else []


def _shares_device(referral: Referral) -> bool:
    own = MemberDevice.objects.filter(member=referral.friend_id).values("device")
    others = Referral.objects.filter(referrer=referral.referrer_id).exclude(friend=referral.friend_id)
    circle = Q(member=referral.referrer_id) | Q(member__in=others.values("friend"))
    return MemberDevice.objects.filter(circle, device__in=own).exists()


def _came_too_fast(referral: Referral, terms: Terms) -> bool:
    zone = club_zone()
    start, end = day_bounds(local_date(referral.joined_at, zone), zone)
    same_day = Referral.objects.filter(referrer=referral.referrer_id, joined_at__gte=start, joined_at__lt=end)
    return same_day.exclude(pk=referral.pk).count() >= terms.most_a_day
