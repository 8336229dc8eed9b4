"""The two demo clubs and who is in them. The phones belong to nobody: 0912 000 is a range that is not given out."""

from dataclasses import dataclass
from typing import Literal

PASSWORD = "demo-1405"  # noqa: S105 - public on purpose; the command refuses to use it on a public installation
NARVAN, SARV = "narvan", "sarv"


@dataclass(frozen=True)
class Staff:
    """Somebody who logs in with the demo password."""

    role: str
    phone: str
    name: str
    branch: str = ""
    """The code of the branch at which alone the role counts; empty: at all."""


@dataclass(frozen=True)
class Hired:
    """An agent of the club, who logs in by a code sent to the phone."""

    kind: str
    phone: str
    name: str
    iban: str = ""


@dataclass(frozen=True)
class Good:
    """A product; the price is in the club's own unit."""

    code: str
    name: str
    price: int
    group: str
    weight: int = 10


@dataclass(frozen=True)
class GoodsGroup:
    """A group of goods with its rules; `per_point` is its own price of a point, in the club's own unit."""

    code: str
    name: str
    earns: bool = True
    per_point: int | None = None
    discountable: bool = True
    payable_by_value: bool = True


@dataclass(frozen=True)
class DemoClub:
    """A club as it is to be built. Money is in the club's own unit."""

    slug: str
    name: str
    colour: str
    tagline: str
    address: str
    phone: str
    whatsapp: str
    handle: str
    staff: tuple[Staff, ...]
    branches: tuple[tuple[str, str, str], ...]
    groups: tuple[GoodsGroup, ...]
    goods: tuple[Good, ...]
    tiers: tuple[tuple[str, str, int, int, int], ...]
    """(code, name, spent from, factor of points in bp, more credit in bp)"""
    field: tuple[str, str, tuple[str, ...]]
    """A field of the club's own, asked at the till and at joining: (code, label, choices)."""
    first_phone: int
    members: int
    visits_a_day: float
    branch_weights: tuple[int, ...] = (3, 2)
    max_points_per_purchase: int | None = None
    time_of_value: tuple[tuple[str, int], ...] = ()
    """More settings of the programme: from when value is usable, and after how many days without a purchase it ends."""
    has_logo: bool = False
    trade: Literal["cafe", "shop"] = "cafe"
    agents: tuple[Hired, ...] = ()


CAFE = DemoClub(
    slug=NARVAN,
    name="کافه نارون",
    colour="#0e7c86",
    tagline="قهوه و شیرینی، هر روز تازه",
    address="تهران، خیابان ولیعصر، بالاتر از پارک ساعی، شمارهٔ ۱۲",
    phone="02100000012",
    whatsapp="989120000012",
    handle="narvan_cafe_demo",
    staff=(
        Staff("owner", "09120000001", "نسرین کاویانی"),
        Staff("manager", "09120000002", "بهرام صادقی"),
        Staff("cashier", "09120000003", "لیلا رستمی"),
        Staff("cashier", "09120000006", "مینا کاشانی", branch="tajrish"),
        Staff("sales", "09120000009", "کاوه پارسا"),
        Staff("support", "09120000013", "آرزو نیکنام"),
    ),
    branches=(
        ("valiasr", "ولیعصر", "تهران، خیابان ولیعصر، شمارهٔ ۱۲"),
        ("tajrish", "تجریش", "تهران، میدان تجریش، شمارهٔ ۳"),
    ),
    groups=(
        GoodsGroup("coffee", "قهوه"),
        GoodsGroup("tea", "دمنوش و چای", per_point=5_000),
        GoodsGroup("cake", "شیرینی و کیک"),
        GoodsGroup("beans", "دانهٔ قهوه", earns=False),
    ),
    goods=(
        Good("espresso", "اسپرسو", 85_000, "coffee", 20),
        Good("latte", "لاته", 125_000, "coffee", 30),
        Good("cappuccino", "کاپوچینو", 120_000, "coffee", 25),
        Good("mocha", "موکا", 140_000, "coffee", 10),
        Good("cold-brew", "قهوهٔ سرد دم", 135_000, "coffee", 8),
        Good("tea", "چای ایرانی", 60_000, "tea", 18),
        Good("herbal", "دمنوش گل‌گاوزبان", 95_000, "tea", 8),
        Good("cheesecake", "چیزکیک", 165_000, "cake", 14),
        Good("walnut-cake", "کیک گردو", 110_000, "cake", 14),
        Good("croissant", "کروسان", 90_000, "cake", 16),
        Good("beans-250", "دانهٔ قهوه، ۲۵۰ گرم", 420_000, "beans", 3),
    ),
    tiers=(
        ("bronze", "برنزی", 0, 10_000, 0),
        ("silver", "نقره‌ای", 3_000_000, 12_500, 100),
        ("gold", "طلایی", 8_000_000, 15_000, 200),
    ),
    field=("drink", "نوشیدنی همیشگی", ("اسپرسو", "لاته", "چای", "دمنوش")),
    has_logo=True,
    first_phone=1000,
    members=62,
    visits_a_day=6.0,
    agents=(
        Hired("agent", "09120000007", "آرش نیک‌پور", "IR062960000000100324200001"),
        Hired("marketer", "09120000008", "شیرین دلاوری", "IR050170000000123456789012"),
    ),
)
SHOP = DemoClub(
    slug=SARV,
    trade="shop",
    name="فروشگاه سرو",
    colour="#7a4f9a",
    tagline="پوشاک و چرم دست‌دوز",
    address="شیراز، خیابان عفیف‌آباد، شمارهٔ ۴۸",
    phone="07100000048",
    whatsapp="989120000048",
    handle="sarv_shop_demo",
    staff=(
        Staff("owner", "09120000001", "نسرین کاویانی"),
        Staff("manager", "09120000004", "شهرام دهقان"),
        Staff("cashier", "09120000005", "مینا فرهادی"),
        Staff("sales", "09120000010", "ترانه بهرامی"),
        Staff("support", "09120000014", "پویا سالاری"),
    ),
    branches=(
        ("afifabad", "عفیف‌آباد", "شیراز، خیابان عفیف‌آباد، شمارهٔ ۴۸"),
        ("maliabad", "معالی‌آباد", "شیراز، بلوار معالی‌آباد، شمارهٔ ۷"),
    ),
    groups=(
        GoodsGroup("clothes", "پوشاک"),
        GoodsGroup("leather", "چرم", per_point=8_000),
        GoodsGroup("small", "خرده‌ریز"),
        GoodsGroup("gift-card", "کارت هدیه", earns=False, discountable=False, payable_by_value=False),
    ),
    goods=(
        Good("shirt", "پیراهن نخی", 890_000, "clothes", 20),
        Good("scarf", "روسری ابریشمی", 740_000, "clothes", 22),
        Good("coat", "پالتوی پشمی", 4_800_000, "clothes", 4),
        Good("bag", "کیف دوشی چرم", 3_200_000, "leather", 8),
        Good("wallet", "کیف پول چرم", 980_000, "leather", 14),
        Good("belt", "کمربند چرم", 760_000, "leather", 12),
        Good("keyring", "جاکلیدی", 180_000, "small", 16),
        Good("gift-card", "کارت هدیه", 1_000_000, "gift-card", 3),
    ),
    tiers=(
        ("bronze", "برنزی", 0, 10_000, 0),
        ("silver", "نقره‌ای", 10_000_000, 12_500, 100),
        ("gold", "طلایی", 30_000_000, 15_000, 250),
    ),
    field=("size", "سایز", ("کوچک", "متوسط", "بزرگ")),
    first_phone=2000,
    members=120,
    visits_a_day=3.6,
    max_points_per_purchase=500,
    time_of_value=(("credit_usable_after_hours", 48), ("points_idle_days", 120)),
)
CLUBS = (CAFE, SHOP)


def _words(text: str) -> list[str]:
    return text.split()


WOMEN = _words(
    "سارا مریم زهرا نگار الهام شیرین مینا پریسا نازنین آیدا هدیه مهسا رویا فرناز لیلا ترانه گلناز سمیرا آزاده یلدا "
    "نیلوفر بهاره سپیده هانیه غزل"
)
MEN = _words(
    "علی رضا امیر حسین مهدی آرش کاوه بابک سیاوش پویا نوید احسان سعید فرهاد کیان آرمان پیمان شایان مسعود هومن بهنام "
    "سهراب یاشار وحید علی‌رضا"
)
FAMILIES = _words(
    "احمدی محمدی کریمی رضایی جعفری موسوی حسینی صادقی رحیمی کاظمی قاسمی نوری اکبری باقری شریفی طاهری عباسی یوسفی مرادی "
    "سلیمانی نجفی زارع امینی شفیعی فرهمند دادگر کیانی مقدم پورمحمدی نیک‌نام"
)


def _post(person: Staff) -> str:
    return f"{person.role} of {person.branch}" if person.branch else person.role


def logins(base_url: str) -> str:
    """The addresses and the demo logins, as `make run` shows them."""
    scheme, _mark, host = base_url.rstrip("/").partition("://")
    lines = []
    for club in CLUBS:
        address = f"{scheme}://{club.slug}.{host}"
        lines.append(f"  {club.name}")
        lines.append(
            f"    Members   {address}/login/   phone 0912000{club.first_phone + 1}, code on the SMS phone below"
        )
        lines.append(f"    Staff     {address}/staff/login/   password {PASSWORD}")
        lines += [f"              {person.phone}  {_post(person)}" for person in club.staff]
        if club.agents:
            phones = ", ".join(agent.phone for agent in club.agents)
            lines.append(f"    Agents    {address}/desk/agent/   phone {phones}, code on the SMS phone below")
    return "\n".join(lines)
