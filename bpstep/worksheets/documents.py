"""Sheets and keys as documents: what stands where, whatever the format.

    1  δ(h1)   0.008771   δ(h1) = ∂E/∂y(h1) · f′(h1) = 0.03635 × 0.2413 = 0.008771
               0.03635    That is what you get without f′(e[h1]). (no-derivative)

A key has a table a sheet: a row for each blank with its number, its name, the right value and the worked step; below
it the wrong values, each with what was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from bpstep.english import counted
from bpstep.worksheets.blocks import (
    Block,
    Entry,
    Filled,
    Formulas,
    Heading,
    NewPage,
    Picture,
    Room,
    Table,
    Text,
)
from bpstep.worksheets.parts import Blank, Part
from bpstep.worksheets.sheets import Sheet
from bpstep.worksheets.shown import HIDDEN
from bpstep.worksheets.worked import DIGITS

__all__ = ["KEY_HEADS", "key_document", "sheet_document"]

#: The columns of a key.
KEY_HEADS = ("no.", "what", "value", "how it comes about")

#: So many letters of a line have room on a page behind the number of a question, under which they all stand.
_COLUMNS, _HANGING = 73, "     "

_TO_DO = f"Fill in the numbered blanks, to {DIGITS} significant digits."
_DASH = f"A number under {HIDDEN} is not asked for; if you need it on the way, work it out beside."


def sheet_document(sheets: Iterable[Sheet], variants: int) -> Iterator[Block]:
    """All sheets, each on pages of its own."""
    for place, sheet in enumerate(sheets):
        if place:
            yield NewPage()
        yield Heading(1, sheet.title, _variant(sheet, variants), signed=True)
        if sheet.about:
            yield Text(sheet.about)
        for part in sheet.parts:
            yield from _part(part)


def _variant(sheet: Sheet, variants: int) -> str:
    return f"Variant {sheet.number}" if variants > 1 else ""


def _part(part: Part) -> Iterator[Block]:
    if part.title:
        yield Heading(2, part.title)
    yield Picture(part.drawing)
    yield Formulas(part.formulas)
    if any(blank.number for blank in part.blanks):
        dashes = any(HIDDEN in row for table in part.tables for row in table.rows)
        yield Text(f"{_TO_DO} {_DASH}" if dashes else _TO_DO)
    yield from part.tables
    worked = tuple(line for blank in part.blanks if not blank.number for line in blank.lines)
    if worked:
        yield Formulas(worked)
    for question in part.questions:
        first, *more = question.lines
        lines = _folded([first, *more])
        number = f"({question.number})".ljust(len(_HANGING))
        yield (
            Formulas((number + next(lines), *(_HANGING + line for line in lines)))
            if more
            else Text(number + first)
        )
        if question.solution:
            yield Room(question.number)


def key_document(sheets: Iterable[Sheet], title: str, variants: int) -> Iterator[Block]:
    """The key to all sheets."""
    yield Heading(1, f"Key: {title}", counted(variants, "variant"))
    yield Text(
        "The first row of a blank has the right value and the worked step; below it are values that well-known "
        "mistakes give. Who made one before carries it forward: then the method of a later step may be right."
    )
    for sheet in sheets:
        for part in sheet.parts:
            yield from _key_part(sheet, part)


def _key_part(sheet: Sheet, part: Part) -> Iterator[Block]:
    rows = [row for blank in part.blanks if blank.number for row in _key_rows(blank)]
    for question in part.questions:
        if question.solution:
            told = Filled(question.solution[0])
            rows.append((f"{question.number}", "question", told, question.how or question.lines[0]))
            rows += [("", "", wrong.value, wrong.says) for wrong in question.wrong]
    if rows:
        yield Heading(2, ", ".join(filter(None, (f"Variant {sheet.number}", part.title))))
        if part.opened:
            yield Text(f"The same numbers at the prompt or on the screen: {part.opened}")
        yield Table("", KEY_HEADS, tuple(rows), long=True)


def _folded(lines: Iterable[str]) -> Iterator[str]:
    """Lines of letters that no page cuts."""
    for line in lines:
        yield from wrap(line, _COLUMNS, subsequent_indent="  ") if len(line) > _COLUMNS else [line]


def _key_rows(blank: Blank) -> list[tuple[Entry, ...]]:
    right = (f"{blank.number}", blank.name, Filled(blank.value), "; ".join(blank.lines))
    return [right, *(("", "", wrong.value, wrong.says) for wrong in blank.wrong)]
