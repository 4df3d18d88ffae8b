"""Alarm: the deadlines of the scopes that a task is in.

Law of this file: a task has one timer, however many deadlines its scopes have. It rings at the
earliest or before, and is not touched when a scope is left, which costs nothing then.
"""

from __future__ import annotations

from math import inf
from typing import Any

from .task import Task


def ring_by(task: Task[Any], deadline: float) -> None:
    """Have task's alarm ring at deadline or before."""
    if task.alarm is not None:
        if task.alarm.when <= deadline:
            return
        task.alarm.cancel()
    task.alarm = task.reactor.call_at(deadline, _ring, task)


def _ring(task: Task[Any]) -> None:
    """Cancel what is late of task's scopes, outermost first; set the alarm for the next."""
    task.alarm = None
    now, soonest = task.reactor.now(), inf
    late: list[Any] = []
    scope: Any = task.scope  # a Scope, which stands above this file
    while scope is not None and scope.host is task:
        if not scope.cancelling:  # else that, or what is around it, was first
            if scope.deadline <= now:
                late.append(scope)
            else:
                soonest = min(soonest, scope.deadline)
        scope = scope.parent
    if soonest < inf:
        ring_by(task, soonest)
    for scope in reversed(late):
        scope.cancel()
