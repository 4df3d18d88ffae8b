"""Seeds: every test in a World again, with what is ready mixed by each seed of a range.

Law of this file: without `--seeds` nothing changes. With it, whatever asks for the fixture `seed`,
as the fixture `world` does, runs once under each seed, and nothing else runs; a failure tells its
seed, and how to see it again.

    python -m pytest --seeds 1:200             each test under each of 200 seeds
    python -m pytest --seeds 7 tests/sync      some tests under one seed
    make seeds                                 all under two, others each day; make soak: under 200

A test that is about the order which a World has without a seed says so, and why: @in_order.
"""

from __future__ import annotations

import gc
import shlex
import signal
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

import pytest

PATIENCE: Final = 20.0
"""CPU seconds. In a World nothing sleeps: what works longer under a seed goes round for ever."""


def seeds_of(text: str) -> range:
    """Return the seeds that FIRST:LAST, both of which count, or a single number stands for."""
    first, colon, last = text.partition(":")
    try:
        seeds = range(int(first), int(last if colon else first) + 1)
    except ValueError:
        seeds = range(0)
    if not seeds:
        raise ValueError(f"{text!r} names no seeds; write 1:200 for 1 to 200, or 7 for one")
    return seeds


@pytest.fixture
def seed() -> int | None:
    """The seed for the worlds of a test; None without --seeds."""
    return None


# -- a test of each seed


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --seeds and --patience."""
    text = "run what happens in a World, and only that, once under each seed from FIRST to LAST"
    parser.addoption("--seeds", metavar="FIRST[:LAST]", help=text)
    text = f"how many CPU seconds a test may work under a seed; {PATIENCE:g} unless given"
    parser.addoption("--patience", metavar="SECONDS", type=float, default=PATIENCE, help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what names no seeds."""
    try:
        _seeds(config)
    except ValueError as error:
        raise pytest.UsageError(f"--seeds: {error}") from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each seed, of what is not in order."""
    node = metafunc.definition
    in_order = node.get_closest_marker("in_order")
    if in_order is not None and not in_order.args:
        pytest.fail(f"{node.nodeid} is in_order; say why: in_order('...')", pytrace=False)
    seeds = _seeds(metafunc.config)
    if seeds and "seed" in metafunc.fixturenames and in_order is None:
        metafunc.parametrize("seed", seeds, ids="seed{}".format)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what no seed can change."""
    if seeds := _seeds(config):
        left_out = [item for item in items if _seed_of(item) not in seeds]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _seed_of(item) in seeds]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the garbage collector, which many a test has run, from going through all the tests."""
    if _seeds(session.config):
        gc.collect()
        gc.freeze()


# -- what is said of it


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell which seed a failure came under, and how to see it again."""
    report = yield
    seed = _seed_of(item)
    if report.failed and seed is not None:
        command = f"python -m pytest --seeds {seed} {shlex.quote(item.nodeid)}"
        report.sections.append((f"under seed {seed}", f"to see it again: {command}"))
    return report


def pytest_report_teststatus(
    report: pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Count what has passed, without a dot for each of some ten thousand."""
    if _seeds(config) and report.passed and config.get_verbosity() <= 0:
        return ("passed" if report.when == "call" else ""), "", ""
    return None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many tests ran under how many seeds."""
    if seeds := _seeds(config):
        ran = len(terminalreporter.stats.get("passed", []))
        failed = len(terminalreporter.stats.get("failed", []))
        terminalreporter.line(
            f"under seeds {seeds[0]} to {seeds[-1]}: {(ran + failed) // len(seeds)} tests x "
            f"{len(seeds)} seeds, {failed} failed"
        )


# -- a test that goes round for ever


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """End what goes round for ever as a failure, which tells its seed."""
    if _seed_of(item) is None:
        return (yield)
    with _patient(item.config.getoption("--patience")):
        return (yield)


@contextmanager
def _patient(cpu_seconds: float) -> Generator[None]:
    def give_up(number: int, frame: FrameType | None) -> NoReturn:
        pytest.fail(f"{cpu_seconds:g} seconds of work, and no end; it goes round for ever")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds, 1.0)  # again, should it be caught
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


# -- inside


def _seeds(config: pytest.Config) -> Sequence[int]:
    text: str | None = config.getoption("--seeds", default=None)
    return () if text is None else seeds_of(text)


def _seed_of(item: pytest.Item) -> int | None:
    """Return the seed under which item runs by --seeds."""
    if not _seeds(item.config) or not isinstance(item, pytest.Function):
        return None
    seed = item.callspec.params.get("seed") if hasattr(item, "callspec") else None
    return seed if isinstance(seed, int) else None
