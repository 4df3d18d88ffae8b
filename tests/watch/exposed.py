"""A reader of the text format 0.0.4 that forgives nothing.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
HEAD = re.compile(rf"# (HELP|TYPE) ({NAME})(?: (.*))?")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
NUMBER = re.compile(r"NaN|[+-]Inf|[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
KINDS = {"counter", "gauge", "histogram", "summary", "untyped"}


@dataclass
class Metric:
    """What stands under one name: samples by the suffix of their name and their labels."""

    kind: str = "untyped"
    text: str = ""
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = field(default_factory=dict)


def read(text: str) -> dict[str, Metric]:
    """Return what text says, by name. Raises AssertionError where the format does not allow it."""
    assert text.endswith("\n"), "the last line ends with a line feed"
    metrics: dict[str, Metric] = {}
    last = ""
    for line in text.split("\n")[:-1]:
        assert line == line.strip(), f"{line!r} begins or ends with a blank"
        if line.startswith("#"):
            last = _head(line, metrics)
        elif line:
            _sample(line, metrics, last)
    for name, metric in metrics.items():
        if metric.kind == "histogram":
            _check_histogram(name, metric)
    return metrics


def _head(line: str, metrics: dict[str, Metric]) -> str:
    found = HEAD.fullmatch(line)
    assert found, f"{line!r} is neither HELP nor TYPE"
    what, name, rest = found[1], found[2], found[3] or ""
    metric = metrics.setdefault(name, Metric())
    assert not metric.samples, f"{what} of {name} comes after its samples"
    if what == "TYPE":
        assert rest in KINDS, f"{rest!r} is no type"
        metric.kind = rest
    else:
        assert not metric.text, f"{name} has HELP twice"
        assert not re.search(r"\\[^\\n]|\\$", re.sub(r"\\\\", "", rest)), (
            f"{rest!r} is escaped wrong"
        )
        metric.text = _unescaped(rest)
    return name


def _sample(line: str, metrics: dict[str, Metric], last: str) -> None:
    found = SAMPLE.fullmatch(line)
    assert found, f"{line!r} is no sample"
    name, labels, value = found[1], found[2], found[3]
    assert NUMBER.fullmatch(value), f"{value!r} is no number"
    suffix = name.removeprefix(last)
    assert name.startswith(last), f"{name} stands among the samples of {last}"
    allowed = {"_bucket", "_sum", "_count"} if metrics[last].kind == "histogram" else {""}
    assert suffix in allowed, f"{name} is no sample of a {metrics[last].kind}"
    key = suffix, _labels(labels)
    assert key not in metrics[last].samples, f"{line!r} stands twice"
    metrics[last].samples[key] = float(value.replace("Inf", "inf"))


def _labels(text: str | None) -> tuple[tuple[str, str], ...]:
    labels: list[tuple[str, str]] = []
    at = 0
    while text and at < len(text):
        found = LABEL.match(text, at)
        assert found, f"{text[at:]!r} is no label"
        labels.append((found[1], _unescaped(found[2])))
        at = found.end()
    assert len(dict(labels)) == len(labels), f"{text!r} has a label twice"
    return tuple(sorted(labels))


def _unescaped(text: str) -> str:
    meant = {"\\\\": "\\", "\\n": "\n", '\\"': '"'}
    return re.sub(r'\\[\\n"]', lambda found: meant[found[0]], text)


def _check_histogram(name: str, metric: Metric) -> None:
    buckets = [
        (float(dict(labels)["le"].replace("Inf", "inf")), count)
        for (suffix, labels), count in metric.samples.items()
        if suffix == "_bucket"
    ]
    assert buckets == sorted(buckets), f"the buckets of {name} do not grow"
    assert buckets[-1][0] == math.inf, f"{name} has no bucket for all"
    assert buckets[-1][1] == metric.samples["_count", ()], (
        f"{name} counts what it has no bucket for"
    )
    assert ("_sum", ()) in metric.samples, f"{name} has no sum"
