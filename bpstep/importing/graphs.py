"""A learner's own graph of scalars, as an expression to step through, with the learner's numbers beside it.

    a, b = Value(-4.0, label="a"), Value(2.0)        [expression]  define = ["v1 = a * x1", "y = v1 + a"]
    y = a * b + a                                    [expression.inputs]  a = -4.0   x1 = 2.0
    y.backward()                                     yours: d(a) = 3, d(x1) = -4, …

A value has the name of its label, where that can be a name and is the only one; leaves are x1, x2, …, and what is made
of them v1, v2, … in the order in which it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpstep.comparison.entries import Entry, entries_of
from bpstep.engine.specs import Operation
from bpstep.english import counted
from bpstep.importing.networks import ModelError
from bpstep.importing.operations import Choice, choice_of
from bpstep.importing.values import Value, values_of
from bpstep.lazily import dataclass
from bpstep.scenario.functions import name_problem
from bpstep.scenario.loader import stated
from bpstep.scenario.model import Scenario
from bpstep.scenario.restating import statement_of
from bpstep.scenario.statements import MOST_OPERATIONS

__all__ = ["Graph", "graph_of"]

_SOURCE = "your graph"


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph that was read: a scenario, what the learner's program has for its cells, and what had to be guessed."""

    scenario: Scenario
    numbers: tuple[Entry, ...]
    taken: tuple[str, ...]


def graph_of(root: object) -> Graph:
    """The expression that a result is the value of.

    Raises `ModelError` for what is no graph of scalars, or one that is too large.
    """
    values = values_of(root)
    count = sum(bool(value.operands) for value in values)
    if count > MOST_OPERATIONS:
        most = counted(MOST_OPERATIONS, "operation")
        raise ModelError(
            f"the graph has {counted(count, 'operation')}; expected at most {most}: of fewer samples, perhaps"
        )
    uses = _uses(values)
    names = _names(values)
    choices = [choice_of(value, values, uses) if value.operands else None for value in values]
    fresh = _Fresh(names)
    operations = [
        operation
        for name, choice in zip(names, choices, strict=True)
        if choice is not None
        for operation in _operations(name, choice, names, fresh)
    ]
    leaves = {name: value.data for name, value in zip(names, values, strict=True) if not value.operands}
    document = {
        "format": 1,
        "title": f"Your graph: {counted(len(operations), 'operation')}",
        "expression": {"define": [statement_of(operation) for operation in operations], "inputs": leaves},
    }
    guessed = [
        name for name, choice in zip(names, choices, strict=True) if choice is not None and choice.open
    ]
    taken = [f"{', '.join(guessed[:6])}: the numbers leave open which operation it is; _op would say it"]
    return Graph(stated(document, _SOURCE), tuple(_numbers(names, values)), tuple(taken if guessed else ()))


def _uses(values: Sequence[Value]) -> list[int]:
    """How many values each value is an operand of."""
    found = [0] * len(values)
    for value in values:
        for place in {one for one in value.operands if isinstance(one, int)}:
            found[place] += 1
    return found


def _names(values: Sequence[Value]) -> list[str]:
    labels = [value.label.strip() for value in values]
    usable = {label for label in labels if labels.count(label) == 1 and not name_problem(label)}
    made = {"x": 0, "v": 0}
    names: list[str] = []
    for place, (value, label) in enumerate(zip(values, labels, strict=True)):
        if label in usable:
            names.append(label)
        elif place == len(values) - 1 and "y" not in usable:
            names.append("y")
        else:
            names.append(_next("v" if value.operands else "x", made, usable))
    return names


def _next(letter: str, made: dict[str, int], taken: set[str]) -> str:
    while True:
        made[letter] += 1
        name = f"{letter}{made[letter]}"
        if name not in taken:
            return name


class _Fresh:
    """Names for what a sum of many is split into."""

    def __init__(self, names: Sequence[str]) -> None:
        self.taken, self.made = set(names), {"v": 0}

    def __call__(self) -> str:
        name = _next("v", self.made, self.taken)
        self.taken.add(name)
        return name


def _operations(name: str, choice: Choice, names: Sequence[str], fresh: _Fresh) -> Iterator[Operation]:
    """An operation; one of many operands as several of two."""
    operands = [names[one] if isinstance(one, int) else float(one) for one in choice.operands]
    while len(operands) > 2:
        between = fresh()
        yield Operation(between, choice.function, (operands[0], operands[1]))
        operands = [between, *operands[2:]]
    yield Operation(name, choice.function, tuple(operands))


def _numbers(names: Sequence[str], values: Sequence[Value]) -> Iterator[Entry]:
    """What the learner's program has: the values that it made, and its derivatives by all of them."""
    pairs = [(name, value.data) for name, value in zip(names, values, strict=True) if value.operands]
    pairs += [
        (f"d({name})", value.grad)
        for name, value in zip(names, values, strict=True)
        if value.grad is not None
    ]
    yield from entries_of(pairs, _SOURCE)
