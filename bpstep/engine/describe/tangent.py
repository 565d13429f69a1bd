"""The steps of forward mode: seed, local, tangent.

A tangent reads as its mirror image in the backward pass does: ``dot(e[o1]) += w[h1->o1] * dot(y[h1])``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.describe.at import At, before
from bpstep.engine.describe.backward import known_as, local_cell, local_step
from bpstep.engine.functions import constant_text
from bpstep.engine.graph import CostSlope, Coupled, Edge, Operation, Through, ToWeights
from bpstep.engine.passes import Pass
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor, Step
from bpstep.engine.sums import running_sum
from bpstep.engine.tangents import contributions_to

__all__ = ["TANGENT_STEPS", "tangent_sums"]


def _start(at: At) -> Step:
    vector, row, column = at.numbers.setup.seed
    return at.step("seed", cells.dot(vector.cell(row, column)), "=", 1.0, (), "1")


def _tangent(at: At) -> Step:
    piece = at.piece
    k, place = divmod(at.within, piece.stride)
    edge = piece.edges[k]
    row = 0 if isinstance(edge, CostSlope) else at.row
    arriving = contributions_to(_operation(at), row, at.numbers.setup.reached)
    if isinstance(edge, CostSlope):
        k = [other for _, other in arriving].index(at.row)
    _, other = arriving[k]
    if place < piece.stride - 1:
        tail_row = other if isinstance(edge, Coupled) else at.row
        return local_step(at.on(tail_row), edge, row)
    return _add(at, edge, row, other, k)


def _operation(at: At) -> Operation:
    assert at.piece.operation is not None
    return at.piece.operation


def _add(at: At, edge: Edge, row: int, other: int, k: int) -> Step:
    numbers = at.numbers
    assert numbers.tangents is not None
    sums = tangent_sums(numbers, _operation(at), at.sample, row)
    local = Factor(
        _local_cell(edge, row, other), float(_slope(numbers.local_of(edge.id), edge, at.sample, row, other))
    )
    tail = edge.tail.cell(row, other) if isinstance(edge, ToWeights) else edge.tail.cell(other)
    dot = numbers.tangents.dot[edge.tail.id]
    arriving = Factor(cells.dot(tail), float(_at(dot, edge, at.sample, row, other)))
    text, read = known_as(local)
    with np.errstate(all="ignore"):
        product = float(np.float64(local.value) * arriving.value)
    return at.step(
        "tangent", cells.dot(edge.head.cell(row)), "+=", sums[k], (*read, arriving),
        f"{text} * {{1}}" if read else "{0}",
        was=before(sums, k), part=(k + 1, len(sums)), product=product, local=local,
    )  # fmt: skip


def _local_cell(edge: Edge, row: int, other: int) -> Cell:
    """d(head, tail) of one contribution."""
    if isinstance(edge, ToWeights):
        return cells.local(edge.head.cell(row), edge.tail.cell(row, other))
    if isinstance(edge, Through | Coupled):
        return cells.local(edge.head.cell(row), edge.tail.cell(other))
    return local_cell(edge, 0, other)


def _slope(local: Array, edge: Edge, sample: int, row: int, other: int) -> float:
    if isinstance(edge, Through):
        return float(local[row, other])
    if isinstance(edge, Coupled):
        return float(local[sample, row, other])
    return float(local[sample, other])


def _at(dot: Array, edge: Edge, sample: int, row: int, other: int) -> float:
    if isinstance(edge, ToWeights):
        return float(dot[row, other])
    return float(dot[sample, other] if dot.ndim == 2 and not edge.tail.is_parameter else dot.ravel()[other])


def tangent_sums(numbers: Pass, operation: Operation, sample: int, row: int) -> Array:
    """The tangent of one cell, seen growing."""
    assert numbers.tangents is not None
    arriving = contributions_to(operation, row, numbers.setup.reached)
    terms = np.empty(len(arriving))
    with np.errstate(all="ignore"):
        for k, (edge, other) in enumerate(arriving):
            slope = _slope(numbers.local_of(edge.id), edge, sample, row, other)
            terms[k] = slope * _at(numbers.tangents.dot[edge.tail.id], edge, sample, row, other)
        return running_sum(terms)


def _loss(at: At) -> Step:
    numbers = at.numbers
    assert numbers.tangents is not None
    sums, k = numbers.loss_tangent_sums, at.sample
    cost = Factor(cells.dot(cells.COST), float(numbers.tangents.dot[numbers.graph.root.id][k, 0]))
    averaged = numbers.samples > 1 and numbers.setup.training.reduction == "mean"
    return at.step(
        "tangent", cells.dot(cells.LOSS), "+=", sums[k], (cost,), f"{{0}} / {numbers.samples}" if averaged else "{0}",
        was=before(sums, k), part=(k + 1, len(sums)),
        product=cost.value / numbers.samples if averaged else cost.value,
        local=Factor(cells.local(cells.LOSS, cells.COST), numbers.setup.share(numbers.samples)),
    )  # fmt: skip


def _penalty(at: At) -> Step:
    numbers = at.numbers
    sums = numbers.loss_tangent_sums
    k = len(sums) - 1
    weight, l2 = at.parameter(*numbers.setup.seed), numbers.setup.training.l2
    local = Factor(cells.local(cells.LOSS, weight.cell), l2 * weight.value)
    return at.step(
        "tangent", cells.dot(cells.LOSS), "+=", sums[k], (weight, Factor(cells.dot(weight.cell), 1.0)),
        f"{constant_text(l2)} * {{0}} * {{1}}",
        was=before(sums, k), part=(k + 1, len(sums)), product=local.value, local=local,
    )  # fmt: skip


TANGENT_STEPS: dict[str, Callable[[At], Step]] = {
    "start": _start,
    "tangent": _tangent,
    "loss-tangent": _loss,
    "penalty-tangent": _penalty,
}
