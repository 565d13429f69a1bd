"""`bpstep grade` as text: for each learner the sums, what became of each question, and what has to be said of it.

anna.json   learner 1234567
  solved 3 of 71, 2 of them at the first try; 1 with help, 1 tried
  hidden-delta         1 solved · 2 solved with help · 3 tried
  ! hidden-delta 1: recorded as correct, but the answer is wrong
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from bpstep.exercises.marks import Marks
from bpstep.exercises.reports import Learner, Report, Row

__all__ = ["mark_lines", "points_lines"]


def mark_lines(report: Report, *, totals: bool = False) -> list[str]:
    """The report; with ``totals`` the sums and remarks alone."""
    lines: list[str] = []
    for learner in report.learners:
        rows = [row for row in report.rows if (row.file, row.learner) == (learner.file, learner.learner)]
        lines += [f"{learner.file}   learner {learner.learner}", f"  {_sums(learner)}"]
        lines += [] if totals else _by_exercise(rows)
        lines += [f"  ! {learner.remarks}"] if learner.remarks and totals else _remarks(learner, rows)
    return lines


def _sums(learner: Learner) -> str:
    first = f", {learner.first_try} of them at the first try" if learner.first_try else ""
    counts = (
        (learner.with_help, "with help"),
        (learner.shown, "shown"),
        (learner.tried, "tried"),
        (learner.imported, "imported, which do not count"),
    )
    rest = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"solved {learner.solved} of {learner.questions}{first}" + (f"; {rest}" if rest else "")


def _by_exercise(rows: list[Row]) -> Iterator[str]:
    for name, group in groupby(rows, key=lambda row: row.exercise):
        items = (f"{row.item} {row.state or 'open'}" for row in group)
        yield f"  {name:<20} {' · '.join(items)}"


def _remarks(learner: Learner, rows: list[Row]) -> list[str]:
    whole = [f"  ! {learner.remarks.partition(';')[0]}"] if learner.remarks.startswith("the same") else []
    return [*whole, *(f"  ! {row.exercise} {row.item}: {row.remarks}" for row in rows if row.remarks)]


def points_lines(marks: Sequence[Marks]) -> list[str]:
    """The points of each student, and below them what has to be said."""
    lines: list[str] = []
    for one in marks:
        who = "  ".join(filter(None, (one.student.name, one.student.id))) or f"learner {one.student.learner}"
        lines.append(f"{one.points:6g} of {one.maximum:g}   {who}   {one.student.file}")
        lines += [f"         ! {one.student.remarks}"] if one.student.remarks else []
    return lines
