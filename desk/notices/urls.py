"""Addresses of notices: one's own, and those that are written."""

from django.urls import path

from desk.notices import inbox, writing

urlpatterns = [
    path("notices/", inbox.notices, name="notices"),
    path("notices/written/", writing.notice_list, name="notices_written"),
    path("notices/written/export.<str:form>", writing.notices_file, name="notices_file"),
    path("notices/new/", writing.notice_new, name="notice_new"),
    path("notices/<int:notice_id>/", writing.notice, name="notice"),
    path("notices/<int:notice_id>/withdraw/", writing.notice_withdraw, name="notice_withdraw"),
]
