"""The steps of the backward pass: seed, local, contribute.

A local derivative is called by the name under which a student knows it.  d(e[o1], y[h1]) is the weight
w[h1->o1], so a contribution reads ``d(y[h1]) += d(e[o1]) * w[h1->o1]``; its `Step.local` keeps the full
name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import numpy as np

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.describe.at import At, before
from bpstep.engine.describe.forward import cost_text, in_parentheses, operands_of
from bpstep.engine.functions import constant_text, enclosed
from bpstep.engine.graph import CostSlope, Coupled, Edge, Pointwise, Through, ToWeights, Vector
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor, Step

__all__ = ["BACKWARD_STEPS", "edge_of", "known_as", "local_cell", "local_step"]


def _seed(at: At) -> Step:
    root, numbers = at.numbers.graph.root, at.numbers
    value = numbers.derivative(root.id)[at.sample, 0]
    averaged = numbers.samples > 1 and numbers.setup.training.reduction == "mean"
    because = f"the loss is the mean of {numbers.samples} samples" if averaged else ""
    text = f"1 / {numbers.samples}" if averaged else "1"
    return at.step("seed", cells.d(root.cell(0)), "=", value, (), text, because=because)


def _gather(at: At) -> Step:
    vector = at.piece.vector
    if vector.is_parameter:
        return _gather_parameter(at)
    k, place = divmod(at.within, at.piece.stride)
    edge, j = edge_of(at.piece.edges, k)
    if place < at.piece.stride - 1:
        return local_step(at, edge, j)
    upstream = _upstream(at, edge, j)
    local = _local_factor(at, edge, j)
    sums = at.sums.gathered(vector, at.sample, at.row)
    return _contribute(at, cells.d(vector.cell(at.row)), upstream, local, sums, k)


def edge_of(edges: tuple[Edge, ...], contribution: int) -> tuple[Edge, int]:
    """The edge over which a contribution comes, and its number on that edge."""
    ends = np.cumsum([edge.width for edge in edges]).tolist()
    which = bisect_right(ends, contribution)
    return edges[which], contribution - (ends[which - 1] if which else 0)


def _upstream(at: At, edge: Edge, j: int) -> Factor:
    numbers = at.numbers
    which = numbers.graph.vectors[numbers.setup.rule.upstream_vector(edge, numbers.graph)]
    row = edge.head_row(j, at.row)
    return Factor(cells.d(which.cell(row)), float(numbers.derivative(which.id)[at.sample, row]))


def _local_factor(at: At, edge: Edge, j: int) -> Factor:
    """The local derivative of one contribution: the name under which a student knows it, and its value."""
    local = at.numbers.local_of(edge.id)
    if isinstance(edge, Through):
        return Factor(local_cell(edge, j, at.row), float(local[j, at.row]))
    value = local[at.sample, j, at.row] if isinstance(edge, Coupled) else local[at.sample, at.row]
    return Factor(local_cell(edge, j, at.row), float(value))


def local_cell(edge: Edge, j: int, row: int) -> Cell:
    """d(head, tail) of contribution ``j`` to the cell in ``row``."""
    place = edge.place if isinstance(edge, Pointwise) else 0
    return cells.local(edge.head.cell(edge.head_row(j, row)), edge.tail.cell(row), place)


def _contribute(at: At, cell: Cell, upstream: Factor, local: Factor, sums: Array, k: int) -> Step:
    """One contribution.  Where the local derivative is a cell with another name, it is called by it:
    d(e[o1], y[h1]) is w[h1->o1]."""
    known = known_as(local)
    inputs = (upstream,) if known is None else (upstream, known)
    text = "{0}" if known is None else "{0} * {1}"
    if known is None and local.value != 1.0:
        text = f"{{0}} * {enclosed(local.value)}"
    product = upstream.value * local.value
    sign = "=" if at.numbers.setup.rule.overwrites else "+="
    return Step(
        at.number, at.when, "contribute", cell, sign, before(sums, k), float(sums[k]), (k + 1, len(sums)),
        inputs, text, upstream, local, product,
    )  # fmt: skip


def known_as(local: Factor) -> Factor | None:
    """The cell that holds a local derivative; None for the bias, whose local derivative is 1."""
    head, tail = local.cell.of, local.cell.by
    assert isinstance(head, Cell)
    assert isinstance(tail, Cell)
    if head.kind != "e":
        return local
    if tail.kind == "b":
        return None
    if tail.kind == "w":
        return Factor(cells.y(str(tail.of)), local.value)
    return Factor(cells.w(str(tail.of), str(head.of)), local.value)


def _gather_parameter(at: At) -> Step:
    vector, numbers = at.piece.vector, at.numbers
    (edge,) = at.piece.edges
    column = at.within
    sums = at.sums.parameter_gathered(vector, at.row, column)
    upstream = Factor(
        cells.d(edge.head.cell(at.row)), float(numbers.derivative(edge.head.id)[at.sample, at.row])
    )
    place = column if isinstance(edge, ToWeights) else at.row
    local = Factor(
        cells.local(edge.head.cell(at.row), vector.cell(at.row, column)),
        float(numbers.local_of(edge.id)[at.sample, place]),
    )
    return _contribute(at, cells.d(vector.cell(at.row, column)), upstream, local, sums, at.sample)


def _decay(at: At) -> Step:
    vector, numbers = at.piece.vector, at.numbers
    cell = vector.cell(at.row, at.within)
    weight = float(numbers.values[vector.id][at.row, at.within])
    l2 = numbers.setup.training.l2
    sums, k = at.sums.parameter_gathered(vector, at.row, at.within), numbers.samples
    upstream = Factor(cells.d(cells.LOSS), 1.0)
    local = Factor(cells.local(cells.LOSS, cell), l2 * weight)
    sign = "=" if numbers.setup.rule.overwrites else "+="
    return Step(
        at.number, at.when, "contribute", cells.d(cell), sign, before(sums, k), float(sums[k]),
        (k + 1, len(sums)), (upstream, Factor(cell, weight)), f"{{0}} * {constant_text(l2)} * {{1}}",
        upstream, local, local.value,
    )  # fmt: skip


def local_step(at: At, edge: Edge, j: int) -> Step:
    """A `local` step: the derivative of the head's cell ``j`` by the tail's cell in this row."""
    factor = _local_factor(at, edge, j)
    if isinstance(edge, CostSlope):
        inputs, text = cost_text(at, edge.cost.texts, edge.tail, edge.targets, 1)
        kink = edge.cost.at_kink
        at_kink = kink is not None and bool(kink(*(np.array(factor.value) for factor in inputs)))
        because = edge.cost.convention if at_kink else ""
        return at.step("local", factor.cell, "=", factor.value, inputs, text, because=because)
    if isinstance(edge, Coupled):
        return at.step("local", factor.cell, "=", factor.value, *_softmax_slope(at, edge, j))
    assert isinstance(edge, Pointwise)
    operands, places = operands_of(at, edge.operands)
    because = edge.function.convention if _is_at_kink(at, edge) else ""
    inputs, text = _pointwise_slope(at, edge, operands, places)
    return at.step("local", factor.cell, "=", factor.value, inputs, text, because=because)


def _is_at_kink(at: At, edge: Pointwise) -> bool:
    """Whether a convention stands in for the derivative, which does not exist at this point."""
    if not edge.function.at_kinks:
        return False
    numbers = [at.value(o, at.row) if isinstance(o, Vector) else o for o in edge.operands]
    return bool(edge.function.at_kinks[edge.operand](*(np.array(number) for number in numbers)))


def _softmax_slope(at: At, edge: Coupled, j: int) -> tuple[tuple[Factor, ...], str]:
    y_k = Factor(edge.head.cell(j), at.value(edge.head, j))
    if j == at.row:
        return (y_k,), "{0} * (1 - {0})"
    y_j = Factor(edge.head.cell(at.row), at.value(edge.head, at.row))
    return (y_k, y_j), "-{0} * {1}"


def _pointwise_slope(
    at: At, edge: Pointwise, operands: tuple[Factor, ...], places: dict[str, str]
) -> tuple[tuple[Factor, ...], str]:
    """The inputs and text of f′, with only those cells among the inputs that the text speaks of."""
    constants = tuple(o if isinstance(o, float) else "" for o in edge.operands)
    text = edge.function.partial_text(edge.operand, constants)
    y = Factor(edge.head.cell(at.row), at.value(edge.head, at.row))
    places = in_parentheses("mul", places)
    candidates = [*operands, y]
    filled = text.format(**places, y=f"{{{len(operands)}}}")
    used = [i for i in range(len(candidates)) if f"{{{i}}}" in filled]
    renamed = filled.format(*(f"{{{used.index(i)}}}" if i in used else "" for i in range(len(candidates))))
    return tuple(candidates[i] for i in used), renamed


BACKWARD_STEPS: dict[str, Callable[[At], Step]] = {
    "seed": _seed,
    "gather": _gather,
    "decay": _decay,
}
