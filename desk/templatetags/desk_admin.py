"""What the admin's templates need beside Django's own tags."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.admin.views.main import PAGE_VAR
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.club_ui import fa

register = template.Library()


@register.simple_tag
def page_link(changelist: Any, page: int | str) -> SafeString:
    """Show the number of a page of a list, as a link unless it is the one that is shown."""
    if page == changelist.paginator.ELLIPSIS:
        return format_html("<span>{}</span>", page)
    if page == changelist.page_num:
        return format_html('<span class="this-page" aria-current="page">{}</span>', fa(page))
    return format_html('<a href="{}">{}</a>', changelist.get_query_string({PAGE_VAR: page}), fa(page))
