"""The command: what it says, what it refuses, how it ends."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from signal import SIGTERM
from types import SimpleNamespace

import pytest

from servers.__main__ import main
from servers.arguments import RefusalError
from servers.catalog import MODELS, Model, find_model
from servers.command import fit_options
from servers.options import Options
from tests.servers.clients import Client
from tests.servers.harness import DEADLINE, PROJECT, Room, Start, needs_proc, prlimit

NINE = Room(find_model("coroutines"), "asyncio")


@pytest.fixture
def programs() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are ended when the test is over, however it ends."""
    programs: list[subprocess.Popen[str]] = []
    yield programs
    for program in programs:
        with program:
            program.kill()


def run(*words: str, under: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Carry out a command that ends by itself."""
    command = [*under, sys.executable, "-m", "servers", *words]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=DEADLINE, check=False
    )


def test_list_shows_every_model(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == len(MODELS)
    for model, line in zip(MODELS, lines, strict=True):
        words = line.split()
        assert words[:2] == [str(model.number), model.name]
        assert model.summary in line


def test_the_columns_of_the_list_stand_one_below_the_other(
    capfd: pytest.CaptureFixture[str],
) -> None:
    main(["list"])
    lines = capfd.readouterr().out.splitlines()
    assert len({line.index(model.form) for model, line in zip(MODELS, lines, strict=True)}) == 1
    assert len({line.index(model.summary) for model, line in zip(MODELS, lines, strict=True)}) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only where there is a /dev/full")
def test_a_list_that_cannot_be_written_is_said_so_in_one_line() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "servers", "list"],
            cwd=PROJECT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
    assert done.returncode == 1
    assert re.fullmatch(
        r"python3 -m servers: cannot write to standard output: no space.*\n", done.stderr
    )


def test_a_list_that_nobody_reads_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "servers", "list"]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=writing, stderr=subprocess.PIPE, text=True
    ) as listing:
        os.close(writing)
        _, told = listing.communicate(timeout=DEADLINE)
    assert (listing.returncode, told) == (0, "")


@pytest.mark.once
@pytest.mark.needs("strace")
@pytest.mark.parametrize(
    ("number", "inject", "why"),
    [
        ("9", "socketpair:error=EMFILE", "too many open files"),
        ("8", "?clone,?clone3:error=EAGAIN", "can't start new thread"),
    ],
)
def test_a_server_that_lacks_what_it_needs_to_begin_says_so_in_one_line(
    tmp_path: Path, number: str, inject: str, why: str
) -> None:
    done = run("run", number, "--quiet", "--port", "0", under=_strace(tmp_path, inject))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert why in done.stderr


@pytest.mark.once
@pytest.mark.needs("strace")
def test_ctrl_c_while_the_program_is_still_being_read_is_an_exit_code(tmp_path: Path) -> None:
    file = str(PROJECT / "servers/command.py")
    signals = "inject=?newfstatat,?statx,?stat:signal=SIGINT:when=1"
    under = ["strace", "-o", str(tmp_path / "calls"), "-P", file, "-e", signals, "--"]
    done = run("list", under=under)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_help_teaches(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    text = capfd.readouterr().out
    for word in ("list", "run", "python3 -m servers talk", "exit codes", "130", "143"):
        assert word in text


def test_help_on_run_shows_every_option(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["run", "--help"])
    assert end.value.code == 0
    options = set(re.findall(r"--[a-z-]+", capfd.readouterr().out))
    assert options >= {
        *("--on", "--host", "--port", "--poller", "--limit", "--idle-timeout", "--backlog"),
        *("--quiet", "--log-format"),
    }


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "the following arguments are required: list | run"),
        ("walk", "invalid choice: 'walk'"),
        ("run", "the following arguments are required: MODEL"),
        ("run epol", "no model 'epol' here; did you mean epoll?"),
        ("run 77", "no model '77' here; there are"),
        ("run 9 --on twisted", "argument --on: invalid choice: 'twisted'"),
        ("run 9 --port 70000", "argument --port: 70000 is no port; give 0 to 65535"),
        ("run 9 --port -1", "argument --port: -1 is no port"),
        ("run 9 --port http", "argument --port: 'http' is no whole number"),
        ("run 9 --limit 0", "a limit of 0 clients serves nobody; give 1 or more"),
        ("run 9 --limit many", "argument --limit: 'many' is no whole number"),
        ("run 9 --idle-timeout 0", "an idle timeout of 0 seconds cannot be kept"),
        ("run 9 --idle-timeout -1", "an idle timeout of -1 seconds"),
        ("run 9 --idle-timeout nan", "an idle timeout of nan seconds"),
        ("run 9 --idle-timeout inf", "an idle timeout of inf seconds"),
        ("run 9 --idle-timeout soon", "argument --idle-timeout: 'soon' is no number of seconds"),
        ("run 9 --poller devpoll", "argument --poller: invalid choice: 'devpoll'"),
        ("run 9 --backlog 0", "argument --backlog: 0 clients cannot wait; give 1 or more"),
        ("run 9 --log-format xml", "argument --log-format: invalid choice: 'xml'"),
        ("run 9 --frob", "unrecognized arguments: --frob"),
        ("run 3 --poller select", "3 epoll waits with epoll, that is the model"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    capfd: pytest.CaptureFixture[str], words: str, complaint: str
) -> None:
    assert main(words.split()) == 2
    complaints = capfd.readouterr().err.splitlines()
    assert len(complaints) == 1
    assert complaints[0].startswith("python3 -m servers: ")
    assert complaint in complaints[0]


LINUX = SimpleNamespace(select=1, poll=1, epoll=1)
MACOS = SimpleNamespace(select=1, poll=1, kqueue=1)


def a_model(*uses: str, pinned: str | None = None) -> Model:
    return Model(1, "simple", "a model", "callbacks", uses=uses, pinned_poller=pinned)


@pytest.mark.parametrize(
    "options", [Options(limit=1), Options(idle_timeout=1), Options(poller="poll")], ids=str
)
def test_an_option_that_a_model_has_no_use_for_is_refused(options: Options) -> None:
    with pytest.raises(RefusalError, match=r"^1 simple has no use for --[a-z-]+; leave") as refusal:
        fit_options(a_model(), options, system=LINUX)
    assert refusal.value.code == 2


def test_the_poller_that_a_model_is_about_is_filled_in() -> None:
    model = a_model("poller", pinned="epoll")
    for options in (Options(), Options(poller="epoll")):
        assert fit_options(model, options, system=LINUX) == Options(poller="epoll")


def test_a_model_whose_poller_this_system_lacks_is_refused() -> None:
    complaint = "^this system has no epoll, only select, poll, kqueue; run another model$"
    with pytest.raises(RefusalError, match=complaint) as refusal:
        fit_options(a_model(pinned="epoll"), Options(), system=MACOS)
    assert refusal.value.code == 1


def test_a_poller_that_this_system_lacks_is_refused() -> None:
    with pytest.raises(RefusalError, match=r"^this system has no kqueue, only") as refusal:
        fit_options(a_model("poller"), Options(poller="kqueue"), system=LINUX)
    assert refusal.value.code == 1


def test_a_port_that_is_taken_ends_the_command_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("run", "9", "--on", "asyncio", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"python3 -m servers: cannot listen on 127.0.0.1:{port}: address already in use; "
        "stop who has that port, or choose another --port (0 takes any free one)\n"
    )


@pytest.mark.needs("strace")
def test_a_port_for_the_superuser_ends_the_command_in_one_line(tmp_path: Path) -> None:
    denied = _strace(tmp_path, "bind:error=EACCES")
    done = run("run", "9", "--on", "asyncio", "--port", "80", under=denied)
    assert done.returncode == 1
    assert done.stderr == (
        "python3 -m servers: cannot listen on 127.0.0.1:80: permission denied; "
        "only the superuser may have that port; choose a --port of 1024 or more\n"
    )


@pytest.mark.needs("strace")
@pytest.mark.parametrize(("name", "code"), [("INT", 130), ("TERM", 143)])
def test_a_signal_before_the_server_is_ready_ends_it_at_once(
    tmp_path: Path, name: str, code: int
) -> None:
    under = _strace(tmp_path, f"listen:signal={name}")
    done = run("run", "9", "--on", "asyncio", "--port", "0", under=under)
    assert (done.returncode, done.stderr) == (code, "")


def test_an_interpreter_without_any_package_is_enough() -> None:
    command = [sys.executable, "-S", "-m", "servers", "list"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(MODELS)


def test_an_older_python_is_told_in_one_line() -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 10, 9); runpy.run_module('servers')"
    command = [sys.executable, "-c", pretend]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert re.fullmatch(r"servers: .* run them with Python 3\.11 or later\n", done.stderr)


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_what_an_older_python_reads_is_written_for_it(name: str) -> None:
    source = (PROJECT / "servers" / name).read_text()
    ast.parse(source, feature_version=(3, 7))
    assert source.isascii()
    assert "from __future__" not in source


def test_a_quiet_server_says_nothing(programs: list[subprocess.Popen[str]]) -> None:
    process, client = _server_in_silence(programs, ["--quiet"], stderr=subprocess.PIPE)
    with client:
        client.sendall(b"hello")
        assert client.recv(3) == b"OK\n"
    process.send_signal(SIGTERM)
    _, said = process.communicate(timeout=DEADLINE)
    assert said == ""
    assert process.returncode == 0


def test_a_server_without_a_standard_error_says_only_what_it_should(
    programs: list[subprocess.Popen[str]],
) -> None:
    closed = ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-']
    process, client = _server_in_silence(programs, [], under=closed)
    with client:
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: client.recv(100), b"")) == b"OK\n"
    process.send_signal(SIGTERM)
    assert process.wait(DEADLINE) == 0


def test_a_server_whose_journal_nobody_reads_any_more_goes_on(
    programs: list[subprocess.Popen[str]],
) -> None:
    process = subprocess.Popen(NINE.command(), cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    programs.append(process)
    assert process.stderr is not None
    port = int(process.stderr.readline().rpartition(":")[2])
    assert process.stderr.readline() == "Ready For Accept\n"
    process.stderr.close()
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
            client.sendall(b"hello")
            assert client.recv(3) == b"OK\n"
    process.send_signal(SIGTERM)
    assert process.wait(DEADLINE) == 0


@needs_proc
@pytest.mark.needs("prlimit")
@pytest.mark.parametrize("room", [NINE], ids=str)
@pytest.mark.parametrize(
    ("options", "before", "after"),
    [([], "64:500", 500), ([], "400:500", 500), (["--poller", "select"], "64:3000", 1024)],
    ids=["few", "many", "select"],
)
def test_a_server_has_as_many_descriptors_as_it_may_and_can_watch(
    start: Start, options: list[str], before: str, after: int
) -> None:
    server = start(*options, under=["prlimit", f"--nofile={before}", "--"])
    soft, _ = prlimit(server.pid)
    assert soft == after


@needs_proc
@pytest.mark.needs("prlimit")
@pytest.mark.rooms("selects")
def test_a_server_that_selects_has_no_descriptor_that_select_cannot_watch(start: Start) -> None:
    server = start(under=["prlimit", "--nofile=64:3000", "--"])
    soft, _ = prlimit(server.pid)
    assert soft == 1024


@needs_proc
@pytest.mark.parametrize("room", [NINE], ids=str)
@pytest.mark.parametrize("poller", ["select", "poll", "epoll"])
def test_a_server_waits_with_the_poller_that_it_is_told(start: Start, poller: str) -> None:
    if not hasattr(select, poller):
        pytest.skip(f"only where there is an {poller}")
    server = start("--poller", poller)
    with Client(server) as client:
        client.ask()
        watching = [os.readlink(f"/proc/{server.pid}/fd/{fd}") for fd in server.descriptors()]
    assert any("eventpoll" in each for each in watching) == (poller == "epoll")


def _strace(tmp_path: Path, inject: str) -> list[str]:
    return ["strace", "-DDD", "-f", "-o", str(tmp_path / "calls"), "-e", f"inject={inject}", "--"]


def _server_in_silence(
    programs: list[subprocess.Popen[str]],
    options: Sequence[str],
    *,
    under: Sequence[str] = (),
    stderr: int | None = None,
) -> tuple[subprocess.Popen[str], socket.socket]:
    """Start a server that does not tell its port, and connect to it as soon as it is there."""
    with socket.socket() as reserved:  # bound and not listening: nobody else is given its port
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        address = reserved.getsockname()
        command = [*under, *NINE.command("--port", str(address[1]), *options)]
        process = subprocess.Popen(command, cwd=PROJECT, stderr=stderr, text=True)
        programs.append(process)
        for _ in range(int(DEADLINE / 0.02)):
            with contextlib.suppress(ConnectionRefusedError):
                client = socket.create_connection(address, DEADLINE)
                return process, client
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
    raise AssertionError(f"no server came up; its exit code is {process.poll()}")
