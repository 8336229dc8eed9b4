"""What the demo clubs tell on the panels, and a few members who agreed to be written to by e-mail."""

from collections.abc import Sequence
from datetime import datetime

from club.members.consent import change_consent
from club.members.reaching import change_details
from config.demo.cast import DemoClub
from crm.notices.models import Notice
from crm.notices.services import Draft, publish_notice

NEWS = {
    "cafe": ("جمعه‌ها از ساعت ۹ صبح با صبحانهٔ تازه باز هستیم؛ میز را تلفنی نگه می‌داریم.", "/offers/"),
    "": ("از این هفته پنج‌شنبه‌ها تا ساعت ۱۰ شب باز هستیم.", ""),
}
AGREED = "خبرها و پیشنهادهای باشگاه را برایم ایمیل کنید."
TO_STAFF = "فردا شمارش انبار است؛ برگشت کالا را تا پایان امروز ثبت کنید."


def agree_to_mail(member_ids: Sequence[int], *, now: datetime) -> None:
    """Addresses that no mail can reach (RFC 2606), with the consent of their owners; given once."""
    for number, member_id in enumerate(member_ids, start=1):
        change_details(member_id, {"email": f"member{number}@example.com"}, actor=f"member:{member_id}")
        change_consent(
            member_id, channel="email", given=True, source="portal", actor=f"member:{member_id}", now=now, text=AGREED
        )


def write_notices(plan: DemoClub, *, actor: str, now: datetime) -> None:
    """Said once, however often the story is told."""
    if Notice.objects.exists():
        return
    text, link = NEWS.get(plan.trade, NEWS[""])
    publish_notice(Draft(Notice.Audience.ALL, text, link), actor=actor, now=now)
    publish_notice(Draft(Notice.Audience.STAFF, TO_STAFF), actor=actor, now=now)
