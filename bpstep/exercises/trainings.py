"""The commands of a training, so that whoever grades it can carry it out again.

    goto 0
    set lr = 8
    train 400

Nothing else is in it: where something was changed, and what; and how many epochs there are in all.  What comes from a
learner's file is carried out on a session of the grader's own, and only these three commands are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine.run import Run

__all__ = ["carry_out", "commands_of"]

#: No training has more commands, none is longer.
_MOST_COMMANDS, _MOST_CHARACTERS = 100, 200

_GOTO = re.compile(r"goto (\d{1,12})")
_TRAIN = re.compile(r"train (\d{1,8})")
_SET = re.compile(r"set (?:lr|cost|activation \S+|optimizer|rule) = .+")


def commands_of(run: Run) -> list[str]:
    """How a run came to be what it is."""
    lines: list[str] = []
    for edit in run.edits:
        lines += [f"goto {run.timeline.start_of_batch(edit.batch) + edit.offset}", edit.text]
    return [*lines, f"train {run.timeline.epochs}"]


def carry_out(session: Console, commands: Sequence[str], updates: int) -> None:
    """Train a session by some commands, as far as the first ``updates`` updates; `CommandError` where that is no
    training."""
    if (
        not commands
        or len(commands) > _MOST_COMMANDS
        or any(len(line) > _MOST_CHARACTERS for line in commands)
    ):
        raise CommandError("this is no training")
    last = _TRAIN.fullmatch(commands[-1])
    if last is None:
        raise CommandError("a training ends with train N")
    per_epoch = session.whole_run.timeline.batches_per_epoch
    epochs = max(1, min(int(last[1]), -(-updates // per_epoch)))
    session.revise((), epochs)
    for line in commands[:-1]:
        where = _GOTO.fullmatch(line)
        if where is not None and int(where[1]) > session.length:
            break  # what comes later changes nothing that counts
        if where is None and not _SET.fullmatch(line):
            raise CommandError("this is no command of a training")
        session.execute(line)
    session.whole_run.snapshot(session.whole_run.timeline.batches)
