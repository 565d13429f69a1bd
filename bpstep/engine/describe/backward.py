"""The steps of the backward pass: seed, local, contribute.

A local derivative is called by the name under which a student knows it.  d(e[o1], y[h1]) is the weight
w[h1->o1], so a contribution reads ``d(y[h1]) += d(e[o1]) * w[h1->o1]``; its `Step.local` keeps the full
name.  A wrong rule takes something else in its place, and then that is what stands there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import numpy as np

from bpstep.engine import cells
from bpstep.engine.calculator import is_sum
from bpstep.engine.cells import Cell
from bpstep.engine.describe.at import At, before, numbered, placed
from bpstep.engine.describe.forward import cost_text, softmax_text
from bpstep.engine.functions import constant_text, enclosed
from bpstep.engine.graph import CostSlope, Coupled, Edge, Pointwise, Through, ToWeights, Vector
from bpstep.engine.rules import CORRECT
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor, Step

__all__ = ["BACKWARD_STEPS", "edge_of", "known_as", "local_cell", "local_step"]

#: What stands for a local derivative in a formula: a text, and the inputs in its places.
_Known = tuple[str, tuple[Factor, ...]]


def _seed(at: At) -> Step:
    root, numbers = at.numbers.graph.root, at.numbers
    value = float(numbers.derivative(root.id)[at.sample, 0])
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
    known = _known_weight(at, edge, j) if isinstance(edge, Through) else known_as(local)
    return _contribute(at, cells.d(vector.cell(at.row)), upstream, local, known, sums, k)


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


def _contribute(
    at: At, cell: Cell, upstream: Factor, local: Factor, known: _Known, sums: Array, k: int
) -> Step:
    """One contribution: upstream times what is ``known`` for its local derivative."""
    text, read = known
    right = text.format(*(f"{{{place}}}" for place in range(1, 1 + len(read))))
    right = f"({right})" if is_sum(right) else right
    return at.step(
        "contribute", cell, "=" if at.numbers.setup.rule.overwrites else "+=", sums[k], (upstream, *read),
        f"{{0}} * {right}" if right != "1" else "{0}",
        was=before(sums, k), part=(k + 1, len(sums)), product=upstream.value * local.value,
        upstream=upstream, local=local,
    )  # fmt: skip


def known_as(local: Factor) -> _Known:
    """What stands for a local derivative in a formula: the cell that holds it; of a bias, the number 1."""
    head, tail = local.cell.of, local.cell.by
    assert isinstance(head, Cell)
    assert isinstance(tail, Cell)
    if head.kind != "e":
        return "{0}", (local,)
    if tail.kind == "b":
        return enclosed(local.value), ()
    if tail.kind == "w":
        return "{0}", (Factor(cells.y(str(tail.of)), local.value),)
    return "{0}", (Factor(cells.w(str(tail.of), str(head.of)), local.value),)


def _known_weight(at: At, edge: Through, j: int) -> _Known:
    """The weight that a delta goes back through, or what a wrong rule takes for it."""
    numbers, vector = at.numbers, edge.weights
    text, row, column = numbers.setup.rule.weight_text(edge, numbers.graph, j, at.row)
    weight = at.parameter(vector, row, column)
    readable = {"w": weight}
    if "{g}" in text:  # the gradient as far as the backward pass had it: l2 comes later
        gradient = at.sums.parameter_gathered(vector, row, column)[at.sample]
        readable["g"] = Factor(cells.d(weight.cell), float(gradient))
        readable["lr"] = Factor(cells.clock("lr"), numbers.rate)
    read, text = numbered(text, readable)
    return text, read


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
    cell = cells.d(vector.cell(at.row, column))
    return _contribute(at, cell, upstream, local, known_as(local), sums, at.sample)


def _decay(at: At) -> Step:
    """l2 is a consumer of every weight like any other: d(loss) = 1, and d(loss, w) = l2 * w."""
    vector, numbers = at.piece.vector, at.numbers
    weight, l2 = at.parameter(vector, at.row, at.within), numbers.setup.training.l2
    sums = at.sums.parameter_gathered(vector, at.row, at.within)
    local = Factor(cells.local(cells.LOSS, weight.cell), l2 * weight.value)
    known = f"{constant_text(l2)} * {{0}}", (weight,)
    upstream = Factor(cells.d(cells.LOSS), 1.0)
    return _contribute(at, cells.d(weight.cell), upstream, local, known, sums, numbers.samples)


def local_step(at: At, edge: Edge, j: int) -> Step:
    """A `local` step: the derivative of the head's cell ``j`` by the tail's cell in this row."""
    factor, numbers = _local_factor(at, edge, j), at.numbers
    right, readable, convention = _slope(at, edge, j)
    # Forward mode knows no wrong rules.
    rule = numbers.setup.rule if numbers.tangents is None else CORRECT
    text = rule.slope_text(edge, numbers.graph, right, not isinstance(edge, Coupled) or j == at.row)
    inputs, template = (placed if isinstance(edge, CostSlope) else numbered)(text, readable)
    because = convention if text == right else ""
    return at.step("local", factor.cell, "=", factor.value, inputs, template, because=because)


def _slope(at: At, edge: Edge, j: int) -> tuple[str, dict[str, Factor], str]:
    """The right local derivative: its text over names, the factors of these names, and at a kink the convention."""
    if isinstance(edge, CostSlope):
        return _cost_slope(at, edge)
    y = Factor(edge.head.cell(edge.head_row(j, at.row)), at.value(edge.head, edge.head_row(j, at.row)))
    if isinstance(edge, Coupled):
        return *_softmax_slope(at, edge, j, y), ""
    assert isinstance(edge, Pointwise)
    return _pointwise_slope(at, edge, y)


#: Net inputs further apart than this make outputs too far apart to be told by one another.
_FAR_APART = 300.0


def _softmax_slope(at: At, edge: Coupled, j: int, y: Factor) -> tuple[str, dict[str, Factor]]:
    """A place in the Jacobian, -y_k * y_j.

    Forward mode comes to some before it has y_j, which is then told by what it has: y_j = y_k * exp(e_j - e_k).
    """
    if j == at.row:
        return "{y} * (1 - {y})", {"y": y}
    if at.numbers.tangents is None or at.row < j:
        other = Factor(edge.head.cell(at.row), at.value(edge.head, at.row))
        return "-{y} * {other}", {"y": y, "other": other}
    net = edge.tail
    own, other = (Factor(net.cell(row), at.value(net, row)) for row in (j, at.row))
    if abs(other.value - own.value) < _FAR_APART:
        return "-{y}^2 * exp({other} - {own})", {"y": y, "other": other, "own": own}
    text, readable = softmax_text(at, net, at.row)
    return f"-{{y}} * {text}", {"y": y, **readable}


def _cost_slope(at: At, edge: CostSlope) -> tuple[str, dict[str, Factor], str]:
    text, readable = cost_text(at, edge.cost.texts, edge.tail, edge.targets, 1)
    kink = edge.cost.at_kink
    numbers = [np.array(readable[name].value) for name in ("y", "t")]
    return text, readable, edge.cost.convention if kink is not None and bool(kink(*numbers)) else ""


def _pointwise_slope(at: At, edge: Pointwise, y: Factor) -> tuple[str, dict[str, Factor], str]:
    function, operand = edge.function, edge.operand
    text = function.partial_text(operand, tuple(o if isinstance(o, float) else "" for o in edge.operands))
    readable, numbers = {"y": y}, []
    for letter, stands in zip("ab", edge.operands, strict=False):
        if isinstance(stands, Vector):
            readable[letter] = Factor(stands.cell(at.row), at.value(stands, at.row))
            numbers.append(np.array(readable[letter].value))
        else:
            text = text.replace(f"{{{letter}}}", enclosed(stands))
            numbers.append(np.array(stands))
    if not function.at_kinks or not bool(function.at_kinks[operand](*numbers)):
        return text, readable, ""
    return function.text_at_kink or text, readable, function.convention


BACKWARD_STEPS: dict[str, Callable[[At], Step]] = {
    "seed": _seed,
    "gather": _gather,
    "decay": _decay,
}
