"""Bringing past purchases in from a file, by `record_purchase`'s own path: quiet, resumable, once.

Lines go in by time, batch by batch, each batch in one transaction. What is in already (by external id) is passed over,
so an import that was broken off goes on where it was, and a second one changes nothing. A batch that fails is retried
line by line: one bad line costs only itself.
"""

from array import array
from collections import ChainMap, Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from club.awards.enrolment import enrol_members
from club.catalogue.models import Branch
from club.members.models import Member
from club.members.services import MemberBlocked, NewMember, prepare_member
from club.purchases.import_layouts import ImportLine, Refused, Source
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder, check_order
from club.purchases.reading_facts import kept_plan
from club.purchases.services import record_inside
from core.bulk import TRIES, BrokenOff, first_line, forget_plans, waited_in_vain
from core.errors import AppError

LOOKUP = 500  # lines whose ids and members are looked up together
# Purchases in one transaction: it holds the row that numbers purchases, for which the club's tills wait meanwhile.
BATCH = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MemberKey = tuple[str, str]


@dataclass(frozen=True)
class Refusal:
    """A line that did not go in, and why."""

    number: int
    text: str
    code: str
    reason: str


@dataclass
class Tally:
    """How far an import has come. `amount` is Rial of the lines that are in, by now or from before."""

    lines: int = 0
    done: int = 0
    recorded: int = 0
    known: int = 0
    refused: int = 0
    members: int = 0
    amount: int = 0


@dataclass
class Import:
    """One run over one file in the club in scope. `refuse` hears of each bad line, `progress` of each batch."""

    source: Source
    actor: str
    now: datetime
    refuse: Callable[[Refusal], None]
    progress: Callable[[Tally], None]
    dry_run: bool = False
    tally: Tally = field(default_factory=Tally)
    _numbers: "array[int]" = field(default_factory=lambda: array("q"))
    _texts: list[str] = field(default_factory=list)
    _moments: "array[int]" = field(default_factory=lambda: array("q"))
    _first_seen: dict[MemberKey, int] = field(default_factory=dict)
    _members: dict[MemberKey, int] = field(default_factory=dict)
    _branches: frozenset[str] = frozenset()
    _chunk: dict[int, str] = field(default_factory=dict)
    _tables_grew: bool = False

    def run(self) -> Tally:
        """Read the file once to order it, then bring it in. Raises Unreadable, BrokenOff."""
        try:
            self._bring_in()
        except (OperationalError, InterfaceError) as error:
            raise BrokenOff(first_line(error)) from error
        return self.tally

    def _bring_in(self) -> None:
        self._branches = frozenset(Branch.objects.values_list("code", flat=True))
        self._order_lines()
        seen: Counter[bytes] = Counter()
        places = sorted(range(len(self._texts)), key=self._moments.__getitem__)
        for start in range(0, len(places), LOOKUP):
            self._chunk = {self._numbers[place]: self._texts[place] for place in places[start : start + LOOKUP]}
            self._take([self.source.read(number, text, seen) for number, text in self._chunk.items()])

    def _order_lines(self) -> None:
        """Keep the good lines with their moments: files come newest first, too, and visits are counted as they were."""
        seen: Counter[bytes] = Counter()
        for number, text in self.source.lines():
            self.tally.lines += 1
            try:
                line = self.source.read(number, text, seen)
                self._check(line)
            except (Refused, AppError) as error:
                self._refused(number, text, error)
                continue
            moment = (line.occurred_at - EPOCH) // timedelta(microseconds=1)
            self._numbers.append(number)
            self._texts.append(text)
            self._moments.append(moment)
            if line.member:
                self._first_seen[line.member] = min(moment, self._first_seen.get(line.member, moment))

    def _check(self, line: ImportLine) -> None:
        check_order(_order(line, 0 if line.member else None), now=self.now)
        if line.branch and line.branch not in self._branches:
            raise Refused("branch", _("چنین شعبه‌ای در باشگاه نیست."))

    def _take(self, lines: Sequence[ImportLine]) -> None:
        """Bring in what is not in yet of these lines."""
        ids = [line.external_id for line in lines]
        known = dict(Purchase.objects.filter(external_id__in=ids).values_list("external_id", "gross"))
        blocked = self._find_members(lines)
        fresh = []
        for line in lines:
            if line.external_id in known:
                self._was_in(line, known[line.external_id])
            elif line.member in blocked:
                self._refused(line.number, self._chunk[line.number], MemberBlocked())
            else:
                fresh.append(line)
        self._tables_grew = True
        for start in range(0, len(fresh), BATCH):
            self._record_batch(fresh[start : start + BATCH])
            self.progress(self.tally)
        self.progress(self.tally)

    def _find_members(self, lines: Sequence[ImportLine]) -> set[MemberKey | None]:
        """Look up who is a member already; the blocked among them."""
        wanted: dict[str, set[str]] = {}
        for line in lines:
            if line.member and line.member not in self._members:
                wanted.setdefault(line.member[0], set()).add(line.member[1])
        blocked: set[MemberKey | None] = set()
        for name, values in wanted.items():
            rows = Member.objects.filter(**{f"{name}__in": values}).values_list(
                name, Coalesce("merged_into_id", "pk"), Coalesce("merged_into__status", "status")
            )
            for value, member_id, status in rows:
                self._members[name, value] = member_id
                if status == Member.Status.BLOCKED:
                    blocked.add((name, value))
        return blocked

    def _record_batch(self, lines: Sequence[ImportLine]) -> None:
        for _try in range(TRIES):
            try:
                return self._record(lines)
            except (AppError, IntegrityError, DataError):
                return self._record_one_by_one(lines)
            except OperationalError as error:
                if not waited_in_vain(error):
                    raise
        raise BrokenOff("the club's tills or another import hold what is needed")

    def _record_one_by_one(self, lines: Sequence[ImportLine]) -> None:
        for line in lines:
            try:
                self._record([line])
            except (AppError, IntegrityError, DataError) as error:
                before = Purchase.objects.filter(external_id=line.external_id).values_list("gross", flat=True).first()
                if before is None:
                    self._refused(line.number, self._chunk[line.number], error)
                else:  # another import of the same file was quicker
                    self._was_in(line, before)

    def _record(self, lines: Sequence[ImportLine]) -> None:
        fresh = {line.member: line for line in lines if line.member and line.member not in self._members}
        made = dict.fromkeys(fresh, 0)
        if not self.dry_run:
            with transaction.atomic(durable=True), kept_plan():
                if self._tables_grew:
                    forget_plans()
                made = self._enrol(fresh)
                members = ChainMap(made, self._members)
                for line in lines:
                    order = _order(line, members[line.member] if line.member else None)
                    record_inside(order, actor=self.actor, key=None, now=self.now)
            self._tables_grew = False
        self._members |= made
        self.tally.members += len(made)
        self.tally.recorded += len(lines)
        self.tally.done += len(lines)
        self.tally.amount += sum(line.amount for line in lines)

    def _enrol(self, fresh: dict[MemberKey, ImportLine]) -> dict[MemberKey, int]:
        """Make members of who is none yet, as of their first purchase in the file."""
        people = [
            prepare_member(
                NewMember(
                    phone=value if name == "phone" else None,
                    external_id=value if name == "external_id" else None,
                    card=value if name == "card" else None,
                    first_name=line.first_name,
                    last_name=line.last_name,
                    source="import",
                ),
                enrolled_at=EPOCH + timedelta(microseconds=self._first_seen[name, value]),
            )
            for (name, value), line in fresh.items()
        ]
        enrol_members([(member, ()) for member in people], actor=self.actor, now=self.now, imported=True)
        return {key: member.pk for key, member in zip(fresh, people, strict=True)}

    def _was_in(self, line: ImportLine, gross: int) -> None:
        if gross != line.amount:
            reason = _("خریدی با این شناسه و مبلغ دیگری پیش‌تر ثبت شده است.")
            self._refused(line.number, self._chunk[line.number], Refused("conflict", reason))
            return
        self.tally.known += 1
        self.tally.done += 1
        self.tally.amount += line.amount

    def _refused(self, number: int, text: str, error: Exception) -> None:
        self.tally.refused += 1
        self.tally.done += 1
        code = getattr(error, "code", "database")
        self.refuse(Refusal(number, text, code, reason_of(error)))


def reason_of(error: Exception) -> str:
    """Why a line was refused, for people."""
    if isinstance(error, Refused):
        return error.reason
    if isinstance(error, AppError):
        return " ".join(error.texts)
    return str(_("پایگاه داده این سطر را نپذیرفت."))


def _order(line: ImportLine, member_id: int | None) -> PurchaseOrder:
    return PurchaseOrder(
        member_id=member_id,
        amount=line.amount,
        branch=line.branch,
        channel=line.channel,
        payment_method=line.payment_method,
        occurred_at=line.occurred_at,
        external_id=line.external_id,
        quiet=True,
        is_settled=True,
    )
