"""Who joins by a list with what, and who stays untouched."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from club.ledger.models import Lot, Wallet
from club.ledger.selectors import balances
from club.members.models import Member, TierChange
from club.members.selectors import find_members
from core.jalali import day_bounds, from_jalali
from core.models import AuditEntry, DomainEvent
from sms.models import OutboxMessage
from tests.club.importing.conftest import everything, reasons, refused, written
from tests.club.lists import customers, imported
from tests.core.tables.books import book
from tests.shop import Shop

PERSIAN = """\
فهرست مشتریان کافه;;
شماره‌ی موبايل;نام;نام خانوادگی;تاریخ تولد;تاریخ عضویت;برچسب;جنسیت;ايميل;كد مشتري;شماره کارت;سطح;امتیاز;مهلت امتیاز;\
اعتبار (تومان);مهلت اعتبار;نوع قهوه;منبع
۰۹۱۲ ۰۰۰ ۰۱۰۱;سارا;كاظمي;۱۳۷۰/۵/۱۲;1402/01/05;ویژه، تهران;خانم;sara@example.com;C-1;7001;نقره ای;۱٬۲۵۰;\
1420/01/01;۲۵۰٬۰۰۰;1420/12/29;لاته;اینستاگرام
+98 (912) 000-0102;نیما;;;;;;;;;;;;;;;
"""


def test_a_persian_csv_brings_in_all_that_it_says(tmp_path: Path, cafe: Shop) -> None:
    code, said = imported(written(tmp_path, PERSIAN), cafe.club)

    assert code == 0, said
    assert "Made 2 members" in said and "1250 points and 2,500,000 Rial" in said
    sara = Member.objects.get(phone="09120000101")
    assert (sara.first_name, sara.last_name, sara.birth_date) == ("سارا", "کاظمی", from_jalali(1370, 5, 12))
    assert (sara.birth_jalali_month, sara.birth_jalali_day) == (5, 12)
    assert sara.enrolled_at == datetime(2023, 3, 25, 8, 30, tzinfo=UTC)
    assert (sara.tags, sara.gender, sara.email) == (["تهران", "ویژه"], "female", "sara@example.com")
    assert (sara.external_id, sara.card, sara.source) == ("C-1", "7001", "اینستاگرام")
    assert (sara.tier_floor, sara.tier_code, sara.custom) == ("silver", "silver", {"coffee": "لاته"})
    assert (sara.phone_reversed, sara.visits) == ("10100002190", 0)
    assert [hit.id for hit in find_members("کاظمی")] == [sara.pk]
    has = balances(sara.pk, timezone.now())
    assert (has.usable_points, has.usable_credit) == (1_250, 2_500_000)
    ends = dict(Lot.objects.values_list("wallet__unit", "expires_at"))
    assert ends == {
        "points": day_bounds(from_jalali(1420, 1, 1))[1],
        "credit": day_bounds(from_jalali(1420, 12, 29))[1],
    }
    nima = Member.objects.get(phone="09120000102")
    assert (nima.tier_code, nima.source, nima.sms_consent) == ("bronze", "import", False)
    assert cafe.proven()


def test_whoever_joins_has_what_a_member_has_and_one_welcome(tmp_path: Path, cafe: Shop) -> None:
    before = timezone.now()

    imported(written(tmp_path, PERSIAN), cafe.club)

    sara, nima = Member.objects.order_by("pk")
    assert sorted(Wallet.objects.filter(member=sara).values_list("unit", flat=True)) == [
        "credit",
        "credit_debt",
        "points",
        "points_debt",
    ]
    assert nima.card and nima.referral_code and nima.card != sara.card
    changes = TierChange.objects.order_by("pk").values_list("member_id", "from_code", "to_code", "at")
    assert list(changes) == [(sara.pk, "", "silver", sara.enrolled_at), (nima.pk, "", "bronze", nima.enrolled_at)]
    event = DomainEvent.objects.filter(kind="member.enrolled").order_by("pk").first()
    assert (event.member_id, event.document, event.occurred_at, event.data) == (
        sara.pk,
        f"member:{sara.pk}",
        sara.enrolled_at,
        {"source": "اینستاگرام", "imported": True},
    )
    audited = AuditEntry.objects.filter(action="member.enrol").order_by("pk")
    assert [(one.actor, one.target, one.after["phone"]) for one in audited] == [
        ("system", f"member:{member.pk}", member.phone) for member in (sara, nima)
    ]
    welcomes = OutboxMessage.objects.order_by("pk")
    assert [(one.kind, one.phone, one.context, one.member_id) for one in welcomes] == [
        ("welcome", "09120000101", {"name": "سارا"}, sara.pk),
        ("welcome", "09120000102", {"name": "نیما"}, nima.pk),
    ]
    assert all(one.localid > 0 and one.next_attempt_at >= before - timedelta(seconds=5) for one in welcomes)


def test_an_xlsx_with_numbers_for_phones_and_real_dates(tmp_path: Path, cafe: Shop) -> None:
    rows = [
        ["Mobile", "Name", "Birthday", "Joined on", "Points", "Points until", "Credit"],
        [9120000101.0, "سید علی حسینی", date(1991, 8, 3), datetime(2023, 3, 25, 9, 5), 12.0, date(2041, 3, 21), 250000],
        [9120000102, "احمدی، سارا", 33453, "2023-03-25", None, None, None],
        [989120000103, "نیما", "۱۲ مرداد ۱۳۷۰", 45010, 0, "1300/01/01", 0],
    ]

    code, said = imported(book(tmp_path / "c.xlsx", rows), cafe.club, "--no-welcome")

    assert code == 1, said
    ali, sara = Member.objects.order_by("phone")
    assert (ali.full_name, ali.first_name, ali.birth_date) == ("سید علی حسینی", "سید علی", date(1991, 8, 3))
    assert ali.enrolled_at == datetime(2023, 3, 25, 5, 35, tzinfo=UTC)
    assert balances(ali.pk, timezone.now()).usable_points == 12
    assert (sara.first_name, sara.last_name, sara.birth_date) == ("سارا", "احمدی", date(1991, 8, 3))
    assert reasons(tmp_path, "refused.xlsx") == ["آخرین روز امتیاز: این روز گذشته است."]
    assert not OutboxMessage.objects.exists()


def test_opening_points_reach_a_tier_by_points(tmp_path: Path, shop: Shop) -> None:
    from club.tiers.models import Tier

    Tier.objects.create(code="new", name="تازه", rank=0, threshold=0)
    Tier.objects.create(code="old", name="دیرین", rank=1, threshold=500, metric="points", window_days=365)

    imported(written(tmp_path, "phone,points\n09120000101,500\n09120000102,499\n"), shop.club)

    assert list(Member.objects.order_by("phone").values_list("tier_code", flat=True)) == ["old", "new"]


def test_columns_are_named_by_a_mapping(tmp_path: Path, cafe: Shop) -> None:
    text = "a,b,c\n09120000101,سارا,لاته\n"

    code, said = imported(written(tmp_path, text), cafe.club, "--map", "phone=a,first_name=B,custom.coffee=c")

    assert code == 0, said
    assert Member.objects.values_list("first_name", "custom").get() == ("سارا", {"coffee": "لاته"})


def test_windows_1256_is_read_without_being_told(tmp_path: Path, cafe: Shop) -> None:
    code, said = imported(written(tmp_path, "موبايل,نام\n09120000101,سارا\n", encoding="cp1256"), cafe.club)

    assert code == 0, said
    assert Member.objects.get().first_name == "سارا"


# --- who stays untouched ----------------------------------------------------------------------------------------------


def test_known_phones_stay_untouched_whatever_their_line_says(tmp_path: Path, cafe: Shop) -> None:
    known = cafe.member(phone="09120000101", first_name="سارا")
    before = everything()

    code, said = imported(written(tmp_path, "phone,name,points,email\n9120000101,بیگانه,500,nonsense\n"), cafe.club)

    assert (code, everything()) == (0, before)
    assert "0 members" in said and "1 were members already" in said
    assert Member.objects.get().first_name == known.first_name


def test_a_second_import_changes_nothing(tmp_path: Path, cafe: Shop) -> None:
    path = customers(tmp_path / "c.xlsx", 60, bad_every=20)
    assert imported(path, cafe.club)[0] == 1
    before, first_report = everything(), refused(tmp_path / "refused.xlsx")

    code, said = imported(path, cafe.club)

    assert (code, everything(), refused(tmp_path / "refused.xlsx")) == (1, before, first_report)
    assert "57 were members already; 3 lines refused" in said
    assert cafe.proven()


def test_a_dry_run_says_what_would_happen_and_writes_nothing(tmp_path: Path, cafe: Shop) -> None:
    before = everything()

    code, said = imported(customers(tmp_path / "c.xlsx", 60, bad_every=20), cafe.club, "--dry-run")

    assert (code, everything()) == (1, before)
    assert "Would make 57 members" in said and "3 lines refused" in said
