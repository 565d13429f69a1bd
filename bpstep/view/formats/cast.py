"""Frames as an asciicast (version 2): what players of recorded terminals read.

A recording is lines of JSON: a head, and an event for each frame, which draws the rows that have changed.
See https://docs.asciinema.org/manual/asciicast/v2/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.color import ColorSystem
from rich.style import Style

from bpstep.view.drawing.roles import on_background
from bpstep.visible import visible

__all__ = ["Rows", "cast"]

Rows = Sequence[Sequence[tuple[str, str]]]

_encode = json.JSONEncoder(ensure_ascii=False).encode
#: To the beginning of a row, counted from 1.
_GOTO = "\x1b[{};1H"


def cast(
    frames: Iterable[tuple[float, Rows]], width: int, height: int, theme: str, title: str
) -> Iterator[str]:
    """The lines of a recording: frames of text in roles, each with the second at which it is shown."""
    env = {"TERM": "xterm-256color"}
    yield (
        _encode({"version": 2, "width": width, "height": height, "title": visible(title), "env": env}) + "\n"
    )
    styles = on_background(theme)
    before: list[str] = []
    for second, rows in frames:
        blank = _run(" " * width, styles[""])
        lines = [_line(row, width, styles) for row in rows[:height]]
        lines += [blank] * (height - len(lines))
        changed = [y for y, line in enumerate(lines) if y >= len(before) or before[y] != line]
        before = lines
        yield (
            _encode([round(second, 3), "o", "".join(f"{_GOTO.format(y + 1)}{lines[y]}" for y in changed)])
            + "\n"
        )


def _line(row: Sequence[tuple[str, str]], width: int, styles: Mapping[str, Style]) -> str:
    """A row as a terminal gets it, as wide as the recording."""
    spare = width - sum(len(text) for text, _ in row)
    return "".join(_run(text, styles.get(role, styles[""])) for text, role in (*row, (" " * spare, "")))


def _run(text: str, style: Style) -> str:
    return style.render(visible(text), color_system=ColorSystem.TRUECOLOR) if text else ""
