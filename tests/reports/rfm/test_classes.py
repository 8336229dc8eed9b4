"""Which class three scores come to."""

import pytest

from club.members.scores import RfmClass
from reports.rfm.classes import GRID, amount_score, class_of, of_all_scores, recency_score


def test_the_grid_names_each_of_the_eleven_classes_and_no_other():
    assert {code for row in GRID.values() for code in row} == set(RfmClass.values)
    assert len(list(of_all_scores())) == 125


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ("555", "champions"),
        ("545", "champions"),
        ("454", "champions"),  # the mean of 5 and 4 is 5
        ("444", "loyal"),
        ("345", "loyal"),
        ("533", "potential_loyalist"),
        ("412", "potential_loyalist"),
        ("511", "new"),
        ("411", "promising"),
        ("333", "need_attention"),
        ("311", "about_to_sleep"),
        ("234", "at_risk"),
        ("155", "cannot_lose"),
        ("222", "hibernating"),
        ("111", "lost"),
    ],
)
def test_a_class_is_a_place_of_recency_by_the_mean_of_frequency_and_money(scores, expected):
    assert class_of(*map(int, scores)) == expected


def test_scores_of_five_different_members_are_one_to_five():
    assert [recency_score(place, 5) for place in range(5)] == [5, 4, 3, 2, 1]
    assert [amount_score(place, 5) for place in range(5)] == [1, 2, 3, 4, 5]


def test_members_who_are_alike_score_alike():
    assert recency_score(0, 1) == 5
    assert amount_score(0, 1) == 1
    assert recency_score(99, 100) == 1
    assert amount_score(99, 100) == 5
