"""Training: on through the epochs of the timeline, and past its end.

A run is one long timeline, so to train is only to move along it; where it ends, epochs are added.  The parameters at
the start of every batch are kept on the way (within a bound), so any step of any epoch can be looked at afterwards.
Training stops where a value stops being finite, and says which step that was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bpstep.debugger.answers import Answer, Moved
from bpstep.debugger.command import Command, expect_no_more
from bpstep.debugger.errors import CommandError, ExitCode

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session
    from bpstep.engine.run import Run
    from bpstep.engine.steps import Step

__all__ = ["MOST_EPOCHS", "TRAINING", "DivergedError", "Progress", "end_of", "first_not_finite", "train"]

#: No run is longer than this.
MOST_EPOCHS = 10**7

#: Batches computed before training says how far it is.
_CHUNK = 256


@dataclass(frozen=True)
class Progress:
    """Training on its way: epochs done of those wanted."""

    done: int
    wanted: int


class DivergedError(CommandError):
    """A value stopped being finite; ``step`` is the first."""

    def __init__(self, step: Step, rate: float) -> None:
        super().__init__(
            f"training stopped at step {step.number} (epoch {step.when.epoch}): {step.cell} is {step.value}, the first "
            f"value that is not finite; the learning rate there is {rate:g}",
            0,
            ExitCode.RUNNING,
        )
        self.step = step


def end_of(session: Session, epochs: int) -> int:
    """The number of the last of ``epochs`` more epochs; an epoch that is begun counts as the first."""
    if not session.position:
        return epochs
    place = session.moment.place
    last_of_epoch = session.run.timeline.start_of_batch(
        (place.epoch + 1) * session.run.timeline.batches_per_epoch
    )
    begun = session.position < last_of_epoch
    return place.epoch + epochs + (0 if begun else 1)


def train(session: Session, epochs: int) -> Iterator[Progress]:
    """Go on by so many epochs, saying now and then how far it is; whoever stops listening keeps what was done.

    Raises `DivergedError` where a value stops being finite; the session then stands at that step.
    """
    wanted = end_of(session, epochs)
    run = session.run
    if wanted > run.timeline.epochs:
        session.revise(run.edits, wanted)
        run = session.run
    per_epoch = run.timeline.batches_per_epoch
    batch = run.place(session.position + 1).batch if session.position < run.length else run.timeline.batches
    last = wanted * per_epoch
    first_epoch = batch // per_epoch
    while batch < last:
        until = min(last, batch + _CHUNK)
        broken = _advance(run, batch, until)
        if broken is not None:
            session.position = broken.number
            raise DivergedError(broken, run.rate_at(broken.when.batch - 1, 0))
        batch = until
        session.position = (
            run.timeline.start_of_batch(batch // per_epoch * per_epoch)
            if batch < last
            else (run.timeline.start_of_batch(last))
        )
        yield Progress(min(batch // per_epoch, wanted) - first_epoch, wanted - first_epoch)


def _advance(run: Run, batch: int, until: int) -> Step | None:
    """Compute the batches before ``until``; the first step whose value is not finite, or None."""
    if not np.isfinite(run.snapshot(until).parameters).all():
        return first_not_finite(run, batch, until)
    if until == run.timeline.batches and not np.isfinite(run.numbers(until - 1).loss):
        return first_not_finite(run, until - 1, until)
    return None


def first_not_finite(run: Run, batch: int, until: int) -> Step | None:
    """The first step of some batches whose value is not finite: by halving, then step by step."""
    low, high = batch, until
    while high - low > 1:
        middle = (low + high) // 2
        if np.isfinite(run.snapshot(middle).parameters).all():
            low = middle
        else:
            high = middle
    for at in range(low, high):
        first, last = run.timeline.start_of_batch(at) + 1, run.timeline.start_of_batch(at + 1)
        for step in run.steps(first, last):
            if not np.isfinite(step.value):
                return step
    return None


def _train(session: Session, arguments: Arguments) -> Answer:
    words = arguments.words
    epochs = 1
    if words:
        text, column = words.pop(0)
        if not text.isdecimal() or not 1 <= int(text) <= MOST_EPOCHS:
            raise CommandError(f'expected a number of epochs from 1 to {MOST_EPOCHS}, found "{text}"', column)
        epochs = int(text)
    expect_no_more(words)
    refuse_training(session, arguments.column)
    if end_of(session, epochs) > MOST_EPOCHS:
        raise CommandError(f"a run has at most {MOST_EPOCHS} epochs", arguments.column, ExitCode.FAILED)
    for _ in train(session, epochs):
        pass
    moment = session.moment
    epoch = moment.place.epoch + 1
    loss = moment.batch.numbers.loss
    return Moved(session.position, f"epoch {epoch}, loss {loss:.6g}")


def refuse_training(session: Session, column: int) -> None:
    """There is nothing to train where nothing is updated."""
    if not session.setup.updates:
        why = (
            "forward mode changes no parameters"
            if session.setup.wrt is not None
            else "there is no learning rate"
        )
        raise CommandError(f"nothing to train: {why} (set lr = 0.1)", column, ExitCode.FAILED)


def _check(session: Session, arguments: Arguments) -> None:
    words = arguments.words
    if words and not words[0][0].isdecimal():
        raise CommandError(f'expected a number of epochs, found "{words[0][0]}"', words[0][1])


TRAINING = (
    Command(
        "train", "train [N]", "N more epochs, to the end of the last; past the end of the run, epochs are added",
        "train 100", _train, check=_check,
    ),
)  # fmt: skip
