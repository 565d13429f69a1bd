"""An exercise: a scenario and questions about it, as they were read from a file (`bpstep.exercises.loading`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from bpstep.lazily import dataclass
from bpstep.scenario.problems import Problem, Report

__all__ = ["Exercise", "Item", "Range"]


@dataclass(frozen=True)
class Range:
    """What a varied number may be: ``low``, ``low + step``, ..., up to ``high``."""

    low: float
    high: float
    step: float


@dataclass(frozen=True)
class Item:
    """One question.

    ``ask`` are the cells it is about; ``at`` is where the run stands while it is asked ("" is right before the cell's
    first step).  ``wrong`` are the wrong rules it must tell apart (None: all that change the answer).  ``after`` is
    what is said when it is solved.  ``path`` is its place in the file, for messages.  ``points`` is what it is worth,
    and ``max_tries`` the tries that count (None: any number of them).
    """

    kind: str
    ask: tuple[str, ...] = ()
    prompt: str = ""
    after: str = ""
    wrong: tuple[str, ...] | None = None
    hints: tuple[str, ...] = ()
    rel: float = 0.01
    absolute: float | None = None
    at: str = ""
    max_multiplications: int | None = None
    loss_below: float = 0.0
    updates: int = 0
    path: tuple[str | int, ...] = ()
    points: float = 1.0
    max_tries: int | None = None


@dataclass(frozen=True)
class Exercise:
    """A scenario and its questions; ``id`` is permanent, and so is the place of each question, for progress hangs on
    them.

    ``forward`` names an input or a parameter: the run stands in forward mode, with the tangents by that one.
    ``retired`` is the id of the exercise that took its place, "" of one that is on the path.  A retired exercise is
    not offered and counts for nothing on the path; it is there for the answers that were given to it.
    """

    id: str
    title: str
    scenario: str
    items: tuple[Item, ...]
    skills: tuple[str, ...] = ()
    about: str = ""
    vary: Mapping[str, Range] = field(default_factory=dict)
    forward: str = ""
    file: str = ""
    retired: str = ""
    report: Report | None = None

    def problem(self, path: tuple[str | int, ...], message: str) -> Problem:
        """A problem with a part of the file, with its place."""
        assert self.report is not None
        before = len(self.report.problems)
        self.report.add(path, message)
        return self.report.problems[before]
