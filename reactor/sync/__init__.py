"""Floor 3, sync: what tasks of one reactor wait for together."""

from __future__ import annotations

from .signal_receiver import SignalReceiver as SignalReceiver
