"""Everything that tickets keep: the office that answers, the tickets, and the threads under them."""

from tickets.office_models import CannedAnswer as CannedAnswer
from tickets.office_models import Department as Department
from tickets.office_models import DepartmentPerson as DepartmentPerson
from tickets.office_models import Holiday as Holiday
from tickets.office_models import Priority as Priority
from tickets.office_models import ServiceTarget as ServiceTarget
from tickets.office_models import TicketSettings as TicketSettings
from tickets.thread_models import Attachment as Attachment
from tickets.thread_models import AttachmentBytes as AttachmentBytes
from tickets.thread_models import Comment as Comment
from tickets.thread_models import Mention as Mention
from tickets.thread_models import TicketWord as TicketWord
from tickets.ticket_models import StatusChange as StatusChange
from tickets.ticket_models import Ticket as Ticket
from tickets.ticket_models import TicketCounter as TicketCounter
from tickets.ticket_models import TicketKind as TicketKind
from tickets.ticket_models import TicketLink as TicketLink
