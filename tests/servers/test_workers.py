"""Processes and threads: refused, killed, replaced, and never left behind."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from operator import le
from pathlib import Path
from signal import SIGKILL, SIGSTOP, SIGTERM

import pytest

from servers.options import WORKERS
from tests.servers.clients import Client
from tests.servers.faults import accepts_fail, fails, loops_fail
from tests.servers.harness import Room, Server, Start, needs_proc

forks = pytest.mark.rooms("forks")
works_ahead = pytest.mark.rooms("works_ahead")


@pytest.mark.once
@needs_proc
@pytest.mark.rooms("talks_on")
def test_a_thousand_clients_leave_nothing_behind(room: Room, server: Server) -> None:
    _leave_nothing_behind(room, server, 1_000)


@pytest.mark.soak
@needs_proc
@pytest.mark.rooms("talks_on")
def test_ten_thousand_clients_leave_nothing_behind(room: Room, server: Server) -> None:
    _leave_nothing_behind(room, server, 10_000)


@forks
@needs_proc
def test_a_killed_process_costs_only_its_client(server: Server) -> None:
    with Client(server) as victim, Client(server) as other:
        victim.ask()
        other.ask()
        os.kill(_process_of(server, victim), SIGKILL)
        victim.see_closed()
        server.wait_for(r"^\[PID:\d+\]Worker Ended:killed by SIGKILL$")
        other.ask()
        with Client(server) as third:
            third.ask()


@forks
def test_a_process_that_is_told_to_leave_does(server: Server) -> None:
    with Client(server) as victim, Client(server) as other:
        victim.ask()
        other.ask()
        os.kill(_process_of(server, victim), SIGTERM)
        victim.see_end()
        other.ask()


@works_ahead
@pytest.mark.rooms("forks")
@needs_proc
def test_a_worker_who_is_killed_is_replaced_and_gives_the_lock_back(start: Start) -> None:
    server = start("--workers", "2")
    holder = server.wait_for(r"Get Lock")
    os.kill(int(re.findall(r"\d+", holder)[0]), SIGKILL)
    server.wait_for("Get Start", count=3)
    with Client(server) as first, Client(server) as second:
        first.ask()
        second.ask()


@forks
@needs_proc
def test_a_process_that_hangs_at_a_stop_is_killed(server: Server) -> None:
    with Client(server) as client:
        client.ask()
        os.kill(_process_of(server, client), SIGSTOP)
        server.stop()
    server.wait_for(r"^\[PID:\d+\]Worker Ended:killed by SIGKILL$")


@forks
@needs_proc
def test_children_do_not_outlive_their_parent(server: Server) -> None:
    with Client(server) as client, Client(server) as other:
        client.ask()
        other.ask()
        server.signal(SIGKILL)
        client.see_end()
        other.see_end()
    server.wait_until(lambda: not server.children())
    server.wait_end(-SIGKILL)


@works_ahead
def test_one_worker_at_a_time_has_the_lock(server: Server) -> None:
    for _ in range(30):
        with Client(server) as client:
            client.ask()
    server.stop()
    holder = None
    for line in server.log("[Ll]ock$"):
        who, _, what = line.partition("Get" if "Get" in line else "Un" if "Un" in line else "Re")
        if what == " Lock":
            assert holder is None, line
            holder = who
        else:
            assert holder == who, line
            holder = None


@pytest.mark.once
@pytest.mark.needs("strace")
@pytest.mark.rooms("threads_ahead")
def test_a_worker_who_cannot_accept_is_replaced_and_gives_the_lock_back(server: Server) -> None:
    server.wait_for("Start$", count=WORKERS)
    with accepts_fail(server, "EINVAL"), Client(server) as client:
        client.ask()
    assert len(server.log(r"^<\d+>Worker Ended:OSError\(22, ")) == WORKERS


@works_ahead
def test_whoever_finds_all_workers_busy_is_served_when_one_is_free(start: Start) -> None:
    server = start("--workers", "2")
    with Client(server) as first, Client(server) as second, Client(server) as third:
        first.ask()
        second.ask()
        third.send(b"hello")
        assert third.is_told_nothing(0.2)
        first.finish()
        assert third.receive(3) == b"OK\n"
        second.ask()


@works_ahead
def test_an_idle_timeout_frees_the_worker_of_a_silent_client(start: Start) -> None:
    server = start("--workers", "1", "--idle-timeout", "0.2")
    with Client(server) as silent, Client(server) as other:
        other.send(b"hello")
        silent.see_end()
        assert other.receive(3) == b"OK\n"


@pytest.mark.needs("strace")
@pytest.mark.rooms("refuses")
def test_a_client_for_whom_there_is_no_process_or_thread_is_closed(
    start: Start, tmp_path: Path
) -> None:
    server = start(under=fails("clone,?clone3,?fork,?vfork:error=EAGAIN:when=1..2", tmp_path))
    for _ in range(2):
        with Client(server) as client:
            client.see_closed()
    with Client(server) as client:
        client.ask()
    server.stop()
    assert len(server.log(r"^\[FD:\d+\]Refused:")) == 2


@pytest.mark.once
@pytest.mark.needs("strace")
@pytest.mark.rooms("refuses", "is_ours")  # asyncio's loop prints a traceback when it is half made
def test_a_client_whose_process_or_thread_can_have_no_loop_is_closed(server: Server) -> None:
    with loops_fail(server), Client(server) as client:
        client.see_closed()
        server.wait_for(r"Refused:.*EMFILE")
    with Client(server) as client:
        client.ask()


@pytest.mark.needs("strace")
@works_ahead
def test_a_worker_who_is_refused_is_started_later(start: Start, tmp_path: Path) -> None:
    failing = fails("clone,?clone3,?fork,?vfork:error=EAGAIN:when=1..2", tmp_path)
    server = start("--workers", "1", under=failing)
    with Client(server) as client:
        client.ask()
    server.stop()
    assert len(server.log("^Worker Refused:")) == 2


@pytest.mark.rooms("has_pool")
def test_more_stalled_readers_than_threads_harm_nobody(room: Room, start: Start) -> None:
    server = start(command=room.own_listener(send_buffer=1, receive_buffer=1, workers=2))
    with ExitStack() as open_until_the_end:
        stalled = [
            open_until_the_end.enter_context(Client(server, is_narrow=True)) for _ in range(3)
        ]
        for client in stalled:
            client.stall(server)
        with Client(server) as other:
            other.ask()
        for gone, client in enumerate(stalled):
            client.finish()
            replies = client.receive_all()
            server.wait_for("Recv:EOF", count=len(stalled) + 1 + gone + 1)  # the witnesses, other
            assert replies == b"OK\n" * server.receives(client.name)


def _leave_nothing_behind(room: Room, server: Server, count: int) -> None:
    def there() -> list[int]:
        """How many processes it has, zombies among them, how many threads and descriptors."""
        return [len(server.processes()), len(server.threads()), len(server.descriptors())]

    if room.works_ahead:
        server.wait_for("Start$", count=WORKERS)
    with Client(server) as client:
        client.ask()
    server.wait_for("Recv:EOF")
    server.wait_until(lambda: room.works_ahead or server.children() == [])
    server.wait_until(lambda: set(server.processes().values()) == {"S"})
    before = there()
    for number in range(count):
        with Client(server) as client:
            client.ask()
            if number % 4 == 0:
                client.reset()
    # The first may have been on its way out when these were counted: not more, then.
    server.wait_until(lambda: all(map(le, there(), before)))


def _process_of(server: Server, client: Client) -> int:
    line = server.wait_for(rf"\[PID:\d+\]Client:{re.escape(client.name)}$")
    return int(re.findall(r"\d+", line)[0])
