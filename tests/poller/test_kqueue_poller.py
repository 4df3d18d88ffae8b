"""KqueuePoller: two filters a descriptor, brought together; none is left behind by a refusal."""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Iterable

import pytest

from reactor.poller import READ, WRITE, KqueuePoller
from tests.poller import kqueue_standin
from tests.poller.kqueue_standin import ADD, DELETE, Kevent, KqueueStandIn, StandInQueue
from tests.pollers import Pair


class Refusing(KqueueStandIn):
    """A kqueue that fails as told: refusals hold the errno of a change, by filter and flags."""

    def __init__(self, refusals: dict[tuple[int, int], int], at_close: int = 0) -> None:
        self.refusals = refusals
        self.at_close = at_close
        self.changes: list[tuple[int, int]] = []
        self.rooms: list[int] = []

    def kqueue(self) -> StandInQueue:
        return RefusingQueue(self)


class RefusingQueue(StandInQueue):
    def __init__(self, plan: Refusing) -> None:
        super().__init__()
        self._plan = plan

    def control(
        self, changes: Iterable[Kevent] | None, max_events: int, timeout: float | None = None, /
    ) -> list[Kevent]:
        asked = list(changes or ())
        for change in asked:
            self._plan.changes.append((change.filter, change.flags))
            if code := self._plan.refusals.get((change.filter, change.flags)):
                raise OSError(code, os.strerror(code))
        if changes is None:
            self._plan.rooms.append(max_events)
        return super().control(asked, max_events, timeout)

    def close(self) -> None:
        super().close()
        if code := self._plan.at_close:
            raise OSError(code, os.strerror(code))


def test_where_there_is_no_kqueue_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "kqueue", raising=False)
    with pytest.raises(
        OSError, match=r"\] this system has no kqueue; use default_poller\(\)$"
    ) as raised:
        KqueuePoller()
    assert raised.value.errno == errno.ENOSYS


def test_its_descriptor_is_that_of_the_queue() -> None:
    with KqueuePoller(KqueueStandIn()) as poller:
        number = poller.fileno()
        os.fstat(number)
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.fstat(number)


@pytest.mark.parametrize(
    ("events", "filters"),
    [
        (READ, [kqueue_standin.READ]),
        (WRITE, [kqueue_standin.WRITE]),
        (READ | WRITE, [kqueue_standin.READ, kqueue_standin.WRITE]),
    ],
)
def test_each_side_is_a_filter_of_its_own(pair: Pair, events: int, filters: list[int]) -> None:
    source = Refusing({})
    with KqueuePoller(source) as poller:
        poller.add(pair[0].fileno(), events)
        poller.drop(pair[0].fileno(), events)

    assert source.changes == [(f, ADD) for f in filters] + [(f, DELETE) for f in filters]


def test_a_change_touches_only_the_side_that_changes(pair: Pair) -> None:
    fd = pair[0].fileno()
    source = Refusing({})
    with KqueuePoller(source) as poller:
        poller.add(fd, READ)
        source.changes.clear()
        poller.change(fd, READ, READ | WRITE)
        poller.change(fd, READ | WRITE, WRITE)

    assert source.changes == [(kqueue_standin.WRITE, ADD), (kqueue_standin.READ, DELETE)]


def test_a_wait_has_room_for_both_sides_of_all_and_for_one_at_the_least(pair: Pair) -> None:
    near, far = pair
    source = Refusing({})
    with KqueuePoller(source) as poller:
        poller.wait(0)
        poller.add(near.fileno(), READ | WRITE)
        poller.add(far.fileno(), READ)
        poller.wait(0)
        poller.change(far.fileno(), READ, READ | WRITE)
        poller.wait(0)
        poller.drop(far.fileno(), READ | WRITE)
        poller.drop(far.fileno(), READ | WRITE)
        poller.wait(0)

    assert source.rooms == [1, 4, 4, 2]


def test_when_the_second_filter_is_refused_the_first_is_undone(pair: Pair) -> None:
    near, far = pair
    far.send(b"x")
    source = Refusing({(kqueue_standin.WRITE, ADD): errno.ENOMEM})
    with KqueuePoller(source) as poller:
        with pytest.raises(OSError, match=os.strerror(errno.ENOMEM)):
            poller.register(near, READ | WRITE)

        assert poller.wait(0) == []
        assert source.rooms == [1]
        assert near not in poller.get_map()


def test_a_closed_descriptor_is_refused_and_not_registered(pair: Pair) -> None:
    number = pair[0].fileno()
    with KqueuePoller(KqueueStandIn()) as poller:
        pair[0].close()
        with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
            poller.register(number, READ | WRITE)
        assert number not in poller.get_map()


def test_a_change_that_is_refused_leaves_nothing_behind(pair: Pair) -> None:
    near, far = pair
    far.send(b"x")
    source = Refusing({(kqueue_standin.WRITE, ADD): errno.ENOMEM})
    with KqueuePoller(source) as poller:
        poller.register(near, READ)
        with pytest.raises(OSError, match=os.strerror(errno.ENOMEM)):
            poller.modify(near, WRITE)

        assert poller.wait(0) == []
        assert source.rooms == [1]


def test_a_number_that_is_another_file_by_now_is_changed_without_a_word(pair: Pair) -> None:
    near, far = pair
    with KqueuePoller(KqueueStandIn()) as poller:
        poller.register(near, READ)
        os.dup2(far.fileno(), near.fileno())  # and kqueue has deleted what was watched

        key = poller.modify(near, WRITE)

        assert poller.select(0) == [(key, WRITE)]
        poller.unregister(near)
        assert poller.select(0) == []


def test_another_refusal_to_delete_is_raised(pair: Pair) -> None:
    with KqueuePoller(Refusing({(kqueue_standin.READ, DELETE): errno.ENOMEM})) as poller:
        poller.add(pair[0].fileno(), READ)
        with pytest.raises(OSError, match=os.strerror(errno.ENOMEM)):
            poller.drop(pair[0].fileno(), READ)


def test_a_queue_that_a_forked_child_has_not_inherited_is_closed_without_a_word() -> None:
    KqueuePoller(Refusing({}, at_close=errno.EBADF)).close()


def test_another_error_at_close_is_raised() -> None:
    poller = KqueuePoller(Refusing({}, at_close=errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        poller.close()
