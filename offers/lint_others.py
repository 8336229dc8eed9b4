"""What is wrong with an offer beside the others: always loses, contradicts, gives a higher tier less. Pure."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.language import listed
from offers.findings import Finding, Look
from offers.ranges import Words
from offers.reach import clash, implies
from offers.rivals import gives_no_less, loss_to, overlap
from offers.rules import AllOf, AnyOf, Benefit, Condition, Group, LiveOffer, Terms

NO_TIER = ""
Sibling = tuple[Terms, frozenset[str]]
"""Another offer that asks the same but for the tier, and the tiers that it is for."""


def among_others(look: Look) -> Iterator[Finding]:
    """All that is found beside the others; of an offer that never comes, nothing."""
    if clash(look.terms.when, look.frame) is None:
        for check in (_loses, _silences, _alone_twice, _given_twice, _coupon, _tiers):
            yield from check(look)


def _loses(look: Look) -> Iterator[Finding]:
    losses = [(loss_to(look.terms, other, look.frame, number=look.number), other) for other in _of_same_trigger(look)]
    for loss, other in losses:
        if loss == "always":
            text = _(
                "هر جا این پیشنهاد برسد، «%(other)s» هم می‌رسد و دست‌کم همان‌قدر می‌دهد، پس این یکی هرگز داده نمی‌شود."
                " پاداش را بیشتر کنید، شرط‌ها را عوض کنید یا بگذارید با پیشنهادهای دیگر جمع شود."
            )
            yield Finding("always_loses", "warning", "benefit", text % {"other": other.terms.name})
            return
    for other in [other for loss, other in losses if loss == "ties"][:1]:
        text = _("«%(other)s» هر جا که این پیشنهاد برسد کمتر از آن نمی‌دهد؛ این یکی فقط وقتی داده می‌شود که برابر باشند.")
        yield Finding("wins_only_ties", "hint", "benefit", text % {"other": other.terms.name})


def _silences(look: Look) -> Iterator[Finding]:
    """Others that would never be given any more."""
    mine = LiveOffer(look.number or _youngest(look), look.terms)
    silenced = [
        other.terms.name
        for other in _of_same_trigger(look)
        if loss_to(other.terms, mine, look.club.frame(other.terms), number=other.id) == "always"
    ]
    if silenced:
        text = _("با این پیشنهاد، «%(others)s» دیگر هرگز داده نمی‌شود؛ اگر همین را می‌خواهید، آن را پایان دهید.")
        yield Finding("silences", "hint", "benefit", text % {"others": listed(silenced)})


def _alone_twice(look: Look) -> Iterator[Finding]:
    """Two that each want to be the only one, for the same purchases."""
    if look.terms.stacking != "alone":
        return
    for other in _of_same_trigger(look):
        if other.terms.stacking == "alone" and _alike(look, other.terms):
            text = _("این و «%(other)s» هر دو می‌خواهند تنها باشند و شرط‌هایشان یکی است؛ همیشه فقط یکی داده می‌شود.")
            yield Finding("contradicts", "warning", "stacking", text % {"other": other.terms.name})
            return


def _given_twice(look: Look) -> Iterator[Finding]:
    """The same thing given on top twice over."""
    if look.terms.stacking != "always":
        return
    for other in _of_same_trigger(look):
        twin = other.terms.stacking == "always" and other.terms.benefit == look.terms.benefit
        if twin and _alike(look, other.terms):
            text = _("«%(other)s» همین را به همین شرط‌ها می‌دهد و هر دو جمع می‌شوند؛ یکی را پایان دهید.")
            yield Finding("given_twice", "warning", "stacking", text % {"other": other.terms.name})
            return


def _coupon(look: Look) -> Iterator[Finding]:
    """A coupon for an offer that gives without it, or that is over before."""
    benefit = look.terms.benefit
    if benefit.kind != "coupon":
        return
    meant = next((other for other in look.others if other.id == benefit.offer), None)
    if meant is None:
        text = _("پیشنهاد این کوپن منتشر نشده است؛ نخست آن را منتشر کنید.")
        yield Finding("coupon_without_offer", "warning", "benefit.offer", text)
    elif not meant.terms.code_required:
        text = _("«%(other)s» بی‌کوپن هم داده می‌شود؛ بگذارید کد بخواهد.")
        yield Finding("contradicts", "warning", "benefit.offer", text % {"other": meant.terms.name})


# --- tiers ------------------------------------------------------------------------------------------------------------


def _tiers(look: Look) -> Iterator[Finding]:
    """A higher tier that gets less than a lower one, or nothing."""
    if look.terms.stacking != "best" or look.terms.code_required or not look.club.domains.ranks:
        return
    mine, rest = _split(look.terms, look)
    siblings = [
        (other.terms, codes)
        for other in _of_same_trigger(look)
        if other.terms.stacking == "best" and _comparable(other.terms.benefit, look.terms.benefit)
        if overlap(look.terms, other.terms)
        for codes, its_rest in [_split(other.terms, look)]
        if _same(rest, its_rest, look)
    ]
    yield from _less_for_higher(look, mine, siblings) or _left_out(look, mine, siblings)


def _less_for_higher(look: Look, mine: frozenset[str], siblings: list[Sibling]) -> list[Finding]:
    for other, theirs in siblings:
        if _gives_more(other.benefit, look.terms.benefit):
            slighted = _above(mine - theirs - _served(siblings, other.benefit), theirs, look)
            text = _("به %(tiers)s کمتر از «%(other)s» می‌دهد که به سطح‌های پایین‌تر می‌رسد؛ پاداش را بیشتر کنید.")
        elif _gives_more(look.terms.benefit, other.benefit):
            slighted = _above(theirs - mine - _served(siblings, look.terms.benefit), mine, look)
            text = _("به سطح‌های پایین‌تر بیش از «%(other)s» می‌دهد که برای %(tiers)s است؛ پاداش را کمتر کنید.")
        else:
            continue
        if slighted:
            said = {"tiers": _names(slighted, look), "other": other.name}
            return [Finding("higher_tier_less", "warning", "benefit", text % said)]
    return []


def _left_out(look: Look, mine: frozenset[str], siblings: list[Sibling]) -> list[Finding]:
    """Tiers above that get nothing of the kind."""
    others = frozenset(look.club.domains.ranks) - mine
    missed = _above(others - _served(siblings, look.terms.benefit), mine, look)
    if not missed:
        return []
    text = _("%(tiers)s این را نمی‌گیرند، با آن‌که بالاترند؛ اگر چنین نمی‌خواهید، شرط سطح را «و بالاتر» کنید.")
    return [Finding("higher_tier_left_out", "hint", "when", text % {"tiers": _names(missed, look)})]


def _comparable(one: Benefit, other: Benefit) -> bool:
    return gives_no_less(one, other) or gives_no_less(other, one)


def _gives_more(one: Benefit, other: Benefit) -> bool:
    return gives_no_less(one, other) and not gives_no_less(other, one)


def _served(siblings: list[Sibling], benefit: Benefit) -> frozenset[str]:
    """The tiers that get as much from some other offer."""
    return frozenset(code for terms, codes in siblings if gives_no_less(terms.benefit, benefit) for code in codes)


def _above(codes: frozenset[str], others: frozenset[str], look: Look) -> list[str]:
    """Those that are higher than the lowest of the others."""
    floor = min((_rank(code, look) for code in others), default=None)
    higher = (code for code in codes if floor is not None and _rank(code, look) > floor)
    return sorted(higher, key=lambda code: _rank(code, look))


def _split(terms: Terms, look: Look) -> tuple[frozenset[str], Group]:
    """The tiers that an offer is for (an empty code: who has none), and what else it asks."""
    ranks = look.club.domains.ranks
    left = look.club.domains.of("tier")
    rest: list[Group] = []
    for part in _parts(terms.when):
        met = look.club.domains.met_by(part) if isinstance(part, Condition) and part.fact == "tier" else None
        if isinstance(left, Words) and isinstance(met, Words):
            left = left.both(met)
        else:
            rest.append(part)
    codes = {str(code) for code in left.some if code in ranks} if isinstance(left, Words) else set()
    return frozenset(codes | ({NO_TIER} if left.absent else set())), AllOf(tuple(rest))


def _parts(group: Group) -> Iterator[Group]:
    """Parts that must all hold."""
    match group:
        case AllOf(parts):
            for part in parts:
                yield from _parts(part)
        case AnyOf((only,)):
            yield from _parts(only)
        case _:
            yield group


def _rank(code: str, look: Look) -> int:
    return -1 if code == NO_TIER else look.club.domains.ranks[code]


def _names(codes: list[str], look: Look) -> str:
    return listed(look.club.words.names.tiers.get(code, code) for code in codes)


# --- which others -----------------------------------------------------------------------------------------------------


def _of_same_trigger(look: Look) -> list[LiveOffer]:
    """The others of the trigger that need no code: where one does, it is no rival to everybody."""
    return [
        other for other in look.others if other.terms.trigger == look.terms.trigger and not other.terms.code_required
    ]


def _alike(look: Look, other: Terms) -> bool:
    """Whether both are for the same purchases, at a common time."""
    return not look.terms.code_required and overlap(look.terms, other) and _same(look.terms.when, other.when, look)


def _same(one: Group, other: Group, look: Look) -> bool:
    return one == other or (implies(one, other, look.frame) and implies(other, one, look.frame))


def _youngest(look: Look) -> int:
    return max((other.id for other in look.others), default=0) + 1
