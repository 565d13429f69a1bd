"""Commands that give tails a name, and take it back: fold, unfold."""

from __future__ import annotations

from bpstep.debugger.answers import AllPaths, Answer
from bpstep.debugger.arguments import Arguments
from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.folding import beginning, fold_of, foldable, next_fold
from bpstep.debugger.session import Session
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.visible import quoted, shortened

__all__ = ["FOLDING"]


def _page_of(session: Session) -> Cell:
    """The page that a learner looks at; where they named none, the first parameter (of an expression, input)."""
    graph = session.setup.graph
    page = session.page
    if page is not None and session.index.find(page) is not None:
        return page
    every = graph.parameters if session.setup.is_network else (*graph.given, *graph.parameters)
    first = next(vector for vector in every if graph.consumers[vector.id])
    return first.cell(0)


def _named(session: Session, arguments: Arguments) -> str:
    """The neuron or variable that is named, by its own name or by one of its cells."""
    text, names = arguments.text, foldable(session.moment)
    if text in names:
        return text
    for name in names:
        begins = beginning(session.moment, name)
        if text in (str(begins), f"delta[{name}]", str(cells.d(begins))):
            return name
    raise CommandError(
        f"there is no tail of {quoted(text)} to fold{did_you_mean(text, names)}", arguments.column
    )


def _fold(session: Session, arguments: Arguments) -> Answer:
    if arguments.text == "all":
        session.folded = tuple(foldable(session.moment))
        return _page(session)
    name = _named(session, arguments) if arguments else next_fold(session.moment, session.folded)
    if name is None:
        raise CommandError("everything is folded: this is one backward sweep", 0, ExitCode.FAILED)
    if name in session.folded:
        raise CommandError(f"{shortened(name)} is folded already", arguments.column, ExitCode.FAILED)
    session.folded = (*session.folded, name)
    return _page(session)


def _unfold(session: Session, arguments: Arguments) -> Answer:
    if not session.folded:
        raise CommandError("nothing is folded", arguments.column, ExitCode.FAILED)
    if arguments.text == "all":
        session.folded = ()
        return _page(session)
    name = _named(session, arguments) if arguments else session.folded[-1]
    if name not in session.folded:
        raise CommandError(f"{shortened(name)} is not folded", arguments.column, ExitCode.FAILED)
    session.folded = tuple(other for other in session.folded if other != name)
    return _page(session)


def _page(session: Session) -> Answer:
    found = fold_of(session.moment, _page_of(session), session.folded)
    assert found is not None, "a parameter has paths"
    return AllPaths(found)


def _check_fold(session: Session, arguments: Arguments) -> None:
    if arguments and arguments.text != "all":
        _named(session, arguments)


FOLDING = (
    Command(
        "fold", "fold [NEURON|all]",
        "give the sum of the tails behind a neuron (the nearest to the cost) its name, and count the multiplications",
        "fold", _fold, check=_check_fold,
    ),
    Command(
        "unfold", "unfold [NEURON|all]", "take a fold back: the last, one by name, or all", "unfold", _unfold,
        check=_check_fold,
    ),
)  # fmt: skip
