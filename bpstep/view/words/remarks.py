"""Remarks beside the numbers: how often a factor is used, which step this one mirrors, where a value goes."""

from __future__ import annotations

import math

from bpstep.engine import cells
from bpstep.engine.cells import CLOCK_KINDS, Cell
from bpstep.engine.edge import uses_over
from bpstep.engine.rules import CORRECT
from bpstep.engine.steps import Step
from bpstep.english import times
from bpstep.view.drawing.numbers import group
from bpstep.view.scene.frame import Frame

__all__ = ["closing_remarks", "mirror_step", "promise_and_outcome", "where_it_goes"]


def closing_remarks(frame: Frame, step: Step) -> list[str]:
    """One line each, the most telling first."""
    mistake = frame.twin.mistake(step, frame.symbols)
    return [*([mistake] if mistake else []), *_usual_remarks(frame, step)]


def _usual_remarks(frame: Frame, step: Step) -> list[str]:
    if step.op == "update":
        old = "All gradients come from the old values: no update is used before all are computed."
        tells = frame.setup.rule is CORRECT and not frame.conceals
        return [*([old] if tells else []), *_promise(frame)]
    if step.op != "contribute" or step.upstream is None:
        return []
    remarks = [_used(frame, step.upstream.cell), _mirror(frame, step)]
    return [text for text in remarks if text]


def _promise(frame: Frame) -> list[str]:
    """What the gradient predicted of the updates of this batch, and what they did; nothing while they lie ahead."""
    batch, run = frame.moment.place.batch, frame.run
    if run.timeline.start_of_batch(batch + 1) > run.known:
        return []
    told = promise_and_outcome(frame, batch)
    return [f"These updates together: {told}."] if told else []


def promise_and_outcome(frame: Frame, batch: int) -> str:
    """What the gradient predicted of an update for the loss of its own batch, and what became of it; "" where a number
    was set by hand on the way, which moved the loss, too."""
    by_hand = (edit for edit in frame.run.edits if edit.batch == batch and edit.offset > 0)
    if any(edit.cell is not None and edit.cell.kind not in CLOCK_KINDS for edit in by_hand):
        return ""
    predicted, happened = frame.run.decrease(batch)
    return f"{_told(frame, predicted, _PREDICTED)}, {_told(frame, happened, _HAPPENED)}"


#: A change of the loss: down, up, none, and what is no finite number.
_Words = tuple[str, str, str, str]
_PREDICTED: _Words = (
    "predicted fall",
    "predicted rise",
    "predicted no change",
    "no number could be predicted",
)
_HAPPENED: _Words = ("it fell", "it rose", "it did not change", "the loss is no finite number any more")


def _told(frame: Frame, fall: float, words: _Words) -> str:
    down, up, still, lost = words
    if not math.isfinite(fall):
        return lost
    return f"{down if fall > 0.0 else up} {frame.numbers.bare(abs(fall))}" if fall else still


def _used(frame: Frame, upstream: Cell) -> str:
    """How often the shared factor is used."""
    spot = frame.index.find(upstream)
    net = upstream.of
    if spot is None or spot.kind != "gradient" or not isinstance(net, Cell) or net.kind != "e":
        return ""
    writes = frame.index.writes(frame.moment.place.schedule, spot)
    if writes.by_batch or not writes.each:
        return ""
    place = frame.moment.place
    made = place.sample_base + writes.each[-1] + 1
    graph = frame.setup.graph
    gathered = {vector.id for vector in graph.gathered}
    uses = 0
    for vector in graph.vectors:
        for edge in graph.consumers[vector.id]:
            if edge.head is spot.at and vector.id in gathered:
                uses += len(edge.tails(spot.j))
    return f"{frame.symbols(upstream)} is computed once (step {group(made)}), used {times(uses)}."


def mirror_step(frame: Frame, step: Step) -> int | None:
    """The number of the forward step over the same wire; None where there is none."""
    if step.op != "contribute" or step.local is None:
        return None
    head, tail = step.local.cell.of, step.local.cell.by
    if not isinstance(head, Cell) or not isinstance(tail, Cell) or head.kind != "e":
        return None
    spot = frame.index.find(head)
    if spot is None or spot.kind != "value":
        return None
    place = frame.moment.place
    writes = frame.index.writes(place.schedule, spot).each
    base = place.sample_base
    if tail.kind == "b":
        return base + writes[-1] + 1
    name = str(tail.of)
    weight = frame.index.find(cells.w(name, str(head.of)))
    return None if weight is None else base + writes[weight.at.place(weight.j)[1]] + 1


def _mirror(frame: Frame, step: Step) -> str:
    """Which forward step went the same way, and the factor that both have."""
    number = mirror_step(frame, step)
    if number is None or step.upstream is None:
        return ""
    went = frame.step_at(number)
    s, numbers = frame.symbols, frame.numbers
    head = f"mirror of step {group(number)}:"
    if went.op == "bias":
        return f"{head} {s(went.inputs[0].cell)} went forward into {went.when.node}, × 1"
    weight, output = went.inputs
    value = numbers.bare(weight.value)
    if step.cell == cells.d(weight.cell):
        value = numbers.bare(output.value)
        return f"{head} there {s(output.cell)} = {value} met {s(weight.cell)}, here it meets {s(step.upstream.cell)}"
    return f"{head} {s(output.cell)} went forward over this wire, × {value}"


def where_it_goes(frame: Frame, step: Step, height: int) -> list[tuple[str, str]]:
    """Lines about a value that is in no sum: who uses it next, as far as there are rows; of the seed, what it is
    for."""
    s = frame.symbols
    if step.op == "seed":
        return [
            (f"∂{s.root}/∂(a cell) is the sum, over all that use the cell, of", "text"),
            ("      upstream  ×  local", "deriv"),
            ("upstream: what came back to the user;  local: how the user answers to the cell.", "dim"),
        ]
    if step.op == "state":
        return [("The state is carried from update to update; the update below uses it.", "text")]
    spot = frame.index.find(step.cell)
    if spot is None or spot.vector is None:
        return []
    lines: list[tuple[str, str]] = []
    edges = reversed(frame.setup.graph.consumers[spot.vector.id])
    users = [(use.edge, use.i) for use in uses_over(edges, spot.j)]
    room = height - (len(users) > height)
    lines += [(f"{s(step.cell)}  ▶  {s(edge.head.cell(i))}", "value") for edge, i in users[:room]]
    if users[room:]:
        lines.append((f"… and {group(len(users) - room)} more, {group(len(users))} in all", "dim"))
    if not lines:
        lines.append((_used_by_nobody(frame, step), "text"))
    return lines


def _used_by_nobody(frame: Frame, step: Step) -> str:
    """Of a cell that nothing is computed from: it is the result, or it is not used."""
    name = frame.symbols(step.cell)
    if step.cell == frame.setup.graph.root.cell(0):
        return (
            f"{name} is the result{': from here on, the way leads back' if frame.setup.wrt is None else ''}."
        )
    if step.op == "update":
        return f"Nothing uses {name} here, so nothing comes back to it: its gradient is 0."
    return f"Nothing uses {name}."
