"""`paths` and `fold`: a table of paths, each a head times a tail, and the counter of multiplications.

    8 paths from w(x1→a1) to E            multiplications: by hand 578 · now 578 · one sweep 42

      head                                 tail                                product
      a1→b1→c1→d1            +0.1234   ×   d1→o→E            −0.04321 ╮    =  −0.005332
      a1→b2→c1→d1            …         ×   d1→o→E            −0.04321 ╯    =  …

Rows whose tails are equal stand together, in a bracket; a fold gives the sum of the tails behind one neuron its name.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bpstep.debugger.folding import Bracket, Folded, Row
from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.english import counted, times
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.panes.work import count_text
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of

__all__ = ["counter_text", "draw", "draw_kept", "factor_lines", "fold_lines", "fold_table", "remarks"]

Lines = list[tuple[str, str]]

_NUMBER = 10
#: A way takes no more columns than this; the middle of a longer one is left out.
_LONGEST_WAY = 24


def counter_text(folded: Folded) -> str:
    """The multiplications by hand, with what is folded, and in one sweep."""
    now = f"now {count_text(folded.now)} · " if folded.now not in (folded.by_hand, folded.least) else ""
    return f"by hand {count_text(folded.by_hand)} · {now}one sweep {count_text(folded.least)}"


def fold_lines(session: Session, folded: Folded, width: int = 78) -> Lines:
    """The whole page as text: the counter, the table with every row written out, the sum, and what it means."""
    s = symbols_of(session)
    many = counted(folded.found.count, "path")
    lines: Lines = [(f"{many} from {s(folded.found.cell)} to {s.goal}", "strong")]
    lines += [(f"multiplications for all derivatives: {counter_text(folded)}", "text"), ("", "")]
    table, rows = fold_table(session, folded, width)
    for place, text in enumerate(table):
        lines.append((text, "dim" if place == 0 else "text"))
        if place:
            lines += [(line, "dim") for line in factor_lines(session, rows[place - 1], width)]
    return [*lines, ("", ""), *remarks(session, folded, width)]


def fold_table(session: Session, folded: Folded, width: int) -> tuple[list[str], Sequence[Row]]:
    """The heading and a line for each row; and the rows."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    ways = [(_way(s, row.head[1:]) or _way(s, row.head), _tail(s, row)) for row in folded.rows]
    room = max(8, (width - 3 * _NUMBER - 14) // 2)
    longest = [min(room, _LONGEST_WAY, max([4, *(len(way[k]) for way in ways)])) for k in (0, 1)]
    heading = f"    {'head':<{longest[0] + _NUMBER + 1}}     {'tail':<{longest[1] + _NUMBER + 1}}     product"
    lines = [heading]
    marks = _marks(folded.brackets, len(folded.rows))
    for row, way, mark in zip(folded.rows, ways, marks, strict=True):
        head, tail = (_cut_middle(text, room) for text, room in zip(way, longest, strict=True))
        lines.append(
            f"    {head:<{longest[0]}} {numbers.deriv(row.head_value):<{_NUMBER}}  ×  "
            f"{tail:<{longest[1]}} {numbers.deriv(row.tail_value):<{_NUMBER}}{mark} =  {numbers.deriv(row.product)}"
        )
    return lines, folded.rows


def _marks(brackets: Sequence[Bracket], rows: int) -> list[str]:
    """The bracket at the right of the tails: ╮ │ ╯ around those that begin at one neuron."""
    marks = [" "] * rows
    for bracket in brackets:
        if bracket.first == bracket.last:
            continue
        for place in range(bracket.first, bracket.last + 1):
            marks[place] = "╮" if place == bracket.first else "╯" if place == bracket.last else "│"
    return marks


def _way(s: Symbols, way: Sequence[Cell]) -> str:
    """A way by the neurons on it: a1→b1→c1."""
    names: list[str] = []
    for cell in way:
        name = s.goal if cell.kind == "cost" else str(cell.of) if cell.kind in ("e", "y", "var") else s(cell)
        if not names or names[-1] != name:
            names.append(name)
    return "→".join(names)


def _tail(s: Symbols, row: Row) -> str:
    if row.ends is None:
        return _way(s, row.tail) if len(row.tail) > 1 else "1"
    before = _way(s, row.tail[:-1])
    name = s(cells.d(row.ends))
    return f"{before}→{name}" if before else name


def _cut_middle(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    left = (room - 1) // 2
    return f"{text[:left]}…{text[len(text) - (room - 1 - left) :]}"


def factor_lines(session: Session, row: Row, width: int) -> list[str]:
    """The factors of a row, the tail behind a bar, wrapped."""
    numbers = NumberFormat(session.options.digits)

    def spelt(factors: Sequence[float]) -> list[str]:
        return [f"({numbers.bare(f)})" if f < 0 else numbers.bare(f) for f in factors]

    head = spelt(row.head_factors)
    tail = spelt((*row.tail_factors, *((row.kept,) if row.ends is not None or row.kept != 1.0 else ())))
    text = " × ".join(head) + ("  |  " if head and tail else "") + " × ".join(tail)
    return textwrap.wrap(text, width - 8, initial_indent=" " * 6, subsequent_indent=" " * 8)


def remarks(session: Session, folded: Folded, width: int) -> Lines:
    """The sum of the rows, what has a name by now, and how it is counted."""
    s, numbers, found = symbols_of(session), NumberFormat(session.options.digits), folded.found
    lines: Lines = []
    if len(found.listed) < found.count:
        lines.append((f"… {counted(found.count - len(found.listed), 'path')} more, not listed", "dim"))
    else:
        total = sum(row.product for row in folded.rows)
        lines.append((f"{numbers.deriv(total)}  is the sum: {s.total_of(found.cell)}", "strong"))
    kept = ", ".join(f"{s(cell)} = {numbers.deriv(value).strip()}" for cell, value in folded.names)
    if kept:
        text = f"worked out once, and kept:  {kept}"
        lines += [(line, "text") for line in _unbroken(text, width - 2)]
    says = [*_of_the_rule(session), *_says(folded)]
    return [*lines, *((line, "dim") for text in says for line in textwrap.wrap(text, width - 2))]


def _of_the_rule(session: Session) -> list[str]:
    """That a sum over paths is not what a rule makes of it that takes another upstream, or does not add up."""
    rule = session.setup.rule
    if session.conceals or not (rule.upstream_is_output or rule.overwrites) or session.setup.wrt is not None:
        return []
    told = f"The rule {rule.name} makes something else of it: {rule.says}."
    return [f"Here every derivative is the sum over its paths. {told}"]


def _unbroken(text: str, width: int) -> list[str]:
    """Wrapped at commas, never inside ``δ(o) = −0.1284``."""
    glued = textwrap.wrap(text.replace(" = ", "\0=\0"), width, subsequent_indent="  ")
    return [line.replace("\0", " ") for line in glued]


def _says(folded: Folded) -> list[str]:
    says = []
    if folded.now == folded.least and folded.names:
        says.append("Nothing is worked out twice any more: this is one backward sweep, every edge once.")
    elif folded.brackets:
        again = max(folded.brackets, key=lambda bracket: bracket.last - bracket.first)
        if again.last > again.first:
            often = times(again.last - again.first + 1)
            says.append(
                f"The tails behind {again.name} stand {often} on this page, and on others again. Fold them: the sum "
                "has a name."
            )
    says.append(
        f"One multiplication for each edge, the first with the 1 that the cost begins with; who leaves that one out "
        f"counts {count_text(folded.by_hand - folded.pages)} by hand."
    )
    return says


# --- on the screen -----------------------------------------------------------------------------------


def draw(session: Session, folded: Folded, at: int, width: int, height: int) -> Canvas:
    """The page on the screen; ``at`` is the bracket that is chosen, whose first row is written out below the table."""
    s, canvas = symbols_of(session), Canvas(width, height)
    title = [("paths ", "strong"), (f" {s(folded.found.cell)} to {s.goal}", "strong")]
    hairline(canvas, 0, 0, width, title, right=[("Enter fold · u unfold · Esc close", "dim")])
    _draw_counter(folded, canvas, 1)
    table, rows = fold_table(session, folded, width)
    bracket = folded.brackets[at] if at < len(folded.brackets) else None
    below: list[tuple[str, str]] = []
    if rows:  # what nobody uses has no paths
        written_out = rows[bracket.first if bracket else 0]
        below += [(line, "dim") for line in factor_lines(session, written_out, width)]
    below += remarks(session, folded, width)
    room = max(3, min(len(table) - 1, height - 4 - min(len(below), 5)))
    first = _window(len(rows), room, bracket)
    canvas.put(0, 3, cut(table[0], width), "dim")
    for y, place in enumerate(range(first, min(first + room, len(rows))), start=4):
        chosen = bracket is not None and bracket.first <= place <= bracket.last
        canvas.put(0, y, cut(table[place + 1], width), "strong" if chosen else "text")
        if bracket is not None and place == bracket.first:
            canvas.put(2, y, "▶", "strong")
    left = height - room - 5
    while 0 < left < len(below) and not below[left - 1][0].endswith("."):
        left -= 1  # a sentence that does not fit is left out whole
    for y, (text, role) in enumerate(below[: max(0, left)], start=5 + room):
        canvas.put(2, y, cut(text, width - 2), role)
    return canvas


def _draw_counter(folded: Folded, canvas: Canvas, y: int) -> None:
    """How many multiplications are left, as a bar and in numbers."""
    whole = 24
    done = max(1, round(whole * folded.now / folded.by_hand)) if folded.by_hand else whole
    canvas.put(2, y, "█" * done, "deriv")
    canvas.put(2 + done, y, "─" * (whole - done), "faint")
    now = counted(folded.now, "multiplication")
    canvas.put(4 + whole, y, now, "strong")
    rest = f"by hand {count_text(folded.by_hand)} · one sweep {count_text(folded.least)}"
    canvas.put(4 + whole + len(now) + 3, y, rest, "dim")


def _window(rows: int, room: int, bracket: Bracket | None) -> int:
    """The first row to show, so that the chosen bracket is to be seen."""
    if bracket is None or rows <= room:
        return 0
    return max(0, min(bracket.first - 1, rows - room))


def draw_kept(session: Session, folded: Folded, width: int, height: int) -> Canvas:
    """What has a name by now, at the side."""
    s, numbers, canvas = symbols_of(session), NumberFormat(session.options.digits), Canvas(width, height)
    hairline(canvas, 0, 0, width, [("worked out once, and kept", "strong")])
    for y, (cell, value) in enumerate(folded.names[: height - 2], start=2):
        canvas.put(2, y, s(cell), "text")
        canvas.put(16, y, numbers.deriv(value), "deriv")
    return canvas
