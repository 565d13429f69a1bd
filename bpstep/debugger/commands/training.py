"""The command `train`: on through the epochs, and past the end of the run."""

from __future__ import annotations

from bpstep.debugger.answers import Answer
from bpstep.debugger.arguments import Arguments
from bpstep.debugger.command import Command
from bpstep.debugger.session import Session
from bpstep.debugger.training import count_of_epochs, epochs_wanted, how_it_went, train

__all__ = ["TRAINING"]


def _train(session: Session, arguments: Arguments) -> Answer:
    broken = None
    for progress in train(session, epochs_wanted(session, arguments)):
        session.report("epoch", progress.done, progress.wanted)
        broken = progress.broken
    return how_it_went(session, broken)


def _check(session: Session, arguments: Arguments) -> None:
    count_of_epochs(arguments)


TRAINING = (
    Command(
        "train", "train [N]", "N more epochs, to the end of the last; past the end of the run, epochs are added",
        "train 100", _train, check=_check,
    ),
)  # fmt: skip
