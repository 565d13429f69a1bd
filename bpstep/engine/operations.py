"""The sorts of operations: what the forward pass computes, in which steps, and how a step reads.

=============  ===============================  ==========================
operation      computes                         steps of a cell
=============  ===============================  ==========================
`WeightedSum`  e of a layer                     a term a source, a bias
`Apply`        y = f(e); a line of an           one
               expression
`Softmax`      y of a softmax layer             one
`CostSum`      the cost of a sample             one an output
`LossSum`      the loss of a batch              one a sample, one for l2
=============  ===============================  ==========================
"""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import ClassVar

import numpy as np

from bpstep.engine import cells
from bpstep.engine.costs import Cost
from bpstep.engine.factors import side_by_side
from bpstep.engine.functions import Function, constant_text
from bpstep.engine.operation import Operation, Part, ShareOf
from bpstep.engine.softmax import WRITTEN_OUT, exponents, softmax
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor
from bpstep.engine.sums import MOST_AT_ONCE, ordered_sum, running_sum
from bpstep.engine.vectors import Entry, Reader, Said, Values, Vector, arguments
from bpstep.engine.wording import applied
from bpstep.lazily import dataclass

__all__ = ["Apply", "CostSum", "LossSum", "Softmax", "WeightedSum"]


@dataclass(frozen=True, eq=False)
class WeightedSum(Operation):
    """e = sum of w * y over the sources, plus b, added up in that order."""

    sources: tuple[Vector, ...]
    weights: Vector
    bias: Vector | None
    is_sum: ClassVar[bool] = True

    def value(self, values: Values) -> Array:
        y = side_by_side(self.sources, values)
        w = values[self.weights.id]
        bias = values[self.bias.id] if self.bias is not None else None
        if y.shape[0] * w.size > MOST_AT_ONCE:
            return np.concatenate([_weighted_sum(w, row, bias) for row in y[:, np.newaxis]])
        return _weighted_sum(w, y, bias)

    @property
    def parts(self) -> tuple[Part, ...]:
        terms = Part("term", self.weights.per_row, self.head.names)
        return (terms,) if self.bias is None else (terms, Part("bias", 1, self.head.names))

    def terms(self, values: Values, sample: int, i: int | slice) -> Array:
        terms: Array = values[self.weights.id][i] * side_by_side(self.sources, values)[sample]
        if self.bias is None:
            return terms
        return np.concatenate([terms, values[self.bias.id][i][..., np.newaxis]], axis=-1)

    def said(self, read: Reader, i: int, k: int) -> Said:
        if k == self.weights.per_row:
            assert self.bias is not None
            return Said("{b}", {"b": read(self.bias, i)})
        weight = read(self.weights, self.weights.number(i, k))
        return Said("{w} * {y}", {"w": weight, "y": read(*self.taken[k])})

    @cached_property
    def taken(self) -> tuple[Entry, ...]:
        """The cell of a source that each term takes."""
        return tuple((source, j) for source in self.sources for j in range(source.size))


def _weighted_sum(w: Array, y: Array, bias: Array | None) -> Array:
    samples, sources = y.shape
    rows = sources + (bias is not None)
    terms = np.empty((rows, samples, w.shape[0]), dtype=w.dtype)
    np.multiply(w.T[:, np.newaxis, :], y.T[:, :, np.newaxis], out=terms[:sources])
    if bias is not None:
        terms[sources] = bias
    return ordered_sum(terms)


@dataclass(frozen=True, eq=False)
class Apply(Operation):
    """A function cell by cell: an activation, or one operation of an expression."""

    of: Function
    over: tuple[Vector | float, ...]

    @property
    def function(self) -> Function:
        return self.of

    @property
    def operands(self) -> tuple[Vector | float, ...]:
        return self.over

    def value(self, values: Values) -> Array:
        return self.of.value(*arguments(self.over, values))

    def said(self, read: Reader, i: int, k: int) -> Said:
        return applied(self.of, read.each(self.over, i))


@dataclass(frozen=True, eq=False)
class Softmax(Operation):
    """Softmax over a layer."""

    net: Vector
    by_row: ClassVar[bool] = False

    def value(self, values: Values) -> Array:
        return softmax(values[self.net.id])

    def share(self, i: int) -> ShareOf:
        return ShareOf([(self.net, k) for k in range(self.net.size)], i)

    def said(self, read: Reader, i: int, k: int) -> Said:
        return Said(*exponents(self.net, read, i))


@dataclass(frozen=True, eq=False)
class CostSum(Operation):
    """The cost of a sample: its terms, one an output, added up in order."""

    cost: Cost
    outputs: Vector
    targets: Vector
    by_term: ClassVar[bool] = True
    is_sum: ClassVar[bool] = True

    def value(self, values: Values) -> Array:
        return ordered_sum(np.ascontiguousarray(self._terms(values).T))[:, np.newaxis]

    def _terms(self, values: Values) -> Array:
        y = values[self.outputs.id]
        return self.cost.term(y, values[self.targets.id], y.shape[1])

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part("cost", 1, self.outputs.names),)

    def terms(self, values: Values, sample: int, i: int | slice) -> Array:
        terms: Array = self._terms(values)[sample]
        return terms

    def said(self, read: Reader, i: int, k: int) -> Said:
        y, t = read(self.outputs, k), read(self.targets, k)
        return Said(self.cost.texts_of(t.value, self.outputs.size)[0], {"y": y, "t": t}, all_read=True)


@dataclass(frozen=True, eq=False)
class LossSum(Operation):
    """The loss of a batch: the costs of its samples, added up or (``mean``) averaged, and l2/2 times the sum of w**2
    over the ``weights``."""

    root: Vector
    mean: bool = field(kw_only=True)
    l2: float = field(kw_only=True)
    weights: tuple[Vector, ...] = field(kw_only=True)
    is_sum: ClassVar[bool] = True

    def value(self, values: Values) -> Array:
        return running_sum(self.terms(values, 0, 0))[-1:]

    def terms(self, values: Values, sample: int, i: int | slice) -> Array:
        cost = values[self.root.id][:, 0]
        terms = cost / len(cost) if self.mean else cost
        if self.weights:
            terms = np.append(terms, self.l2 / 2.0 * self._squared(values))
        return terms

    def _squared(self, values: Values) -> float:
        """The sum of w**2 over all weights, in file order."""
        flat = np.concatenate([values[vector.id].ravel() for vector in self.weights])
        with np.errstate(all="ignore"):
            return running_sum(flat * flat)[-1]  # type: ignore[no-any-return]

    @property
    def parts(self) -> tuple[Part, ...]:
        """A step in every sample; that of l2 is done once a batch."""
        return (Part("reduce", 1, self.head.names),)

    def said(self, read: Reader, i: int, k: int) -> Said:
        """The share of a sample's cost; behind the last, l2 / 2 times the sum of w^2: of many weights, one number."""
        if k < read.samples:
            text = f"{{cost}} / {read.samples}" if self.mean and read.samples > 1 else "{cost}"
            return Said(text, {"cost": read(self.root, 0)})
        names = {"all": Factor(cells.total("w^2"), float(self._squared(read.values)))}
        text = "{all}"
        if sum(vector.size for vector in self.weights) <= WRITTEN_OUT:
            each = [read(vector, j) for vector in self.weights for j in range(vector.size)]
            names = {f"w{place}": factor for place, factor in enumerate(each)}
            text = " + ".join(f"{{{name}}}^2" for name in names)
        return Said(f"{constant_text(self.l2)} / 2 * ({text})", names, all_read=True)
