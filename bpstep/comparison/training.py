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
from bpstep.comparison.placing import Placed, place
from bpstep.comparison.precision import Precision, Tolerance, precision_of
from bpstep.comparison.sheet import Mask, sheet_of
from bpstep.comparison.updates import TrainingMistake, update_mistakes
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
#: What would be met by accident more often than this, of all mistakes that are tried, is not believed.
_MOST_CHANCE = 2e-2
_LOSSES = ("loss", "losses", "cost", "costs", "loss_history", "history")


@dataclass(frozen=True, eq=False)
class TrainingReport:
    """``losses`` and ``parameters``: how many numbers there are of each; ``wrong`` how many disagree.  ``first_epoch``
    is the first whose loss does (0: none), with both values; ``after`` the epoch behind which the parameters stand.
    ``possible`` mistakes fit, but numbers so near the right ones could be met by accident; ``misshapen`` counts the
    arrays of a known name whose shape does not fit: they are among the ``unread``."""

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
    possible: tuple[TrainingMistake, ...] = ()
    misshapen: int = 0

    @property
    def ok(self) -> bool:
        """Whether all agree, and nothing of a known name has a shape that does not fit."""
        return self.wrong == 0 and not self.misshapen


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
    yours, placed = _parameters(problem, training, rest, after, source, notation, layout)
    unread = placed.unread
    right = _Trained(problem, TrainingMistake("right", "", training), len(history), after)
    given = np.concatenate([history, yours])
    known = np.concatenate([right.losses, right.parameters])
    used = ~np.isnan(given)
    if not used.any():
        raise NumbersError(source, f"nothing in it fits: {unread[0]}" if unread else "nothing in it fits")
    precision = precision_of(given[used], known[used])
    near = Tolerance(relative, 0.0) if relative else Tolerance(precision.relative, precision.absolute)
    wrong = used & ~_agree(near, given, known, len(history))
    mistakes, possible, tried = (
        _search(problem, training, given, known, wrong, (len(history), after), near)
        if wrong.any()
        else ((), (), 0)
    )
    first = int(np.argmax(wrong[: len(history)])) if wrong[: len(history)].any() else -1
    return TrainingReport(
        source, len(history), int((~np.isnan(yours)).sum()), after, int(wrong.sum()), first + 1,
        float(history[first]) if first >= 0 else 0.0, float(right.losses[first]) if first >= 0 else 0.0,
        precision, near, mistakes, tried, tuple(unread), possible, placed.misshapen,
    )  # fmt: skip


def _parameters(
    problem: Problem, training: TrainingSpec, entries: Sequence[Entry], after: int, source: str, notation: str,
    layout: str,
) -> tuple[Array, Placed]:  # fmt: skip
    """A learner's parameters after an epoch, flat, NaN where there is none; what became of the rest."""
    run = Run(problem, training, epochs=after + 1)
    flat = np.full(len(run.snapshot(0).parameters), np.nan)
    if not entries:
        return flat, Placed()
    sheet = sheet_of(run, after * run.timeline.batches_per_epoch)
    placed = place(sheet, entries, source, notation, layout)
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
                placed.unread.append(f"numbers like {slot.cell(index)}: expected losses and parameters")
                break
    return flat, placed


class _Trained:
    """What comes of a training: the loss of each of some epochs, and the parameters after one, flat."""

    def __init__(self, problem: Problem, mistake: TrainingMistake, losses: int, after: int) -> None:
        epochs = max(losses + mistake.shift, after + mistake.late, 1)
        with np.errstate(all="ignore"):
            run = Run(problem, mistake.training, rule=mistake.rule, epochs=epochs)
            if mistake.update is not None:
                own, self.parameters = _updated_by(run, mistake, losses, after)
            else:
                run.snapshot(run.timeline.batches)
                own = [run.epoch_loss(epoch + mistake.shift) for epoch in range(losses)]
                at = max(0, after + mistake.late) * run.timeline.batches_per_epoch
                self.parameters = run.snapshot(at).parameters
        self.losses = mistake.scale * np.array(own, dtype=np.float64)


def _updated_by(run: Run, mistake: TrainingMistake, losses: int, after: int) -> tuple[list[float], Array]:
    """A training by an update that the engine does not have, on the gradients that it does."""
    assert mistake.update is not None
    plain = replace(run.setup.training, optimizer=OptimizerSpec())
    gradients = Run(run.setup.problem, plain, epochs=run.timeline.epochs)
    settings, rate = settings_of(run.setup.training.optimizer), plain.learning_rate or 0.0
    now = gradients.snapshot(0).parameters
    kept, each = len(run.setup.optimizer.states) + mistake.states, run.timeline.batches_per_epoch
    states = [np.zeros_like(now) for _ in range(kept)]
    own: list[list[float]] = []
    found = now
    for batch in range(run.timeline.batches):
        if batch == after * each:
            found = now
        numbers = gradients.computed_from(batch, Snapshot(now, [])).numbers
        own += [[]] if batch % each == 0 else []
        own[-1].append(numbers.loss)
        states, step = mistake.update(states, numbers.gradient, batch + 1, settings)
        now = now - rate * step
    return [sum(part) / each for part in own[:losses]], now if after * each >= run.timeline.batches else found


def _scales(known: Array, losses: int) -> Array:
    """By what a difference is measured: losses by the largest loss, parameters by the largest parameter."""
    scale = np.zeros(len(known))
    for part in (slice(0, losses), slice(losses, None)):
        largest = float(np.abs(known[part]).max(initial=0.0))
        scale[part] = largest if np.isfinite(largest) else 0.0
    return scale


def _agree(near: Tolerance, given: Array, known: Array, losses: int) -> Mask:
    """Where they agree."""
    scale = _scales(known, losses)
    parts = [
        near.agree(given[part], known[part], float(scale[part].max(initial=0.0)))
        for part in (slice(0, losses), slice(losses, None))
    ]
    return np.concatenate(parts)


def _search(
    problem: Problem,
    training: TrainingSpec,
    given: Array,
    right: Array,
    wrong: Mask,
    length: tuple[int, int],
    near: Tolerance,
) -> tuple[tuple[TrainingMistake, ...], tuple[TrainingMistake, ...], int]:
    """The mistakes that give all numbers; those that do, but may do so by accident; how many were tried."""
    found, tried, used = [], 0, ~np.isnan(given)
    for mistake in update_mistakes(problem, training):
        tried += 1
        one = _Trained(problem, mistake, *length)
        known = np.concatenate([one.losses, one.parameters])
        if bool(_agree(near, given, known, length[0])[used].all()):
            found.append(mistake)
    if tried * _chance(near, given, right, wrong, length[0]) > _MOST_CHANCE:
        return (), tuple(found), tried
    return tuple(found), (), tried


def _chance(near: Tolerance, given: Array, right: Array, wrong: Mask, losses: int) -> float:
    """How likely it is that numbers which are as far from the right ones as these, in whatever direction, are met by
    accident: what is let pass, beside how far off they are."""
    off = np.abs(given - right)[wrong]
    scale = np.maximum(np.abs(given), 1e-3 * _scales(right, losses))[wrong]
    with np.errstate(all="ignore"):
        let_pass = (near.relative * scale + near.absolute) / off
    return float(np.minimum(1.0, let_pass).prod())
