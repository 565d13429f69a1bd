"""What a value would be if the learner's own earlier answers were true."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bpstep.debugger.session import Session
from bpstep.debugger.why import writers
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.scenario.arithmetic import evaluate, parse_expression

__all__ = ["carried_value"]


def carried_value(session: Session, cell: Cell, number: int, given: Mapping[Cell, float]) -> float | None:
    """The value of a cell if the learner's own earlier answers were true; None where it does not depend on them."""
    if not given or cell in given:
        return None
    at = session.position
    session.position = number
    try:
        memory: dict[Cell, tuple[float, bool]] = {}
        value, depends = _recomputed(session, cell, given, memory, 0)
    finally:
        session.position = at
    return value if depends else None


def _recomputed(
    session: Session,
    cell: Cell,
    given: Mapping[Cell, float],
    memory: dict[Cell, tuple[float, bool]],
    depth: int,
) -> tuple[float, bool]:
    if cell in given:
        return given[cell], True
    if cell in memory:
        return memory[cell]
    numbers = writers(session.moment, cell)
    reading = session.read(cell)
    known = reading.value if reading is not None and reading.value is not None else math.nan
    found, depends = known, False
    if numbers and depth < 60 and len(numbers) <= 100:
        total, any_given = 0.0, False
        for number in numbers:
            step = session.run.step(number)
            value, mine = _of_step(session, step, given, memory, depth)
            any_given |= mine
            total = value if step.was is None or step.op in ("apply", "local", "seed") else total + value
        if any_given:
            found, depends = total, True
    memory[cell] = found, depends
    return found, depends


def _of_step(
    session: Session,
    step: Step,
    given: Mapping[Cell, float],
    memory: dict[Cell, tuple[float, bool]],
    depth: int,
) -> tuple[float, bool]:
    """What a step brings, with its inputs recomputed."""
    values, depends = [], False
    for factor in step.inputs:
        value, mine = _recomputed(session, factor.cell, given, memory, depth + 1)
        values.append(value if mine else factor.value)
        depends |= mine
    if not depends:
        return (step.product if step.product is not None else step.value), False
    names = [f"x{k}" for k in range(len(values))]
    node = parse_expression(step.template.format(*names), cells=True, names=frozenset(names))
    return evaluate(node, lambda cell: values[int(str(cell.of)[1:])]), True
