"""The home screen's panes: the lessons with what is done of their exercises, and what the chosen one teaches."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bpstep.english import counted
from bpstep.exercises.model import Exercise
from bpstep.exercises.offering import Standing
from bpstep.scenario.catalogue import Entry
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.drawing.roles import on_cursor_line
from bpstep.view.panes.questions import LEGEND, MARKS, States, draw_count, mark_of, questions_done
from bpstep.view.panes.skills import draw_skills, tally

__all__ = ["about_lines", "draw_list", "draw_side", "draw_top", "found", "of_scenario"]

_COUNT = 14


def of_scenario(states: States, name: str) -> list[tuple[Exercise, list[str]]]:
    """The exercises about a scenario."""
    return [(exercise, row) for exercise, row in states if exercise.scenario == name]


def found(entries: Sequence[Entry], text: str, after: int) -> int | None:
    """The next row that has ``text`` in its name, title, summary or lesson, or None."""
    wanted = text.casefold()
    places = [(after + k) % len(entries) for k in range(1, len(entries) + 1)]
    return next((k for k in places if wanted in "\n".join(entries[k]).casefold()), None)


def draw_top(standing: Standing, width: int, height: int) -> Canvas:
    """The title; which exercise is next, how far one is, and how the skills stand."""
    canvas = Canvas(width, height)
    at = canvas.put(1, 0, "bpstep", "brand")
    at = canvas.put(at + 2, 0, "step through back-propagation", "title")
    if standing.offer is not None:
        upcoming = standing.offer.exercise
        text = cut(f"next: {upcoming.title}, in {upcoming.scenario}", max(0, width - at - 4))
        canvas.put(width - len(text) - 1, 0, text, "dim")
    done, total = questions_done(standing.states)
    if total:
        at = canvas.put(1, 1, f"{done} of {total}", "strong") + 1
        told = f" skills: {tally(standing.skills)}" if standing.skills else ""
        room = width - at - 1 - len(told)
        heavy = room * done // total
        canvas.put(at, 1, "━" * heavy, "value")
        canvas.put(at + heavy, 1, "─" * (room - heavy), "faint")
        canvas.put(at + room, 1, told, "dim")
    return canvas


def draw_list(entries: Sequence[Entry], states: States, at: int, width: int, height: int) -> Canvas:
    """The lessons in reading order, in a window around the chosen row."""
    canvas = Canvas(width, height)
    done, total = questions_done(states)
    told = f"{done} of {counted(total, 'question')}" if total else counted(len(entries), "scenario")
    rows: list[tuple[str, Entry | None]] = []
    for place, entry in enumerate(entries):
        if place == 0 or entries[place - 1].lesson != entry.lesson:
            rows += [("", None)] if place else []
            rows.append((entry.lesson, None))
        rows.append((entry.name, entry))
    chosen = next((k for k, (_, entry) in enumerate(rows) if entry is not None and entry is entries[at]), 0)
    room = height - 3
    first = min(max(0, chosen - room * 2 // 3), max(0, len(rows) - room))
    above, below = (
        sum(entry is not None for _, entry in part) for part in (rows[:first], rows[first + room :])
    )
    hidden = [f"↑ {above} more" if above else "", f"↓ {below} more" if below else ""]
    title = [("lessons", "strong"), (" ".join(["", *filter(None, hidden)]), "key")]
    hairline(canvas, 0, 0, width, title, right=[(told, "dim")])
    name_width = max((len(entry.name) for entry in entries), default=0) + 2
    for y, (text, shown) in enumerate(rows[first : first + room], 2):
        if shown is None:
            canvas.put(2, y, text, "dim")
            continue
        canvas.link(0, y, width, 1, f"load {shown.name}")
        own = of_scenario(states, shown.name)
        mark = mark_of([state for _, row in own for state in row])
        if own:
            canvas.put(4, y, MARKS[mark], "strong" if mark else "dim")
            draw_count(canvas, width - _COUNT, y, *questions_done(own))
        canvas.put(6, y, shown.name, "text")
        canvas.put(6 + name_width, y, cut(shown.point, width - name_width - 7 - _COUNT), "dim")
        if shown is entries[at]:
            canvas.restyle(0, y, width, on_cursor_line)
            canvas.put(2, y, "▶", "cursor")
    if total:
        canvas.put(4, height - 1, LEGEND, "dim")
    return canvas


def draw_side(entries: Sequence[Entry], standing: Standing, at: int, width: int, height: int) -> Canvas:
    """What the chosen scenario teaches, and the exercises about it."""
    canvas = Canvas(width, height)
    canvas.vline(0, 0, height - 1, "hairline")
    if not entries:
        return canvas
    entry = entries[at]
    hairline(canvas, 1, 0, width - 1, [(cut(entry.name, width - 6), "strong")])
    y = 2
    for text, role in ((entry.title, "text"), (entry.summary, "dim")):
        for line in textwrap.wrap(text, width - 4):
            canvas.put(3, y, line, role)
            y += 1
        y += 1
    own = of_scenario(standing.states, entry.name)
    if not own:
        return canvas
    hairline(canvas, 1, y, width - 1, [("exercises", "dim")])
    upcoming = standing.offer.exercise if standing.offer is not None else None
    for exercise, row in own:
        y += 1
        done, total = questions_done([(exercise, row)])
        is_next = exercise is upcoming
        mark = "▶" if is_next else MARKS[mark_of(row)]
        canvas.put(3, y, mark, "strong" if is_next or done else "dim")
        told = "next" if is_next and not done else f"{done}/{total}"
        canvas.put(5, y, cut(exercise.title, width - 7 - len(told)), "strong" if is_next else "text")
        canvas.put(width - len(told) - 1, y, told, "strong" if is_next else "dim")
    names = {skill for exercise, _ in own for skill in exercise.skills}
    if names:
        hairline(canvas, 1, y + 2, width - 1, [("skills", "dim")])
        y = draw_skills(canvas, 3, y + 3, standing.skills, names)
    if standing.offer is not None and any(exercise is upcoming for exercise, _ in own):
        for number, line in enumerate(textwrap.wrap(f"Next, because {standing.offer.why}.", width - 4), 1):
            canvas.put(3, y + number, line, "dim")
    return canvas


def about_lines() -> list[tuple[str, str]]:
    """What this program is, in a few lines."""
    return [
        ("bpstep", "strong"),
        ("", ""),
        ("A step-through debugger for back-propagation. Choose a lesson and press Enter;", "text"),
        ("then → goes one step forward and ← one step back, as often as you like.", "text"),
        ("", ""),
        ("Blue is a value and flows right (▶); orange is a derivative and flows left (◀).", "text"),
        ("On every screen ? lists the keys, and : takes a command.", "text"),
        ("", ""),
        ("o opens a scenario file of your own; bpstep new FILE writes one to start from.", "dim"),
    ]
