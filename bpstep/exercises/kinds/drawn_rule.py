"""The rule that a variant of a question is made by."""

from __future__ import annotations

from bpstep.engine.rules import RULES
from bpstep.exercises.kind import Posed

__all__ = ["drawn_rule"]


def drawn_rule(posed: Posed, *, with_correct: bool = False) -> str:
    """The rule that this variant is made by."""
    names = list(posed.item.wrong or [name for name in RULES if name != "correct"])
    setup = posed.session.run.setup
    names = [name for name in names if not RULES[name].refuses(setup.problem, setup.training)]
    if with_correct:
        names = ["correct", *names]
    return str(names[int(posed.numbers(0).integers(0, len(names)))])
