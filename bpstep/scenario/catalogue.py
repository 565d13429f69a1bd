"""The built-in scenarios: where they are, and in which order they are best read.

They lie in the folder ``scenarios``, beside the package in a checkout and inside it in an installed wheel.
This module is read by ``bpstep list``, so it imports nothing that is slow to load.
"""

from __future__ import annotations

import os
from collections import namedtuple
from functools import cache

TYPE_CHECKING = False  # `typing` and `pathlib` are slow to load, and a list needs neither
if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LESSONS", "Entry", "builtin_names", "builtin_path", "entries", "scenario_folder"]

#: The lessons, in reading order: the names of scenarios, and each one's point in at most 30 characters.
LESSONS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "chain rule",
        {
            "chain-rule": "y = e^{sin(x²)}",
            "fan-out": "a value used twice",
        },
    ),
    (
        "one neuron",
        {
            "one-neuron": "e, s(e), s′(e), δ",
            "bias-as-weight": "a weight on a constant 1",
            "saturated": "f′ near 0",
            "dead-relu": "a gradient that stays 0",
        },
    ),
    (
        "a network",
        {
            "mazur-2-2-2": "the most-read worked example",
            "article-2-3-2-1": "its rule and the right one",
            "article-linear": "where the two agree",
            "article-turned": "a gradient turned by 60°",
            "where-is-the-back-propagation": "paths against one sweep",
            "softmax": "why δ = y − t",
            "vanishing": "how δ shrinks with depth",
            "residual-chain": "connections past the blocks",
            "whose-fault": "yours: the first wrong number",
        },
    ),
    (
        "training",
        {
            "xor": "until it is solved",
            "xor-direct": "one hidden unit",
            "symmetry": "equal weights stay equal",
            "batch-or-online": "when the gradients reset",
            "no-reset": "what zero_grad is for",
            "momentum": "the state of an optimizer",
            "adam": "every parameter its own step",
            "explode": "a learning rate that diverges",
            "clipping": "of a gradient, of a value",
        },
    ),
    (
        "programs over arrays",
        {
            "micrograd-neuron": "operation by operation",
            "bptt": "one W, four uses",
            "lstm-cell": "the way that does not fade",
            "errata-lstm": "a printed gradient, truncated",
            "gru-cell": "two gates, one state",
            "convolution": "one kernel, nine places",
            "convolution-channels": "channels, stride, padding",
            "max-pool": "only the winner hears",
            "batch-norm": "mean and variance answer",
            "layer-norm": "each token by itself",
            "attention": "a softmax in the middle",
            "embedding": "rows that are looked up",
            "residual": "the way around",
        },
    ),
    (
        "real size",
        {
            "deep-784-128-10": "307 035 steps a sample",
            "char-rnn": "2 million steps a pass",
            "lenet": "a digit of 28×28",
        },
    ),
)

_MORE = "more"


class Entry(namedtuple("Entry", "name title summary lesson point")):
    """A built-in scenario, as a list shows it; ``point`` is its title in a few words."""

    name: str
    title: str
    summary: str
    lesson: str
    point: str


@cache
def _folder() -> str:
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = os.path.join(package, "scenarios")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "scenarios")


def scenario_folder() -> Path:
    """The folder of the built-in scenarios."""
    from pathlib import Path

    return Path(_folder())


@cache
def builtin_names() -> tuple[str, ...]:
    """The names, in reading order; those that no lesson names come last."""
    there = {name.removesuffix(".toml") for name in os.listdir(_folder()) if name.endswith(".toml")}
    ordered = [name for _, names in LESSONS for name in names if name in there]
    return (*ordered, *sorted(there - set(ordered)))


def builtin_path(name: str) -> Path:
    """The file of a built-in scenario."""
    return scenario_folder() / f"{name}.toml"


def entries() -> list[Entry]:
    """All built-in scenarios, in reading order."""
    place = {name: (lesson, point) for lesson, points in LESSONS for name, point in points.items()}
    return [
        Entry(name, *(head := _heading(name)), *place.get(name, (_MORE, head[0]))) for name in builtin_names()
    ]


def _heading(name: str) -> tuple[str, str]:
    """Title and summary: plain strings on lines of their own at the head of each shipped file (tests see to it)."""
    found = {"title": name, "summary": ""}
    with open(os.path.join(_folder(), f"{name}.toml"), encoding="utf-8") as file:
        for line in file:
            key, equals, value = line.partition("=")
            if line.startswith(("[", "story")):
                break
            if equals and key.strip() in found:
                found[key.strip()] = value.strip().strip('"')
    return found["title"], found["summary"]
