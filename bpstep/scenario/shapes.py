"""The shapes of arrays: which go together, what comes of them, and why some do not, in the words of the file.

    U @ x1: (3, 2) @ (3): the 2 columns of U meet the 3 cells of x1

The rules are NumPy's, with axes and indices counted from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from bpstep.english import counted, plural
from bpstep.scenario.nodes import Index, Span

__all__ = [
    "MOST_AXES",
    "Shape",
    "ShapeError",
    "Sized",
    "broadcast",
    "convolved",
    "indexed",
    "joined",
    "multiplied",
    "pooled",
    "reshaped",
    "shape_text",
    "stacked",
    "without",
]

Shape = tuple[int, ...]

MOST_AXES = 4


class ShapeError(ValueError):
    """Shapes that do not go together; the message says why, and who raises it does not know the statement."""


class Sized(NamedTuple):
    """An operand as it is called in the file, and its shape."""

    words: str
    shape: Shape


def shape_text(shape: Shape) -> str:
    """A shape as it is shown: ``(3, 2)``, ``(3)``, ``a number``."""
    return f"({', '.join(map(str, shape))})" if shape else "a number"


def _along(one: Sized, axis: int) -> str:
    """``the 2 columns of U``: what stands along an axis (from 0) of an array."""
    count, back = one.shape[axis], len(one.shape) - axis
    many = "one" if count == 1 else str(count)
    if back > 2:
        return f"the {many} along axis {axis + 1} of {one.words}"
    what = "cell" if len(one.shape) == 1 else "column" if back == 1 else "row"
    return f"the {many} {plural(count, what)} of {one.words}"


def _meet(a: Sized, axis_a: int, b: Sized, axis_b: int) -> ShapeError:
    verb = "meets" if a.shape[axis_a] == 1 else "meet"
    return ShapeError(f"{_along(a, axis_a)} {verb} {_along(b, axis_b)}")


def broadcast(*operands: Sized) -> Shape:
    """The shape of an operation that works cell by cell: axes go together from the last, and one cell with many."""
    widest: list[tuple[Sized, int]] = []  # from the last axis, an operand that gives it its size
    for one in operands:
        for back, size in enumerate(reversed(one.shape)):
            here = (one, len(one.shape) - 1 - back)
            if back == len(widest):
                widest.append(here)
                continue
            other, axis = widest[back]
            if other.shape[axis] == 1:
                widest[back] = here
            elif size not in (1, other.shape[axis]):
                raise _meet(other, axis, *here)
    return tuple(other.shape[axis] for other, axis in reversed(widest))


def multiplied(a: Sized, b: Sized) -> Shape:
    """The shape of ``a @ b``."""
    for one in (a, b):
        if not one.shape:
            raise ShapeError(f"{one.words} is one number, and @ joins arrays; expected *")
    row = len(b.shape) - 2 if len(b.shape) > 1 else 0
    if a.shape[-1] != b.shape[row]:
        raise _meet(a, len(a.shape) - 1, b, row)
    leading = broadcast(*(Sized(one.words, (*one.shape[:-2], 1, 1)) for one in (a, b)))[:-2]
    return leading + a.shape[:-1][-1:] + (b.shape[-1:] if len(b.shape) > 1 else ())


def without(one: Sized, axis: int | None) -> Shape:
    """The shape of a sum over one axis (from 0), or over all (None)."""
    return () if axis is None else one.shape[:axis] + one.shape[axis + 1 :]


def indexed(one: Sized, indices: Sequence[Index]) -> tuple[Shape, tuple[int | slice, ...]]:
    """The shape of a part of an array, and NumPy's indices of it."""
    if len(indices) > len(one.shape):
        axes = counted(len(one.shape), "axis", "axes") if one.shape else "no axes"
        what = "index" if len(indices) == 1 else "indices"
        raise ShapeError(f"{one.words} has {axes}, not {len(indices)} for the {what}")
    shape: list[int] = []
    taken: list[int | slice] = []
    for axis, index in enumerate(indices):
        size = one.shape[axis]
        first, last = (index.first or 1, index.last or size) if isinstance(index, Span) else (index, index)
        if max(first, last) > size:
            raise ShapeError(f"{max(first, last)} lies behind {_along(one, axis)}")
        if last < first:
            raise ShapeError(f"{first}..{last} goes backwards")
        if isinstance(index, Span):
            shape.append(last - first + 1)
            taken.append(slice(first - 1, last))
        else:
            taken.append(index - 1)
    return (*shape, *one.shape[len(indices) :]), tuple(taken)


def reshaped(one: Sized, shape: Shape) -> Shape:
    """The shape in which all cells of an array are laid out anew."""
    if prod(shape) != prod(one.shape):
        cells = counted(prod(one.shape), "cell")
        raise ShapeError(f"{one.words} has {cells}, and {shape_text(shape)} has {prod(shape)}")
    return shape


def joined(operands: Sequence[Sized], axis: int) -> Shape:
    """The shape of arrays that are laid end to end along an axis (from 0)."""
    first = operands[0]
    for one in operands[1:]:
        if len(one.shape) != len(first.shape):
            raise ShapeError(f"{first.words} and {one.words} differ in their number of axes")
        for other in range(len(first.shape)):
            if other != axis and one.shape[other] != first.shape[other]:
                raise _meet(first, other, one, other)
    return (*first.shape[:axis], sum(one.shape[axis] for one in operands), *first.shape[axis + 1 :])


def stacked(operands: Sequence[Sized], axis: int) -> Shape:
    """The shape of arrays that are laid side by side along a new axis (from 0)."""
    first = operands[0]
    for one in operands[1:]:
        if one.shape != first.shape:
            raise ShapeError(f"{first.words} and {one.words} differ in their shape")
    return (*first.shape[:axis], len(operands), *first.shape[axis:])


def _windows(one: Sized, axis: int, size: int, stride: int, padding: int) -> int:
    """How many places a window of this size has along an axis."""
    room = one.shape[axis] + 2 * padding - size
    if room < 0:
        padded = f" with {padding} on either side" if padding else ""
        raise ShapeError(f"a window of {size} does not fit into {_along(one, axis)}{padded}")
    return room // stride + 1


def convolved(x: Sized, kernel: Sized, stride: int, padding: int) -> Shape:
    """The shape of ``conv(x, kernel)``: of one picture or line and a kernel, or both with channels before them."""
    pairs = {(1, 1): 1, (2, 2): 2, (2, 3): 1, (3, 4): 2}
    axes = pairs.get((len(x.shape), len(kernel.shape)))
    if axes is None:
        raise ShapeError(
            "expected a picture (rows, columns) and a kernel (rows, columns), or (channels, rows, columns) and "
            "(out channels, channels, rows, columns); or all of them with one axis less for a line"
        )
    channels = len(x.shape) > axes
    if channels and x.shape[0] != kernel.shape[1]:
        raise ShapeError(
            f"{counted(x.shape[0], 'channel')} of {x.words} and {kernel.shape[1]} of {kernel.words}"
        )
    first = len(x.shape) - axes
    places = tuple(_windows(x, first + k, kernel.shape[k - axes], stride, padding) for k in range(axes))
    return (*kernel.shape[:1], *places) if channels else places


def pooled(x: Sized, size: Sequence[int], stride: Sequence[int]) -> Shape:
    """The shape of a pool over the last axes of a picture, one for each number of ``size``."""
    first = len(x.shape) - len(size)
    places = (
        _windows(x, first + k, size, step, 0) for k, (size, step) in enumerate(zip(size, stride, strict=True))
    )
    return (*x.shape[:first], *places)
