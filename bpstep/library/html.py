"""Pictures for notebooks: the very views of the screen, as HTML (`bpstep.view.formats.html`)."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.view.formats.html import Rows, block
from bpstep.view.say.views import view

__all__ = ["of_session"]

_WIDTH = 100


def of_session(session: Session, lines: Sequence[tuple[str, str]] = ()) -> str:
    """The network (or the graph of the expression) where a session stands, and lines below it."""
    head = ((session.scenario.title, "title"), (f"   step {session.position} of {session.length}", "dim"))
    picture: list[Sequence[tuple[str, str]]] = list(view(session, "network", _WIDTH).rows())
    while picture and not "".join(text for text, _ in picture[-1]).strip():
        picture.pop()
    below: Rows = [(), *((line,) for line in lines)] if lines else ()
    return block([head, (), *picture, *below])
