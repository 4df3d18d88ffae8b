"""CPython's own test_selectors, unchanged, passes on our pollers wherever it does on its own."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.poller.cpython import (
    PASSED,
    Outcomes,
    Run,
    failed,
    lost,
    needs_cpythons_tests,
    passed,
    tally,
)
from tests.poller.cpython_selectors import STOCK_NAMES

MECHANISMS = [name for name in STOCK_NAMES if name != "epoll" or hasattr(select, "epoll")]

Twins = dict[str, tuple[Run, Run]]


@pytest.fixture(scope="module")
def twins() -> Iterator[Twins]:
    """For each mechanism a run over the stock selector and one over ours, all begun at once."""
    with ExitStack() as runs:

        def begin(mechanism: str, whose: str) -> Run:
            run = Run("tests.poller.cpython_selectors", mechanism, whose)
            return runs.enter_context(closing(run))

        yield {name: (begin(name, "stock"), begin(name, "ours")) for name in MECHANISMS}


@needs_cpythons_tests
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_what_passes_on_the_stock_selector_passes_on_ours(twins: Twins, mechanism: str) -> None:
    stock, ours = (run.outcomes() for run in twins[mechanism])
    print(f"{mechanism}: stock {tally(stock)}; ours {tally(ours)}")

    assert len(passed(stock)) >= 15  # in Python 3.11 as in 3.13
    assert lost(stock, ours) == {}


def test_a_test_that_is_lost_is_named_with_its_reason() -> None:
    stock: Outcomes = {"a": PASSED, "b": PASSED, "c": "skipped: no", "d": PASSED, "e": "failed: x"}
    ours: Outcomes = {"a": PASSED, "b": "skipped: why", "c": "failed: x", "e": "failed: x"}

    assert lost(stock, ours) == {"b": "skipped: why", "d": "was not run"}


def test_outcomes_are_counted_by_kind() -> None:
    outcomes: Outcomes = {"a": PASSED, "b": "failed: x", "c": "skipped: y", "d": PASSED}

    assert tally(outcomes) == "4 run: 1 failed, 2 passed, 1 skipped"
    assert failed(outcomes) == {"b": "failed: x"}
