"""Ratios, medians and intervals, on known numbers."""

from __future__ import annotations

import pytest

from tests.benchmarks.figures import Figure, figure, interval, ratio
from tests.benchmarks.rounds import in_turn

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        # the ranks that tables of the sign test give for 95 %
        (1, 1, 1),
        (5, 1, 5),
        (6, 1, 6),
        (8, 1, 8),
        (9, 2, 8),
        (12, 3, 10),
        (15, 4, 12),
        (20, 6, 15),
        (25, 8, 18),
    ],
)
def test_the_interval_of_a_median_has_the_ranks_of_the_sign_test(
    count: int, low: int, high: int
) -> None:
    assert interval([float(rank) for rank in range(count, 0, -1)]) == (low, high)


def test_there_is_no_interval_of_nothing() -> None:
    with pytest.raises(ValueError, match="there is no median of nothing"):
        interval([])


def test_a_figure_is_a_median_with_its_interval() -> None:
    assert figure([3.0, 1.0, 2.0]) == Figure(2.0, 1.0, 3.0)


def test_a_ratio_is_taken_within_each_round() -> None:
    # the second round was twice as dear for both: a ratio of medians would see that
    assert ratio([1.0, 2.0, 1.0], [2.0, 4.0, 4.0]) == Figure(2.0, 2.0, 4.0)


def test_rounds_of_different_number_make_no_ratio() -> None:
    with pytest.raises(ValueError, match="2 rounds cannot be paired with 1"):
        ratio([1.0, 2.0], [1.0])


def test_everybody_is_measured_in_each_round_in_another_order() -> None:
    order: list[str] = []

    def measure(name: str) -> float:
        order.append(name)
        return float(len(order))

    costs = in_turn("abcde", 4, measure)

    rounds = [order[first : first + 5] for first in range(0, 20, 5)]
    assert [sorted(each) for each in rounds] == [list("abcde")] * 4
    assert len(set(map(tuple, rounds))) == 4
    assert costs["a"] == [1.0 + order.index("a", first) for first in range(0, 20, 5)]


def test_who_could_not_be_measured_is_named() -> None:
    def measure(name: str) -> float:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone") as caught:
        in_turn(["one"], 1, measure)

    assert caught.value.__notes__ == ["that was one, in round 1"]
