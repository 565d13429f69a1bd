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

#: The lessons, in reading order.
LESSONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("chain rule", ("chain-rule", "fan-out")),
    ("one neuron", ("one-neuron", "bias-as-weight", "saturated", "dead-relu")),
    (
        "a network",
        (
            "mazur-2-2-2", "article-2-3-2-1", "article-linear", "where-is-the-back-propagation",
            "softmax", "vanishing",
        ),
    ),
    (
        "training",
        ("xor", "xor-direct", "symmetry", "batch-or-online", "momentum", "adam", "explode"),
    ),
    ("real size", ("deep-784-128-10",)),
)  # fmt: skip

_MORE = "more"


class Entry(namedtuple("Entry", "name title summary lesson")):
    """A built-in scenario, as a list shows it."""

    name: str
    title: str
    summary: str
    lesson: str


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
    lesson_of = {name: lesson for lesson, names in LESSONS for name in names}
    return [Entry(name, *_heading(name), lesson_of.get(name, _MORE)) for name in builtin_names()]


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
