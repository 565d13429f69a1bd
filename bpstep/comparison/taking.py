"""Cells that are taken of arrays, as a program in NumPy or PyTorch says it: ``K.T``, ``M[[1, 4, 1]]``, ``x[0, 1:3]``.

A program over arrays keeps of ``K.T``, ``rows(M, ids)`` or ``concat(x, h)`` only which cells are taken.  Some ways to
say it are tried on the numbers of the cells; what none of them says is taken cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bpstep.engine.specs import Places, Taken
from bpstep.lazily import dataclass

__all__ = ["Joining", "taken"]

_Way = tuple[str, Places]


@dataclass(frozen=True)
class Joining:
    """How a language joins arrays: along an axis, one beside the other on a new one."""

    along: str
    beside: str


NUMPY = Joining("np.concatenate([{}], axis={})", "np.stack([{}])")


def taken(
    one: Taken, shapes: Mapping[str, tuple[int, ...]], names: Mapping[str, str], joining: Joining = NUMPY
) -> str:
    """The text of an operand; ``names`` are what its arrays are called.

    >>> rows = Taken(("M",), np.zeros((2, 2), dtype=int), np.array([[4, 5], [0, 1]]))
    >>> taken(rows, {"M": (3, 2)}, {"M": "M"})
    'M[[2, 0]]'
    """
    sizes = [int(np.prod(shapes[name])) for name in one.arrays]
    firsts = np.cumsum([0, *sizes])
    wanted: Places = firsts[one.which] + one.places
    numbered = [
        (names[name], np.arange(first, first + size).reshape(shapes[name]))
        for name, first, size in zip(one.arrays, firsts, sizes, strict=False)
    ]
    for text, cells in _ways(numbered, wanted, joining):
        if cells.shape == wanted.shape and bool((cells == wanted).all()):
            return text
    flat = [f"{text}.reshape(-1)" if cells.ndim else f"{text}.reshape(1)" for text, cells in numbered]
    whole = flat[0] if len(flat) == 1 else joining.along.format(", ".join(flat), 0)
    picked = f"{whole}[{wanted.reshape(-1).tolist()}]"
    return picked if wanted.ndim == 1 else f"{picked}.reshape({wanted.shape})"


def _ways(arrays: Sequence[_Way], wanted: Places, joining: Joining) -> Iterator[_Way]:
    if len(arrays) == 1:
        yield from _of_one(*arrays[0], wanted)
        return
    texts, cells = ", ".join(text for text, _ in arrays), [cells for _, cells in arrays]
    if len({each.shape for each in cells}) == 1:
        yield joining.beside.format(texts), np.stack(cells)
    for axis in range(min(each.ndim for each in cells)):
        try:
            yield joining.along.format(texts, axis), np.concatenate(cells, axis=axis)
        except ValueError:  # the other axes do not fit: they are joined along another one
            continue


def _of_one(text: str, cells: Places, wanted: Places) -> Iterator[_Way]:
    yield text, cells
    if cells.ndim > 1:
        axes = (cells.ndim - 2, cells.ndim - 1)
        turned = np.swapaxes(cells, *axes)
        yield (f"{text}.T" if cells.ndim == 2 else f"{text}.swapaxes{axes}"), turned
    if cells.size == wanted.size:
        yield f"{text}.reshape({wanted.shape})", cells.reshape(wanted.shape)
    if not cells.ndim or not wanted.size:
        return
    at = np.unravel_index(wanted - cells.min(), cells.shape)
    picks = [_pick(places) for places in at]
    while len(picks) > 1 and picks[-1] == f"0:{cells.shape[len(picks) - 1]}":
        picks.pop()
    yield f"{text}[{', '.join(picks)}]", cells[tuple(map(_index, picks))]
    rows = at[0].reshape(len(wanted), -1)[:, 0].tolist() if wanted.ndim else []
    yield f"{text}[{rows}]", cells[rows]


def _pick(places: Places) -> str:
    """An index where all are the same, else a stretch of them."""
    low, high = int(places.min()), int(places.max())
    return str(low) if low == high else f"{low}:{high + 1}"


def _index(pick: str) -> int | slice:
    low, colon, high = pick.partition(":")
    return slice(int(low), int(high)) if colon else int(low)
