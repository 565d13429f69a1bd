"""The steps of the forward pass: term, bias, apply, cost, reduce."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpstep.engine import cells
from bpstep.engine.describe.at import At, before, numbered, placed
from bpstep.engine.functions import constant_text, enclosed
from bpstep.engine.graph import Apply, CostSum, Softmax, Vector, WeightedSum
from bpstep.engine.steps import Factor, Step
from bpstep.engine.sums import running_sum

__all__ = ["FORWARD_STEPS", "cost_text", "softmax_text"]

#: A formula with up to this many places is written out in full.
_WRITTEN_OUT = 12

#: exp of more than 709 is no number any more.
_LARGEST_EXPONENT = 700.0


def _term(at: At) -> Step:
    operation = at.piece.operation
    assert isinstance(operation, WeightedSum)
    sums, k = at.sums.net_sums(operation, at.sample, at.row), at.within
    weight, sent = at.parameter(operation.weights, at.row, k), _source(at, operation, k)
    return at.step(
        "term", operation.head.cell(at.row), "+=", sums[k], (weight, sent),
        "{0} * {1}", was=before(sums, k), part=(k + 1, len(sums)), product=weight.value * sent.value,
    )  # fmt: skip


def _source(at: At, operation: WeightedSum, column: int) -> Factor:
    """The output of the source in one column of the weights."""
    cell = cells.y(operation.weights.columns[column])
    for source in operation.sources:
        if column < len(source.names):
            return Factor(cell, at.value(source, column))
        column -= len(source.names)
    raise IndexError(column)


def _bias(at: At) -> Step:
    operation = at.piece.operation
    assert isinstance(operation, WeightedSum)
    assert operation.bias is not None
    sums = at.sums.net_sums(operation, at.sample, at.row)
    bias = at.parameter(operation.bias, at.row)
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
        inputs, template = numbered(*softmax_text(at, operation.net, at.row))
        return at.step("apply", cell, "=", value, inputs, template)
    assert isinstance(operation, Apply)
    inputs, places = _operands_of(at, operation.operands)
    template = operation.function.text.format(**_in_parentheses(operation.function.name, places))
    return at.step("apply", cell, "=", value, inputs, template)


def softmax_text(at: At, net: Vector, row: int) -> tuple[str, dict[str, Factor]]:
    """exp(e) over the sum of all, as a text over names, and the factors of these names.

    Of a wide layer the sum is one number.  Where exp would overflow, the largest net input is subtracted everywhere,
    as the engine does.
    """
    e = at.numbers.values[net.id][at.sample]
    largest = float(np.max(e))
    less = f" - {enclosed(largest)}" if _LARGEST_EXPONENT <= abs(largest) < np.inf else ""
    rows = range(len(net.names))
    if len(rows) <= _WRITTEN_OUT:
        readable = {f"e{k}": Factor(net.cell(k), float(e[k])) for k in rows}
        powers = " + ".join(f"exp({{e{k}}}{less})" for k in rows)
        return f"exp({{e{row}}}{less}) / ({powers})", readable
    with np.errstate(all="ignore"):
        total = running_sum(np.exp(e - largest if less else e))[-1]
    readable = {
        "e": Factor(net.cell(row), float(e[row])),
        "all": Factor(cells.total(f"exp(e{less})"), float(total)),
    }
    return f"exp({{e}}{less}) / {{all}}", readable


def _operands_of(at: At, operands: tuple[Vector | float, ...]) -> tuple[tuple[Factor, ...], dict[str, str]]:
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


def _in_parentheses(function: str, places: dict[str, str]) -> dict[str, str]:
    """A negative constant behind an operator needs parentheses."""
    if function not in ("add", "sub", "mul", "div", "pow"):
        return places
    return {key: f"({text})" if text.startswith("-") else text for key, text in places.items()}


def _cost(at: At) -> Step:
    operation = at.piece.operation
    assert isinstance(operation, CostSum)
    sums = at.numbers.cost_sums[:, at.sample]
    k = at.row
    inputs, template = placed(*cost_text(at, operation.cost.texts, operation.outputs, operation.targets, 0))
    return at.step(
        "cost", cells.COST, "+=", sums[k], inputs, template,
        was=before(sums, k), part=(k + 1, len(sums)), product=at.numbers.cost_terms[k, at.sample],
    )  # fmt: skip


def cost_text(
    at: At, texts: Callable[[float], tuple[str, str]], outputs: Vector, targets: Vector, which: int
) -> tuple[str, dict[str, Factor]]:
    """The text of a cost term (``which`` 0) or of its slope (1) over the names y and t, and their factors."""
    y = Factor(outputs.cell(at.row), at.value(outputs, at.row))
    t = Factor(targets.cell(at.row), at.value(targets, at.row))
    return texts(t.value)[which].replace("{K}", str(len(outputs.names))), {"y": y, "t": t}


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
    """l2 / 2 times the sum of w^2 over all weights: of many weights, the sum is one number."""
    numbers = at.numbers
    sums, k = numbers.loss_sums, numbers.samples
    weights = [vector for vector in numbers.graph.parameters if vector.kind == "w"]
    inputs: tuple[Factor, ...] = (Factor(cells.total("w^2"), numbers.weights_squared),)
    text = "({0})"
    if sum(numbers.values[vector.id].size for vector in weights) <= _WRITTEN_OUT:
        inputs = tuple(
            at.parameter(vector, row, column)
            for vector in weights
            for row in range(len(vector.names))
            for column in range(len(vector.columns))
        )
        text = f"({' + '.join(f'{{{i}}}^2' for i in range(len(inputs)))})"
    return at.step(
        "reduce", cells.LOSS, "+=", sums[k], inputs, f"{constant_text(numbers.setup.training.l2)} / 2 * {text}",
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
