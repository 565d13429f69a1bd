"""Training held against training: at which epoch do the losses part, and which mistake in the update makes them?

A learner's numbers of a whole training are few: the loss of every epoch, and perhaps the parameters after one.  So
every mistake in an update is trained, as long as the learner has, and its losses and parameters laid beside theirs.
Each is the right training with one thing changed, which the engine runs itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bpstep.comparison.entries import Entry, NumbersError
from bpstep.comparison.placing import place
from bpstep.comparison.precision import Precision, Tolerance, precision_of
from bpstep.comparison.sheet import Mask, sheet_of
from bpstep.comparison.updates import Step, TrainingMistake, update_mistakes
from bpstep.engine.build import Problem
from bpstep.engine.history import Snapshot
from bpstep.engine.optimizers import settings_of
from bpstep.engine.run import Run
from bpstep.engine.specs import Array, OptimizerSpec, TrainingSpec
from bpstep.english import counted
from bpstep.lazily import dataclass

__all__ = ["MOST_EPOCHS", "TrainingReport", "compare_training", "is_about_training"]

#: Longer trainings are not repeated for every mistake.
MOST_EPOCHS = 20_000
_LOSSES = ("loss", "losses", "cost", "costs", "loss_history", "history")


@dataclass(frozen=True, eq=False)
class TrainingReport:
    """``losses`` and ``parameters``: how many numbers there are of each; ``wrong`` how many disagree.  ``first_epoch``
    is the first whose loss does (0: none), with both values; ``after`` the epoch behind which the parameters stand."""

    source: str
    losses: int
    parameters: int
    after: int
    wrong: int
    first_epoch: int
    yours: float
    right: float
    precision: Precision
    tolerance: Tolerance
    mistakes: tuple[TrainingMistake, ...]
    tried: int
    unread: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all agree."""
        return self.wrong == 0


def is_about_training(entries: Sequence[Entry], epoch: int | None) -> bool:
    """Whether numbers are those of a training: an epoch is named, or there is a loss for each of several."""
    return epoch is not None or any(_is_history(entry) for entry in entries)


def _is_history(entry: Entry) -> bool:
    return entry.name.lower() in _LOSSES and entry.numbers.ndim == 1 and entry.numbers.size > 1


def compare_training(
    problem: Problem,
    training: TrainingSpec,
    entries: Sequence[Entry],
    epoch: int | None,
    *,
    source: str = "numbers",
    notation: str = "bpstep",
    layout: str = "",
    relative: float | None = None,
) -> TrainingReport:
    """Hold losses per epoch, and parameters after one, against a run's.  Raises `NumbersError`."""
    if training.learning_rate is None:
        raise NumbersError(source, "the scenario has no learning rate: it is not trained")
    history = next((entry.numbers for entry in entries if _is_history(entry)), np.empty(0))
    after = epoch if epoch is not None else 0
    epochs = max(after, len(history), 1)
    if epochs > MOST_EPOCHS:
        raise NumbersError(source, f"it is about {counted(epochs, 'epoch')}; expected at most {MOST_EPOCHS}")
    rest = [entry for entry in entries if not _is_history(entry)]
    yours, unread = _parameters(problem, training, rest, after, source, notation, layout)
    right = _Trained(problem, TrainingMistake("right", "", training), len(history), after)
    given = np.concatenate([history, yours])
    known = np.concatenate([right.losses, right.parameters])
    used = ~np.isnan(given)
    if not used.any():
        raise NumbersError(source, f"nothing in it fits: {unread[0]}" if unread else "nothing in it fits")
    precision = precision_of(given[used], known[used])
    near = Tolerance(relative, 0.0) if relative else Tolerance(precision.relative, precision.absolute)
    wrong = used & ~_agree(near, given, known, len(history))
    mistakes, tried = (
        _search(problem, training, given, used, (len(history), after), near) if wrong.any() else ((), 0)
    )
    first = int(np.argmax(wrong[: len(history)])) if wrong[: len(history)].any() else -1
    return TrainingReport(
        source, len(history), int((~np.isnan(yours)).sum()), after, int(wrong.sum()), first + 1,
        float(history[first]) if first >= 0 else 0.0, float(right.losses[first]) if first >= 0 else 0.0,
        precision, near, mistakes, tried, tuple(unread),
    )  # fmt: skip


def _parameters(
    problem: Problem, training: TrainingSpec, entries: Sequence[Entry], after: int, source: str, notation: str,
    layout: str,
) -> tuple[Array, list[str]]:  # fmt: skip
    """A learner's parameters after an epoch, flat, NaN where there is none; what fits nothing."""
    run = Run(problem, training, epochs=after + 1)
    flat = np.full(len(run.snapshot(0).parameters), np.nan)
    if not entries:
        return flat, []
    sheet = sheet_of(run, after * run.timeline.batches_per_epoch)
    unread = place(sheet, entries, source, notation, layout).unread
    graph = run.setup.graph
    places = {
        vector.cell(j): graph.flat_place(vector, j) for vector in graph.parameters for j in range(vector.size)
    }
    for key, yours in sheet.yours.items():
        slot = sheet.slots[key]
        for index in map(tuple, np.argwhere(sheet.given(key)).tolist()):
            if slot.cell(index) in places:
                flat[places[slot.cell(index)]] = yours[index]
            else:
                unread.append(f"numbers like {slot.cell(index)}: expected losses and parameters")
                break
    return flat, unread


class _Trained:
    """What comes of a training: the loss of each of some epochs, and the parameters after one, flat."""

    def __init__(self, problem: Problem, mistake: TrainingMistake, losses: int, after: int) -> None:
        epochs = max(losses + mistake.shift, after + mistake.late, 1)
        with np.errstate(all="ignore"):
            run = Run(problem, mistake.training, rule=mistake.rule, epochs=epochs)
            if mistake.update is not None:
                own, self.parameters = _updated_by(run, mistake.update, losses, after)
            else:
                run.snapshot(run.timeline.batches)
                own = [run.epoch_loss(epoch + mistake.shift) for epoch in range(losses)]
                at = max(0, after + mistake.late) * run.timeline.batches_per_epoch
                self.parameters = run.snapshot(at).parameters
        self.losses = mistake.scale * np.array(own, dtype=np.float64)


def _updated_by(run: Run, update: Step, losses: int, after: int) -> tuple[list[float], Array]:
    """A training by an update that the engine does not have, on the gradients that it does."""
    plain = replace(run.setup.training, optimizer=OptimizerSpec())
    gradients = Run(run.setup.problem, plain, epochs=run.timeline.epochs)
    settings, rate = settings_of(run.setup.training.optimizer), plain.learning_rate or 0.0
    now = gradients.snapshot(0).parameters
    states, each = [np.zeros_like(now) for _ in run.setup.optimizer.states], run.timeline.batches_per_epoch
    own: list[list[float]] = []
    found = now
    for batch in range(run.timeline.batches):
        if batch == after * each:
            found = now
        numbers = gradients.computed_from(batch, Snapshot(now, [])).numbers
        own += [[]] if batch % each == 0 else []
        own[-1].append(numbers.loss)
        states, step = update(states, numbers.gradient, batch + 1, settings)
        now = now - rate * step
    return [sum(part) / each for part in own[:losses]], now if after * each >= run.timeline.batches else found


def _agree(near: Tolerance, given: Array, known: Array, losses: int) -> Mask:
    """Where they agree; losses are measured by the largest loss, parameters by the largest parameter."""
    parts = []
    for part in (slice(0, losses), slice(losses, None)):
        scale = float(np.abs(known[part]).max(initial=0.0))
        parts.append(near.agree(given[part], known[part], scale if np.isfinite(scale) else 0.0))
    return np.concatenate(parts)


def _search(
    problem: Problem,
    training: TrainingSpec,
    given: Array,
    used: Mask,
    length: tuple[int, int],
    near: Tolerance,
) -> tuple[tuple[TrainingMistake, ...], int]:
    found, tried = [], 0
    for mistake in update_mistakes(problem, training):
        tried += 1
        one = _Trained(problem, mistake, *length)
        known = np.concatenate([one.losses, one.parameters])
        if bool(_agree(near, given, known, length[0])[used].all()):
            found.append(mistake)
    return tuple(found), tried
