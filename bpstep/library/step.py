"""A step, as a program is handed it: numbers to go on with, and the words that the screen has for it.

>>> from bpstep.library.opening import load
>>> step = load("mazur-2-2-2").until("delta[h1]")
>>> step
<step 37: d(e[h1]) += d(y[h1]) * d(y[h1], e[h1]) = 0.008771>
>>> step.upstream, step.local
(('d(y[h1])', 0.03635030639314468), ('d(y[h1], e[h1])', 0.24130070857232525))
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bpstep.debugger.session import Session
from bpstep.engine.steps import Factor
from bpstep.engine.steps import Step as EngineStep
from bpstep.visible import visible

__all__ = ["Step", "row_of", "standing_at"]

#: How wide the text of a step is, in columns.
_WIDTH = 88

Named = tuple[str, float]


@contextmanager
def standing_at(session: Session, position: int) -> Iterator[Session]:
    """A session whose cursor stands elsewhere for a while."""
    before = session.position
    session.position = position
    try:
        yield session
    finally:
        session.position = before


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """One step of a run: it writes one number.  ``print(step)`` explains it."""

    _session: Session
    _step: EngineStep

    @property
    def number(self) -> int:
        """Which step of the run it is, from 1."""
        return self._step.number

    @property
    def epoch(self) -> int:
        """The epoch, from 1."""
        return self._step.when.epoch

    @property
    def sample(self) -> int:
        """The sample: its number in the scenario, from 1."""
        return self._step.when.sample

    @property
    def phase(self) -> str:
        """``forward``, ``backward`` or ``update``."""
        return self._step.when.phase

    @property
    def op(self) -> str:
        """What kind of step it is: ``term``, ``apply``, ``local``, ``contribute``, ``update`` …"""
        return self._step.op

    @property
    def cell(self) -> str:
        """The name of the number that it writes."""
        return str(self._step.cell)

    @property
    def formula(self) -> str:
        """The step in symbols."""
        return self._step.formula

    @property
    def numbers(self) -> str:
        """The right-hand side in rounded numbers, as one would type it into a calculator."""
        return self._step.numbers

    @property
    def value(self) -> float:
        """What stands in the cell after it, in full."""
        return self._step.value

    @property
    def was(self) -> float | None:
        """What stood in the cell before it; None where nothing did."""
        return self._step.was

    @property
    def inputs(self) -> dict[str, float]:
        """The numbers that it reads, by name."""
        return {str(factor.cell): factor.value for factor in self._step.inputs}

    @property
    def upstream(self) -> Named | None:
        """What comes back from behind, by name and value, where the step is upstream × local; else None."""
        return _named(self._step.upstream)

    @property
    def local(self) -> Named | None:
        """The local derivative of such a step, by name and value; else None."""
        return _named(self._step.local)

    @property
    def part(self) -> tuple[int, int] | None:
        """(k, n): this is contribution k of n to its cell; None where there is only one."""
        part = self._step.part
        return part if part is not None and part[1] > 1 else None

    @property
    def note(self) -> str:
        """What the author of the scenario says to this step; "" for nothing."""
        from bpstep.view.scene.frame import Frame
        from bpstep.view.words.notes import note_text

        with standing_at(self._session, self.number) as session:
            note = session.note
            return "" if note is None else visible(note_text(Frame.of(session), note))

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The explanation, line by line: (text, what it is)."""
        from bpstep.view.words.explain import explain_lines

        with standing_at(self._session, self.number) as session:
            return explain_lines(session, _WIDTH)

    def __str__(self) -> str:
        said = [visible(text) for text, _ in self.lines]
        return "\n".join([*said, *([f"| {self.note}"] if self.note else [])])

    def __repr__(self) -> str:
        return f"<step {self.number}: {self.formula} = {self.value + 0.0:.4g}>"

    def _repr_html_(self) -> str:
        """The step in a notebook: the network where it stands then, and the explanation."""
        from bpstep.library.html import of_session

        note = [(f"| {self.note}", "text")] if self.note else []
        with standing_at(self._session, self.number) as session:
            return of_session(session, [*self.lines, *note])


def _named(factor: Factor | None) -> Named | None:
    return None if factor is None else (str(factor.cell), factor.value)


def row_of(step: EngineStep) -> dict[str, object]:
    """A step as a row of a table: flat, and every row with the same columns."""
    when, (part, parts) = step.when, step.part or (1, 1)
    upstream, local = _named(step.upstream), _named(step.local)
    return {
        "step": step.number, "epoch": when.epoch, "sample": when.sample, "phase": when.phase, "op": step.op,
        "layer": when.layer, "node": when.node, "cell": str(step.cell), "was": step.was, "value": step.value,
        "part": part, "parts": parts, "formula": step.formula, "numbers": step.numbers,
        "upstream": upstream and upstream[0], "upstream_value": upstream and upstream[1],
        "local": local and local[0], "local_value": local and local[1],
    }  # fmt: skip
