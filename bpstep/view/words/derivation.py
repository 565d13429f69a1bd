"""A derivation of one's own, as lines of text: what was written, what holds, and what was worked out on the way."""

from __future__ import annotations

import re
import textwrap

from bpstep.debugger.answers import Derived, DerivedLine, WorkedOut
from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.english import counted, listed, times
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.symbols.spelling import symbols_of
from bpstep.visible import shortened

__all__ = ["derivation_lines"]

Lines = list[tuple[str, str]]

#: What is not divided: up to a sign between two operands, or a space.
_PIECE = re.compile(r"[^\s*+·×/]*[\s*+·×/]+|[^\s*+·×/]+")

#: While it goes on, so many of its last lines are shown.
_LAST = 3


def derivation_lines(session: Session, found: Derived, width: int = 78) -> Lines:
    """At the end the whole page; before, the last lines and what came of the one that was written now."""
    goal = symbols_of(session).total_of(found.cell)
    if found.used is not None:
        return _page(session, found, goal, width)
    if found.refused is None and not found.lines:
        return [(text, "text") for text in textwrap.wrap(_begins(found, goal), width)]
    return _so_far(session, found, goal, width)


def _begins(found: Derived, goal: str) -> str:
    alone = " Of this sample alone." if found.alone else ""
    return (
        f"{goal}, a line at a time.{alone} Write = and what it is equal to, from any cell but itself; each line is "
        "held against the one before, with other weights and inputs, too. derive end tells what was worked out."
    )


def _so_far(session: Session, found: Derived, goal: str, width: int) -> Lines:
    shown = found.lines[-_LAST:]
    before = len(found.lines) - len(shown)
    lines: Lines = [(goal + (f"   … {counted(before, 'line')} before" if before else ""), "dim")]
    newest = len(shown) - 1 if found.refused is None else -1
    for place, line in enumerate(shown):
        word = "" if place != newest else "   holds"
        lines.append((_row(session, line, width, word), "strong" if word else "dim"))
    if found.refused is not None:
        lines.append((_row(session, found.refused, width, "   not equal"), "alarm"))
        slip = textwrap.wrap(found.slip, width, initial_indent="  × ", subsequent_indent="    ")
        lines += [(text, "text") for text in slip]
    return lines


def _row(session: Session, line: DerivedLine, width: int, word: str) -> str:
    """A line in one row: as much of it as there is room for, its value, and what came of it."""
    value = NumberFormat(session.options.digits).deriv(line.value).strip()
    behind = f"   {value}{word}"
    return f"  = {shortened(line.text, max(12, width - 6 - len(behind)))}{behind}"


def _page(session: Session, found: Derived, goal: str, width: int) -> Lines:
    value = NumberFormat(session.options.digits).deriv(found.value).strip()
    lines: Lines = [(f"{goal} = {value}", "strong")]
    for line in found.lines:
        rows = _wrapped(line.text, width - 4)
        lines += [(("    " if place else "  = ") + row, "text") for place, row in enumerate(rows)]
    assert found.used is not None
    says = _says(session, found.used) if found.lines else ["No line was written."]
    return [*lines, ("", ""), *((row, "text") for text in says for row in textwrap.wrap(text, width))]


def _wrapped(text: str, width: int) -> list[str]:
    """An expression in rows that end behind an operator or a space, never inside the name of a cell."""
    rows = [""]
    for piece in _PIECE.findall(text):
        if rows[-1] and len(rows[-1]) + len(piece.rstrip()) > width:
            rows.append("")
        rows[-1] += piece
    return [row.rstrip() for row in rows]


def _says(session: Session, used: WorkedOut) -> list[str]:
    """Which derivatives were used by name, which were worked out and how often, and what is to be seen in that."""
    says = []
    if used.named:
        says.append(f"Used by name: {listed([_named(session, name) for name in used.named])}.")
    if used.worked:
        each = [f"{_named(session, name)} {times(often)}" for name, often in used.worked]
        says.append(f"Worked out: {', '.join(each)}.")
        again = [_named(session, name) for name, often in used.worked if often > 1]
        says.append(
            f"Back-propagation works each out once and keeps it: here {listed(again)} "
            f"{'was' if len(again) == 1 else 'were'} not kept."
            if again
            else "Each was worked out once, which is back-propagation: what has a name is kept."
        )
    elif used.named and not used.left_out:
        says.append("Nothing was worked out: what is used by name, somebody has worked out before.")
    if used.left_out:
        says.append(f"{counted(used.left_out, 'product')} had too many factors to be looked into.")
    return says


def _named(session: Session, name: str) -> str:
    """The derivative by a neuron's net input, or by a variable, in the notation of the session."""
    kinds = (cells.e(name), cells.var(name))
    cell = next((cell for cell in kinds if session.index.find(cell) is not None), cells.y(name))
    return symbols_of(session)(cells.d(cell))
