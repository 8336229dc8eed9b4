"""Addresses of the manager's own pages; the records are in the admin."""

from django.urls import path

from desk.manager import dashboard, imports, joining, posters, rules, staff
from desk.manager.settings.urls import urlpatterns as settings

urlpatterns = [
    *settings,
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/sales.<str:form>", dashboard.sales_file, name="sales_file"),
    path("imports/", imports.imports, name="imports"),
    path("imports/export.<str:form>", imports.imports_file, name="imports_file"),
    path("imports/template.xlsx", imports.import_template, name="import_template"),
    path("imports/<int:run_id>/", imports.import_run, name="import_run"),
    path("imports/<int:run_id>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:run_id>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<int:run_id>/start/", imports.import_start, name="import_start"),
    path("imports/<int:run_id>/stop/", imports.import_stop, name="import_stop"),
    path("imports/<int:run_id>/go-on/", imports.import_go_on, name="import_go_on"),
    path("imports/<int:run_id>/drop/", imports.import_drop, name="import_drop"),
    path("imports/<int:run_id>/report/", imports.import_report, name="import_report"),
    path("join/", posters.join, name="join"),
    path("join/poster/<slug:size>/", posters.poster, name="join_poster"),
    path("join/code.<slug:picture>", posters.code_file, name="join_code"),
    path("join/way/", joining.way, name="join_way"),
    path("join/requests/", joining.requests, name="join_requests"),
    path("join/requests/export.<str:form>", joining.requests_file, name="join_requests_file"),
    path("join/requests/decide/", joining.decide, name="join_decide"),
    path("join/invitations/", joining.invite, name="join_invitations"),
    path("join/invitations/export.<str:form>", joining.invitations_file, name="join_invitations_file"),
    path("join/invitations/<int:invitation_id>/revoke/", joining.revoke, name="join_revoke"),
    path("rules/", rules.rules, name="rules"),
    path("rules/draft/", rules.draft, name="rules_draft"),
    path("rules/publish/", rules.publish, name="rules_publish"),
    path("rules/<int:number>/", rules.version, name="rules_version"),
    path("rules/<int:number>/withdraw/", rules.withdraw, name="rules_withdraw"),
    path("rules/<int:number>/export.<str:form>", rules.version_file, name="rules_file"),
    path("staff/", staff.staff, name="staff"),
    path("staff/export.<str:form>", staff.staff_file, name="staff_file"),
    path("staff/invite/", staff.invite, name="staff_invite"),
    path("staff/<int:user_id>/", staff.person, name="staff_person"),
    path("staff/<int:user_id>/roles/add/", staff.add_role, name="staff_add_role"),
    path("staff/<int:user_id>/roles/", staff.change_role, name="staff_change_role"),
    path("staff/<int:user_id>/leave/", staff.leave, name="staff_leave"),
    path("staff/<int:user_id>/link/", staff.link, name="staff_link"),
    path("staff/<int:user_id>/two-factor/", staff.reset_two_factor, name="staff_two_factor"),
    path("staff/<int:user_id>/password/", staff.first_password, name="staff_password"),
]
