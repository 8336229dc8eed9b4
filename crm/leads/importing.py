"""Bringing a list of leads in: new phones become leads; whose phone is known comes back with who sees to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from club.awards.import_batches import Faulty, Line, ListImport
from club.awards.import_report import BadLine
from club.awards.import_subjects import Subject
from club.awards.models import ImportRun
from club.members.agent_codes import is_closed_code
from club.members.awaited import await_members
from club.members.models import Member
from club.members.selectors import owner_of_code
from core import audit, events
from core.bulk import forget_plans
from core.errors import AppError, Conflict
from core.rows import insert_rows, write_rows
from core.tables.headers import folded
from core.tables.reading import Table
from core.tenancy.scope import current_club
from crm.agents.models import Agent
from crm.agents.selectors import is_at_work, open_code_of
from crm.leads.assigning import Sharing, experts
from crm.leads.import_lines import KNOWN, LeadReader, LeadTerms, Prospect
from crm.leads.models import Lead, LeadStage, StageChange
from crm.leads.services import AGENT_IS_GONE, REGISTERED, Known, refusal_of
from crm.leads.stages import open_stages, qualifies

LEADS = "leads"


def lead_terms(now: datetime) -> LeadTerms:
    """What lines are read by in the club in scope."""
    people: dict[str, Any] = {}
    for user in reversed(experts()):
        people |= {folded(str(user)): user, user.phone: user}
    stages = {key: stage for stage in open_stages() for key in (folded(stage.code), folded(stage.name))}
    agents = _Agents(now)
    return LeadTerms(current_club().currency_unit, stages, people, agents.of_code)


@dataclass
class _Agents:
    """The agents whose codes lines name, each looked up once."""

    now: datetime
    _found: dict[str, Agent | AppError] = field(default_factory=dict)

    def of_code(self, code: str) -> Agent:
        """Who brings by the code. Raises AppError."""
        if code not in self._found:
            self._found[code] = self._look_up(code)
        found = self._found[code]
        if isinstance(found, AppError):
            raise found
        return found

    def _look_up(self, code: str) -> Agent | AppError:
        agent = Agent.objects.select_related("user").filter(pk=owner_of_code(code)[1] or 0).first()
        if agent is None:
            return AppError(AGENT_IS_GONE if is_closed_code(code) else _("چنین عاملی در باشگاه نیست."))
        return agent if is_at_work(agent, now=self.now) else AppError(AGENT_IS_GONE)


@dataclass
class LeadImport(ListImport):
    """One run over one list of leads; `tally.known` counts the lines whose phone the club knew."""

    terms: LeadTerms
    actor: str
    now: datetime

    @property
    def reader(self) -> LeadReader:
        """Who reads the lines."""
        return LeadReader(self.terms, self.places)

    def bring_in(self, lines: Sequence[Line]) -> None:
        """Register who is new, in one transaction of a constant number of statements."""
        known = known_phones([line.phone for line in lines if not line.reasons])
        people: list[Prospect] = []
        bad: list[BadLine] = []
        n_known = 0
        for line in lines:
            if line.reasons:
                bad.append(line.refused([*line.reasons]))
            elif line.phone in known:
                n_known += 1
                bad.append(line.refused([known[line.phone]]))
            else:
                try:
                    people.append(self.reader.prospect(line.cells, line.phone))
                except Faulty as faulty:
                    bad.append(line.refused(faulty.reasons))
        before = self.tally
        tally = replace(
            before,
            lines=max(before.lines, before.done + len(lines)),
            done=before.done + len(lines),
            joined=before.joined + len(people),
            known=before.known + n_known,
            refused=before.refused + len(bad) - n_known,
        )
        with transaction.atomic(durable=True):
            if people and not self.dry_run:
                forget_plans()
                self._register(people)
            self.within(tally, bad)
        self.told(tally, bad)

    def _register(self, people: Sequence[Prospect]) -> None:
        stages = open_stages()
        first, sharing = stages[0], Sharing()
        _hold({(one.stage or first).pk for one in people})
        rows = [self._row(one, one.stage or first, stages, sharing) for one in people]
        names = list(rows[0])
        ids = insert_rows(Lead, names, [tuple(row.values()) for row in rows])
        moves = [(lead_id, row["stage_id"], Lead.Status.OPEN.value) for lead_id, row in zip(ids, rows, strict=True)]
        write_rows(
            StageChange,
            ("lead_id", "to_stage_id", "to_status", "actor", "at"),
            [(*move, self.actor, self.now) for move in moves],
        )
        await_members({one.values["phone"]: code for one in people if one.agent and (code := open_code_of(one.agent))})
        self._tell(ids, rows)

    def _row(self, one: Prospect, stage: LeadStage, stages: Sequence[LeadStage], sharing: Sharing) -> dict[str, Any]:
        """The columns of a lead."""
        owner = one.agent.user if one.agent else one.owner
        if owner is None:
            owner = sharing.owner_for(source=one.values["source"], kind=one.values["kind"])
        else:
            sharing.takes(owner)
        return {
            **one.values,
            "channel": Lead.Channel.IMPORT.value,
            "owner_id": owner.pk if owner else None,
            "agent_id": one.agent.pk if one.agent else None,
            "stage_id": stage.pk,
            "status": Lead.Status.OPEN.value,
            "qualified_at": self.now if qualifies(stage, stages) else None,
            "registered_by": self.actor,
            "created_at": self.now,
        }

    def _tell(self, ids: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> None:
        """The same audit and events as of leads that are registered one by one."""
        named = [(f"lead:{lead_id}", row) for lead_id, row in zip(ids, rows, strict=True)]
        said = ("name", "phone", "kind", "source")
        audit.record_made(
            "lead.register",
            actor=self.actor,
            made=[(document, {name: row[name] for name in said}) for document, row in named],
        )
        told = ("source", "channel", "kind")
        events.emit_many(
            REGISTERED,
            [
                events.Happened(
                    document=document, occurred_at=self.now, data={name: row[name] for name in told}, member_id=None
                )
                for document, row in named
            ],
        )


def known_phones(phones: Collection[str]) -> dict[str, str]:
    """Of these phones, normalised, those that the club knows, with why: an open lead, a member, or a lost lead."""
    known: dict[str, str] = {}
    leads = Lead.objects.filter(phone__in=phones).select_related("owner", "agent").order_by("is_second", "pk")
    found = list(leads)
    members = {str(member.phone): member for member in Member.objects.filter(phone__in=phones)}
    for lead in found:
        if lead.status == Lead.Status.OPEN:
            known.setdefault(lead.phone, _why(Known(lead)))
    for phone, member in members.items():
        known.setdefault(phone, _why(Known(member=member)))
    for lead in found:
        known.setdefault(lead.phone, _why_lost(lead))
    return known


def _why(known: Known) -> str:
    refused = refusal_of(known)
    return str(refused.detail) if refused else ""


def _why_lost(lead: Lead) -> str:
    owner = {"owner": lead.seen_to_by}
    if lead.is_agents:
        return _("این شماره سرنخی دارد که از دست رفت؛ عاملش «%(owner)s» است و می‌شود همان را باز کرد.") % owner
    if lead.owner:
        return _("این شماره سرنخی دارد که از دست رفت؛ کارشناسش «%(owner)s» است و می‌شود همان را باز کرد.") % owner
    return _("این شماره سرنخی دارد که از دست رفت و می‌شود همان را باز کرد.")


def _hold(stage_ids: Collection[int]) -> None:
    """Keep the stages from being archived until the end of the transaction. Raises Conflict where one just was."""
    held = LeadStage.objects.select_for_update(no_key=True).filter(pk__in=stage_ids, archived_at=None)
    if len(held.order_by("pk")) < len(stage_ids):
        raise Conflict(_("این مرحله همین حالا بایگانی شد؛ مرحلهٔ دیگری برگزینید."))


def _leads(run: ImportRun, table: Table, now: datetime, **more: Any) -> LeadImport:
    return LeadImport(table, run.places, lead_terms(now), run.actor, now, **more)


SUBJECT = Subject(LEADS, "leads_import", lambda: KNOWN, _leads)
