"""How the database finds the rows of the staff's lists."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

# Long lists, and the tables whose rows they are.
ADMIN_LISTS = ("members.member", "ledger.entry", "sms.outboxmessage", "purchases.purchase")
# Each with what its page calls the place where the next one begins, and what its address does.
OWN_LISTS = {
    "desk:members": ("older", "before"),
    "desk:purchases": ("more", "before"),
    "desk:audit": ("older", "after"),
}
TABLES = ("members_member", "ledger_entry", "core_auditentry", "sms_outboxmessage", "purchases_purchase")

SAYS_THE_CLUB = re.compile(r"^SELECT set_config\([^;]*\);\s*")


@dataclass(frozen=True)
class Page:
    """A page of a list: the plan by which its rows were found, its queries, and where the next one is."""

    plan: str
    queries: int
    following: str

    @property
    def most_read(self) -> int:
        """The most rows of a table that a step of the plan read to find these, and left out behind its index."""
        found = [int(rows) for rows in re.findall(r"actual rows=(\d+)", self.plan)]
        left_out = [
            int(rows) for rows in re.findall(r"Rows Removed by (?:Index )?(?:Recheck|Filter): (\d+)", self.plan)
        ]
        return max([*found, *left_out], default=0)

    @property
    def reads_everything(self) -> bool:
        """Whether a table is read from end to end, or sorted as a whole; the few tiers of each row may be."""
        sorts = r"(?<!Incremental )Sort \(actual rows=[\d.]+ loops=1\)"
        return bool(re.search(rf"Seq Scan on ({'|'.join(TABLES)})|{sorts}", self.plan))


def lists() -> list[str]:
    """The addresses of the long lists."""
    admins = [reverse(f"admin:{name.replace('.', '_')}_changelist") for name in ADMIN_LISTS]
    return [*admins, *(reverse(name) for name in OWN_LISTS)]


def page_of(client: Client, url: str) -> Page:
    """Open the page and explain the statement that found its rows."""
    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(url)
    assert answer.status_code == 200, url
    (found,) = [query["sql"] for query in caught if query["sql"].endswith("LIMIT 26")]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the club is said before the first statement of a transaction
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + SAYS_THE_CLUB.sub("", found))
        plan = " ".join(row[0].strip() for row in cursor.fetchall())
    return Page(plan, len(caught), _following(answer, url))


def pages_of(client: Client, url: str, *, deep: int) -> tuple[Page, Page]:
    """The first page of the list, and one so many pages further."""
    first = page_of(client, url)
    address = first.following
    for _page in range(deep):
        address = _following(client.get(address), address)
    return first, page_of(client, address)


def analyse() -> None:
    """Let the planner know how much there is."""
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"ANALYZE {', '.join(TABLES)}, ledger_wallet")


def _following(answer: object, url: str) -> str:
    context = answer.context  # type: ignore[attr-defined]
    path = url.partition("?")[0]
    if "cl" in context:
        return f"{path}{context['cl'].next_link}"
    older, name = next(names for route, names in OWN_LISTS.items() if reverse(route) == path)
    return f"{path}?{urlencode({name: context[older]})}"
