"""Which class three scores come to. Pure.

The scores are quintiles, 1 to 5. Frequency and money are taken together as their mean, halves rounded up; with
recency it is a place in a grid of five by five.
"""

from collections.abc import Iterator

SCORES = range(1, 6)
# One row for each recency, the freshest first; in it the means of frequency and money from 1 to 5.
GRID: dict[int, tuple[str, str, str, str, str]] = {
    5: ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
    4: ("promising", "potential_loyalist", "potential_loyalist", "loyal", "champions"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    1: ("lost", "lost", "at_risk", "at_risk", "cannot_lose"),
}


def class_of(r: int, f: int, m: int) -> str:
    """The code of the class of these scores."""
    return GRID[r][mean_of(f, m) - 1]


def mean_of(f: int, m: int) -> int:
    """Frequency and money as one score, halves rounded up."""
    return (f + m + 1) // 2


def of_all_scores() -> Iterator[tuple[int, int, int, str]]:
    """Each of the 125 (r, f, m) with its class."""
    for r in SCORES:
        for f in SCORES:
            for m in SCORES:
                yield r, f, m, class_of(r, f, m)


def recency_score(fresher: int, among: int) -> int:
    """The score of who has so many before them who came later, among so many: whoever came last has 5."""
    return 5 - 5 * fresher // among


def amount_score(below: int, among: int) -> int:
    """The score of who has so many below them, among so many: where most bought once, buying once is 1."""
    return 1 + 5 * below // among
