"""A poller carried over a fork: the child closes its own, the parent's goes on."""

from __future__ import annotations

from reactor.poller import READ, WRITE, Poller
from tests.poller.children import in_child
from tests.pollers import Pair, each_poller


@each_poller
def test_a_child_that_closes_its_poller_leaves_the_parents_registrations_alone(
    poller: Poller, pair: Pair
) -> None:
    near, far = pair
    readable = poller.register(near, READ)
    writable = poller.register(far, WRITE)
    far.send(b"x")

    assert in_child(poller.close) == 0

    told = poller.select(0)
    assert len(told) == 2
    assert (readable, READ) in told
    assert (writable, WRITE) in told
    poller.unregister(near)
    assert poller.select(0) == [(writable, WRITE)]
