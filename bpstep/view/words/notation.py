"""`notation compare`: the letters of several books, and the step at hand in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.inline import inline

__all__ = ["notation_lines", "step_in"]

Lines = list[tuple[str, str]]

#: What is compared, and how a notation writes it.
_CONCEPTS: tuple[tuple[str, Callable[[Symbols], str]], ...] = (
    ("net input", lambda s: s(cells.e("j"))),
    ("output", lambda s: s(cells.y("j"))),
    ("∂cost/∂net input", lambda s: s(cells.d(cells.e("j")))),
    ("activation", lambda s: ", ".join(dict.fromkeys((s.notation.activation, s.notation.logistic)))),
    ("target", lambda s: s(cells.t("k"))),
    ("cost", lambda s: s(cells.COST)),
    ("learning rate", lambda s: s.notation.rate),
)
_NAME, _COLUMN = 18, 12


def notation_lines(session: Session, names: Sequence[str]) -> Lines:
    """The letters of some notations, a column each, and the step at hand as each of them writes it."""
    every = [symbols_of(session, name) for name in names]
    lines: Lines = [(" " * _NAME + "".join(f"{name:<{_COLUMN}}" for name in names).rstrip(), "strong")]
    for what, letters in _CONCEPTS:
        row = "".join(f"{letters(s):<{_COLUMN}}" for s in every)
        lines.append((f"{what:<{_NAME}}{row}".rstrip(), "text"))
    lines += [
        ("", ""),
        (f"step {session.step.number}" if session.step is not None else "the first step", "dim"),
    ]
    return lines + [(f"  {name:<{_COLUMN - 2}}{step_in(session, name)}", "text") for name in names]


def step_in(session: Session, name: str) -> str:
    """The step at hand (at the start, the first) in the letters of a notation."""
    step = session.step or session.upcoming
    return inline(Frame.of(session), step, symbols_of(session, name)) if step is not None else ""
