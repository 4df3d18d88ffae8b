"""Every operation that can park, cancelled at every moment of it, and there is a case of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cancellation import (
    of_connecting,
    of_programs,
    of_serving,
    of_streams,
    of_sync,
    of_tasks,
    of_tls,
)
from tests.cancellation.case import Case, cases_of
from tests.cancellation.every_moment import cancelled_everywhere
from tests.cancellation.trial import as_async_def, as_generator
from tests.project.api import api
from tests.project.test_cancellation import HOOKS, like, told

CASES = cases_of(of_tasks, of_sync, of_streams, of_connecting, of_serving, of_tls, of_programs)
SHORT = [one for one in cases_of(of_tasks, of_sync, of_connecting, of_serving) if not one.real_time]
LONG = cases_of(of_streams, of_tls)
REAL = [one for one in CASES if one.real_time]


@pytest.mark.parametrize("form", [as_generator, as_async_def])
@pytest.mark.parametrize("case", SHORT, ids=lambda case: case.name)
def test_cancelled_at_any_moment_nothing_is_lost_or_left(
    case: Case, form: Any, seed: int | None
) -> None:
    cancelled_everywhere(case, form, seed)


@pytest.mark.parametrize("case", LONG, ids=lambda case: case.name)
def test_cancelled_at_any_moment_no_bytes_are_lost_or_left(case: Case, seed: int | None) -> None:
    cancelled_everywhere(case, as_generator, seed)


@pytest.mark.parametrize("case", REAL, ids=lambda case: case.name)
def test_cancelled_at_any_moment_nothing_is_lost_or_left_in_real_time(case: Case) -> None:
    cancelled_everywhere(case, as_async_def)


# -- of each there is a case


def _tried() -> set[str]:
    return {operation for case in CASES for operation in case.operations}


@pytest.mark.once
def test_every_operation_has_a_case() -> None:
    tried = _tried()
    of_kinds = {like(operation) for operation in tried}

    assert sorted(api().operations() - HOOKS - tried - of_kinds) == []


@pytest.mark.once
def test_every_row_of_the_table_has_a_case_and_every_case_a_row() -> None:
    assert {
        like(operation) if operation not in told() else operation for operation in _tried()
    } == told()
