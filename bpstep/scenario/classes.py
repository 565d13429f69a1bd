"""From classes to targets: the column of a table that says which class a sample is of, as numbers for the outputs.

    three outputs, three classes     1 for the class of the sample, 0 for the others
    one output, two classes          1 for the class that the output is called after, else for the second

A class belongs to the output of its name.  Where the outputs have other names, the classes are taken in order: numbers
by their size, names by the alphabet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.scenario.problems import Report, shown

__all__ = ["targets_of"]

#: So many classes are named in a message.
_MOST_NAMED = 8


def targets_of(labels: Sequence[str], outputs: Sequence[str], column: str, report: Report) -> Array | None:
    """The targets (samples, outputs); None, and a problem, where classes and outputs do not fit each other."""
    classes = _in_order(set(labels))
    place = _places(classes, outputs)
    if place is None:
        names = ", ".join(shown(name)[1:-1] for name in classes[:_MOST_NAMED])
        more = ", ..." if len(classes) > _MOST_NAMED else ""
        expected = "2, for one output" if len(outputs) == 1 else f"{len(outputs)}, one per output"
        message = (
            f"the column {shown(column)} has {counted(len(classes), 'class', 'classes')} ({names}{more})"
        )
        report.add(("samples", "label"), f"{message}; expected {expected}")
        return None
    rows = {name: np.zeros(len(outputs)) for name in classes}
    for name, output in place.items():
        rows[name][output] = 1.0
    return np.array([rows[label] for label in labels])


def _in_order(classes: set[str]) -> list[str]:
    try:
        return sorted(classes, key=float)
    except ValueError:
        return sorted(classes)


def _places(classes: Sequence[str], outputs: Sequence[str]) -> dict[str, int] | None:
    """The output that says 1 for each class; of two classes and one output, for one of them."""
    if len(outputs) == 1:
        named = [name for name in classes if name == outputs[0]]
        return {(named or classes[1:])[0]: 0} if len(classes) == 2 else None
    if set(classes) <= set(outputs):
        return {name: list(outputs).index(name) for name in classes}
    return dict(zip(classes, range(len(outputs)), strict=True)) if len(classes) == len(outputs) else None
