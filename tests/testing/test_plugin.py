"""The plugin: what it does with tests that are marked, and that it leaves all others alone.

Law of this file: each test writes a file of tests and has a pytest of its own run it, as a user's
does: the plugin is loaded by name there, since it is installed nowhere here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.project.environments import PROJECT

HEAD = """
import pytest
from reactor import *
from reactor.testing import *
"""

Try = Callable[..., str]


@pytest.fixture
def try_out(tmp_path: Path) -> Try:
    """Runs a file of tests, and returns what pytest says of it."""

    def run(tests: str, *options: str, plugin: bool = True, conftest: str = "") -> str:
        (tmp_path / "conftest.py").write_text(dedent(conftest))
        (tmp_path / "test_it.py").write_text(HEAD + dedent(tests))
        plugins = ["-p", "reactor.testing.plugin"] if plugin else []
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugins, *options]
        result = subprocess.run(
            [*command, "-W", "error", "--strict-markers", "test_it.py"],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            text=True,
        )
        return result.stdout + result.stderr

    return run


def outcome(said: str) -> str:
    """Return the last line of what pytest said, without the time."""
    return re.sub(r" in .*", "", said.strip().splitlines()[-1].strip("= "))


def test_a_marked_async_def_or_generator_runs_in_a_world(try_out: Try) -> None:
    said = try_out("""
        @pytest.mark.reactor
        async def test_async_def():
            await sleep(3600)
            assert running().now() == 3600

        @pytest.mark.reactor
        @coroutine
        def test_generator():
            yield from sleep(3600)
            assert running().now() == 3600

        class TestBoth:
            pytestmark = pytest.mark.reactor

            async def test_async_def(self):
                await sleep(3600)

            @coroutine
            def test_generator(self):
                yield from sleep(3600)
    """)

    assert outcome(said) == "4 passed"


def test_what_fails_in_it_fails_the_test(try_out: Try) -> None:
    said = try_out("""
        @pytest.mark.reactor
        async def test_async_def():
            await sleep(1)
            assert "this" == "that"

        @pytest.mark.reactor
        @coroutine
        def test_generator():
            yield from sleep(1)
            assert "here" == "there"
    """)

    assert outcome(said) == "2 failed"
    assert "AssertionError: assert 'this' == 'that'" in said
    assert "AssertionError: assert 'here' == 'there'" in said


def test_a_deadlock_tells_who_waits_for_what(try_out: Try) -> None:
    said = try_out("""
        @pytest.mark.reactor
        async def test_deadlock():
            await WaitQueue()
    """)

    assert "<Task test_deadlock, waits on <WaitQueue, 1 waiting>>" in said
    assert outcome(said) == "1 failed"


def test_with_seconds_it_runs_on_a_real_reactor(try_out: Try) -> None:
    said = try_out("""
        import time

        @pytest.mark.reactor(seconds=30)
        async def test_real_time():
            await sleep(0)
            assert running().now is time.monotonic
    """)

    assert outcome(said) == "1 passed"


def test_a_test_that_takes_too_long_is_ended_and_tells_where_it_stood(try_out: Try) -> None:
    said = try_out("""
        @pytest.mark.reactor(seconds=0.01)
        async def test_slow():
            with Scope(shield=True):
                while True:
                    try:
                        await sleep(60)
                    except Cancelled:
                        pass
    """)

    assert outcome(said) == "1 failed"
    assert "not done within 0.01 seconds:" in said
    assert "<Task test_slow, waits on <Sleep 60 s>>" in said


def test_what_a_callback_lets_out_fails_a_real_test(try_out: Try) -> None:
    said = try_out("""
        @pytest.mark.reactor(seconds=30)
        async def test_callback():
            running().call_soon(int, "seven")
            await sleep(10)

        @pytest.mark.reactor
        async def test_loop(reactor_loop):
            reactor_loop.call_soon(int, "eight")
            await sleep(10)
    """)

    assert outcome(said) == "2 failed"
    assert "invalid literal for int() with base 10: 'seven'" in said
    assert "invalid literal for int() with base 10: 'eight'" in said


def test_with_a_seed_the_world_is_mixed_by_it(try_out: Try) -> None:
    said = try_out("""
        @pytest.mark.reactor(seed=7)
        async def test_seed():
            assert type(running()) is ShuffledReactor

        @pytest.mark.reactor(seed=7)
        async def test_world(reactor_world):
            assert reactor_world.seed == 7
            assert running() is reactor_world.reactor

        @pytest.mark.reactor
        async def test_none(reactor_world, reactor_seed):
            assert reactor_world.seed is reactor_seed is None
            assert type(running()) is Reactor

        def test_unmarked(reactor_world, reactor_seed):
            assert reactor_world.seed is reactor_seed is None
    """)

    assert outcome(said) == "4 passed"


def test_with_seeds_each_is_a_test_of_its_own_that_tells_its_seed(try_out: Try) -> None:
    said = try_out(
        """
        @pytest.mark.reactor(seeds=3)
        async def test_seeds(reactor_world):
            assert reactor_world.seed != 1

        @pytest.mark.reactor(seeds=2)
        @pytest.mark.parametrize("number", [5, 6])
        @coroutine
        def test_more(number):
            yield from sleep(1)
            assert type(running()) is ShuffledReactor
        """,
        "-v",
    )

    assert outcome(said) == "1 failed, 6 passed"
    assert "test_seeds[seed1] FAILED" in said
    assert "test_more[seed0-5] PASSED" in said


def test_a_test_runs_in_the_world_or_on_the_reactor_that_it_asks_for(try_out: Try) -> None:
    said = try_out("""
        @pytest.fixture
        def world():
            with World() as made:
                made.clock.now = 100.0
                yield made

        @pytest.fixture
        def reactor():
            with Reactor() as made:
                yield made

        @pytest.mark.reactor
        async def test_world(world):
            assert running() is world.reactor and running().now() == 100

        @pytest.mark.reactor
        async def test_reactor(reactor):
            assert running() is reactor

        @pytest.mark.reactor
        async def test_loop(reactor_loop):
            assert running() is reactor_loop

        @pytest.mark.reactor
        async def test_network(reactor_network):
            near, far = reactor_network.stream_pair()
            await near.send_all(b"hello")
            assert await far.receive() == b"hello"
            assert running() is reactor_network.world.reactor

        @pytest.mark.reactor(seconds=5)
        async def test_virtual_limit(world):
            await sleep(10)
    """)

    assert outcome(said) == "1 failed, 4 passed"
    assert "not done within 5 seconds:" in said


def test_a_limit_ends_with_its_test(try_out: Try) -> None:
    said = try_out("""
        @pytest.fixture
        def world():
            with World() as made:
                yield made
                made.run_until(10)

        @pytest.mark.reactor(seconds=5)
        async def test_short(world):
            await sleep(1)
    """)

    assert outcome(said) == "1 passed"


def test_a_test_can_be_run_again(try_out: Try) -> None:
    said = try_out(
        """
        @pytest.mark.reactor
        async def test_twice():
            await sleep(1)
        """,
        conftest="""
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_call(item):
            yield
            item.runtest()
        """,
    )

    assert outcome(said) == "1 passed"


def test_a_free_port_can_be_listened_on(try_out: Try) -> None:
    said = try_out("""
        import socket

        def test_port(reactor_free_port):
            with socket.create_server(("127.0.0.1", reactor_free_port)) as sock:
                assert sock.getsockname()[1] == reactor_free_port
    """)

    assert outcome(said) == "1 passed"


@pytest.mark.parametrize(
    ("wishes", "shown"),
    [
        ("seconds=1, seed=2", "{'seconds': 1, 'seed': 2}"),
        ("seed=1, seeds=2", "{'seed': 1, 'seeds': 2}"),
        ("timeout=3", "{'timeout': 3}"),
        ("3", "(3,)"),
    ],
)
def test_a_marker_that_asks_for_what_nobody_has_is_told(
    try_out: Try, wishes: str, shown: str
) -> None:
    said = try_out(f"""
        @pytest.mark.reactor({wishes})
        async def test_wrong():
            pass
    """)

    assert outcome(said) == "1 error"
    assert (
        f"the marker `reactor` takes seconds=, seed= or seeds=, one of them; not {shown}"
    ) in said


@pytest.mark.parametrize("plugin", [True, False])
def test_what_is_not_marked_is_left_to_pytest(try_out: Try, plugin: bool) -> None:
    said = try_out(
        """
        def test_plain(request):
            assert request.node.get_closest_marker("reactor") is None

        async def test_async_def():
            await sleep(1)
        """,
        plugin=plugin,
    )

    assert outcome(said) == "1 failed, 1 passed"
    assert "async def functions are not natively supported" in said


@pytest.mark.parametrize("marks", ["@coroutine", "@pytest.mark.reactor"])
def test_a_generator_needs_both_marks(try_out: Try, marks: str) -> None:
    said = try_out(f"""
        {marks}
        def test_generator():
            yield from sleep(1)
    """)

    assert outcome(said) == "1 error"
    assert "'yield' keyword is allowed in fixtures, but not in tests" in said


def test_a_marked_function_that_never_waits_says_what_is_wrong(try_out: Try) -> None:
    said = try_out("""
        @pytest.mark.reactor
        def test_plain():
            pass
    """)

    assert outcome(said) == "1 failed"
    assert "None cannot be waited for; call a coroutine function or an operation" in said


def test_its_marker_is_told_by_pytest(try_out: Try) -> None:
    assert "@pytest.mark.reactor(seconds=None, seed=None, seeds=None): runs an" in try_out(
        "", "--markers"
    )


@pytest.mark.once
def test_pytest_is_loaded_by_the_plugin_alone() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import reactor.testing\n"
        "sys.exit('pytest' in sys.modules or 'reactor.testing.plugin' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-I", "-S", "-c", program], check=False).returncode == 0
