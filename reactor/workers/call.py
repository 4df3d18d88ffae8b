"""Call: fn(*args), on its way through a thread.

Law of this file: the task waits here from beginning to end, and a thread that asks for something is
served by that very task: it wakes, does it, answers, parks again. A call has an end: either its
task hears of it, or the task has left, and then what it raises is reported. Whoever leaves answers
the thread that asks, so that it never waits in vain.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from queue import SimpleQueue
from types import GeneratorType
from typing import Any, Final

from reactor.errors import Cancelled, ClosedError, ReactorError, TaskCancelledError
from reactor.loop import Reactor, describe
from reactor.tasks import Scope, Steps, Task, Trap, wait

from .pool import pool_of

_CO_ITERABLE_COROUTINE: Final = 0x100
"""As `inspect` names it, which is slow to import: what @coroutine marks."""

Outcome = tuple[Any, BaseException | None]


class Call(Trap[Any]):
    """A task is parked here while a thread works; it wakes when the thread asks for something, and
    at the end, with the answer.

    With cancellable, the task may leave before the end.
    """

    __slots__ = (
        "_answers",
        "_args",
        "_cancellable",
        "_context",
        "_fn",
        "_outcome",
        "_pool",
        "_reactor",
        "_request",
        "_task",
    )

    def __init__(
        self, reactor: Reactor, fn: Callable[..., Any], args: tuple[Any, ...], cancellable: bool
    ) -> None:
        self._reactor = reactor
        self._pool = pool_of(reactor)
        self._fn = fn
        self._args = args
        self._context = copy_context()
        self._cancellable = cancellable
        self._task: Task[Any] | None = None  # who waits
        self._outcome: Outcome = (None, None)
        self._request: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
        self._answers: SimpleQueue[Outcome] = SimpleQueue()

    # -- in the task

    def steps(self) -> Steps[Any]:
        """Wait to the end, and serve the thread meanwhile."""
        try:
            answer = yield from self
            while self._request is not None:
                yield from self._serve(*self._request)
                with Scope(shield=not self._cancellable):
                    answer = yield from self
            return answer
        finally:
            self.leave()

    def park(self, task: Task[Any]) -> None:
        """Be begun, or stand in line; the next time, go on waiting."""
        if self._task is None:
            self._task = task
            self._pool.take(self)

    def abort(self, task: Task[Any]) -> bool:
        """Leave the line; or leave the thread to itself, if that is allowed."""
        left = self._pool.withdraw(self) or (self._cancellable and self._task is task)
        if left:
            self.leave()
        return left

    def _serve(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Steps[None]:
        """Do what the thread asks for."""
        try:
            answer = fn(*args)
            if _is_operation(answer):
                answer = yield from wait(answer)
        except (GeneratorExit, KeyboardInterrupt):
            raise  # it means this task: leave() tells the thread
        except Cancelled:  # the next park outside of a shield raises it again
            self._answer(None, TaskCancelledError(f"{self!r}: its task was cancelled meanwhile"))
        except BaseException as error:
            self._answer(None, _without_first_frame(error))
        else:
            self._answer(answer, None)

    def _answer(self, answer: object, error: BaseException | None) -> None:
        self._request = None  # before the thread can make the next
        self._answers.put((answer, error))

    def leave(self) -> None:
        """Let the task go on, and refuse what the thread asks for."""
        self._task = None
        if self._request is not None:
            self._answer(None, self._refusal())

    def finish(self) -> None:
        """Answer the task: the thread has ended. Report what it raised if nobody waits."""
        answer, error = self._take()
        if self._task is None:
            if error is not None:
                self._report(error)
        elif error is None:
            self._task.wake(answer)
        else:
            self._task.fail(error)

    def fail(self, error: Exception) -> None:
        """Answer the task: there is no thread for it."""
        self._outcome = (None, error)
        self.finish()

    def _take(self) -> Outcome:
        """Return the outcome, and keep it no longer: its traceback, or the thread, leads here."""
        outcome, self._outcome = self._outcome, (None, None)
        return outcome

    def _report(self, error: BaseException) -> None:
        if not isinstance(error, Exception):
            stray = ReactorError(f"{self!r} raised {error!r}, and nobody could receive it")
            stray.__cause__, error = error, stray
        self._reactor.on_error(self, error)

    # -- in the thread

    def work(self) -> None:
        """Make the call, and keep what came of it."""
        args, self._args = self._args, ()
        try:
            self._outcome = (self._context.run(self._fn, *args), None)
        except StopIteration as stop:
            self._outcome = (None, self._in_place_of(stop))
        except BaseException as error:
            self._outcome = (None, _without_first_frame(error))

    def _in_place_of(self, stop: StopIteration) -> RuntimeError:
        error = RuntimeError(
            f"{self!r} raised StopIteration, which no coroutine can pass on; catch it there"
        )
        error.__cause__ = _without_first_frame(stop)
        return error

    def ask(self, fn: Callable[..., object], args: tuple[Any, ...]) -> Any:
        """Have the task call fn(*args), and return or raise what comes of it."""
        self._request = (fn, args)  # before the look at the task: leave() looks the other way round
        if self._task is None:
            raise self._refusal()
        self._reactor.call_threadsafe(self._wake)
        answer, error = self._answers.get()
        if error is None:
            return answer
        try:
            raise error
        finally:
            del error  # its traceback leads here

    def _wake(self) -> None:
        """The thread asks for something."""
        if self._task is not None:
            self._task.wake()

    def drop(self) -> None:
        """Raise what the call has raised: threading.excepthook tells of it."""
        error = self._take()[1]
        try:
            if error is not None:
                raise error
        finally:
            del error  # its traceback leads here

    def _refusal(self) -> ClosedError:
        return ClosedError(f"{self!r}: its task does not wait any more; do without it")

    def __repr__(self) -> str:
        return f"<Call {describe(self._fn)}{'' if self._task else ', left by its task'}>"


def _is_operation(what: object) -> bool:
    """Tell whether what is to be waited for."""
    return hasattr(type(what), "__await__") or (
        isinstance(what, GeneratorType) and bool(what.gi_code.co_flags & _CO_ITERABLE_COROUTINE)
    )


def _without_first_frame(error: BaseException) -> BaseException:
    """Return error without the frame that caught it: that one leads to the call, and its task."""
    trace = error.__traceback__
    return error.with_traceback(trace and trace.tb_next)
