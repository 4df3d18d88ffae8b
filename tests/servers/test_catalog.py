"""The catalog and what knowing of a room brings in."""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import fields

import pytest

from servers.catalog import FOUNDATIONS, MODELS, Model, find_model
from servers.options import POLLERS, Options
from tests.servers.harness import PROJECT

EVERY = pytest.mark.parametrize("model", MODELS, ids=str)


def test_every_model_is_there_once_and_in_order() -> None:
    numbers = [model.number for model in MODELS]
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(range(1, 10))
    names = [name for model in MODELS for name in (model.name, *model.aliases)]
    assert len(names) == len(set(names))


@EVERY
def test_a_model_is_found_by_number_name_and_alias(model: Model) -> None:
    for wanted in (str(model.number), model.name, model.name.upper(), *model.aliases):
        assert find_model(wanted) is model


@EVERY
def test_a_model_can_be_run_and_has_a_story(model: Model) -> None:
    assert "asyncio" in model.foundations()
    for foundation in model.foundations():
        package = importlib.import_module(model.module(foundation).rpartition(".")[0])
        assert package.__doc__ is not None
        assert package.__doc__.startswith(f"Model {model.number}, {model.name}: ")


@EVERY
def test_a_model_uses_only_options_that_there_are(model: Model) -> None:
    assert set(model.uses) <= {field.name for field in fields(Options)}
    assert model.pinned_poller in (None, *POLLERS)


def test_asyncio_is_the_other_name_of_the_ninth() -> None:
    assert find_model("asyncio").number == 9


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("epol", "did you mean epoll?"),
        ("Coroutine", "did you mean coroutines?"),
        ("10", "there ar"),
    ],
)
def test_a_model_that_is_not_there_is_refused_with_a_hint(wanted: str, hint: str) -> None:
    with pytest.raises(LookupError) as refusal:
        find_model(wanted)
    assert refusal.value.args[0].startswith(f"no model {wanted!r} here; {hint}")


def test_knowing_the_models_brings_in_no_foundation() -> None:
    brought = _modules_after("servers.catalog", "servers.command")
    assert not brought & {
        *FOUNDATIONS,
        *(model.module(on) for model in MODELS for on in FOUNDATIONS),
    }


@EVERY
def test_a_room_on_the_standard_library_brings_in_nothing_of_ours(model: Model) -> None:
    brought = _modules_after(model.module("asyncio"))
    assert "asyncio" in brought
    assert {name for name in brought if name.partition(".")[0] == "reactor"} == set()


def _modules_after(*names: str) -> set[str]:
    program = f"import {', '.join(names)}; import sys; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())
