"""Notes: read, and checked against the run that they comment on.

A note that never matches is an error of the file: the author would wait for it in vain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpstep.engine.blocks import PHASES
from bpstep.engine.cells import Cell, d
from bpstep.engine.index import Index, Spot
from bpstep.engine.run import Run
from bpstep.engine.steps import OPS
from bpstep.engine.timeline import Segment
from bpstep.scenario.arithmetic import (
    ArithmeticSyntaxError,
    CellRef,
    Node,
    parse_array,
    parse_expression,
    postorder,
)
from bpstep.scenario.model import Note
from bpstep.scenario.problems import Report
from bpstep.scenario.schema import NoteTable
from bpstep.scenario.vocabulary import Vocabulary

__all__ = ["read_notes"]

#: A brace, an expression in braces, or plain text.
_PIECE = re.compile(r"\{\{|\{(?P<inside>[^}]*)(?P<end>\}?)|[^{]+")


def read_notes(tables: Sequence[NoteTable], run: Run, report: Report) -> tuple[Note, ...]:
    """The notes of a file; what is wrong with them is reported."""
    reader = _Reader(run, report)
    return tuple(reader.note(table, ("note", place)) for place, table in enumerate(tables))


class _Reader:
    def __init__(self, run: Run, report: Report) -> None:
        self.run, self.report = run, report
        self.index = Index(run.setup)
        self.words = Vocabulary(
            frozenset(name for kind, name in self.index.rows if kind == "var"),
            arrays=self.index.arrays,
            aliases=self.index.aliases,
        )
        segment: Segment = run.timeline.segments[0]
        self.plan = segment.full
        sections = (self.plan.sample, self.plan.tail)
        self.phases = {block.phase for section in sections for block in section.blocks}
        self.ops = {op for s in sections for block in s.blocks for piece in block.pieces for op in piece.ops}
        #: Which steps there are is not known where anything that they follow from was refused.
        self.knows_steps = not any(report.has((key,)) for key in ("training", "sample", "samples"))

    def note(self, table: NoteTable, path: tuple[str | int, ...]) -> Note:
        """One note; what was refused of it is left out."""
        if table.at is not None:
            self.check_at(table.at, (*path, "at"))
        counts = {"epoch": self.run.timeline.epochs, "sample": self.run.timeline.samples}
        for key, count in counts.items():
            if self.knows_steps and (getattr(table, key) or 0) > count:
                there = f"there is 1 {key}" if count == 1 else f"there are {count} {key}s"
                self.report.add((*path, key), f"this never comes: {there}")
        says = "" if self.report.has((*path, "say")) else table.say or ""
        say = self.pieces(says, (*path, "say"))
        when = None if table.when is None else self.expression(table.when, (*path, "when"), 0)
        return Note(table.at or "", say, table.epoch, table.sample, when, says, table.when or "")

    def never(self, path: tuple[str | int, ...], message: str) -> None:
        """What a note waits for never comes."""
        if self.knows_steps:
            self.report.add(path, f"this never comes: {message}")

    def check_at(self, at: str, path: tuple[str | int, ...]) -> None:
        if at in ("start", "end"):
            return
        if at in PHASES:
            if at not in self.phases:
                self.never(path, f'there is no phase "{at}" (no learning rate?)')
            return
        if at in OPS:
            if at not in self.ops:
                self.never(path, f'no step of this scenario is a "{at}"')
            return
        try:
            named = parse_array(at, self.words)
        except ArithmeticSyntaxError as error:
            known = ", ".join((*PHASES, "start", "end"))
            self.report.add(path, f"{error}; expected a cell, an op, or one of {known}", inside=error.column)
            return
        missing = [cell for cell in named.cells if not self.exists(cell)]
        spots = [spot for cell in named.cells if (spot := self.index.find(cell)) is not None]
        if missing:
            self.report.add(path, self.no_cell(missing[0]))
        elif spots and not any(self._is_written(spot) for spot in spots):
            self.never(path, f'no step writes "{named.name}"')

    def _is_written(self, spot: Spot) -> bool:
        writes = self.index.writes(self.plan, spot)
        return bool(writes.each or writes.tail)

    def no_cell(self, cell: Cell) -> str:
        """That there is no such cell, and which one was probably meant."""
        name = cell.short
        vectors = self.run.setup.graph.vectors
        every = [vector.cell(row) for vector in vectors for row in range(len(vector.names))]
        known = [other.short for own in every for other in (own, d(own))]
        alike = [other for other in known if other.partition("[")[0] == name.partition("[")[0]]
        return f'there is no cell "{name}" in this scenario{self.report.did_you_mean(name, alike or known)}'

    def pieces(self, say: str, path: tuple[str | int, ...]) -> tuple[str | Node, ...]:
        """Plain text and expressions in turn; ``{{`` is a brace."""
        pieces: list[str | Node] = []
        plain = ""
        for found in _PIECE.finditer(say):
            text, inside, end = found[0], found["inside"], found["end"]
            if inside is None:
                plain += "{" if text == "{{" else text
            elif not end:
                self.report.add(path, 'a "{" without a "}"', inside=found.start())
            elif node := self.expression(inside, path, found.start("inside"), f"in {text}: "):
                pieces += [plain, node] if plain else [node]
                plain = ""
        return (*pieces, plain) if plain else tuple(pieces)

    def expression(self, text: str, path: tuple[str | int, ...], start: int, where: str = "") -> Node | None:
        """The tree of an expression that begins at a place of a key's text; None where something is wrong with it."""
        try:
            tree = parse_expression(text, cells=True, vocabulary=self.words)
        except ArithmeticSyntaxError as error:
            self.report.add(path, f"{where}{error}", inside=start + error.column)
            return None
        missing = {
            n.cell: n.column for n in postorder(tree) if isinstance(n, CellRef) and not self.exists(n.cell)
        }
        for cell, column in missing.items():
            self.report.add(path, f"{where}{self.no_cell(cell)}", inside=start + column)
        return tree

    def exists(self, cell: Cell) -> bool:
        """Whether a scenario has a cell, as far as that is known: state belongs to an optimizer."""
        return self.index.find(cell) is not None or (not self.knows_steps and cell.is_state)
