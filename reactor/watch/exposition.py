"""Exposition: figures as Prometheus reads them, text format 0.0.4.

Law of this file: what is written is what the format allows, or nothing: a name that it does not
know is refused when it is given, and one figure that fails takes no other with it. Source:
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

from reactor.loop import log

CONTENT_TYPE: Final[str] = "text/plain; version=0.0.4; charset=utf-8"
"""What to call the text over HTTP."""

_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")

Labels = Mapping[str, str]
Figure = Callable[[], float]


class Family:
    """Figures of one name: each is asked for when it is written, and told apart by its labels."""

    def __init__(self, name: str, kind: Literal["counter", "gauge"], text: str) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a metric; use letters, digits, _ and :")
        self.name: str = name
        self.kind: str = kind
        self._text = text
        self._figures: dict[str, Figure] = {}  # by their labels as they are written

    def add(self, figure: Figure, labels: Labels) -> None:
        """Add one. Raises ValueError for labels that are taken, or that cannot be."""
        written = _labels(labels)
        if written in self._figures:
            raise ValueError(f"{self.name}{written} is there already; give it other labels")
        self._figures[written] = figure

    def figures(self) -> dict[str, float]:
        """Return the figures, by name and labels. One that fails is logged, and left out."""
        told: dict[str, float] = {}
        for labels, figure in list(self._figures.items()):
            name = f"{self.name}{labels}"
            try:
                told[name] = _plain(figure())
            except Exception as error:
                log().error("%s cannot be told, and is left out", name, exc_info=error)
        return told

    def lines(self) -> Iterator[str]:
        """Write all of it."""
        yield from _head(self.name, self.kind, self._text)
        yield from (f"{name} {number(value)}" for name, value in self.figures().items())


def histogram(
    name: str,
    text: str,
    bounds: Sequence[float],
    counts: Sequence[int],
    total: float,
) -> Iterator[str]:
    """Write a histogram: counts has how many were at most each of bounds and above the one before,
    and last how many were above all; total is the sum of what was counted.
    """
    yield from _head(name, "histogram", text)
    so_far = 0
    for bound, count in zip((*bounds, math.inf), counts, strict=True):
        so_far += count
        yield f'{name}_bucket{{le="{number(bound)}"}} {so_far}'
    yield f"{name}_sum {number(total)}"
    yield f"{name}_count {so_far}"


def number(value: float) -> str:
    """Write a number: as Go reads it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)


def _plain(value: float) -> float:
    """Return what stands for value in any language: True is 1, and a Fraction is a float."""
    as_float = float(value)
    return int(value) if isinstance(value, int) else as_float


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP {name} {escaped}"
    yield f"# TYPE {name} {kind}"


def _labels(labels: Labels) -> str:
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise ValueError(f"{label!r} is no name of a label; use letters, digits and _")
    if not labels:
        return ""
    written = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items())
    return f"{{{written}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
