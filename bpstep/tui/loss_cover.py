"""The loss view on the screen: it takes the place of all panes of the main column while one looks at training."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from bpstep.debugger.console import Console
from bpstep.tui.cover import Changed, Cover, Submit
from bpstep.tui.keys import bound_in
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes import loss

__all__ = ["LossCover"]


class LossCover(Cover):
    """Loss, gradients and decision, with the moments of training to choose from."""

    covers_all = shows_epochs = True
    stays = True
    keys = (
        ("↑ ↓", "choose a moment"),
        ("Enter", "open its first step"),
        ("y", "linear or log"),
        ("Tab", "gradients, decision"),
        ("t", "train"),
        ("l", "close"),
        (":", "command"),
        ("?", "help"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bound_in(
            "loss",
            {
                "down,j": "move(1)",
                "up,k": "move(-1)",
                "enter": "open",
                "y": "scale",
                "l": "close",
            },
        )
    ]

    def __init__(self, session: Console, part: str = "loss") -> None:
        super().__init__(session)
        self.look = loss.Look(part)

    def draw(self, width: int, height: int) -> Canvas:
        return loss.draw(self.session, width, height, self.look)

    def draw_side(self, width: int, height: int) -> Canvas:
        return loss.draw_moments(self.session, width, height, self.look.epoch)

    def action_move(self, by: int) -> None:
        """Another moment."""
        session = self.session
        moments = loss.moments_of(session)
        if not moments:
            self.post_message(Changed())
            return
        now = session.moment.place.epoch if self.look.epoch is None else self.look.epoch
        nearest = min(range(len(moments)), key=lambda k: abs(moments[k] - now))
        at = max(0, min(len(moments) - 1, nearest + (by if self.look.epoch is not None else 0)))
        self.look = replace(self.look, epoch=moments[at])
        self.post_message(Changed())

    def action_open(self) -> None:
        """Go to the first step of the chosen epoch."""
        session = self.session
        epoch = session.moment.place.epoch if self.look.epoch is None else self.look.epoch
        self.post_message(Submit(f"goto epoch {epoch + 1}", "step", closes=True))

    def action_scale(self) -> None:
        """A linear scale, or a logarithmic one."""
        self.look = replace(self.look, log=not self.look.log)
        self.redraw()

    def another_part(self, by: int) -> None:
        """Another part of the view."""
        parts = loss.parts_of(self.session)
        at = parts.index(self.look.part) if self.look.part in parts else 0  # chosen for another scenario
        self.look = replace(self.look, part=parts[(at + by) % len(parts)])
        self.post_message(Changed())
