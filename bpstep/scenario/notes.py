"""Notes: read, and checked against the run that they comment on.

A note that never matches is an error of the file: the author would wait for it in vain.
"""

from __future__ import annotations

from typing import Any

from bpstep.engine.cells import Cell
from bpstep.engine.index import Index
from bpstep.engine.run import Run
from bpstep.engine.schedule import PHASES
from bpstep.engine.steps import OPS
from bpstep.engine.timeline import Segment
from bpstep.scenario.arithmetic import ArithmeticSyntaxError, Node, cells_of, parse_cell, parse_expression
from bpstep.scenario.model import Note
from bpstep.scenario.problems import Report, did_you_mean

__all__ = ["read_notes"]


def read_notes(tables: object, run: Run, report: Report) -> tuple[Note, ...]:
    """The notes of a file; what is wrong with them is reported."""
    if not isinstance(tables, list):
        return ()
    reader = _Reader(run, report)
    return tuple(
        note
        for place, table in enumerate(tables)
        if isinstance(table, dict) and (note := reader.note(table, place)) is not None
    )


class _Reader:
    def __init__(self, run: Run, report: Report) -> None:
        self.run, self.report = run, report
        self.index = Index(run.setup)
        self.names = frozenset(name for kind, name in self.index.rows if kind == "var")
        segment: Segment = run.timeline.segments[0]
        self.plan = segment.full
        sections = (self.plan.sample, self.plan.tail)
        self.phases = {block.phase for section in sections for block in section.blocks}
        self.kinds = {piece.kind for s in sections for block in s.blocks for piece in block.pieces}

    def note(self, table: dict[str, Any], place: int) -> Note | None:
        at, say = table.get("at"), table.get("say")
        if not isinstance(at, str) or not isinstance(say, str):
            return None
        path = ("note", place)
        self.check_at(at, (*path, "at"))
        epoch, sample = table.get("epoch"), table.get("sample")
        epochs, samples = self.run.timeline.epochs, self.run.timeline.samples
        if isinstance(epoch, int) and epoch > epochs:
            self.report.add((*path, "epoch"), f"this never comes: there are {epochs} epochs")
        if isinstance(sample, int) and sample > samples:
            self.report.add((*path, "sample"), f"this never comes: there are {samples} samples")
        return Note(
            at, self.pieces(say, (*path, "say")), _whole(epoch), _whole(sample), self.condition(table, path)
        )

    def condition(self, table: dict[str, Any], path: tuple[str | int, ...]) -> Node | None:
        """What must hold for the note to be shown; None where nothing must."""
        when = table.get("when")
        return self.expression(when, (*path, "when"), 0) if isinstance(when, str) else None

    def check_at(self, at: str, path: tuple[str | int, ...]) -> None:
        if at in ("start", "end"):
            return
        if at in PHASES:
            if at not in self.phases:
                self.report.add(path, f'this never comes: there is no phase "{at}" (no learning rate?)')
            return
        if at in OPS:
            if not self.has_op(at):
                self.report.add(path, f'this never comes: no step of this scenario is a "{at}"')
            return
        try:
            cell = parse_cell(at, self.names)
        except ArithmeticSyntaxError as error:
            known = ", ".join((*PHASES, "start", "end"))
            self.report.add(path, f"{error}; expected a cell, an op, or one of {known}", inside=error.column)
            return
        problem = self.cell_problem(cell)
        if problem:
            self.report.add(path, problem)

    def cell_problem(self, cell: Cell) -> str:
        """Why no step ever makes a cell final, or ""."""
        spot = self.index.find(cell)
        if spot is None:
            known = [
                str(vector.cell(row))
                for vector in self.run.setup.graph.vectors
                for row in range(len(vector.names))
            ]
            return f'there is no cell "{cell}" in this scenario{did_you_mean(str(cell), known[:2000])}'
        writes = self.index.writes(self.plan, spot)
        return "" if writes.each or writes.tail else f'this never comes: no step writes "{cell}"'

    def has_op(self, op: str) -> bool:
        """Whether the steps of a run include an op."""
        if op in ("local", "contribute"):
            return "gather" in self.kinds
        if op == "update":
            return "learn" in self.kinds
        if op == "state":
            return "learn" in self.kinds and bool(self.run.setup.optimizer.states)
        return op in self.kinds

    def pieces(self, say: str, path: tuple[str | int, ...]) -> tuple[str | Node, ...]:
        """Plain text and expressions in turn; ``{{`` is a brace."""
        pieces: list[str | Node] = []
        rest, shift = say.replace("{{", "\0"), 0
        while "{" in rest:
            before, _, rest = rest.partition("{")
            inside, closed, rest = rest.partition("}")
            if not closed:
                self.report.add(path, 'a "{" without a "}"')
                break
            shift += len(before) + 1
            pieces.append(before.replace("\0", "{"))
            node = self.expression(inside, path, shift)
            if node is not None:
                pieces.append(node)
            shift += len(inside) + 1
        pieces.append(rest.replace("\0", "{"))
        return tuple(piece for piece in pieces if piece != "")

    def expression(self, text: str, path: tuple[str | int, ...], shift: int) -> Node | None:
        try:
            node = parse_expression(text, cells=True, names=self.names)
        except ArithmeticSyntaxError as error:
            self.report.add(path, f"in {{{text}}}: {error}", inside=shift + error.column)
            return None
        for cell in cells_of(node):
            if self.index.find(cell) is None:
                self.report.add(
                    path, f'in {{{text}}}: there is no cell "{cell}" in this scenario', inside=shift
                )
        return node


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
