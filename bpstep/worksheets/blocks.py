"""A document as a list of blocks: what sheets and keys are made of, and what every format knows how to write.

A row of a table holds texts and gaps.  A `Gap` is a number that somebody writes in; a `Filled` one is shown as worked
out, in a worked example or a key.
"""

from __future__ import annotations

from bpstep.lazily import dataclass
from bpstep.worksheets.picture import Drawing

__all__ = [
    "Block", "Entry", "Filled", "Formulas", "Gap", "Heading", "NewPage", "Picture", "Room", "Table", "Text",
]  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """A blank with its number; the key calls it so."""

    number: int


@dataclass(frozen=True)
class Filled:
    """A text that stands out: a blank that is filled in, a right value."""

    text: str


#: What stands in a place of a table.
Entry = str | Gap | Filled


@dataclass(frozen=True)
class Heading:
    """A heading; the first level is that of a whole sheet.  ``aside`` stands below it, and where somebody is to sign a
    line for a name."""

    level: int
    text: str
    aside: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Formulas:
    """Formulas or worked steps, one a line."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """The network or the graph."""

    drawing: Drawing


@dataclass(frozen=True)
class Table:
    """A table: the heads of its columns, and its rows.  A ``long`` one may go on over the page, row by row, and each
    of its rows whose first entry is not "" begins a group that stays together."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    long: bool = False


@dataclass(frozen=True)
class Room:
    """Room to write in, so many lines of it, for the question of this number."""

    number: int
    lines: int = 2


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a page of its own."""


Block = Heading | Text | Formulas | Picture | Table | Room | NewPage
