"""Which cells meet: the index arithmetic of operations over arrays.

An operation over arrays computes each cell of its head from some cells of its operands, in a number of *terms*:

    v = U @ x       v[i] is the sum over k of  U[i,k] * x[k]         a term for each k
    y = conv(X, K)  y[r,c] is the sum over the window at (r,c)        a term for each cell of the kernel
    z = A + b       z[i,j] is A[i,j] + b[j]                           one term

So all that there is to know is which cell of each operand a term reads: one table an operand, (cells of the head,
terms), of cell numbers, -1 where a window lies over the edge.  A `Meeting` has these tables; it makes them when
somebody asks, since whole matrices that are multiplied need none (`bpstep.engine.array_factors.ToMatrix`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from bpstep.engine.specs import Array, Places, Window
from bpstep.engine.steps import Factor
from bpstep.engine.vectors import Entry, Mask, Reader, Values, Vector
from bpstep.lazily import dataclass

__all__ = [
    "Meeting",
    "Source",
    "cell_names",
    "groups",
    "matching",
    "met_by_matmul",
    "met_by_windows",
    "over_axis",
    "windows",
    "windows_of",
]


def cell_names(name: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """The names of an array's cells, row by row; indices count from 1.

    >>> cell_names("U", (2, 2))
    ('U[1,1]', 'U[1,2]', 'U[2,1]', 'U[2,2]')
    """
    if int(np.prod(shape)) == 1:
        return (name,)
    return tuple(f"{name}[{','.join(str(k + 1) for k in index)}]" for index in np.ndindex(*shape))


def _rows_of(vector: Vector, values: Values) -> Array:
    array = values[vector.id]
    return array if vector.per_sample else array.reshape(1, -1)


@dataclass(frozen=True, eq=False)
class Source:
    """An operand: cells of earlier vectors, counted row by row in the operand's own ``shape``.

    Of cell n, ``which[n]`` says from which of the ``vectors`` it is taken and ``places[n]`` its number there; where
    they are None, the operand is the one vector, whole.
    """

    shape: tuple[int, ...]
    vectors: tuple[Vector, ...]
    which: Places | None = None
    places: Places | None = None

    @property
    def size(self) -> int:
        """The number of its cells."""
        return int(np.prod(self.shape))

    @property
    def is_whole(self) -> bool:
        """Whether it is one vector as it stands."""
        return self.which is None

    @cached_property
    def per_sample(self) -> bool:
        """Whether its numbers differ from sample to sample."""
        return any(vector.per_sample for vector in self.vectors)

    def array(self, values: Values) -> Array:
        """The numbers of its cells: (samples, cells), or (1, cells) where they are the same for all samples."""
        if self.places is None:
            return _rows_of(self.vectors[0], values)
        rows = [_rows_of(vector, values) for vector in self.vectors]
        if len(rows) == 1:
            return rows[0][:, self.places]
        samples = max(len(row) for row in rows)
        beside = np.concatenate([np.broadcast_to(row, (samples, row.shape[1])) for row in rows], axis=1)
        return beside[:, self._beside]

    @cached_property
    def _beside(self) -> Places:
        """The cells' numbers where all vectors lie end to end."""
        assert self.which is not None
        assert self.places is not None
        firsts = np.cumsum([0, *(vector.size for vector in self.vectors)])
        found: Places = firsts[self.which] + self.places
        return found

    def cell(self, n: int) -> Entry:
        """The vector that a cell is taken from, and its number there."""
        if self.which is None or self.places is None:
            return self.vectors[0], n
        return self.vectors[int(self.which[n])], int(self.places[n])

    def changed(self, changed: Sequence[Mask]) -> Mask:
        """Which of its cells are changed, from a flag for each cell of every vector."""
        if self.places is None:
            return changed[self.vectors[0].id]
        beside = np.concatenate([changed[vector.id] for vector in self.vectors])
        found: Mask = beside[self._beside]
        return found

    def taken_from(self, vector: Vector) -> tuple[Places, Places]:
        """Its cells that are taken from a vector: their numbers, and their numbers there."""
        if self.which is None or self.places is None:
            every = np.arange(self.size)
            return every, every
        mine = np.flatnonzero(self.which == self.vectors.index(vector))
        return mine, self.places[mine]


@dataclass(frozen=True, eq=False)
class Meeting:
    """Which cell of each operand a term of a cell of the head reads.

    ``tables()`` makes a table a source, (cells of the head, terms); of constants there are none.
    """

    sources: tuple[Source, ...]
    tables: Callable[[], tuple[Places, ...]]

    @cached_property
    def index(self) -> tuple[Places, ...]:
        """The tables, made once."""
        return self.tables()

    @cached_property
    def in_step(self) -> tuple[bool, ...]:
        """Of each source, whether every cell of the head reads the cell of the same number, and no other."""
        return tuple(
            table.shape == (source.size, 1) and bool((table[:, 0] == np.arange(source.size)).all())
            for source, table in zip(self.sources, self.index, strict=True)
        )

    def one_each(self, values: Values, source: int) -> Array:
        """What each cell of the head reads of a source, where that is one cell: (samples or 1, cells of the head)."""
        found = self.sources[source].array(values)
        return found if self.in_step[source] else found[:, self.index[source][:, 0]]

    def arguments(self, values: Values, operands: Sequence[int | float]) -> list[Array]:
        """The same of the operands of a function that is applied cell by cell: sources by their number, constants as
        (1, 1)."""
        return [np.array([[o]]) if isinstance(o, float) else self.one_each(values, o) for o in operands]

    def read_each(self, read: Reader, operands: Sequence[int | float], i: int) -> list[Factor | float]:
        """What cell ``i`` of the head reads of each of them; a constant is a number."""
        return [o if isinstance(o, float) else read(*self.cell(o, i, 0)) for o in operands]

    def numbers(self, values: Values, source: int, met: Places | None = None, missing: float = 0.0) -> Array:
        """What terms read of a source: of those that read the cells ``met``, or of all, (cells of the head, terms).

        (samples or 1, *their shape); ``missing`` where a window lies over the edge.
        """
        table = self.index[source] if met is None else met
        found = self.sources[source].array(values)[:, table]
        return np.where(table >= 0, found, missing) if self.is_ragged else found

    @cached_property
    def terms(self) -> int:
        """The most terms of a cell."""
        return max((table.shape[1] for table in self.index), default=0)

    @cached_property
    def is_ragged(self) -> bool:
        """Whether some cells have fewer terms than others."""
        return any(bool((table < 0).any()) for table in self.index)

    def own_terms(self, i: int) -> Places:
        """The terms that cell ``i`` of the head has, in order."""
        return np.flatnonzero(np.all([table[i] >= 0 for table in self.index], axis=0))

    def counts(self) -> Places:
        """How many terms each cell of the head has."""
        found: Places = np.all([table >= 0 for table in self.index], axis=0).sum(axis=1)
        return found

    def cell(self, source: int, i: int, k: int) -> Entry:
        """The cell of a source that term ``k`` of cell ``i`` reads."""
        return self.sources[source].cell(int(self.index[source][i, k]))


def numbered(shape: tuple[int, ...]) -> Places:
    """The numbers of an array's cells, in its shape."""
    return np.arange(int(np.prod(shape)), dtype=np.intp).reshape(shape)


# --- the tables of each function ---------------------------------------------------------------------


def matching(shapes: Sequence[tuple[int, ...]], head: tuple[int, ...]) -> tuple[Places, ...]:
    """Cell by cell, with NumPy's broadcasting: one term."""
    return tuple(np.broadcast_to(numbered(shape), head).reshape(-1, 1) for shape in shapes)


def met_by_matmul(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[Places, Places]:
    """``A @ B``: rows meet columns, in as many terms as they are long.  Of more than two axes, those before
    the last two go along.

    >>> left, right = met_by_matmul((2, 2), (2,))
    >>> left.tolist(), right.tolist()
    ([[0, 1], [2, 3]], [[0, 1], [0, 1]])
    """
    left = numbered(a if len(a) > 1 else (1, *a))
    right = numbered(b if len(b) > 1 else (*b, 1))
    rows, columns = left[..., :, np.newaxis, :], np.swapaxes(right, -1, -2)[..., np.newaxis, :, :]
    shape = np.broadcast_shapes(rows.shape, columns.shape)
    terms = shape[-1]
    return (
        np.broadcast_to(rows, shape).reshape(-1, terms),
        np.broadcast_to(columns, shape).reshape(-1, terms),
    )


def over_axis(shape: tuple[int, ...], axis: int | None) -> Places:
    """All cells along an axis (None: all cells), a row for each cell of what is left."""
    cells = numbered(shape)
    return cells.reshape(1, -1) if axis is None else np.moveaxis(cells, axis, -1).reshape(-1, shape[axis])


def groups(shape: tuple[int, ...], axis: int) -> Places:
    """For each cell the cells along an axis, itself among them: (cells, cells along the axis)."""
    along = np.moveaxis(numbered(shape), axis, -1)
    every = np.broadcast_to(along[..., np.newaxis, :], (*along.shape, along.shape[-1]))
    return np.moveaxis(every, -2, axis if axis >= 0 else axis - 1).reshape(-1, shape[axis])


def windows(shape: tuple[int, ...], window: Window) -> Places:
    """The cells under a window at each of its places, over the last axes; the axes before them go along.

    (leading cells, places, cells of the window); -1 where the window lies over the edge of the picture.
    """
    axes = len(window.size)
    picture = numbered(shape).reshape(-1, *shape[len(shape) - axes :])
    padded = np.pad(picture, [(0, 0), *((p, p) for p in window.padding)], constant_values=-1)
    views = np.lib.stride_tricks.sliding_window_view(padded, window.size, axis=tuple(range(1, axes + 1)))
    moved = views[(slice(None), *(slice(None, None, step) for step in window.stride))]
    return moved.reshape(len(picture), -1, int(np.prod(window.size)))


def windows_of(x: tuple[int, ...], window: Window) -> Places:
    """What a kernel meets at each of its places, channel by channel, row by row: (places, cells of a kernel)."""
    under = windows(x, window)  # (channels, places, cells of the window)
    return under.transpose(1, 0, 2).reshape(under.shape[1], -1)


def met_by_windows(x: tuple[int, ...], k: tuple[int, ...], window: Window) -> tuple[Places, Places]:
    """``conv(X, K)``: at each of its places a kernel meets the window under it.

    X is a picture, or several channels of one; K a kernel for it, or several, each of which makes a channel.
    """
    met = windows_of(x, window)
    kernels = numbered(k).reshape(-1, met.shape[1])
    return np.tile(met, (len(kernels), 1)), np.repeat(kernels, len(met), axis=0)
