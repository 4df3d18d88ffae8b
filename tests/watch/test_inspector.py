"""How an inspector begins, and ends with its reactor; forks, other users, shortages."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import signal
import socket
import threading
import weakref
from pathlib import Path

import pytest

from reactor import Reactor, ReactorError, run, sleep
from reactor.watch import Inspected, Inspector, inspectable
from reactor.watch.desk import check_peer
from tests.poller.children import in_child, start_child, wait_for
from tests.threads import all_threads, in_thread
from tests.watch.subjects import AT_REST, running


def path_of(reactor: Reactor) -> Path:
    path = reactor.belonging(Inspector).path
    assert path is not None
    return path


def here() -> list[Inspected]:
    """Return what can be looked into of this process."""
    return [one for one in inspectable() if one.pid == os.getpid()]


def test_only_its_owner_can_come_in(inspected: Reactor, home: Path) -> None:
    path = path_of(inspected)

    assert path == home / "reactor" / f"{os.getpid()}.1"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


def test_each_reactor_of_a_process_has_a_number_and_an_answer(home: Path) -> None:
    threads = [threading.Event() for _ in range(3)]
    over = threading.Event()

    def work(made: threading.Event) -> None:
        with Reactor(inspect=True):
            made.set()
            over.wait(60)

    workers = [threading.Thread(target=work, args=(made,), name=f"w{made}") for made in threads]
    for worker in workers:
        worker.start()
    for made in threads:
        made.wait(60)
    try:
        found = here()
        assert [one.number for one in found] == [1, 2, 3]
        names = {one.ask()["thread"] for one in found}
        assert names == {worker.name for worker in workers}
    finally:
        over.set()
        for worker in workers:
            worker.join()
    assert here() == []


def test_it_ends_with_its_reactor(home: Path) -> None:
    before = all_threads()
    reactor = Reactor(inspect=True)
    path = path_of(reactor)
    inspector = reactor.belonging(Inspector)
    reactor.close()

    assert not path.exists()
    assert inspector.path is None
    assert not all_threads() - before
    with pytest.raises(FileNotFoundError):
        Inspected(os.getpid(), 1, path).ask()
    inspector.close()  # again: nothing


def test_a_reactor_that_is_let_go_takes_it_along(home: Path) -> None:
    thread: list[threading.Thread] = []

    def let_go() -> weakref.ref[Reactor]:
        reactor = Reactor(inspect=True)
        thread.extend(all_threads() - before)
        return weakref.ref(reactor)

    before = all_threads()
    gone = let_go()
    with pytest.warns(ResourceWarning):  # for the reactor's own socket
        gc.collect()
    assert gone() is None
    thread[0].join(60)
    assert not thread[0].is_alive()
    assert list((home / "reactor").iterdir()) == []


def test_a_program_that_just_ends_leaves_nothing(home: Path) -> None:
    program = """
import warnings
from reactor import Reactor
warnings.simplefilter("ignore")  # it is to be closed
kept = Reactor(inspect=True)
print("there", flush=True)
input()
"""
    with running(program) as subject:
        assert len(subject.reactors()) == 1
        subject.tell("\n")
        assert subject.end() == ""

    assert list((home / "reactor").iterdir()) == []


def test_what_a_killed_program_leaves_is_found_and_removed(home: Path) -> None:
    with running(AT_REST) as subject:
        (one,) = subject.reactors()
        subject.kill()

        assert one.path.exists()
        with pytest.raises(ConnectionRefusedError):
            one.ask()
        assert subject.reactors() == []
        assert not one.path.exists()


def test_a_file_whose_number_another_process_has_now_is_left(home: Path) -> None:
    folder = home / "reactor"
    folder.mkdir(0o700)
    stale = folder / f"{os.getppid()}.1"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(os.fspath(stale))

    assert stale not in [one.path for one in inspectable()]
    assert stale.exists()


def test_a_name_that_is_taken_is_passed_over(home: Path) -> None:
    folder = home / "reactor"
    folder.mkdir(0o700)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(os.fspath(folder / f"{os.getpid()}.1"))

    with Reactor(inspect=True) as reactor:
        assert path_of(reactor).name == f"{os.getpid()}.2"


def test_when_all_names_are_taken_it_is_logged(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = home / "reactor"
    folder.mkdir(0o700)
    for number in range(1, 1000):
        (folder / f"{os.getpid()}.{number}").touch()

    with Reactor(inspect=True):
        pass

    assert "no free name" in caplog.text


def test_one_whose_queue_is_full_is_there_and_does_not_answer(home: Path) -> None:
    folder = home / "reactor"
    folder.mkdir(0o700)
    path = folder / f"{os.getpid()}.1"
    waiting: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(path))
        listener.listen(0)
        while not waiting or waiting[-1].connect_ex(os.fspath(path)) == 0:
            waiting.append(socket.socket(socket.AF_UNIX))
            waiting[-1].setblocking(False)

        (one,) = here()
        assert one.path == path
        with pytest.raises(TimeoutError, match="takes nobody; ask again"):
            one.ask()
        for sock in waiting:
            sock.close()


def test_who_asks_when_the_reactor_is_gone_is_told(home: Path) -> None:
    before = all_threads()

    def come() -> socket.socket:
        reactor = Reactor(inspect=True)
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(os.fspath(path_of(reactor)))
        while len(all_threads() - before) < 2:
            pass  # until there is a thread for it
        return sock

    with come() as sock:
        with pytest.warns(ResourceWarning):  # for the reactor's own socket
            gc.collect()
        sock.sendall(b'{"reactor": 1}\n')
        assert b"the reactor is gone" in sock.recv(1000)


# -- forks


def test_one_that_could_not_begin_has_nothing_to_let_go_of_in_a_child(home: Path) -> None:
    (home / "reactor").touch()
    with Reactor(inspect=True):
        assert in_child(bool) == 0


def test_a_forked_child_leaves_its_parents_alone(inspected: Reactor) -> None:
    path = path_of(inspected)

    assert in_child(inspected.close) == 0

    assert path.exists()
    assert [one.path for one in here()] == [path]
    assert "error" not in here()[0].ask()


def test_a_forked_child_has_no_descriptor_of_it(home: Path) -> None:
    gc.collect()  # or what an earlier test has left may be let go meanwhile
    before = os.listdir("/dev/fd")

    def scenario() -> None:
        assert os.listdir("/dev/fd") == before

    with Reactor(inspect=True):
        assert in_child(scenario) == 0


def test_a_child_that_makes_a_reactor_has_an_inspector_of_its_own(inspected: Reactor) -> None:
    def scenario() -> None:
        with Reactor(inspect=True) as own:
            assert [one.number for one in here()] == [1]
            assert here()[0].ask()["pid"] == os.getpid()
            assert path_of(own).exists()

    assert in_child(scenario) == 0
    assert len(here()) == 1


def test_a_child_that_lives_on_does_not_keep_the_parent_from_closing(home: Path) -> None:
    over, tell = os.pipe()
    reactor = Reactor(inspect=True)

    def live_on() -> None:
        os.close(tell)
        os.read(over, 1)

    child = start_child(live_on)
    reactor.close()
    os.close(tell)
    assert wait_for(child) == 0
    os.close(over)


def test_nor_does_one_that_was_forked_in_c_and_has_all_of_it_open(home: Path) -> None:
    over, tell = os.pipe()
    reactor = Reactor(inspect=True)
    child = ctypes.PyDLL(None).fork()  # of which Python does not hear; the lock is kept
    if child == 0:
        os.close(tell)
        os.read(over, 1)
        os._exit(0)
    reactor.close()  # which would wait for the end of a thread that does not end
    os.close(tell)
    assert wait_for(child) == 0
    os.close(over)


def test_a_child_that_ends_as_programs_do_removes_nothing_of_its_parents(home: Path) -> None:
    program = """
import os, sys, warnings
from reactor import *
warnings.simplefilter("ignore")  # from 3.12 on Python warns of a fork beside other threads
reactor = Reactor(inspect=True)
if os.fork() == 0:
    sys.exit()
os.wait()
print("there", flush=True)
input()
"""
    with running(program) as subject:
        assert len(subject.reactors()) == 1
        subject.tell("\n")


# -- other users, signals, shortages


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="only where peers have names")
def test_another_user_who_got_as_far_as_the_socket_is_refused(
    inspected: Reactor, home: Path
) -> None:
    path = path_of(inspected)
    for opened in (home, path.parent, path):
        opened.chmod(0o777)
    told, tell = os.pipe()

    def scenario() -> None:
        os.setuid(12345)
        try:
            Inspected(os.getppid(), 1, path).ask()
        except ReactorError as error:
            os.write(tell, str(error).encode())

    assert in_child(scenario) == 0
    os.close(tell)
    with open(told) as said:
        assert said.read() == "user 12345 may not look into a process of 0"


def test_where_peers_have_no_names_the_rights_of_the_folder_have_to_do() -> None:
    near, far = socket.socketpair()
    with near, far:
        check_peer(near, option=None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_does_not_get_as_far(inspected: Reactor, home: Path) -> None:
    path = path_of(inspected)
    home.chmod(0o755)

    def scenario() -> None:
        os.setuid(12345)
        with pytest.raises(PermissionError):
            Inspected(os.getppid(), 1, path).ask()

    assert in_child(scenario) == 0


def test_signals_go_to_the_threads_of_the_program(inspected: Reactor) -> None:
    """All threads but the inspector's have it blocked, so it waits for one that has not."""
    waits = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        os.kill(os.getpid(), signal.SIGUSR1)  # which would end the process
        assert signal.sigwait([signal.SIGUSR1]) == signal.SIGUSR1
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, waits)


def test_without_descriptors_it_waits_and_answers_when_there_are_some(home: Path) -> None:
    program = """
import os, resource, sys
from reactor import *

async def main():
    taken = []
    spare = os.dup(0)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        pass
    print("there", flush=True)
    await wait_readable(sys.stdin)
    sys.stdin.readline()
    for fd in taken:
        os.close(fd)
    await wait_readable(sys.stdin)

run(main)
print("end", flush=True)
"""
    with running(program) as subject:
        path = home / "reactor" / f"{subject.pid}.1"
        one = Inspected(subject.pid, 1, path)
        with pytest.raises(TimeoutError):
            one.ask(seconds=0.3)
        subject.tell("\n")
        assert one.ask()["pid"] == subject.pid
        assert subject.end() == "end\n"


def test_without_descriptors_at_the_beginning_it_is_logged_and_nothing_leaks(home: Path) -> None:
    program = """
import logging, os, resource, sys
from reactor import *
import reactor.watch  # to load it takes descriptors too

def take_all():
    taken = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        return taken

logging.basicConfig(stream=sys.stdout)
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
print("there", flush=True)
taken = take_all()
for spare in range(3, 12):
    for _ in range(spare):
        os.close(taken.pop())
    with Reactor(inspect=True):
        pass
    again = take_all()
    print(spare - len(again))
    taken += again
for fd in taken:
    os.close(fd)
"""
    with running(program) as subject:
        said = subject.end().splitlines()

    assert [line for line in said if not line.startswith("WARNING")] == ["0"] * 9
    logged = [line for line in said if line.startswith("WARNING")]
    assert logged
    assert all("cannot be looked into: [Errno 24]" in line for line in logged)
    assert list((home / "reactor").iterdir()) == []


def test_without_threads_it_is_logged_and_nothing_is_left(
    home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more)  # what no test can bring about by itself
        with Reactor(inspect=True) as reactor:
            assert reactor.belonging(Inspector).path is None

    assert "can't start new thread" in caplog.text
    assert list((home / "reactor").iterdir()) == []


def test_a_client_for_whom_there_is_no_thread_is_let_go(
    inspected: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    (one,) = here()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more)  # as above
        with pytest.raises((ReactorError, OSError)):
            one.ask()
    assert "error" not in one.ask()


def test_it_is_looked_into_while_another_thread_closes_it(home: Path) -> None:
    """Whatever is asked at that moment is answered, or ends."""

    def look() -> None:
        for one in here():
            try:
                one.ask("tasks", "lag", "descriptors")
            except (OSError, ReactorError):
                pass

    for _ in range(10):
        with Reactor(inspect=True):
            thread = threading.Thread(target=look)
            thread.start()
        thread.join()


def test_run_closes_it(home: Path) -> None:
    run(sleep, 0, inspect=True)
    assert here() == []
    in_thread(lambda: run(sleep, 0, inspect=True))
    assert here() == []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only where there is a /proc")
def test_its_thread_leaves_signals_to_others_but_for_those_of_its_own_doing(home: Path) -> None:
    before = all_threads()
    with Reactor(inspect=True) as reactor:
        (thread,) = all_threads() - before
        asked = inspectable()[0].ask()  # so it has begun
        status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()

    assert asked["pid"] == os.getpid(), reactor
    blocked = int(re.findall(r"SigBlk:\s*(\w+)", status)[0], 16)
    assert blocked >> (signal.SIGTERM - 1) & 1
    assert not blocked >> (signal.SIGSEGV - 1) & 1
