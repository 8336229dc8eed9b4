"""The manager's records: scoped to the club, changed through services, in Persian, without Django's own log."""

import re
from datetime import time, timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.admin_site import site
from accounts.models import ApiKey, StaffRole, User
from accounts.services import authenticate_key
from club.catalogue.models import Branch, Group, Product
from club.members.models import CustomField, Member, NameToken
from club.programme.models import ProgrammeVersion
from club.programme.selectors import programme_at
from club.purchases.refunds import RefundOrder, refund_purchase
from club.tiers.models import Tier
from core.jalali import format_date, local_date
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from sms.emulator.server import running_emulator
from sms.models import OutboxMessage, SmsSettings, SmsTemplate, Suppression
from sms.wording import portal_link
from tests.accounts.cast import fresh_phone, person, signed_in, visitor
from tests.core.test_pages import INLINE
from tests.shop import Shop

ADMIN = "/desk/admin/"
PROGRAMME = "programme/programmeversion/"


def text_of(answer):
    return answer.content.decode()


def ago(days):
    return timezone.now() - timedelta(days=days)


def errors_of(answer):
    return {name: list(texts) for name, texts in answer.context["adminform"].form.errors.items()}


def values_of(answer):
    """The form as it is shown, as a browser would send it back."""
    form = answer.context["adminform"].form
    values = {}
    for name in form.fields:
        value = form[name].value()
        if isinstance(value, bool):
            values.update({name: "on"} if value else {})
        elif value is not None:
            values[name] = value
    return values


@pytest.fixture
def owner(club):
    return signed_in(person("owner", name="نازنین صادقی"), club)


@pytest.fixture
def shop(club):
    shop = Shop(club)
    shop.programme(credit_bp=1000)
    shop.tiers()
    return shop


@pytest.fixture
def full(shop):
    """A club with a row of every kind."""
    sara = shop.member(first_name="سارا", last_name="كاظمي", now=ago(10))
    shop.buys(sara, 1_000_000, now=ago(3))
    part = shop.buys(sara, 2_000_000, now=ago(2))
    refund_purchase(RefundOrder(part.id, amount=500_000, reason="پسند نشد"), actor="u", key="p", now=timezone.now())
    Branch.objects.create(code="b", name="ونک")
    shop.product("cap", 1_250_000)
    Group.objects.create(code="hot", name="گرم")
    CustomField.objects.create(code="coffee", label="قهوه")
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="سلام")
    Suppression.objects.create(phone="09121112233")
    SmsSettings.objects.get_or_create()
    ApiKey.objects.create(name="صندوق", scope="pos", prefix="0123456789", digest="x", created_by="user:1")
    return sara


def all_models():
    return sorted(site._registry, key=lambda model: model._meta.label)


def lists(kind="changelist"):
    return [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}") for model in all_models()]


def test_every_list_and_record_opens_without_inline_code(owner, full):
    for model, address in zip(all_models(), lists(), strict=True):
        answer = owner.get(address, follow=True)
        assert answer.status_code == 200, address
        assert INLINE.search(text_of(answer)) is None, address
        row = model.objects.first() if model is not Club else Club.objects.get(pk=full.club_id)
        if row is not None:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            answer = owner.get(reverse(name, args=[row.pk]))
            assert answer.status_code == 200, name
            assert INLINE.search(text_of(answer)) is None, name


def test_dates_are_jalali_and_digits_persian_in_lists(owner, full):
    shown = text_of(owner.get(ADMIN + "purchases/purchase/")).split('id="result_list"')[1].split("</table>")[0]
    words = re.sub(r"<[^>]+>", " ", shown)

    assert format_date(ago(3), "numeric") in words
    assert re.search(r"[0-9]", words) is None


@pytest.mark.parametrize("address", ["members/member/", "purchases/purchase/", "ledger/entry/"])
def test_lists_take_the_same_queries_for_few_and_many_rows(owner, shop, address):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(ADMIN + address).status_code == 200
        return len(queries)

    shop.buys(shop.member(now=ago(3)), 100_000, now=ago(2))
    cost()
    few = cost()
    for _number in range(12):
        shop.buys(shop.member(now=ago(3)), 100_000, now=ago(2))

    assert cost() == few


def test_another_club_s_rows_are_not_listed_and_not_opened(owner, full, other_club):
    with club_scope(other_club):
        shop = Shop(other_club)
        stranger = shop.member(first_name="بیگانه", now=ago(3))
        bought = shop.buys(stranger, 500_000, now=ago(1))

    assert "بیگانه" not in text_of(owner.get(ADMIN + "members/member/"))
    for address in (f"members/member/{stranger.pk}/change/", f"purchases/purchase/{bought.id}/change/"):
        assert owner.get(ADMIN + address).status_code == 404
        assert owner.post(ADMIN + address, {"first_name": "x"}).status_code == 404
        assert owner.post((ADMIN + address).replace("change", "delete"), {"post": "yes"}).status_code == 404
    assert owner.get(f"{ADMIN}core/club/{other_club.pk}/change/").status_code == 404
    with club_scope(other_club):
        assert Member.objects.get(pk=stranger.pk).first_name == "بیگانه"


@pytest.mark.parametrize("role", ["cashier", "support", "caller", "agent"])
def test_who_has_no_right_does_not_come_in(club, full, role):
    browser = signed_in(person(role), club)

    for address in lists():
        assert browser.get(address).status_code == 302, address
    said = browser.get(ADMIN + "members/member/", follow=True)
    assert said.status_code == 403
    assert "دسترسی «مدیریت باشگاه»" in text_of(said)


def test_who_logs_in_comes_to_where_they_wanted_to_go(club, full):
    manager = person("manager", password="a good password 1405")
    browser = visitor(club)

    login = browser.get(ADMIN + "members/member/?q=1", follow=True)
    sent = {"phone": manager.phone, "password": "a good password 1405", "next": login.context["next"]}
    assert browser.post(login.request["PATH_INFO"], sent)["Location"] == ADMIN + "members/member/?q=1"
    outside = browser.get(ADMIN + "login/?next=https://evil.example/")
    assert outside["Location"] == ADMIN


def test_a_manager_sees_no_keys_and_does_not_change_the_club(club, full):
    browser = signed_in(person("manager"), club)

    assert browser.get(ADMIN + "accounts/apikey/").status_code == 403
    assert browser.get(f"{ADMIN}core/club/{club.pk}/change/").status_code == 403
    assert browser.get(ADMIN + "core/club/colour/?colour=%23ff0000").status_code == 400
    assert browser.get(ADMIN + "members/member/").status_code == 200


@pytest.mark.parametrize("app_model", ["purchases_purchase", "purchases_refund", "ledger_entry", "sms_outboxmessage"])
def test_what_is_history_is_only_read(owner, full, app_model):
    model = next(m for m in all_models() if f"{m._meta.app_label}_{m._meta.model_name}" == app_model)
    row = model.objects.first()

    assert owner.get(reverse(f"admin:{app_model}_add")).status_code == 403
    assert owner.post(reverse(f"admin:{app_model}_change", args=[row.pk]), {}).status_code == 403
    assert owner.post(reverse(f"admin:{app_model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


# ── members ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("typed", ["سارا کاظمی", "كاظمى", "کاظ", "۰۹۱۲۰۰۰۰۰۰۱", "0001", "+989120000001"])
def test_members_are_found_by_phone_last_digits_and_name_in_any_spelling(owner, full, shop, typed):
    shop.member(first_name="علی", phone="09359998877")

    found = owner.get(ADMIN + "members/member/", {"q": typed}).context["cl"].result_list

    assert [member.pk for member in found] == [full.pk]


@pytest.mark.parametrize("typed", ["\x00", "%", "'", "zzz", "0" * 300])
def test_a_search_for_nonsense_finds_nobody(owner, full, typed):
    answer = owner.get(ADMIN + "members/member/", {"q": typed})

    assert answer.status_code == 200
    assert "cl" in answer.context


def test_a_member_is_enrolled_with_wallets_tier_and_welcome(owner, shop):
    CustomField.objects.create(code="coffee", label="قهوه", kind="choice", choices=["اسپرسو", "لاته"])
    CustomField.objects.create(code="anniv", label="سالگرد", kind="date")
    phone = fresh_phone()

    answer = owner.post(
        ADMIN + "members/member/add/",
        {
            "phone": "۰" + phone[1:],
            "first_name": "نگار",
            "last_name": "رضایی",
            "gender": "female",
            "birth_date": "۱۳۷۰/۵/۱۲",
            "email": "",
            "card": "",
            "external_id": "",
            "source": "",
            "tags": "دوست، همسایه",
            "custom_coffee": "لاته",
            "custom_anniv": "1395/1/2",
        },
    )

    assert answer.status_code == 302, errors_of(answer)
    member = Member.objects.get(phone=phone)
    assert (member.tier_code, member.tags, member.birth_jalali_month) == ("bronze", ["دوست", "همسایه"], 5)
    assert member.custom == {"coffee": "لاته", "anniv": "2016-03-21"}
    assert member.wallets.count() == 4
    assert OutboxMessage.objects.filter(kind="welcome", phone=phone).exists()
    assert AuditEntry.objects.get(action="member.enrol").target == f"member:{member.pk}"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"phone": "0912"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": "09120000001"}, "__all__"),
        ({"birth_date": "1405/13/1"}, "birth_date"),
        ({"birth_date": "1499/1/1"}, "birth_date"),
        ({"email": "x"}, "email"),
        ({"first_name": "ا" * 61}, "first_name"),
    ],
)
def test_bad_input_stands_beside_its_field_and_enrols_nobody(owner, full, typed, field):
    asked = {"phone": fresh_phone(), "first_name": "", "gender": "", **typed}

    answer = owner.post(ADMIN + "members/member/add/", asked)

    assert answer.status_code == 200
    assert field in errors_of(answer)
    assert Member.objects.count() == 1


def test_a_member_is_changed_by_the_service_so_that_names_are_found_and_audited(owner, full):
    address = f"{ADMIN}members/member/{full.pk}/change/"
    values = values_of(owner.get(address))

    answer = owner.post(address, {**values, "last_name": "محمدی", "tier_floor": "silver"})

    assert answer.status_code == 302, errors_of(answer)
    full.refresh_from_db()
    assert (full.last_name, full.tier_floor, full.tier_code) == ("محمدی", "silver", "silver")
    assert set(NameToken.objects.filter(member=full).values_list("token", flat=True)) == {"سارا", "محمدی"}
    entry = AuditEntry.objects.get(action="member.update")
    assert (entry.before, entry.after) == ({"last_name": "کاظمی"}, {"last_name": "محمدی"})


def test_a_phone_changed_in_the_admin_is_told_to_the_old_one(owner, full):
    address, old = f"{ADMIN}members/member/{full.pk}/change/", full.phone

    answer = owner.post(address, {**values_of(owner.get(address)), "phone": "09359998877"})

    assert answer.status_code == 302, errors_of(answer)
    told = OutboxMessage.objects.get(kind="phone_changed")
    assert (told.phone, told.context["phone"]) == (old, "0935…8877")


def test_an_unchanged_form_changes_nothing(owner, full):
    address = f"{ADMIN}members/member/{full.pk}/change/"
    before = AuditEntry.objects.count()

    assert owner.post(address, values_of(owner.get(address))).status_code == 302
    assert AuditEntry.objects.count() == before


def test_a_member_is_blocked_and_admitted_again(owner, full):
    address = f"{ADMIN}members/member/{full.pk}/change/"
    values = values_of(owner.get(address))

    owner.post(address, {**values, "status": "blocked"})
    full.refresh_from_db()
    assert full.status == "blocked"
    assert "مسدود" in text_of(owner.get(ADMIN + "members/member/"))

    owner.post(address, {**values, "status": "active"})
    full.refresh_from_db()
    assert full.status == "active"
    assert AuditEntry.objects.filter(action="member.standing").count() == 2


def test_a_member_s_own_lists_are_reached_from_the_page(owner, full):
    page = text_of(owner.get(f"{ADMIN}members/member/{full.pk}/change/"))

    for name, rows in (("purchases_purchase", 2), ("ledger_entry", 6), ("sms_outboxmessage", None)):
        address = f"{reverse(f'admin:{name}_changelist')}?of={full.pk}"
        assert address in page
        found = owner.get(address).context["cl"].result_count
        assert rows is None or found == rows
    assert owner.get(ADMIN + "ledger/entry/?of=x").context["cl"].result_count == 0


def test_nobody_deletes_a_member(owner, full):
    assert owner.post(f"{ADMIN}members/member/{full.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_repeated_code_of_a_custom_field_is_said(owner, full):
    answer = owner.post(
        ADMIN + "members/customfield/add/", {"label": "x", "code": "coffee", "kind": "text", "position": "۱"}
    )

    assert errors_of(answer) == {"code": ["این پیش‌تر به کار رفته است."]}


# ── programme and tiers ───────────────────────────────────────────────────────────────────────────────────


def test_the_programme_changes_from_a_day_on_in_the_club_s_unit_and_percents(owner, shop):
    values = values_of(owner.get(f"{ADMIN}{PROGRAMME}add/"))
    day = local_date(timezone.now() + timedelta(days=9))
    assert values["rial_per_point"] == "۱۰٬۰۰۰"
    assert values["credit_bp"] == "۱۰"

    answer = owner.post(
        f"{ADMIN}{PROGRAMME}add/",
        {**values, "credit_bp": "۷٫۵", "rial_per_point": "20,000", "effective_from": format_date(day, "numeric")},
    )

    assert answer.status_code == 302, errors_of(answer)
    now, then = programme_at(timezone.now()), programme_at(timezone.now() + timedelta(days=10))
    assert (now.credit_bp, now.rial_per_point) == (1000, 100_000)
    assert (then.credit_bp, then.rial_per_point) == (750, 200_000)
    assert AuditEntry.objects.filter(action="programme.change").latest("id").after["credit_bp"] == 750
    shown = text_of(owner.get(ADMIN + PROGRAMME))
    assert "در راه" in shown
    assert "۷٫۵٪" in shown
    assert "در حال اجرا" in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"credit_bp": "abc"}, "credit_bp"),
        ({"credit_bp": "101"}, "credit_bp"),
        ({"credit_bp": "-1"}, "credit_bp"),
        ({"credit_bp": "7.555"}, "credit_bp"),
        ({"credit_bp": "NaN"}, "credit_bp"),
        ({"credit_bp": "1e309"}, "credit_bp"),
        ({"rial_per_point": "0"}, "rial_per_point"),
        ({"rial_per_point": "99999999999999999999"}, "rial_per_point"),
        ({"points_valid_days": "0"}, "points_valid_days"),
        ({"point_worth": ""}, "point_worth"),
        ({"points_valid_to": "decade"}, "points_valid_to"),
        ({"effective_from": "1405/13/40"}, "effective_from"),
        ({"effective_from": "1400/1/1", "credit_bp": "5"}, "effective_from"),
        ({}, "__all__"),
    ],
)
def test_a_wrong_setting_is_said_beside_it_and_no_version_written(owner, shop, typed, field):
    versions = ProgrammeVersion.objects.count()
    values = values_of(owner.get(f"{ADMIN}{PROGRAMME}add/"))

    answer = owner.post(f"{ADMIN}{PROGRAMME}add/", {**values, **typed})

    assert answer.status_code == 200
    assert list(errors_of(answer)) == [field]
    assert ProgrammeVersion.objects.count() == versions


def test_a_version_is_never_edited(owner, shop):
    version = ProgrammeVersion.objects.get()
    address = f"{ADMIN}{PROGRAMME}{version.pk}/change/"

    assert owner.post(address, {"credit_bp": "1"}).status_code == 403
    assert "۱۰٬۰۰۰ تومان" in text_of(owner.get(address))


def test_a_tier_is_made_in_the_unit_of_its_metric(owner, shop):
    asked = {
        "name": "الماسی",
        "code": "diamond",
        "rank": "۳",
        "metric": "spent",
        "threshold": "۱۰٬۰۰۰٬۰۰۰",
        "points_factor_bp": "2.5",
        "extra_credit_bp": "۳",
        "downgrade": "never",
    }

    assert owner.post(ADMIN + "tiers/tier/add/", asked).status_code == 302
    tier = Tier.objects.get(code="diamond")
    assert (tier.threshold, tier.points_factor_bp, tier.extra_credit_bp) == (100_000_000, 25_000, 300)

    address = f"{ADMIN}tiers/tier/{tier.pk}/change/"
    values = values_of(owner.get(address))
    assert owner.post(address, {**values, "metric": "visits", "threshold": "۴۰"}).status_code == 302
    tier.refresh_from_db()
    assert (tier.metric, tier.threshold, tier.points_factor_bp) == ("visits", 40, 25_000)
    taken = owner.post(ADMIN + "tiers/tier/add/", asked)
    assert errors_of(taken).keys() & {"code", "rank"}


def test_a_tier_that_is_held_stays(owner, full):
    bronze, gold = Tier.objects.get(code="bronze"), Tier.objects.get(code="gold")

    stays = owner.post(f"{ADMIN}tiers/tier/{bronze.pk}/delete/", {"post": "yes"}, follow=True)
    assert "این سطح را ۱ عضو دارند و پاک نمی‌شود" in text_of(stays)
    assert owner.post(f"{ADMIN}tiers/tier/{gold.pk}/delete/", {"post": "yes"}).status_code == 302
    assert set(Tier.objects.values_list("code", flat=True)) == {"bronze", "silver"}
    assert AuditEntry.objects.filter(action="tier.delete").count() == 1


def test_what_is_in_use_is_not_deleted_and_says_what_to_do(owner, full, shop):
    branch, group, tea = Branch.objects.get(code="b"), Group.objects.get(code="hot"), Product.objects.get()
    tea.groups.add(group, through_defaults={"club_id": full.club_id})
    shop.buys(full, 100_000, branch="b")

    def asked(name, row):
        address = f"{ADMIN}catalogue/{name}/{row.pk}/delete/"
        owner.post(address, {"post": "yes"})
        return text_of(owner.get(address, follow=True))

    assert "«ونک» به کار رفته است و پاک نمی‌شود؛ به‌جای آن «فعال» را بردارید" in asked("branch", branch)
    assert "گروه «گرم» ۱ کالا دارد؛ نخست کالاها را از آن بیرون ببرید." in asked("group", group)
    assert (Branch.objects.count(), Group.objects.count()) == (1, 1)


def test_numbers_are_said_in_persian_digits_with_their_unit_and_too_large_ones_as_such(owner, full):
    asked = {"name": "چ" * 121, "code": "t", "price_rial": "9" * 20, "vat_bp": "9" * 25, "is_active": "on"}
    page = owner.post(ADMIN + "catalogue/product/add/", asked)
    wrong = errors_of(page)

    assert "۱۲۰" in wrong["name"][0] and not re.search("[0-9]", str(wrong))
    assert "بزرگ" in wrong["price_rial"][0]
    assert wrong["vat_bp"] == ["عددی از ۰ تا ۱۰۰ بنویسید."]
    assert "به تومان" in text_of(page)
    tier = owner.post(ADMIN + "tiers/tier/add/", {"rank": "9" * 20})
    assert errors_of(tier)["rank"] == ["عددی از ۰ تا ۳۲٬۷۶۷ بنویسید."]
    assert "جمع خرید (تومان)" in text_of(tier) and "(ریال)" not in text_of(tier)
    assert "۱ برابر" in text_of(owner.get(ADMIN + "tiers/tier/"))


def test_the_letters_of_an_arabic_keyboard_are_kept_as_persian_ones(owner, club):
    asked = {"label": "نوشيدنيِ كافه", "code": "drink", "kind": "text", "position": "0", "is_active": "on"}

    wrong = errors_of(owner.post(ADMIN + "members/customfield/add/", {**asked, "code": "نوشيدني"}))
    assert wrong == {"code": ["کد تنها حرف و رقم لاتین، «-» و «_» دارد؛ مانند coffee."]}
    assert owner.post(ADMIN + "members/customfield/add/", asked).status_code == 302
    assert CustomField.objects.get().label == "نوشیدنیِ کافه"


# ── catalogue, staff, keys ────────────────────────────────────────────────────────────────────────────────


def test_a_product_is_made_and_changed_with_its_groups(owner, full):
    asked = {"name": "چای", "code": "۱۲", "price_rial": "۵۰٬۰۰۰", "vat_bp": "10", "groups": ["hot"], "is_active": "on"}

    assert owner.post(ADMIN + "catalogue/product/add/", asked).status_code == 302
    tea = Product.objects.get(code="12")
    assert (tea.price_rial, tea.vat_bp, tea.earns) == (500_000, 1000, False)
    assert [group.code for group in tea.groups.all()] == ["hot"]
    assert errors_of(owner.post(ADMIN + "catalogue/product/add/", asked)).keys() == {"code"}

    address = f"{ADMIN}catalogue/product/{tea.pk}/change/"
    values = values_of(owner.get(address))
    del values["groups"]
    assert owner.post(address, {**values, "code": "other", "name": "چای سبز"}).status_code == 302
    tea.refresh_from_db()
    assert (tea.code, tea.name) == ("12", "چای سبز")
    assert not tea.groups.exists()
    assert list(
        AuditEntry.objects.order_by("pk").filter(target=f"product:{tea.pk}").values_list("action", flat=True)
    ) == [
        "product.create",
        "product.update",
    ]


def test_a_new_cashier_gets_a_first_password_shown_once(owner, club):
    phone = fresh_phone()

    made = owner.post(
        ADMIN + "accounts/staffrole/add/", {"phone": phone, "name": "رضا", "role": "cashier", "branch_id": ""}
    )

    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    secret = text_of(made).split("<code>")[1].split("</code>")[0]
    assert User.objects.get(phone=phone).check_password(secret)
    assert secret not in str(owner.cookies)
    assert secret not in text_of(owner.get(ADMIN + "accounts/staffrole/"))


def test_who_has_a_password_from_elsewhere_keeps_it(owner, club, other_club):
    known = person("cashier", club=other_club, password="keep-me-safe")

    answer = owner.post(ADMIN + "accounts/staffrole/add/", {"phone": known.phone, "name": "", "role": "cashier"})

    assert answer.status_code == 302
    known.refresh_from_db()
    assert known.check_password("keep-me-safe")


def test_a_role_is_ended_and_the_last_owner_stays(owner, club):
    cashier = StaffRole.objects.get(user=person("cashier"))
    sole = StaffRole.objects.get(role="owner")

    owner.post(f"{ADMIN}accounts/staffrole/{cashier.pk}/end/")
    answer = owner.post(f"{ADMIN}accounts/staffrole/{sole.pk}/end/", follow=True)

    cashier.refresh_from_db()
    sole.refresh_from_db()
    assert not cashier.is_active
    assert sole.is_active
    assert "باشگاه بی‌مالک نمی‌ماند" in text_of(answer)


def test_a_manager_reads_the_role_of_an_owner_whom_only_owners_appoint(owner, club):
    sole = StaffRole.objects.get(role="owner")
    manager = signed_in(person("manager"), club)

    answer = manager.get(f"{ADMIN}accounts/staffrole/{sole.pk}/change/")

    assert answer.status_code == 200
    assert "نازنین صادقی" in text_of(answer)


def test_a_key_is_shown_once_in_no_cookie_and_revoked(owner, club):
    made = owner.post(ADMIN + "accounts/apikey/add/", {"name": "صندوق", "scope": "pos"})
    raw = text_of(made).split("<code>")[1].split("</code>")[0]
    key = ApiKey.objects.get()

    assert authenticate_key(raw, now=timezone.now())
    assert raw not in str(owner.cookies)
    assert owner.get(f"{ADMIN}accounts/apikey/{key.pk}/revoke/").status_code == 302
    assert authenticate_key(raw, now=timezone.now())
    owner.post(f"{ADMIN}accounts/apikey/{key.pk}/revoke/")
    assert authenticate_key(raw, now=timezone.now()) is None


# ── club, messages, audit ─────────────────────────────────────────────────────────────────────────────────


def test_the_club_s_look_is_changed_and_previewed(owner, club):
    address = f"{ADMIN}core/club/{club.pk}/change/"
    values = values_of(owner.get(address))

    light = owner.get(ADMIN + "core/club/colour/", {"colour": "#FFD400"}).json()["light"]
    assert light["--brand"] != "#ffd400"  # moved until text on it can be read
    assert owner.get(ADMIN + "core/club/colour/", {"colour": "red"}).status_code == 400
    assert owner.post(address, {**values, "brand_colour": "#FFD400", "address": "ونک"}).status_code == 302
    assert errors_of(owner.post(address, {**values, "brand_colour": "url(x)"})).keys() == {"brand_colour"}

    club.refresh_from_db()
    assert (club.brand_colour, club.address) == ("#ffd400", "ونک")
    assert AuditEntry.objects.get(action="admin.change_club").after["address"] == "ونک"
    assert owner.get(ADMIN + "core/club/")["Location"] == address


def test_a_text_of_our_own_begins_with_the_default_and_is_checked(owner, club):
    address = ADMIN + "sms/smstemplate/add/?kind=purchase_receipt"
    values = values_of(owner.get(address))
    assert "{club}" in values["text"]

    wrong = owner.post(address, {**values, "text": "سلام {nobody}"})
    assert "text" in errors_of(wrong)
    assert owner.post(address, {**values, "text": "{club}: خرید {amount}"}).status_code == 302
    assert SmsTemplate.objects.get().kind == "purchase_receipt"
    again = owner.post(ADMIN + "sms/smstemplate/add/", {**values, "text": "{club}"})
    assert "kind" in errors_of(again)


def test_a_text_goes_back_to_the_default_after_a_question_that_shows_it(owner, club):
    row = SmsTemplate.objects.create(kind="welcome", message_class="service", text="سلام {name}")
    address = f"{ADMIN}sms/smstemplate/{row.pk}/"
    question = f"{address}delete/"

    assert question in text_of(owner.get(f"{address}change/"))
    assert "به باشگاه {club} خوش آمدی" in text_of(owner.get(question))
    assert SmsTemplate.objects.exists()
    done = owner.post(question, {"post": "yes"}, follow=True)

    assert "از این پس متن پیش‌فرض «خوش‌آمد» فرستاده می‌شود." in text_of(done)
    assert not SmsTemplate.objects.exists()
    assert AuditEntry.objects.get(action="admin.delete_smstemplate").before["text"] == "سلام {name}"


def test_a_text_that_is_too_long_has_one_fault(owner, club):
    address = ADMIN + "sms/smstemplate/add/?kind=otp"
    values = values_of(owner.get(address))

    assert len(errors_of(owner.post(address, {**values, "text": "سلام" * 1_000}))["text"]) == 1


@pytest.mark.parametrize(("typed", "hour"), [("۰۸:۳۰", (8, 30)), ("٨:٣٠", (8, 30)), ("8", (8, 0))])
def test_lines_and_hours_are_typed_in_any_digits(owner, club, typed, hour):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    page = owner.get(address)
    values = {name: value for name, value in values_of(page).items() if name != "api_key"}

    assert (values["window_from"], "DateTimeShortcuts" in text_of(page)) == ("۰۹:۰۰", False)
    sent = {**values, "sender_line": "۱۰۰۰ ۴۳۴۶", "window_from": typed}
    assert owner.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.sender_line, row.window_from, row.window_to) == ("10004346", time(*hour), time(21))
    assert values_of(owner.get(address))["sender_line"] == "۱۰۰۰۴۳۴۶"
    wrong = errors_of(owner.post(address, {**sent, "window_to": "۲۵:۰۰", "advertising_line": "خط"}))
    assert wrong == {"window_to": ["ساعت را مانند ۰۹:۳۰ بنویسید."], "advertising_line": ["شمارهٔ خط فقط رقم دارد."]}


def test_the_account_s_key_is_taken_and_never_shown(owner, club):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    values = {name: value for name, value in values_of(owner.get(address)).items() if name != "api_key"}

    assert owner.post(address, {**values, "api_key": "s3cr3t-key"}).status_code == 302
    assert "s3cr3t-key" not in text_of(owner.get(address))
    assert owner.post(address, {**values, "sender_line": "10004346"}).status_code == 302
    row.refresh_from_db()
    assert (row.api_key.text, row.sender_line) == ("s3cr3t-key", "10004346")
    assert "s3cr3t" not in str(list(AuditEntry.objects.values_list("before", "after")))
    assert owner.post(address, {**values, "forget_key": "on"}).status_code == 302
    row.refresh_from_db()
    assert not row.api_key


def test_an_account_that_the_provider_refuses_is_not_saved_here_either(owner, club, settings):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    values = {name: value for name, value in values_of(owner.get(address)).items() if name != "api_key"}

    with running_emulator() as provider:
        settings.KAVENEGAR_BASE_URL = provider.base_url
        wrong = owner.post(address, {**values, "gateway": "kavenegar", "api_key": "wrong"})
        right = owner.post(address, {**values, "gateway": "kavenegar", "api_key": provider.key})
    settings.KAVENEGAR_BASE_URL = "http://127.0.0.1:9"
    silent = errors_of(owner.post(address, {**values, "gateway": "kavenegar", "api_key": "other"}))
    kept = errors_of(owner.post(address, values))

    assert errors_of(wrong).keys() == {"api_key"} and right.status_code == 302
    assert silent["__all__"][-1] == "در صفحهٔ «حساب پیامک» می‌توانید بی آزمودن ثبت کنید."
    assert kept.keys() == {"forget_key"}
    row.refresh_from_db()
    assert row.api_key.text == provider.key


def test_the_addresses_for_the_provider_s_panel_are_shown_and_lead_to_us(owner, club, client, settings):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"

    page = text_of(owner.get(address))

    base = f"{portal_link(club)}/sms/callback/{row.callback_secret.text}"
    assert f"{base}/status" in page and f"{base}/inbound" in page
    parts = urlsplit(f"{base}/status")
    assert client.get(parts.path, headers={"host": parts.netloc}).status_code == 200
    settings.FIELD_KEYS = ["another key, with which nothing was sealed"]
    assert "نشانی تازه‌ای ساخته می‌شود" in text_of(owner.get(address))


def test_the_audit_tells_that_a_key_was_given_and_changed_and_not_which(owner, club):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    values = {name: value for name, value in values_of(owner.get(address)).items() if name != "api_key"}

    for change in ({"api_key": "first"}, {"sender_line": "10004346"}, {"api_key": "second"}, {"forget_key": "on"}):
        values = {**values, **{name: value for name, value in change.items() if name == "sender_line"}}
        owner.post(address, {**values, **change})

    noted = [entry.after.get("api_key") for entry in AuditEntry.objects.filter(action__contains="sms").order_by("pk")]
    first, untouched, second, gone = noted
    assert first.startswith("••••••") and second.startswith("••••••") and first != second
    assert (untouched, gone) == (None, "")


def test_a_code_of_login_is_not_read_in_the_outbox(owner, club):
    row = OutboxMessage.objects.create(kind="otp", message_class="otp", phone="09121112233", text="کد: 123456")

    assert "123456" not in text_of(owner.get(f"{ADMIN}sms/outboxmessage/{row.pk}/change/"))


def test_a_list_says_that_it_is_empty_and_how_to_begin(owner, club):
    empty, sought = (text_of(owner.get(ADMIN + "catalogue/branch/" + query)) for query in ("", "?q=zzz"))

    assert "هنوز چیزی این‌جا نیست" in empty
    assert 'href="/desk/admin/catalogue/branch/add/"' in empty.split('class="empty"')[1]
    assert "با این فیلترها چیزی پیدا نشد" in sought


def test_hours_are_read_and_shown_in_persian_digits(owner, club):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    values = values_of(owner.get(address))
    assert values["window_from"] == "۰۹:۰۰"

    assert owner.post(address, {**values, "window_from": "۱۰:۳۰"}).status_code == 302
    assert errors_of(owner.post(address, {**values, "window_to": "بیست"})).keys() == {"window_to"}
    row.refresh_from_db()
    assert f"{row.window_from:%H:%M}" == "10:30"


def test_a_phone_is_silenced_once_and_let_go(owner, club):
    assert owner.post(ADMIN + "sms/suppression/add/", {"phone": "۰۹۱۲۱۱۱۲۲۳۳"}).status_code == 302
    assert "phone" in errors_of(owner.post(ADMIN + "sms/suppression/add/", {"phone": "09121112233"}))
    assert Suppression.objects.get().phone == "09121112233"


def test_history_is_our_audit_and_django_s_log_stays_empty(owner, full):
    address = f"{ADMIN}members/member/{full.pk}/"
    owner.post(f"{address}change/", {**values_of(owner.get(f"{address}change/")), "first_name": "مریم"})

    answer = owner.get(f"{address}history/", follow=True)

    assert "تغییر عضو" in text_of(answer)
    assert "نازنین صادقی" in text_of(answer)
    assert not LogEntry.objects.exists()


def test_every_record_has_a_history(owner, full):
    role, key = StaffRole.objects.get(), ApiKey.objects.get()
    wanted = {
        f"accounts/staffrole/{role.pk}": role.user.actor,
        f"accounts/apikey/{key.pk}": f"api_key:{key.pk}",
        f"{PROGRAMME}{ProgrammeVersion.objects.latest('id').pk}": "programme",
        f"catalogue/branch/{Branch.objects.get().pk}": f"branch:{Branch.objects.get().pk}",
    }
    for address, target in wanted.items():
        answer = owner.get(f"{ADMIN}{address}/history/")
        assert answer["Location"].endswith(target.replace(":", "%3A")), address
        assert owner.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "day_from=x&day_to=y",
        "day_from=1405/1/1",
        "state=zzz",
        "buyer=zzz",
        "p=99",
        "p=x",
        "o=99",
        "unknown__x=1",
        "of=0",
    ],
)
def test_a_wrong_address_of_a_list_is_no_server_error(owner, full, query):
    assert owner.get(f"{ADMIN}purchases/purchase/?{query}").status_code in {200, 302}


def test_the_skin_repeats_the_tokens_of_the_stylesheet():

    def tokens(name):
        text = (settings.BASE_DIR / "static/css" / name).read_text()
        return re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6})", text)

    known = set(tokens("app.css"))

    assert set(tokens("admin.css")) <= known
