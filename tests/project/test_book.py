"""The book is what its programs make of it, and no page goes without one."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack
from inspect import getsource
from pathlib import Path
from typing import Any

import pytest

from docs.book.programs import loop_0, loop_1, loop_2, loop_3, loop_4, loop_5, loop_6, two_forms
from reactor import Reactor
from reactor.poller import default_poller
from tests.project import shape, sources
from tests.project.book import PROGRAMS, said_by, strayed
from tests.project.documents import Document, documents
from tests.project.environments import PROJECT

pytestmark = pytest.mark.once

CHAPTERS = [
    document
    for document in documents(PROJECT)
    if document.path.parent == PROGRAMS.parent.relative_to(PROJECT)
    and document.path.name[:2] in {"01", "02", "03", "04", "05", "06"}
]

linux = pytest.mark.skipif(sys.platform != "linux", reason="only where Linux is")

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda it: it.path.stem)


@each_chapter
def test_every_drawing_is_made_by_a_program(chapter: Document) -> None:
    assert strayed(chapter) == []


@each_chapter
def test_it_asks_shows_a_program_and_ends_with_what_to_try_and_read(chapter: Document) -> None:
    assert "python3 -m docs.book.programs." in chapter.text
    assert {"try-it", "read-next"} <= chapter.anchors()
    assert chapter.text.split("\n\n")[1].rstrip().endswith("?")


def test_the_programs_obey_what_the_house_obeys() -> None:
    modules = sources.read(PROGRAMS.parent, PROGRAMS.name)

    for law in (shape.modules_open_with_a_docstring, shape.files_are_short):
        assert law(modules) == []


@pytest.mark.parametrize(
    ("fence", "shown", "complaint"),
    [
        ("text", "drawn by hand", "does not say which program makes it"),
        ("text from two_forms", "heard b'good-bye'", "is not what two_forms says"),
        ("text measured by two_forms", "91 minutes have passed", "is not what two_forms says"),
        ("diff from loop_0 to loop_1", "+ nothing", "is not the difference from loop_0 to loop_1"),
    ],
)
def test_what_no_program_makes_is_found(fence: str, shown: str, complaint: str) -> None:
    page = Document(Path("page.md"), f"```{fence}\n{shown}\n```\n")

    (found,) = strayed(page)

    assert found.startswith(f"page.md:2: {complaint}")


def test_figures_that_were_measured_may_differ() -> None:
    text = "```text measured by two_forms\n1,234.5 seconds have passed\n```\n"

    assert strayed(Document(Path("page.md"), text)) == []


# -- chapter 1


def test_a_silent_client_keeps_everybody_waiting_in_a_blocking_server() -> None:
    said = said_by("who_waits")

    assert said.index("has a reply: False") < said.index("leaves") < said.index("receives b'OK")


@linux
def test_the_backlog_holds_one_more_than_was_asked_for() -> None:
    assert "listen(4): 5 of 30 are connected" in said_by("backlog")


# -- chapter 2


def test_the_end_of_a_connection_is_readable() -> None:
    assert "finished    yes       yes       b''" in said_by("readiness")


@linux
def test_edges_leave_in_the_kernel_what_the_reader_did_not_take() -> None:
    level, _, edge = said_by("level_and_edge").partition("edge")

    assert "left in the kernel: b'!'" in level
    assert "left in the kernel: b'3456789!'" in edge


@linux
def test_poll_costs_what_is_watched_and_epoll_what_is_ready() -> None:
    _, select, poll, epoll, _ = (
        line.split()[1:] for line in said_by("cost_of_a_wait").splitlines()
    )

    assert select[-1] == "-"
    assert float(poll[-1]) > 10 * float(epoll[-1])  # measured: two hundred times


# -- chapter 3


@linux
def test_one_client_wakes_every_worker_that_polls_unless_something_keeps_them_apart() -> None:
    _, blocking, polling, *others = (line.split()[-1] for line in said_by("herd").splitlines())

    assert (blocking, polling) == ("1", "4")
    assert others == ["1", "1", "1"]


def test_a_record_lock_is_the_processs_and_dies_with_it() -> None:
    said = said_by("locks_over_fork")

    assert "lockf: parent and child have it at once: False" in said
    assert "lockf: it outlives its holder: False" in said
    assert "lockf: it outlives the close of another descriptor of its file: False" in said


@linux
def test_who_waits_at_a_socket_that_shares_the_port_is_lost_with_it() -> None:
    assert "clients of the second that were lost: all" in said_by("shared_port")


# -- chapter 4


def test_a_reply_that_takes_long_keeps_the_others_waiting_unless_a_thread_makes_it() -> None:
    assert said_by("slow_reply").splitlines() == [
        "in the loop: answers slow then quick",
        "by a thread: answers quick then slow",
    ]


def test_of_the_four_orders_of_a_hand_over_one_never_loses_a_reply() -> None:
    first, *others = said_by("lost_ring").splitlines()

    assert first.endswith("never lost")
    assert all("lost by" in other for other in others)


# -- chapter 5

LOOPS = [loop_0, loop_1, loop_2, loop_3, loop_4, loop_5, loop_6]


@pytest.mark.parametrize("version", LOOPS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_each_version_of_the_loop_serves_two_clients_at_a_time(version: Any) -> None:
    loop = version.Loop(default_poller())
    with ExitStack() as stack:
        stack.callback(loop.poller.close)
        for name in ("bell", "rope"):
            if hasattr(loop, name):
                stack.enter_context(getattr(loop, name))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        version.serve(loop, listener)
        clients = []
        for _ in range(2):
            clients.append(stack.enter_context(socket.create_connection(listener.getsockname())))
            loop.turn()
        for number, client in reversed(list(enumerate(clients))):
            client.sendall(b"hello from %d" % number)
            loop.turn()
            assert client.recv(512) == b"hello from %d" % number
        for client in clients:
            client.shutdown(socket.SHUT_WR)
            loop.turn()
            assert client.recv(512) == b""


def test_the_first_version_has_forty_lines() -> None:
    code = (PROGRAMS / "loop_0.py").read_text().split('"""', 2)[2]

    assert len([line for line in code.splitlines() if line]) <= 40


def test_the_last_version_takes_the_turn_of_a_reactor() -> None:
    ours = getsource(Reactor._turn)  # noqa: SLF001 - the page shows it

    assert getsource(loop_6.Loop.turn).splitlines()[1:] == ours.splitlines()[1:]


def test_a_batch_is_fair_and_interest_that_stays_is_cheap() -> None:
    said = said_by("growth")

    assert "until nothing is ready: the greedy one ran 1001 times" in said
    assert "in batches:             the greedy one ran 2 times" in said
    assert "asked 201 times" in said
    assert "asked 1 times" in said


def test_the_loop_sleeps_until_the_nearest_timer_unless_something_is_ready() -> None:
    assert "may sleep 2.0, 0.0, 3.0, None" in said_by("growth")


@linux
def test_who_closes_without_forget_hits_a_stranger_and_makes_another_deaf() -> None:
    closed, deaf, forgot, heard, *ours = said_by("wrong_descriptor").splitlines()

    assert closed.endswith("reads b'to the newcomer'")
    assert deaf.endswith("never heard")
    assert forgot.endswith("is not made")
    assert heard.endswith("is heard")
    assert [line[20:] for line in ours] == [forgot[20:], heard[20:]]


def test_one_failure_ends_a_loop_unless_it_is_reported() -> None:
    assert "the loop is dead, the next one never runs" in said_by("growth")
    assert "the loop goes on, the next one ran" in said_by("growth")


def test_who_an_interrupt_cut_off_hears_when_the_loop_is_run_again() -> None:
    assert "before:                   who was cut off hears nothing" in said_by("growth")
    assert "run again:            who was cut off hears this word and the next" in said_by("growth")


# -- chapter 6


def test_conversations_take_turns_and_none_waits_for_another() -> None:
    assert said_by("scheduler").splitlines()[2:] == ["Otto: not much", "Anna: rain"]


def test_a_kernel_that_knows_no_trap_runs_both_forms_alike() -> None:
    told = two_forms.story(two_forms.native)

    assert told == two_forms.story(two_forms.generator)
    assert told == said_by("two_forms").splitlines()
    assert told[2] == "took 'a word' out of the box"


@linux
def test_a_byte_is_read_by_the_task_that_it_woke_and_by_nobody_before() -> None:
    said = said_by("byte_to_line")
    way = ["Reactor._wait", "epoll.poll", "Sides.wake", "Reactor._expire", "Task.run"]
    way += ["reader goes on", "receive goes on", "read: a system call", "the_next_line"]
    _, woken = said.split("a byte comes\n")
    places = [woken.index(name) for name in way]

    assert places == sorted(places)
    assert said.endswith("another byte comes\nthe same\n")
