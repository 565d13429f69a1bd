"""`paths` on the screen: the paths of a number, whose equal tails a learner folds one by one."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from bpstep.debugger.console import Console
from bpstep.debugger.folding import Folded
from bpstep.tui.cover import Cover
from bpstep.tui.keys import bound_in
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes import folds

__all__ = ["FoldCover"]

#: From this height on the network stays above the table.
_ROOM_FOR_THE_NETWORK = 36


class FoldCover(Cover):
    """The page of a cell: a row for each path, brackets around equal tails, the multiplications that are left."""

    keys = (
        ("↑ ↓", "choose a bracket"),
        ("Enter", "fold it"),
        ("u", "unfold"),
        ("a", "fold all"),
        ("Esc", "back to the step"),
        (":", "command"),
        ("?", "help"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bound_in(
            "paths",
            {
                "down,j": "move(1)",
                "up,k": "move(-1)",
                "home": "move(-100000)",
                "end": "move(100000)",
                "enter": "fold",
                "u,backspace": "submit('unfold')",
                "a": "submit('fold all')",
            },
        )
    ]

    def __init__(self, session: Console, folded: Folded, rows: int) -> None:
        super().__init__(session)
        self.covers_all = rows < _ROOM_FOR_THE_NETWORK
        self.folded = folded
        self.at = self._offered()

    def show(self, folded: Folded) -> None:
        """The page after a fold; what is offered next is chosen."""
        self.folded = folded
        self.at = self._offered()
        self.redraw()

    def _offered(self) -> int:
        """The bracket that holds the most rows: there a fold saves the most."""
        brackets = self.folded.brackets
        return max(range(len(brackets)), key=lambda k: brackets[k].last - brackets[k].first, default=0)

    def draw(self, width: int, height: int) -> Canvas:
        return folds.draw(self.session, self.folded, self.at, width, height)

    def draw_side(self, width: int, height: int) -> Canvas:
        return folds.draw_kept(self.session, self.folded, width, height)

    def action_move(self, by: int) -> None:
        """Another bracket."""
        self.at = max(0, min(len(self.folded.brackets) - 1, self.at + by))
        self.redraw()

    def action_fold(self) -> None:
        """Give the sum of the chosen tails its name."""
        if self.folded.brackets:
            self.action_submit(f"fold {self.folded.brackets[self.at].name}")
        else:
            self.action_submit("fold")
