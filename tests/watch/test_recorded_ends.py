"""Recordings of real processes: however one ends, what it has told is in its file, once."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from reactor.watch import Event, read_recording
from tests.project.environments import PROJECT

START = """
import os, resource, signal, sys
from reactor import Reactor, checkpoint, run, sleep
from reactor.watch import Recorder

recorder = Recorder(sys.argv[1])

async def busy():
    for _ in range(5):
        await checkpoint()
"""


class Ended:
    """A program that has ended."""

    def __init__(self, folder: Path, code: int, said: str) -> None:
        self._folder = folder
        self.code = code
        self.said = said

    @property
    def files(self) -> list[str]:
        """What it has recorded."""
        return sorted(path.name for path in self._folder.glob("*.jsonl"))

    def events(self, name: str = "run.jsonl") -> list[Event]:
        """Return the events of a file, which is whole."""
        recording = read_recording(self._folder / name)
        assert not recording.torn
        return [event[1:] for event in recording.events]

    def kinds(self, name: str = "run.jsonl") -> list[object]:
        """Return the kinds of its events."""
        return [kind for kind, *_ in self.events(name)]


def launch(folder: Path, program: str) -> subprocess.Popen[str]:
    """Start a program that records in a folder."""
    return subprocess.Popen(
        [sys.executable, "-c", START + textwrap.dedent(program), str(folder / "run.jsonl")],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(folder: Path, program: str) -> Ended:
    """Run a program to its end."""
    with launch(folder, program) as process:
        _, said = process.communicate(timeout=60)
    return Ended(folder, process.returncode, said)


@pytest.mark.parametrize(
    ("end", "code"),
    [("raise ValueError", 1), ("sys.exit(3)", 3), ("raise SystemExit", 0)],
)
def test_a_program_that_leaves_has_a_whole_recording(tmp_path: Path, end: str, code: int) -> None:
    program = f"""
    async def main():
        await busy()
        {end}

    run(main, tracer=recorder)
    """
    found = ended(tmp_path, program)

    assert found.code == code
    assert found.kinds()[-2:] == ["finish", "end"]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_program_that_a_signal_ends_has_a_whole_recording(tmp_path: Path, signum: int) -> None:
    program = """
    async def main():
        print("sleeps", flush=True)
        await sleep(60)

    for signum in (signal.SIGINT, signal.SIGTERM):  # also where they were turned off before
        signal.signal(signum, signal.default_int_handler)
    run(main, tracer=recorder)
    """
    with launch(tmp_path, program) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signum)
        _, said = process.communicate(timeout=60)
    found = Ended(tmp_path, process.returncode, said)

    assert found.code == -signal.SIGINT
    assert found.kinds()[-1] == "end"


def test_a_program_that_is_killed_in_its_sleep_has_told_all_before(tmp_path: Path) -> None:
    program = """
    async def main():
        await busy()
        await sleep(60)

    del recorder  # or the file is taken

    class Telling(Recorder):
        def turn(self, patience):
            super().turn(patience)
            if patience:
                print("sleeps", flush=True)

    run(main, tracer=Telling(sys.argv[1]))
    """
    with launch(tmp_path, program) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        _, said = process.communicate(timeout=60)
    found = Ended(tmp_path, process.returncode, said)

    assert found.code == -signal.SIGKILL
    assert found.kinds()[-2:] == ["park", "turn"]


def test_a_reactor_that_is_never_closed_is_recorded_to_the_end(tmp_path: Path) -> None:
    program = """
    reactor = Reactor(tracer=recorder)
    reactor.call_soon(busy)
    """
    found = ended(tmp_path, program)

    assert found.code == 0
    assert found.kinds()[-1] == "wake"


def test_a_process_that_leaves_by_the_back_door_has_a_recording_up_to_the_turn(
    tmp_path: Path,
) -> None:
    program = """
    async def main():
        await sleep(0.001)
        os._exit(4)

    run(main, tracer=recorder)
    """
    found = ended(tmp_path, program)

    assert found.code == 4
    assert found.kinds()[-1] == "turn"


def test_a_disk_that_is_full_is_told_once_and_the_program_goes_on(tmp_path: Path) -> None:
    program = """
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, unlimited[1]))

    async def main():
        for _ in range(5_000):
            await checkpoint()
        print("done")

    run(main, tracer=recorder)
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    """
    with launch(tmp_path, program) as process:
        out, said = process.communicate(timeout=60)
    found = Ended(tmp_path, process.returncode, said)

    assert (found.code, out) == (0, "done\n")
    assert found.said.count("the recording ends here; make room, and record again") == 1
    kinds = found.kinds()
    assert 100 < len(kinds) < 2_000
    assert "end" not in kinds


def test_an_interrupt_in_the_midst_of_a_burst_writes_nothing_twice(tmp_path: Path) -> None:
    program = """
    class Strike(BaseException):
        pass

    def strike(signum, frame):
        if "/reactor/watch/" in frame.f_code.co_filename:
            raise Strike

    def call():
        global calls
        calls += 1

    calls = 0
    reactor = Reactor(tracer=recorder)
    signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, 0.0011, 0.0011)
    while calls < 10_000:
        try:
            for _ in range(50):
                reactor.call_soon(call)
            reactor.turn()
        except Strike:
            pass
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    """
    found = ended(tmp_path, program)

    assert found.code == 0, found.said
    things = Counter(event[1] for event in found.events() if event[0] == "thing")
    assert set(things.values()) == {1}
    times = [float(str(event[0])) for event in read_recording(tmp_path / "run.jsonl").events]
    assert times == sorted(times)


def test_a_forked_child_writes_nothing_of_its_parent(tmp_path: Path) -> None:
    program = """
    reactor = Reactor(tracer=recorder)
    reactor.call_soon(busy)
    pid = os.fork()
    if not pid:
        sys.exit(0)
    os.waitpid(pid, 0)
    reactor.close()
    """
    found = ended(tmp_path, program)

    assert found.files == ["run.jsonl"]
    assert Counter(found.kinds())["wake"] == 1
    assert found.kinds()[-1] == "end"


def test_a_forked_child_whose_tasks_end_says_nothing_of_the_recording(tmp_path: Path) -> None:
    program = """
    from reactor import TaskGroup

    async def main():
        async with TaskGroup() as group:
            for _ in range(1_500):
                group.spawn(sleep, 60)
            await sleep(0)
            if os.fork():
                os.wait()
            group.cancel()

    run(main, tracer=recorder)
    """
    found = ended(tmp_path, program)

    assert "Recorder" not in found.said
    assert "pwrite" not in found.said
    assert found.files == ["run.jsonl"]
    assert Counter(found.kinds())["finish"] == 1_501


def test_a_forked_child_has_a_file_of_its_own(tmp_path: Path) -> None:
    program = """
    def fork(level):
        pid = os.fork()
        if not pid:
            if level:
                fork(level - 1)
            run(busy, tracer=recorder)
            run(busy, tracer=recorder)
            os._exit(0)
        os.waitpid(pid, 0)
        print(pid)

    fork(1)
    run(busy, tracer=recorder)
    """
    with launch(tmp_path, program) as process:
        out, said = process.communicate(timeout=60)
    found = Ended(tmp_path, process.returncode, said)

    names = {f"run.pid{pid}{number}.jsonl" for pid in out.split() for number in ("", ".2")}
    assert set(found.files) == {"run.jsonl", *names}
    for name in found.files:
        assert Counter(found.kinds(name))["park"] == 5
        assert found.kinds(name)[-1] == "end"


def test_a_task_that_forks_is_recorded_in_the_parent_only(tmp_path: Path) -> None:
    program = """
    async def main():
        await busy()
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
        await busy()

    run(main, tracer=recorder)
    """
    found = ended(tmp_path, program)

    assert found.files == ["run.jsonl"]
    assert Counter(found.kinds())["park"] == 10
    assert found.kinds()[-2:] == ["finish", "end"]
