"""Tickets follow their people: who is merged, who is erased, who leaves the staff; and a complaint is followed up."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import ROLE_ENDED
from club.members.models import Member
from club.members.selectors import records_of
from core.events import consumer
from core.models import DomainEvent
from tickets import states
from tickets.assigning import supporters
from tickets.complaints import not_followed_up
from tickets.forgetting import forget_people, hand_over
from tickets.handing import SYSTEM
from tickets.leaving import let_go_of
from tickets.models import Ticket, TicketKind
from tickets.moving import CLOSED
from tickets.services import NewTicket, open_ticket


@consumer("tickets.following", kinds=[CLOSED])
def closed(event: DomainEvent) -> None:
    """After a complaint somebody calls and asks: a task, once, for whoever had answered.

    One for all that were merged into the ticket by then; a complaint that joins it later brings another.
    """
    ended = Ticket.objects.select_related("member", "department").get(pk=int(event.document.partition(":")[2]))
    department, answered = ended.department, ended.assignee_id
    is_gone = ended.member.status == Member.Status.ERASED
    if ended.kind != TicketKind.COMPLAINT or ended.status != states.CLOSED or is_gone:
        return
    if not (left := not_followed_up(ended)):
        return
    # A ticket is followed by one task at most.
    complaint = left[0] if Ticket.objects.filter(follows=ended).exists() else ended
    subject = _("پیگیری شکایت شمارهٔ %(number)s") % {"number": complaint.shown_number}
    text = _("با عضو تماس بگیرید و بپرسید آیا مشکلش برطرف شد؛ نتیجه را همین‌جا بنویسید.")
    new = NewTicket(
        subject=subject,
        text=text,
        kind=TicketKind.TASK,
        department=department.code if department and department.archived_at is None else "",
        channel=Ticket.Channel.SYSTEM,
        assignee_id=answered if answered in {user.pk for user in supporters()} else None,
    )
    member_id = ended.member.merged_into_id or ended.member_id
    open_ticket(member_id, new, actor=SYSTEM, now=timezone.now(), follows=complaint)


@consumer("tickets.staff", kinds=[ROLE_ENDED])
def left(event: DomainEvent) -> None:
    """The open tickets of who answers none any more go to others."""
    let_go_of(event.data["user"], actor=SYSTEM, now=timezone.now())


@consumer("tickets.merging", kinds=["member.merged"])
def merged(event: DomainEvent) -> None:
    """What the one member asked, the other asked."""
    if event.member_id:
        hand_over(event.data["source"], event.member_id, now=timezone.now())


@consumer("tickets.erasure", kinds=["member.erased"])
def erased(event: DomainEvent) -> None:
    """Nothing is left of what the person wrote and sent."""
    if event.member_id:
        forget_people(records_of(event.member_id), now=timezone.now())
