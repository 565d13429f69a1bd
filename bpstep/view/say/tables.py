"""An array as a table: its shape, the state of its cells, their numbers with the indices at the side.

    U (3, 2)   given
       1            2
    1  0.172792     0.410809
    2  0.165219    −0.651579
    3  0.452678     0.223187

Of more than two axes each matrix of the last two stands under its own indices.  What is wider than the line goes on
below; what is longer than a screen is cut, and the table says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from bpstep.debugger.answers import Table
from bpstep.debugger.moment import Reading
from bpstep.debugger.session import Session
from bpstep.engine.specs import ExpressionSpec
from bpstep.english import counted
from bpstep.scenario.shapes import shape_text
from bpstep.view.drawing.numbers import NumberFormat, group
from bpstep.view.symbols.formula import kind_of

__all__ = ["table_lines"]

Lines = list[tuple[str, str]]

#: No table is longer than this.
_MOST_LINES = 60
#: An array of one axis is a column of so many lines at most.
_MOST_IN_COLUMN = 20


def table_lines(session: Session, answer: Table, width: int) -> Lines:
    """The cells of an array, in at most ``width`` columns."""
    lines: Lines = [(f"{answer.name} {shape_text(answer.shape)}   {_states(answer.readings)}", "strong")]
    if answer.steps:
        first, last = answer.steps[0], answer.steps[-1]
        lines.append(
            (f"written by steps {group(first)} to {group(last)} ({len(answer.steps)} in all)", "dim")
        )
    body = list(_body(session, answer, width))
    if len(body) > _MOST_LINES:
        example = answer.readings[-1].cell
        body[_MOST_LINES:] = [
            (f"… and more: {counted(len(answer.readings), 'cell')}; {example} is one", "dim")
        ]
    return [*lines, *body]


def _states(readings: Sequence[Reading]) -> str:
    """In which states the cells are."""
    counts = Counter(reading.state for reading in readings)
    if len(counts) == 1:
        return readings[0].state
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _body(session: Session, answer: Table, width: int) -> Iterator[tuple[str, str]]:
    numbers = NumberFormat(max(6, session.options.digits))
    kind = kind_of(answer.readings[0].cell)
    texts = [numbers.show(kind, r.value, r.state) for r in answer.readings]
    shape = answer.shape if len(answer.shape) > 1 else _of_one_axis(session, len(texts))
    cells = np.array(texts, dtype=object).reshape(-1, *shape[-2:])
    words = _words(session, answer)
    for place, matrix in zip(np.ndindex(*shape[:-2]), cells, strict=True):
        if place:
            yield f"[{', '.join(str(k + 1) for k in place)}, .., ..]", "dim"
        yield from _matrix(matrix.tolist(), numbers.field + 1, width, words, alone=len(answer.shape) == 1)


def _of_one_axis(session: Session, cells: int) -> tuple[int, int]:
    """How an array of one axis is laid out: as a column, unless it is long, or rows are wanted."""
    return (1, cells) if session.options.layout == "rows" or cells > _MOST_IN_COLUMN else (cells, 1)


def _matrix(
    rows: list[list[str]], field: int, width: int, words: Sequence[str], *, alone: bool
) -> Iterator[tuple[str, str]]:
    """Rows of numbers, so many columns of them beside each other as the line holds; of one axis ``alone`` there is one
    row or one column, and no index of it."""
    if alone and len(rows) > 1:
        side = max(len(word) for word in (*words, str(len(rows))))
        for k, (text,) in enumerate(rows):
            yield f"{words[k] if words else k + 1:<{side}} {text}".rstrip(), "text"
        return
    by_column = words if alone else ()
    heads = [""] if alone else [words[k] if words else str(k + 1) for k in range(len(rows))]
    side = max(len(head) for head in heads)
    most = max(1, (width - side) // (field + 1))
    for first in range(0, len(rows[0]), most):
        columns = range(first, min(first + most, len(rows[0])))
        above = [by_column[k] if by_column else str(k + 1) for k in columns]
        yield " " * side + "".join(f"  {text[: field - 1]:<{field - 1}}" for text in above).rstrip(), "dim"
        for head, row in zip(heads, rows, strict=True):
            yield f"{head:<{side}}" + "".join(f" {row[k]:<{field}}" for k in columns).rstrip(), "text"


def _words(session: Session, answer: Table) -> tuple[str, ...]:
    """The words for the cells along the first axis, where there are some and the table shows that axis."""
    problem, cell = session.setup.problem, answer.name
    while not isinstance(cell.of, str):
        cell = cell.of
    labels = problem.labels if isinstance(problem, ExpressionSpec) else {}
    return labels.get(cell.of, ()) if len(answer.shape) < 3 else ()
