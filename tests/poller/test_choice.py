"""default_poller: the best that each system has."""

from __future__ import annotations

import select

import pytest

from reactor.poller import (
    EpollPoller,
    KqueuePoller,
    Poller,
    PollPoller,
    SelectPoller,
    default_poller,
    poller_named,
)
from tests.poller.kqueue_standin import KqueueStandIn
from tests.poller.scripted import ScriptedEpoll

MECHANISMS = {"epoll": ScriptedEpoll, "kqueue": KqueueStandIn().kqueue, "poll": select.poll}


@pytest.mark.parametrize(
    ("system", "kind"),
    [
        (["epoll", "poll"], EpollPoller),  # Linux
        (["kqueue", "poll"], KqueuePoller),  # macOS, the BSDs
        (["poll"], PollPoller),
        ([], SelectPoller),
    ],
)
def test_each_system_gets_the_best_that_it_has(
    monkeypatch: pytest.MonkeyPatch, system: list[str], kind: type[Poller]
) -> None:
    for name, mechanism in MECHANISMS.items():
        monkeypatch.delattr(select, name, raising=False)
        if name in system:
            monkeypatch.setattr(select, name, mechanism, raising=False)
    with default_poller() as poller:
        assert type(poller) is kind


def test_here_it_is_what_the_standard_library_would_choose() -> None:
    best = next((name for name in ("epoll", "kqueue", "poll") if hasattr(select, name)), "select")
    with default_poller() as chosen, poller_named(best) as named:
        assert type(chosen) is type(named)


def test_each_call_makes_a_new_one() -> None:
    with default_poller() as one, default_poller() as other:
        assert one is not other


@pytest.mark.parametrize(("name", "kind"), [("select", SelectPoller), ("poll", PollPoller)])
def test_a_mechanism_can_be_asked_for_by_name(name: str, kind: type[Poller]) -> None:
    with poller_named(name) as poller:
        assert type(poller) is kind


def test_a_name_that_nobody_knows_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        ValueError, match=r"^no poller is called 'iocp'; give one of select, poll, epoll, kqueue"
    ):
        poller_named("iocp")


def test_a_mechanism_that_this_system_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MECHANISMS:
        monkeypatch.delattr(select, name, raising=False)
        with pytest.raises(OSError, match=f"this system has no {name}"):
            poller_named(name)
