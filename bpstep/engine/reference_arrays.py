"""The textbook loop for programs over arrays: every cell on its own, with nothing but ``for``.

The same as `bpstep.engine.reference` for what has several cells.  It knows no table of who meets whom: each function
says, cell by cell and term by term, which cells it reads and what the local derivatives are.

    forward     for each statement, for each cell, for each term      cell += product
    backward    for each array from the last, for each cell, for each use of it, the latest statement first
                                                                       d(cell) += d(user) * local
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from itertools import product

import numpy as np

from bpstep.engine import cells as c
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.reference import Line, Sums, call, in_order, slope
from bpstep.engine.specs import ExpressionSpec, Operand, Operation, Taken, Window
from bpstep.lazily import dataclass

__all__ = ["array_lines"]

Places = tuple[int, ...]


@dataclass
class _Use:
    """A cell of a statement's result uses a cell of an earlier array: as which operand, for which time, and with
    what local derivative; ``shown`` where that has a step."""

    head: Cell
    tail: Cell
    operand: int
    local: float
    shown: bool
    nth: int = 0


@dataclass
class _Operand:
    """The cells of an operand by their places in it; a constant has one for all places."""

    shape: Places
    at: Callable[[Places], Cell | float]

    def under(self, place: Places) -> Cell | float:
        """The cell that NumPy's broadcasting brings to a place of the result."""
        own = place[len(place) - len(self.shape) :]
        return self.at(tuple(0 if size == 1 else k for k, size in zip(own, self.shape, strict=True)))

    def every(self) -> list[Places]:
        return list(np.ndindex(*self.shape))


@dataclass
class _Sweep:
    """One sample: the number in each cell, and who used whom, statement by statement."""

    value: dict[Cell, float]
    shapes: dict[str, Places]
    uses: list[list[_Use]] = field(default_factory=list)

    def number(self, cell: Cell | float) -> float:
        return cell if isinstance(cell, float) else self.value[cell]


def array_lines(problem: ExpressionSpec, sample: int = 0) -> Iterator[Line]:
    """A forward and a backward pass of one sample, without samples of a batch and without an update."""
    shapes = {name: np.shape(value) for name, value in zip(problem.inputs, problem.values, strict=True)}
    sweep = _Sweep({}, shapes)
    for name, value in zip(problem.inputs, problem.values, strict=True):
        array = np.asarray(problem.by_sample[name][sample] if name in problem.by_sample else value)
        for place in np.ndindex(*array.shape):
            sweep.value[_cell(sweep, name, place)] = float(array[place])
    for made in problem.operations:
        sweep.shapes[made.name] = made.shape
        sweep.uses.append([])
        yield from _forward(sweep, made)
    yield from _backward(sweep, problem)


def _cell(sweep: _Sweep, name: str, place: Places) -> Cell:
    one = int(np.prod(sweep.shapes[name])) == 1
    return c.var(name if one else f"{name}[{','.join(str(k + 1) for k in place)}]")


def _operand(sweep: _Sweep, operand: Operand) -> _Operand:
    if isinstance(operand, float):
        return _Operand((), lambda place: operand)
    if not isinstance(operand, Taken):
        return _Operand(sweep.shapes[operand], lambda place: _cell(sweep, operand, place))

    def taken(place: Places) -> Cell:
        name = operand.arrays[int(operand.which[place])]
        number = int(operand.places[place])
        return _cell(sweep, name, tuple(int(k) for k in np.unravel_index(number, sweep.shapes[name])))

    return _Operand(operand.shape, taken)


# --- forward ------------------------------------------------------------------------------------------


def _forward(sweep: _Sweep, made: Operation) -> Iterator[Line]:
    operands = [_operand(sweep, operand) for operand in made.operands]
    if made.function in _SUMS:
        yield from _sum(sweep, made, operands)
        return
    for place in np.ndindex(*made.shape):
        cell = _cell(sweep, made.name, place)
        yield "apply", cell, _apply(sweep, made, operands, place, cell)


def _sum(sweep: _Sweep, made: Operation, operands: Sequence[_Operand]) -> Iterator[Line]:
    for place in np.ndindex(*made.shape):
        sums = Sums()
        cell = _cell(sweep, made.name, place)
        for factors in _SUMS[made.function](made, operands, place):
            numbers = [sweep.number(factor) for factor in factors]
            for k, factor in enumerate(factors):
                local = numbers[1 - k] if len(factors) > 1 else 1.0
                _note(sweep, cell, factor, k, local, shown=False)
            yield sums.add("term", cell, numbers[0] * numbers[1] if len(numbers) > 1 else numbers[0])
        sweep.value[cell] = sums.of[cell]


def _note(
    sweep: _Sweep, head: Cell, tail: Cell | float, operand: int, local: float, *, shown: bool = True
) -> None:
    if isinstance(tail, Cell):
        before = [u for u in sweep.uses[-1] if (u.head, u.tail, u.operand) == (head, tail, operand)]
        sweep.uses[-1].append(_Use(head, tail, operand, local, shown, len(before)))


_Terms = Iterator[tuple[Cell | float, ...]]


def _matmul_terms(made: Operation, operands: Sequence[_Operand], place: Places) -> _Terms:
    a, b = operands
    row = place[-1 - (len(b.shape) > 1)] if len(a.shape) > 1 else 0
    column = place[-1] if len(b.shape) > 1 else 0
    lead = place[: len(place) - (len(a.shape) > 1) - (len(b.shape) > 1)]
    for k in range(a.shape[-1]):
        left = (row, k) if len(a.shape) > 1 else (k,)
        right = (k, column) if len(b.shape) > 1 else (k,)
        yield a.under((*lead, *left)), b.under((*lead, *right))


def _axis_terms(made: Operation, operands: Sequence[_Operand], place: Places) -> _Terms:
    (a,) = operands
    for cell in _along(a, place, made.axis):
        yield (a.at(cell),)


def _along(a: _Operand, place: Places, axis: int | None) -> list[Places]:
    """The places of an operand that are summed up to a place of the result: all, or those along an axis."""
    if axis is None:
        return a.every()
    axis %= len(a.shape)
    return [(*place[:axis], k, *place[axis:]) for k in range(a.shape[axis])]


def _under_window(shape: Places, window: Window, at: Places) -> Iterator[tuple[Places, Places]]:
    """The places in the window, and those of the picture under them, as far as it reaches."""
    for inside in product(*map(range, window.size)):
        under = tuple(
            k * step + d - pad
            for k, step, d, pad in zip(at, window.stride, inside, window.padding, strict=True)
        )
        if all(0 <= k < size for k, size in zip(under, shape[-len(under) :], strict=True)):
            yield inside, under


def _conv_terms(made: Operation, operands: Sequence[_Operand], place: Places) -> _Terms:
    x, kernel = operands
    assert made.window is not None
    axes = len(made.window.size)
    at, kernels = place[len(place) - axes :], place[: len(place) - axes]
    for channel in np.ndindex(*x.shape[: len(x.shape) - axes]):
        for inside, under in _under_window(x.shape, made.window, at):
            yield x.at((*channel, *under)), kernel.at((*kernels, *channel, *inside))


def _pool_terms(made: Operation, operands: Sequence[_Operand], place: Places) -> _Terms:
    (x,) = operands
    assert made.window is not None
    lead = place[: len(place) - len(made.window.size)]
    for _, under in _under_window(x.shape, made.window, place[len(lead) :]):
        yield (x.at((*lead, *under)),)


_SUMS: dict[str, Callable[[Operation, Sequence[_Operand], Places], _Terms]] = {
    "matmul": _matmul_terms, "conv": _conv_terms, "sum": _axis_terms, "sum-pool": _pool_terms,
}  # fmt: skip


def _apply(sweep: _Sweep, made: Operation, operands: Sequence[_Operand], place: Places, cell: Cell) -> float:
    """The number of a cell that is computed in one step; what it used is noted."""
    if made.function in COSTS:
        found = _cost(sweep, made, operands, cell)
    elif made.function in _OTHERS:
        found = _OTHERS[made.function](sweep, made, operands, place, cell)
    else:
        under = [operand.under(place) for operand in operands]
        numbers = [sweep.number(one) for one in under]
        found = call(made.function, *numbers)
        for k, one in enumerate(under):
            if isinstance(one, Cell):
                _note(sweep, cell, one, k, slope(made.function, k, found, *numbers))
    sweep.value[cell] = found
    return found


def _cost(sweep: _Sweep, made: Operation, operands: Sequence[_Operand], cell: Cell) -> float:
    outputs, targets = operands
    row, terms = COSTS[made.function], []
    count = len(outputs.every())
    for place in outputs.every():
        y, t = outputs.at(place), targets.at(place)
        numbers = np.array([[sweep.number(y)]]), np.array([[sweep.number(t)]])
        terms.append(row.term(*numbers, count).item())
        _note(sweep, cell, y, 0, row.slope(*numbers, count).item())
    return in_order(terms)


def _largest(
    sweep: _Sweep, made: Operation, operands: Sequence[_Operand], place: Places, cell: Cell
) -> float:
    pooled = made.function == "max-pool"
    terms = _pool_terms if pooled else _axis_terms
    under = [one for (one,) in terms(made, operands, place)]
    numbers = [sweep.number(one) for one in under]
    best = max(numbers)
    winners = [k for k, number in enumerate(numbers) if number == best]
    for k, one in enumerate(under):
        share = (1.0 if k == winners[0] else 0.0) if pooled else (k in winners) / len(winners)
        _note(sweep, cell, one, 0, share)
    return best


def _softmax(
    sweep: _Sweep, made: Operation, operands: Sequence[_Operand], place: Places, cell: Cell
) -> float:
    (a,) = operands
    axis = (-1 if made.axis is None else made.axis) % len(a.shape)
    group = _along(a, place[:axis] + place[axis + 1 :], axis)
    largest = max(sweep.number(a.at(one)) for one in group)
    powers = {one: call("exp", sweep.number(a.at(one)) - largest) for one in group}
    total = in_order(powers.values())
    y = {one: power / total for one, power in powers.items()}
    for one in group:
        local = y[place] * (1.0 - y[place]) if one == place else -y[place] * y[one]
        _note(sweep, cell, a.at(one), 0, local)
    return y[place]


def _where(sweep: _Sweep, made: Operation, operands: Sequence[_Operand], place: Places, cell: Cell) -> float:
    mask, a, b = (operand.under(place) for operand in operands)
    is_set = sweep.number(mask) != 0.0
    _note(sweep, cell, a, 1, float(is_set))
    _note(sweep, cell, b, 2, float(not is_set))
    return sweep.number(a if is_set else b)


def _detach(sweep: _Sweep, made: Operation, operands: Sequence[_Operand], place: Places, cell: Cell) -> float:
    return sweep.number(operands[0].under(place))


_OTHERS = {
    "largest": _largest, "max-pool": _largest, "softmax": _softmax, "where": _where, "detach": _detach,
}  # fmt: skip


# --- backward -----------------------------------------------------------------------------------------


def _backward(sweep: _Sweep, problem: ExpressionSpec) -> Iterator[Line]:
    """Every array from the last to the first, its cells row by row; of a cell, its uses: the latest statement first,
    of a statement the last operand first, and of an operand the cells row by row.  The derivative by what nobody uses
    is 0."""
    d = Sums()
    yield d.add("seed", c.d(c.var(problem.output)), 1.0)
    for name in reversed([*problem.inputs, *(made.name for made in problem.operations)]):
        if name == problem.output:
            continue
        for place in np.ndindex(*sweep.shapes[name]):
            x = _cell(sweep, name, place)
            for uses in reversed(sweep.uses):
                mine = [use for use in uses if use.tail == x]
                places = sorted({(use.operand, use.nth) for use in uses if _array(use.tail) == name})
                for use in sorted(mine, key=lambda use: (-use.operand, -use.nth)):
                    if use.shown:
                        nth = places.index((use.operand, use.nth)) + 1 if len(places) > 1 else 0
                        yield "local", c.local(use.head, x, nth), use.local
                    yield d.add("contribute", c.d(x), d.of.get(c.d(use.head), 0.0) * use.local)


def _array(cell: Cell) -> str:
    return str(cell.of).partition("[")[0]
