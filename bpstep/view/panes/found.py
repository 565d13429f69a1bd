"""What a comparison with a learner's own numbers found: in a few lines, and the whole report as a view."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from bpstep.debugger.session import Session
from bpstep.english import counted, group
from bpstep.view.drawing.layout import folded_lines

if TYPE_CHECKING:
    from bpstep.comparison.report import Report

__all__ = ["compare_lines", "found_lines", "report_rows"]

Lines = list[tuple[str, str]]

#: The rows of a report have their label in so many columns.
_LABEL = 14


def found_lines(session: Session, width: int) -> Lines:
    """In a few lines: how many numbers are wrong, which is the first, the mistake, and where the report is."""
    report = session.held
    if report is None or session.marks is None:
        return []
    if report.ok:
        return [(f"All that is in {report.source} agrees: {counted(report.read, 'number')}.", "strong")]
    first = report.first[0] if report.first else None
    begins = f"; the first is {first.name}" if first else ""
    where = f" (step {group(first.step)})" if first is not None and first.step else ""
    verb = "is" if report.wrong == 1 else "are"
    head = f"{group(report.wrong)} of your {counted(report.read, 'number')} {verb} wrong{begins}{where}."
    lines = [
        head,
        *_mistake(report),
        "step wrong (x) and back wrong (X) go on and back; show compare has it all.",
    ]
    wrapped = [part for line in lines for part in textwrap.wrap(line, max(20, width))]
    return [(line, "strong" if line == wrapped[0] else "text") for line in wrapped]


def _mistake(report: Report) -> list[str]:
    """The sentence of the mistake, if one is named."""
    rows = [line for line, _ in report_rows(report) if line.startswith(("the mistake", "perhaps"))]
    return [f"{row[:_LABEL].strip().capitalize()}: {row[_LABEL:]}." for row in rows[:1]]


def report_rows(report: Report) -> Lines:
    """A report as it is; most sessions have none, and none of what it takes to make one."""
    from bpstep.comparison.wording import report_lines

    return [(line, "text") for line in report_lines(report)]


def compare_lines(session: Session, width: int) -> Lines:
    """The whole report."""
    if session.held is None:
        return [("nothing has been compared yet: compare FILE, or bpstep SCENARIO --beside FILE", "dim")]
    if session.marks is None:
        return [("what is right and what is wrong waits until the question is answered", "dim")]
    return folded_lines(report_rows(session.held), max(40, width))
