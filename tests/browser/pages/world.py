"""The club that every page is looked at in: its people, a seat for each of them, and something of everything."""

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils import timezone

from accounts.invitations import send_link
from accounts.models import User
from accounts.services import create_api_key, give_role
from club.awards import import_runs
from club.awards.joining import refuse_request
from club.awards.naming import known_codes
from club.catalogue.models import Branch, Group, Product
from club.gift_cards import changing as change_gift_card
from club.gift_cards.services import CardIssue, CardSale, issue_cards, sell_card
from club.ledger.adjustments import Adjustment, adjust_value
from club.lotteries.services import open_lottery
from club.members.cards import block_card
from club.members.consent import change_consent
from club.members.joining import Joiner, ask_to_join, make_invitation, revoke_invitation
from club.members.models import CustomField, Member
from club.members.notes import add_note
from club.members.rulebook import accept_rules, rules_in_force, save_draft
from club.programme.services import change_programme
from club.purchases.models import Purchase, Refund
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from config.demo.building import open_demo
from config.demo.cast import CAFE
from core.jalali import to_jalali
from core.models import Club
from core.services import create_club
from core.tenancy.scope import club_scope
from crm.mail.leaving import token_of
from crm.mail.outbox import Letter, enqueue_many
from crm.notices.services import Draft, notify_staff, publish_notice, withdraw_notice
from crm.occasions.activities import Activity, record_activity
from offers.coupons import NewCoupons, create_coupons
from offers.services import create_offer, move_offer, update_offer
from offers.starters import BY_CODE, started
from offers.words import Names
from reports.gaps import mark_gap, note_gaps
from reports.models import DataGap
from sms.models import InboundMessage, OutboxMessage, SmsSettings, SmsTemplate, Status, Suppression
from sms.provider_codes import explain
from tests.browser.pages.campaigned import begin_campaigns
from tests.browser.pages.divided import divide
from tests.browser.pages.hired import hire_more
from tests.browser.pages.leading import register_leads
from tests.browser.pages.missioned import begin_missions
from tests.browser.pages.offered import offer_something
from tests.browser.pages.referred import bring_friends
from tests.browser.pages.rewarded import reward_something
from tests.browser.pages.seated import ASKED, INDEBTED, MEMBER, NEWCOMER, SAME_LAST_DIGITS, STAFF, WAITING, Seat, seats
from tests.browser.pages.ticketed import open_tickets
from tests.desk.conftest import joined
from tests.offering import publish

PURCHASES_SHOWN_AT_ONCE = 25
URLS = "tests.browser.pages.urls"
"""The application's addresses and some that fail."""


@dataclass
class World:
    """What stands in the database while pages are looked at; `ids` are what addresses name."""

    club: Club
    empty: Club
    seats: dict[str, Seat]
    ids: dict[str, Any]

    def known(self, name: str) -> Any:
        """What stands in an address under this name: an id of the world's, or of the first row of `app.Model`.

        `app.Model:last` is its last row.
        """
        if "." not in name:
            return self.ids[name]
        label, _colon, place = name.partition(":")
        return self._row(apps.get_model(label), "-pk" if place == "last" else "pk").pk

    def _row(self, model: type[Model], order: str) -> Any:
        if model is Club:
            return self.club
        with club_scope(self.club):
            row = model._base_manager.filter(club_id=self.club.pk).order_by(order).first()
        assert row is not None, f"the world has no {model.__name__}: make one in {__name__}"
        return row


def build() -> World:
    """Write it all; stays in the database, as all that is really committed."""
    plan = replace(CAFE, slug=f"pages-{os.getpid()}", members=14, visits_a_day=0.5, staff=STAFF, first_phone=7000)
    demo = open_demo(plan, lambda line: None)
    assert demo is not None
    demo.fill()
    club = demo.club
    empty = create_club(slug=f"empty-{os.getpid()}", name="کتاب‌فروشی بی‌خریدار", brand_colour="#a8442a")
    with club_scope(club):
        ids = _add_members(demo.actor)
        ids |= {"run_id": _import_members(demo.actor), **_invite()}
        _add_records(demo.actor)
        for kind, model in (("group", Group), ("product", Product), ("branch", Branch)):
            ids[f"{kind}_code"] = model.objects.order_by("pk")[0].code
        ids["field_id"] = CustomField.objects.get(code="coffee").pk
        ids["message_id"] = OutboxMessage.objects.create(
            kind="test", message_class="service", phone=MEMBER, status=Status.FAILED, error_code="403",
            error_text=explain("403"), text="کافه نارون: این پیامک آزمایشی است",
        ).pk  # fmt: skip
        ids |= _offer(demo.actor)
        ids |= reward_something(ids["member_id"], demo.actor)
        ids |= begin_missions(ids["member_id"], demo.actor)
        ids |= bring_friends(ids["member_id"])
        ids |= register_leads(ids["member_id"], demo.actor)
        ids |= open_tickets(ids["member_id"], demo.actor)
        ids |= begin_campaigns(demo.actor)
        ids |= divide(ids["member_id"], demo.actor)
        ids |= _leave_gaps(demo.actor)
        ids |= _sell_cards(demo.actor)
        ids |= _tell(ids["member_id"], demo.actor)
        ids |= _do_something(demo.actor)
        ids |= hire_more(demo.actor)
        ids |= {"occasion": "points_expiring", "named_occasion": "named_day-yalda"}
        _let_wait(demo.actor)
        _agree_to_rules(demo.actor)
        assert Purchase.objects.count() > PURCHASES_SHOWN_AT_ONCE
    return World(club, empty, seats(club, empty, ids["agent_phone"]), ids)


def _add_members(actor: str) -> dict[str, Any]:
    now = timezone.now()
    sara = joined(MEMBER, opening_points=500, opening_credit=620_000, tags=["همسایه", "دانشجو"])
    offer_something(sara)
    joined(NEWCOMER, "", "")
    joined(ASKED, "پرستو", "ملکی")
    joined(SAME_LAST_DIGITS, "الهام", "صادقی")
    owes = joined(INDEBTED, "محمدمهدی", "پورمحمدی شهرضایی نیک‌نام")

    def buys(member: Member | None, amount: int, key: str, **more: Any) -> int:
        order = PurchaseOrder(member_id=member.pk if member else None, amount=amount, quiet=True, **more)
        done = record_purchase(order, actor=actor, key=key, now=now)
        assert done.id
        return done.id

    first = buys(sara, 24_500_000, "first", occurred_at=now - timedelta(days=12))
    part = buys(sara, 8_750_000, "part", external_id="INV-20711", occurred_at=now - timedelta(days=3))
    whole = buys(sara, 1_200_000, "whole", occurred_at=now - timedelta(days=2))
    last = buys(sara, 1_830_000, "last", pay_with=PayWith(credit="max"), branch="valiasr")
    nobody = buys(None, 950_000, "nobody")
    given_back = buys(owes, 30_000_000, "owes")
    adjustment = Adjustment(owes.pk, "points", -250, "خرج در رویداد شعبه", quiet=True)
    adjust_value(adjustment, key="spent", actor=actor, now=now)
    for key, order in {
        "part": RefundOrder(part, amount=2_000_000, reason="یک فنجان برگشت خورد", quiet=True),
        "whole": RefundOrder(whole, reason="کالا را پس آورد", quiet=True),
        "owes": RefundOrder(given_back, reason="به نام دیگری ثبت شد", quiet=True),
    }.items():
        refund_purchase(order, actor=actor, key=f"{key}-back", now=now)
    add_note(sara.pk, "قهوه را بی‌شکر می‌خورد و همیشه جای دنج می‌خواهد", actor=actor)
    gift = Adjustment(sara.pk, "points", 120, "دلجویی برای دیر آماده شدن سفارش", quiet=True)
    given = adjust_value(gift, key="given", actor=actor, now=now)
    block_card(owes.pk, actor=actor, reason="گم شده است")
    return {
        "purchase_id": first,
        "bought_now": last,
        "half_refunded": part,
        "refunded": whole,
        "refund_id": Refund.objects.get(purchase=part).pk,
        "bought_by_nobody": nobody,
        "member_id": sara.pk,
        "cardless": owes.pk,
        "given_by_hand": given.id,
        "app_label": "members",
        "help_audience": "staff",
        "help_code": "till",
        "number": 2,
        "a4": "a4",
        "a6": "a6",
        "code": "silver",
        "kind": "purchase_receipt",
    }


def _tell(member_id: int, actor: str) -> dict[str, Any]:
    """Notices of every kind and in every state."""
    now = timezone.now()
    one = Draft("member", "سفارشت آماده است.\nتا پایان هفته نگه می‌داریم.", "/purchases/", member_id=member_id)
    kept = publish_notice(one, actor=actor, now=now)
    later = Draft(
        "all", "یلدا تا نیمه‌شب باز هستیم.", starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=9)
    )
    publish_notice(later, actor=actor, now=now)
    gone = publish_notice(Draft("all", "سامانهٔ پرداخت امروز کند است."), actor=actor, now=now)
    withdraw_notice(gone.pk, actor=actor, now=now)
    notify_staff(
        "خط پیامک از سرویس‌دهنده پاسخ نمی‌گیرد.", document="x", right="manage_sms", link="/desk/settings/", now=now
    )
    another = Member.objects.exclude(pk=member_id).filter(status="active", email_consent=False).order_by("pk")[0]
    change_consent(member_id, channel="email", given=True, source="portal", actor=actor, now=now)
    enqueue_many([Letter(member_id, "خبر پاییز", "نوشیدنی‌های تازه رسیده است.", document="news:1")])
    return {"notice_id": kept.pk, "mail_token": token_of(member_id), "gone_token": token_of(another.pk)}


def _add_records(actor: str) -> None:
    now = timezone.now()
    CustomField.objects.create(code="coffee", label="قهوهٔ همیشگی", kind="choice", choices=["لاته", "موکا"])
    CustomField.objects.create(code="height", label="قد", kind="number", position=1)
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="سلام {name}، به {club} خوش آمدی")
    Suppression.objects.create(phone="09121119999")
    SmsSettings.objects.get_or_create()
    create_api_key(name="صندوق فروشگاه", scope="pos", actor=actor)
    for number, status in enumerate(Status.values):
        OutboxMessage.objects.create(
            kind="purchase_receipt",
            message_class="service",
            phone=f"0912111{number:04}",
            text="کافه نارون: خرید ۱۲۵٬۰۰۰ تومان ثبت شد. ‎+۱۲ امتیاز",
            status=status,
            parts=2,
            cost_rial=2_640,
            sent_at=now,
            error_code="418" if status == Status.FAILED else "",
            error_text="اعتبار حساب کافی نیست" if status == Status.FAILED else "",
        )
    InboundMessage.objects.create(provider_id=1, phone=MEMBER, line="10004346", text="لغو۱۱")
    change_programme({"credit_bp": 700}, effective_from=now + timedelta(days=30), actor=actor)


def _agree_to_rules(actor: str) -> None:
    """Everybody here said yes to the rules but one, who is asked; the next version is being written."""
    now = timezone.now()
    rules = rules_in_force(now)
    assert rules and rules.number
    for member in Member.objects.exclude(phone=ASKED):
        accept_rules(member.pk, rules.number, address="192.0.2.7", now=now)
    save_draft(f"{rules.text}\n\n# تازه\nکارت گم‌شده را همان روز ببند.", actor=actor, now=now)


def _offer(actor: str) -> dict[str, Any]:
    """An offer in its second version, one to be published, one with a group that nobody is told of, and one that ended."""
    happy, drafted = (
        create_offer(started(BY_CODE[code], {}, Names()), known=known_codes(), actor=actor)
        for code in ("happy_hour", "win_back")
    )
    move_offer(happy.pk, "publish", actor=actor, now=timezone.now() - timedelta(days=20))
    changes = {
        "benefit": {"kind": "points_factor", "factor": 3},
        "limits": {"per_member_per_day": 1, "budget": 90_000_000},
    }
    update_offer(happy.pk, changes, known=known_codes(), actor=actor, now=timezone.now() - timedelta(days=4))
    tag, far = (
        {"fact": fact, "op": op, "value": value} for fact, op, value in (("tag", "has", "همسایه"), ("age", "gt", 60))
    )
    own = {"fact": "amount", "op": "gte", "value": {"own": "mean_basket", "percent": 120}}
    grouped = {
        "name": "همسایه‌ها و بزرگ‌ترها", "trigger": "purchase", "when": {"all": [{"any": [tag, far]}, own]},
        "benefit": {"kind": "discount_percent", "percent": 12.5}, "code_required": True,
    }  # fmt: skip
    made = create_offer(grouped, known=known_codes(), actor=actor)
    open_lottery(code="yalda", name="قرعه‌کشی یلدا", actor=actor)
    create_coupons(NewCoupons(offer=made.pk, code="همسایه", per_member=1), actor=actor)
    create_coupons(NewCoupons(offer=made.pk, count=3, pattern="YALDA", uses=1), actor=actor)
    tried = create_offer({**happy.terms, "control_percent": 50}, known=known_codes(), actor=actor)
    for act, days in (("publish", 40), ("end", 12)):
        move_offer(tried.pk, act, actor=actor, now=timezone.now() - timedelta(days=days))
    ids = {"drafted_offer": drafted.pk, "grouped_offer": made.pk, "tried_offer": tried.pk}
    return {"offer_id": happy.pk, **ids}


def _sell_cards(actor: str) -> dict[str, Any]:
    """A card that was bought for the member and spent in part, one that was lost, and some given away."""
    now, shown = timezone.now(), {"actor": actor, "now": timezone.now()}
    ends = now + timedelta(days=60)
    own = sell_card(
        CardSale(amount=5_000_000, payment_method="card", phone=MEMBER, is_personal=True, ends_at=ends),
        key="own-card", **shown,
    )  # fmt: skip
    lost = sell_card(CardSale(amount=2_000_000, payment_method="cash"), key="lost-card", **shown)
    change_gift_card.block_card(lost.pk, actor=actor)
    batch = issue_cards(CardIssue(amount=1_000_000, count=3, reason="همایش پاییز"), **shown)
    return {"gift_card_id": own.pk, "blocked_card": lost.pk, "batch_id": batch.pk}


def _do_something(actor: str) -> dict[str, Any]:
    """A member showed the shop to friends, which an offer rewards and another does not."""
    twenty = {"kind": "points_amount", "points": 20}
    vip = {"fact": "tag", "op": "has", "value": "ویژه"}
    publish("استوری ویژه‌ها", twenty, trigger="event:story", when=vip, stacking="always")
    elham = Member.objects.get(phone=SAME_LAST_DIGITS)
    order = Activity(elham.pk, "story", note="کنار ویترین پاییزی")
    return {"occasion_id": record_activity(order, actor=actor, key="story", now=timezone.now()).id}


def _leave_gaps(actor: str) -> dict[str, Any]:
    """Days on which nothing was recorded, and one of them on which the shop was shut."""
    note_gaps(now=timezone.now())
    first = DataGap.objects.order_by("day")[0]
    mark_gap(first.pk, is_closed=True, note="تعمیر نمای فروشگاه", actor=actor)
    year, month, _day = to_jalali(first.day)
    return {"gap_id": first.pk, "gap_month": f"{year}-{month:02}"}


def _let_wait(actor: str) -> None:
    """Somebody who asked to join and waits, one who was refused, and invitations, open and spent."""
    now = timezone.now()
    CustomField.objects.create(code="pet", label="نام گربه", is_asked_at_joining=True, position=2)
    for phone, name in ((WAITING, "نگار"), ("09127770011", "کیان"), ("09127770012", "ترانه")):
        joiner = Joiner(phone, first_name=name, last_name="فرهمند", custom={"pet": "پشمک"}, source="counter")
        asked = ask_to_join(joiner, now=now)
    refuse_request(asked.pk, actor=actor, now=now)
    for note, most_uses in (("نمایشگاه پاییز", 50), ("", 1), ("دوستان نسرین", 5)):
        made = make_invitation(note=note, most_uses=most_uses, last_day=None, actor=actor, now=now)
    revoke_invitation(made.pk, actor=actor, now=now)


def _import_members(actor: str) -> int:
    """A list of customers that was checked: some are new, a line is wrong."""
    lines = ["موبایل,نام,نام خانوادگی,سطح", "09123330001,شیما,رستگار,", f"{MEMBER},سارا,محمدی,", "0912,بدون,شماره,"]
    sent = BytesIO("\n".join(lines).encode())
    run = import_runs.upload("مشتریان دفتر.csv", sent, actor=actor, now=timezone.now())
    import_runs.work(now=timezone.now())
    return run.pk


def _invite() -> dict[str, Any]:
    """Two of the staff who have not chosen a password yet, and the secret of a link that one of them was sent."""
    giver = User.objects.get(phone=STAFF[0].phone)
    invited, unreached = (
        give_role(phone=phone, role="cashier", name=name, actor=giver.actor, giver=giver).user_id
        for phone, name in (("09130000008", "مهسا شریفی"), ("09130000009", "آرش نوری"))
    )
    link = send_link(invited, giver=giver, now=timezone.now())
    address = OutboxMessage.objects.get(document=str(link)).context["address"]
    return {"user_id": invited, "unreached": unreached, "token": address.rstrip("/").rsplit("/", 1)[1]}
