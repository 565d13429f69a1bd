"""The built-in scenarios: where they are, and in which order they are best read.

They lie in the folder ``scenarios``, beside the package in a checkout and inside it in an installed wheel.
This module is read by ``bpstep list``, so it imports nothing that is slow to load.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True)
class Entry:
    """A built-in scenario, as a list shows it."""

    name: str
    title: str
    summary: str
    lesson: str


@cache
def scenario_folder() -> Path:
    """The folder of the built-in scenarios."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


@cache
def builtin_names() -> tuple[str, ...]:
    """The names, in reading order; those that no lesson names come last."""
    there = {path.stem for path in scenario_folder().glob("*.toml")}
    ordered = [name for _, names in LESSONS for name in names if name in there]
    return (*ordered, *sorted(there - set(ordered)))


def builtin_path(name: str) -> Path:
    """The file of a built-in scenario."""
    return scenario_folder() / f"{name}.toml"


def entries() -> list[Entry]:
    """All built-in scenarios, in reading order."""
    lesson_of = {name: lesson for lesson, names in LESSONS for name in names}
    return [
        Entry(name, *_heading(builtin_path(name)), lesson_of.get(name, _MORE)) for name in builtin_names()
    ]


def _heading(path: Path) -> tuple[str, str]:
    """Title and summary: they stand before the first table, so only that much is parsed."""
    lines: list[str] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith(("[", "story")):
                break
            lines.append(line)
    try:
        head = tomllib.loads("".join(lines))
    except tomllib.TOMLDecodeError:
        return path.stem, ""
    return str(head.get("title", path.stem)), str(head.get("summary", ""))
