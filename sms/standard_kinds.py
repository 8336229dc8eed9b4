"""The messages that every club has; their default texts are short: a part more is a price more, for every purchase."""

from django.utils.translation import gettext_lazy as _

from sms.kinds import DAY, DERIVED, LATIN, MONEY, NUMBER, OTP, SERVICE, TEXT, Kind, register

_BALANCES = {"points_balance": NUMBER, "credit_balance": MONEY}
_GIFT = {
    "name": TEXT,
    "offers": DERIVED,
    "points": NUMBER,
    "credit": MONEY,
    "free_items": DERIVED,
    "code": LATIN,
    "expires": DAY,
    **_BALANCES,
}

register(
    Kind(
        "purchase_receipt",
        _("رسید خرید"),
        SERVICE,
        _(
            """{club}
خرید {amount}
[[پیشنهاد {offers}]][[؛ {free_items} رایگان]]
[[{gift_card} با کارت هدیه[[، {gift_card_left} مانده]]]]
[[امتیاز [[{points}، ]]مانده {points_balance}]]
[[اعتبار [[{credit}، ]]مانده {credit_balance}]]
[[تبریک، به سطح {new_tier} رسیدی]]
[[{tier}]][[؛ {next_tier_missing} تا {next_tier}]]
[[{next_reward_missing} امتیاز تا {next_reward}]]"""
        ),
        {
            "name": TEXT,
            "amount": MONEY,
            "payable": MONEY,
            "number": NUMBER,
            "offers": DERIVED,
            "free_items": DERIVED,
            "gift_card": MONEY,
            "gift_card_left": MONEY,
            "points": NUMBER,
            "credit": MONEY,
            **_BALANCES,
            "tier": TEXT,
            "new_tier": DERIVED,
            "next_tier": TEXT,
            "next_tier_missing": DERIVED,
            "next_reward": TEXT,
            "next_reward_missing": NUMBER,
        },
        needs=("amount",),
    )
)
register(
    Kind(
        "purchase_refunded",
        _("برگشت خرید"),
        SERVICE,
        _(
            """{club}
برگشت خرید {number}: {refunded}
[[{gift_card} به کارت هدیه برگشت]]
[[امتیاز: [[{points} پس گرفته شد، ]][[{points_returned} برگشت، ]]مانده {points_balance}]]
[[اعتبار: [[{credit} پس گرفته شد، ]][[{credit_returned} برگشت، ]]مانده {credit_balance}]]"""
        ),
        {
            "name": TEXT,
            "number": NUMBER,
            "amount": MONEY,
            "refunded": MONEY,
            "gift_card": MONEY,
            "points": NUMBER,
            "points_returned": NUMBER,
            "credit": MONEY,
            "credit_returned": MONEY,
            **_BALANCES,
        },
        needs=("refunded",),
    )
)
register(
    Kind(
        "welcome",
        _("خوش‌آمد"),
        SERVICE,
        _(
            """[[{name}، ]]به باشگاه {club} خوش آمدی.
از این پس هر خریدت امتیاز دارد؛ شماره‌ات را به صندوق بگو.
{link}"""
        ),
        {"name": TEXT},
    )
)
register(
    Kind(
        "join_refused",
        _("رد درخواست عضویت"),
        SERVICE,
        _(
            """{club}
درخواست عضویت تو پذیرفته نشد[[؛ پرسشی داری زنگ بزن: {shop_phone}]]."""
        ),
        {"shop_phone": LATIN},
        always=True,
    )
)
register(
    Kind(
        "join_approved",
        _("پذیرش درخواست عضویت"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]درخواست عضویتت پذیرفته شد.
{link}"""
        ),
        {"name": TEXT},
        always=True,
    )
)
register(
    Kind(
        "otp",
        _("کد ورود"),
        OTP,
        _(
            """{club}
کد ورود {code}؛ به کسی نگو
[[@{domain} #{code}]]"""
        ),
        {"code": LATIN, "domain": LATIN},
        needs=("code",),
    )
)
register(
    Kind(
        "phone_proof",
        _("کد شمارهٔ تازه"),
        OTP,
        _(
            """{club}
کد {code} برای عوض کردن شماره؛ به صندوق بگو. با آن کسی وارد نمی‌شود."""
        ),
        {"code": LATIN},
        needs=("code",),
    )
)
register(
    Kind(
        "tier_up",
        _("رسیدن به سطح تازه"),
        SERVICE,
        _(
            """{club}
تبریک[[ {name}]]، به سطح {tier} رسیدی.
{link}"""
        ),
        {"name": TEXT, "tier": TEXT},
        needs=("tier",),
    )
)
register(
    Kind(
        "tier_warning",
        _("هشدار پایان سطح"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]سطح {tier} تا {expires} از آنِ توست.
[[با {missing} دیگر نگهش می‌داری.]]
{link}"""
        ),
        {"name": TEXT, "tier": TEXT, "expires": DAY, "missing": DERIVED},
        invites=True,
        needs=("tier", "expires"),
    )
)
register(
    Kind(
        "tier_changed",
        _("پایین آمدن سطح"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]مهلت سطح {old_tier} تمام شد.
[[اکنون در سطح {tier} هستی.]]
[[با {missing} دیگر به {old_tier} برمی‌گردی.]]
{link}"""
        ),
        {"name": TEXT, "old_tier": TEXT, "tier": TEXT, "missing": DERIVED},
        needs=("old_tier",),
    )
)
register(
    Kind(
        "credit_granted",
        _("اعتبار هدیه"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]{credit} اعتبار هدیه گرفتی.
[[تا {expires} فرصت داری]]
[[اعتبار تو: {credit_balance}]]
{link}"""
        ),
        {"name": TEXT, "credit": MONEY, "expires": DAY, **_BALANCES},
        needs=("credit",),
    )
)
register(
    Kind(
        "reward_redeemed",
        _("گرفتن جایزه"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]«{reward}» از آنِ توست.
[[کد: {code}]]
[[{credit} اعتبار، مانده {credit_balance}]]
[[تا {expires} فرصت داری]]"""
        ),
        {"name": TEXT, "reward": TEXT, "code": LATIN, "credit": MONEY, "credit_balance": MONEY, "expires": DAY},
        needs=("reward",),
    )
)
register(
    Kind(
        "reward_granted",
        _("هدیه به یک فهرست"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]«{reward}» هدیهٔ ما به تو؛ کد: {code}
[[تا {expires} فرصت داری]]"""
        ),
        {"name": TEXT, "reward": TEXT, "code": LATIN, "expires": DAY},
        needs=("reward", "code"),
    )
)
register(
    Kind(
        "gift_card",
        _("کارت هدیه"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]کارت هدیهٔ {amount} برای تو
کد: {code}
[[تا پایان {ends}]]"""
        ),
        {"name": TEXT, "amount": MONEY, "code": LATIN, "ends": DAY},
        secret=True,
        needs=("amount", "code"),
    )
)
register(
    Kind(
        "phone_changed",
        _("عوض شدن شماره"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]از این پس شماره‌ات در باشگاه {phone} است.
اگر خودت نخواسته‌ای، همین حالا به ما بگو."""
        ),
        {"name": TEXT, "phone": TEXT},
        always=True,
    )
)
register(
    Kind(
        "test",
        _("پیامک آزمایشی"),
        SERVICE,
        _(
            """{club}
این پیامک آزمایشی است؛ پیامک باشگاه کار می‌کند."""
        ),
    )
)
register(
    Kind(
        "staff_invited",
        _("دعوت کارکنان"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]به جمع کارکنان دعوت شده‌اید. گذرواژه‌تان را تا سه روز این‌جا بسازید:
{address}"""
        ),
        {"name": TEXT, "address": LATIN},
        secret=True,
        to_staff=True,
    )
)
register(
    Kind(
        "staff_reset",
        _("گذرواژهٔ تازهٔ کارکنان"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]گذرواژهٔ تازه‌تان را تا دو ساعت این‌جا بسازید:
{address}"""
        ),
        {"name": TEXT, "address": LATIN},
        secret=True,
        to_staff=True,
    )
)
register(
    Kind(
        "offer_stopped",
        _("پایان بودجهٔ پیشنهاد"),
        SERVICE,
        _(
            """{club}
پیشنهاد «{offer}» ایستاد: سقف یا بودجه‌اش پر شد."""
        ),
        {"offer": TEXT},
        to_staff=True,
        needs=("offer",),
    )
)
register(
    Kind(
        "mission_filled",
        _("پر شدن مأموریت"),
        SERVICE,
        _(
            """{club}
مأموریت «{mission}» را کامل کردی.
[[هدیه‌ات: {gift}]]
[[کد {coupon} را[[ تا {expires}]] به صندوق نشان بده]]
{link}"""
        ),
        {"name": TEXT, "mission": TEXT, "gift": TEXT, "coupon": LATIN, "expires": DAY},
        needs=("mission",),
    )
)
register(
    Kind(
        "gift_given",
        _("هدیهٔ مناسبت"),
        SERVICE,
        _(
            """{club}
[[{name}، ]]هدیهٔ تو، {offers}:
[[{points} امتیاز]]
[[{credit} اعتبار]]
[[{free_items} رایگان]]
[[کد {code}[[ تا {expires}]]]]"""
        ),
        _GIFT,
        needs=("offers",),
    )
)
register(
    Kind(
        "birthday",
        _("تبریک تولد"),
        SERVICE,
        _(
            """[[{name}، ]]تولدت مبارک.
[[هدیهٔ تو، {offers}:]]
[[{points} امتیاز]]
[[{credit} اعتبار]]
[[{free_items} رایگان]]
[[کد {code}[[ تا {expires}]]]]
{club}"""
        ),
        _GIFT,
        invites=True,
    )
)
