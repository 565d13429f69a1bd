"""The sorts of operations over arrays through functions: what is computed, and how a step reads.

===============  =====================================  =====================
operation        computes                               steps of a cell
===============  =====================================  =====================
`CellByCell`     a function, with broadcasting          one
`Largest`        ``max``, ``max_pool``                  one
`Shares`         ``softmax``                            one
`Choice`         ``where``                              one
`Detached`       ``detach``: goes on, but not back      one
`CostOf`         a cost, summed over all cells          one
===============  =====================================  =====================

Those that add up terms are in `bpstep.engine.array_sums`; which cells an operation reads, its `Meeting` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import ClassVar

import numpy as np

from bpstep.engine import cells
from bpstep.engine.array_sums import Met
from bpstep.engine.costs import Cost
from bpstep.engine.functions import Function, constant_text
from bpstep.engine.operation import ShareOf
from bpstep.engine.softmax import WRITTEN_OUT, powers_and_total, share_of
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor
from bpstep.engine.sums import ordered_sum, running_sum
from bpstep.engine.vectors import Reader, Said, Values, Vector
from bpstep.engine.wording import applied
from bpstep.lazily import dataclass

__all__ = ["CellByCell", "Choice", "CostOf", "Detached", "Largest", "Shares"]


# --- cell by cell ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CellByCell(Met):
    """A function of the table applied cell by cell.  ``over`` are its operands: sources by their number, constants."""

    of: Function = field(kw_only=True)
    over: tuple[int | float, ...] = field(kw_only=True)

    @property
    def function(self) -> Function:
        return self.of

    @property
    def operands(self) -> tuple[Vector | float, ...]:
        """Of an operand that is taken from several vectors, the first of them."""
        return tuple(
            operand if isinstance(operand, float) else self.meeting.sources[operand].vectors[0]
            for operand in self.over
        )

    def value(self, values: Values) -> Array:
        return self.of.value(*self.meeting.arguments(values, self.over))

    def said(self, read: Reader, i: int, k: int) -> Said:
        return applied(self.of, self.meeting.read_each(read, self.over, i))


@dataclass(frozen=True, eq=False)
class Choice(Met):
    """``where(mask, A, B)``: A where the mask is not 0, else B.  The mask is source 0; the sides are sources by their
    number, or constants."""

    sides: tuple[int | float, int | float] = field(kw_only=True)

    def value(self, values: Values) -> Array:
        a, b = self.meeting.arguments(values, self.sides)
        return np.where(self.meeting.one_each(values, 0) != 0.0, a, b)

    def said(self, read: Reader, i: int, k: int) -> Said:
        mask = read(*self.meeting.cell(0, i, 0))
        side = self.sides[0] if mask.value != 0.0 else self.sides[1]
        if isinstance(side, float):
            return Said(constant_text(side), {"m": mask}, all_read=True)
        return Said("{a}", {"a": read(*self.meeting.cell(side, i, 0)), "m": mask}, all_read=True)


@dataclass(frozen=True, eq=False)
class Detached(Met):
    """``detach``: the value goes on, and no derivative comes back."""

    is_held: ClassVar[bool] = True

    def value(self, values: Values) -> Array:
        return self.meeting.one_each(values, 0).copy()

    def said(self, read: Reader, i: int, k: int) -> Said:
        return Said("{a}", {"a": read(*self.meeting.cell(0, i, 0))})


# --- what looks at several cells at once -------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Largest(Met):
    """The largest of some cells."""

    def value(self, values: Values) -> Array:
        found: Array = np.max(self.meeting.numbers(values, 0, missing=-np.inf), axis=2)
        return found

    def said(self, read: Reader, i: int, k: int) -> Said:
        """Of many cells only the one that it is."""
        met = [read(*self.meeting.cell(0, i, int(term))) for term in self.meeting.own_terms(i)]
        names = {f"a{n}": cell for n, cell in enumerate(met)}
        if len(met) > WRITTEN_OUT:
            best = next(
                (name for name, cell in names.items() if cell.value == max(c.value for c in met)), "a0"
            )
            return Said(f"{{{best}}}", {best: names[best]})
        text = "{a0}"
        for name in list(names)[1:]:
            text = f"max({text}, {{{name}}})"
        return Said(text, names, all_read=True)


@dataclass(frozen=True, eq=False)
class Shares(Met):
    """``softmax`` over an axis: exp of a cell over the sum of exp of its group."""

    def value(self, values: Values) -> Array:
        # (samples, heads, cells of the group), the head's own among them
        groups = self.meeting.numbers(values, 0)
        powers, total = powers_and_total(groups)
        own = self.meeting.index[0] == np.arange(self.head.size)[:, np.newaxis]
        found: Array = powers[:, own] / total
        return found

    def said(self, read: Reader, i: int, k: int) -> Said:
        numbers = self.meeting.index[0][i].tolist()
        met = [read(*self.meeting.cell(0, i, term)) for term in range(len(numbers))]
        return Said(*share_of(met, numbers.index(i)))

    def share(self, i: int) -> ShareOf:
        numbers = self.meeting.index[0][i].tolist()
        return ShareOf([self.meeting.cell(0, i, term) for term in range(len(numbers))], numbers.index(i))


@dataclass(frozen=True, eq=False)
class CostOf(Met):
    """A cost, with its terms added up over all cells.  The outputs are source 0, the targets source 1."""

    cost: Cost = field(kw_only=True)

    def _terms(self, values: Values) -> Array:
        y, t = (self.meeting.numbers(values, source)[:, 0] for source in (0, 1))
        return self.cost.term(y, t, self.meeting.terms)

    def value(self, values: Values) -> Array:
        return ordered_sum(np.ascontiguousarray(self._terms(values).T))[:, np.newaxis]

    def said(self, read: Reader, i: int, k: int) -> Said:
        """All terms; of many, their sum as one number."""
        count, met = self.meeting.terms, self._met(read)
        if count > WRITTEN_OUT:
            outputs, targets = (np.array([cell.value for cell in side]) for side in zip(*met, strict=True))
            total = running_sum(self.cost.term(outputs, targets, count))[-1]
            return Said(
                "{all}", {"all": Factor(cells.total(f"{self.cost.name}, {count} terms"), float(total))}
            )
        names: dict[str, Factor] = {}
        texts = []
        for n, (y, t) in enumerate(met):
            names |= {f"y{n}": y, f"t{n}": t}
            text = self.cost.texts_of(t.value, count)[0]
            texts.append(text.replace("{y}", f"{{y{n}}}").replace("{t}", f"{{t{n}}}"))
        return Said(joined(texts), names, all_read=True)

    def _met(self, read: Reader) -> list[tuple[Factor, Factor]]:
        """Each output with its target."""
        every = range(self.meeting.terms)
        return [(read(*self.meeting.cell(0, 0, n)), read(*self.meeting.cell(1, 0, n))) for n in every]

    def addends(self, read: Reader, i: int) -> Sequence[Said]:
        count = self.meeting.terms
        return [Said(self.cost.texts_of(t.value, count)[0], {"y": y, "t": t}) for y, t in self._met(read)]


def joined(texts: Sequence[str]) -> str:
    """Texts of terms as a sum, without those that are 0."""
    first, *others = [text for text in texts if text != "0"] or ["0"]
    return first + "".join(f" - {text[1:]}" if text.startswith("-") else f" + {text}" for text in others)
