"""A document as Markdown: pipe tables, and pictures in letters.

What Markdown would take for a mark (a bar between columns, a star of a formula) is written as it is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bpstep.worksheets.blocks import Block, Entry, Filled, Formulas, Gap, Heading, Picture, Room, Table, Text

__all__ = ["as_markdown"]

_MARKS = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def as_markdown(blocks: Iterable[Block]) -> Iterator[str]:
    """The text of a document, block by block."""
    for place, block in enumerate(blocks):
        yield ("\n" if place else "") + _block(block)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        below = [block.aside, "Name: ____________________" if block.signed else ""]
        aside = "   ".join(_text(text) for text in below if text)
        return f"{'#' * block.level} {_text(block.text)}\n" + (f"\n{aside}\n" if aside else "")
    if isinstance(block, Text):
        return f"{_text(block.text)}\n"
    if isinstance(block, Picture):
        return _fenced(block.drawing.text)
    if isinstance(block, Formulas):
        return _fenced("\n".join(block.lines))
    if isinstance(block, Room):
        return f"({block.number})" + " \\_" * 30 + "\n"
    if isinstance(block, Table):
        return _table(block)
    return "---\n"


def _fenced(text: str) -> str:
    """Lines as they are; the fence is longer than any in them."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}\n"


def _table(table: Table) -> str:
    head = f"**{_text(table.title)}**\n\n" if table.title else ""
    rows = [_row(table.heads), "|".join(["", *["---"] * len(table.heads), ""]), *map(_row, table.rows)]
    return head + "\n".join(rows) + "\n"


def _row(entries: Iterable[Entry]) -> str:
    return f"| {' | '.join(map(_entry, entries))} |"


def _entry(entry: Entry) -> str:
    if isinstance(entry, Gap):
        return f"({entry.number}) \\_\\_\\_\\_\\_\\_\\_\\_"
    if isinstance(entry, Filled):
        return f"**{_text(entry.text)}**"
    return _text(entry)


def _text(text: str) -> str:
    return text.translate(_MARKS).replace("\n", " ")
