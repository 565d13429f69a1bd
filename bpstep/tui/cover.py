"""A cover: a view with keys of its own that stands in the place of step, chain and tables.

The network, the timeline and the program stay where they are, so the learner never loses the place.  A cover has
the focus while it is there; a key that it does not know goes to the stepper behind it.
"""

from __future__ import annotations

from bpstep.tui.pane import Pane
from bpstep.tui.stage import Stage
from bpstep.view.canvas import Canvas

__all__ = ["Cover"]


class Cover(Pane, can_focus=True):
    """What every cover can do; a kind of cover draws itself and says which keys it has."""

    #: The key line while it is there: key and what it does.
    keys: tuple[tuple[str, str], ...] = ()
    #: Whether it stands in the place of the network, too, and has something to show in the place of the program.
    covers_all = False
    #: Whether the tables stay below it, where they have rows of their own.
    leaves_tables = False
    #: Whether it speaks of a whole training, so that the timeline shows epochs.
    shows_epochs = False
    #: Whether it stays while the cursor moves.
    stays = False

    def __init__(self, stepper: Stage) -> None:
        super().__init__(self.draw, classes="cover")
        self.stepper = stepper

    def draw(self, width: int, height: int) -> Canvas:
        """Draw it."""
        raise NotImplementedError

    def draw_side(self, width: int, height: int) -> Canvas:
        """What stands in the place of the program, where the cover has the whole main column."""
        raise NotImplementedError

    def another_part(self, by: int) -> None:
        """Another part of the view, where it has several."""

    def action_close(self) -> None:
        """Away with it."""
        self.stepper.uncover()
