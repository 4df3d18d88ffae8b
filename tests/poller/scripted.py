"""Mechanisms that are played: they write down what they are asked and answer as told."""

from __future__ import annotations

from reactor.poller import Poller


class ScriptedPoller(Poller):
    """Its face is the real one; its hooks only remember.

    answers are what the next waits return, one after the other; then nothing is ready. refusal is
    what add and change raise while it is set.
    """

    def __init__(self, *answers: list[tuple[int, int]]) -> None:
        super().__init__()
        self.calls: list[tuple[object, ...]] = []
        self.refusal: BaseException | None = None
        self._answers = list(answers)

    def add(self, fd: int, events: int) -> None:
        self._note("add", fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        self._note("change", fd, old, new)

    def drop(self, fd: int, events: int) -> None:
        self.calls.append(("drop", fd, events))

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        self.calls.append(("wait", timeout))
        return self._answers.pop(0) if self._answers else []

    def _note(self, *call: object) -> None:
        self.calls.append(call)
        if self.refusal is not None:
            raise self.refusal


class ScriptedEpoll:
    """A set that is played: it writes down what it is asked, and refuses as told."""

    def __init__(self, refusal: OSError | None = None) -> None:
        self.asked: list[tuple[float | None, int]] = []
        self.refusal = refusal

    def register(self, fd: int, flags: int, /) -> None:
        pass

    def modify(self, fd: int, flags: int, /) -> None:
        pass

    def unregister(self, fd: int, /) -> None:
        if self.refusal is not None:
            raise self.refusal

    def poll(self, timeout: float | None, maxevents: int, /) -> list[tuple[int, int]]:
        self.asked.append((timeout, maxevents))
        return []

    def fileno(self) -> int:
        raise NotImplementedError

    def close(self) -> None:
        pass


class ScriptedPoll:
    """A poll object that is played: it writes down how long it may wait."""

    def __init__(self) -> None:
        self.asked: list[float | None] = []

    def register(self, fd: int, flags: int, /) -> None:
        pass

    def modify(self, fd: int, flags: int, /) -> None:
        pass

    def unregister(self, fd: int, /) -> None:
        pass

    def poll(self, timeout: float | None, /) -> list[tuple[int, int]]:
        self.asked.append(timeout)
        return []
