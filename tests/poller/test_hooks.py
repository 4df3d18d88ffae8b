"""The four hooks over every mechanism: what a reactor stands on, as MechanismContract has it."""

from __future__ import annotations

import pytest

from reactor.poller import Mechanism, Poller
from reactor.testing import MechanismContract
from tests.pollers import MakePoller, each_poller


@each_poller
class TestEveryPoller(MechanismContract):
    @pytest.fixture(autouse=True)
    def poller_to_try(self, make_poller: MakePoller) -> None:
        self._make_poller = make_poller

    def make(self) -> Mechanism:
        poller: Poller = self._make_poller()
        return poller  # mypy holds the hooks to the protocol
