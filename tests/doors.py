"""ONE table of who may open which address: a row for every address of the resolver, letters for every role.

A new page joins with a line in PAGES, a new record of the admin with one in RECORDS. Addresses of the API have their
table in tests/api/test_access.py, which asks for a row of each operation in the same way.
"""

from dataclasses import dataclass

# Who knocks, by letter. "x" is the owner of another club, in a session of that club's.
WHO = {
    "v": "visitor",
    "x": "stranger",
    "m": "member",
    "a": "agent",
    "c": "caller",
    "s": "support",
    "t": "cashier",
    "g": "manager",
    "o": "owner",
}
EVERYBODY = "vxmacstgo"
MEMBER = "m"
STAFF = "acstgo"
READERS = "cstgo"  # who may look at members
KEEPERS = "sgo"  # who may change them
TILL = "tgo"
MANAGERS = "go"
OWNER = "o"


@dataclass(frozen=True)
class Door:
    """Whom the address lets in and what it answers them: to a GET, and to a POST without any field.

    Who is in `to_login` is sent to a login, as there is no session that this door looks at; all others get 403.
    """

    let_in: str
    get: int | tuple[int, ...] = 200
    post: int | tuple[int, ...] = 405
    to_login: str = "vx"


PAGES = {
    # for everybody
    "healthz": Door(EVERYBODY, post=200),
    "core:brand_css": Door(EVERYBODY),
    "core:logo": Door(EVERYBODY, get=(200, 404)),
    "help": Door(EVERYBODY),
    "help_topic": Door(EVERYBODY, get=(200, 404)),
    "accounts:login": Door(EVERYBODY, post=422),
    "accounts:member_login": Door(EVERYBODY, post=422),
    "portal:login": Door(EVERYBODY, post=422),
    "accounts:link": Door(EVERYBODY, post=422),
    "accounts:logout": Door(EVERYBODY, get=405, post=302),
    "accounts:language": Door(EVERYBODY, get=405, post=404),
    "portal:join": Door(EVERYBODY, get=(200, 302), post=(422, 302)),
    "portal:rules": Door(EVERYBODY),
    "portal:rules_version": Door(EVERYBODY),
    # on the way in: without the step before, back to it
    "accounts:member_code": Door("", to_login=EVERYBODY),
    "accounts:second_step": Door("", to_login=EVERYBODY),
    "portal:join_details": Door("macstgo", get=(200, 302), post=(302, 422)),
    "portal:join_wait": Door("macstgo", get=302, post=405),
    # what staff have of their own
    "accounts:password": Door(STAFF, post=422, to_login="vxm"),
    "accounts:account": Door(STAFF, to_login="vxm"),
    "accounts:end_sessions": Door(STAFF, get=405, post=302, to_login="vxm"),
    "accounts:end_session": Door(STAFF, get=405, post=(302, 404), to_login="vxm"),
    "accounts:two_factor": Door(STAFF, post=422, to_login="vxm"),
    "accounts:two_factor_off": Door(STAFF, get=405, post=302, to_login="vxm"),
    # the member's own
    "portal:home": Door(MEMBER),
    "portal:rules_accept": Door(MEMBER, get=405, post=302),
    "portal:offers": Door(MEMBER),
    "portal:rewards": Door(MEMBER),
    "portal:reward": Door(MEMBER, get=(200, 404), post=(422, 404)),
    "portal:voucher": Door(MEMBER, get=(200, 404)),
    "portal:voucher_cancel": Door(MEMBER, get=405, post=(302, 404)),
    "portal:gift_cards": Door(MEMBER, post=422),
    "portal:ledger": Door(MEMBER),
    "portal:ledger_file": Door(MEMBER),
    "portal:purchases": Door(MEMBER),
    "portal:purchases_file": Door(MEMBER),
    "portal:invoice": Door(MEMBER),
    "portal:card": Door(MEMBER),
    "portal:card_code": Door(MEMBER),
    "portal:card_lost": Door(MEMBER, get=405, post=302),
    "portal:card_new": Door(MEMBER, get=405, post=302),
    "portal:profile": Door(MEMBER),
    "portal:profile_edit": Door(MEMBER, post=422),
    "portal:changes": Door(MEMBER),
    "portal:changes_file": Door(MEMBER),
    "portal:consent": Door(MEMBER, get=405, post=302),
    "portal:language": Door(MEMBER, get=405, post=404),
    "portal:phone": Door(MEMBER, post=422),
    "portal:phone_code": Door(MEMBER, get=302, post=302),
    # the till
    "desk:home": Door(STAFF, get=302, post=302),
    "desk:till": Door(TILL, post=422),
    "desk:member_search": Door(TILL),
    "desk:product_search": Door(TILL),
    "desk:preview": Door(TILL, get=405, post=200),
    "desk:returns": Door(TILL),
    "desk:purchases": Door(TILL),
    "desk:receipt": Door(TILL),
    "desk:undo": Door(TILL, get=405, post=302),
    "desk:refund": Door(TILL, post=422),
    "desk:refund_preview": Door(TILL, get=405, post=200),
    "desk:return_slip": Door(TILL),
    # members
    "desk:members": Door(READERS),
    "desk:member": Door(READERS),
    "desk:member_activity": Door(READERS),
    "desk:members_file": Door(MANAGERS),
    "desk:activity_file": Door(MANAGERS),
    "desk:member_notes": Door(KEEPERS, get=405, post=422),
    "desk:member_note": Door(KEEPERS, get=405, post=(404, 409, 422)),
    "desk:member_tags": Door(KEEPERS, get=405, post=422),
    "desk:member_edit": Door(KEEPERS, post=(200, 302, 422)),
    "desk:member_cards": Door("stgo", post=422),
    "desk:member_card_print": Door("stgo"),
    "desk:member_phone": Door(KEEPERS, post=422),
    "desk:member_phone_code": Door(KEEPERS, get=302, post=302),
    "desk:member_merge": Door(MANAGERS, post=404),
    "desk:member_erase": Door(MANAGERS, post=422),
    "desk:member_value": Door(MANAGERS, post=422),
    "desk:member_undo": Door(MANAGERS, post=422),
    # the manager's
    "desk:dashboard": Door(MANAGERS),
    "desk:sales_file": Door(MANAGERS),
    "desk:settings": Door(MANAGERS),
    "desk:settings_programme": Door(MANAGERS, post=200),
    "desk:settings_programme_example": Door(MANAGERS, get=405, post=200),
    "desk:settings_programme_versions": Door(MANAGERS),
    "desk:settings_programme_withdraw": Door(MANAGERS, get=405, post=(302, 404)),
    "desk:settings_tiers": Door(MANAGERS, post=200),
    "desk:settings_tiers_forecast": Door(MANAGERS, get=405, post=200),
    "desk:settings_tier_new": Door(MANAGERS, post=200),
    "desk:settings_tier_new_forecast": Door(MANAGERS, get=405, post=200),
    "desk:settings_tier": Door(MANAGERS, post=200),
    "desk:settings_tier_forecast": Door(MANAGERS, get=405, post=200),
    "desk:settings_tier_move": Door(MANAGERS, get=405, post=302),
    "desk:settings_tier_delete": Door(MANAGERS, post=422),
    "desk:settings_messages": Door(MANAGERS),
    "desk:settings_message": Door(MANAGERS, post=200),
    "desk:settings_message_preview": Door(MANAGERS, get=405, post=200),
    "desk:settings_message_switch": Door(MANAGERS, get=405, post=302),
    "desk:settings_message_default": Door(MANAGERS, get=405, post=302),
    "desk:settings_sms_account": Door(MANAGERS, post=200),
    "desk:settings_sms_balance": Door(MANAGERS),
    "desk:settings_sms_test": Door(MANAGERS, post=422),
    "desk:settings_sms_tested": Door(MANAGERS),
    "desk:settings_look": Door(MANAGERS, post=200),
    "desk:settings_look_preview": Door(MANAGERS, get=405, post=200),
    "desk:settings_look_css": Door(MANAGERS),
    "desk:settings_logo": Door(MANAGERS, get=405, post=302),
    "desk:settings_contact": Door(MANAGERS, post=200),
    "desk:settings_fields": Door(MANAGERS),
    "desk:settings_field_new": Door(MANAGERS, post=200),
    "desk:settings_field": Door(MANAGERS, post=200),
    "desk:settings_field_move": Door(MANAGERS, get=405, post=302),
    "desk:settings_field_use": Door(MANAGERS, get=405, post=302),
    "desk:settings_groups": Door(MANAGERS),
    "desk:settings_group_new": Door(MANAGERS, post=200),
    "desk:settings_group": Door(MANAGERS, post=200),
    "desk:settings_products": Door(MANAGERS),
    "desk:settings_product_new": Door(MANAGERS, post=200),
    "desk:settings_product": Door(MANAGERS, post=200),
    "desk:settings_branches": Door(MANAGERS),
    "desk:settings_branch_new": Door(MANAGERS, post=200),
    "desk:settings_branch": Door(MANAGERS, post=200),
    "desk:audit": Door(MANAGERS),
    "desk:audit_file": Door(MANAGERS),
    "desk:imports": Door(MANAGERS, post=422),
    "desk:imports_file": Door(MANAGERS),
    "desk:import_template": Door(MANAGERS),
    "desk:import_run": Door(MANAGERS),
    "desk:import_progress": Door(MANAGERS),
    "desk:import_columns": Door(MANAGERS, get=405, post=(302, 422)),
    "desk:import_start": Door(MANAGERS, get=405, post=302),
    "desk:import_stop": Door(MANAGERS, get=405, post=302),
    "desk:import_go_on": Door(MANAGERS, get=405, post=302),
    "desk:import_drop": Door(MANAGERS, get=405, post=302),
    "desk:import_report": Door(MANAGERS, get=(200, 404)),
    "desk:join": Door(TILL),
    "desk:join_poster": Door(TILL),
    "desk:join_code": Door(TILL),
    "desk:join_way": Door(MANAGERS, get=405, post=302),
    "desk:join_requests": Door(MANAGERS),
    "desk:join_requests_file": Door(MANAGERS),
    "desk:join_decide": Door(MANAGERS, get=405, post=302),
    "desk:join_invitations": Door(MANAGERS, post=422),
    "desk:join_invitations_file": Door(MANAGERS),
    "desk:join_revoke": Door(MANAGERS, get=405, post=302),
    "desk:rules": Door(MANAGERS),
    "desk:rules_file": Door(MANAGERS),
    "desk:rules_draft": Door(MANAGERS, post=422),
    "desk:gaps": Door(MANAGERS),
    "desk:gaps_file": Door(MANAGERS),
    "desk:gap_mark": Door(MANAGERS, get=405, post=302),
    "desk:offers": Door(MANAGERS),
    "desk:offers_file": Door(MANAGERS),
    "desk:offer_new": Door(MANAGERS, post=422),
    "desk:offer": Door(MANAGERS, post=422),
    "desk:offer_publish": Door(MANAGERS, post=422),
    "desk:offer_move": Door(MANAGERS, get=405, post=302),
    "desk:offer_copy": Door(MANAGERS, get=405, post=302),
    "desk:offer_delete": Door(MANAGERS, get=405, post=302),
    "desk:offer_history": Door(MANAGERS),
    "desk:gift_cards": Door(MANAGERS),
    "desk:gift_cards_file": Door(MANAGERS),
    "desk:gift_card_sell": Door(TILL, post=422),
    "desk:gift_card_issue": Door(MANAGERS, post=422),
    "desk:gift_card": Door(TILL, post=404),
    "desk:gift_card_print": Door(TILL, get=(200, 404)),
    "desk:gift_card_batch": Door(MANAGERS),
    "desk:gift_card_batch_print": Door(MANAGERS),
    "desk:gift_card_batch_file": Door(MANAGERS),
    "desk:offer_effect": Door(MANAGERS),
    "desk:offer_effect_file": Door(MANAGERS),
    "desk:offer_coupons": Door(MANAGERS, post=422),
    "desk:offer_coupons_file": Door(MANAGERS),
    "desk:offer_coupon_void": Door(MANAGERS, get=405, post=(302, 404)),
    "desk:rewards": Door(MANAGERS),
    "desk:rewards_file": Door(MANAGERS),
    "desk:reward_new": Door(MANAGERS, post=422),
    "desk:reward": Door(MANAGERS, post=422),
    "desk:reward_grant": Door(MANAGERS, post=422),
    "desk:vouchers": Door(MANAGERS),
    "desk:vouchers_file": Door(MANAGERS),
    "desk:voucher_cancel": Door(MANAGERS, get=405, post=302),
    "desk:voucher_use": Door(TILL, get=405, post=302),
    "desk:rules_publish": Door(MANAGERS, post=422),
    "desk:rules_version": Door(MANAGERS),
    "desk:rules_withdraw": Door(MANAGERS, get=405, post=302),
    "desk:staff": Door(MANAGERS),
    "desk:staff_file": Door(MANAGERS),
    "desk:staff_invite": Door(MANAGERS, post=422),
    "desk:staff_person": Door(MANAGERS),
    "desk:staff_add_role": Door(MANAGERS, get=405, post=302),
    "desk:staff_change_role": Door(MANAGERS, get=405, post=(302, 404)),
    "desk:staff_leave": Door(MANAGERS, get=405, post=302),
    "desk:staff_link": Door(MANAGERS, get=405, post=(302, 404)),
    "desk:staff_two_factor": Door(MANAGERS, get=405, post=(302, 404)),
    "desk:staff_password": Door(MANAGERS, get=405, post=(200, 404)),
    # the admin's own
    "admin:index": Door(MANAGERS, post=200, to_login="vxmacst"),
    "admin:app_list": Door(MANAGERS, post=200, to_login="vxmacst"),
    "admin:login": Door(MANAGERS, get=302, post=302),
    "admin:logout": Door(EVERYBODY, get=(302, 307), post=(302, 307)),
    "admin:password_change": Door(MANAGERS, get=302, post=302, to_login="vxmacst"),
    "admin:password_change_done": Door(MANAGERS, to_login="vxmacst"),
    "admin:autocomplete": Door("", to_login="vxmacst"),
    "admin:jsi18n": Door(MANAGERS, to_login="vxmacst"),
    "admin:view_on_site": Door(MANAGERS, get=404, post=404, to_login="vxmacst"),
    "admin:core_club_changelist": Door(MANAGERS, get=302, post=302, to_login="vxmacst"),
    "admin:core_club_history": Door(MANAGERS, get=302, post=302, to_login="vxmacst"),
    "admin:core_club_colour": Door(MANAGERS, get=400, post=400, to_login="vxmacst"),
    "admin:accounts_staffrole_end": Door(MANAGERS, get=302, post=302, to_login="vxmacst"),
    "admin:accounts_apikey_revoke": Door(OWNER, get=302, post=302, to_login="vxmacst"),
}


@dataclass(frozen=True)
class Record:
    """Who may see, make, change and delete a record in the admin. Seen are its list, its page, its past and its file."""

    see: str
    add: str = ""
    change: str = ""
    delete: str = ""


RECORDS = {
    "accounts.ApiKey": Record(OWNER, add=OWNER),
    "accounts.StaffRole": Record(MANAGERS, add=MANAGERS),
    "awards.Award": Record(MANAGERS),
    "catalogue.Branch": Record(MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "catalogue.Group": Record(MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "catalogue.Product": Record(MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "core.Club": Record(MANAGERS, change=MANAGERS),
    "gift_cards.GiftCard": Record(MANAGERS),
    "ledger.Entry": Record(MANAGERS),
    "lotteries.Lottery": Record(MANAGERS, add=MANAGERS, delete=MANAGERS),
    "members.CustomField": Record(MANAGERS, MANAGERS, MANAGERS),
    "members.Member": Record(MANAGERS, MANAGERS, MANAGERS),
    "programme.ProgrammeVersion": Record(MANAGERS, add=MANAGERS),
    "purchases.Purchase": Record(MANAGERS),
    "purchases.Refund": Record(MANAGERS),
    "rewards.Redemption": Record(MANAGERS),
    "rewards.Reward": Record(MANAGERS),
    "sms.InboundMessage": Record(MANAGERS),
    "sms.OutboxMessage": Record(MANAGERS),
    "sms.SmsSettings": Record(MANAGERS, change=MANAGERS),
    "sms.SmsTemplate": Record(MANAGERS, MANAGERS, MANAGERS, MANAGERS),
    "sms.Suppression": Record(MANAGERS, add=MANAGERS),
    "tiers.Tier": Record(MANAGERS, MANAGERS, MANAGERS, MANAGERS),
}
# Programs speak to these: the API by keys (tests/api/test_access.py), the provider by its secret (tests/sms/).
PROGRAMS = ("api/v1/", "sms/callback/")
