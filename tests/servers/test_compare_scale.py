"""Scales: equal ratios are equal distances, and a few round values are written."""

from __future__ import annotations

import pytest

from servers.compare.page.scale import Ratios, Steps, shown, written

pytestmark = pytest.mark.once


def test_equal_ratios_are_equal_distances() -> None:
    scale = Ratios(1.0, 100.0)
    assert [scale.place(value) for value in (1.0, 10.0, 100.0)] == pytest.approx([0, 0.5, 1])


def test_what_is_too_small_or_too_large_stands_at_the_edge() -> None:
    scale = Ratios(1.0, 100.0)
    assert [scale.place(value) for value in (0.0, -5.0, 1000.0)] == [0, 0, 1]
    assert [Steps(4.0).place(value) for value in (-1.0, 2.0, 5.0)] == [0, 0.5, 1]


def test_a_scale_has_room_at_both_ends_but_none_below_its_floor() -> None:
    scale = Ratios.over([10.0, 200.0], floor=1.0)
    assert 0 < scale.place(10.0) < scale.place(200.0) < 1
    assert Ratios.over([0.0, 200.0], floor=1.0).low == 1.0
    assert 0 < Steps.over([3.0]).place(3.0) < 1


def test_a_scale_of_nothing_but_zeros_is_a_scale() -> None:
    assert Steps.over([0.0]).place(0.0) == 0
    assert Ratios.over([0.0], floor=1.0).place(0.0) == 0


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.21, 3.5, [0.5, 1, 2]),
        (17, 300, [20, 50, 100, 200]),
        (160, 41_000, [300, 1_000, 3_000, 10_000, 30_000]),
        (1, 4_000, [1, 10, 100, 1_000]),
        (31, 41, [40]),
        (1, 1_000_000, [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]),
    ],
)
def test_as_many_values_are_written_as_there_is_room_for(
    low: float, high: float, ticks: list[float]
) -> None:
    assert Ratios(low, high).ticks() == pytest.approx(ticks)


@pytest.mark.parametrize("low", [1.01 * 1.05**step for step in range(50)])
def test_at_least_one_value_is_written_on_the_shortest_of_scales(low: float) -> None:
    assert Ratios.over([low], floor=0.001).ticks()


@pytest.mark.parametrize(
    ("high", "ticks"),
    [(4.5, [0, 1, 2, 3, 4]), (1.0, [0, 0.2, 0.4, 0.6, 0.8, 1]), (70, [0, 20, 40, 60])],
)
def test_steps_begin_at_nought_and_are_round(high: float, ticks: list[float]) -> None:
    assert Steps(high).ticks() == pytest.approx(ticks)


def test_a_value_is_shown_with_three_digits_at_least() -> None:
    values = (0.0, 0.00712, 0.5, 14.444, 999.6, 2217.4, -0.5)
    assert [shown(value) for value in values] == [
        *("0", "0.00712", "0.500", "14.4", "1,000", "2,217", "-0.500")
    ]


def test_a_tick_is_written_as_short_as_it_can_be() -> None:
    ticks = (0.0, 0.5, 20.0, 2_000.0, 10_000.0, 1_500_000.0)
    assert [written(tick) for tick in ticks] == ["0", "0.5", "20", "2,000", "10k", "1,500k"]
