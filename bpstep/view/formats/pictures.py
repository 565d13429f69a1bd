"""How a picture is written to a file: the format follows from the ending of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bpstep.view.drawing.canvas import row_text
from bpstep.view.formats.html import block, escaped
from bpstep.view.formats.svg import svg
from bpstep.view.formats.tex import tex

__all__ = ["PICTURES", "Rows", "fenced"]

Rows = Sequence[Sequence[tuple[str, str]]]
_Write = Callable[[Rows, str, str], str]


def _text(rows: Rows, theme: str, title: str) -> str:
    return "".join(f"{row_text(row)}\n" for row in rows)


def _markdown(rows: Rows, theme: str, title: str) -> str:
    return fenced(_text(rows, theme, title))


def fenced(text: str) -> str:
    """Lines of text as Markdown shows them as they are: the fence around them is longer than any in them.

    >>> fenced("```")
    '````text\\n```\\n````\\n'
    """
    fence = "```"
    while fence in text:
        fence += "`"
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}text\n{text}{end}{fence}\n"


def _html(rows: Rows, theme: str, title: str) -> str:
    head = f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escaped(title)}</title>\n'
    return f"{head}{block(rows)}\n</html>\n"


#: By the ending of a name: what makes a file of rows, a theme and a title; "" is a name without one.
PICTURES: dict[str, _Write] = {
    **dict.fromkeys(("", ".txt", ".text", ".log"), _text),
    ".md": _markdown,
    **dict.fromkeys((".html", ".htm"), _html),
    ".svg": svg,
    ".tex": tex,
}
