"""A cover: a view with keys of its own that stands in the place of step, chain and tables.

The network, the timeline and the program stay where they are, so the learner never loses the place.  A cover has
the focus while it is there; a key that it does not know goes to the stepper behind it.

A cover reads the session.  What it wants done it says in a message, and whoever it lies on does it.
"""

from __future__ import annotations

from textual.message import Message

from bpstep.debugger.console import Console
from bpstep.tui.careful import Careful
from bpstep.tui.pane import Pane
from bpstep.view.drawing.canvas import Canvas

__all__ = ["Changed", "Close", "Cover", "Covering", "Help", "Submit", "Turn"]


class Submit(Message, namespace="cover"):
    """Carry out these commands; where the cover ``closes``, when it is away."""

    def __init__(self, *lines: str, closes: bool = False) -> None:
        super().__init__()
        self.lines, self.closes = lines, closes


class Close(Message, namespace="cover"):
    """Take the cover away."""


class Changed(Message, namespace="cover"):
    """It is looked at in another way: what is said is old, and what stands beside it is drawn anew."""


class Turn(Message, namespace="cover"):
    """Another of the tables below it, so many further on."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by


class Help(Message, namespace="cover"):
    """Show every key and every command."""


class Covering(Careful):
    """What every cover can do, whatever it is made of."""

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
    #: Whether it was taken away: a quick key may do so before it is there.
    is_lifted = False
    session: Console

    @property
    def is_page(self) -> bool:
        """Whether it is a page to read now: where rows are few it has the network's, and it has those of the tables."""
        return False

    @property
    def key_line(self) -> tuple[tuple[str, str], ...]:
        """What its keys do now."""
        return self.keys

    def draw_side(self, width: int, height: int) -> Canvas:
        """What stands in the place of the program, where the cover has the whole main column."""
        raise NotImplementedError

    def another_part(self, by: int) -> None:
        """Another part of the view, where it has several."""

    def action_submit(self, line: str) -> None:
        """Have a command carried out."""
        self.post_message(Submit(line))

    def action_close(self) -> None:
        """Away with it."""
        self.post_message(Close())


class Cover(Covering, Pane, can_focus=True):
    """A cover that is one picture; a kind of cover draws itself and says which keys it has."""

    def __init__(self, session: Console) -> None:
        super().__init__(self.draw, classes="cover")
        self.session = session

    def draw(self, width: int, height: int) -> Canvas:
        """Draw it."""
        raise NotImplementedError
