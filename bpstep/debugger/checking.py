"""A script is checked before any of it runs; but which cells there are depends on where it stands.

``set mode = forward w[i1->h1]`` brings tangents and takes gradients away, ``set optimizer = adam`` brings m(...), a
softmax layer has other local derivatives; and when such a change acts depends on the position, which is not known
before the script runs.  So a line is held against every structure that the run may have by then: it is wrong where it
is wrong in all of them.
"""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING

from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.engine.specs import NetworkSpec

if TYPE_CHECKING:
    from bpstep.debugger.language import Call

__all__ = ["Variants"]

#: So many structures are kept beside the first: a line that is right is mostly so in one of the last.
_MOST = 16


class Variants:
    """The structures that a session may have at a line of a script."""

    def __init__(self, session: Session) -> None:
        self.sessions = [session]
        #: An exercise has a scenario of its own, which is not known here: its cells can not be checked.
        self.is_elsewhere = False

    def check(self, call: Call) -> None:
        """`CommandError` where a line is wrong whatever structure there is."""
        if self.is_elsewhere:
            return
        wrong: CommandError | None = None
        for session in reversed(self.sessions):
            try:
                call.command.find_faults(session, call.arguments)
            except CommandError as error:
                wrong = wrong or error
            else:
                return
        if wrong is not None:
            raise wrong

    def follow(self, call: Call, text: str) -> None:
        """A line that changes the structure brings another one; what there was may still be, or come back."""
        if call.command.name == "exercise":
            self.is_elsewhere = True
        if call.command.name not in ("set", "notation"):
            return
        known = {_structure(session) for session in self.sessions}
        for session in reversed(self.sessions):
            twin = copy(session)
            twin.log, twin.undoable = [], []
            with suppress(CommandError):
                twin.execute(text)
                if _structure(twin) not in known:
                    known.add(_structure(twin))
                    self.sessions.append(twin)
        del self.sessions[1:-_MOST]


def _structure(session: Session) -> tuple[object, ...]:
    """What decides which cells there are and how they may be called, and which rules apply."""
    setup = session.setup
    activations = (
        [layer.activation for layer in setup.problem.layers] if isinstance(setup.problem, NetworkSpec) else []
    )
    return (
        session.options.notation, setup.wrt, setup.rule.name, setup.training.optimizer,
        setup.training.learning_rate is None, *activations,
    )  # fmt: skip
