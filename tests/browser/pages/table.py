"""Every page there is: a row says whose page it is and how it is reached.

A new page joins with one line: `Row("desk:offers", "manager")`. What stands in its address (`<int:offer_id>`) is found
under that name among the world's ids; `given` names another. An address that is no page has its reason in `no_pages.py`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, reverse
from playwright.sync_api import Page

from accounts.admin_site import site
from accounts.rights import ADMIN_RIGHTS
from tests.browser.pages import acts
from tests.browser.pages.no_pages import NO_PAGES
from tests.browser.pages.world import MEMBER, URLS

Act = Callable[[Page], None]
NAMED = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Row:
    """A page as somebody sees it: `route` is the name of an address, or a path that begins with a slash."""

    route: str
    who: str
    state: str = ""
    """What is particular about it, where a page has several rows."""
    query: str = ""
    """An id of the world's stands in braces."""
    act: Act | None = None
    """What is done before it is looked at."""
    status: int = 200
    given: Mapping[str, str] = field(default_factory=dict)
    technical: bool = False
    """For people who read Latin names: its words are not looked at."""

    @property
    def name(self) -> str:
        """How tests and pictures call it."""
        route = re.sub(r"\W+", "-", self.route).strip("-") or "root"
        return f"{route}-{self.state}" if self.state else route


ROWS = [
    # signing in
    Row("accounts:login", "visitor"),
    Row("accounts:login", "visitor", "refused", act=acts.send_nothing, status=422),
    Row("accounts:member_login", "visitor"),
    Row("accounts:member_login", "visitor", "refused", act=acts.send_nothing, status=422),
    Row("accounts:member_code", "visitor", act=acts.ask_for_code),
    Row("accounts:password", "cashier"),
    Row("accounts:password", "cashier", "refused", act=acts.send_nothing, status=422),
    # the member's pages
    Row("portal:home", "member"),
    Row("portal:home", "member", "card", act=acts.open_card),
    Row("portal:home", "newcomer", "newcomer"),
    Row("portal:home", "indebted", "indebted"),
    Row("portal:home", "stranger", "stranger", status=403),
    Row("portal:join", "visitor"),
    Row("portal:join", "visitor", "refused", act=acts.send_nothing, status=422),
    Row("portal:join_details", "stranger"),
    Row("portal:join_details", "stranger", "refused", act=acts.send_wrong_birthday, status=422),
    Row("portal:join_wait", "waiting"),
    Row("portal:rules", "visitor"),
    Row("portal:rules", "asked", "asked"),
    Row("portal:rules_version", "visitor"),
    Row("portal:ledger", "member"),
    Row("portal:ledger", "member", "credit", query="unit=credit"),
    Row("portal:ledger", "newcomer", "newcomer"),
    Row("portal:offers", "member"),
    Row("portal:offers", "stranger", "stranger", status=403),
    Row("portal:missions", "member"),
    Row("portal:missions", "newcomer", "newcomer"),
    Row("portal:rewards", "member"),
    Row("portal:rewards", "newcomer", "newcomer"),
    Row("portal:reward", "member"),
    Row("portal:reward", "member", "far", given={"reward_id": "dear_reward"}),
    Row("portal:voucher", "member"),
    Row("portal:gift_cards", "member"),
    Row("portal:gift_cards", "newcomer", "refused", act=acts.send_nothing, status=422),
    Row("portal:purchases", "member"),
    Row("portal:purchases", "newcomer", "newcomer"),
    Row("portal:invoice", "member", given={"purchase_id": "half_refunded"}),
    Row("portal:invoice", "member", "roll", query="roll=1"),
    Row("portal:card", "member"),
    Row("portal:card", "indebted", "none"),
    Row("portal:profile", "member"),
    Row("portal:profile_edit", "member"),
    Row("portal:profile_edit", "member", "refused", act=acts.send_wrong_mail, status=422),
    Row("portal:changes", "member"),
    Row("portal:phone", "member"),
    Row("portal:phone", "member", "refused", act=acts.send_nothing, status=422),
    Row("portal:phone_code", "newcomer", act=acts.ask_for_new_phone),
    # what staff have of their own
    Row("accounts:account", "cashier"),
    Row("accounts:two_factor", "cashier"),
    Row("accounts:two_factor", "cashier", "refused", act=acts.send_nothing, status=422),
    Row("accounts:two_factor", "caller", "codes", act=acts.set_up_two_factor),
    Row("accounts:second_step", "halfway", act=acts.give_password),
    Row("accounts:link", "visitor"),
    Row("/staff/link/spent/", "visitor", status=404),
    # help
    Row("help", "manager"),
    Row("help", "visitor", "visitor"),
    Row("help", "member", "none", query="q=zzz"),
    Row("help_topic", "cashier", given={"audience": "help_audience", "code": "help_code"}),
    Row("/help/members/card/", "member", "member"),
    # the till
    Row("desk:till", "cashier"),
    Row("desk:till", "cashier", "looking", act=acts.look_for_member),
    Row("desk:till", "cashier", "chosen", act=acts.choose_member),
    Row("desk:till", "cashier", "enrolling", act=acts.enrol),
    Row("desk:till", "cashier", "recorded", act=acts.record),
    Row("desk:till", "cashier", "refused", act=acts.send_empty_till),
    Row("desk:till", "founder", "first"),
    Row("desk:purchases", "cashier"),
    Row("desk:purchases", "manager", "files"),
    Row("desk:purchases", "cashier", "none", query="q=zzz"),
    Row("desk:purchases", "founder", "first"),
    Row("desk:receipt", "cashier"),
    Row("desk:receipt", "cashier", "half", given={"purchase_id": "half_refunded"}),
    Row("desk:receipt", "cashier", "roll", query="roll=1", given={"purchase_id": "bought_now"}),
    Row("desk:refund", "cashier", act=acts.settled),
    Row("desk:refund", "cashier", "amount", given={"purchase_id": "half_refunded"}, act=acts.refund_by_amount),
    Row("desk:refund", "cashier", "over", given={"purchase_id": "refunded"}),
    Row("desk:refund", "cashier", "lots", given={"purchase_id": "bought_now"}, act=acts.settled),
    Row("desk:returns", "cashier"),
    Row("desk:returns", "cashier", "none", query="q=zzz"),
    Row("desk:returns", "cashier", "several", query=f"q={MEMBER[-4:]}"),
    Row("desk:returns", "cashier", "member", query=f"q={MEMBER}"),
    Row("desk:returns", "founder", "first"),
    Row("desk:return_slip", "cashier", given={"purchase_id": "half_refunded"}),
    Row("desk:return_slip", "cashier", "a4", query="a4=1", given={"purchase_id": "half_refunded"}),
    # members, as staff see them
    Row("desk:members", "support"),
    Row("desk:members", "manager", "files"),
    Row("desk:members", "manager", "none", query="q=zzz"),
    Row("desk:members", "founder", "first"),
    Row("desk:member", "cashier"),
    Row("desk:member_activity", "manager"),
    Row("desk:member_edit", "support"),
    Row("desk:member_edit", "support", "refused", act=acts.send_wrong_mail, status=422),
    Row("desk:member_cards", "cashier"),
    Row("desk:member_cards", "cashier", "none", given={"member_id": "cardless"}),
    Row("desk:member_cards", "cashier", "refused", act=acts.send_nothing, status=422),
    Row("desk:member_card_print", "cashier"),
    Row("desk:member_phone", "support"),
    Row("desk:member_phone", "manager", "taken", act=acts.ask_for_taken_phone, status=422),
    Row("desk:member_phone_code", "support", act=acts.ask_for_members_phone),
    Row("desk:member_merge", "manager", query="q=صادقی"),
    Row("desk:member_merge", "manager", "none", query="q=zzz"),
    Row("desk:member_merge", "manager", "side-by-side", query="with={cardless}"),
    Row("desk:member_merge", "manager", "unsure", query="with={cardless}", act=acts.send_nothing_sure, status=422),
    Row("desk:member_erase", "manager"),
    Row("desk:member_erase", "manager", "refused", act=acts.send_nothing, status=422),
    Row("desk:member_erase", "manager", "asked", act=acts.prove_and_ask),
    Row("desk:member_value", "manager"),
    Row("desk:member_value", "manager", "seen", act=acts.look_at_value),
    Row("desk:member_value", "manager", "refused", act=acts.send_nothing, status=422),
    Row("desk:member_undo", "manager", given={"entry_id": "given_by_hand"}),
    Row(
        "desk:member_undo", "manager", "refused", given={"entry_id": "given_by_hand"}, act=acts.send_nothing, status=422
    ),
    # the manager's pages
    Row("desk:dashboard", "manager"),
    Row("desk:dashboard", "manager", "today", query="range=today"),
    Row("desk:dashboard", "manager", "table", act=acts.open_details),
    Row("desk:dashboard", "manager", "wrong", query="range=custom&from=x&to=1405/13/40", status=422),
    Row("desk:dashboard", "manager", "drawer", act=acts.open_drawer),
    Row("desk:dashboard", "founder", "first"),
    Row("desk:join", "manager"),
    Row("desk:join", "cashier", "branch", query="branch=valiasr"),
    Row("desk:join_poster", "cashier", "a4", given={"size": "a4"}),
    Row("desk:join_poster", "cashier", "a6", given={"size": "a6"}),
    Row("desk:join_requests", "manager"),
    Row("desk:join_requests", "manager", "refused", query="state=refused"),
    Row("desk:join_requests", "founder", "first"),
    Row("desk:join_invitations", "manager"),
    Row("desk:join_invitations", "manager", "wrong", act=acts.invite_nobody, status=422),
    Row("desk:join_invitations", "founder", "first"),
    Row("desk:rules", "manager"),
    Row("desk:rules", "founder", "first"),
    Row("desk:rules_draft", "manager"),
    Row("desk:rules_draft", "founder", "refused", act=acts.send_nothing, status=422),
    Row("desk:activities", "cashier"),
    Row("desk:activities", "manager", "wrong", act=acts.send_nothing, status=422),
    Row("desk:activities", "founder", "first"),
    Row("desk:activity_types", "manager"),
    Row("desk:occasion", "manager"),
    Row("desk:gaps", "manager", query="month={gap_month}"),
    Row("desk:gaps", "founder", "none"),
    Row("desk:gift_cards", "manager"),
    Row("desk:gift_cards", "founder", "first"),
    Row("desk:gift_card_sell", "cashier"),
    Row("desk:gift_card_sell", "manager", "refused", act=acts.send_no_gift_card, status=422),
    Row("desk:gift_card_issue", "manager"),
    Row("desk:gift_card", "manager"),
    Row("desk:gift_card", "cashier", "masked", given={"gift_card_id": "blocked_card"}),
    Row("desk:gift_card_print", "manager"),
    Row("desk:gift_card_batch", "manager"),
    Row("desk:gift_card_batch_print", "manager"),
    Row("desk:offers", "manager"),
    Row("desk:offers", "manager", "live", query="status=live"),
    Row("desk:offers", "manager", "none", query="status=paused"),
    Row("desk:offers", "founder", "first"),
    Row("desk:offer_new", "manager"),
    Row("desk:offer_new", "founder", "lacking"),
    Row("desk:offer", "manager"),
    Row("desk:offer", "manager", "grouped", given={"offer_id": "grouped_offer"}),
    Row("desk:offer", "manager", "refused", act=acts.send_nameless_offer, status=422),
    Row("desk:offer", "manager", "other-kind", act=acts.choose_another_benefit),
    Row("desk:offer_publish", "manager", given={"offer_id": "drafted_offer"}),
    Row("desk:offer_publish", "manager", "stopped", given={"offer_id": "grouped_offer"}),
    Row("desk:offer_history", "manager"),
    Row("desk:offer_history", "manager", "none", given={"offer_id": "drafted_offer"}),
    Row("desk:offer_effect", "manager"),
    Row("desk:offer_effect", "manager", "held", given={"offer_id": "tried_offer"}),
    Row("desk:offer_coupons", "manager", "plain"),
    Row("desk:offer_coupons", "manager", "codes", given={"offer_id": "grouped_offer"}),
    Row(
        "desk:offer_coupons",
        "manager",
        "refused",
        act=acts.send_no_code,
        status=422,
        given={"offer_id": "grouped_offer"},
    ),
    Row("desk:missions", "manager"),
    Row("desk:missions", "founder", "first"),
    Row("desk:mission_new", "manager", query="ready=stamps"),
    Row("desk:mission", "manager"),
    Row("desk:mission", "manager", "draft", given={"mission_id": "drafted_mission"}),
    Row("desk:mission", "manager", "ended", given={"mission_id": "ended_mission"}),
    Row("desk:mission_new", "manager", "refused", act=acts.send_nothing, status=422),
    Row("desk:rewards", "manager"),
    Row("desk:rewards", "founder", "first"),
    Row("desk:reward_new", "manager"),
    Row("desk:reward_new", "manager", "refused", act=acts.send_nothing, status=422),
    Row("desk:reward", "manager"),
    Row("desk:reward_grant", "manager"),
    Row("desk:grants", "manager"),
    Row("desk:grant", "manager"),
    Row("desk:grant", "manager", "stopped", given={"grant_id": "stopped_grant"}),
    Row("desk:vouchers", "manager"),
    Row("desk:member_rewards", "cashier"),
    Row("desk:member_reward", "cashier"),
    Row("desk:rules_publish", "manager"),
    Row("desk:rules_version", "manager"),
    Row("desk:imports", "manager"),
    Row("desk:imports", "founder", "first"),
    Row("desk:imports", "manager", "refused", act=acts.send_no_file, status=422),
    Row("desk:import_run", "manager"),
    Row("desk:staff", "manager"),
    Row("desk:staff", "manager", "left", query="left=1"),
    Row("desk:staff_invite", "owner"),
    Row("desk:staff_invite", "owner", "refused", act=acts.send_nothing, status=422),
    Row("desk:staff_person", "owner"),
    Row("desk:staff_person", "owner", "password", given={"user_id": "unreached"}, act=acts.hand_password),
    Row("desk:settings", "owner"),
    Row("desk:settings", "founder", "first"),
    Row("desk:settings_programme", "manager"),
    Row("desk:settings_programme", "manager", "changed", act=acts.change_programme),
    Row("desk:settings_programme_versions", "manager"),
    Row("desk:settings_programme_versions", "founder", "first"),
    Row("desk:settings_tiers", "manager"),
    Row("desk:settings_tiers", "founder", "first"),
    Row("desk:settings_tiers", "manager", "typed", act=acts.raise_threshold),
    Row("desk:settings_tier_new", "manager"),
    Row("desk:settings_tier_new", "manager", "refused", act=acts.send_nothing, status=422),
    Row("desk:settings_tier", "manager"),
    Row("desk:settings_tier_delete", "manager"),
    Row("desk:settings_messages", "manager"),
    Row("desk:settings_messages", "founder", "first"),
    Row("desk:settings_message", "manager"),
    Row("desk:settings_message", "manager", "refused", act=acts.spoil_words, status=422),
    Row("desk:settings_sms_account", "manager"),
    Row("desk:settings_sms_balance", "manager"),
    Row("desk:settings_sms_test", "manager"),
    Row("desk:settings_sms_tested", "manager"),
    Row("desk:audit", "manager"),
    Row("desk:audit", "manager", "none", query="person=system&kind=list"),
    Row("desk:audit", "manager", "wrong", query="range=custom&from=x&to=", status=422),
    Row("desk:audit", "founder", "first"),
    Row("desk:settings_look", "owner"),
    Row("desk:settings_look", "owner", "yellow", act=acts.choose_yellow),
    Row("desk:settings_contact", "owner"),
    Row("desk:settings_fields", "manager"),
    Row("desk:settings_fields", "founder", "first"),
    Row("desk:settings_field_new", "manager"),
    Row("desk:settings_field_new", "manager", "refused", act=acts.send_nothing, status=422),
    Row("desk:settings_field", "manager"),
    Row("desk:settings_groups", "manager"),
    Row("desk:settings_groups", "founder", "first"),
    Row("desk:settings_group_new", "manager"),
    Row("desk:settings_group", "manager", given={"code": "group_code"}),
    Row("desk:settings_products", "manager"),
    Row("desk:settings_products", "founder", "first"),
    Row("desk:settings_product_new", "manager"),
    Row("desk:settings_product", "manager", given={"code": "product_code"}),
    Row("desk:settings_branches", "manager"),
    Row("desk:settings_branches", "founder", "first"),
    Row("desk:settings_branch_new", "manager"),
    Row("desk:settings_branch", "manager", given={"code": "branch_code"}),
    Row("desk:settings_products", "manager", "none", query="q=zzz"),
    Row("desk:settings_product_new", "manager", "refused", act=acts.send_nothing, status=422),
    Row("admin:index", "owner"),
    Row("admin:app_list", "owner"),
    Row("admin:members_member_history", "owner", given={"object_id": "members.Member"}),
    Row("admin:members_member_changelist", "owner", "none", query="q=zzz"),
    Row("admin:accounts_apikey_add", "owner"),
    Row("admin:members_member_add", "owner", "refused", act=acts.send_nothing),
    # what went wrong
    Row("/no-such-page/", "visitor", status=404),
    Row("/fails/bad/", "visitor", status=400),
    Row("/fails/denied/", "visitor", status=403),
    Row("desk:dashboard", "cashier", "closed", status=403),
    Row("desk:till", "agent", "closed", status=403),
    Row("/fails/broken/", "visitor", status=500),
    Row("/fails/lost/", "visitor", status=503),
    Row("/logout/", "visitor", status=405),
    Row("/login/", "visitor", "stale", act=acts.send_without_token, status=403),
    Row("/", "lost", status=404),
    Row("/fails/clubs/", "visitor", status=404),
    # for whoever builds it
    Row("components", "visitor"),
    Row("/", "phones", "phones", technical=True),
    Row("/?receptor=09121234567", "phones", "phone", technical=True),
    Row("/panel", "phones", "panel", technical=True),
]


def every_row() -> list[Row]:
    """The rows written here and those of the admin's records."""
    return [*ROWS, *_records()]


def alike() -> set[str]:
    """Names of the admin's pages of records but for one of each kind: all are drawn by the same few templates."""
    seen, found = set[str](), set[str]()
    for row in _records():
        kind = row.route.rsplit("_", 1)[1]
        if kind in seen:
            found.add(row.name)
        seen.add(kind)
    return found


def _records() -> Iterator[Row]:
    """List, form to add, record and question before deletion of each model, where somebody may open them."""
    for model in site._registry:
        for kind in ("changelist", "add", "change", "delete"):
            route = route_of(model, kind)
            if is_open(model, kind) and route not in NO_PAGES:
                given = (
                    {}
                    if kind in ("changelist", "add")
                    else {"object_id": model._meta.label + (":last" if kind == "delete" else "")}
                )
                yield Row(route, "owner", given=given)


def route_of(model: type[Model], kind: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}"


def is_open(model: type[Model], kind: str) -> bool:
    """Whether the admin lets anybody have this page of the model."""
    request = RequestFactory().get("/")
    request.user = Anybody()
    record = site._registry[model]
    allowed = {"add": record.has_add_permission, "delete": record.has_delete_permission}
    return kind not in allowed or allowed[kind](request)


class Anybody(AnonymousUser):
    """Somebody who has every right there is."""

    def has_perm(self, permission: str, obj: object = None) -> bool:
        app, _dot, codename = permission.partition(".")
        action, _underscore, model = codename.partition("_")
        rights = ADMIN_RIGHTS.get(f"{app}.{model}") or ADMIN_RIGHTS[app]
        return rights[{"view": 0, "add": 1, "change": 1, "delete": 2}[action]] is not None


def path_of(row: Row, known: Callable[[str], Any]) -> str:
    """The row's address in the world that knows what it names."""
    path = row.route
    if not path.startswith("/"):
        names = NAMED.findall(dict(addresses())[row.route])
        path = reverse(row.route, kwargs={name: known(row.given.get(name, name)) for name in names})
    query = re.sub(r"{(\w+)}", lambda name: str(known(name[1])), row.query)
    return f"{path}?{query}" if query else path


def addresses(patterns: Any = None, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of everything the resolver knows; without a name, the route twice."""
    for pattern in get_resolver(URLS).url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route, pattern.namespace or space)
        elif pattern.name is None:
            yield route, route
        else:
            yield (f"{space}:{pattern.name}" if space else pattern.name), route
