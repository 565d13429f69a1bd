"""Numbers in lines of text: a table of cells and values, and bpstep's own traces.

    >>> list(written_table("value;cell\\n0,0363;delta[h1]\\n"))
    [('delta[h1]', 0.0363, None)]

Errors are `ValueError`, one line that says where.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from bpstep.english import counted
from bpstep.visible import quoted

__all__ = ["trace_entries", "written_table"]

_NAMES = ("cell", "name")
_Row = tuple[str, float, int | None]

#: Longer names are nobody's cells; csv refuses longer fields by itself.
_LONGEST = 200


def written_table(text: str) -> Iterator[_Row]:
    """Name, value and sample of every line of a CSV; the header says which column is what."""
    header = text.lstrip().partition("\n")[0]
    delimiter = next((sign for sign in ";\t" if sign in header), ",")
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        heads = [head.strip().lower() for head in next((row for row in rows if row), [])]
        name = next((heads.index(word) for word in _NAMES if word in heads), None)
        if name is None or "value" not in heads:
            raise ValueError(
                f'no header with "cell" and "value" in line 1, found {quoted(header.strip())}; expected JSON, or a CSV '
                "that begins with cell,value"
            )
        sample = heads.index("sample") if "sample" in heads else None
        for row in rows:
            if any(field.strip() for field in row):
                yield _line(row, rows.line_num, (name, heads.index("value"), sample), delimiter != ",")
    except csv.Error as error:
        raise ValueError(f"line {rows.line_num} is no line of a CSV: {error}") from None


def _line(row: list[str], line: int, places: tuple[int, int, int | None], comma: bool) -> _Row:
    name, value, sample = places
    if len(row) <= max(name, value, sample or 0):
        raise ValueError(f"line {line} has {counted(len(row), 'column')}; expected as many as the header")
    number = _number(row[value], line, comma)
    which = row[sample].strip() if sample is not None else ""
    if which and not (which.isascii() and which.isdecimal() and len(which) < 10):
        raise ValueError(f"line {line}: the sample is {quoted(which)}; expected a whole number from 1 on")
    return row[name].strip()[:_LONGEST], number, int(which) if which else None


def _number(text: str, line: int, comma: bool) -> float:
    """A number as it is written; where columns are not parted by commas, a comma may be a decimal point."""
    plain = text.strip().replace("−", "-")
    if comma and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        if "_" in plain:
            raise ValueError
        return float(plain)
    except ValueError:
        raise ValueError(f"line {line}: the value is {quoted(text.strip())}; expected a number") from None


def trace_entries(text: str) -> Iterator[_Row]:
    """The last value of every cell of the first batch of a trace, sample by sample."""
    found: dict[tuple[str, int | None], float] = {}
    for number, line in enumerate(text.splitlines()[1:], 2):
        if not line.strip():
            continue
        try:
            step: Any = json.loads(line)
            if step["phase"] == "update":
                break
            found[str(step["cell"]), int(step["sample"])] = float(step["value"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ValueError(f"line {number} is no step of a trace") from None
    yield from ((cell, value, sample) for (cell, sample), value in found.items())
