"""`why` on the screen: the tree of a number, foldable, each row a place to jump to."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar

from textual.binding import BindingType

from bpstep.debugger.console import Console
from bpstep.debugger.why import WhyNode
from bpstep.tui.cover import Cover, Submit
from bpstep.tui.keys import bound_in
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import hairline
from bpstep.view.panes.why import draw_rows, why_rows
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.arrived import arrived, draw_bars

__all__ = ["WhyCover"]

#: Below this many rows there is room for the tree only.
_ROOM_FOR_BARS = 16

_HINT = "Enter go to the step · Esc close"


class WhyCover(Cover):
    """The tree of a cell."""

    keys = (
        ("↑ ↓", "row"),
        ("Enter", "go to its step"),
        ("→", "open"),
        ("←", "close"),
        ("w", "why of this row"),
        ("Esc", "back to the step"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bound_in(
            "why",
            {
                "down,j": "move(1)",
                "up,k": "move(-1)",
                "pagedown": "move(10)",
                "pageup": "move(-10)",
                "home": "move(-100000)",
                "end": "move(100000)",
                "right": "fold(False)",
                "left": "fold(True)",
                "enter": "visit",
                "w": "reroot",
            },
        )
    ]

    def __init__(self, session: Console, tree: WhyNode) -> None:
        super().__init__(session)
        self.why = tree
        self.at = 0
        self.folded: set[tuple[int, ...]] = set()

    def draw(self, width: int, height: int) -> Canvas:
        session = self.session
        canvas = Canvas(width, height)
        s = symbols_of(session)
        name = s.fitted(s(self.why.reading.cell), width - len(f"─ why   ── {_HINT} ─"))
        hairline(canvas, 0, 0, width, [(f"why  {name}", "strong")], right=[(_HINT, "dim")])
        rows = why_rows(self.why, self.folded)
        self.at = min(self.at, len(rows) - 1)
        pulls = arrived(session, self.why) if height >= _ROOM_FOR_BARS else None
        says = [] if pulls is None else [line for text in pulls.says for line in wrap(text, width - 3)]
        below = 0 if pulls is None else min(len(pulls.pulls), 4) + 1 + len(says) + 4
        gap = 2 if height >= _ROOM_FOR_BARS else 1
        room = height - gap - below
        if pulls is None or room < min(len(rows) + 1, 8):
            draw_rows(session, rows, canvas, gap, height - gap, self.at)
            return canvas
        draw_rows(session, rows, canvas, gap, room, self.at)
        y = min(gap + len(rows) + 2, gap + room)
        hairline(canvas, 0, y, width, [(f"what arrived at {pulls.cell.of.of}", "strong")])  # type: ignore[union-attr]
        y += 2 + draw_bars(session, pulls, canvas, y + 2, 4) + 1
        for text in says:
            canvas.put(2, y, text, "text")
            y += 1
        return canvas

    def action_move(self, by: int) -> None:
        """Another row."""
        self.at = max(0, min(len(why_rows(self.why, self.folded)) - 1, self.at + by))
        self.redraw()

    def action_fold(self, fold: bool) -> None:
        """Close a branch or open it; closing a leaf goes to the branch that it hangs on."""
        row = why_rows(self.why, self.folded)[self.at]
        if not fold:
            self.folded.discard(row.place)
        elif row.node.children and not row.is_rest and row.place not in self.folded:
            self.folded.add(row.place)
        elif row.place:
            places = [other.place for other in why_rows(self.why, self.folded)]
            self.at = places.index(row.place[:-1])
        self.redraw()

    def action_visit(self) -> None:
        """Go to the step that made this row."""
        step = why_rows(self.why, self.folded)[self.at].node.step
        if step is not None:
            self.post_message(Submit(f"goto {step.number}", closes=True))

    def action_reroot(self) -> None:
        """Where the number of this row comes from."""
        node = why_rows(self.why, self.folded)[self.at].node
        if node.via and node.step is not None and node.step.upstream is not None:
            self.action_submit(f"why {node.step.upstream.cell}")
        elif node.step is not None:
            self.action_submit(f"why {node.reading.cell}")
