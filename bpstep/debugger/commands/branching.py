"""Several runs in one session: `fork` keeps the run as it is and goes on with a copy; `runs`, `switch`.

A run is a pure function of its edits, so a fork costs nothing: the copy shares what was computed until the two
part.
"""

from __future__ import annotations

from bpstep.debugger.answers import Answer, Branches, BranchRow, Moved, Said
from bpstep.debugger.arguments import Arguments, expect_no_more
from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.session import Session
from bpstep.visible import quoted

__all__ = ["BRANCHING"]

#: So many runs can be told apart on one plot.
MOST_RUNS = 8


def _fork(session: Session, arguments: Arguments) -> Answer:
    session.refuse_changes(arguments.column)
    name, column = _new_name(session, arguments)
    if name == session.branch or name in session.branches:
        raise CommandError(f'there is a run "{name}" already; runs lists them', column, ExitCode.FAILED)
    if len(session.branches) + 1 >= MOST_RUNS:
        raise CommandError(f"there are {MOST_RUNS} runs already", column, ExitCode.FAILED)
    before = session.branch
    session.keep_branch()
    session.run = session.whole_run.revised(session.whole_run.edits)
    session.branch = name
    return Said(f'run "{name}" goes on from here; "{before}" stays as it is')


def _new_name(session: Session, arguments: Arguments) -> tuple[str, int]:
    """The name that a fork is given, and its column; where it is given none, one that is free."""
    words = arguments.words
    name, column = words.pop(0) if words else (_free_name(session), arguments.column)
    expect_no_more(words)
    if not name.isidentifier() or len(name) > 16:
        raise CommandError(f"expected a name of letters and digits, found {quoted(name)}", column)
    return name, column


def _check_fork(session: Session, arguments: Arguments) -> None:
    _new_name(session, arguments)


def _free_name(session: Session) -> str:
    taken = {session.branch, *session.branches}
    return next(name for number in range(2, 99) if (name := f"run{number}") not in taken)


def _switch(session: Session, arguments: Arguments) -> Answer:
    words = arguments.words
    if not words:
        raise CommandError(
            f"expected a run: {', '.join(session.branches) or 'there is only this one'}", arguments.column
        )
    name, column = words.pop(0)
    expect_no_more(words)
    if name == session.branch:
        return Moved(session.position, f"run {name}")
    if name not in session.branches:
        raise CommandError(
            f"there is no run {quoted(name)}{did_you_mean(name, session.branches)}", column, ExitCode.FAILED
        )
    session.keep_branch()
    session.take_branch(name)
    return Moved(session.position, f"run {name}")


def _runs(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    rows = []
    for name, run in session.runs.items():
        done = run.trained // run.timeline.batches_per_epoch
        known = done or run.known == run.length
        losses = [run.epoch_loss(epoch) if known else None for epoch in (0, max(0, done - 1))]
        edits = tuple(edit.text for edit in run.edits)
        rows.append(BranchRow(name, name == session.branch, done, losses[0], losses[1], edits))
    return Branches(tuple(rows))


BRANCHING = (
    Command(
        "fork", "fork [NAME]", "keep this run as it is, and go on with a copy of it", "fork faster", _fork,
        check=_check_fork,
    ),
    Command("switch", "switch NAME", "go on with another of the runs", "switch main", _switch),
    Command("runs", "runs", "the runs there are: epochs, loss, what was changed by hand", "runs", _runs),
)  # fmt: skip
