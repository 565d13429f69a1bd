"""The values of an expression's inputs: numbers and arrays as written, or drawn."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report
from bpstep.scenario.schema import DrawnTable, Value
from bpstep.scenario.weights import check_init, draw

__all__ = ["MOST_CELLS", "array_of", "read_inputs"]

#: Cells of all inputs.
MOST_CELLS = 2_000_000


def read_inputs(
    inputs: Mapping[str, Value | DrawnTable | None], here: Path, report: Report, seed: int | None
) -> dict[str, float | Array | None]:
    """A number or an array for each input, None where it is not known; ``seed`` replaces the seeds of the file."""
    found: dict[str, float | Array | None] = {}
    cells = 0
    for name, value in inputs.items():
        path = (*here, name)
        if isinstance(value, DrawnTable):
            cells += prod(value.shape or (0,))
        if cells > MOST_CELLS:
            report.add(path, f"more than {MOST_CELLS:,} cells of inputs in all; expected fewer")
            found[name] = None
        elif isinstance(value, DrawnTable):
            found[name] = _drawn(value, path, report, seed)
        else:
            found[name] = None if value is None else array_of(value, path, report)
    return found


def _drawn(table: DrawnTable, path: Path, report: Report, seed: int | None) -> Array | None:
    init = check_init(table, path, report)
    return None if init is None or table.shape is None else draw(init, tuple(table.shape), seed, path, report)


def array_of(value: Value, path: Path, report: Report) -> float | Array | None:
    """A number, or lists of lists of one depth as an array; None where lists differ in length, which is reported."""
    if not isinstance(value, list):
        return float(value)
    shape: list[int] = []
    rows: list[tuple[Path, Any]] = [(path, value)]
    while isinstance(rows[0][1], list):
        shape.append(len(rows[0][1]))
        for where, row in rows:
            if len(row) != shape[-1]:
                what = "list" if isinstance(row[0], list) else "number"
                report.add(where, f"{counted(len(row), what)}; expected {shape[-1]}, as in the first row")
                return None
        if not isinstance(rows[0][1][0], list):
            break
        rows = [((*where, place), inner) for where, row in rows for place, inner in enumerate(row)]
    return np.array(value, dtype=np.float64).reshape(shape)
