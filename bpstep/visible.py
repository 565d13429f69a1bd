"""Text that is safe for a terminal: what it might obey is shown, and not sent.

A name in a file, a word of a command line, a line of a script may hold anything: an escape sequence that wipes the
screen, a mark that turns the direction of writing (U+202E), a zero-width joiner, half of a surrogate pair.  Whatever
comes from outside passes through `visible` on its way to a terminal or into an error message.

    >>> visible("w\\x1b[31m[h1\\u202e]")
    'w\\\\x1b[31m[h1\\\\u202e]'
    >>> visible("two\\nlines"), visible_lines("two\\nlines\\x07")
    ('two\\\\nlines', 'two\\nlines\\\\x07')

It stands outside of all rooms and imports nothing, so that every room may use it.  What is safe is what Unicode
calls printable: no control, format, surrogate, private or unassigned character, and no space but the plain one.
"""

from __future__ import annotations

__all__ = ["first_unsafe", "quoted", "shortened", "visible", "visible_lines"]


def visible(text: str) -> str:
    """A text on one line, with everything that a terminal might obey written as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def visible_lines(text: str) -> str:
    """The same for a text of several lines: the ends of its lines are kept."""
    return "\n".join(visible(line) for line in text.split("\n"))


def first_unsafe(text: str, *, allowed: str = "") -> str | None:
    """The first character that a terminal must not get, besides those that are ``allowed``; None where all are safe."""
    if text.isprintable():
        return None
    return next((char for char in text if not char.isprintable() and char not in allowed), None)


def quoted(word: str, most: int = 40) -> str:
    """A word in quotation marks, as it is quoted in a message: made safe, and cut where it is long.

    >>> quoted("stpe"), quoted("x" * 100, 8)
    ('"stpe"', '"xxxxxxx…"')
    """
    return f'"{shortened(word, most)}"'


def shortened(text: str, most: int = 40) -> str:
    """A text as it is told in a message: made safe, and cut where it is long."""
    shown = visible(text[: most + 1])
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
