"""Questions: their title, their lines, and the path of exercises with what is done and what is next."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby

from bpstep.debugger.answers import ExercisePath
from bpstep.debugger.session import Session
from bpstep.english import counted
from bpstep.exercises.model import Exercise
from bpstep.exercises.offering import Standing
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.drawing.roles import on_cursor_line, role_for
from bpstep.view.panes.skills import draw_skills
from bpstep.view.symbols.formula import kind_of
from bpstep.view.symbols.spelling import symbols_of

__all__ = [
    "LEGEND", "MARKS", "States", "asked_runs", "draw_count", "draw_path", "draw_path_side", "mark_of", "offer_lines",
    "packed", "path_lines", "questions_done", "title_of", "wrapped",
]  # fmt: skip

#: What stands before an exercise or a question: done, begun, not yet.
MARKS = {"done": "●", "begun": "◆", "": "·"}

#: What the marks mean.
LEGEND = "● done   ◆ begun   · not yet"

_BAR = 8

States = Sequence[tuple[Exercise, list[str]]]


def title_of(session: Session) -> list[list[tuple[str, str]]]:
    """The title of the question's pane."""
    tutor = session.tutor
    if tutor is None:
        return []
    what = "predict" if tutor.predicting else "exercise"
    return [[(what, "strong")], *([[(tutor.where, "dim")]] if tutor.where else [])]


def asked_runs(session: Session) -> list[Run]:
    """In predict mode: the cell that is asked for, as ?, and what it is in words."""
    tutor, step = session.tutor, session.upcoming
    if tutor is None or not tutor.predicting or step is None:
        return []
    symbols, kind = symbols_of(session), kind_of(step.cell)
    symbol = Run(symbols(step.cell), kind)
    many = step.part is not None and step.part[1] > 1
    sign = Run("+=" if many else "=", "dim")
    return [
        symbol,
        sign,
        Run(" ? ", role_for(kind, "written")),
        Run(f" {symbols.in_words(step.cell)}", "text"),
    ]


def wrapped(lines: Sequence[str], width: int) -> list[str]:
    """Lines broken between words; what goes on below keeps the indent, and stands clear of a ×."""
    found = []
    for line in lines:
        indent = len(line) - len(line.lstrip(" ")) + 2 * line.lstrip(" ").startswith("× ")
        found += textwrap.wrap(
            line, max(20, width), subsequent_indent=" " * indent, break_on_hyphens=False
        ) or [""]
    return found


def packed(lines: Sequence[str], width: int) -> list[str]:
    """Lines, with those of a list (they begin with a space) side by side in columns, as many as there is room for."""
    found: list[str] = []
    for is_list, group_of in groupby(lines, lambda line: line.startswith(" ")):
        rows = list(group_of)
        if is_list:
            wide = max(map(len, rows)) + 2
            count = max(1, min(len(rows), (width + 2) // wide))
            count = -(-len(rows) // -(-len(rows) // count))  # rows that are equally full
            rows = [
                "".join(f"{one:<{wide}}" for one in rows[k : k + count]).rstrip()
                for k in range(0, len(rows), count)
            ]
        found += rows
    return found


def mark_of(states: Sequence[str]) -> str:
    """Which of `MARKS` questions in these states have together."""
    if states and all(state.startswith("solved") for state in states):
        return "done"
    return "begun" if any(states) else ""


def questions_done(states: States) -> tuple[int, int]:
    """How many questions are solved, and how many there are."""
    done = sum(state.startswith("solved") for _, row in states for state in row)
    return done, sum(len(row) for _, row in states)


def draw_count(canvas: Canvas, x: int, y: int, done: int, total: int) -> None:
    """A bar of 8 and, behind it, ``done/total``."""
    heavy = _BAR * done // max(1, total)
    canvas.put(x, y, "━" * heavy, "value")
    canvas.put(x + heavy, y, "─" * (_BAR - heavy), "faint")
    canvas.put(x + _BAR + 1, y, f"{done}/{total}", "dim")


def path_lines(path: ExercisePath, width: int = 78) -> list[tuple[str, str]]:
    """The path as text: a line an exercise."""
    done, total = sum(row.solved for row in path.rows), sum(len(row.states) for row in path.rows)
    lines = [(f"{done} of {counted(total, 'question')} solved   {LEGEND}", "strong")]
    for row in path.rows:
        is_next = row.id == path.offered
        mark = "▶" if is_next else " "
        text = f"{mark} {MARKS[mark_of(row.states)]} {row.id:<26} {row.solved}/{len(row.states)}  {row.title}"
        lines.append((cut(text, width), "strong" if is_next else "text"))
    return lines


def offer_lines(path: ExercisePath) -> list[tuple[str, str]]:
    """How to go on from the list of the path, at a prompt."""
    offered = [f"next begins {path.offered} ({path.why})"] if path.offered else []
    return [(line, "text") for line in (*offered, "exercise NAME begins another; exercises lists them again")]


def draw_path(states: States, at: int, width: int, height: int) -> Canvas:
    """The path in a window around the chosen exercise."""
    canvas = Canvas(width, height)
    done, total = questions_done(states)
    hairline(
        canvas,
        0,
        0,
        width,
        [("exercises", "strong")],
        right=[(f"{done} of {counted(total, 'question')}", "dim")],
    )
    room = height - 4
    first = min(max(0, at - room * 2 // 3), max(0, len(states) - room))
    for y, (exercise, row) in enumerate(states[first : first + room], 2):
        solved = sum(state.startswith("solved") for state in row)
        mark = mark_of(row)
        canvas.link(0, y, width, 1, f"exercise {exercise.id}")
        canvas.put(4, y, MARKS[mark], "strong" if mark else "dim")
        canvas.put(6, y, cut(exercise.title, width - 28), "text")
        draw_count(canvas, width - 16, y, solved, len(row))
        if first + y - 2 == at:
            canvas.restyle(0, y, width, on_cursor_line)
            canvas.put(2, y, "▶", "cursor")
    canvas.put(4, height - 1, LEGEND, "dim")
    return canvas


def draw_path_side(standing: Standing, at: int, width: int, height: int) -> Canvas:
    """The chosen exercise: what it is about, and its questions."""
    canvas = Canvas(width, height)
    canvas.vline(0, 0, height - 1, "hairline")
    if not standing.states:
        return canvas
    exercise, row = standing.states[at]
    hairline(canvas, 1, 0, width - 1, [(cut(exercise.id, width - 6), "strong")])
    y = 2
    for text, role in (
        (exercise.title, "text"),
        (exercise.about, "dim"),
        (f"In {exercise.scenario}.", "dim"),
    ):
        for line in textwrap.wrap(text, width - 4):
            canvas.put(3, y, line, role)
            y += 1
        y += 1 if text else 0
    canvas.put(2, y, "questions", "dim")
    for number, (item, state) in enumerate(zip(exercise.items, row, strict=True), 1):
        mark = MARKS["done" if state.startswith("solved") else "begun" if state else ""]
        what = item.ask[0] if item.ask else item.kind
        canvas.put(3, y + number, f"{mark} {cut(f'{item.kind}: {what}', width - 20)}", "text")
        canvas.put(width - 14, y + number, cut(state or "", 13), "dim")
    y += len(row) + 2
    if exercise.skills:
        canvas.put(2, y, "skills", "dim")
        draw_skills(canvas, 3, y + 1, standing.skills, exercise.skills)
    return canvas
