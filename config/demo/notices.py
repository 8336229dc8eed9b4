"""What the demo clubs tell on the panels: something new to every member, and a word to the staff."""

from datetime import datetime

from config.demo.cast import DemoClub
from crm.notices.models import Notice
from crm.notices.services import Draft, publish_notice

NEWS = {
    "cafe": ("جمعه‌ها از ساعت ۹ صبح با صبحانهٔ تازه باز هستیم؛ میز را تلفنی نگه می‌داریم.", "/offers/"),
    "": ("از این هفته پنج‌شنبه‌ها تا ساعت ۱۰ شب باز هستیم.", ""),
}
TO_STAFF = "فردا شمارش انبار است؛ برگشت کالا را تا پایان امروز ثبت کنید."


def write_notices(plan: DemoClub, *, actor: str, now: datetime) -> None:
    """Said once, however often the story is told."""
    if Notice.objects.exists():
        return
    text, link = NEWS.get(plan.trade, NEWS[""])
    publish_notice(Draft(Notice.Audience.ALL, text, link), actor=actor, now=now)
    publish_notice(Draft(Notice.Audience.STAFF, TO_STAFF), actor=actor, now=now)
