"""Where every key of a TOML file stands.

`tomllib` gives values without places, and an author wants to be told the line.  `find_places` walks over a text that
`tomllib` has accepted and notes the offset of each key and each array element, under its path:

    >>> places = find_places('title = "x"\\n[[sample]]\\ninput = [0.1, [2]]\\n')
    >>> places.of(("sample", 0, "input", 1)), places.of(("sample", 0, "missing"))
    ((3, 15), (2, 1))

Since the text is known to be valid, the walk only has to know where things end, not whether they are right.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from bpstep.lazily import dataclass

__all__ = ["Path", "Places", "find_places"]

Path = tuple[str | int, ...]

#: Behind the path of a key: the place of its value.
_VALUE = "="

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|[A-Za-z0-9_-]+')
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\])*"'),
    re.compile(r"'[^']*'"),
)
_BARE = re.compile(r"[^,\]}\n#]+")
#: One character of a string's value as it is written, by the quotation mark.  In a basic string there are escapes, and
#: a line that ends in a backslash is joined to the next.
_CHARACTER = {
    '"': re.compile(r"(?:\\u.{4}|\\U.{8}|\\[^\s]|\r\n|.)(?:\\[ \t\r]*\n\s*)*", re.DOTALL),
    "'": re.compile(r"\r\n|.", re.DOTALL),
}


def find_places(text: str) -> Places:
    """The place of every key and array element."""
    return Places(text, _Walker(text).walk())


class Places:
    """Lines and columns, both from 1, of what stands in a text."""

    def __init__(self, text: str, offsets: dict[Path, int]) -> None:
        self.text, self.offsets = text, offsets
        self.starts = [0, *(end.end() for end in re.finditer("\n", text))]

    def of(self, path: Path) -> tuple[int, int]:
        """The place of a key, or of the nearest table around it."""
        while path not in self.offsets:
            path = path[:-1]
        return self.at(self.offsets[path])

    def at(self, offset: int) -> tuple[int, int]:
        """The place of a character of the text."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def inside(self, path: Path, column: int) -> tuple[int, int]:
        """The place of a character, counted from 0, of the string that is the value of a key."""
        at = self.offsets.get((*path, _VALUE))
        if at is None or self.text[at] not in "\"'":
            return self.of(path)
        quote = self.text[at]
        if self.text.startswith(quote * 3, at):
            at += 3
            at += self.text.startswith("\n", at) or 2 * self.text.startswith("\r\n", at)
        else:
            at += 1
        character = _CHARACTER[quote]
        for _ in range(column):
            found = character.match(self.text, at)
            at = found.end() if found else at
        return self.at(at)


@dataclass
class _Open:
    """A list or an inline table that has begun, and how many elements of it there were."""

    path: Path
    end: str
    count: int = 0


class _Walker:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {(): 0}
        self.tables: dict[Path, int] = {}

    def walk(self) -> dict[Path, int]:
        here: Path = ()
        while True:
            self.skip()
            if self.at >= len(self.text):
                return self.found
            if self.sign == "[":
                here = self.header()
            else:
                self.pair(here)

    @property
    def sign(self) -> str:
        """The next character, "" at the end."""
        return self.text[self.at : self.at + 1]

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
            if self.sign != ".":
                return parts
            self.at += 1

    def header(self) -> Path:
        """``[a.b]`` or ``[[a.b]]``; the name of an array of tables means its last table."""
        start = self.at
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        parts = self.key()
        self.at += 2 if array else 1
        path: Path = ()
        for place, part in enumerate(parts):
            path = (*path, part)
            self.found.setdefault(path, start)
            if place == len(parts) - 1 and array:
                self.tables[path] = self.tables.get(path, -1) + 1
            if path in self.tables:
                path = (*path, self.tables[path])
                self.found.setdefault(path, start)
        return path

    def pair(self, here: Path) -> None:
        """``key = value``; lists and tables inside the value are walked without recursion."""
        open_: list[_Open] = []
        self.begin_pair(here, open_)
        while open_:
            self.skip()
            inner = open_[-1]
            if self.sign in (inner.end, ""):
                self.at += 1
                open_.pop()
            elif self.sign == ",":
                self.at += 1
            elif inner.end == "}":
                self.begin_pair(inner.path, open_)
            else:
                path = (*inner.path, inner.count)
                inner.count += 1
                self.found[path] = self.at
                self.begin(path, open_)

    def begin_pair(self, here: Path, open_: list[_Open]) -> None:
        start = self.at
        parts = self.key()
        if not parts:
            self.at += 1
            return
        for place in range(1, len(parts) + 1):
            self.found.setdefault((*here, *parts[:place]), start)
        self.skip()
        self.at += 1  # the equals sign
        self.skip()
        self.begin((*here, *parts), open_)

    def begin(self, path: Path, open_: list[_Open]) -> None:
        """Step over a value, or into it."""
        self.found[(*path, _VALUE)] = self.at
        if self.sign in ("[", "{"):
            open_.append(_Open(path, "]" if self.sign == "[" else "}"))
            self.at += 1
            return
        for pattern in (*_STRINGS, _BARE):
            found = pattern.match(self.text, self.at)
            if found is not None:
                self.at = found.end()
                return
        self.at += 1
