"""Where a description starts: one step, located, with the numbers of its batch at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from bpstep.engine.blocks import Piece
from bpstep.engine.cells import Cell
from bpstep.engine.describe.partial import PartialSums
from bpstep.engine.passes import Pass
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor, Step, When
from bpstep.engine.update import Update
from bpstep.engine.vectors import Reader, Said

__all__ = ["Here", "before", "numbered", "placed", "put_in_place"]


class Here(NamedTuple):
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
    in_tail: bool

    @property
    def read(self) -> Reader:
        """Reads the values of this sample."""
        return self.numbers.reader(self.sample)

    @property
    def turn(self) -> int:
        """Of a step that gathers over the batch, which of the contributions it makes, from 0."""
        return self.numbers.turn(self.sample, in_tail=self.in_tail) + self.within

    @property
    def cell_and_place(self) -> tuple[int, int]:
        """Of a piece with several steps a cell: the cell's number in its vector, and which of its steps this is."""
        column, place = divmod(self.within, self.piece.per_cell)
        return self.piece.vector.number(self.row, column), place

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


def put_in_place(said: Said) -> tuple[tuple[Factor, ...], str]:
    """The factors that a formula reads, and its text with numbered places for their names."""
    return placed(said.text, said.names) if said.all_read else numbered(said.text, said.names)


def numbered(text: str, readable: Mapping[str, Factor]) -> tuple[tuple[Factor, ...], str]:
    """The factors that a text with names reads, in that order, and the text with numbered places for the names."""
    names, template = _template(text, tuple(readable), all_of_them=False)
    return tuple([readable[name] for name in names]), template


def placed(text: str, readable: Mapping[str, Factor]) -> tuple[tuple[Factor, ...], str]:
    """All these factors in their own order, and the text with numbered places for their names."""
    names, template = _template(text, tuple(readable), all_of_them=True)
    return tuple([readable[name] for name in names]), template


@lru_cache(maxsize=4096)
def _template(text: str, names: tuple[str, ...], *, all_of_them: bool) -> tuple[tuple[str, ...], str]:
    """A text with numbered places for names, and the names in these places.  Most steps read like another."""
    if not all_of_them:
        used = (name for name in names if f"{{{name}}}" in text)
        names = tuple(sorted(used, key=lambda name: text.index(f"{{{name}}}")))
    return names, text.format(**{name: f"{{{place}}}" for place, name in enumerate(names)})
