"""Where a description starts: one step, located, with the numbers of its batch at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bpstep.engine.cells import Cell
from bpstep.engine.describe.partial import PartialSums
from bpstep.engine.graph import Vector
from bpstep.engine.passes import Pass
from bpstep.engine.schedule import Piece
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor, Step, When

__all__ = ["At", "Update", "before", "numbered", "placed"]


@dataclass(frozen=True, eq=False)
class Update:
    """What the update at the end of a batch did, flat arrays like the parameters.

    ``number`` counts the updates from 1; ``states`` and ``new_states`` are the optimizer's arrays before
    and after.
    """

    number: int
    states: list[Array]
    new_states: list[Array]
    parameters: Array


@dataclass(frozen=True, slots=True)
class At:
    """One step on its way to be described: which it is, and where its numbers are."""

    numbers: Pass
    sums: PartialSums
    update: Update | None
    number: int
    when: When
    sample: int
    row: int
    piece: Piece
    within: int

    def on(self, row: int) -> At:
        """The same step, looked at from another row."""
        return replace(self, row=row)

    def value(self, vector: Vector, row: int) -> float:
        """A value of this sample."""
        return float(self.numbers.values[vector.id][self.sample, row])

    def parameter(self, vector: Vector, row: int, column: int = 0) -> Factor:
        """A weight or a bias as it stands in this batch."""
        place = (row, column) if vector.kind == "w" else row
        return Factor(vector.cell(row, column), float(self.numbers.values[vector.id][place]))

    def step(
        self,
        op: str,
        cell: Cell,
        sign: str,
        value: float,
        inputs: tuple[Factor, ...],
        template: str,
        *,
        was: float | None = None,
        part: tuple[int, int] | None = None,
        product: float | None = None,
        upstream: Factor | None = None,
        local: Factor | None = None,
        because: str = "",
    ) -> Step:
        return Step(
            self.number, self.when, op, cell, sign, was, float(value), part, inputs, template, upstream, local,
            None if product is None else float(product), because,
        )  # fmt: skip


def before(sums: Array, k: int) -> float | None:
    """What stood in the cell before contribution ``k`` (from 0); None before the first."""
    return float(sums[k - 1]) if k else None


def numbered(text: str, readable: Mapping[str, Factor]) -> tuple[tuple[Factor, ...], str]:
    """The factors that a text with names reads, in that order, and the text with numbered places for the names."""
    used = sorted((name for name in readable if f"{{{name}}}" in text), key=lambda n: text.index(f"{{{n}}}"))
    return placed(text, {name: readable[name] for name in used})


def placed(text: str, readable: Mapping[str, Factor]) -> tuple[tuple[Factor, ...], str]:
    """All these factors in their own order, and the text with numbered places for their names."""
    return tuple(readable.values()), text.format(
        **{name: f"{{{place}}}" for place, name in enumerate(readable)}
    )
