"""EpollPoller: the kernel's set and ours stay the same, whatever is closed behind our back."""

from __future__ import annotations

import errno
import os
import resource
import select
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from reactor.poller import READ, WRITE, EpollPoller
from reactor.poller.epoll_poller import EPOLLIN, Epoll
from reactor.poller.select_poller import is_open
from tests.poller.scripted import ScriptedEpoll
from tests.pollers import Pair

on_epoll = pytest.mark.skipif(not hasattr(select, "epoll"), reason="only where there is an epoll")


@pytest.fixture
def epoll() -> Iterator[EpollPoller]:
    with EpollPoller() as poller:
        yield poller


@pytest.fixture
def ghost(pair: Pair) -> Iterator[int]:
    """The number of a readable socket whose file stays open when the number is closed."""
    near, far = pair
    far.send(b"x")
    number = os.dup(near.fileno())
    yield number
    if is_open(number):
        os.close(number)


class RefusingEpoll(ScriptedEpoll):
    """A set that has no room."""

    def register(self, fd: int, flags: int, /) -> None:
        raise OSError(errno.ENOSPC, "no room")


def test_where_there_is_no_epoll_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "epoll", raising=False)
    with pytest.raises(
        OSError, match=r"\] this system has no epoll; use default_poller\(\)$"
    ) as raised:
        EpollPoller()
    assert raised.value.errno == errno.ENOSYS


def test_a_wait_has_room_for_every_descriptor_and_for_one_at_the_least() -> None:
    kernel = ScriptedEpoll()
    poller = EpollPoller(lambda: kernel)
    poller.wait(0.5)
    for fd in range(300):
        poller.add(fd, READ)
    poller.wait(None)
    poller.drop(7, READ)
    poller.wait(0)

    assert kernel.asked == [(0.5, 1), (None, 300), (0, 300)]


@on_epoll
def test_its_descriptor_is_readable_when_something_in_it_is_ready(
    epoll: EpollPoller, pair: Pair
) -> None:
    near, far = pair
    epoll.add(near.fileno(), READ)
    assert select.select([epoll], [], [], 0)[0] == []
    far.send(b"x")
    assert select.select([epoll], [], [], 0)[0] == [epoll]


@on_epoll
def test_what_it_cannot_watch_is_refused_and_not_registered(epoll: EpollPoller) -> None:
    with tempfile.TemporaryFile() as file:
        with pytest.raises(PermissionError):
            epoll.register(file, READ)
        assert file not in epoll.get_map()
        number = file.fileno()
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        epoll.register(number, READ)
    assert number not in epoll.get_map()


@on_epoll
def test_a_closed_descriptor_is_reported_while_a_duplicate_is_open_but_never_once_dropped(
    epoll: EpollPoller, ghost: int
) -> None:
    epoll.add(ghost, READ)
    os.close(ghost)
    assert epoll.wait(0) == [(ghost, READ)]  # so says man 7 epoll, questions and answers, 6

    epoll.drop(ghost, READ)

    assert epoll.wait(0) == []


def _put_nothing(number: int) -> None:
    os.close(number)


def _put_a_socket(number: int) -> None:
    with socket.socket() as other:
        os.dup2(other.fileno(), number)


def _put_a_file(number: int) -> None:
    with tempfile.TemporaryFile() as other:
        os.dup2(other.fileno(), number)


@on_epoll
@pytest.mark.parametrize("put", [_put_nothing, _put_a_socket, _put_a_file])
def test_whatever_has_the_number_by_now_the_closed_one_is_dropped(
    epoll: EpollPoller, ghost: int, put: Callable[[int], None]
) -> None:
    epoll.add(ghost, READ)
    put(ghost)

    epoll.drop(ghost, READ)

    assert epoll.wait(0) == []


@on_epoll
def test_the_others_stay_watched_for_what_they_were(
    epoll: EpollPoller, ghost: int, pair: Pair
) -> None:
    near, far = pair
    epoll.add(ghost, READ)
    epoll.add(near.fileno(), READ | WRITE)
    epoll.add(far.fileno(), READ)
    epoll.change(far.fileno(), READ, WRITE)
    os.close(ghost)

    epoll.drop(ghost, READ)

    told = {fd: epoll.events(mask) for fd, mask in epoll.wait(0)}
    assert told == {near.fileno(): READ | WRITE, far.fileno(): WRITE}
    epoll.drop(near.fileno(), READ | WRITE)
    epoll.change(far.fileno(), WRITE, READ)
    assert epoll.wait(0) == []


@on_epoll
@pytest.mark.parametrize("put", [_put_nothing, _put_a_file])
def test_others_that_were_closed_too_do_not_keep_it_from_being_dropped(
    epoll: EpollPoller, ghost: int, pair: Pair, put: Callable[[int], None]
) -> None:
    near, far = pair
    second = os.dup(near.fileno())
    epoll.add(second, READ)
    epoll.add(ghost, READ)
    epoll.add(far.fileno(), WRITE)
    put(second)
    os.close(ghost)

    epoll.drop(ghost, READ)

    assert [fd for fd, _ in epoll.wait(0)] == [far.fileno()]
    epoll.drop(second, READ)
    assert [fd for fd, _ in epoll.wait(0)] == [far.fileno()]
    if put is _put_a_file:
        os.close(second)


@on_epoll
def test_the_number_of_the_set_stays_and_is_not_inheritable(epoll: EpollPoller, ghost: int) -> None:
    number = epoll.fileno()
    assert not os.get_inheritable(number)
    epoll.add(ghost, READ)
    os.close(ghost)

    epoll.drop(ghost, READ)

    assert epoll.fileno() == number
    assert not os.get_inheritable(number)


@on_epoll
def test_making_the_set_anew_leaves_no_descriptor_open(ghost: int) -> None:
    made: list[Epoll] = []

    def make() -> Epoll:
        made.append(vars(select)["epoll"]())
        return made[-1]

    with EpollPoller(make) as poller:
        poller.add(ghost, READ)
        os.close(ghost)
        poller.drop(ghost, READ)

        assert [one.fileno() for one in made[:1]] == [poller.fileno()]
        with pytest.raises(ValueError, match="closed"):
            made[1].fileno()


@on_epoll
def test_modifying_a_closed_descriptor_unregisters_it_for_good(
    epoll: EpollPoller, ghost: int
) -> None:
    epoll.register(ghost, READ)
    os.close(ghost)
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        epoll.modify(ghost, WRITE)

    assert ghost not in epoll.get_map()
    assert epoll.wait(0) == []


def test_another_refusal_to_drop_is_raised() -> None:
    poller = EpollPoller(lambda: ScriptedEpoll(OSError(errno.ENOMEM, "no memory")))
    poller.add(5, READ)
    with pytest.raises(OSError, match="no memory"):
        poller.drop(5, READ)


def test_a_refusal_to_make_the_set_anew_is_raised() -> None:
    sets = [ScriptedEpoll(OSError(errno.ENOENT, "unknown")), RefusingEpoll()]
    poller = EpollPoller(lambda: sets.pop(0))
    poller.add(5, READ)
    poller.add(6, READ)
    with pytest.raises(OSError, match="no room"):
        poller.drop(5, READ)


def test_a_refusal_of_a_new_set_for_want_of_memory_is_raised() -> None:
    sets = [ScriptedEpoll(OSError(errno.ENOENT, "unknown"))]

    def make() -> ScriptedEpoll:
        if not sets:
            raise OSError(errno.ENOMEM, "no memory")
        return sets.pop()

    poller = EpollPoller(make)
    poller.add(5, READ)
    with pytest.raises(OSError, match="no memory"):
        poller.drop(5, READ)


@on_epoll
def test_the_set_can_be_made_anew_with_no_descriptor_left(pair: Pair, ghost: int) -> None:
    near, far = pair
    with EpollPoller() as poller:
        poller.add(ghost, READ)
        poller.add(near.fileno(), READ)
        os.close(ghost)
        far.send(b"x")
        with no_descriptor_left():
            poller.drop(ghost, READ)

        assert poller.wait(0) == [(near.fileno(), EPOLLIN)]


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """While inside, every number that this process may have is taken."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        yield
    finally:
        for number in taken:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
