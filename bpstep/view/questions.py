"""Questions: their title, their lines, and the path of exercises with what is done and what is next."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.exercises.model import Exercise
from bpstep.view.canvas import Canvas
from bpstep.view.layout import cut, hairline
from bpstep.view.numbers import group
from bpstep.view.roles import on_cursor_line

__all__ = ["MARKS", "draw_path", "draw_path_side", "path_lines", "title_of", "wrapped"]

#: What stands before an exercise or a question: done, begun, not yet.
MARKS = {"done": "●", "begun": "◆", "": "·"}

States = Sequence[tuple[Exercise, list[str]]]


def title_of(session: Session) -> list[list[tuple[str, str]]]:
    """The title of the question's pane."""
    tutor = session.tutor
    if tutor is None:
        return []
    if tutor.predicting and session.upcoming is not None:
        step = session.upcoming
        return [[("predict", "strong")], [(f"step {group(step.number)} · {step.op}", "dim")]]
    return [[("exercise", "strong")], [(tutor.score, "dim")]]


def wrapped(lines: Sequence[str], width: int) -> list[str]:
    """Lines broken between words."""
    return [part for line in lines for part in (textwrap.wrap(line, max(20, width)) or [""])]


def _mark(states: Sequence[str]) -> str:
    if all(state.startswith("solved") for state in states):
        return "done"
    return "begun" if any(states) else ""


def path_lines(states: States, width: int = 78) -> list[tuple[str, str]]:
    """The path as text: a line an exercise."""
    done = sum(state.startswith("solved") for _, row in states for state in row)
    total = sum(len(row) for _, row in states)
    following = next((exercise for exercise, row in states if _mark(row) != "done"), None)
    lines = [(f"{done} of {total} questions", "strong")]
    for exercise, row in states:
        solved = sum(state.startswith("solved") for state in row)
        mark = "▶" if exercise is following else " "
        text = f"{mark} {MARKS[_mark(row)]} {exercise.id:<26} {solved}/{len(row)}  {exercise.title}"
        lines.append((cut(text, width), "strong" if exercise is following else "text"))
    return lines


def draw_path(states: States, at: int, width: int, height: int) -> Canvas:
    """The path in a window around the chosen exercise."""
    canvas = Canvas(width, height)
    done = sum(state.startswith("solved") for _, row in states for state in row)
    total = sum(len(row) for _, row in states)
    hairline(canvas, 0, 0, width, [("exercises", "strong")], right=[(f"{done} of {total} questions", "dim")])
    room = height - 4
    first = min(max(0, at - room * 2 // 3), max(0, len(states) - room))
    for y, (exercise, row) in enumerate(states[first : first + room], 2):
        solved = sum(state.startswith("solved") for state in row)
        mark = _mark(row)
        canvas.put(4, y, MARKS[mark], "strong" if mark else "dim")
        canvas.put(6, y, cut(exercise.title, width - 28), "text")
        length = 8
        heavy = length * solved // max(1, len(row))
        canvas.put(width - 16, y, "━" * heavy, "value")
        canvas.put(width - 16 + heavy, y, "─" * (length - heavy), "faint")
        canvas.put(width - 16 + length + 1, y, f"{solved}/{len(row)}", "dim")
        if first + y - 2 == at:
            canvas.restyle(0, y, width, on_cursor_line)
            canvas.put(2, y, "▶", "cursor")
    canvas.put(4, height - 1, "● done   ◆ begun   · not yet", "dim")
    return canvas


def draw_path_side(states: States, at: int, width: int, height: int) -> Canvas:
    """The chosen exercise: what it is about, and its questions."""
    canvas = Canvas(width, height)
    canvas.vline(0, 0, height - 1, "hairline")
    if not states:
        return canvas
    exercise, row = states[at]
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
        for line in textwrap.wrap(f"Skills: {', '.join(exercise.skills)}.", width - 4):
            canvas.put(3, y, line, "dim")
            y += 1
    return canvas
