"""Samples: as written in the file, or from a CSV file, a header with the names and then a sample a line.

Fields are parted by commas, semicolons or tabs, as the header shows; where it is not commas, a comma may be a decimal
point.  With a ``label`` the targets come from the classes in a column (`bpstep.scenario.classes`), and columns that
nothing here is called after are passed over; ``standardize`` gives every input the mean 0 and the deviation 1.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.reach import Reach
from bpstep.scenario import positions
from bpstep.scenario.classes import targets_of
from bpstep.scenario.files import read_named
from bpstep.scenario.problems import Problem, Report, ScenarioError, did_you_mean, shown
from bpstep.scenario.schema import SamplesTable, SampleTable

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["MOST_BYTES", "MOST_NUMBERS", "read_csv", "read_table", "separator_of", "written_samples"]

#: Of a CSV file.
MOST_BYTES = 64 * 2**20
#: Numbers in all samples: as many as there may be weights.
MOST_NUMBERS = 20_000_000
#: The rows of a table are alike, and so are their problems: so many are told.
_MOST_TOLD = 20

#: What numbers are made of, as everybody writes them: no 1_000, no ١.
_PLAIN = re.compile(r"[0-9eE+\-., \n]*")

#: What parts the fields of a line; the first of them that stands in the header.
_SEPARATORS = (";", "\t", ",")

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
    reach: Reach, table: SamplesTable, inputs: Names, outputs: Names, report: Report
) -> tuple[Array, Array] | None:
    """The same from a file; problems carry the CSV's own line and column."""
    name = table.file or ""
    try:
        text = read_named(name, reach, MOST_BYTES, "a CSV file with a header")
    except ScenarioError as error:
        report.doubt(("samples",))
        for problem in error.problems:
            report.add(("samples",), f"{name}: {problem.message}")
        return None
    reader = _Reader(name, text, inputs if table.label else [*inputs, *outputs], report, table.label)
    numbers = reader.table()
    if numbers is None:
        report.doubt(("samples",))
        return None
    x = np.ascontiguousarray(numbers[:, : len(inputs)])
    x = _standardized(x) if table.standardize else x
    if table.label is None:
        return x, np.ascontiguousarray(numbers[:, len(inputs) :])
    t = targets_of(reader.labels, outputs, table.label, report)
    return None if t is None else (x, t)


def _standardized(x: Array) -> Array:
    """Every column with the mean 0 and the standard deviation 1, over all samples; one that is constant is 0."""
    deviation = x.std(axis=0)
    found: Array = (x - x.mean(axis=0)) / np.where(deviation > 0.0, deviation, 1.0)
    return found


def read_table(text: str, name: str, names: Names, report: Report) -> Array | None:
    """The numbers under a header with these names (rows, names), in their order; None where anything is wrong."""
    return _Reader(name, text, list(names), report).table()


def separator_of(text: str) -> str:
    """What parts the fields of a table: what stands in its header."""
    head = next((line for line in io.StringIO(text) if line.strip()), "")
    return next((sign for sign in _SEPARATORS if sign in head), ",")


class _Reader:
    """Reads a table of numbers; with a ``label``, the texts of that column, too."""

    def __init__(self, file: str, text: str, names: Names, report: Report, label: str | None = None) -> None:
        self.file, self.text, self.names, self.report, self.label = file, text, list(names), report, label
        self.labels: list[str] = []
        self.separator, self.columns = ",", 0
        self.told = self.more = 0

    def wrong(self, line: int, column: int, message: str) -> None:
        if self.told < _MOST_TOLD:
            self.report.problems.append(Problem(self.file, line, column, message))
            self.told += 1
        else:
            self.more += 1

    def table(self) -> Array | None:
        """All rows (samples, names), in the order of the names; None where anything is wrong."""
        import csv  # few scenarios have their samples in a file

        if self.text.count("\n") * len(self.names) > MOST_NUMBERS:
            self.wrong(1, 1, f"more than {MOST_NUMBERS:,} numbers; expected fewer lines")
            return None
        self.separator = separator_of(self.text)
        lines = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator)
        try:
            rows = self.rows(lines)
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
        return rows

    def rows(self, lines: Reader) -> Array | None:
        """The rows behind the header; None where one is refused, or the header is."""
        head: list[str] = next((cells for cells in lines if not _is_blank(cells)), [])
        order = self.header(head, lines.line_num if head else 1)
        if order is None:
            return None
        self.columns = len(head)
        found = None if self.label is not None else self.at_once(lines.line_num)
        if found is not None:
            return found[:, order]
        rows = [self.numbers(cells, order, lines.line_num) for cells in lines if not _is_blank(cells)]
        return None if None in rows else np.array(rows, dtype=np.float64).reshape(len(rows), len(self.names))

    def header(self, cells: list[str], line: int) -> list[int] | None:
        """The column of every name."""
        heads = [cell.strip() for cell in cells]
        if len(heads) == 1 and len(self.names) > 1 and "|" in heads[0]:
            self.wrong(line, 1, 'the names are separated by "|"; expected commas, semicolons or tabs')
            return None
        known = [*self.names, *([] if self.label is None else [self.label])]
        self.strange(cells, heads, set(known), line)
        seen = set(heads)
        missing = [name for name in known if name not in seen]
        if missing:
            names = ", ".join(missing[:8]) + (", ..." if len(missing) > 8 else "")
            expected = "every input and output" if self.label is None else "every input, and the label"
            near = did_you_mean(missing[0], heads) if self.label is not None else ""
            self.wrong(line, 1, f"the header lacks {names}; expected {expected}{near}")
        where = {head: place for place, head in enumerate(heads)}
        return None if self.told else [where[name] for name in known]

    def strange(self, cells: list[str], heads: list[str], known: set[str], line: int) -> None:
        """Heads that stand twice, or that nothing here is called after."""
        seen: set[str] = set()
        for place, head in enumerate(heads):
            twice = head in seen
            if (head not in known and self.label is None) or (twice and head in known):
                what = "stands twice" if twice else "is neither an input nor an output"
                near = "" if twice or self.told >= _MOST_TOLD else did_you_mean(head, self.names)
                self.wrong(line, _column(cells, place), f"{shown(head)} {what}{near}")
            seen.add(head)

    def at_once(self, header: int) -> Array | None:
        """The table, where it is so plain that NumPy can read it; None to have it read line by line."""
        lines = self.text.replace("\r\n", "\n").split("\n", header)
        body = lines[header] if len(lines) > header and "\r" not in lines[0] else ""
        if self.separator != ",":
            body = body.replace(",", ".").replace(self.separator, ",")
        if not body.strip() or not _PLAIN.fullmatch(body):
            return None
        try:
            found = np.loadtxt(io.StringIO(body), delimiter=",", dtype=np.float64, ndmin=2)
        except ValueError:
            return None
        return found if found.shape[1] == self.columns and np.isfinite(found).all() else None

    def numbers(self, cells: list[str], order: list[int], line: int) -> list[float] | None:
        """The numbers of a line; the label in it, which comes last, is kept by itself."""
        if len(cells) != self.columns:
            self.wrong(line, 1, f"{counted(len(cells), 'field')}; expected {self.columns}")
            return None
        if self.label is not None:
            *order, at = order
            self.labels.append(cells[at].strip())
            if not self.labels[-1]:
                self.wrong(line, _column(cells, at), "an empty field; expected the name of a class")
                return None
        texts = [self.pointed(cells[place]) for place in order]
        values = _floats(texts)
        for place, text in zip(order, texts if values is None else (), strict=False):
            if _floats([text]) is None:
                cell = cells[place].strip()
                found = f"found {shown(cell)}" if cell else "an empty field"
                self.wrong(line, _column(cells, place), f"{found}; expected a finite number")
        return values

    def pointed(self, cell: str) -> str:
        """A field with a point in its number, where a comma may stand for it."""
        return cell if self.separator == "," else cell.replace(",", ".")


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
