"""An expression as its file states it: the statements as they were written, or, where there are none, new ones.

What a file says stands in the scenario (`bpstep.scenario.model.Stated`).  If the problem is another one by now, or was
never in a file, each of its operations is a statement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bpstep.engine.functions import FUNCTIONS, enclosed
from bpstep.engine.specs import ExpressionSpec, Operation, Taken
from bpstep.scenario.functions import COST_FUNCTIONS
from bpstep.scenario.making import Given
from bpstep.scenario.model import Stated
from bpstep.scenario.shapes import Shape
from bpstep.scenario.statements import compile_program

__all__ = ["expression_document", "statement_of"]

_COST_CALLS = {row: call for call, row in COST_FUNCTIONS.items()}


def expression_document(problem: ExpressionSpec, stated: Stated | None) -> dict[str, Any]:
    """The tables of a file that states this problem: ``expression``, and ``sample`` where it has samples."""
    values = dict(zip(problem.inputs, problem.values, strict=True))
    given = {
        name: Given(np.shape(value), np.asarray(value)[np.newaxis], name in problem.parameters)
        for name, value in values.items()
    }
    ids: Mapping[str, Any] = {}
    define = []
    if stated is not None and _says(stated, given, problem):
        define, ids = list(stated.define), stated.ids
        last = compile_program(define, {**given, **_ids(stated)}).statements[-1].name
    else:
        shapes = {name: one.shape for name, one in given.items()}
        shapes |= {operation.name: operation.shape for operation in problem.operations}
        define = [statement_of(operation, shapes) for operation in problem.operations]
        last = problem.operations[-1].name
    table: dict[str, Any] = {"define": define}
    if problem.output != last:
        table["output"] = problem.output
    if problem.parameters:
        table["parameters"] = list(problem.parameters)
    table["inputs"] = {
        name: _written(value) for name, value in values.items() if name not in problem.by_sample
    } | dict(ids)
    if problem.labels:
        table["labels"] = {name: list(words) for name, words in problem.labels.items()}
    return {"expression": table} | _samples(problem)


def _written(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _samples(problem: ExpressionSpec) -> dict[str, Any]:
    """A table for each sample."""
    by_sample = {name: values.tolist() for name, values in problem.by_sample.items()}
    rows = [dict(zip(by_sample, row, strict=True)) for row in zip(*by_sample.values(), strict=True)]
    return {"sample": [{"values": row} for row in rows]} if rows else {}


def _ids(stated: Stated) -> dict[str, Given]:
    return {
        name: Given(np.shape(ids), np.asarray(ids, float)[np.newaxis]) for name, ids in stated.ids.items()
    }


def _says(stated: Stated, given: Mapping[str, Given], problem: ExpressionSpec) -> bool:
    """Whether the statements of a file still give the operations of a problem."""
    program = compile_program(stated.define, {**given, **_ids(stated)}, problem.output)
    if program.problems or len(program.operations) != len(problem.operations):
        return False
    return all(map(_is_same, program.operations, problem.operations))


def _is_same(one: Operation, other: Operation) -> bool:
    """Whether two operations compute the same from the same cells."""
    if len(one.operands) != len(other.operands):
        return False
    return _facts(one) == _facts(other) and all(map(_is_same_operand, one.operands, other.operands))


def _facts(one: Operation) -> tuple[object, ...]:
    return one.name, one.function, one.shape, one.axis, one.window, one.handed_on, one.is_statistic


def _is_same_operand(one: str | float | Taken, other: str | float | Taken) -> bool:
    if isinstance(one, Taken) and isinstance(other, Taken):
        return (
            one.arrays == other.arrays
            and np.array_equal(one.which, other.which)
            and np.array_equal(one.places, other.places)
        )
    if isinstance(one, float) and isinstance(other, float):
        return repr(one) == repr(other)
    return one == other


# --- an operation as a statement --------------------------------------------------------------------------


def statement_of(operation: Operation, shapes: Mapping[str, Shape] | None = None) -> str:
    """An operation as a file states it; ``shapes`` are those of the variables, where they have several cells.

    >>> statement_of(Operation("y", "pow", ("x", -1.0)))
    'y = x^(-1)'
    >>> statement_of(Operation("v", "sum", ("A",), (2,), axis=1))
    'v = sum(A, axis=2)'
    """
    operands = [_operand(operand, shapes or {}) for operand in operation.operands]
    return f"{operation.name} = {_right_side(operation, operands)}"


def _right_side(operation: Operation, operands: list[str]) -> str:
    function, given = operation.function, ", ".join(operands)
    axis = "" if operation.axis is None else f", axis={operation.axis + 1}"
    if function in _COST_CALLS:
        return f"{_COST_CALLS[function]}({given})"
    if function == "matmul":
        return f"{operands[0]} @ {operands[1]}"
    if function == "largest":
        return f"max({given}{axis})"
    if operation.window is not None:
        window = operation.window
        if function == "conv":
            return f"conv({given}, stride={window.stride[0]}, padding={window.padding[0]})"
        sizes = ", ".join(map(str, window.size))
        stride = "" if window.stride == window.size else f", stride={window.stride[0]}"
        return f"{function.replace('-', '_')}({given}, {sizes}{stride})"
    if function not in FUNCTIONS:
        return f"{function.replace('-', '_')}({given}{axis})"
    return FUNCTIONS[function].text.format(**dict(zip("ab", operands, strict=False)))


def _operand(operand: str | float | Taken, shapes: Mapping[str, Shape]) -> str:
    if isinstance(operand, float):
        return _constant(operand)
    if isinstance(operand, str):
        return operand
    cells = [
        _cell(operand.arrays[which], int(place), shapes)
        for which, place in zip(operand.which.flat, operand.places.flat, strict=True)
    ]
    if not operand.shape:
        return cells[0]
    stack = f"stack({', '.join(cells)})"
    return stack if len(operand.shape) == 1 else f"reshape({stack}, {', '.join(map(str, operand.shape))})"


def _cell(name: str, place: int, shapes: Mapping[str, Shape]) -> str:
    """One cell of a variable as a number."""
    shape = shapes.get(name, ())
    indices = ", ".join(str(k + 1) for k in np.unravel_index(place, shape)) if shape else ""
    return f"{name}[{indices}]" if indices else name


def _constant(number: float) -> str:
    """A constant operand; −0 keeps its sign, which a formula on the screen does not need."""
    return "(-0.0)" if number == 0.0 and math.copysign(1.0, number) < 0.0 else enclosed(number)
