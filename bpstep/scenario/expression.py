"""The ``[expression]`` of a file: checked, and as the engine's `ExpressionSpec`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bpstep.engine.specs import ExpressionSpec, Operation
from bpstep.scenario.problems import Report, did_you_mean
from bpstep.scenario.statements import compile_statements, name_problem, not_finite

__all__ = ["expression_spec"]

_HERE = ("expression",)


def expression_spec(table: dict[str, Any], report: Report) -> ExpressionSpec | None:
    """The problem that a table states; None where it is so broken that there is none."""
    inputs = _inputs(table.get("inputs", {}), report)
    define = table.get("define")
    single = isinstance(define, str)
    statements = [define] if single else define
    if not isinstance(statements, list) or not all(isinstance(s, str) for s in statements):
        return None
    if not statements:
        report.add((*_HERE, "define"), "nothing is defined; expected at least one statement")
        return None
    operations, problems = compile_statements(statements, list(inputs))
    for problem in problems:
        where = (*_HERE, "define") if single else (*_HERE, "define", problem.index)
        report.add(where, problem.message, inside=problem.column)
    if problems or not operations:
        return None
    for name in not_finite(operations):
        report.add((*_HERE, "define"), f'a constant in "{name}" is not finite')
    output = _output(table, operations, report)
    parameters = _parameters(table.get("parameters", []), inputs, report)
    if output is None:
        return None
    _check_ways(inputs, operations, output, report)
    return ExpressionSpec(tuple(inputs), tuple(inputs.values()), tuple(operations), output, parameters)


def _inputs(table: object, report: Report) -> dict[str, float]:
    found: dict[str, float] = {}
    if not isinstance(table, dict):
        return found
    for name, value in table.items():
        if problem := name_problem(name):
            report.add((*_HERE, "inputs", name), problem)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = float(value)
        else:
            found[name] = 0.0
    return found


def _output(table: dict[str, Any], operations: Sequence[Operation], report: Report) -> str | None:
    names = [operation.name for operation in operations]
    output = table.get("output", names[-1])
    if output in names:
        return str(output)
    report.add((*_HERE, "output"), f'"{output}" is not defined{did_you_mean(str(output), names)}')
    return None


def _parameters(names: object, inputs: dict[str, float], report: Report) -> tuple[str, ...]:
    if not isinstance(names, list):
        return ()
    for place, name in enumerate(names):
        if name not in inputs:
            near = did_you_mean(str(name), inputs)
            report.add((*_HERE, "parameters", place), f'"{name}" is no input{near}')
        elif name in names[:place]:
            report.add((*_HERE, "parameters", place), f'"{name}" is named twice')
    return tuple(dict.fromkeys(str(name) for name in names))


def _check_ways(
    inputs: dict[str, float], operations: Sequence[Operation], output: str, report: Report
) -> None:
    """Everything must have a way to the output, or its derivative would be a riddle."""
    needed = {output}
    for operation in reversed(operations):
        if operation.name in needed:
            needed.update(o for o in operation.operands if isinstance(o, str))
    for name in inputs:
        if name not in needed:
            report.add((*_HERE, "inputs", name), f'"{name}" has no way to the output "{output}"')
    for operation in operations:
        if operation.name not in needed:
            report.add((*_HERE, "define"), f'"{operation.name}" has no way to the output "{output}"')
