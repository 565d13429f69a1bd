"""A terminal of text: what stands on it after all that was written to it."""

from __future__ import annotations

import re

#: What a terminal is told between texts: where to write, or what does not matter to a text.
_SEQUENCE = re.compile(r"\x1b(?:\[([?<>=]?)([\d;]*)([$ ]?[@-~])|[^\[])")


class Terminal:
    """What stands on a terminal after all that was written to it: a line of text for each row."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], str] = {}
        self.row = self.column = 1

    def write(self, text: str) -> None:
        at = 0
        for match in _SEQUENCE.finditer(text):
            self._put(text[at : match.start()])
            at = match.end()
            if match[3] == "H" and not match[1]:
                self.row, self.column = ([int(n or 1) for n in match[2].split(";")] + [1, 1])[:2]
            elif match[3] == "J":
                self.cells.clear()
        self._put(text[at:])

    def _put(self, text: str) -> None:
        for char in text:
            if char == "\n":
                self.row, self.column = self.row + 1, 1
            elif char == "\r":
                self.column = 1
            elif char.isprintable():
                self.cells[self.row, self.column] = char
                self.column += 1

    @property
    def lines(self) -> list[str]:
        rows = max((row for row, _ in self.cells), default=0)
        wide = max((column for _, column in self.cells), default=0)
        return [
            "".join(self.cells.get((row, column), " ") for column in range(1, wide + 1)).rstrip()
            for row in range(1, rows + 1)
        ]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def place(self, text: str) -> tuple[int, int]:
        """The row and the column of a text, from 1 on."""
        return next((row, line.index(text) + 1) for row, line in enumerate(self.lines, 1) if text in line)
