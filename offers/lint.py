"""What is wrong with an offer though it says nothing false, in plain words with what to do about it. Pure.

An `error` is an offer that gives nothing or that nobody is told of; a `warning` is probably not what was meant; a
`hint` is worth a look. Each is said only where it is sure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from core.language import listed
from core.money import UNITS
from core.text import latin_digits
from offers.findings import SEVERITIES, Finding, Look, Severity
from offers.giving import Club, most_worth, size_bounds, worth_at
from offers.lint_others import among_others
from offers.ranges import Numbers
from offers.reach import Way, clash
from offers.rules import AllOf, AnyOf, Condition, Group, LiveOffer, Not, Of, Terms, conditions
from offers.vocabulary import FACTS

FIXED = ("credit_amount", "points_amount", "free_item")
"""Worth the same whatever is bought."""
OF_A_SHARE = ("discount_percent", "credit_percent", "points_factor", "buy_x_get_y")
YARDSTICK = 1_000_000
"""Rial on which a share is tried where nothing is known of the purchases."""
BP = 10_000
PERCENT_SAID = re.compile(r"(\d+(?:\.\d+)?)\s*[٪%]")


def lint(terms: Terms, others: Sequence[LiveOffer], club: Club, *, number: int | None = None) -> list[Finding]:
    """All that is found, the gravest first; `number` is the offer's own id, if it has one."""
    look = Look(terms, tuple(other for other in others if other.id != number), club, number)
    found = [finding for check in (*CHECKS, among_others) for finding in check(look)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


# --- can it come at all -----------------------------------------------------------------------------------------------


def _summary(look: Look) -> Iterator[Finding]:
    if not look.terms.summary.strip():
        text = _("خلاصه‌ای ساده بنویسید؛ عضو همان را در پنل و پیامک می‌خواند.")
        yield Finding("summary_missing", "error", "summary", text)
    percents = {float(number) for number in PERCENT_SAID.findall(latin_digits(look.terms.summary).replace("٫", "."))}
    given = look.terms.benefit.percent_bp
    if percents and given and given / 100 not in percents:
        text = _("خلاصه درصد دیگری می‌گوید و عضو همان را می‌بیند؛ خلاصه را از نو بنویسید.")
        yield Finding("summary_differs", "warning", "summary", text)


def _over(look: Look) -> Iterator[Finding]:
    ends = look.terms.ends_at
    if ends and ends <= look.club.now:
        text = _("زمان این پیشنهاد گذشته است؛ پایانش را جلوتر ببرید.")
        yield Finding("over", "error", "ends_at", text)


def _never(look: Look) -> Iterator[Finding]:
    """Conditions that contradict each other; if they do not, those parts of them that are of no use."""
    when, frame = look.terms.when, look.frame
    found = clash(when, frame)
    if found is None:
        yield from _dead_parts(look)
        return
    if not found:
        text = _("این شرط‌ها هرگز برقرار نمی‌شوند؛ بازترشان کنید.")
    elif clash(when, replace(frame, days=Numbers())) is None:
        text = _("در روزهایی که این پیشنهاد باز است، این هرگز پیش نمی‌آید: %(conditions)s. روزها یا شرط را عوض کنید.")
    elif len(found) == 1:
        text = _("این شرط هرگز برقرار نمی‌شود: %(conditions)s. عوضش کنید یا برش دارید.")
    else:
        text = _("این شرط‌ها با هم برقرار نمی‌شوند: %(conditions)s. یکی را عوض کنید یا بردارید.")
    path = _path_of(when, found[-1][0]) if found else "when"
    yield Finding("never_matches", "error", path or "when", text % {"conditions": _said(found, look.club)})


def _away_since(look: Look) -> Iterator[Finding]:
    """An offer to who stays away must say for how long, or nobody is away."""
    terms = look.terms
    if terms.trigger == "lapsed" and not any(one.fact == "days_since_last_purchase" for one in conditions(terms.when)):
        text = _("بنویسید عضو چند روز است خرید نکرده؛ بی این شرط به هیچ‌کس نمی‌رسد.")
        yield Finding("never_matches", "error", "when", text)


def _dead_parts(look: Look) -> Iterator[Finding]:
    """One of several ways to meet the conditions that nobody can go."""
    for path, group in _walk(look.terms.when):
        if not isinstance(group, AnyOf) or len(group.parts) < 2:
            continue
        for place, part in enumerate(group.parts):
            found = clash(part, look.frame)
            if found is not None:
                text = _("این بخش هرگز برقرار نمی‌شود و کاری نمی‌کند: %(conditions)s. عوضش کنید یا برش دارید.")
                said = _said(found, look.club)
                yield Finding("dead_part", "warning", f"{path}.any[{place}]", text % {"conditions": said})


def _past(look: Look) -> Iterator[Finding]:
    """Dates that lie behind us, though the offer itself is still open."""
    frame, ends = look.frame, look.terms.ends_at
    today = look.club.today.toordinal()
    if (ends and ends <= look.club.now) or clash(look.terms.when, frame) is not None:
        return
    ahead = replace(frame, days=frame.days.both(Numbers(((today, today + 36_500),))))
    found = clash(look.terms.when, ahead)
    if found:
        text = _("روزهایی که این شرط می‌خواهد گذشته‌اند: %(conditions)s. تاریخ تازه‌ای بنویسید.")
        path = _path_of(look.terms.when, found[-1][0]) or "when"
        yield Finding("past", "error", path, text % {"conditions": _said(found, look.club)})


def _goods(look: Look) -> Iterator[Finding]:
    of, known = look.terms.benefit.of, look.club.known
    if (
        isinstance(of, Of)
        and not of.negated
        and not any(code in known.products or code in known.groups for code in of.codes)
    ):
        text = _("هیچ کالایی از «%(goods)s» در باشگاه نیست؛ کالا یا گروه دیگری برگزینید.")
        yield Finding("no_such_goods", "error", "benefit.of", text % {"goods": look.club.words.of(of)})


def _walk(group: Group, path: str = "when") -> Iterator[tuple[str, Group]]:
    """Every group and condition within, with its path."""
    yield path, group
    match group:
        case Not(part):
            yield from _walk(part, f"{path}.not")
        case AllOf(parts) | AnyOf(parts):
            name = "all" if isinstance(group, AllOf) else "any"
            for place, part in enumerate(parts):
                yield from _walk(part, f"{path}.{name}[{place}]")


def _path_of(when: Group, condition: Condition) -> str:
    return next((path for path, group in _walk(when) if group == condition), "")


def _said(way: Way, club: Club) -> str:
    """The conditions in words, each once."""
    words = (club.words.group(condition if holds else Not(condition)) for condition, holds in way)
    return listed(dict.fromkeys(words))


# --- what it costs ----------------------------------------------------------------------------------------------------


def _sizes(look: Look) -> list[int]:
    """Purchases on which the offer is tried: the least that its conditions let through, and the usual one."""
    low, high = size_bounds(look.terms, look.frame)
    step = UNITS[look.club.words.names.unit].rial
    whole = -(-low // step) * step  # nobody reads a part of the unit
    low = low if high is not None and whole > high else whole
    typical = look.club.typical_basket
    sizes = [low] if low else []
    if typical and low < typical and (high is None or typical <= high):
        sizes.append(typical)
    return sizes


def _dear(look: Look) -> Iterator[Finding]:
    """Gives as much as is paid for what it is given of, or more than is earned by it."""
    if not look.terms.has_basket:
        return
    club, words = look.club, look.club.words
    yardstick = [YARDSTICK] if look.terms.benefit.kind in OF_A_SHARE else []
    for size in _sizes(look) or yardstick:
        worth = worth_at(look.terms.benefit, size, club)
        said = {"size": words.money(size), "worth": words.money(worth or 0)}
        if worth and worth >= size:
            text = _("در خرید %(size)s، %(worth)s می‌دهد: همهٔ آن یا بیشتر. پاداش را کمتر یا کف خرید را بیشتر کنید.")
            yield Finding("gives_more_than_paid", "warning", "benefit", text % said)
            return
        margin = None if club.margin_bp is None else size * club.margin_bp // BP
        if worth and margin is not None and worth > margin:
            text = _(
                "در خرید %(size)s، %(worth)s می‌دهد، بیش از سود آن (%(margin)s). پاداش را کمتر کنید یا سقف بگذارید."
            )
            severity: Severity = "hint" if _is_once(look.terms) else "warning"
            yield Finding("gives_more_than_margin", severity, "benefit", text % {**said, "margin": words.money(margin)})
            return


def _is_once(terms: Terms) -> bool:
    """Whether a member gets it once: what wins somebody may cost more than the first purchase earns."""
    first = any(condition.fact == "is_first_purchase" for condition in conditions(terms.when))
    return first or terms.limits.per_member == 1


def _without_floor(look: Look) -> Iterator[Finding]:
    """A gift for any purchase, however small, as often as one likes."""
    terms, limits = look.terms, look.terms.limits
    if terms.trigger != "purchase" or terms.benefit.kind not in (*FIXED, "discount_amount"):
        return
    if terms.benefit.per_amount or terms.benefit.per_quantity or terms.code_required:
        return
    bound = limits.per_member or limits.per_member_per_day or limits.per_member_per_month
    asks = (FACTS.get(condition.fact) for condition in conditions(terms.when))
    if bound or any(fact and (fact.needs_purchase or fact.kind in ("birthday", "days")) for fact in asks):
        return
    text = _("برای هر خرید، هرچند کوچک، داده می‌شود: %(gives)s. کف مبلغ یا سقف روزانهٔ هر عضو بگذارید.")
    yield Finding("no_least_purchase", "hint", "when", text % {"gives": look.club.words.benefit(terms.benefit)})


def _any_ticket(look: Look) -> Iterator[Finding]:
    """A gift for each ticket, of which a member opens as many as one likes."""
    limits = look.terms.limits
    if look.terms.trigger == "ticket_closed" and not (
        limits.per_member or limits.per_member_per_day or limits.per_member_per_month
    ):
        text = _(
            "با هر تیکتی که بسته شود داده می‌شود، جز تیکت بی‌پاسخی که عضو در پنلش باز کرده یا خودش بسته باشد؛ "
            "برای هر عضو سقف روزانه یا ماهانه بگذارید."
        )
        yield Finding("any_ticket", "hint", "limits.per_member_per_day", text)


def _budget(look: Look) -> Iterator[Finding]:
    """A budget that does not reach for one giving."""
    terms, words = look.terms, look.club.words
    budgets = {name: getattr(terms.limits, name) for name in ("budget", "budget_per_month")}
    given = {name: rial for name, rial in budgets.items() if rial is not None}
    if not given:
        return
    name, rial = min(given.items(), key=lambda one: one[1])
    is_fixed = terms.benefit.kind in FIXED and not (terms.benefit.per_amount or terms.benefit.per_quantity)
    tried = [worth_at(terms.benefit, size, look.club) or 0 for size in _sizes(look) or ([0] if is_fixed else [])]
    once, most = max(tried, default=0), most_worth(terms, look.club) or 0
    said = {"budget": words.money(rial), "worth": words.money(once or most)}
    if min(tried, default=0) > rial and is_fixed:
        text = _(
            "بودجه (%(budget)s) از یک بار دادن این پیشنهاد (%(worth)s) کمتر است، پس هرگز داده نمی‌شود؛ بیشترش کنید."
        )
        yield Finding("budget_too_small", "error", f"limits.{name}", text % said)
    elif once > rial:
        text = _("بودجه (%(budget)s) به یک خرید معمولی هم نمی‌رسد (%(worth)s)؛ بیشترش کنید.")
        yield Finding("budget_too_small", "warning", f"limits.{name}", text % said)
    elif most > rial:
        text = _("بودجه (%(budget)s) به خریدهای بزرگ نمی‌رسد (تا %(most)s)؛ بیشترش کنید یا سقف هر خرید را کمتر.")
        yield Finding("budget_too_small", "hint", f"limits.{name}", text % {**said, "most": words.money(most)})


CHECKS = (_summary, _over, _never, _away_since, _past, _goods, _dear, _without_floor, _any_ticket, _budget)
