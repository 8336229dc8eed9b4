"""Tickets, what was written under them and how they moved, and the office that answers: to read.

Tickets are worked on in the inbox, on pages of their own.
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from core.language import listed
from core.templatetags.club_ui import number
from core.tenancy.scope import current_club
from core.text import latin_digits, persian_letters, whole_number
from desk.manager.filters import CreatedFilter, DaysFilter, OfMemberFilter
from desk.manager.record import SeenAdmin, actor_column, as_typed, at, code, column, count, day, with_names
from tickets.models import (
    CannedAnswer,
    Comment,
    Department,
    DepartmentPerson,
    Holiday,
    Priority,
    ServiceTarget,
    StatusChange,
    Ticket,
)

LONGEST_SHOWN = 50
PLACEHOLDER = re.compile(r"(\{\w+\})")


def asked_by(row: Ticket) -> SafeString:
    """The member, linked."""
    url = reverse("admin:members_member_change", args=[row.member_id])
    return format_html('<a href="{}">{}</a>', url, row.member)


def in_inbox(ticket: Ticket, said: object) -> SafeString:
    """The words, linked to where the ticket is worked on."""
    return format_html('<a href="{}">{}</a>', reverse("desk:ticket", args=[ticket.pk]), said)


def spelt(text: str) -> SafeString:
    """An answer kept at hand, its placeholders left to right."""
    parts = PLACEHOLDER.split(text)
    return format_html_join(
        "",
        "{}{}",
        ((words, as_typed(name) if name else "") for words, name in zip(parts[::2], [*parts[1::2], ""], strict=True)),
    )


class OfTicketsMemberFilter(OfMemberFilter):
    """Rows of the tickets of one member."""

    field = "ticket__member"


class ChangedFilter(DaysFilter):
    """Changes of some days."""

    field = "at"


@admin.register(Ticket, site=site)
class TicketAdmin(SeenAdmin):
    """Every ticket of the club, tasks and merged ones too."""

    search_fields = ("number",)  # what is found is decided by `get_search_results`
    search_help_text = _("شماره یا موضوع")
    list_display = (
        column(_("شماره"), lambda row: row.shown_number, order="number", kind="number", value=attrgetter("number")),
        column(_("موضوع"), lambda row: in_inbox(row, row.subject)),
        column(_("عضو"), asked_by),
        column(_("نوع"), lambda row: row.get_kind_display()),
        column(_("وضعیت"), lambda row: row.get_status_display()),
        column(_("اولویت"), lambda row: row.get_priority_display()),
        column(_("واحد"), lambda row: row.department),
        column(_("مسئول"), lambda row: row.assignee),
        at("created_at", _("ثبت")),
        at("due_at", _("مهلت")),
    )
    list_filter = ("status", "kind", "priority", OfMemberFilter, CreatedFilter)
    list_select_related = ("member", "department", "assignee", "product")
    ordering = ("-id",)
    fields = readonly_fields = (
        *list_display,
        column(_("کالا"), lambda row: row.product),
        column(_("از کدام در"), lambda row: row.get_channel_display()),
        at("first_answer_at", _("نخستین پاسخ")),
        at("solved_at", _("حل")),
        at("closed_at", _("بسته شدن")),
        count("reopened", _("دفعه‌های باز شدن دوباره")),
        count("rating", _("امتیاز")),
        "rating_text",
    )

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], term: str) -> tuple[Any, bool]:
        """By the number in any digits, or by a part of the subject."""
        text = persian_letters(term.replace("\x00", "")).strip()
        if not text:
            return queryset, False
        number_typed = whole_number(latin_digits(text).removeprefix("#"))
        if number_typed is None or not 0 < number_typed < 2**63:
            return queryset.filter(subject__icontains=text), False
        return queryset.filter(number=number_typed), False


@admin.register(Comment, site=site)
class CommentAdmin(SeenAdmin):
    """What was written under tickets, by either side."""

    list_display = (
        at("created_at", _("زمان")),
        column(_("تیکت"), lambda row: in_inbox(row.ticket, row.ticket)),
        column(_("از"), lambda row: row.get_side_display()),
        actor_column(_("ثبت‌کننده")),
        "is_internal",
        column(_("متن"), lambda row: Truncator(row.text).chars(LONGEST_SHOWN), value=attrgetter("text")),
    )
    list_filter = ("side", "is_internal", OfTicketsMemberFilter, CreatedFilter)
    list_select_related = ("ticket",)
    ordering = ("-id",)
    fields = readonly_fields = (*list_display[:5], "text")

    def prepare(self, rows: list[Any]) -> None:
        """Name who wrote."""
        with_names(rows)

    def title_of(self, row: Comment) -> str:
        """By the ticket."""
        return str(row.ticket)


@admin.register(StatusChange, site=site)
class StatusChangeAdmin(SeenAdmin):
    """How tickets moved from state to state."""

    list_display = (
        at("at", _("زمان")),
        column(_("تیکت"), lambda row: in_inbox(row.ticket, row.ticket)),
        column(_("پیش از آن"), lambda row: _state(row.from_status)),
        column(_("وضعیت"), lambda row: row.get_to_status_display()),
        actor_column(_("چه کسی")),
    )
    list_filter = ("to_status", OfTicketsMemberFilter, ChangedFilter)
    list_select_related = ("ticket",)
    ordering = ("-id",)
    fields = readonly_fields = list_display

    def prepare(self, rows: list[Any]) -> None:
        """Name who moved it."""
        with_names(rows)

    def title_of(self, row: StatusChange) -> str:
        """By the ticket."""
        return str(row.ticket)


@admin.register(Department, site=site)
class DepartmentAdmin(SeenAdmin):
    """The parts of the staff that answer."""

    list_display = (
        "name",
        code(_("کد")),
        column(_("سرپرست"), lambda row: row.head),
        column(_("کارکنان"), lambda row: listed(row.people_named)),
        at("archived_at", _("بایگانی")),
    )
    list_select_related = ("head",)
    search_fields = ("name", "code")
    ordering = ("position", "id")
    fields = readonly_fields = list_display

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The department with its people."""
        found = super().get_object(request, object_id, from_field)
        self.prepare([found])
        return found

    def prepare(self, rows: list[Any]) -> None:
        """Name the people of each."""
        people = DepartmentPerson.objects.filter(department__in=[row.pk for row in rows]).select_related("user")
        for row in rows:
            row.people_named = sorted(str(one.user) for one in people if one.department_id == row.pk)


@admin.register(CannedAnswer, site=site)
class CannedAnswerAdmin(SeenAdmin):
    """The answers that are kept at hand."""

    list_display = (
        "title",
        column(_("واحد"), lambda row: row.department),
        column(_("متن"), lambda row: _of_club(Truncator(row.text).chars(LONGEST_SHOWN)), value=attrgetter("text")),
    )
    list_select_related = ("department",)
    search_fields = ("title", "text")
    ordering = ("-id",)
    fields = readonly_fields = (*list_display[:2], column(_("متن"), lambda row: _of_club(row.text)))


@admin.register(Holiday, site=site)
class HolidayAdmin(SeenAdmin):
    """The days on which nobody answers."""

    list_display = (day("day", _("روز")), "name")
    search_fields = ("name",)
    ordering = ("-day", "-id")
    fields = readonly_fields = list_display


@admin.register(ServiceTarget, site=site)
class ServiceTargetAdmin(SeenAdmin):
    """What is promised for tickets of each priority, where it is not the usual."""

    list_display = (
        column(_("اولویت"), lambda row: row.get_priority_display()),
        column(_("نخستین پاسخ"), lambda row: _minutes(row.answer_minutes), kind="text"),
        column(_("حل"), lambda row: _minutes(row.solve_minutes), kind="text"),
    )
    ordering = ("id",)
    fields = readonly_fields = list_display

    def title_of(self, row: ServiceTarget) -> str:
        """By the priority."""
        return str(Priority(row.priority).label)


def _of_club(text: str) -> str:
    """A text with placeholders, in the language in which the club writes."""
    return format_html('<span lang="{}">{}</span>', current_club().language, spelt(text))


def _minutes(minutes: int) -> str:
    return str(_("%(count)s دقیقهٔ کاری") % {"count": number(minutes)})


def _state(status: str) -> str:
    return str(Ticket.Status(status).label) if status else ""
