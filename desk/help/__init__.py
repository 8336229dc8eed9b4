"""Help for the staff, page by page."""

from desk.help.leads import LEADS
from desk.help.managing import MANAGING
from desk.help.members import MEMBERS
from desk.help.offers import REWARDING
from desk.help.tickets import TICKETS
from desk.help.till import AT_THE_TILL

TOPICS = (*AT_THE_TILL, *MEMBERS, *LEADS, *TICKETS, *REWARDING, *MANAGING)
