"""The sorts of edges through functions: the local derivative is a function's.

    ==============  ==========================  ====================================
    edge            from -> to                  local derivative
    ==============  ==========================  ====================================
    `Pointwise`     y <- e, any function        f'(e), one number a cell
    `CostSlope`     cost <- y                   dC/dy, one number an output
    `Coupled`       y <- e of a softmax layer   the Jacobian, neurons x neurons
    ==============  ==========================  ====================================

Those through sums are in `bpstep.engine.factors`; who uses whom, `bpstep.engine.incidence` says.  To add a sort, write
a class that answers the questions of `bpstep.engine.edge.Edge`, and let an operation have it;
`tests/engine/test_new_edge.py` adds one, every second cell of a vector, that nobody else knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any, ClassVar

import numpy as np

from bpstep.engine.costs import Cost
from bpstep.engine.edge import Edge
from bpstep.engine.functions import Function
from bpstep.engine.incidence import Dense, OfOne, Own
from bpstep.engine.softmax import exponents, jacobian
from bpstep.engine.specs import Array
from bpstep.engine.vectors import CellNumber, Mask, Reader, Said, Values, Vector, arguments
from bpstep.engine.wording import slope_of_cost, slope_of_function, slope_of_share
from bpstep.lazily import dataclass

__all__ = ["CostSlope", "Coupled", "OfFunction", "Pointwise"]


@dataclass(frozen=True, eq=False)
class OfFunction(Edge):
    """An edge to operand ``which`` (from 0) of a function that is applied cell by cell.  ``operands`` are all of its
    operands, as the sort of edge knows them; a constant is a number."""

    of: Function = field(kw_only=True)
    which: int = field(default=0, kw_only=True)
    operands: tuple[Any, ...] = field(kw_only=True)

    @property
    def role(self) -> str:  # type: ignore[override]
        """An activation has an f′ that one could forget, and so has whatever is not linear."""
        return "activation" if self.tail.kind == "e" or not self.of.linear else ""

    @property
    def function(self) -> Function:
        return self.of

    @property
    def operand(self) -> int:
        return self.which

    @property
    def text(self) -> str:
        return self.of.partial_text(
            self.which, tuple(o if isinstance(o, float) else "" for o in self.operands)
        )

    def arguments(self, values: Values) -> list[Array]:
        """The operands' numbers at each local derivative."""
        raise NotImplementedError

    def results(self, values: Values) -> Array:
        """The function's values there."""
        raise NotImplementedError

    def changed_operand(self, operand: Any, changed: Sequence[Mask]) -> Mask:
        """Whether an operand is changed, at each local derivative."""
        raise NotImplementedError

    def changed_result(self, changed: Sequence[Mask]) -> Mask:
        """Whether the function's value is changed, there."""
        raise NotImplementedError

    def reads(self, changed: Sequence[Mask]) -> Mask:
        """A local derivative depends on what its text names."""
        text, result = self.text, self.changed_result(changed)
        found = result if "{y}" in text else np.zeros_like(result)
        for letter, operand in zip("ab", self.operands, strict=False):
            if not isinstance(operand, float) and f"{{{letter}}}" in text:
                found = found | self.changed_operand(operand, changed)
        return found

    def local(self, values: Values) -> Array:
        y = self.results(values)
        found = self.of.partials[self.which](y, *self.arguments(values))
        return found if found.shape == y.shape else np.broadcast_to(found, y.shape)

    def sides(self, values: Values) -> Array | None:
        if not self.of.at_kinks or self.of.name == "pow":
            return None
        a, *rest = self.arguments(values)
        return np.sign(a - (rest[0] if rest else 0.0))


@dataclass(frozen=True, eq=False)
class Pointwise(OfFunction, Own):
    """The same of single numbers, or of a layer: f'(e), or d(u*v)/du of an expression."""

    operands: tuple[Vector | float, ...] = field(kw_only=True)

    @property
    def place(self) -> int:
        places = [k for k, operand in enumerate(self.operands) if operand is self.tail]
        return places.index(self.which) + 1 if len(places) > 1 else 0

    def arguments(self, values: Values) -> list[Array]:
        return arguments(self.operands, values)

    def results(self, values: Values) -> Array:
        return values[self.head.id]

    def changed_operand(self, operand: Vector, changed: Sequence[Mask]) -> Mask:
        return changed[operand.id]

    def changed_result(self, changed: Sequence[Mask]) -> Mask:
        return changed[self.head.id]

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        return slope_of_function(self.of, self.which, read(self.head, i), read.each(self.operands, j))


@dataclass(frozen=True, eq=False)
class CostSlope(OfOne):
    """From the cost, which has one cell, to the outputs.  ``targets`` is the vector of targets."""

    cost: Cost = field(kw_only=True)
    targets: Vector = field(kw_only=True)
    role: ClassVar[str] = "cost"

    def local(self, values: Values) -> Array:
        y = values[self.tail.id]
        return self.cost.slope(y, values[self.targets.id], y.shape[1])

    def reads(self, changed: Sequence[Mask]) -> Mask:
        found: Mask = changed[self.tail.id] | changed[self.targets.id]
        return found

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        return slope_of_cost(self.cost, read(self.tail, j), read(self.targets, j), self.tail.size)

    def sides(self, values: Values) -> Array | None:
        return self.cost.sides(values[self.tail.id], values[self.targets.id])


@dataclass(frozen=True, eq=False)
class Coupled(Dense):
    """From the outputs of a softmax layer to its net inputs: every output hears every net input."""

    role: ClassVar[str] = "activation"
    couples: ClassVar[bool] = True

    def local(self, values: Values) -> Array:
        return jacobian(values[self.head.id])

    def slopes(self, local: Array, i: CellNumber, j: CellNumber) -> Array:
        found: Array = local[:, i, j]
        return found

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        # (samples, k) and (samples, k, j) -> (k, samples, j)
        return np.ascontiguousarray(times(upstream[:, :, np.newaxis], local).transpose(1, 0, 2))

    def diagonal(self, numbers: Array) -> Array:
        """Of softmax, the identity matrix times the numbers."""
        identity: Array = np.eye(self.tail.size)[np.newaxis]
        found: Array = identity * numbers[:, np.newaxis, :]
        return found

    def reads(self, changed: Sequence[Mask]) -> Mask:
        y = changed[self.head.id]
        found: Mask = y[:, np.newaxis] | y
        return found

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        return slope_of_share(
            i, j, lambda k: read(self.head, k), lambda k: read(self.tail, k),
            lambda k: exponents(self.tail, read, k), in_order=in_order,
        )  # fmt: skip
