"""Building a demo club through the services that pages and API use. What is there already is left as it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import StaffRole, User
from accounts.services import give_role, set_password
from club.awards.enrolment import enrol_member
from club.catalogue.models import Branch, Group, Product
from club.catalogue.services import create
from club.ledger.adjustments import Adjustment, Reversal, adjust_value, reverse_entry
from club.ledger.services import expire_due_lots
from club.members.cards import issue_card
from club.members.models import CustomField, Member
from club.members.notes import add_note, pin_note
from club.programme.services import change_programme
from club.purchases.merging import merge_members
from club.purchases.models import Purchase, Refund
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from club.tiers.services import NewTier, create_tier
from config.demo import emblem, house_rules
from config.demo.agents import hire_agents
from config.demo.campaigns import hold_campaigns
from config.demo.cast import PASSWORD, DemoClub
from config.demo.gift_cards import make_gift_cards
from config.demo.leads import register_leads
from config.demo.missions import define_missions
from config.demo.notices import agree_to_mail, write_notices
from config.demo.occasions import define_occasions, live_occasions
from config.demo.offers import define_offers
from config.demo.plan import KNOWN_AT_ONCE, ByHand, Person, Sale, people_of, sales_of
from config.demo.referrals import reward_referrers, tie
from config.demo.rewards import define_rewards, take_some
from config.demo.segments import divide_members
from config.demo.tickets import tell_tickets
from config.demo.tiers import count_by_year, show_tiers_over_time
from core.jalali import day_bounds, local_date
from core.looks import set_logo
from core.models import Club
from core.money import UNITS
from core.services import create_club
from core.tenancy.scope import club_scope

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
TOLD_EVERY = 100
OLD_NUMBER = 900  # beyond all who are in the story
NOTES = (
    ("به بادام حساسیت دارد.", "صبح‌ها می‌آید؛ لاتهٔ دوبل بی‌شکر."),
    ("برای تولد دخترش کیک سفارش می‌دهد؛ یک هفته پیش از آن زنگ بزنید.",),
    ("فاکتور را به نام شرکت می‌خواهد.", "میز کنار پنجره را دوست دارد."),
)


@dataclass(frozen=True)
class Step:
    """A sale that is recorded, or its refund."""

    at: datetime
    sale: Sale
    is_refund: bool = False


@dataclass(frozen=True)
class Demo:
    """A demo club that is being filled; `tell` hears how far it is."""

    plan: DemoClub
    club: Club
    actor: str
    manager: str
    tell: Callable[[str], None]

    def fill(self) -> bool:
        """Write the history that is missing; False when there was nothing to do. Goes on where it was broken off."""
        with club_scope(self.club):
            last_day = local_date(self.club.created_at)
            people = people_of(self.plan, last_day)
            sales = sales_of(self.plan, people, last_day)
            steps = self._steps(sales)
            if not steps:
                return False
            self._play(steps, people, len(sales))
            return True

    def _steps(self, sales: list[Sale]) -> list[Step]:
        """What is missing of the sales and of their refunds, in order of time, as the ledger is written."""
        sold, given_back = self._known(sales), self._given_back(sales)
        steps = [Step(sale.at, sale) for sale in sales if sale.number not in sold]
        steps += [
            Step(sale.at + sale.refund_after, sale, is_refund=True)
            for sale in sales
            if sale.refund_after is not None and sale.number not in given_back
        ]
        return sorted(steps, key=lambda step: (step.at, step.is_refund))

    def _known(self, sales: list[Sale]) -> set[int]:
        numbers = {self._external_id(sale): sale.number for sale in sales}
        known = Purchase.objects.filter(external_id__in=numbers).values_list("external_id", flat=True)
        return {numbers[external_id] for external_id in known if external_id}

    def _given_back(self, sales: list[Sale]) -> set[int]:
        refunded = set(Refund.objects.values_list("purchase__external_id", flat=True))
        return {sale.number for sale in sales if self._external_id(sale) in refunded}

    def _play(self, steps: list[Step], people: list[Person], total: int) -> None:
        members = dict(Member.objects.exclude(phone=None).values_list("phone", "pk"))
        waiting = sorted((person for person in people if person.phone not in members), key=lambda each: each.joined_at)
        day, done = local_date(steps[0].at), total - sum(not step.is_refund for step in steps)
        for step in steps:
            while waiting and waiting[0].joined_at <= step.at:
                person = waiting.pop(0)
                members[person.phone] = self._enrol(person)
                tie(person, people, members)
            if local_date(step.at) != day:
                day = local_date(step.at)
                expire_due_lots(at=day_bounds(day)[0])
            if step.is_refund:
                self._give_back(step)
                continue
            self._record(step.sale, members.get(step.sale.phone or ""))
            done += 1
            if done % TOLD_EVERY == 0 or done == total:
                self.tell(f"{self.plan.slug}: {done} of {total} purchases, {len(members)} members")
        for person in waiting:
            members[person.phone] = self._enrol(person)
        self._lose_card(people[1].phone)
        self._make_one(people[2])
        self._remember(people[:3])
        take_some(self.plan, actor=self.actor, now=datetime.now(UTC))
        agree_to_mail([members[person.phone] for person in people[:5]], now=timezone.now())
        posted = [members[person.phone] for person in people[:2]]
        live_occasions(self.plan, posted, actor=self.actor, now=timezone.now())
        divide_members(self.plan, actor=self.manager, now=timezone.now())
        hire_agents(self.plan, actor=self.manager, now=timezone.now())
        hold_campaigns(self.plan, actor=self.manager, now=timezone.now())
        reward_referrers(people, members, now=timezone.now())
        make_gift_cards(Member.objects.get(phone=people[0].phone), actor=self.actor, now=timezone.now())
        write_notices(self.plan, actor=self.manager, now=timezone.now())
        show_tiers_over_time(self.plan.tiers[-1][0], actor=self.manager, now=timezone.now())

    def _enrol(self, person: Person) -> int:
        return _enrol(self.plan, person, self.actor, self.club)

    def _remember(self, people: list[Person]) -> None:
        """What the manager wrote about a few members; said once, however often the story is told."""
        for person, words in zip(people, NOTES, strict=False):
            member = Member.objects.get(phone=person.phone)
            if not member.notes.exists():
                notes = [add_note(member.pk, text, actor=self.manager) for text in words]
                pin_note(member.pk, notes[0].pk, is_pinned=True, actor=self.manager)

    def _make_one(self, person: Person) -> None:
        """One person had joined twice, under an old number; said once, however often the story is told."""
        member = Member.objects.get(phone=person.phone)
        if member.merged.exists():
            return
        old = replace(person, phone=f"0912000{self.plan.first_phone + OLD_NUMBER}", birth_date=None, tags=())
        double = self._enrol(old)
        now = datetime.now(UTC)
        gift = Adjustment(double, "points", 25, "هدیهٔ عضویت", occurred_at=person.joined_at, quiet=True)
        adjust_value(gift, actor=self.manager, key=f"demo:{self.plan.slug}:double", now=now)
        merge_members(double, member.pk, actor=self.manager, key=f"demo:{self.plan.slug}:merge", now=now)

    def _lose_card(self, phone: str) -> None:
        """One member lost the card and was given another; said once, however often the story is told."""
        member = Member.objects.get(phone=phone)
        if not member.cards.filter(blocked_at__isnull=False).exists():
            issue_card(member.pk, actor=self.manager, reason="گم شد")

    def _record(self, sale: Sale, member_id: int | None) -> None:
        order = PurchaseOrder(
            member_id=member_id,
            lines=tuple(OrderLine(product=code, quantity=quantity) for code, quantity in sale.lines),
            pay_with=PayWith(credit="max" if sale.by_credit and member_id else None),
            branch=sale.branch,
            payment_method="card",
            occurred_at=sale.at,
            external_id=self._external_id(sale),
            quiet=True,
        )
        now = datetime.now(UTC)
        record_purchase(order, actor=self.actor, key=self._external_id(sale), now=now)
        if sale.by_hand and member_id:
            self._make_up(sale.by_hand, member_id, sale, now)

    def _give_back(self, step: Step) -> None:
        sale, now = step.sale, datetime.now(UTC)
        refund = RefundOrder(
            Purchase.objects.values_list("pk", flat=True).get(external_id=self._external_id(sale)),
            lines=((0, 1),) if sale.refund_first_line_only else None,
            reason="به درخواست مشتری",
            occurred_at=min(step.at, now),
            quiet=True,
        )
        refund_purchase(refund, actor=self.actor, key=f"{self._external_id(sale)}:refund", now=now)

    def _make_up(self, gift: ByHand, member_id: int, sale: Sale, now: datetime) -> None:
        """What the shop gave by hand after the purchase, and took back where it was a slip."""
        end = None if gift.valid_days is None else day_bounds(local_date(sale.at) + timedelta(days=gift.valid_days))[1]
        order = Adjustment(member_id, "points", gift.points, gift.reason, end, sale.at, quiet=True)
        key = f"{self._external_id(sale)}:gift"
        entry = adjust_value(order, actor=self.manager, key=key, now=now)
        if gift.is_slip:
            reversal = Reversal(member_id, entry.id, "برای عضو دیگری بود")
            reverse_entry(reversal, actor=self.manager, key=f"{key}:undone", now=sale.at)

    def _external_id(self, sale: Sale) -> str:
        return f"demo:{self.plan.slug}:{sale.number}"


def open_demo(plan: DemoClub, tell: Callable[[str], None]) -> Demo | None:
    """The club with all that a login needs, made at once and in one transaction; None when it is somebody else's."""
    club = Club.objects.filter(slug=plan.slug).first()
    if club is None:
        with transaction.atomic():
            club = _build(plan)
        tell(f"{plan.slug}: the club, its staff and {KNOWN_AT_ONCE} members are there")
    with club_scope(club):
        cashier, manager = _appointed(plan, "cashier"), _appointed(plan, "manager")
    return Demo(plan, club, cashier, manager, tell) if cashier and manager else None


def _appointed(plan: DemoClub, role: str) -> str | None:
    """The actor of the plan's person in this role; None in a club that is somebody else's."""
    phone = next(person.phone for person in plan.staff if person.role == role)
    held = StaffRole.objects.filter(user__phone=phone, role=role).select_related("user").first()
    return held.user.actor if held else None


def _build(plan: DemoClub) -> Club:
    club = create_club(slug=plan.slug, name=plan.name, brand_colour=plan.colour)
    club.tagline, club.address, club.phone = plan.tagline, plan.address, plan.phone
    club.receipt_footer = "از خرید شما سپاسگزاریم."
    club.whatsapp, club.telegram, club.instagram = plan.whatsapp, plan.handle, plan.handle
    club.save(update_fields=["tagline", "address", "phone", "receipt_footer", "whatsapp", "telegram", "instagram"])
    club.refresh_from_db()
    with club_scope(club):
        if plan.has_logo:
            set_logo(emblem.cup(), actor="system")
            club.refresh_from_db()
        _set_programme(plan, UNITS[club.currency_unit].rial)
        _fill_catalogue(plan, UNITS[club.currency_unit].rial)
        _appoint(plan)
        _ask_more(plan)
        house_rules.publish_both(actor="system", built_at=club.created_at)
        for person in people_of(plan, local_date(club.created_at))[:KNOWN_AT_ONCE]:
            _enrol(plan, person, "system", club)
        define_offers(plan, now=club.created_at)
        define_occasions(plan, now=club.created_at)
        define_rewards(plan, now=club.created_at)
        define_missions(plan, now=club.created_at)
        register_leads(plan, now=club.created_at)
        tell_tickets(plan, now=club.created_at)
    return club


def _set_programme(plan: DemoClub, unit: int) -> None:
    changes = {
        "rial_per_point": 10_000 * unit,
        "credit_bp": 500,
        "credit_valid_days": 60,
        "points_valid_to": "year",
        "max_points_per_purchase": plan.max_points_per_purchase,
        **dict(plan.time_of_value),
    }
    change_programme(changes, effective_from=SINCE, actor="system")
    for rank, (code, name, spent, factor, credit) in enumerate(plan.tiers):
        tier = NewTier(code, name, rank, spent * unit, points_factor_bp=factor, extra_credit_bp=credit)
        create_tier(tier, actor="system")
    count_by_year([code for code, *_rest in plan.tiers[1:]], actor="system")


def _fill_catalogue(plan: DemoClub, unit: int) -> None:
    for code, name, address in plan.branches:
        create(Branch, {"code": code, "name": name, "address": address}, actor="system")
    for group in plan.groups:
        rate = None if group.per_point is None else group.per_point * unit
        rules = {"discountable": group.discountable, "payable_by_value": group.payable_by_value}
        named = {"code": group.code, "name": group.name, "earns": group.earns, "rial_per_point": rate}
        create(Group, named | rules, actor="system")
    for good in plan.goods:
        values = {"code": good.code, "name": good.name, "price_rial": good.price * unit, "groups": [good.group]}
        create(Product, values, actor="system")


def _ask_more(plan: DemoClub) -> None:
    code, label, choices = plan.field
    asked = {"is_asked_at_till": True, "is_asked_at_joining": True}
    CustomField.objects.create(code=code, label=label, kind=CustomField.Kind.CHOICE, choices=list(choices), **asked)


def _told(plan: DemoClub, person: Person) -> dict[str, str]:
    """What two in three members told of the club's own field."""
    code, _label, choices = plan.field
    number = int(person.phone[-3:])
    return {code: choices[number % len(choices)]} if number % 3 else {}


def _appoint(plan: DemoClub) -> None:
    for person in plan.staff:
        branch_id = Branch.objects.filter(code=person.branch).values_list("pk", flat=True).first()
        held = give_role(
            phone=person.phone,
            role=person.role,
            name=person.name,
            branch_id=branch_id,
            actor="system",
        )
        user: User = held.user
        if not user.has_usable_password():
            set_password(user, PASSWORD, actor="system")


def _enrol(plan: DemoClub, person: Person, actor: str, club: Club) -> int:
    member: Member = enrol_member(
        phone=person.phone,
        first_name=person.first_name,
        last_name=person.last_name,
        gender=person.gender,
        birth_date=person.birth_date,
        tags=person.tags,
        custom=_told(plan, person),
        source="till",
        actor=actor,
        now=person.joined_at,
        quiet=True,
        imported=True,
    )
    house_rules.agree(member, built_at=club.created_at)
    return member.pk
