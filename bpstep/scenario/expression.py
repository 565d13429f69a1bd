"""The ``[expression]`` of a file: checked, and as the engine's `ExpressionSpec`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpstep.engine.specs import ExpressionSpec, Operation
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report
from bpstep.scenario.schema import ExpressionTable
from bpstep.scenario.statements import compile_statements, name_problem

__all__ = ["expression_spec"]

_HERE = ("expression",)


def expression_spec(table: ExpressionTable, report: Report) -> ExpressionSpec | None:
    """The problem that a table states; None where its variables are not known."""
    if report.has((*_HERE, "inputs")) and table.inputs is None:
        return None  # no statement can be judged without the names in it
    inputs = table.inputs or {}
    for name in inputs:
        here = (*_HERE, "inputs", name)
        if (wrong := name_problem(name)) and not report.has(here):
            report.add(here, wrong)
    parameters = _parameters(table.parameters or [], inputs, report)
    single = isinstance(table.define, str)
    statements = [table.define] if isinstance(table.define, str) else table.define or []
    defined = [statement.partition("=")[0].strip() for statement in statements]
    operations, problems = compile_statements(statements, list(inputs))
    for problem in problems:
        where: Path = (*_HERE, "define") if single else (*_HERE, "define", problem.index)
        report.add(where, problem.message, inside=problem.column)
    output = defined[-1] if defined and table.output is None else table.output
    if defined and output not in defined:
        near = report.did_you_mean(str(output), defined)
        report.add((*_HERE, "output"), f'"{output}" is not defined{near}')
    if problems or not operations or output not in defined or report.has((*_HERE, "output")):
        return None
    if not _all_lead_to(output, inputs, operations, defined, report):
        return None
    values = tuple(0.0 if value is None else float(value) for value in inputs.values())
    return ExpressionSpec(tuple(inputs), values, tuple(operations), output, parameters)


def _parameters(names: Sequence[str], inputs: Mapping[str, object], report: Report) -> tuple[str, ...]:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name not in inputs:
            near = report.did_you_mean(name, inputs)
            report.add((*_HERE, "parameters", place), f'"{name}" is no input{near}')
        elif name in seen:
            report.add((*_HERE, "parameters", place), f'"{name}" is named twice')
        seen.add(name)
    return tuple(name for name in dict.fromkeys(names) if name in inputs)


def _all_lead_to(
    output: str,
    inputs: Mapping[str, object],
    operations: Sequence[Operation],
    defined: Sequence[str],
    report: Report,
) -> bool:
    """Everything must have a way to the output, or its derivative would be a riddle.

    Of a chain of variables that leads nowhere the last one is named: it is what was forgotten.
    """
    used = {o for operation in operations for o in operation.operands if isinstance(o, str)} | {output}
    loose: list[tuple[Path, str]] = [((*_HERE, "inputs", name), name) for name in inputs if name not in used]
    for place, name in enumerate(defined):
        if name not in used:
            loose.append(((*_HERE, "define", place) if len(defined) > 1 else (*_HERE, "define"), name))
    for path, name in loose:
        if not report.has(path):
            report.add(path, f'"{name}" has no way to the output "{output}"')
    return not loose
