"""`python -m reactor record`: the program is what it was, and its reactors are recorded."""

from __future__ import annotations

import os
import py_compile
import re
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from reactor import Reactor
from reactor.watch import Recorder, read_recording
from tests.project.environments import PROJECT


class Place:
    """A folder in which programs are written and recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, program: str) -> str:
        """Write a program, and return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(program), encoding="utf-8")
        return str(path)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start python in the folder."""
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def python(self, *words: str) -> tuple[int, str, str]:
        """Run python; return its code, what it says, and what it complains of."""
        with self.start(*words) as process:
            out, said = process.communicate(timeout=60)
        return process.returncode, out, said

    def record(self, *words: str) -> tuple[int, str, str]:
        """Run the command."""
        return self.python("-m", "reactor", "record", *words)

    def kinds(self, name: str) -> list[object]:
        """Return the kinds of events that a file has."""
        return [event[1] for event in read_recording(self.folder / name).events]

    @property
    def files(self) -> list[str]:
        """The recordings that are there."""
        return sorted(path.name for path in self.folder.glob("*.jsonl"))


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return Place(tmp_path)


SLEEPS = "from reactor import run, sleep\nrun(sleep, 0.001)\n"

LOOKS = """
import sys, os, __main__
print(sys.argv, os.path.relpath(sys.path[0]), __name__, __main__.__dict__ is globals())
print(__file__, __package__, __spec__ and __spec__.name, __cached__, type(__loader__).__name__)
print(__builtins__)
"""

PICKLES = """
import atexit, pickle, threading

class Own:
    pass

def there_and_back():
    print(type(pickle.loads(pickle.dumps(Own()))) is Own)

there_and_back()
atexit.register(there_and_back)
main = threading.main_thread()
threading.Thread(target=lambda: (main.join(), there_and_back())).start()
"""


def without_report(said: str) -> str:
    """Return what was said but for our last lines."""
    return re.sub(r"(?m)^python -m reactor record: .*\n", "", said)


def test_a_program_is_recorded_and_told_of(here: Place) -> None:
    code, _, said = here.record(here.write("app.py", SLEEPS))

    assert code == 0
    assert here.files == ["run.jsonl"]
    kinds = here.kinds("run.jsonl")
    assert kinds[-1] == "end"
    path = os.path.realpath(here.folder / "run.jsonl")
    told = f"{path}: {len(kinds)} events in {kinds.count('turn')} turns"
    assert said == f"python -m reactor record: {told}\n"


@pytest.mark.parametrize("words", [(), ("-o", "x", "--most", "-m", "--", "ü")])
def test_a_script_sees_what_it_would_see_without_us(here: Place, words: tuple[str, ...]) -> None:
    here.write("under/app.py", LOOKS)
    alone = here.python("under/app.py", *words)
    code, out, said = here.record("under/app.py", *words)

    assert (code, out, without_report(said)) == alone


def test_a_path_that_is_to_be_safe_stays_so(here: Place) -> None:
    here.write("under/app.py", LOOKS)
    alone = here.python("-P", "under/app.py")
    code, out, said = here.python("-P", "-m", "reactor", "record", "under/app.py")

    assert (code, out, without_report(said)) == alone


def test_a_module_sees_what_it_would_see_without_us(here: Place) -> None:
    here.write("pack/__init__.py", "")
    here.write("pack/__main__.py", LOOKS)
    alone = here.python("-m", "pack", "-o", "x")
    code, out, said = here.record("-o", "y.jsonl", "-m", "pack", "-o", "x")

    assert (code, out, without_report(said)) == alone


@pytest.mark.parametrize("made", ["app", "app.zip", "app.pyc"])
def test_what_else_python_runs_sees_what_it_would_see_without_us(here: Place, made: str) -> None:
    main = here.write("app/__main__.py", LOOKS)
    with zipfile.ZipFile(here.folder / "app.zip", "w") as archive:
        archive.write(main, "__main__.py")
    py_compile.compile(main, cfile=str(here.folder / "app.pyc"))
    for flags in ([], ["-P"]):
        alone = here.python(*flags, made, "x")
        code, out, said = here.python(*flags, "-m", "reactor", "record", made, "x")

        assert (code, out, without_report(said)) == alone


def test_a_program_is_the_main_one_to_its_threads_and_at_its_exit_too(here: Place) -> None:
    here.write("app.py", PICKLES)
    code, out, said = here.record("app.py")

    assert (code, out, without_report(said)) == (0, "True\n" * 3, "")


def test_a_script_leaves_nothing_compiled(here: Place) -> None:
    here.record(here.write("app.py", SLEEPS))

    assert sorted(path.name for path in here.folder.iterdir()) == ["app.py", "run.jsonl"]


@pytest.mark.parametrize("program", ["x = = 1", "1/0", "import missing"])
def test_an_error_is_told_as_python_tells_it(here: Place, program: str) -> None:
    here.write("app.py", program)
    alone = here.python("app.py")
    code, out, said = here.record("app.py")

    assert (code, out, without_report(said)) == alone


def test_a_module_without_code_for_python_is_told_in_a_line(here: Place) -> None:
    code, _, said = here.record("-m", "sys")

    assert code == 1
    assert without_report(said) == "ImportError: no code for Python is in built-in\n"


def test_a_folder_with_a_main_is_a_program(here: Place) -> None:
    here.write("app/__main__.py", "import beside")
    here.write("app/beside.py", SLEEPS)
    code, _, said = here.record("app")

    assert code == 0, said
    assert here.files == ["run.jsonl"]


@pytest.mark.parametrize(
    "end",
    [
        "raise ValueError('no')",
        "raise BrokenPipeError('a peer is gone')",
        "raise KeyboardInterrupt",
        "sys.exit(7)",
        "sys.exit('a reason')",
        "sys.stdout.close()",
    ],
)
def test_a_program_ends_as_it_would_without_us(here: Place, end: str) -> None:
    here.write("app.py", f"import sys\n{SLEEPS}\ndef f():\n    {end}\nf()\n")
    alone = here.python(str(here.folder / "app.py"))
    code, out, said = here.record(str(here.folder / "app.py"))

    assert (code, out, without_report(said)) == alone
    assert here.kinds("run.jsonl")[-1] == "end"


def test_what_is_recorded_is_told_after_a_traceback(here: Place) -> None:
    _, _, said = here.record(here.write("app.py", f"{SLEEPS}\nraise ValueError('no')"))

    assert said.splitlines()[-2] == "ValueError: no"
    assert said.splitlines()[-1].startswith("python -m reactor record: ")


def test_ctrl_c_ends_the_program_and_the_recording_is_whole(here: Place) -> None:
    program = """
    import signal
    from reactor import run, sleep

    async def main():
        print("sleeps", flush=True)
        await sleep(60)

    signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been turned off before
    run(main)
    """
    here.write("app.py", program)
    with here.start("-m", "reactor", "record", "app.py") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert process.returncode == -signal.SIGINT
    assert "run.jsonl: " in said.splitlines()[-1]
    assert here.kinds("run.jsonl")[-1] == "end"


def test_each_reactor_has_a_file_in_threads_children_and_programs(here: Place) -> None:
    here.write("other.py", SLEEPS)
    program = """
    import os, subprocess, sys, threading
    from reactor import run, sleep
    run(sleep, 0)
    os.chdir("/")
    pid = os.fork()
    if not pid:
        run(sleep, 0)
        sys.exit(0)
    os.waitpid(pid, 0)
    thread = threading.Thread(target=run, args=(sleep, 0))
    thread.start()
    thread.join()
    subprocess.run([sys.executable, sys.argv[1]], check=True)
    """
    code, _, said = here.record(here.write("app.py", program), str(here.folder / "other.py"))

    assert code == 0, said
    assert here.files == ["run.2.jsonl", "run.3.jsonl", "run.4.jsonl", "run.jsonl"]
    assert len(said.splitlines()) == 4
    pids = [read_recording(here.folder / name).header["pid"] for name in here.files]
    assert len(set(pids)) == 3
    for name in here.files:
        assert here.kinds(name)[-1] == "end"


def test_a_recording_ends_when_it_is_full_and_that_is_told(here: Place) -> None:
    _, _, said = here.record("--most", "5", "-o", "few.jsonl", here.write("app.py", SLEEPS))

    assert here.kinds("few.jsonl")[-1] == "cut"
    assert re.search(r"few\.jsonl: 5 events in 0 turns, then it was full\n", said)


def test_a_program_without_a_reactor_leaves_no_file_and_is_told_so(here: Place) -> None:
    code, _, said = here.record(here.write("app.py", ""))

    assert code == 0
    assert here.files == []
    assert "nothing was recorded: the program made no reactor" in said


def test_a_program_that_has_nobody_to_tell_ends_well_all_the_same(here: Place) -> None:
    here.write("app.py", SLEEPS)
    command = f"exec {sys.executable} -m reactor record app.py 2>&-"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    subprocess.run(["sh", "-c", command], cwd=here.folder, env=environment, check=True)

    assert here.kinds("run.jsonl")[-1] == "end"


def test_a_recording_of_before_is_gone(here: Place) -> None:
    here.write("app.py", SLEEPS)
    here.record("app.py")
    here.record(here.write("none.py", ""))

    assert here.files == []


def test_what_is_no_recording_is_not_emptied(here: Place) -> None:
    path = here.write("app.py", SLEEPS)
    code, _, said = here.record("-o", "app.py", "app.py")

    assert code == 1
    assert said == (
        "python -m reactor: app.py is there and is no recording; name another file with -o\n"
    )
    assert Path(path).read_text() == SLEEPS


def test_an_empty_file_may_be_recorded_in(here: Place) -> None:
    here.write("run.jsonl", "")
    here.record(here.write("app.py", SLEEPS))

    assert here.kinds("run.jsonl")[-1] == "end"


def test_a_program_whose_file_cannot_be_written_any_more_goes_on(here: Place) -> None:
    program = """
    import os, shutil
    from reactor import run, sleep
    run(sleep, 0)
    shutil.rmtree("out")
    run(sleep, 0)
    print("done")
    """
    here.write("out/nothing", "")
    code, out, said = here.record("-o", "out/run.jsonl", here.write("app.py", program))

    assert (code, out) == (0, "done\n")
    assert "cannot record: " in said


def test_a_program_that_removes_the_file_before_there_is_a_reactor_ends_well(here: Place) -> None:
    here.write("app.py", "import os; os.unlink('run.jsonl')")
    code, out, said = here.record("app.py")

    assert (code, out, without_report(said)) == (0, "", "")
    assert said.endswith("gave each a tracer, or removed the file\n")


def test_a_file_in_which_somebody_records_is_left_to_him(here: Place) -> None:
    here.write("app.py", SLEEPS)
    with Reactor(tracer=Recorder(here.folder / "run.jsonl")):
        code, _, said = here.record("app.py")

    assert code == 1
    assert said == (
        "python -m reactor: cannot write run.jsonl: another recording is written there; "
        "name another file with -o\n"
    )
    assert here.kinds("run.jsonl")[-1] == "end"


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        ((), 2, "nothing to record; name a script, or -m MODULE"),
        (("-m",), 2, "nothing to record; name a script, or -m MODULE"),
        (("missing.py",), 2, "cannot run missing.py: there is no such file"),
        (("..",), 1, "cannot run ..: there is no __main__ in it"),
        (("-m", "missing"), 1, "cannot run missing: there is no such module that can be run"),
        (("-m", "missing.sub"), 1, "cannot run missing.sub: there is no such module"),
        (("-m", "json"), 1, "cannot run json: there is no such module that can be run"),
        (
            ("-o", "no/run.jsonl", "app.py"),
            1,
            "cannot write no/run.jsonl: no such file or directory; name another file with -o\n",
        ),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_a_line(
    here: Place, words: tuple[str, ...], code: int, why: str
) -> None:
    here.write("app.py", SLEEPS)
    refused, out, said = here.record(*words)

    assert (refused, out) == (code, "")
    assert said.startswith(f"python -m reactor: {why}")
    assert said.count("\n") == 1
