"""The steps of the forward pass: term, bias, apply, cost, reduce.

A cell is computed in one step, or it is a sum seen growing; what a step reads, the operation says.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine.describe.at import At, before, put_in_place
from bpstep.engine.operation import Operation
from bpstep.engine.steps import Step

__all__ = ["FORWARD_STEPS"]


def _forward(at: At) -> Step:
    operation = at.piece.operation
    assert operation is not None
    i, k = _cell_and_term(at, operation)
    inputs, template = put_in_place(operation.said(at.read, i, k))
    cell = operation.head.cell(i)
    if not operation.is_sum:
        value = at.numbers.value(operation.head, at.sample, i)
        return at.step(at.piece.kind, cell, "=", value, inputs, template)
    terms, sums = at.sums.value_grown(operation, at.sample, i)
    return at.step(
        at.piece.kind, cell, "+=", sums[k], inputs, template,
        was=before(sums, k), part=(k + 1, len(sums)), product=terms[k],
    )  # fmt: skip


def _cell_and_term(at: At, operation: Operation) -> tuple[int, int]:
    """The cell of the head, and which of its terms the step adds."""
    if operation.by_term:
        return 0, at.row
    if not operation.head.per_sample:  # a sample adds one; what is done once a batch comes last
        return 0, at.numbers.samples + at.within if at.in_tail else at.sample
    return at.row, operation.first_of[at.piece.kind] + at.within


FORWARD_STEPS: dict[str, Callable[[At], Step]] = dict.fromkeys(
    ("term", "bias", "apply", "cost", "reduce"), _forward
)
