"""The steps of the forward pass: term, bias, apply, cost, reduce.

A cell is computed in one step, or it is a sum seen growing; what a step reads, the operation says.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine.blocks import FORWARD
from bpstep.engine.describe.here import Here, before, put_in_place
from bpstep.engine.operation import Operation
from bpstep.engine.steps import Step

__all__ = ["FORWARD_STEPS"]


def _forward(here: Here) -> Step:
    operation = here.piece.operation
    assert operation is not None
    i, k = operation.cell_of(here.row), _term(here, operation)
    inputs, template = put_in_place(operation.said(here.read, i, k))
    cell = operation.head.cell(i)
    if not operation.is_sum:
        value = here.numbers.value(operation.head, here.sample, i)
        return here.step(here.piece.op, cell, "=", value, inputs, template)
    terms, sums = here.sums.value_grown(operation, here.sample, i)
    return here.step(
        here.piece.op, cell, "+=", sums[k], inputs, template,
        was=before(sums, k), part=(k + 1, len(sums)), product=terms[k],
    )  # fmt: skip


def _term(here: Here, operation: Operation) -> int:
    """Which of the terms of the cell the step adds."""
    if operation.by_term:
        return here.row
    if not operation.head.per_sample:
        return here.turn
    return operation.first_of[here.piece.op] + here.within


#: By phase and op.
FORWARD_STEPS: dict[tuple[str, str], Callable[[Here], Step]] = dict.fromkeys(
    [(FORWARD, op) for op in ("term", "bias", "apply", "cost", "reduce")], _forward
)
