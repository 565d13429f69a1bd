"""The steps of the forward pass: term, bias, apply, cost, reduce.

A cell is computed in one step, or it is a sum seen growing; what a step reads, the operation says.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine.blocks import FORWARD
from bpstep.engine.describe.at import At, before, put_in_place
from bpstep.engine.operation import Operation
from bpstep.engine.steps import Step

__all__ = ["FORWARD_STEPS"]


def _forward(at: At) -> Step:
    operation = at.piece.operation
    assert operation is not None
    i, k = operation.cell_of(at.row), _term(at, operation)
    inputs, template = put_in_place(operation.said(at.read, i, k))
    cell = operation.head.cell(i)
    if not operation.is_sum:
        value = at.numbers.value(operation.head, at.sample, i)
        return at.step(at.piece.op, cell, "=", value, inputs, template)
    terms, sums = at.sums.value_grown(operation, at.sample, i)
    return at.step(
        at.piece.op, cell, "+=", sums[k], inputs, template,
        was=before(sums, k), part=(k + 1, len(sums)), product=terms[k],
    )  # fmt: skip


def _term(at: At, operation: Operation) -> int:
    """Which of the terms of the cell the step adds."""
    if operation.by_term:
        return at.row
    if not operation.head.per_sample:
        return at.turn
    return operation.first_of[at.piece.op] + at.within


#: By phase and op.
FORWARD_STEPS: dict[tuple[str, str], Callable[[At], Step]] = dict.fromkeys(
    [(FORWARD, op) for op in ("term", "bias", "apply", "cost", "reduce")], _forward
)
