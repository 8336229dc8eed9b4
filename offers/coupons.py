"""Making codes that bring an offer: one by its name, or many drawn by a pattern; and taking them back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core import audit
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.jalali import last_day, local_date
from core.rows import insert_rows
from core.tenancy.scope import club_zone
from offers import patterns
from offers.codes import LONGEST, coupon_key, normal_coupon_code
from offers.models import Coupon
from offers.selectors import LARGEST, get_offer

MOST_AT_ONCE = 10_000
MOST_USES = 1_000_000_000
SPARE_ROOM = 100
"""So many times as many codes as are made must a pattern have: else the next one typed at random may be good."""
TRIES = 5


@dataclass(frozen=True, kw_only=True)
class NewCoupons:
    """What is asked for: one code by its name, or `count` of them by a pattern. `uses` and `per_member` None: no limit.

    `member`: whose alone they are. Their time is theirs besides that of the offer; None is open.
    """

    offer: int
    code: str | None = None
    count: int | None = None
    pattern: str | None = None
    uses: int | None = None
    per_member: int | None = None
    member: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def must_be_unguessable(self) -> bool:
        """Whether who guesses one takes what another was given: of one use, or somebody's own."""
        return self.uses == 1 or self.member is not None


@transaction.atomic
def create_coupons(new: NewCoupons, *, actor: str) -> list[Coupon]:
    """The codes made, in one statement for any number. Raises NotFound, ValidationFailed by field, Conflict."""
    offer = get_offer(new.offer)
    errors = _faults(new)
    if not offer.code_required:
        errors["offer"] = [_("این پیشنهاد بی کد داده می‌شود؛ نخست آن را «با کد» کنید.")]
    if errors:
        raise ValidationFailed(errors)
    if new.member is not None and not Member.objects.filter(pk=new.member).exists():
        raise NotFound
    ids = _named(new, actor) if new.code is not None else _drawn(new, actor)
    made = list(Coupon.objects.filter(pk__in=ids).order_by("-id"))
    _note(new, made, actor)
    return made


@transaction.atomic
def void_coupon(coupon_id: int, *, actor: str) -> Coupon:
    """Take a code back: from now on it is as if it had ended. Raises NotFound, also for that of a voucher."""
    rows = Coupon.objects.select_for_update(of=("self",)).filter(offer__made_for="")
    found = rows.filter(pk=coupon_id).first() if 0 < coupon_id <= LARGEST else None
    if found is None:
        raise NotFound
    coupon: Coupon = found
    if not coupon.void:
        Coupon.objects.filter(pk=coupon.pk).update(void=True, updated_at=Now())
        coupon.refresh_from_db()
        states = {"void": False}, {"void": True}
        audit.record("coupon.void", actor=actor, target=f"coupon:{coupon.pk}", before=states[0], after=states[1])
    return coupon


def _faults(new: NewCoupons) -> dict[str, list[Text]]:
    errors: dict[str, list[Text]] = {}
    if (new.code is None) == (new.count is None):
        errors["code"] = [_("یا یک کد بنویسید (code)، یا بگویید چند کد ساخته شود (count).")]
    elif new.count is None:
        _check_name(errors, new)
    else:
        _check_pattern(errors, new.count, new)
    if new.starts_at and new.ends_at and new.starts_at >= new.ends_at:
        errors["ends_at"] = [_("پایان باید پس از آغاز باشد.")]
    for name in ("uses", "per_member"):
        value = getattr(new, name)
        if value is not None and not 1 <= value <= MOST_USES:
            errors[name] = [_("عددی از ۱ بنویسید، یا خالی بگذارید.")]
    return errors


def _check_name(errors: dict[str, list[Text]], new: NewCoupons) -> None:
    code = normal_coupon_code(new.code or "")
    if not coupon_key(code) or len(code) > LONGEST or not code.isprintable():
        errors["code"] = [_("کد باید ۱ تا ۶۴ حرف یا رقم باشد.")]
    if new.pattern is not None:
        errors["pattern"] = [_("الگو برای ساختن چند کد است (count)؛ با code نمی‌آید.")]


def _check_pattern(errors: dict[str, list[Text]], count: int, new: NewCoupons) -> None:
    pattern = _pattern(new)
    if not 1 <= count <= MOST_AT_ONCE:
        errors["count"] = [_("۱ تا ۱۰٬۰۰۰ کد در هر بار ساخته می‌شود.")]
    elif not 1 <= len(pattern) <= LONGEST or not pattern.isprintable():
        errors["pattern"] = [_("الگو باید ۱ تا ۶۴ حرف یا رقم باشد.")]
    elif new.must_be_unguessable and patterns.bits(pattern) < patterns.UNGUESSABLE_BITS:
        errors["pattern"] = [_("این کدها حدس‌زدنی‌اند؛ دست‌کم ۱۳ حرف X بگذارید، مانند TAVALOD-XXXX-XXXXX-XXXX.")]
    elif patterns.room(pattern) < count * SPARE_ROOM:
        errors["pattern"] = [_("این الگو برای این شمار کد جا ندارد؛ حرف‌های X بیشتری بگذارید.")]


def _pattern(new: NewCoupons) -> str:
    return patterns.completed(normal_coupon_code(new.pattern or ""))


def _named(new: NewCoupons, actor: str) -> list[int]:
    try:
        with transaction.atomic():
            return _insert([normal_coupon_code(new.code or "")], new, actor)
    except IntegrityError as error:
        raise Conflict(_("این کد پیش‌تر ساخته شده است."), field="code") from error


def _drawn(new: NewCoupons, actor: str) -> list[int]:
    """As many codes as asked that nobody has yet; another maker may take one between looking and writing."""
    pattern, count = _pattern(new), new.count or 0
    for _try in range(TRIES):
        codes = _free_codes(pattern, count)
        if len(codes) == count:
            try:
                with transaction.atomic():
                    return _insert(codes, new, actor)
            except IntegrityError:
                continue
    raise ValidationFailed({"pattern": [_("بیشتر کدهای این الگو ساخته شده‌اند؛ حرف‌های X بیشتری بگذارید.")]})


def _free_codes(pattern: str, count: int) -> list[str]:
    codes: dict[str, None] = {}
    for _try in range(TRIES):
        fresh = [patterns.draw(pattern) for _code in range(count - len(codes))]
        taken = set(Coupon.objects.filter(key__in=map(coupon_key, fresh)).values_list("key", flat=True))
        codes |= dict.fromkeys(code for code in fresh if coupon_key(code) not in taken)
        if len(codes) == count:
            break
    return list(codes)


def _insert(codes: list[str], new: NewCoupons, actor: str) -> list[int]:
    columns = ("offer_id", "uses", "per_member", "member_id", "starts_at", "ends_at", "actor")
    same = (new.offer, new.uses, new.per_member, new.member, new.starts_at, new.ends_at, actor)
    return insert_rows(Coupon, ("code", *columns), [(code, *same) for code in codes])


def _note(new: NewCoupons, made: list[Coupon], actor: str) -> None:
    """One entry for all that were made together; a code of its own name stands in it, drawn ones are secrets."""
    said: dict[str, Any] = {
        name: value for name in ("uses", "per_member", "member") if (value := getattr(new, name)) is not None
    }
    if new.starts_at:
        said["starts_at"] = local_date(new.starts_at, club_zone()).isoformat()
    if new.ends_at:
        said["ends_at"] = last_day(new.ends_at, club_zone()).isoformat()
    if new.code is not None:
        target, said = f"coupon:{made[0].pk}", {"offer": new.offer, "code": made[0].code, **said}
    else:
        target, said = f"coupons:{new.offer}", {"count": len(made), "pattern": _pattern(new), **said}
    audit.record("coupon.create", actor=actor, target=target, before={}, after=said)
