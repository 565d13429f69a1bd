"""A scenario: what a file says, checked, and in the engine's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import Node
from bpstep.scenario.problems import Problem

__all__ = ["Note", "Scenario", "Stated"]


@dataclass(frozen=True)
class Note:
    """A few words that belong to a step.

    ``at`` is a cell (when it becomes final), an op, a phase, "start" or "end", as written; ``epoch`` and
    ``sample`` (the number in the file) narrow it down.  ``say`` is the text in pieces: plain text, and
    expressions whose value is filled in at that moment.  ``when`` is a condition over cells that must hold then:
    a note that says "the curve is flat here" is shown only while it is, whatever somebody has changed.  ``text`` and
    ``condition`` are ``say`` and ``when`` as they were written.
    """

    at: str
    say: tuple[str | Node, ...]
    epoch: int | None = None
    sample: int | None = None
    when: Node | None = None
    text: str = ""
    condition: str = ""


@dataclass(frozen=True)
class Stated:
    """What the file of an expression says and its problem does not: the statements as they were written.

    ``ids`` are the inputs that only say which rows are taken, as numbers and lists.
    """

    define: tuple[str, ...]
    ids: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Scenario:
    """A problem, its training, and what its author says about it.

    ``seed`` is the one that replaced the file's own when it was loaded, if one did.  ``warnings`` tell of what can be
    computed but is hardly meant, each with its place in the file.  ``wrt`` is the cell that tangents are taken by where
    the run begins in forward mode; no file says so, but an exercise may.  ``stated`` is there where an expression comes
    from a file.
    """

    name: str
    title: str
    problem: NetworkSpec | ExpressionSpec
    training: TrainingSpec
    summary: str = ""
    story: str = ""
    source: str = ""
    notation: str = "bpstep"
    notes: tuple[Note, ...] = ()
    path: Path | None = None
    seed: int | None = None
    warnings: tuple[Problem, ...] = ()
    wrt: Cell | None = None
    stated: Stated | None = None

    @property
    def kind(self) -> str:
        """``network`` or ``expression``."""
        return "network" if isinstance(self.problem, NetworkSpec) else "expression"
