"""A product of matrices as three planes, and where in them a step stands.

    C = A @ B          row i of A meets column j of B, at the k-th cell of each; their products add up to C[i,j]

An operand of one axis is a row where it stands at the left, and a column where it stands at the right.  Of operands
with more axes, these are the pieces that go along with the cell of the step.
"""

from __future__ import annotations

import numpy as np

from bpstep.lazily import dataclass
from bpstep.view.scene.focus import Focus
from bpstep.view.scene.planes import Plane, whole

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


def _along(plane: Plane, cross: Plane) -> Plane:
    """The piece of a factor with more than two axes that goes along with a piece of the product."""
    if not plane.lead:
        return plane
    lead, piece = plane.source.shape[: plane.lead], cross.piece[cross.lead - plane.lead :]
    mine = tuple(0 if n == 1 else k for n, k in zip(lead, piece, strict=True))
    return Plane.of(plane.source, int(np.ravel_multi_index(mine, lead)) * plane.rows * plane.columns)
