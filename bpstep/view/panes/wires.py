"""The wires of the network diagram.

Wires are orthogonal.  Each source owns one vertical lane; each target collects its weights and its bias in a
bracket, and that bracket *is* the weighted sum:

    i1 ─┬──╴0.1500─╮
        │ ╭╴0.2000─┼─▶ h1        the weight stands in its own row, so labels never meet
    i2 ─┼─┤ b 0.35─╯

The wire of this step is drawn last and heavy, from end to end; at every junction heavy wins.  Where a layer is
too large for that, only the fan of one neuron is drawn: all that leads into it, or all that leads out of it;
where nothing happens, one bundled wire with its count.
"""

from __future__ import annotations

from dataclasses import replace

from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import LayerSpec
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.numbers import MARKS
from bpstep.view.panes.columns import Column, Slot, label_offset
from bpstep.view.panes.pen import Pen, short_number
from bpstep.view.scene.yours import state_of
from bpstep.view.symbols.formula import kind_of

__all__ = ["Zone"]


@dataclass(frozen=True)
class Zone:
    """The wires from column ``left`` to column ``right``.  ``sources`` are the names of the columns of the
    weights of the right layer, ``spec``."""

    pen: Pen
    left: Column
    right: Column
    spec: LayerSpec
    sources: tuple[str, ...]

    # --- where things are -------------------------------------------------------------------------------

    @property
    def bracket(self) -> int:
        """The column of the brackets."""
        return self.right.x - 2

    @property
    def sign(self) -> int:
        """The column of a weight's sign; its digits follow."""
        return self.bracket - self.room

    @property
    def room(self) -> int:
        """The columns of a weight with its sign, and the stroke behind it where there is room for one."""
        return (8 if self.pen.geometry.wide else 7) + self.pen.geometry.extra

    @property
    def own(self) -> tuple[str, ...]:
        """The sources that stand in the left column."""
        names = {slot.name for slot in self.left.slots}
        return tuple(name for name in self.sources if name in names)

    @property
    def full(self) -> bool:
        """Whether there is room for every wire."""
        return (
            self.left.complete and self.right.full and len(self.own) <= self.pen.geometry.lanes and self.fits
        )

    @property
    def fits(self) -> bool:
        """Whether the weights of each target find their rows before the next target begins."""
        slots = self.right.slots
        rows = len(self.sources) + (self.spec.bias is not None)
        last = self.pen.geometry.top + self.pen.geometry.rows
        ends = [slot.row for slot in slots[1:]] + [last]
        return all(slot.row + label_offset(rows) + rows <= end for slot, end in zip(slots, ends, strict=True))

    def lane(self, name: str) -> int:
        """The column of a source's lane."""
        pitch = 2 if len(self.own) <= 2 else 1
        return self.left.right + 2 + pitch * self.own.index(name)

    def label_row(self, target: Slot, term: int) -> int:
        """The row of a weight (the bias comes after all of them)."""
        rows = len(self.sources) + (self.spec.bias is not None)
        return target.row + label_offset(rows) + term

    # --- drawing ----------------------------------------------------------------------------------------

    def draw(self, wire: tuple[str, str] | None, fan: tuple[str, str] | None) -> None:
        """Draw the zone.  ``wire`` is the (source, target) of this step, where it uses one (source "" is the
        bias); ``fan`` is ("in" or "out", neuron) where there is only room for one fan."""
        if self.full:
            self._draw_full(wire)
        elif fan is not None and fan[0] == "in" and self.right.slot(fan[1]) is not None:
            self._draw_fan_in(fan[1], wire)
        elif fan is not None and fan[0] == "out" and self.left.slot(fan[1]) is not None:
            self._draw_fan_out(fan[1], wire)
        else:
            self._draw_bundle()

    def _draw_full(self, wire: tuple[str, str] | None) -> None:
        x, size = self.left.right, (self.right.x + 1 - self.left.right, self.pen.canvas.height)
        seen = size, self.pen.geometry, self.left, self.right
        wires = self.pen.frame.drawing(("wires", self.left.layer), seen, lambda: self._light_wires(x, *size))
        self.pen.canvas.blit(x, 0, wires)
        if wire is not None and (target_slot := self.right.slot(wire[1])) is not None:
            self._draw_heavy(wire[0], target_slot)
        self._draw_arrows(wire)
        for target in self.right.slots:
            self._draw_labels(target)

    def _light_wires(self, x: int, width: int, height: int) -> Canvas:
        """All wires, as they look whatever the step, on a canvas of their own that begins in column ``x``."""
        canvas = Canvas(width, height)
        left, right = (replace(column, x=column.x - x) for column in (self.left, self.right))
        replace(self, pen=self.pen.on(canvas), left=left, right=right)._draw_light()
        return canvas

    def _draw_light(self) -> None:
        canvas = self.pen.canvas
        for target in self.right.slots:
            rows = [self.label_row(target, k) for k in range(len(self.sources))]
            for name, row in zip(self.sources, rows, strict=True):
                source = self.left.slot(name)
                if source is not None:
                    lane = self.lane(name)
                    canvas.path(
                        [
                            (self.left.right, source.anchor),
                            (lane, source.anchor),
                            (lane, row),
                            (self.sign, row),
                        ]
                    )
            self._draw_bracket(target)

    def _terms(self) -> int:
        return len(self.sources) + (self.spec.bias is not None)

    def _draw_bracket(self, target: Slot) -> None:
        canvas = self.pen.canvas
        rows = [self.label_row(target, k) for k in range(self._terms())]
        for row in rows:
            canvas.hline(self.sign + 1, row, self.bracket)
        low, high = min([*rows, target.anchor]), max([*rows, target.anchor])
        canvas.vline(self.bracket, low, high)
        canvas.hline(self.bracket, target.anchor, self.right.x)

    def _draw_heavy(self, source: str, target: Slot) -> None:
        """The wire of this step: all of it, or only from the card to the label where it is a gradient's."""
        canvas, role = self.pen.canvas, self.pen.active
        term = self.sources.index(source) if source else len(self.sources)
        row = self.label_row(target, term)
        end = [
            (self.sign + 1, row),
            (self.bracket, row),
            (self.bracket, target.anchor),
            (self.right.x, target.anchor),
        ]
        canvas.path(end, role, heavy=True)
        slot = self.left.slot(source) if source else None
        if slot is not None and not self._is_gradient_step():
            lane = self.lane(source)
            start = [(self.left.right, slot.anchor), (lane, slot.anchor), (lane, row), (self.sign, row)]
            canvas.path(start, role, heavy=True)

    def _is_gradient_step(self) -> bool:
        step = self.pen.step
        return step is not None and isinstance(step.cell.of, Cell) and step.cell.of.kind in ("w", "b")

    def _draw_arrows(self, wire: tuple[str, str] | None) -> None:
        """Forward at every card, backward at every source that hears a derivative; in the update nowhere."""
        pen = self.pen
        if pen.phase == "forward":
            for target in self.right.slots:
                active = wire is not None and wire[1] == target.name
                pen.canvas.put(self.right.x - 1, target.anchor, "▶", pen.active if active else "edge")
        elif pen.phase == "backward" and self._hears():
            for name in self.own:
                slot = self.left.slot(name)
                active = wire is not None and wire[0] == name and not self._is_gradient_step()
                if slot is not None:
                    pen.canvas.put(self.left.right + 1, slot.anchor, "◀", pen.active if active else "edge")

    def _hears(self) -> bool:
        """Whether derivatives come back to the left column."""
        return self.pen.frame.index.find(cells.d(cells.y(self.left.slots[0].name))) is not None

    def _draw_labels(self, target: Slot) -> None:
        for term, name in enumerate(self.sources):
            row = self.label_row(target, term)
            if self.left.slot(name) is None:
                room = self.sign - self.left.right - 2
                self.pen.canvas.put(self.sign - min(room, len(name)), row, name[:room], "dim")
            self._draw_weight(cells.w(name, target.name), row)
        if self.spec.bias is not None:
            row = self.label_row(target, len(self.sources))
            self.pen.canvas.put(self.sign - 1, row, "b", "dim")
            self._draw_weight(cells.b(target.name), row)

    def _draw_weight(self, cell: Cell, row: int, x: int | None = None) -> None:
        """A weight in its place; at the step that writes its gradient, that, with ∂ before it."""
        x = self.sign if x is None else x
        step = self.pen.step
        if step is not None and step.cell == cells.d(cell) and self.pen.asked is None:
            text = "∂" + short_number(step.value, "deriv", self.room - 1, self.pen.numbers.digits)
            text += MARKS.get(state_of(self.pen.frame.yours.of_step(step)), "")  # at worst on the bracket
            self.pen.canvas.put(x, row, text, "deriv-chip")
            return
        shown = self._weight_run(cell)
        self.pen.canvas.link(x, row, self.room, 1, f"info {cell}")
        if shown.text.startswith(" "):
            self.pen.canvas.put(x + 1, row, shown.text[1:], shown.role)
        else:
            self.pen.canvas.put(x, row, *shown)

    def _weight_run(self, cell: Cell) -> Run:
        """A weight in the room that it has."""
        name = "weight", cell, self.room
        return self.pen.frame.drawing(
            name, (self.pen.seen_of((cell,)), self.pen.around), lambda: self._written(cell)
        )

    def _written(self, cell: Cell) -> Run:
        """A weight as it is written in its room; a mark may take the bit of wire behind it."""
        shown, wire = self.pen.run(cell, self.room), int(self.pen.geometry.wide)
        reading, state = self.pen.reading(cell), self.pen.state(cell)
        room = self.room - (wire if state == reading.state else 0)
        if len(shown.text) > room:
            assert reading.value is not None
            digits = self.pen.numbers.digits
            return Run(short_number(reading.value, kind_of(cell), room, digits, state), shown.role)
        return shown

    # --- what does not fit ------------------------------------------------------------------------------

    def _draw_fan_in(self, name: str, wire: tuple[str, str] | None) -> None:
        """All that leads into one neuron: a weight in the row of each source that is shown."""
        canvas, target = self.pen.canvas, self.right.slot(name)
        assert target is not None
        shown = [slot for slot in self.left.slots if slot.name in self.sources]
        rows = {slot.name: slot.anchor for slot in shown}
        if self.spec.bias is not None:
            rows[""] = self._bias_row(list(rows.values()))
        for source, row in rows.items():
            if source:
                canvas.hline(self.left.right, row, self.sign)
            canvas.hline(self.sign + 1, row, self.bracket)
        low, high = min([*rows.values(), target.anchor]), max([*rows.values(), target.anchor])
        canvas.vline(self.bracket, low, high)
        canvas.hline(self.bracket, target.anchor, self.right.x)
        if wire is not None and wire[1] == name and wire[0] in rows:
            row = rows[wire[0]]
            points = [
                (self.sign + 1, row),
                (self.bracket, row),
                (self.bracket, target.anchor),
                (self.right.x, target.anchor),
            ]
            canvas.path(points, self.pen.active, heavy=True)
            if wire[0] and not self._is_gradient_step():
                canvas.hline(self.left.right, row, self.sign, self.pen.active, heavy=True)
        if self.pen.phase == "forward":
            canvas.put(self.right.x - 1, target.anchor, "▶", self.pen.active)
        for source, row in rows.items():
            if not source:
                canvas.put(self.sign - 1, row, "b", "dim")
            self._draw_weight(cells.w(source, name) if source else cells.b(name), row)

    def _bias_row(self, taken: list[int]) -> int:
        last = self.pen.geometry.top + self.pen.geometry.rows - 1
        free = list(range(max(taken, default=self.pen.geometry.top) + 1, last + 1))
        return free[0] if free else last

    def _draw_fan_out(self, name: str, wire: tuple[str, str] | None) -> None:
        """All that leads out of one neuron: a weight in the row of each target that is shown."""
        canvas, source = self.pen.canvas, self.left.slot(name)
        assert source is not None
        lane = self.left.right + 3
        rows = {slot.name: slot.anchor for slot in self.right.slots}
        rows_of_cards = {slot.anchor for slot in self.right.slots if slot.form == "card"}
        canvas.vline(lane, min([*rows.values(), source.anchor]), max([*rows.values(), source.anchor]))
        canvas.hline(self.left.right, source.anchor, lane)
        for row in rows.values():
            canvas.hline(lane, row, lane + 1)
            self._draw_last_bit(row, rows_of_cards, heavy=False)
        if wire is not None and wire[0] == name and wire[1] in rows:
            row = rows[wire[1]]
            points = [(lane + 1, row), (lane, row), (lane, source.anchor), (self.left.right, source.anchor)]
            canvas.path(points, self.pen.active, heavy=True)
            self._draw_last_bit(row, rows_of_cards, heavy=True)
        if self.pen.phase == "backward" and self._hears():
            canvas.put(self.left.right + 1, source.anchor, "◀", self.pen.active)
        for target, row in rows.items():
            self._draw_weight(cells.w(name, target), row, lane + 2)

    def _draw_last_bit(self, row: int, cards: set[int], *, heavy: bool) -> None:
        """The end of a wire of a fan: to the frame of a card, or a stub before a line."""
        role = self.pen.active if heavy else "edge"
        if row in cards:
            self.pen.canvas.hline(self.right.x - 2, row, self.right.x, role, heavy=heavy)
        else:
            self.pen.canvas.stub(self.right.x - 1, row, "right", role=role, heavy=heavy)

    def _draw_bundle(self) -> None:
        """One wire for all of them, with their count."""
        canvas, g = self.pen.canvas, self.pen.geometry
        anchors = [slot.anchor for slot in self.right.slots if slot.form == "card"]
        row = anchors[len(anchors) // 2] if anchors else g.top + g.rows // 2
        first, last = self.left.right + 2, self.right.x - 2
        if self.left.width < 16 and not self.left.full:
            first = max(first, self.left.x + 12)
        canvas.hline(first, row, last)
        text = f" {self.left.size} "
        canvas.put(first + (last - first + 1 - len(text)) // 2, row, text, "dim")
