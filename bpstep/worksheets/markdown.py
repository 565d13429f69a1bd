"""A document as Markdown: pipe tables, and pictures in letters.

What Markdown would take for a mark (a bar between columns, a star of a formula) is written as it is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bpstep.view.formats.pictures import fenced
from bpstep.worksheets.blocks import Block, Entry, Heading, Room, Table
from bpstep.worksheets.picture import Drawing
from bpstep.worksheets.writer import Writer

__all__ = ["as_markdown"]

_MARKS = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def as_markdown(blocks: Iterable[Block]) -> Iterator[str]:
    """The text of a document, block by block."""
    writer = _Markdown()
    for place, block in enumerate(blocks):
        yield ("\n" if place else "") + writer.block(block)


class _Markdown(Writer):
    def heading(self, heading: Heading) -> str:
        below = [heading.aside, "Name: ____________________" if heading.signed else ""]
        aside = "   ".join(_text(text) for text in below if text)
        return f"{'#' * heading.level} {_text(heading.text)}\n" + (f"\n{aside}\n" if aside else "")

    def paragraph(self, text: str) -> str:
        return f"{_text(text)}\n"

    def lines(self, lines: Sequence[str]) -> str:
        return fenced("\n".join(lines))

    def picture(self, drawing: Drawing) -> str:
        return fenced(drawing.text)

    def room(self, room: Room) -> str:
        return f"({room.number})" + " \\_" * 30 + "\n"

    def new_page(self) -> str:
        return "---\n"

    def table(self, table: Table) -> str:
        head = f"**{_text(table.title)}**\n\n" if table.title else ""
        ruled = "|".join(["", *["---"] * len(table.heads), ""])
        return head + "\n".join([self._row(table.heads), ruled, *map(self._row, table.rows)]) + "\n"

    def _row(self, entries: Iterable[Entry]) -> str:
        return f"| {' | '.join(map(self.entry, entries))} |"

    def gap(self, number: int) -> str:
        return f"({number}) \\_\\_\\_\\_\\_\\_\\_\\_"

    def filled(self, text: str) -> str:
        return f"**{_text(text)}**"

    def plain(self, text: str) -> str:
        return _text(text)


def _text(text: str) -> str:
    return text.translate(_MARKS).replace("\n", " ")
