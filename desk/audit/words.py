"""What was done, in words: each act that the audit knows, and the kinds by which acts are looked for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.errors import Text
from core.models import AuditEntry

ACTIONS: dict[str, Text] = {
    "activity.record": _("ثبت فعالیت عضو"),
    "activity_type.create": _("ساختن نوع فعالیت"),
    "activity_type.update": _("تغییر نوع فعالیت"),
    "agent.apply": _("درخواست همکاری عامل"),
    "agent.end": _("پایان قرارداد عامل"),
    "agent.profile": _("تغییر نام یا شبای عامل"),
    "agent.refuse": _("رد درخواست عامل"),
    "agent.take_on": _("آغاز همکاری عامل"),
    "agent.terms": _("نسخهٔ تازهٔ قرارداد عامل"),
    "agent_settings.change": _("تغییر شرایط پایهٔ عاملان"),
    "agent_code.close": _("بستن کد معرفی عامل"),
    "agent_code.open": _("باز کردن کد معرفی عامل"),
    "api_key.create": _("ساختن کلید API"),
    "api_key.revoke": _("باطل کردن کلید API"),
    "campaign.create": _("ساختن کارزار"),
    "campaign.delete": _("پاک کردن پیش‌نویس کارزار"),
    "campaign.go_on": _("ادامهٔ کارزار"),
    "campaign.send": _("فرستادن کارزار"),
    "campaign.stop": _("توقف کارزار"),
    "campaign.to_draft": _("برگرداندن کارزار به پیش‌نویس"),
    "campaign.update": _("تغییر کارزار"),
    "campaign.withdraw": _("پس گرفتن اعلان‌های کارزار"),
    "club.joining": _("تغییر راه عضویت"),
    "coupon.create": _("ساختن کد تخفیف"),
    "coupon.void": _("باطل کردن کد تخفیف"),
    "gap.mark": _("نوشتن روز بی‌داده"),
    "gift_card.block": _("بستن کارت هدیه"),
    "gift_card.bought": _("خریدن کارت هدیه"),
    "gift_card.send_again": _("فرستادن دوبارهٔ پیامک کارت هدیه"),
    "gift_card.claim": _("آمدن کارت هدیه به فهرست عضو"),
    "gift_card.issue": _("صدور کارت هدیه"),
    "gift_card.refund": _("پس دادن پول کارت هدیه"),
    "gift_card.replace": _("دادن کد تازه به کارت هدیه"),
    "gift_card.sell": _("فروش کارت هدیه"),
    "gift_card.unblock": _("باز کردن کارت هدیه"),
    "join.approve": _("پذیرفتن درخواست عضویت"),
    "join.invite": _("ساختن دعوت‌نامه"),
    "join.refuse": _("رد درخواست عضویت"),
    "join.revoke": _("باطل کردن دعوت‌نامه"),
    "lead.convert": _("مشتری شدن سرنخ"),
    "lead.forget": _("پاک کردن مشخصات سرنخ"),
    "lead.let_go": _("بی کارشناس شدن سرنخ‌ها"),
    "lead.lose": _("از دست رفتن سرنخ"),
    "lead.move": _("بردن سرنخ به مرحلهٔ دیگر"),
    "lead.register": _("ثبت سرنخ"),
    "lead.reopen": _("باز کردن دوبارهٔ سرنخ"),
    "lead.rule": _("تغییر قاعدهٔ واگذاری سرنخ"),
    "lead.settings": _("تغییر تنظیم سرنخ‌ها"),
    "lead.stage": _("تغییر مرحلهٔ فروش"),
    "lead.stage_archive": _("بایگانی مرحلهٔ فروش"),
    "lead.take": _("برداشتن سرنخ بی کارشناس"),
    "lead.tie": _("عضو شدن سرنخ"),
    "lead.update": _("تغییر سرنخ"),
    "ledger.adjust": _("تغییر دستی امتیاز یا اعتبار"),
    "ledger.reverse": _("برگرداندن سند دستی"),
    "list.export": _("گرفتن فایل فهرست"),
    "lottery.create": _("تعریف قرعه‌کشی"),
    "member.card_blocked": _("بستن کارت عضو"),
    "member.card_issued": _("دادن کارت به عضو"),
    "member.consent": _("تغییر رضایت عضو"),
    "member.enrol": _("عضو کردن"),
    "member.erase": _("پاک کردن مشخصات عضو"),
    "member.merge": _("یکی کردن دو عضو"),
    "members.import": _("آغاز ورود اعضا از فایل"),
    "members.import_drop": _("پاک کردن فایل ورود"),
    "members.import_go_on": _("ادامهٔ ورود اعضا"),
    "members.import_stop": _("توقف ورود اعضا"),
    "members.imported": _("پایان ورود اعضا از فایل"),
    "member.note_added": _("نوشتن یادداشت عضو"),
    "member.note_changed": _("تغییر یادداشت عضو"),
    "member.note_pinned": _("سنجاق کردن یادداشت عضو"),
    "member.note_unpinned": _("برداشتن سنجاق یادداشت عضو"),
    "member.referred": _("ثبت معرف عضو"),
    "referral.decide": _("تصمیم دربارهٔ معرفی"),
    "referral_page.update": _("تغییر صفحهٔ معرفی"),
    "referral_terms.update": _("تغییر پاداش معرفی"),
    "member.segment_entered": _("گذاشتن عضو در گروه"),
    "member.segment_left": _("برداشتن عضو از گروه"),
    "member.shown_as_referrer": _("خواست عضو دربارهٔ نامش میان معرف‌ها"),
    "member.standing": _("تغییر وضعیت عضو"),
    "member.tier_floor": _("تغییر کف سطح"),
    "member.update": _("تغییر عضو"),
    "mission.create": _("ساختن مأموریت"),
    "mission.delete": _("پاک کردن پیش‌نویس مأموریت"),
    "mission.end": _("پایان دادن مأموریت"),
    "mission.publish": _("فعال کردن مأموریت"),
    "mission.update": _("تغییر مأموریت"),
    "named_day.correct": _("اصلاح روز تقویم"),
    "notice.publish": _("نوشتن اعلان"),
    "notice.withdraw": _("پس گرفتن اعلان"),
    "occasion.take_back": _("پس گرفتن هدیهٔ مناسبت"),
    "offer.create": _("ساختن پیشنهاد"),
    "offer.delete": _("پاک کردن پیش‌نویس پیشنهاد"),
    "offer.end": _("پایان دادن پیشنهاد"),
    "offer.pause": _("ایستاندن پیشنهاد"),
    "offer.publish": _("انتشار پیشنهاد"),
    "offer.update": _("تغییر پیشنهاد"),
    "payout.cancelled": _("لغو پرداخت به عامل"),
    "payout.paid": _("ثبت پرداخت به عامل"),
    "payout_run.start": _("ساختن فهرست پرداخت عاملان"),
    "programme.change": _("تغییر برنامه"),
    "programme.withdraw": _("پس گرفتن تغییر برنامه"),
    "purchase.refund": _("برگشت خرید"),
    "reward.cancelled": _("لغو جایزهٔ گرفته‌شده"),
    "reward.create": _("ساختن جایزه"),
    "reward.grant": _("هدیه به فهرستی از اعضا"),
    "reward.grant_go_on": _("ادامهٔ هدیه به فهرست"),
    "reward.grant_stop": _("توقف هدیه به فهرست"),
    "reward.grant_undo": _("پس گرفتن هدیه از فهرست"),
    "reward.redeemed": _("گرفتن جایزه با امتیاز"),
    "segment.archive": _("بایگانی گروه مشتریان"),
    "segment.create": _("ساختن گروه مشتریان"),
    "segment.list": _("تغییر فهرست گروه مشتریان"),
    "segment.restore": _("برگرداندن گروه مشتریان"),
    "segment.update": _("تغییر گروه مشتریان"),
    "reward.update": _("تغییر جایزه"),
    "reward.used": _("تحویل جایزه"),
    "rules.drop": _("پاک کردن پیش‌نویس قوانین"),
    "rules.publish": _("انتشار قوانین"),
    "rules.withdraw": _("پس گرفتن قوانین پیش از روزش"),
    "club.logo": _("عوض کردن لوگو"),
    "sms.test": _("فرستادن پیامک آزمایشی"),
    "smstemplate.default": _("بازگشت به متن پیش‌فرض پیامک"),
    "tier.move": _("جابه‌جایی سطح"),
    "staff.end_role": _("پایان نقش"),
    "staff.end_sessions": _("پایان نشست‌ها"),
    "staff.give_role": _("دادن نقش"),
    "staff.move_role": _("تغییر شعبهٔ نقش"),
    "staff.recovery_code": _("ورود با کد بازیابی"),
    "staff.send_link": _("فرستادن پیوند گذرواژه"),
    "staff.set_password": _("گذاشتن گذرواژه"),
    "staff.two_factor_off": _("خاموش کردن ورود دومرحله‌ای"),
    "staff.two_factor_on": _("روشن کردن ورود دومرحله‌ای"),
}
# The lists that are taken home, by the codes that `desk.files` keeps; the admin's are called as their records are.
LISTS: dict[str, Text] = {
    "activities": _("فعالیت‌ها"),
    "activity": _("رویدادها"),
    "agents": _("عاملان فروش"),
    "audit": _("ردپای کارها"),
    "campaigns": _("کارزارها"),
    "gaps": _("روزهای بی‌داده"),
    "gift_cards": _("کارت‌های هدیه"),
    "imports": _("ورودهای اعضا"),
    "invitations": _("دعوت‌نامه‌ها"),
    "leads": _("سرنخ‌ها"),
    "members": _("اعضا"),
    "missions": _("مأموریت‌ها"),
    "notices": _("اعلان‌ها"),
    "offers": _("پیشنهادها"),
    "payouts": _("پرداخت‌ها به عاملان"),
    "referrals": _("معرفی‌ها"),
    "requests": _("درخواست‌های عضویت"),
    "rewards": _("گزارش جایزه‌ها"),
    "rules": _("پذیرش‌های قوانین"),
    "sales": _("فروش"),
    "segment": _("اعضای گروه مشتریان"),
    "segments": _("گروه‌های مشتریان"),
    "staff": _("کارکنان"),
    "vouchers": _("جایزه‌های گرفته‌شده"),
}
VERBS: dict[str, Text] = {
    "create": _("ساختن"),
    "add": _("افزودن"),
    "update": _("تغییر"),
    "change": _("تغییر"),
    "delete": _("پاک کردن"),
}
THINGS: dict[str, Text] = {
    "agent": _("عامل"),
    "agent_settings": _("شرایط پایهٔ عاملان"),
    "agentcode": _("کد معرفی عامل"),
    "referral": _("معرفی"),
    "referralpage": _("صفحهٔ معرفی"),
    "referralterms": _("پاداش معرفی"),
    "activity_type": _("نوع فعالیت"),
    "occasion": _("هدیهٔ مناسبت"),
    "occasion_day": _("روزهای پیام مناسبت"),
    "named_day": _("روز تقویم"),
    "product": _("کالا"),
    "group": _("گروه کالا"),
    "branch": _("شعبه"),
    "tier": _("سطح"),
    "club": _("باشگاه"),
    "campaign": _("کارزار"),
    "contact_policy": _("قاعدهٔ تماس"),
    "coupon": _("کد تخفیف"),
    "coupons": _("کدهای پیشنهاد"),
    "customfield": _("فیلد عضو"),
    "giftcard": _("کارت هدیهٔ"),
    "batch": _("دستهٔ کارت هدیهٔ"),
    "lead": _("سرنخ"),
    "leadrules": _("قاعده‌های واگذاری سرنخ"),
    "leadsettings": _("تنظیم سرنخ‌ها"),
    "leadstage": _("مرحلهٔ فروش"),
    "lottery": _("قرعه‌کشی"),
    "joininvitation": _("دعوت‌نامه"),
    "joinrequest": _("درخواست عضویت"),
    "reward": _("جایزه"),
    "segment": _("گروه مشتریان"),
    "grant": _("هدیه به فهرست"),
    "rules": _("قوانین"),
    "rulesversion": _("نسخهٔ قوانین"),
    "outboxmessage": _("پیامک"),
    "smstemplate": _("متن پیامک"),
    "smssettings": _("تنظیم پیامک"),
    "suppression": _("شمارهٔ بی‌پیامک"),
    "gap": _("روز بی‌داده"),
    "list": _("فهرست"),
    "member": _("عضو"),
    "import": _("ورود اعضا"),
    "mission": _("مأموریت"),
    "notice": _("اعلان"),
    "offer": _("پیشنهاد"),
    "payout": _("پرداخت به عامل"),
    "payout_run": _("فهرست پرداخت"),
    "purchase": _("خرید"),
    "refund": _("برگشت"),
    "user": _("کاربر"),
    "programme": _("برنامه"),
    "staffrole": _("نقش"),
    "apikey": _("کلید API"),
    "api_key": _("کلید API"),
}


@dataclass(frozen=True)
class Kind:
    """Acts that are looked for together: how their names begin, and the records that the admin changes by itself."""

    label: Text
    starts: tuple[str, ...]
    records: tuple[str, ...] = ()

    @property
    def acts(self) -> Q:
        """The acts of the kind."""
        asked = Q()
        for start in self.starts:
            asked |= Q(action__startswith=f"{start}.")
        for record in self.records:
            asked |= Q(action__startswith="admin.", action__endswith=f"_{record}")
        return asked


KINDS: dict[str, Kind] = {
    "members": Kind(_("اعضا"), ("member", "members", "import", "join"), ("member",)),
    "value": Kind(_("امتیاز و اعتبار به دست"), ("ledger", "activity", "occasion")),
    "purchases": Kind(_("خرید و برگشت"), ("purchase", "refund")),
    "gift_cards": Kind(_("کارت‌های هدیه"), ("gift_card",)),
    "programme": Kind(_("برنامه، سطح‌ها و قوانین"), ("programme", "tier", "rules", "named_day")),
    "offers": Kind(_("پیشنهادها و کدهای تخفیف"), ("offer", "coupon", "lottery", "reward", "mission", "activity_type")),
    "catalogue": Kind(_("کالا، گروه و شعبه"), ("product", "group", "branch"), ("product", "group", "branch")),
    "campaigns": Kind(_("کارزارها و گروه‌های مشتریان"), ("campaign", "contact_policy", "segment")),
    "referrals": Kind(_("معرفی‌ها"), ("referral", "referral_page", "referral_terms")),
    "leads": Kind(_("سرنخ‌ها"), ("lead",)),
    "notices": Kind(_("اعلان‌ها"), ("notice",)),
    "agents": Kind(_("عاملان فروش"), ("agent", "agent_code", "agent_settings", "payout", "payout_run")),
    "sms": Kind(
        _("پیامک"), ("sms", "smstemplate", "smssettings", "occasion_day"), ("smstemplate", "smssettings", "suppression")
    ),
    "staff": Kind(_("کارکنان و کلیدها"), ("staff", "api_key"), ("staffrole", "apikey")),
    "club": Kind(_("باشگاه"), ("club", "customfield"), ("club", "customfield")),
    "list": Kind(_("فایل‌های گرفته‌شده"), ("list",)),
}


def title_of(entry: AuditEntry) -> str:
    """What was done, in words; the name of the act where there are none."""
    if entry.action in ACTIONS:
        return str(ACTIONS[entry.action])
    subject, _dot, verb = entry.action.partition(".")
    if subject == "admin":
        verb, _underscore, subject = verb.partition("_")
    if verb in VERBS and subject in THINGS:
        return f"{VERBS[verb]} {THINGS[subject]}"
    return entry.action
