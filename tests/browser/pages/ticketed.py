"""The tickets that pages are looked at with: new, answered, late, a complaint, a task, one solved and one closed."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image

from club.members.models import Member
from core.events import consume_all
from core.jalali import to_jalali
from tests.tickets.acts import PDF, answers, asks, writes
from tickets.assigning import supporters
from tickets.canned import CannedWords, save_canned
from tickets.files import SentFile
from tickets.merging import merge
from tickets.models import CannedAnswer, Department, DepartmentPerson, Holiday, ServiceTarget
from tickets.moving import close, rate, solve
from tickets.services import NewTicket, open_ticket
from tickets.settings import add_official

LONG = "این متن بلند است تا دیده شود که پیام‌های بلند در گوشی هم درست می‌شکنند و از صفحه بیرون نمی‌زنند. " * 4

CANNED = [
    ("پیگیری می‌کنیم", "سلام {name} عزیز، تیکت {number} را دنبال می‌کنیم و تا فردا خبر می‌دهیم.\n{agent}، {club}"),
    *(
        (f"پاسخ آمادهٔ {name}", f"سلام {{name}}، {LONG}")
        for name in ("ساعت کار", "نشانی", "تعویض", "فاکتور", "ارسال", "پرداخت")
    ),
]


def open_tickets(member_id: int, actor: str) -> dict[str, Any]:
    """One of each kind, of a member who has written much and of another."""
    now, member = timezone.now(), Member.objects.get(pk=member_id)
    user = supporters()[0]
    Holiday.objects.create(day=timezone.localdate() + timedelta(days=40), name="روز تعطیل باشگاه")
    CannedAnswer.objects.create(title="پوزش", text="{name} گرامی، پوزش می‌خواهیم.")
    ServiceTarget.objects.create(priority="urgent", answer_minutes=30, solve_minutes=240)
    sales = Department.objects.create(code="sales", name="فروش", position=1)
    Department.objects.create(code="technical", name="فنی", position=2)
    for title, text in CANNED:
        kept = save_canned(CannedWords(title, text, "sales" if title == CANNED[0][0] else ""), actor=actor)
    DepartmentPerson.objects.create(department=sales, user=user)
    asked = {"department": "sales", "files": [_photo(), SentFile("فاکتور مهر.pdf", PDF)]}
    first = asks(member, "کارت هدیه در شعبهٔ ونک خوانده نشد", now=now - timedelta(days=3), text=LONG, **asked)
    answers(first, user, "سلام، عکس رسید را هم می‌فرستید؟", now=now - timedelta(days=2))
    answers(first, user, "کارت را در سامانه دیدم؛ باز است.", is_internal=True, now=now - timedelta(days=2))
    writes(first, "بفرمایید.", files=[_photo()], now=now - timedelta(days=1))
    merge(asks(member, "رسیدش را پیدا کردم", now=now - timedelta(days=1)).pk, first.pk, actor=user.actor, now=now)
    complaint = asks(member, "قهوه سرد بود", now=now - timedelta(days=9), kind="complaint")
    answers(complaint, user, "پوزش می‌خواهیم. مهمان ما باشید.", now=now - timedelta(days=8))
    solve(complaint.pk, user=user, actor=user.actor, now=now - timedelta(days=8))
    rate(complaint.pk, 4, "زود جواب دادید", actor=actor, now=now - timedelta(days=7))
    close(complaint.pk, user=user, actor=user.actor, now=now - timedelta(days=7))
    solved = asks(member, "موعد تحویل کی است؟", now=now - timedelta(days=1))
    solve(solved.pk, user=user, actor=user.actor, now=now)
    new = NewTicket(subject="برگرداندن مبلغ سفارش", text="تلفنی گفت.", kind="request", priority="urgent")
    other = Member.objects.exclude(pk=member_id).filter(status="active", merged_into=None).order_by("pk")[0]
    open_ticket(other.pk, new, actor=actor, now=now - timedelta(minutes=5), user=user)
    consume_all()
    add_official(to_jalali(timezone.localdate())[0] + 1, actor=actor)
    file = first.comments.order_by("pk")[0].attachments.order_by("pk")[0]
    return {
        "ticket_id": first.pk,
        "closed_ticket": complaint.pk,
        "solved_ticket": solved.pk,
        "attachment_id": file.pk,
        "canned_id": kept.pk,
    }


def _photo() -> SentFile:
    out = BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(out, "JPEG")
    return SentFile("رسید.jpg", out.getvalue())
