"""The samples of an expression: inputs that each sample brings along, from ``[sample.values]`` or from a CSV file.

    x[1],x[2],target           a header with one column a cell
    0.5,-1,1                   a sample

Every sample gives the same names and shapes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from bpstep.engine.specs import Array
from bpstep.english import listed
from bpstep.reach import Reach
from bpstep.scenario.arrays_given import array_of
from bpstep.scenario.files import read_named
from bpstep.scenario.problems import Problem, Report, ScenarioError, shown
from bpstep.scenario.samples import MOST_BYTES, read_table, separator_of
from bpstep.scenario.schema import SamplesTable, SampleTable, ValuesTable
from bpstep.scenario.shapes import MOST_AXES, Shape, shape_text

__all__ = ["read_values", "written_values"]

#: The head of a column: a name, and the indices of a cell.
_HEAD = re.compile(r"(?P<name>[^\[\]]*?)\s*(?:\[(?P<indices>[0-9,\s]*)\])?")

#: Of each input that the samples bring along, its values (samples, *shape); None where something is wrong with it.
Values = dict[str, Array | None]


def written_values(tables: Sequence[SampleTable | ValuesTable], report: Report) -> Values:
    """The values in ``[[sample]]`` tables, by name in the order in which they are first seen."""
    rows: list[Mapping[str, float | Array | None]] = []
    for place, table in enumerate(tables):
        here = ("sample", place)
        if isinstance(table, SampleTable):
            for key in ("input", "target"):
                if getattr(table, key) is not None:
                    report.add((*here, key), "an expression does not take it; expected [sample.values]")
        values = (table.values if isinstance(table, ValuesTable) else None) or {}
        rows.append(
            {
                name: None if value is None else array_of(value, (*here, "values", name), report)
                for name, value in values.items()
            }
        )
    if not rows or report.has(("sample",)):
        return {name: None for row in rows for name in row}
    for place, row in enumerate(rows):
        _check_alike(row, rows[0], place, report)
    if report.has(("sample",)):
        return dict.fromkeys(rows[0])
    return {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}


def _check_alike(
    row: Mapping[str, float | Array | None],
    first: Mapping[str, float | Array | None],
    place: int,
    report: Report,
) -> None:
    """Every sample has the names and the shapes of the first one."""
    here = ("sample", place, "values")
    if not first:
        report.add(here, "it is empty; expected the values of inputs")
    missing = [f'"{name}"' for name in first if name not in row]
    if missing:
        report.add(here, f"it lacks {listed(missing)}; expected the names of the first sample")
    for name, value in row.items():
        if name not in first:
            report.add((*here, name), "the first sample has no such name")
        elif np.shape(value) != np.shape(first[name]):  # type: ignore[arg-type]  # none of them is None here
            shapes = [shape_text(np.shape(one)) for one in (value, first[name])]  # type: ignore[arg-type]
            report.add(
                (*here, name), f"its shape is {shapes[0]}; expected {shapes[1]}, as in the first sample"
            )


def read_values(reach: Reach, samples: SamplesTable | str, report: Report) -> Values:
    """The values in a CSV file; problems carry the file's own line and column."""
    name = samples if isinstance(samples, str) else samples.file or ""
    if isinstance(samples, SamplesTable):
        for key in ("label", "standardize"):
            if getattr(samples, key):
                report.add(("samples", key), "an expression does not take it; a network does")
        if not name:
            return {}
    try:
        text = read_named(name, reach, MOST_BYTES, "a CSV file with a header")
    except ScenarioError as error:
        report.doubt(("samples",))
        for problem in error.problems:
            report.add(("samples",), f"{name}: {problem.message}")
        return {}
    heads = _heads(text)
    shapes = _shapes(heads, name, report)
    known = None if shapes is None else read_table(text, name, heads, report)
    if shapes is None or known is None:
        report.doubt(("samples",))
        return dict.fromkeys(shapes or {})
    columns = {_plain(head): column for column, head in enumerate(heads)}
    found: Values = {}
    for variable, shape in shapes.items():
        cells = [columns[_written(variable, index)] for index in np.ndindex(shape)]
        found[variable] = np.ascontiguousarray(known[:, cells]).reshape((len(known), *shape))
    return found


def _heads(text: str) -> list[str]:
    """The heads of the columns."""
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text))
        first = next((cells for cells in lines if any(cell.strip() for cell in cells)), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in first]


def _plain(head: str) -> str:
    """The head of a column without spaces, as cells are written."""
    return re.sub(r"\s", "", head)


def _written(name: str, index: tuple[int, ...]) -> str:
    """The head of the column of a cell, whose index counts from 0 here."""
    return f"{name}[{','.join(str(k + 1) for k in index)}]" if index else name


def _shapes(heads: Sequence[str], file: str, report: Report) -> dict[str, Shape] | None:
    """The shape of every variable whose cells have columns, in the order of the file; None where some are missing."""
    found: dict[str, list[Shape]] = {}
    wrong = ""
    for head in heads:
        match = _HEAD.fullmatch(_plain(head))
        indices = match["indices"] if match else None
        parts = [] if indices is None else indices.split(",")
        if match is None or not match["name"] or len(parts) > MOST_AXES or not all(map(_is_index, parts)):
            wrong = (
                wrong
                or f"{shown(head)} is no cell; expected a name, with indices such as x[1] where it has several"
            )
            continue
        found.setdefault(match["name"], []).append(tuple(map(int, parts)))
    shapes = {}
    for name, cells in found.items():
        shape = tuple(max(along) for along in zip(*cells, strict=False)) if cells[0] else ()
        whole = (
            {tuple(k + 1 for k in index) for index in np.ndindex(shape)}
            if prod(shape) <= len(heads)
            else set()
        )
        if not wrong and (len(cells) != len(set(cells)) or set(cells) != whole):
            twice = len(cells) != len(set(cells))
            what = "a cell stands twice" if twice else "cells are missing"
            wrong = f'of "{name}" {what}; expected one column for each of its cells'
        shapes[name] = shape
    if not heads:
        wrong = wrong or "it has no header; expected the names of inputs with commas between them"
    if wrong:
        report.problems.append(Problem(file, 1, 1, wrong))
        return None
    return shapes


def _is_index(text: str) -> bool:
    return text.isdecimal() and 0 < len(text) < 8 and int(text) > 0
