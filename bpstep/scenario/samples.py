"""Samples from a CSV file: a header with the names of the inputs and of the outputs, then a sample a line."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bpstep.engine.specs import Array
from bpstep.scenario.problems import Problem, Report, did_you_mean

__all__ = ["read_csv"]

_MOST_BYTES = 200 * 2**20


def read_csv(
    path: Path, shown: str, inputs: Sequence[str], outputs: Sequence[str], report: Report
) -> tuple[Array, Array]:
    """Inputs (samples, inputs) and targets (samples, outputs); problems carry the CSV's own line and column."""
    nothing = np.zeros((0, len(inputs))), np.zeros((0, len(outputs)))
    try:
        if path.stat().st_size > _MOST_BYTES:
            report.add(
                ("samples",), f"{shown} is larger than {_MOST_BYTES >> 20} MB; expected a smaller file"
            )
            return nothing
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        report.add(("samples",), f"{shown} is not UTF-8 (byte {error.start}); expected a text file")
        return nothing
    except (OSError, ValueError) as error:
        report.add(("samples",), f"can not read {shown}: {getattr(error, 'strerror', None) or error}")
        return nothing
    reader = _Reader(shown, text, [*inputs, *outputs], report)
    rows = reader.rows()
    if not rows:
        if not report.problems:
            reader.wrong(1, 1, "there are no samples; expected a header and a line per sample")
        return nothing
    table = np.array(rows, dtype=np.float64)
    return table[:, : len(inputs)], table[:, len(inputs) :]


class _Reader:
    def __init__(self, shown: str, text: str, names: list[str], report: Report) -> None:
        self.shown, self.text, self.names, self.report = shown, text, names, report

    def wrong(self, line: int, column: int, message: str) -> None:
        self.report.problems.append(Problem(self.shown, line, column, message))

    def rows(self) -> list[list[float]]:
        lines = csv.reader(io.StringIO(self.text, newline=""))
        found: list[list[float]] = []
        order: list[int] | None = None
        try:
            for cells in lines:
                if not any(cell.strip() for cell in cells):
                    continue
                if order is None:
                    order = self.header(cells, lines.line_num)
                    if order is None:
                        return []
                else:
                    numbers = self.numbers(cells, lines.line_num)
                    if numbers is not None:
                        found.append([numbers[place] for place in order])
        except csv.Error as error:
            self.wrong(lines.line_num, 1, str(error))
        return found

    def header(self, cells: list[str], line: int) -> list[int] | None:
        """The column of every name."""
        heads = [cell.strip() for cell in cells]
        good = True
        for place, head in enumerate(heads):
            if head not in self.names or head in heads[:place]:
                what = "stands twice" if head in heads[:place] else "is neither an input nor an output"
                self.wrong(line, _column(cells, place), f'"{head}" {what}{did_you_mean(head, self.names)}')
                good = False
        missing = [name for name in self.names if name not in heads]
        if missing:
            self.wrong(line, 1, f"the header lacks {', '.join(missing[:8])}; expected every input and output")
        return [heads.index(name) for name in self.names] if good and not missing else None

    def numbers(self, cells: list[str], line: int) -> list[float] | None:
        if len(cells) != len(self.names):
            self.wrong(line, 1, f"{len(cells)} fields; expected {len(self.names)}")
            return None
        values: list[float] = []
        for place, cell in enumerate(cells):
            try:
                value = float(cell)
            except ValueError:
                value = math.nan
            if not math.isfinite(value):
                self.wrong(line, _column(cells, place), f'"{cell[:40]}" is no number')
            values.append(value)
        return values if all(math.isfinite(value) for value in values) else None


def _column(cells: list[str], place: int) -> int:
    """The column of a field; exact where no field before it is quoted."""
    return sum(len(cell) + 1 for cell in cells[:place]) + 1
