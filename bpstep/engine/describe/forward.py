"""The steps of the forward pass: term, bias, apply, cost, reduce."""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine import cells
from bpstep.engine.describe.at import At, before
from bpstep.engine.functions import constant_text
from bpstep.engine.graph import Apply, CostSum, Softmax, Vector, WeightedSum
from bpstep.engine.passes import Pass
from bpstep.engine.steps import Factor, Step

__all__ = ["FORWARD_STEPS", "cost_text", "in_parentheses", "operands_of"]

#: A formula with up to this many places is written out in full.
_WRITTEN_OUT = 12


def _term(at: At) -> Step:
    operation = at.piece.operation
    assert isinstance(operation, WeightedSum)
    sums, k = at.sums.net_sums(operation, at.sample, at.row), at.within
    w = operation.weights.cell(at.row, k)
    source = cells.y(operation.weights.columns[k])
    weight = float(at.numbers.values[operation.weights.id][at.row, k])
    sent = _source_value(at.numbers, operation, at.sample, k)
    return at.step(
        "term", operation.head.cell(at.row), "+=", sums[k], (Factor(w, weight), Factor(source, sent)),
        "{0} * {1}", was=before(sums, k), part=(k + 1, len(sums)), product=weight * sent,
    )  # fmt: skip


def _source_value(numbers: Pass, operation: WeightedSum, sample: int, column: int) -> float:
    """The output of the source in one column of the weights."""
    for source in operation.sources:
        if column < len(source.names):
            return float(numbers.values[source.id][sample, column])
        column -= len(source.names)
    raise IndexError(column)


def _bias(at: At) -> Step:
    operation = at.piece.operation
    assert isinstance(operation, WeightedSum)
    assert operation.bias is not None
    sums = at.sums.net_sums(operation, at.sample, at.row)
    bias = Factor(operation.bias.cell(at.row), float(at.numbers.values[operation.bias.id][at.row]))
    k = len(sums) - 1
    return at.step(
        "bias", operation.head.cell(at.row), "+=", sums[k], (bias,), "{0}",
        was=before(sums, k), part=(k + 1, len(sums)), product=bias.value,
    )  # fmt: skip


def _apply(at: At) -> Step:
    operation = at.piece.operation
    head = at.piece.vector
    value, cell = at.value(head, at.row), head.cell(at.row)
    if isinstance(operation, Softmax):
        inputs = tuple(
            Factor(operation.net.cell(row), at.value(operation.net, row))
            for row in range(len(operation.net.names))
        )
        return at.step("apply", cell, "=", value, inputs, _softmax_text(at.row, len(inputs)))
    assert isinstance(operation, Apply)
    inputs, places = operands_of(at, operation.operands)
    template = operation.function.text.format(**in_parentheses(operation.function.name, places))
    return at.step("apply", cell, "=", value, inputs, template)


def _softmax_text(row: int, width: int) -> str:
    if width > _WRITTEN_OUT:
        return f"exp({{{row}}}) / sum(exp(e))"
    powers = " + ".join(f"exp({{{k}}})" for k in range(width))
    return f"exp({{{row}}}) / ({powers})"


def operands_of(at: At, operands: tuple[Vector | float, ...]) -> tuple[tuple[Factor, ...], dict[str, str]]:
    """The cells that a function reads, and what stands for each operand in the function's text."""
    inputs: list[Factor] = []
    places: dict[str, str] = {}
    for letter, operand in zip("ab", operands, strict=False):
        if isinstance(operand, Vector):
            places[letter] = f"{{{len(inputs)}}}"
            inputs.append(Factor(operand.cell(at.row), at.value(operand, at.row)))
        else:
            places[letter] = constant_text(operand)
    return tuple(inputs), places


def in_parentheses(function: str, places: dict[str, str]) -> dict[str, str]:
    """A negative constant behind an operator needs parentheses."""
    if function not in ("add", "sub", "mul", "div", "pow"):
        return places
    return {key: f"({text})" if text.startswith("-") else text for key, text in places.items()}


def _cost(at: At) -> Step:
    operation = at.piece.operation
    assert isinstance(operation, CostSum)
    sums = at.numbers.cost_sums[:, at.sample]
    k = at.row
    inputs, template = cost_text(at, operation.cost.texts, operation.outputs, operation.targets, 0)
    return at.step(
        "cost", cells.COST, "+=", sums[k], inputs, template,
        was=before(sums, k), part=(k + 1, len(sums)), product=at.numbers.cost_terms[k, at.sample],
    )  # fmt: skip


def cost_text(
    at: At, texts: Callable[[float], tuple[str, str]], outputs: Vector, targets: Vector, which: int
) -> tuple[tuple[Factor, ...], str]:
    """The inputs and the text of a cost term (``which`` 0) or of its slope (1)."""
    y = Factor(outputs.cell(at.row), at.value(outputs, at.row))
    t = Factor(targets.cell(at.row), at.value(targets, at.row))
    text = texts(t.value)[which].format(y="{0}", t="{1}", K=str(len(outputs.names)))
    return (y, t), text


def _reduce(at: At) -> Step:
    numbers = at.numbers
    sums, k = numbers.loss_sums, at.sample
    cost = Factor(cells.COST, at.value(numbers.graph.root, 0))
    averaged = numbers.samples > 1 and numbers.setup.training.reduction == "mean"
    return at.step(
        "reduce", cells.LOSS, "+=", sums[k], (cost,), f"{{0}} / {numbers.samples}" if averaged else "{0}",
        was=before(sums, k), part=(k + 1, len(sums)), product=numbers.loss_terms[k],
    )  # fmt: skip


def _penalty(at: At) -> Step:
    numbers = at.numbers
    sums, k = numbers.loss_sums, numbers.samples
    half = f"{constant_text(numbers.setup.training.l2)} / 2"
    inputs = tuple(
        Factor(vector.cell(row, column), float(numbers.values[vector.id][row, column]))
        for vector in numbers.graph.parameters
        if vector.kind == "w"
        for row in range(len(vector.names))
        for column in range(len(vector.columns))
    )
    squares = " + ".join(f"{{{i}}}^2" for i in range(len(inputs)))
    text = f"{half} * ({squares})" if len(inputs) <= _WRITTEN_OUT else f"{half} * sum(w^2)"
    return at.step(
        "reduce", cells.LOSS, "+=", sums[k], inputs, text,
        was=before(sums, k), part=(k + 1, len(sums)), product=numbers.loss_terms[k],
    )  # fmt: skip


FORWARD_STEPS: dict[str, Callable[[At], Step]] = {
    "term": _term,
    "bias": _bias,
    "apply": _apply,
    "cost": _cost,
    "reduce": _reduce,
    "penalty": _penalty,
}
