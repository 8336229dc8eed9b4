"""Tickets of the demo clubs: what members asked and complained of in two weeks, and the answers kept at hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from accounts.models import User
from club.members.models import Member
from config.demo.cast import DemoClub
from sms.models import OutboxMessage
from tickets.canned import CannedWords, save_canned
from tickets.departments import DepartmentWords, save_department
from tickets.files import SentFile
from tickets.models import Ticket
from tickets.moving import close, rate, solve
from tickets.services import Message, NewTicket, answer, answer_and_solve, open_ticket, write_as_member

CANNED = (
    ("پیگیری می‌کنیم", "سلام {name} عزیز، تیکت {number} را پیگیری می‌کنیم و تا فردا به شما خبر می‌دهیم.\n{agent}، {club}"),
    ("پوزش و جبران", "{name} عزیز، از آنچه پیش آمد پوزش می‌خواهیم. این بار مهمان ما باشید.\n{agent}، {club}"),
    ("امتیاز کی می‌آید؟", "سلام {name} عزیز، امتیاز هر خرید همان روز به حسابتان می‌آید."),
    ("ساعت کار", "سلام {name} عزیز، شنبه تا پنجشنبه پاسخ‌گوی شما هستیم و فروشگاه هر روز باز است."),
)


@dataclass(frozen=True)
class Story:
    """A ticket: what the member asks how many hours ago, what is answered, and how it ends with how many stars."""

    subject: str
    text: str
    hours: int
    kind: str = "question"
    priority: str = "normal"
    answer: str = ""
    thanks: str = ""
    stars: int = 0
    is_closed: bool = False
    has_picture: bool = False
    to_accounts: bool = False


STORIES = (
    Story(
        *("سفارشم ناقص بود", "دو قلم خریدم و یکی در بسته نبود.", 290, "complaint", "high"),
        answer="پوزش می‌خواهیم؛ همین امروز قلم جامانده را فرستادیم و ۵۰ امتیاز هم به شما هدیه دادیم.",
        thanks="رسید، ممنون از پیگیری.",
        stars=5,
        is_closed=True,
    ),
    Story(
        *("امتیاز خرید دیروز نیامده", "دیروز خرید کردم ولی امتیازش را نمی‌بینم.", 220),
        answer="شماره‌تان هنگام خرید ثبت نشده بود؛ امتیازش را به حسابتان اضافه کردیم.",
        stars=4,
    ),
    Story(
        *("فاکتور رسمی می‌خواهم", "برای شرکت فاکتور با شناسهٔ ملی لازم دارم.", 150, "request"),
        answer="فاکتور را به ایمیلتان فرستادیم.",
        is_closed=True,
        to_accounts=True,
    ),
    Story(
        *(
            "مبلغ رسید با برداشت از کارتم یکی نیست",
            "عکس رسید را گذاشته‌ام. فکر کنم دو بار کارت کشیده شده.",
            100,
            "complaint",
            "high",
        ),
        answer="رسید را دیدیم و از بانک پرسیدیم؛ تا فردا خبر می‌دهیم. شمارهٔ پیگیری بانک را هم دارید؟",
        has_picture=True,
        to_accounts=True,
    ),
    Story(
        *("تاریخ تولدم اشتباه ثبت شده", "سال تولدم ۱۳۷۰ است نه ۱۳۷۱.", 76, "request", "low"),
        answer="سلام، درستش کردیم.",
        thanks="در صفحهٔ من هنوز همان تاریخ قبلی است.",
    ),
    Story("پرداخت اینترنتی خطا می‌دهد", "سه بار امتحان کردم و هر بار خطا داد.", 72, "complaint", "urgent"),
    Story("برای تولد میز رزرو می‌کنید؟", "پنجشنبهٔ بعد برای هشت نفر.", 3),
    Story("پیشنهاد: کارت هدیه با پاکت", "کاش کارت هدیه را در یک پاکت قشنگ بدهید.", 1, "request", "low"),
)


def tell_tickets(plan: DemoClub, *, now: datetime) -> None:
    """What support has been asked for two weeks, by members who are there at once; nothing where nobody is support.

    No SMS of it leaves the machine.
    """
    phone = next((person.phone for person in plan.staff if person.role == "support"), None)
    if phone is None:
        return
    user, actor = User.objects.get(phone=phone), "system"
    save_department(DepartmentWords("پشتیبانی", [user.pk]), actor=actor)
    accounts = save_department(DepartmentWords("مالی"), actor=actor)
    for title, text in CANNED:
        save_canned(CannedWords(title, text), actor=actor)
    members = list(Member.objects.filter(merged_into=None).exclude(phone=None).order_by("pk")[:3])
    for place, story in enumerate(STORIES):
        _tell(story, members[place % len(members)], user, accounts.code if story.to_accounts else "", now=now)
    told = {"status": "delivered", "created_at": now, "sent_at": now, "final_at": now}
    OutboxMessage.objects.filter(kind__startswith="ticket_").update(**told)


def _tell(story: Story, member: Member, user: User, department: str, *, now: datetime) -> None:
    at, own = now - timedelta(hours=story.hours), f"member:{member.pk}"
    new = NewTicket(
        subject=story.subject,
        text=story.text,
        kind=story.kind,
        priority=story.priority,
        department=department,
        channel=Ticket.Channel.PORTAL.value,
        files=[_receipt()] if story.has_picture else [],
    )
    ticket = open_ticket(member.pk, new, actor=own, now=at)
    if not story.answer:
        return
    ends = bool(story.stars or story.is_closed)
    reply = answer if story.thanks or not ends else answer_and_solve
    reply(ticket.pk, Message(text=story.answer), user=user, actor=user.actor, now=at + timedelta(hours=2))
    if story.thanks:
        write_as_member(ticket.pk, Message(text=story.thanks), actor=own, now=at + timedelta(hours=5))
    if story.thanks and ends:
        solve(ticket.pk, user=user, actor=user.actor, now=at + timedelta(hours=6))
    if story.stars:
        rate(ticket.pk, story.stars, actor=own, now=at + timedelta(hours=7))
    if story.is_closed:
        close(ticket.pk, user=user, actor=user.actor, now=at + timedelta(hours=8))


def _receipt() -> SentFile:
    """A picture of a receipt, as a telephone takes it."""
    paper = Image.new("RGB", (480, 640), (245, 243, 236))
    draw, out = ImageDraw.Draw(paper), BytesIO()
    for line in range(14):
        draw.rectangle((60, 60 + 36 * line, 420 - 37 * (line % 4), 72 + 36 * line), fill=(70, 74, 82))
    draw.rectangle((60, 580, 420, 604), fill=(30, 32, 38))
    paper.save(out, "JPEG")
    return SentFile("رسید.jpg", out.getvalue())
