"""Any channel: whatever is done with it, and with its peer, in whatever order and hook.

Law of this file: what comes is what was sent, in order, each byte once; a hook is called only when
it may be; the end is told once, and nothing after it; and when nothing more can happen, whatever
was to be sent or received has been, and the loop sleeps.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from reactor import ClosedError, Reactor
from reactor.net import Channel, LineChannel
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import make_small
from tests.trials import examples

NUMBERS: Final = b"".join(b"%d\n" % number for number in range(40_000))
LONG: Final = 1_000  # seconds that finish() has for the peer to close: more than all here take

ENDS: Final = ["send_end", "finish", "close", "abort"]
QUIET: Final = ["pause", "resume", "resume", "send", "send much", "nothing", "nothing"]
DONE = st.one_of(*[st.sampled_from(QUIET)] * 5, st.sampled_from(ENDS))
HOOKED = st.lists(st.one_of(*[DONE] * 5, st.just("raise")), max_size=12)
PEER: Final = [*["say", "say much", "read", "read all", "run", "run"] * 3, "peer ends", "hang up"]
STEPS = st.lists(st.one_of(st.sampled_from(PEER), DONE), max_size=20)


class Story:
    """A channel, its peer, and what must be true of them."""

    def __init__(self, world: World, hooked: list[str], kind: str, *, stays: bool) -> None:
        near, self.peer = socket.socketpair()
        make_small(near, self.peer)
        self.peer.setblocking(False)
        self.world = world
        self.stays = stays
        self.duplex = kind == "duplex"
        self.paused = self.sealed = self.over = self.cut = self.heard_end = False
        self.told: list[Exception | None] = []
        self.said, self.got = bytearray(), bytearray()  # to the peer, and what it has read
        self.given, self.came = 0, bytearray()  # so many of the numbers, and what was received
        self._hooked = iter(hooked)
        self.channel = KINDS[kind](self, world.reactor, near)

    # -- what is done

    def take(self, step: str) -> None:
        """Have step done: by the peer now, by the channel in the next turn."""
        if step in PEER:
            self.do(step)
        else:
            self.world.reactor.call_soon(self.do, step)

    def do(self, what: str) -> None:
        """Do what, and see that it is refused when it should be."""
        getattr(self, f"do_{what}".replace(" ", "_"))()

    def hook(self) -> None:
        self.do(next(self._hooked, "nothing"))

    def do_nothing(self) -> None: ...

    def do_pause(self) -> None:
        self.channel.pause()
        self.paused = True

    def do_resume(self) -> None:
        self.paused = False
        self.channel.resume()

    def do_send(self, count: int = 1) -> None:
        data = b"answer " * count
        if self.sealed:
            with pytest.raises(ClosedError):
                self.channel.send(data)
        else:
            self.channel.send(data)
            self.said += data

    def do_send_much(self) -> None:
        self.do_send(3_000)

    def do_send_end(self) -> None:
        self.sealed = True
        self.channel.send_end()

    def do_finish(self) -> None:
        self.sealed = self.over = True
        self.channel.finish(LONG)

    def do_close(self) -> None:
        self.sealed = self.over = self.cut = True
        self.channel.close()

    def do_abort(self) -> None:
        self.sealed = self.over = self.cut = True
        self.channel.abort()

    def do_raise(self) -> None:
        self.sealed = self.over = self.cut = True
        raise ValueError("mine")

    # -- what the peer does

    def do_say(self, count: int = 5) -> None:
        try:
            self.given += self.peer.send(NUMBERS[self.given : self.given + count])
        except OSError:  # full, or closed
            return

    def do_say_much(self) -> None:
        self.do_say(3_000)

    def do_read(self, count: int = 3_000) -> bool:
        try:
            data = self.peer.recv(count)
        except BlockingIOError:
            return False
        except OSError:
            assert self.cut, "only who closes at once resets"
            return False
        self.got += data
        self.heard_end = self.heard_end or not data
        assert self.said.startswith(self.got)
        return bool(data)

    def do_read_all(self) -> None:
        while self.do_read():
            pass

    def do_peer_ends(self) -> None:
        try:
            self.peer.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def do_hang_up(self) -> None:
        self.cut = True
        self.peer.close()

    def do_run(self) -> None:
        self.world.run_until(self.world.clock.now + 1)

    # -- what must be true

    def received(self, data: bytes) -> None:
        assert not self.paused
        assert not self.over
        assert self.duplex or not self.channel.unsent
        self.came += data
        assert (NUMBERS[: self.given] + b"\n").startswith(self.came)
        self.hook()

    def received_end(self) -> bool:
        assert not self.paused
        assert not self.over
        assert self.came.strip() == NUMBERS[: self.given].strip()
        self.over = True
        self.hook()
        return self.stays

    def sent(self) -> None:
        assert not self.channel.unsent
        assert not self.sealed
        self.hook()

    def ended(self, error: Exception | None) -> None:
        assert self.told == []
        assert error is None or self.cut
        self.told.append(error)
        self.sealed = self.over = True
        self.hook()

    def resume_and_run(self) -> None:
        self.take("resume")
        self.do_run()

    def settle(self, turns: Turns) -> None:
        """Let everything happen that can, and see that it has."""
        for _ in range(30):
            self.do_read_all()
            self.resume_and_run()
        before = turns.count
        self.world.run_until(self.world.clock.now + LONG / 2)
        assert turns.count - before < 5, "the loop sleeps"
        if not self.over:
            whole = NUMBERS[: self.given]
            assert self.came in (whole, whole[: whole.rfind(b"\n") + 1])
        if not self.cut:
            assert self.got == self.said
            assert self.heard_end == self.sealed
        self.do_hang_up()
        for _ in range(12):  # as many hooks as there are may pause it again
            self.resume_and_run()
        if not (self.over and self.stays):
            assert self.channel.closed
        event(f"ended {self.told}, {'half-closed' if self.heard_end else ''}")
        self.take("close")
        self.do_run()
        assert len(self.told) == 1


class Plain(Channel):
    def __init__(self, story: Story, reactor: Reactor, sock: socket.socket) -> None:
        self._story = story
        super().__init__(reactor, sock, duplex=story.duplex)

    def received(self, data: bytes) -> None:
        self._story.received(data)

    def received_end(self) -> bool:
        return self._story.received_end()

    def sent(self) -> None:
        self._story.sent()

    def ended(self, error: Exception | None) -> None:
        self._story.ended(error)


class ByLine(LineChannel):
    def __init__(self, story: Story, reactor: Reactor, sock: socket.socket) -> None:
        self._story = story
        super().__init__(reactor, sock)

    def received_line(self, line: bytes) -> None:
        self._story.received(line + b"\n")

    def received_end(self) -> bool:
        return self._story.received_end()

    def sent(self) -> None:
        self._story.sent()

    def ended(self, error: Exception | None) -> None:
        self._story.ended(error)


KINDS: Final[dict[str, Callable[[Story, Reactor, socket.socket], Channel]]] = {
    "plain": Plain,
    "duplex": Plain,
    "lines": ByLine,
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=examples(300), deadline=None)
@given(steps=STEPS, hooked=HOOKED, stays=st.booleans())
def test_nothing_is_lost_or_told_twice_whatever_is_done(
    kind: str, steps: list[str], hooked: list[str], stays: bool
) -> None:
    turns = Turns()
    mistakes: list[Exception] = []

    def on_error(what: object, error: Exception) -> None:
        if str(error) != "mine":
            mistakes.append(error)

    with World(tracer=turns, on_error=on_error) as world:
        story = Story(world, hooked, kind, stays=stays)
        for step in steps:
            story.take(step)
        story.settle(turns)
    assert mistakes == []
