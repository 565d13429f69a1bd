"""Remarks beside the numbers: how often a factor is used, which step this one mirrors, where a value goes."""

from __future__ import annotations

from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.graph import Through
from bpstep.engine.steps import Step
from bpstep.view.beside import Beside
from bpstep.view.numbers import NumberFormat, group
from bpstep.view.spelling import symbols_of

__all__ = ["closing_remarks", "mirror_step", "where_it_goes"]


def closing_remarks(session: Session, step: Step) -> list[str]:
    """One line each, the most telling first."""
    mistake = Beside(session).mistake(step)
    return [*([mistake] if mistake else []), *_usual_remarks(session, step)]


def _usual_remarks(session: Session, step: Step) -> list[str]:
    if step.op == "update":
        predicted, happened = (
            NumberFormat(session.options.digits).deriv(-value).strip()
            for value in session.run.decrease(session.moment.place.batch)
        )
        return [
            "All gradients come from the old weights: no update is used before all are computed.",
            f"These updates together: the gradient predicts {predicted} for the loss; it becomes {happened}.",
        ]
    if step.op != "contribute" or step.upstream is None:
        return []
    remarks = [_used(session, step.upstream.cell), _mirror(session, step)]
    return [text for text in remarks if text]


def _used(session: Session, upstream: Cell) -> str:
    """How often the shared factor is used."""
    spot = session.index.find(upstream)
    net = upstream.of
    if spot is None or spot.kind != "gradient" or not isinstance(net, Cell) or net.kind != "e":
        return ""
    writes = session.index.writes(session.moment.place.schedule, spot)
    if writes.by_batch or not writes.each:
        return ""
    place = session.moment.place
    made = place.batch_base + place.sample * place.sample_length + writes.each[-1] + 1
    graph = session.setup.graph
    gathered = {vector.id for vector in graph.gathered}
    uses = 0
    for vector in graph.vectors:
        for edge in graph.consumers[vector.id]:
            if edge.head is spot.at and vector.id in gathered:
                per_row = len(vector.names) if isinstance(edge, Through) else max(1, len(vector.columns))
                uses += per_row
    times = "once" if uses == 1 else f"{uses} times"
    return f"{symbols_of(session)(upstream)} is computed once (step {group(made)}), used {times}."


def mirror_step(session: Session, step: Step) -> int | None:
    """The number of the forward step over the same wire; None where there is none."""
    if step.op != "contribute" or step.local is None:
        return None
    head, tail = step.local.cell.of, step.local.cell.by
    if not isinstance(head, Cell) or not isinstance(tail, Cell) or head.kind != "e":
        return None
    spot = session.index.find(head)
    if spot is None or spot.kind != "value":
        return None
    place = session.moment.place
    writes = session.index.writes(place.schedule, spot).each
    base = place.batch_base + place.sample * place.sample_length
    if tail.kind == "b":
        return base + writes[-1] + 1
    name = str(tail.of)
    weight = session.index.find(cells.w(name, str(head.of)))
    return None if weight is None else base + writes[weight.column] + 1


def _mirror(session: Session, step: Step) -> str:
    number = mirror_step(session, step)
    if number is None:
        return ""
    went = session.run.step(number)
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    if went.op == "bias":
        return f"mirror of step {group(number)}: {s(went.inputs[0].cell)} went forward into {went.when.node}"
    weight = numbers.show("value", went.inputs[0].value).strip()
    return f"mirror of step {group(number)}: {s(went.inputs[1].cell)} went forward over this wire, × {weight}"


def where_it_goes(session: Session, step: Step) -> list[tuple[str, str]]:
    """Lines about a value that is in no sum: who uses it next; of the seed, what it is for."""
    s = symbols_of(session)
    if step.op == "seed":
        return [
            (f"∂{s.root}/∂(a cell) is the sum, over all that use the cell, of", "text"),
            ("      upstream  ×  local", "deriv"),
            ("upstream: what came back to the user;  local: how the user answers to the cell.", "dim"),
        ]
    if step.op == "state":
        return [("The state is carried from update to update; the update below uses it.", "text")]
    spot = session.index.find(step.cell)
    if spot is None or spot.vector is None:
        return []
    lines: list[tuple[str, str]] = []
    for edge in reversed(session.setup.graph.consumers[spot.vector.id]):
        rows = range(len(edge.head.names)) if edge.width > 1 else [edge.head_row(0, spot.row)]
        for row in list(rows)[:6]:
            lines.append((f"{s(step.cell)}  ▶  {s(edge.head.cell(row))}", "value"))
        if len(lines) >= 6:
            break
    if not lines:
        lines.append((f"{s(step.cell)} is the result: from here on, the way leads back.", "text"))
    return lines
