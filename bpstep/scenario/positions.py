"""Where every key of a TOML file stands.

`tomllib` gives values without places, and an author wants to be told the line.  `find_positions` walks over a
text that `tomllib` has accepted and notes the offset of each key and each array element, under its path:

    >>> text = 'title = "x"\\n[[sample]]\\ninput = [0.1, [2]]\\n'
    >>> places = find_positions(text)
    >>> places["sample", 0, "input", 1], line_and_column(text, places["sample", 0, "input", 1])
    (37, (3, 15))

Since the text is known to be valid, the walk only has to know where things end, not whether they are right.
"""

from __future__ import annotations

import re

__all__ = ["VALUE", "Path", "Positions", "find_positions", "line_and_column"]

Path = tuple[str | int, ...]
Positions = dict[Path, int]

#: Behind the path of a key: the place of its value.
VALUE = "="

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|[A-Za-z0-9_-]+')
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\])*"'),
    re.compile(r"'[^']*'"),
)
_BARE = re.compile(r"[^,\]}\n#]+")


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The line and the column of an offset, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def find_positions(text: str) -> Positions:
    """The offset of every key and array element."""
    return _Walker(text).walk()


class _Walker:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: Positions = {(): 0}
        self.tables: dict[Path, int] = {}

    def walk(self) -> Positions:
        here: Path = ()
        while True:
            self.skip()
            if self.at >= len(self.text):
                return self.found
            start = self.at
            if self.text[self.at] == "[":
                here = self.header()
                self.found.setdefault(here, start)
            else:
                self.pair(here)

    def skip(self) -> None:
        found = _BLANK.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self.skip()
            found = _KEY_PART.match(self.text, self.at)
            if found is None:
                return parts
            self.at = found.end()
            part = found.group()
            parts.append(part[1:-1] if part[0] in "\"'" else part)
            self.skip()
            if self.text[self.at : self.at + 1] != ".":
                return parts
            self.at += 1

    def header(self) -> Path:
        """``[a.b]`` or ``[[a.b]]``; the name of an array of tables means its last table."""
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        parts = self.key()
        self.at += 2 if array else 1
        path: Path = ()
        for place, part in enumerate(parts):
            path = (*path, part)
            if place == len(parts) - 1 and array:
                self.tables[path] = self.tables.get(path, -1) + 1
            if path in self.tables:
                self.found.setdefault(path, self.at)
                path = (*path, self.tables[path])
        return path

    def pair(self, here: Path) -> None:
        start = self.at
        parts = self.key()
        if not parts:
            self.at += 1
            return
        for place in range(1, len(parts) + 1):
            self.found.setdefault((*here, *parts[:place]), start)
        self.skip()
        self.at += 1  # the equals sign
        self.value((*here, *parts))

    def value(self, path: Path) -> None:
        self.skip()
        self.found[(*path, VALUE)] = self.at
        sign = self.text[self.at : self.at + 1]
        if sign in ("[", "{"):
            self.collection(path, "]" if sign == "[" else "}")
            return
        for string in _STRINGS:
            found = string.match(self.text, self.at)
            if found is not None:
                self.at = found.end()
                return
        found = _BARE.match(self.text, self.at)
        self.at = found.end() if found is not None else self.at + 1

    def collection(self, path: Path, end: str) -> None:
        self.at += 1
        index = 0
        while True:
            self.skip()
            sign = self.text[self.at : self.at + 1]
            if sign in (end, ""):
                self.at += 1
                return
            if sign == ",":
                self.at += 1
            elif end == "}":
                self.pair(path)
            else:
                self.found[(*path, index)] = self.at
                self.value((*path, index))
                index += 1
