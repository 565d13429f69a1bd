"""The home screen's panes: the lessons, and what the chosen one teaches."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bpstep.scenario.catalogue import Entry
from bpstep.view.canvas import Canvas
from bpstep.view.layout import cut, hairline
from bpstep.view.roles import on_cursor_line

__all__ = ["about_lines", "draw_list", "draw_side", "draw_top"]


def draw_top(entries: Sequence[Entry], width: int, height: int) -> Canvas:
    """The title."""
    canvas = Canvas(width, height)
    at = canvas.put(1, 0, "bpstep", "brand")
    canvas.put(at + 2, 0, "step through back-propagation", "title")
    return canvas


def draw_list(entries: Sequence[Entry], at: int, width: int, height: int) -> Canvas:
    """The lessons in reading order, in a window around the chosen row."""
    canvas = Canvas(width, height)
    hairline(canvas, 0, 0, width, [("lessons", "strong")], right=[(f"{len(entries)} scenarios", "dim")])
    rows: list[tuple[str, Entry | None]] = []
    for place, entry in enumerate(entries):
        if place == 0 or entries[place - 1].lesson != entry.lesson:
            rows += [("", None)] if place else []
            rows.append((entry.lesson, None))
        rows.append((entry.name, entry))
    chosen = next((k for k, (_, entry) in enumerate(rows) if entry is not None and entry is entries[at]), 0)
    room = height - 2
    first = min(max(0, chosen - room * 2 // 3), max(0, len(rows) - room))
    name_width = max((len(entry.name) for entry in entries), default=0) + 2
    for y, (text, shown) in enumerate(rows[first : first + room], 2):
        if shown is None:
            canvas.put(2, y, text, "dim")
            continue
        canvas.put(4, y, shown.name, "text")
        canvas.put(4 + name_width, y, cut(shown.title, width - name_width - 6), "dim")
        if shown is entries[at]:
            canvas.restyle(0, y, width, on_cursor_line)
            canvas.put(2, y, "▶", "cursor")
    return canvas


def draw_side(entries: Sequence[Entry], at: int, width: int, height: int) -> Canvas:
    """What the chosen scenario teaches."""
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
