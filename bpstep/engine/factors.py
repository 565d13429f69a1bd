"""The sorts of edges through sums: of a layer's net inputs, and of the loss.

    ==============  ==========================  ====================================
    edge            from -> to                  local derivative
    ==============  ==========================  ====================================
    `Through`       e <- y of a source          the weights
    `ToWeights`     e <- w                      the source's output y
    `ToBias`        e <- b                      1
    `Share`         loss <- cost                1, or 1/m of the mean over m samples
    `Penalty`       loss <- w                   l2 * w
    ==============  ==========================  ====================================

None of these local derivatives has a step of its own: it is a cell under another name, or a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any, ClassVar

import numpy as np

from bpstep.engine.edge import Edge
from bpstep.engine.functions import constant_text
from bpstep.engine.incidence import Dense, OfOne, Own
from bpstep.engine.specs import Array
from bpstep.engine.vectors import CellNumber, Entry, Mask, Reader, Said, Values, Vector
from bpstep.lazily import dataclass

__all__ = ["Penalty", "Share", "Through", "ToBias", "ToWeights", "side_by_side"]


def side_by_side(vectors: Sequence[Vector], values: Values) -> Array:
    """The values of several sources as one array (samples, sources)."""
    if len(vectors) == 1:
        return values[vectors[0].id]
    return np.concatenate([values[v.id] for v in vectors], axis=1)


# --- through the weighted sum of a layer -------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Through(Dense):
    """From the net inputs of a layer back through its weights, from column ``first`` on, to the outputs of a source."""

    through: Vector = field(kw_only=True)
    first: int = field(kw_only=True)
    role: ClassVar[str] = "weights"
    local_by_sample: ClassVar[bool] = False

    @property
    def weights(self) -> Vector:
        return self.through

    def local(self, values: Values) -> Array:
        return values[self.through.id][:, self.first : self.first + self.tail.size]

    def slopes(self, local: Array, i: CellNumber, j: CellNumber) -> Array:
        found: Array = local[i, j][np.newaxis]
        return found

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        # (samples, k) and (k, j) -> (k, samples, j)
        found: Array = times(upstream.T[:, :, np.newaxis], local[:, np.newaxis, :], order="C")
        return found

    def reads(self, changed: Sequence[Mask]) -> Mask:
        whole = changed[self.through.id].reshape(self.through.shape)
        return whole[:, self.first : self.first + self.tail.size]

    @property
    def is_square(self) -> bool:
        return self.head.size == self.tail.size

    def turned(self, values: Values) -> Array:
        return self.local(values).T

    def stands_for(self, i: int, j: int) -> Entry:
        return self.through, self.through.number(i, self.first + j)


@dataclass(frozen=True, eq=False)
class ToWeights(Edge):
    """From the net inputs of a layer to its weights, a row of them each."""

    sources: tuple[Vector, ...] = field(kw_only=True)
    role: ClassVar[str] = "source"

    def head_of(self, k: CellNumber, j: CellNumber) -> CellNumber:
        return j // self.tail.per_row + 0 * k

    def tails(self, i: int) -> Sequence[int]:
        return range(i * self.tail.per_row, (i + 1) * self.tail.per_row)

    def local(self, values: Values) -> Array:
        return side_by_side(self.sources, values)

    def slopes(self, local: Array, i: CellNumber, j: CellNumber) -> Array:
        found: Array = local[:, j % self.tail.per_row]
        return found

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        # (samples, i) and (samples, column) -> (samples, i, column)
        found: Array = times(upstream[:, :, np.newaxis], local[:, np.newaxis, :], order="C")
        return found

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return np.concatenate([changed[source.id] for source in self.sources])

    def reach(self, changed: Mask) -> Mask:
        found: Mask = np.any(changed.reshape(self.tail.shape), axis=1)
        return found

    def stands_for(self, i: int, j: int) -> Entry:
        _, column = self.tail.place(j)
        for source in self.sources:
            if column < source.size:
                return source, column
            column -= source.size
        raise IndexError(j)


@dataclass(frozen=True, eq=False)
class ToBias(Own):
    """From the net inputs of a layer to its biases: the local derivative is 1."""

    role: ClassVar[str] = "bias"

    def local(self, values: Values) -> Array:
        return np.ones_like(values[self.head.id])

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return np.zeros(self.tail.size, dtype=bool)

    def one_over(self, samples: int) -> int:
        return 1


# --- through the loss of a batch ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Share(OfOne):
    """From the loss to the cost of a sample: 1, or of a ``mean`` 1/m."""

    mean: bool = field(kw_only=True)

    def local(self, values: Values) -> Array:
        samples = len(values[self.tail.id])
        return np.full((samples, 1), 1.0 / self.one_over(samples))

    def one_over(self, samples: int) -> int:
        return samples if self.mean else 1

    def along(self, local: Array, i: CellNumber, j: CellNumber, dot: Any) -> Array:
        """Divided as the costs are: a seventh part is not a seventh times."""
        found: Array = dot / self.one_over(len(local))
        return found

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return np.zeros(1, dtype=bool)


@dataclass(frozen=True, eq=False)
class Penalty(OfOne):
    """From the loss to weights: d(l2/2 * sum of w**2)/dw = l2 * w."""

    l2: float = field(kw_only=True)
    local_by_sample: ClassVar[bool] = False

    def local(self, values: Values) -> Array:
        found: Array = self.l2 * values[self.tail.id]
        return found

    def slopes(self, local: Array, i: CellNumber, j: CellNumber) -> Array:
        found: Array = local.reshape(-1)[j][np.newaxis]
        return found

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        found: Array = times(upstream.reshape(()), local)[np.newaxis]
        return found

    def reads(self, changed: Sequence[Mask]) -> Mask:
        return changed[self.tail.id].reshape(self.tail.shape)

    def said(self, read: Reader, i: int, j: int, *, in_order: bool = False) -> Said:
        return Said(f"{constant_text(self.l2)} * {{w}}", {"w": read(self.tail, j)})
