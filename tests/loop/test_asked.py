"""What the environment asks for, of a program that says nothing of it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reactor import Reactor, ReactorError, Tracer, checkpoint, run
from reactor.testing import World
from tests.project.environments import PROJECT
from tests.threads import all_threads


class Counting(Tracer):
    """Counts turns."""

    def __init__(self) -> None:
        self.turns = 0

    def turn(self, patience: float | None) -> None:
        self.turns += 1


MADE: list[Counting] = []


def make() -> Counting:
    """Make what REACTOR_TRACER asks for here."""
    MADE.append(Counting())
    return MADE[-1]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="look", dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


# -- a tracer


def test_a_tracer_is_made_for_each_reactor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACTOR_TRACER", f"{__name__}:make")
    del MADE[:]

    for _ in range(2):
        run(checkpoint)

    assert len(MADE) == 2
    assert all(tracer.turns for tracer in MADE)


def test_a_tracer_that_is_given_is_taken_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACTOR_TRACER", f"{__name__}:make")
    del MADE[:]
    given = Counting()

    run(checkpoint, tracer=given)

    assert given.turns
    assert MADE == []


def test_nobody_asks_for_a_tracer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACTOR_TRACER", "")

    with Reactor() as reactor:
        assert reactor.tracer is None


@pytest.mark.parametrize("name", ["no_such_module:make", f"{__name__}:nothing", __name__, ":make"])
def test_a_name_that_nothing_has_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACTOR_TRACER", name)

    with pytest.raises(ReactorError, match=f"REACTOR_TRACER asks for '{name}'.*MODULE:NAME"):
        Reactor()


# -- an inspector


@pytest.mark.parametrize(("value", "files"), [("1", 1), ("yes", 1), ("0", 0), ("", 0)])
def test_an_inspector_is_made_where_it_is_asked_for(
    value: str, files: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACTOR_INSPECT", value)

    with Reactor():
        assert len(list(home.glob("reactor/*"))) == files


@pytest.mark.parametrize(("inspect", "files"), [(True, 1), (False, 0)])
def test_what_a_program_says_counts_more(
    inspect: bool, files: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACTOR_INSPECT", str(int(not inspect)))

    with Reactor(inspect=inspect):
        assert len(list(home.glob("reactor/*"))) == files


def test_run_hands_it_on(home: Path) -> None:
    async def main() -> int:
        await checkpoint()
        return len(list(home.glob("reactor/*")))

    assert run(main, inspect=True) == 1
    assert run(main, inspect=False) == 0


@pytest.mark.parametrize("by", [None, 1])
def test_a_world_is_never_looked_into(
    by: int | None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACTOR_INSPECT", "1")
    monkeypatch.setenv("REACTOR_WATCHDOG", "0.5")
    before = all_threads()

    with World(seed=by):
        assert list(home.glob("reactor/*")) == []
        assert not all_threads() - before


def test_one_that_cannot_be_loaded_is_told_and_leaves_nothing_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "reactor.watch", None)  # as where somebody has left it out

    with pytest.raises(ReactorError, match=r"inspect asks for .* which is not there"):
        Reactor(inspect=True)


def test_who_does_not_ask_loads_nothing() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import reactor\n"
        "reactor.run(reactor.checkpoint)\n"
        "sys.exit('reactor.watch' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=False, env={})

    assert done.returncode == 0
