"""A product of matrices as it is drawn, forward and back; and back through softmax, a product with its Jacobian.

    forward             C = A @ B             a row of A meets a column of B
    to the left         d(A) = d(C) · Bᵀ      a row of d(C) meets a row of B; an outer product where B is one column
    to the right        d(B) = Aᵀ · d(C)      a column of A meets one of d(C)
    through softmax     d(e) = Jᵀ · d(p)      a column of the Jacobian meets d(p)

Where the three arrays stand is the business of `falk`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.edge import Edge
from bpstep.engine.vectors import Vector
from bpstep.view.panes.array_picture import Picture, Title, block_of, seen_forward
from bpstep.view.panes.blocks import Block
from bpstep.view.panes.falk import Product
from bpstep.view.panes.pen import Pen
from bpstep.view.scene.focus import Focus
from bpstep.view.scene.planes import Plane, itself, name_of, shape_of, transposed
from bpstep.view.scene.product import MatrixProduct
from bpstep.view.words.equations import gathering_sign, use_of, uses_of

__all__ = ["product_of_matrices", "through_softmax"]


def product_of_matrices(pen: Pen, focus: Focus) -> Picture:
    """``A @ B``."""
    product = MatrixProduct.of(focus)
    by_rows = pen.frame.options.layout == "rows" and len(focus.meeting.sources[1].shape) == 1
    if by_rows:  # a vector that stands as a row has the matrix at its right
        product = product.transposed
    if focus.edge is None:
        return _forward(pen, product)
    return (_to_right if (focus.source == 1) != by_rows else _to_left)(pen, focus.edge, product)


def _forward(pen: Pen, product: MatrixProduct) -> Picture:
    """Forward: a row of A meets a column of B."""
    left, right, cross = product.left, product.right, product.cross
    row, term, column = product.i, product.k, product.j
    of, (a, b, c) = seen_forward(pen), product.names
    side = block_of(a, left, itself, (row, term), (row, row, 0, left.columns - 1))
    above = block_of(b, right, itself, (term, column), (0, right.rows - 1, column, column))
    result = block_of(c, cross, of, (row, column), (row, row, column, column))
    words = (_row(a, row, left), f"meets {_column(b, column, right)}")
    title = Title(f"{c} = {a} @ {b}", f"{left.shape}·{right.shape} → {cross.shape}")
    return Picture(title, Product(side, above, result, "▶", words))


def _to_left(pen: Pen, edge: Edge, product: MatrixProduct) -> Picture:
    """Back to the left factor: d(A) = d(C) · Bᵀ, an outer product where B is one column."""
    left, right, cross = product.left, product.right, product.cross
    row, k, column = product.i, product.k, product.j
    turned, (_, right_name, _) = right.turned, product.names
    a, _, c = (pen.symbols.derivative(name) for name in product.names)
    b = transposed(right_name)
    side = block_of(c, cross, cells.d, (row, column), (row, row, 0, cross.columns - 1))
    above = block_of(b, turned, itself, (column, k), (0, turned.rows - 1, k, k))
    result = block_of(a, left, cells.d, (row, k), (row, row, k, k))
    words = (_row(c, row, cross), f"meets row {k + 1} of {right_name}:", b)
    if cross.columns == 1:
        words = (f"{right_name} lies above:", "an entry is one of", f"{c} × one of {right_name}")
    title = Title(
        f"{a} {gathering_sign(pen.frame, edge)} {c} · {b}",
        f"{cross.shape}·{turned.shape} → {left.shape}",
        use_of(pen.frame, edge),
    )
    return Picture(title, Product(side, above, result, "━", words, uses_of(pen.frame, edge)))


def _to_right(pen: Pen, edge: Edge, product: MatrixProduct) -> Picture:
    """Back to the right factor: d(B) = Aᵀ · d(C), a column of A meets one of d(C); an outer product where A is one
    row."""
    left, right, cross = product.left, product.right, product.cross
    row, k, column = product.i, product.k, product.j
    left_name = product.names[0]
    _, b, c = (pen.symbols.derivative(name) for name in product.names)
    a = transposed(left_name)
    side = block_of(left_name, left, itself, (row, k), (0, left.rows - 1, k, k))
    above = block_of(b, right, cells.d, (k, column), (k, k, column, column))
    result = block_of(c, cross, cells.d, (row, column), (0, cross.rows - 1, column, column))
    words = (f"column {k + 1} of {left_name}", f"meets {_column(c, column, cross)}:", a)
    if left.rows == 1:
        words = (f"{left_name} stands at the side:", "an entry is one of", f"{left_name} × one of {c}")
    title = Title(
        f"{b} {gathering_sign(pen.frame, edge)} {a} · {c}",
        f"{left.turned.shape}·{cross.shape} → {right.shape}",
        use_of(pen.frame, edge),
    )
    return Picture(title, Product(side, above, result, "◀", words, uses_of(pen.frame, edge)))


def through_softmax(pen: Pen, focus: Focus, edge: Edge) -> Picture:
    """Back through softmax: d(e) = Jᵀ · d(p), a column of the Jacobian meets d(p)."""
    meeting = focus.meeting
    source, head = meeting.sources[0], focus.operation.head
    group = meeting.index[0][focus.i].tolist()
    n, count = focus.number, len(group)
    i, j = group.index(focus.i), group.index(n)

    def tail(k: int) -> Cell:
        vector, at = source.cell(group[k])
        return vector.cell(at)

    e, p = name_of(source), head.layer
    if count < head.size:  # one group of several: a row of a matrix, as a rule
        p, e = (f"{name}{_of_group(head, group)}" for name in (p, e))
    de, dp, by_rows = pen.symbols.derivative(e), pen.symbols.derivative(p), pen.frame.options.layout == "rows"
    jacobian = Block(
        f"∂{p}/∂{e}", count, count, lambda r, c: cells.local(head.cell(group[r]), tail(c)), (i, j),
        (0, count - 1, j, j),
    )  # fmt: skip
    came = _vector(dp, count, lambda k: cells.d(head.cell(group[k])), i, (0, count - 1), by_rows)
    result = _vector(de, count, lambda k: cells.d(tail(k)), j, (j, j), by_rows)
    sign, each = gathering_sign(pen.frame, edge), shape_of(count, count)
    words = (f"every output hears {tail(j)}:", f"column {j + 1} of the Jacobian", f"meets {dp}")
    if by_rows:
        row = shape_of(1, count)
        title = Title(f"{de} {sign} {dp} · J", f"{row}·{each} → {row}", use_of(pen.frame, edge))
        return Picture(title, Product(came, jacobian, result, "▶", words))
    column = shape_of(count, 1)
    title = Title(f"{de} {sign} Jᵀ · {dp}", f"{each}·{column} → {column}", use_of(pen.frame, edge))
    return Picture(title, Product(jacobian, result, came, "◀", words))


def _vector(
    name: str, count: int, cell: Callable[[int], Cell], at: int, used: tuple[int, int], by_rows: bool
) -> Block:
    """An array of one axis as a column, or as a row."""
    if by_rows:
        return Block(name, 1, count, lambda r, c: cell(c), (0, at), (0, 0, *used))
    return Block(name, count, 1, lambda r, c: cell(r), (at, 0), (*used, 0, 0))


def _of_group(vector: Vector, group: Sequence[int]) -> str:
    """The indices of some cells of an array, with a point for those in which they differ: [3,·]."""
    each = np.unravel_index(np.array(group), vector.dims)
    return f"[{','.join(str(int(axis[0]) + 1) if (axis == axis[0]).all() else '·' for axis in each)}]"


def _row(name: str, row: int, plane: Plane) -> str:
    return name if plane.rows == 1 else f"row {row + 1} of {name}"


def _column(name: str, column: int, plane: Plane) -> str:
    return name if plane.columns == 1 else f"column {column + 1} of {name}"
