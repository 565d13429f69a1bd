"""The names that an author gave to the rows of an array, beside the numbers of a picture.

``labels = { P = ["the", "cat", "sat"] }`` names the cells of P along its first axis.  In a picture P may stand as it
is, transposed, or as the one row of it that is used; its derivatives stand in its place.  So it is asked of the cells
themselves: a row has a word where the cells in it have one and the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bpstep.engine.cells import Cell
from bpstep.engine.index import Index
from bpstep.engine.specs import ExpressionSpec
from bpstep.view.panes.abreast import Abreast
from bpstep.view.panes.blocks import Block
from bpstep.view.panes.falk import Product
from bpstep.view.scene.frame import Frame

__all__ = ["with_words"]

Labels = Mapping[str, tuple[str, ...]]
#: An array, a place along its first axis, and the word for it.
_Place = tuple[str, int, str]


def with_words(frame: Frame, arrays: Product | Abreast) -> Product | Abreast:
    """The arrays of a picture, with the words for their rows and columns where there are some."""
    problem = frame.setup.problem
    labels = problem.labels if isinstance(problem, ExpressionSpec) else {}
    if not labels:
        return arrays
    if isinstance(arrays, Abreast):
        return replace(arrays, blocks=[_named(frame.index, labels, block) for block in arrays.blocks])
    side, above, cross = (
        _named(frame.index, labels, block) for block in (arrays.side, arrays.above, arrays.cross)
    )
    # What is computed has no indices of its own: its rows are those of the factor beside it.
    side = replace(side, row_labels=side.row_labels or cross.row_labels)
    return replace(arrays, side=side, above=above, cross=cross)


def _named(index: Index, labels: Labels, block: Block) -> Block:
    last_row, last_column = block.rows - 1, block.columns - 1
    rows = [
        _common(index, labels, block.cell(row, 0), block.cell(row, last_column), by_row=True)
        for row in range(block.rows)
    ]
    columns = [
        _common(index, labels, block.cell(0, column), block.cell(last_row, column), by_row=False)
        for column in range(block.columns)
    ]
    return replace(block, row_labels=_labels(rows), column_labels=_labels(columns))


def _labels(places: Sequence[_Place | None]) -> tuple[str, ...]:
    """What stands beside some places, index and word, where each has a word, and they are not all one place: the row
    of a softmax, say, has its own word, which none of its cells has for itself."""
    known = [place for place in places if place is not None]
    if len(known) < len(places) or (len(places) > 1 and len(set(known)) == 1):
        return ()
    width = len(str(len(known)))
    return tuple([f"{k:>{width}} {word}" for k, (_, _, word) in enumerate(known, 1)])


def _common(
    index: Index, labels: Labels, first: Cell | None, last: Cell | None, *, by_row: bool
) -> _Place | None:
    """Where two cells at the ends of a row or a column stand, if that is the same along the first axis of an array."""
    if first is None or last is None:
        return None
    places = {_place(index, labels, cell, by_row=by_row) for cell in (first, last)}
    return places.pop() if len(places) == 1 else None


def _place(index: Index, labels: Labels, cell: Cell, *, by_row: bool) -> _Place | None:
    """Where a cell stands along the first axis of its array; of a local derivative, the one of its two cells that
    changes down the rows of a Jacobian, or along its columns."""
    if cell.kind == "local":
        end = cell.of if by_row else cell.by
        assert isinstance(end, Cell)
        cell = end
    while isinstance(cell.of, Cell):
        cell = cell.of
    spot = index.find(cell)
    if spot is None or spot.vector is None or not spot.vector.dims:
        return None
    words = labels.get(spot.vector.layer)
    if words is None:
        return None
    row = spot.j // (spot.vector.size // spot.vector.dims[0])
    return spot.vector.layer, row, words[row]
