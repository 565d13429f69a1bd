"""Training: on through the epochs of the timeline, and past its end.

A run is one long timeline, so to train is only to move along it; where it ends, epochs are added.  The parameters at
the start of every batch are kept on the way (within a bound), so any step of any epoch can be looked at afterwards.
Training halts where a value stops being finite, at that very step, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Generator

from bpstep.debugger.answers import Moved
from bpstep.debugger.arguments import Arguments, expect_no_more, whole_number
from bpstep.debugger.divergence import first_not_finite, is_finite
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.progress import paced
from bpstep.debugger.session import Session
from bpstep.engine.run import Run
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass

__all__ = [
    "MOST_EPOCHS",
    "Progress",
    "count_of_epochs",
    "epochs_wanted",
    "first_not_finite",
    "how_it_went",
    "train",
]

#: No run is longer than this.
MOST_EPOCHS = 10**7


@dataclass(frozen=True)
class Progress:
    """Training on its way: epochs done of those wanted; ``broken`` is the first step that is not finite."""

    done: int
    wanted: int
    broken: Step | None = None


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


def train(session: Session, epochs: int) -> Generator[Progress, None, None]:
    """Go on by so many epochs, saying now and then how far it is.

    Whoever stops listening keeps the epochs that are finished: the session stands at the end of the last.  Where a
    value stops being finite, the session stands at that step.
    """
    wanted, before = end_of(session, epochs), session.whole_run.timeline.epochs
    if wanted > before:
        session.revise(session.whole_run.edits, wanted)
    run = session.whole_run
    per_epoch = run.timeline.batches_per_epoch
    batch = run.place(session.position + 1).batch if session.position < run.length else run.timeline.batches
    first, last, count = batch // per_epoch, wanted * per_epoch, 64
    try:
        while batch < last:
            until = min(last, batch + count)
            started = time.perf_counter()
            broken = _advance(run, batch, until)
            if broken is not None:
                session.position = broken.number
                yield Progress(broken.when.epoch - 1 - first, wanted - first, broken)
                return
            count = paced(count, time.perf_counter() - started)
            batch = until
            session.position = run.timeline.start_of_batch(batch // per_epoch * per_epoch)
            yield Progress(batch // per_epoch - first, wanted - first)
    finally:
        reached = max(before, -(-batch // per_epoch))
        if batch < last and reached < run.timeline.epochs and session.whole_run is run:
            # Stopped on the way: the epochs that nobody asked for any more are taken off again.
            session.revise(run.edits, max(reached, session.moment.place.epoch + 1))


def _advance(run: Run, batch: int, until: int) -> Step | None:
    """Compute the batches before ``until``; the first step whose value is not finite, or None."""
    run.snapshot(until)
    return None if is_finite(run, until) else first_not_finite(run, batch, until)


def epochs_wanted(session: Session, arguments: Arguments) -> int:
    """How many epochs a `train` asks for; `CommandError` where that can not be."""
    epochs = count_of_epochs(arguments)
    session.refuse_changes(arguments.column)
    if not session.setup.updates:
        forward = session.setup.wrt is not None
        why = "forward mode changes no parameters" if forward else "there is no learning rate"
        raise CommandError(f"nothing to train: {why} (set lr = 0.1)", arguments.column, ExitCode.FAILED)
    if end_of(session, epochs) > MOST_EPOCHS:
        raise CommandError(f"a run has at most {MOST_EPOCHS} epochs", arguments.column, ExitCode.FAILED)
    return epochs


def count_of_epochs(arguments: Arguments) -> int:
    """The number that a `train` names, 1 where it names none."""
    words = arguments.words
    if not words:
        return 1
    text, column = words.pop(0)
    expect_no_more(words)
    return whole_number(text, column, f"a number of epochs from 1 to {MOST_EPOCHS}", 1, MOST_EPOCHS)


def how_it_went(session: Session, broken: Step | None) -> Moved:
    """What training answers, when it has ended or was halted."""
    if broken is not None:
        rate = session.run.rate_at(broken.when.batch - 1, 0)
        return Moved(
            session.position,
            f"diverged: {broken.cell} = {broken.value} in epoch {broken.when.epoch} is the first value that is not "
            f"finite; the learning rate is {rate:g}",
        )
    epoch = session.moment.place.epoch
    return Moved(session.position, f"epoch {epoch + 1}, loss {session.run.epoch_loss(epoch):.6g}")
