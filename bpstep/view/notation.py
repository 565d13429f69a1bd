"""`notation compare`: the letters of several books, and the step at hand in each."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.session import Session
from bpstep.scenario.notations import Notation
from bpstep.view.spelling import inline, symbols_of

__all__ = ["notation_lines", "step_in"]

Lines = list[tuple[str, str]]

#: What a letter stands for, and where it stands in a notation.
_CONCEPTS = (
    ("net input", lambda n: n.net + (f"({n.net_mark}j)" if n.net_mark else "(j)")),
    ("output", lambda n: f"{n.output}(j)"),
    ("∂cost/∂net input", lambda n: f"{n.delta}(j)"),
    ("activation", lambda n: n.activation),
    ("target", lambda n: f"{n.target}(k)"),
    ("cost", lambda n: n.cost),
    ("learning rate", lambda n: n.rate),
)
_NAME, _COLUMN = 18, 12


def notation_lines(session: Session, names: Sequence[str]) -> Lines:
    """The letters of some notations, a column each, and the step at hand as each of them writes it."""
    notations: list[Notation] = [symbols_of(session, name).notation for name in names]
    lines: Lines = [(" " * _NAME + "".join(f"{name:<{_COLUMN}}" for name in names).rstrip(), "strong")]
    for what, letters in _CONCEPTS:
        row = "".join(f"{letters(notation):<{_COLUMN}}" for notation in notations)
        lines.append((f"{what:<{_NAME}}{row}".rstrip(), "text"))
    lines += [
        ("", ""),
        (f"step {session.step.number}" if session.step is not None else "the first step", "dim"),
    ]
    return lines + [(f"  {name:<{_COLUMN - 2}}{step_in(session, name)}", "text") for name in names]


def step_in(session: Session, name: str) -> str:
    """The step at hand (at the start, the first) in the letters of a notation."""
    step = session.step or session.upcoming
    return inline(session, step, symbols_of(session, name)) if step is not None else ""
