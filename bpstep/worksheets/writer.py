"""What every format says for itself: each kind of block, and each kind of entry of a table.

Which kind a block is of is asked here, and nowhere else; a format that lacks a way to write one is no `Writer`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from bpstep.worksheets.blocks import (
    Block,
    Entry,
    Filled,
    Formulas,
    Gap,
    Heading,
    Picture,
    Room,
    Table,
    Text,
)
from bpstep.worksheets.picture import Drawing

__all__ = ["Writer"]


class Writer(ABC):
    """Writes the blocks of a document in one format."""

    def block(self, block: Block) -> str:
        """Any block; a picture without nodes in letters."""
        if isinstance(block, Heading):
            return self.heading(block)
        if isinstance(block, Text):
            return self.paragraph(block.text)
        if isinstance(block, Formulas):
            return self.lines(block.lines)
        if isinstance(block, Picture):
            drawing = block.drawing
            return self.picture(drawing) if drawing.nodes else self.lines(drawing.text.split("\n"))
        if isinstance(block, Table):
            return self.table(block)
        return self.room(block) if isinstance(block, Room) else self.new_page()

    def entry(self, entry: Entry) -> str:
        """What stands in a place of a table."""
        if isinstance(entry, Gap):
            return self.gap(entry.number)
        return self.filled(entry.text) if isinstance(entry, Filled) else self.plain(entry)

    @abstractmethod
    def heading(self, heading: Heading) -> str:
        """A heading, with what stands below it."""

    @abstractmethod
    def paragraph(self, text: str) -> str:
        """A paragraph."""

    @abstractmethod
    def lines(self, lines: Sequence[str]) -> str:
        """Lines of letters whose columns stand under each other."""

    @abstractmethod
    def picture(self, drawing: Drawing) -> str:
        """The network or the graph."""

    @abstractmethod
    def table(self, table: Table) -> str:
        """A table, short or long."""

    @abstractmethod
    def room(self, room: Room) -> str:
        """Room to write in."""

    @abstractmethod
    def new_page(self) -> str:
        """The end of a page."""

    @abstractmethod
    def gap(self, number: int) -> str:
        """A blank in a table, with its number."""

    @abstractmethod
    def filled(self, text: str) -> str:
        """A text in a table that stands out."""

    @abstractmethod
    def plain(self, text: str) -> str:
        """Any other text in a table."""
