"""The rules of the demo clubs: a first version, one that replaced it ten days ago, and who said yes to them."""

from datetime import datetime, timedelta

from club.members.models import Member
from club.members.rulebook import accept_rules, publish_rules, rules_in_force, save_draft
from config.demo.plan import DAYS
from core.jalali import local_date

AGAIN = timedelta(days=10)
FIRST = """# امتیاز و اعتبار
با هر خرید امتیاز می‌گیری و پنج درصد آن اعتبار می‌شود.
اعتبار تا ۶۰ روز و امتیاز تا پایان سال می‌ماند.

# خرج کردن
۱. شماره‌ات را به صندوق بگو یا کارتت را نشان بده.
۲. بگو چه اندازه از اعتبار یا امتیازت کم شود.

# برگشت کالا
با برگشت کالا امتیاز و اعتبار همان خرید هم برمی‌گردد."""
SECOND = (
    FIRST
    + """

# اطلاعات تو
- شماره و نامت تنها برای باشگاه است و به کسی داده نمی‌شود.
- هر زمان بخواهی پیامک‌ها را در «حساب من» می‌بندی.
- برای پاک کردن مشخصاتت به ما زنگ بزن."""
)


def publish_both(*, actor: str, built_at: datetime) -> None:
    """Publish the two versions at their times."""
    for text, ago in ((FIRST, timedelta(days=DAYS + 30)), (SECOND, AGAIN)):
        at = built_at - ago
        save_draft(text, actor=actor, now=at)
        publish_rules(local_date(at), actor=actor, now=at)


def agree(member: Member, *, built_at: datetime) -> None:
    """The member's yes at joining, and to the version of ten days ago; one in five has not been here since."""
    moments = [member.enrolled_at]
    if int((member.phone or "0")[-2:]) % 5 != 3:
        moments.append(built_at - AGAIN + timedelta(hours=9))
    for at in moments:
        rules = rules_in_force(at)
        if rules and rules.number:
            accept_rules(member.pk, rules.number, address="", now=max(at, member.enrolled_at))
