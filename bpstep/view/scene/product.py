"""A product of matrices as three planes, and where in them a step stands.

    C = A @ B          row i of A meets column j of B, at the k-th cell of each; their products add up to C[i,j]

An operand of one axis is a row where it stands at the left, and a column where it stands at the right.  Of operands
with more axes, these are the pieces that go along with the cell of the step.
"""

from __future__ import annotations

import numpy as np

from bpstep.lazily import dataclass
from bpstep.view.scene.focus import Focus
from bpstep.view.scene.planes import Plane, transposed, whole

__all__ = ["MatrixProduct"]


@dataclass(frozen=True, eq=False)
class MatrixProduct:
    """``cross = left @ right``; the step is about row ``i`` of the left factor, column ``j`` of the right one, and the
    ``k``-th cell of both."""

    left: Plane
    right: Plane
    cross: Plane
    i: int
    k: int
    j: int
    is_transposed: bool = False

    @classmethod
    def of(cls, focus: Focus) -> MatrixProduct:
        """The product that is in focus, going forward or going back to one of its factors."""
        a, b = focus.meeting.sources
        head = whole(focus.operation.head)
        left, right = Plane.of(a), Plane.of(b)
        left = left.turned if len(a.shape) == 1 else left
        rows, columns = left.rows, right.columns
        lead = len(head.shape) - (len(a.shape) > 1) - (len(b.shape) > 1)
        cross = Plane(head, focus.i // (rows * columns) * rows * columns, rows, columns, columns, 1, lead)
        left, right = _along(left, cross), _along(right, cross)
        i, j = cross.place(focus.i)
        if focus.edge is None:
            return cls(left, right, cross, i, focus.term, j)
        n = focus.number
        return cls(left, right, cross, i, right.place(n)[0] if focus.source == 1 else left.place(n)[1], j)

    @property
    def transposed(self) -> MatrixProduct:
        """The same product, read by rows: Cᵀ = Bᵀ @ Aᵀ."""
        left, right, cross = self.right.turned, self.left.turned, self.cross.turned
        return MatrixProduct(left, right, cross, self.j, self.k, self.i, not self.is_transposed)

    @property
    def names(self) -> tuple[str, str, str]:
        """What the three are called here; what has one axis is called the same as a row and as a column."""
        left, right, cross = (
            transposed(one.name) if self.is_transposed and len(one.source.shape) > 1 else one.name
            for one in (self.left, self.right, self.cross)
        )
        return left, right, cross


def _along(plane: Plane, cross: Plane) -> Plane:
    """The piece of a factor with more than two axes that goes along with a piece of the product."""
    if not plane.lead:
        return plane
    lead, piece = plane.source.shape[: plane.lead], cross.piece[cross.lead - plane.lead :]
    mine = tuple(0 if n == 1 else k for n, k in zip(lead, piece, strict=True))
    return Plane.of(plane.source, int(np.ravel_multi_index(mine, lead)) * plane.rows * plane.columns)
