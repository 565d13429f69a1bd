"""Samples: as written in the file, or from a CSV file, a header with the names and then a sample a line."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.scenario import positions
from bpstep.scenario.files import read_text
from bpstep.scenario.problems import Problem, Report, ScenarioError, did_you_mean, shown
from bpstep.scenario.schema import SampleTable

__all__ = ["MOST_BYTES", "MOST_NUMBERS", "read_csv", "read_table", "written_samples"]

#: Of a CSV file.
MOST_BYTES = 64 * 2**20
#: Numbers in all samples: as many as there may be weights.
MOST_NUMBERS = 20_000_000
#: The rows of a table are alike, and so are their problems: so many are told.
_MOST_TOLD = 20

#: What numbers are made of, as everybody writes them: no 1_000, no ١.
_PLAIN = re.compile(r"[0-9eE+\-., \n]*")

Names = Sequence[str]


def written_samples(
    tables: Sequence[SampleTable], inputs: Names | None, outputs: Names | None, report: Report
) -> tuple[Array, Array] | None:
    """Inputs (samples, inputs) and targets (samples, outputs); None where they are not known."""
    for place, table in enumerate(tables):
        here = ("sample", place)
        _check_length(table.input, inputs, (*here, "input"), "input", report)
        _check_length(table.target, outputs, (*here, "target"), "output", report)
    if inputs is None or outputs is None or not tables or report.has(("sample",)):
        return None
    x = np.array([table.input for table in tables], dtype=np.float64)
    return x, np.array([table.target for table in tables], dtype=np.float64)


def _check_length(
    numbers: list[float] | None, names: Names | None, path: positions.Path, what: str, report: Report
) -> None:
    if numbers is not None and names is not None and len(numbers) != len(names):
        found = counted(len(numbers), "number")
        report.add(path, f"{found}; expected {len(names)}, one per {what}")


def read_csv(
    path: Path, name: str, inputs: Names, outputs: Names, report: Report
) -> tuple[Array, Array] | None:
    """The same from a file; problems carry the CSV's own line and column."""
    try:
        text = read_text(path, name, MOST_BYTES, "a CSV file with a header")
    except ScenarioError as error:
        report.doubt(("samples",))
        for problem in error.problems:
            report.add(("samples",), f"{name}: {problem.message}")
        return None
    table = read_table(text, name, [*inputs, *outputs], report)
    if table is None:
        report.doubt(("samples",))
        return None
    return np.ascontiguousarray(table[:, : len(inputs)]), np.ascontiguousarray(table[:, len(inputs) :])


def read_table(text: str, name: str, names: Names, report: Report) -> Array | None:
    """The numbers under a header with these names (rows, names), in their order; None where anything is wrong."""
    return _Reader(name, text, list(names), report).table()


class _Reader:
    def __init__(self, file: str, text: str, names: list[str], report: Report) -> None:
        self.file, self.text, self.names, self.report = file, text, names, report
        self.told = self.more = 0

    def wrong(self, line: int, column: int, message: str) -> None:
        if self.told < _MOST_TOLD:
            self.report.problems.append(Problem(self.file, line, column, message))
            self.told += 1
        else:
            self.more += 1

    def table(self) -> Array | None:
        """All rows (samples, names), in the order of the names; None where anything is wrong."""
        if self.text.count("\n") * len(self.names) > MOST_NUMBERS:
            self.wrong(1, 1, f"more than {MOST_NUMBERS:,} numbers; expected fewer lines")
            return None
        lines = csv.reader(io.StringIO(self.text, newline=""))
        try:
            head = next((cells for cells in lines if not _is_blank(cells)), [])
            order = self.header(head, lines.line_num if head else 1)
            if order is None:
                return None
            rows = self.at_once(lines.line_num)
            if rows is None:
                found = [self.numbers(cells, lines.line_num) for cells in lines if not _is_blank(cells)]
                rows = None if None in found else np.array(found, dtype=np.float64)
        except csv.Error as error:
            self.wrong(lines.line_num, 1, f"{error}; expected numbers with commas between them")
            return None
        if self.more:
            last = self.report.problems[-1]
            self.report.problems.append(
                replace(last, column=last.column + 1, message=f"... and {self.more} more")
            )
        if rows is not None and not len(rows):
            self.wrong(1, 1, "there are no samples; expected a header and a line per sample")
            return None
        return None if rows is None else rows[:, order]

    def header(self, cells: list[str], line: int) -> list[int] | None:
        """The column of every name."""
        heads = [cell.strip() for cell in cells]
        if len(heads) == 1 and len(self.names) > 1 and (other := re.search(r"[;\t|]", heads[0])):
            sign = "a tab" if other[0] == "\t" else shown(other[0])
            self.wrong(line, 1, f"the names are separated by {sign}; expected commas")
            return None
        seen: set[str] = set()
        known = set(self.names)
        for place, head in enumerate(heads):
            if head not in known or head in seen:
                twice = head in seen
                what = "stands twice" if twice else "is neither an input nor an output"
                near = "" if twice or self.told >= _MOST_TOLD else did_you_mean(head, self.names)
                self.wrong(line, _column(cells, place), f"{shown(head)} {what}{near}")
            seen.add(head)
        missing = [name for name in self.names if name not in seen]
        if missing:
            names = ", ".join(missing[:8]) + (", ..." if len(missing) > 8 else "")
            self.wrong(line, 1, f"the header lacks {names}; expected every input and output")
        where = {head: place for place, head in enumerate(heads)}
        return None if self.told else [where[name] for name in self.names]

    def at_once(self, header: int) -> Array | None:
        """The table, where it is so plain that NumPy can read it; None to have it read line by line."""
        lines = self.text.replace("\r\n", "\n").split("\n", header)
        body = lines[header] if len(lines) > header and "\r" not in lines[0] else ""
        if not body.strip() or not _PLAIN.fullmatch(body):
            return None
        try:
            found = np.loadtxt(io.StringIO(body), delimiter=",", dtype=np.float64, ndmin=2)
        except ValueError:
            return None
        return found if found.shape[1] == len(self.names) and np.isfinite(found).all() else None

    def numbers(self, cells: list[str], line: int) -> list[float] | None:
        if len(cells) != len(self.names):
            self.wrong(line, 1, f"{counted(len(cells), 'field')}; expected {len(self.names)}")
            return None
        values = _floats(cells)
        for place, cell in enumerate(cells if values is None else ()):
            if _floats([cell]) is None:
                found = f"found {shown(cell.strip())}" if cell.strip() else "an empty field"
                self.wrong(line, _column(cells, place), f"{found}; expected a finite number")
        return values


def _floats(cells: Sequence[str]) -> list[float] | None:
    """The numbers in some fields; None where one is not finite, or no number as everybody writes it."""
    if not _PLAIN.fullmatch("".join(cells)):
        return None
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return None
    return values if all(map(math.isfinite, values)) else None


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _column(cells: Sequence[str], place: int) -> int:
    """The column of a field; exact where no field before it is quoted."""
    return sum(len(cell) + 1 for cell in cells[:place]) + 1
