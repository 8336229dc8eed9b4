"""What the columns of a list of customers may hold, and the headers by which each is known. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from core.errors import AppError, Text
from core.language import listed
from core.phones import normalise_phone
from core.tables.headers import mapped, recognised
from core.tables.reading import Unreadable, whole_number

CUSTOM = "custom."
PHONE = "phone"
CONSENT = "sms_consent"
REASON = _("دلیل رد")
NO_HEADER = _("سطر نخست این فایل نام ستون‌ها نیست، یک مشتری است؛ سطری با نام ستون‌ها بالای آن بگذارید و دوباره بفرستید.")


@dataclass(frozen=True)
class Field:
    """A field of ours: what people call it, and the headers that mean it, the usual one first."""

    label: Text
    known_as: str

    @property
    def headers(self) -> list[str]:
        """The headers one by one."""
        return self.known_as.split(" | ")


FIELDS: dict[str, Field] = {
    PHONE: Field(
        _("موبایل"),
        "موبایل | شماره موبایل | شماره‌ی موبایل | شماره همراه | تلفن همراه | شماره تلفن همراه | همراه | گوشی "
        "| شماره تماس | شماره تلفن | تلفن | تماس | mobile | mobile number | phone number | cellphone | cell | "
        "tel | msisdn",
    ),
    "name": Field(
        _("نام و نام خانوادگی"),
        "نام و نام خانوادگی | نام و نام‌خانوادگی | نام کامل | نام مشتری | نام عضو | مشتری | عضو | full name | "
        "customer name | customer | member",
    ),
    "first_name": Field(_("نام"), "نام | نام کوچک | اسم | first name | given name"),
    "last_name": Field(
        _("نام خانوادگی"),
        "نام خانوادگی | نام‌خانوادگی | فامیل | فامیلی | شهرت | last name | surname | family | family name",
    ),
    "birth_date": Field(
        _("تاریخ تولد"),
        "تاریخ تولد | تولد | روز تولد | متولد | birthday | birth | birthdate | date of birth | dob",
    ),
    "joined": Field(
        _("تاریخ عضویت"),
        "تاریخ عضویت | عضویت | عضو از | تاریخ ثبت نام | ثبت نام | تاریخ ثبت | joined on | joined at | join "
        "date | enrolled at | enrolled | member since | registered | registration date | signup date",
    ),
    "gender": Field(_("جنسیت"), "جنسیت | جنس | gender | sex"),
    "email": Field(_("ایمیل"), "ایمیل | رایانامه | پست الکترونیک | پست الکترونیکی | email | e-mail | mail"),
    "tags": Field(_("برچسب‌ها"), "برچسب‌ها | برچسب | تگ | tags | tag | labels | label"),
    "source": Field(_("از کجا آمد"), "از کجا آمد | منبع | نحوه آشنایی | روش آشنایی | source | origin"),
    "language": Field(_("زبان"), "زبان | زبان پیام‌ها | language | lang"),
    CONSENT: Field(
        _("اجازهٔ پیامک"),
        "اجازه پیامک | رضایت پیامک | رضایت | اجازه پیام | پیامک تبلیغاتی | sms allowed | sms consent | consent | "
        "opt in | sms opt in | marketing consent",
    ),
    "external_id": Field(
        _("شناسهٔ بیرونی"),
        "شناسه بیرونی | شناسه مشتری | کد مشتری | کد اشتراک | شماره اشتراک | کد عضویت | external id | customer "
        "id | customer code | customer no | member id",
    ),
    "card": Field(_("شمارهٔ کارت"), "شماره کارت | کارت | شماره کارت باشگاه | کارت باشگاه | card number | card no"),
    "tier": Field(_("سطح"), "سطح | سطح عضویت | کف سطح | رده | tier | level | tier floor"),
    "points": Field(_("امتیاز"), "امتیاز | مانده امتیاز | امتیاز آغاز | امتیازها | point | score | points balance"),
    "points_until": Field(
        _("آخرین روز امتیاز"),
        "آخرین روز امتیاز | مهلت امتیاز | پایان امتیاز | انقضای امتیاز | تاریخ انقضای امتیاز | points until | "
        "points expire | points expiry | points expires at | points last day",
    ),
    "credit": Field(
        _("اعتبار"),
        "اعتبار | مانده اعتبار | اعتبار آغاز | کیف پول | موجودی | credit balance | balance | wallet",
    ),
    "credit_until": Field(
        _("آخرین روز اعتبار"),
        "آخرین روز اعتبار | مهلت اعتبار | پایان اعتبار | انقضای اعتبار | تاریخ انقضای اعتبار | credit until | "
        "credit expire | credit expiry | credit expires at | credit last day",
    ),
}


@dataclass(frozen=True)
class Known:
    """All fields there are in a list: ours, and those the club added to its members, as (code, label)."""

    added: Mapping[str, str]
    fields: Mapping[str, Field] = field(default_factory=lambda: FIELDS)

    @property
    def names(self) -> dict[str, Sequence[str]]:
        """The headers by which each field is known; ours go before the club's."""
        ours: dict[str, Sequence[str]] = {name: one.headers for name, one in self.fields.items()}
        return ours | {CUSTOM + code: (code, label) for code, label in self.added.items()}

    def label(self, name: str) -> str:
        """What people call the field."""
        if name.startswith(CUSTOM):
            return self.added[name.removeprefix(CUSTOM)]
        return str(self.fields[name].label)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Every field with what people call it."""
        return [(name, self.label(name)) for name in self.names]

    def understood(self, header: Sequence[str], mapping: Mapping[str, str] | None = None) -> dict[str, int]:
        """The place of each field: by the mapping, then by the headers. Raises Unreadable where there is no phone."""
        places = mapped(header, self.names, mapping) if mapping else recognised(header, self.names)
        if PHONE not in places:
            if is_person(header):
                raise Unreadable(NO_HEADER)
            raise Unreadable(
                _("ستون موبایل پیدا نشد؛ بگویید کدام ستون است. ستون‌های فایل: %(header)s"),
                header=listed(text for text in header if text.strip()) or "—",
            )
        if "first_name" in self.fields and {"name", "last_name"} <= places.keys() and "first_name" not in places:
            places["first_name"] = places.pop("name")  # «name» beside «family» is the first name only
        return places

    def is_header(self, cells: Sequence[str], mapping: Mapping[str, str] | None = None) -> bool:
        """Whether the row names the columns, the phone's among them."""
        try:
            return PHONE in self.understood(cells, mapping)
        except Unreadable:
            return False


def is_person(cells: Sequence[str]) -> bool:
    """Whether the row holds a mobile number: a person, who would be lost where it is taken for the header."""
    return any(_is_phone(text) for text in cells)


def _is_phone(text: str) -> bool:
    try:
        return bool(normalise_phone(whole_number(text)))
    except AppError:
        return False
