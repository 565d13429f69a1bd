"""Who uses whom, where it is regular: index arithmetic that several sorts of edges have in common.

    ========  =============================================  ===================
    edge      a cell of the tail is used by                  e.g. from -> to
    ========  =============================================  ===================
    `Own`     the cell of the head with the same number      y <- e
    `OfOne`   the only cell that the head has                cost <- y
    `Dense`   every cell of the head                         e <- y of a source
    ========  =============================================  ===================

Numbers of cells may be whole arrays of them; ``+ 0 * k`` gives a result the shape of both.  What is not regular is
written down pair by pair (`bpstep.engine.array_pairs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpstep.engine.edge import Edge
from bpstep.engine.specs import Array
from bpstep.engine.vectors import CellNumber, Mask
from bpstep.lazily import dataclass

__all__ = ["Dense", "OfOne", "Own"]


@dataclass(frozen=True, eq=False)
class Own(Edge):
    """An edge on which a cell of the head uses the cell of the tail with the same number."""

    def head_of(self, k: CellNumber, j: CellNumber) -> CellNumber:
        return j + 0 * k

    def tails(self, i: int) -> Sequence[int]:
        return (i,)

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        found: Array = times(upstream, local)
        return found[np.newaxis] if self.tail.per_sample else found

    def reach(self, changed: Mask) -> Mask:
        return changed


@dataclass(frozen=True, eq=False)
class OfOne(Edge):
    """An edge from a head that has one cell, for which every cell of the tail is used."""

    def head_of(self, k: CellNumber, j: CellNumber) -> CellNumber:
        return 0 * (k + j)

    def tails(self, i: int) -> Sequence[int]:
        return range(self.tail.size)

    def products(self, upstream: Array, local: Array, times: Any = np.multiply) -> Array:
        found: Array = times(upstream, local)[np.newaxis]
        return found


@dataclass(frozen=True, eq=False)
class Dense(Edge):
    """An edge on which every cell of the head uses every cell of the tail."""

    @property
    def uses(self) -> int:
        return self.head.size

    def head_of(self, k: CellNumber, j: CellNumber) -> CellNumber:
        return k + 0 * j

    def tails(self, i: int) -> Sequence[int]:
        return range(self.tail.size)
