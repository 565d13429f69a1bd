"""What stands behind a command's name: its text, its words, the names and numbers among them.

Every part keeps the column where it stands in the line, so that an error can point at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.lazily import dataclass
from bpstep.visible import quoted

__all__ = [
    "WORD",
    "Arguments",
    "as_word",
    "expect_no_more",
    "file_name",
    "one_of",
    "whole_number",
    "without_comment",
]

#: A word, or what stands in quotation marks; a mark inside a word (f', d'où) is part of it.
WORD = re.compile(r"""(?:"[^"]*"|'[^']*')(?=\s|$)|\S+""")
_MARKS = ('"', "'")
_SPECIAL = re.compile(r"""\s|^["'#]|^$""")

#: No file has a longer name.
_LONGEST_NAME = 400
#: Nothing that is counted is larger: steps, epochs, seeds.
_MOST = 10**12


@dataclass(frozen=True)
class Arguments:
    """What stands behind a command's name: the text, and the column where it begins."""

    text: str
    column: int

    @property
    def words(self) -> list[tuple[str, int]]:
        """The words, each with its column; of a word in quotation marks, what stands between them."""
        found = [(word.group(), self.column + word.start()) for word in WORD.finditer(self.text)]
        return [(_unquoted(word, column), column) for word, column in found]

    @property
    def name(self) -> str:
        """The whole text as the name of a file, which may stand in quotation marks."""
        words = self.words
        return file_name(words[0][0] if len(words) == 1 else self.text, self.column)

    def __bool__(self) -> bool:
        return bool(self.text)


def file_name(name: str, column: int) -> str:
    """A name that a file may have: neither empty, nor longer than any system allows."""
    if not name:
        raise CommandError("expected the name of a file", column)
    if len(name) > _LONGEST_NAME:
        raise CommandError(f"the name of a file has at most {_LONGEST_NAME} characters", column)
    return name


def as_word(name: str) -> str:
    """A name as one word of a command: in quotation marks where it needs them; `ValueError` where none will do."""
    if not _SPECIAL.search(name):
        return name
    mark = next((mark for mark in _MARKS if mark not in name), None)
    if mark is None or "\n" in name or "\r" in name:
        raise ValueError(f"{quoted(name)} can not be written in a command")
    return f"{mark}{name}{mark}"


def _unquoted(word: str, column: int) -> str:
    if not word.startswith(_MARKS):
        return word
    if len(word) < 2 or word[-1] != word[0] or word[0] in word[1:-1]:
        raise CommandError(f"expected a second {word[0]}, with a space or nothing behind it", column)
    return word[1:-1]


def expect_no_more(words: list[tuple[str, int]]) -> None:
    """Refuse what stands behind the last argument."""
    if words:
        text, column = words[0]
        raise CommandError(f"expected nothing more, found {quoted(text)}", column)


def whole_number(text: str, column: int, what: str, least: int = 0, most: int = _MOST) -> int:
    """A whole number as it is typed, in plain digits; ``what`` says what is expected.

    Not every digit is one to Python (²), and not every number of digits (a thousand of them): both get their line.
    """
    if not (
        text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST)) and least <= int(text) <= most
    ):
        raise CommandError(f"expected {what}, found {quoted(text) if text else 'nothing'}", column)
    return int(text)


def one_of(text: str, known: Iterable[str], column: int) -> str:
    """A word, if it is one of those that are known."""
    names = tuple(known)
    if text not in names:
        raise CommandError(f"expected one of {', '.join(names)}{did_you_mean(text, names)}", column)
    return text


def without_comment(line: str) -> str:
    """A line up to its comment: a ``#`` that begins it, or that stands between spaces, and all behind it."""
    for number, found in enumerate(WORD.finditer(line)):
        if found.group() == "#" or (number == 0 and found.group().startswith("#")):
            return line[: found.start()].rstrip()
    return line.rstrip()
