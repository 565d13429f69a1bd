"""`info` as text: what there is to say of a cell."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.moment import FINAL, Reading
from bpstep.debugger.session import Session
from bpstep.debugger.why import Info
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.view.drawing.numbers import NumberFormat, group
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import shape_text
from bpstep.view.scene.yours import Yours, told
from bpstep.view.symbols.formula import kind_of
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.of_arrays import what_it_is

__all__ = ["info_lines"]

Lines = list[tuple[str, str]]


def info_lines(session: Session, info: Info) -> Lines:
    """What there is to say of a cell."""
    s, numbers = symbols_of(session), NumberFormat(max(6, session.options.digits))
    reading = info.reading
    kind = kind_of(reading.cell)
    part = f", {reading.part[0]} of {reading.part[1]} contributions" if reading.part is not None else ""
    value = "no value yet" if reading.value is None else numbers.show(kind, reading.value).strip()
    lines: Lines = [
        (f"{reading.cell}   {s(reading.cell)}", "strong"),
        (f"{value}   {reading.state}{part}", "text"),
    ]
    lines += [(text, "text") for text in _of_array(session, reading.cell)]
    mark = Yours(session.moment, session.marks).of(reading)
    if mark is not None:
        lines.append((told(kind, mark, numbers), "text" if mark.agrees else "alarm"))
    if info.writes:
        first, last = info.writes[0], info.writes[-1]
        where = f"step {group(first)}" if first == last else f"steps {group(first)} to {group(last)}"
        lines.append((f"written by {where} ({len(info.writes)} in all)", "dim"))
    if is_silent(info.reading, info.writes):
        lines.append(("no step writes it: nothing comes back to a cell that is not used", "dim"))
    for after, text in info.by_hand:
        lines.append((f"set by hand after step {group(after)}: {text}", "text"))
    for step in info.done:
        lines.append((f"  {group(step.number):>9}  {step.formula}", "text"))
        lines.append((f"  {'':>9}  in numbers {_typed(step, numbers.digits)}", "dim"))
    return lines


def _of_array(session: Session, cell: Cell) -> list[str]:
    """What the array is that a cell of a variable, its derivative or its tangent belongs to."""
    frame = Frame.of(session)
    of = cell.of if cell.kind in ("d", "dot") else cell
    if not has_arrays(frame) or not isinstance(of, Cell) or of.kind != "var":
        return []
    spot = frame.index.find(of)
    if spot is None or spot.vector is None:
        return []
    vector = spot.at
    where = f"cell {group(spot.j + 1)} of {vector.layer} {shape_text(vector)}; " if vector.dims else ""
    return [f"{where}{what_it_is(frame, vector)}"]


def is_silent(reading: Reading, writes: Sequence[int]) -> bool:
    """Whether a derivative is 0 because there is nobody from whom a contribution could come."""
    return reading.cell.kind == "d" and reading.state == FINAL and not writes


def _typed(step: Step, digits: int) -> str:
    """A step in numbers, in the signs of the screen."""
    return step.equation(digits).replace("*", "×").replace("-", "−")
