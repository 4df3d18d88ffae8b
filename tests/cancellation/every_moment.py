"""Every moment: a case is run again and again, and cancelled a moment later each time.

Law of this file: a case goes through first without a cancellation, which shows what it takes; then
with one at each moment, until the operation has ended before that came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NoReturn

from reactor import Reactor, run_in
from reactor.poller import default_poller
from reactor.testing import Network, World
from tests.cancellation.case import Case
from tests.cancellation.leaks import (
    Ledger,
    open_descriptors,
    refuse_children,
    refuse_what_waits,
    suspended,
)
from tests.cancellation.trial import Make, Moment, Trial

LONG: Final = 30.0


@dataclass
class Tally:
    """How often a case parked when nobody cancelled it, at which parks it was cancelled, and how
    often it was cancelled in all.
    """

    parks: int
    struck: set[int] = field(default_factory=set)
    cancellations: int = 0


def cancelled_everywhere(case: Case, form: Callable[[Make], Any], seed: int | None = None) -> Tally:
    """Run case once for each moment at which it can be cancelled. Fails where one of them leaves
    anything behind.
    """
    tally = Tally(run_once(case, form, None, seed).parks)
    assert tally.parks >= case.parks, f"parks {tally.parks} times of {case.parks}: it tries less"
    for soon in (False, True):
        for number in count(1):
            trial = run_once(case, form, Moment(number, soon), seed)
            if not trial.cancelled:
                break
            tally.cancellations += 1
            tally.struck |= trial.struck
    missed = set(range(1, tally.parks + 1)) - tally.struck
    assert not missed or case.real_time, f"it was not cancelled at {missed} of its parks"
    return tally


def run_once(
    case: Case, form: Callable[[Make], Any], moment: Moment | None, seed: int | None
) -> Trial:
    """Run case, cancelled at moment, and fail if anything is left."""
    before = suspended()
    descriptors = open_descriptors()
    trial = Trial(form, moment)
    try:
        _run(case, trial, seed)
        assert trial.lingered <= case.linger or case.real_time, (
            f"cancelled, it took {trial.lingered:g} seconds of {case.linger:g}"
        )
        trial.doors.clear()
        assert open_descriptors() == descriptors, "descriptors are left"
        refuse_children()
        pending = [one for one in suspended() if not any(one is other for other in before)]
        assert pending == [], f"coroutines are left: {pending}"
    except BaseException as error:
        error.add_note(f"in {case.name}, {form.__name__}, cancelled {moment or 'nowhere'}")
        raise
    return trial


def _run(case: Case, trial: Trial, seed: int | None) -> None:
    ledger = Ledger(default_poller())
    if case.real_time:
        with Reactor(ledger, tracer=trial, on_error=_raise) as reactor:
            own = set(ledger.watched)
            trial.reactor = reactor
            limit = reactor.call_later(LONG, _too_late)
            run_in(reactor, case.program, trial)
            limit.cancel()
            refuse_what_waits(reactor, trial, ledger, own)
    else:
        with World(ledger, seed=seed, tracer=trial) as world:
            own = set(ledger.watched)
            trial.reactor = world.reactor
            trial.network = Network(world, latency=0.1, buffer=20_000)
            world.run(case.program, trial)
            refuse_what_waits(world.reactor, trial, ledger, own)


def _too_late() -> NoReturn:
    raise RuntimeError(f"{LONG:g} seconds have passed, and it has not ended")


def _raise(what: object, error: Exception) -> NoReturn:
    raise error
