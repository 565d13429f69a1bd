"""Indices in brackets, as they are typed: ``[3,1]`` of a cell, ``[2, 1..3]`` and ``[.., 2]`` of a part of an array.

Indices count from 1, and both ends of a span are in.  What stands in brackets is plain whole numbers: the arithmetic
of a loop (``{i+1}``) has been written out before anything is read.
"""

from __future__ import annotations

from bpstep.engine.cells import Cell, var
from bpstep.scenario.nodes import Index, Span
from bpstep.scenario.shapes import Shape, ShapeError, Sized, indexed, shape_text
from bpstep.scenario.tokens import ArithmeticSyntaxError, Token, Tokens

__all__ = ["cell_number", "cell_of_array", "read_indices", "with_cell"]


def read_indices(at: Tokens) -> tuple[Index, ...]:
    """The indices behind an opening bracket, to the closing one.  Raises `ArithmeticSyntaxError`."""
    found = [_index(at)]
    while at.take(","):
        found.append(_index(at))
    at.expect("]", "to close the indices")
    return tuple(found)


def _index(at: Tokens) -> Index:
    """``2``, ``1..3``, ``2..``, ``..3`` or ``..``."""
    first = None if at.token.text == ".." else _whole(at)
    if at.take("..") is None:
        assert first is not None
        return first
    last = _whole(at) if at.token.kind == "number" else None
    return Span(first, last)


def _whole(at: Tokens) -> int:
    """A whole number from 1 on."""
    token = at.token
    if token.kind != "number" or not token.text.isdecimal():
        raise at.error("expected an index: a whole number from 1 on, or several as in 1..3")
    number = int(token.text) if len(token.text) < 16 else 10**15
    if number == 0:
        raise ArithmeticSyntaxError("indices count from 1, found 0", token.column)
    at.next()
    return number


# --- cells of arrays --------------------------------------------------------------------------------------


def cell_of_array(name: str, shape: Shape, number: int) -> Cell:
    """The cell of a number (row by row, from 0): a one-cell array is bare.

    >>> str(cell_of_array("U", (3, 2), 4)), str(cell_of_array("b", (1,), 0))
    ('U[3,1]', 'b')
    """
    indices: list[int] = []
    for size in reversed(shape):
        number, index = divmod(number, size)
        indices.insert(0, index + 1)
    is_alone = all(size == 1 for size in shape)
    return var(name if is_alone else f"{name}[{','.join(map(str, indices))}]")


def cell_number(name: str, shape: Shape, indices: tuple[Index, ...], token: Token) -> int:
    """The number of the cell that indices name.  Raises `ArithmeticSyntaxError`, which says the shape."""
    try:
        left, _ = indexed(Sized(name, shape), indices)
    except ShapeError as error:
        raise ArithmeticSyntaxError(f"{error}; its shape is {shape_text(shape)}", token.column) from None
    if left or any(isinstance(index, Span) for index in indices):
        says = f"expected one index for each axis of {name}, whose shape is {shape_text(shape)}"
        raise ArithmeticSyntaxError(says, token.column)
    number = 0
    for size, index in zip(shape, indices, strict=True):
        assert isinstance(index, int)
        number = number * size + index - 1
    return number


def with_cell(cell: Cell, old: Cell, new: Cell) -> Cell:
    """A cell, with another one in the place of one that it is made of."""
    if cell == old:
        return new
    of, by = (with_cell(part, old, new) if isinstance(part, Cell) else part for part in (cell.of, cell.by))
    return Cell(cell.kind, of, by, cell.place)
