"""Which symbols a session spells its cells with: the notation that was chosen, and what is differentiated."""

from __future__ import annotations

from bpstep.debugger.session import Session
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import NetworkSpec
from bpstep.view.formula import NOTATIONS, Symbols

__all__ = ["symbols_of"]


def symbols_of(session: Session) -> Symbols:
    """The symbols of a session: its notation, and the name of what is differentiated."""
    root = session.setup.graph.root
    problem = session.setup.problem
    coupled: frozenset[str] = frozenset()
    if isinstance(problem, NetworkSpec):
        coupled = frozenset(n for x in problem.layers if x.activation == SOFTMAX for n in x.neurons)
    return Symbols(
        NOTATIONS[session.options.notation], root.names[0] if root.kind == "var" else None, coupled
    )
