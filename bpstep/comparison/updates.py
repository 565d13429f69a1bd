"""The mistakes that are looked for in an update: trainings that differ from the right one in one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from bpstep.engine.build import Problem
from bpstep.engine.optimizers import settings_of
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.specs import Array, NetworkSpec, OptimizerSpec, TrainingSpec
from bpstep.lazily import dataclass

__all__ = ["Step", "TrainingMistake", "update_mistakes"]

#: From states, gradient, number of the update and settings: the new states, and what the rate is multiplied with.
Step = Callable[[list[Array], Array, int, Mapping[str, float]], tuple[list[Array], Array]]


@dataclass(frozen=True)
class TrainingMistake:
    """A mistake in an update: its name, one sentence, and the training that it amounts to.

    ``shift`` are the epochs by which its losses lie behind: a loss that is measured after the update is the next one;
    ``late`` those by which its parameters do.  ``scale`` is a factor of the losses alone.  ``update`` is an update that
    the engine does not have: new states and the step, from the states, the gradient, the number of the update and the
    optimizer's settings; it keeps ``states`` more of them than the optimizer does.
    """

    name: str
    says: str
    training: TrainingSpec
    rule: Rule = CORRECT
    shift: int = 0
    late: int = 0
    scale: float = 1.0
    update: Step | None = None
    states: int = 0


def update_mistakes(problem: Problem, training: TrainingSpec) -> Iterator[TrainingMistake]:
    """Every mistake that makes sense in a training; the wrong rules of the engine are the last."""
    rate = training.learning_rate or 0.0
    for factor, words in _rates(problem, training):
        changed = replace(training, learning_rate=rate * factor)
        yield TrainingMistake("learning-rate", f"the step is {words}", changed)
    yield TrainingMistake(
        "ascent", "the gradient is added instead of subtracted", replace(training, learning_rate=-rate)
    )
    yield TrainingMistake("loss-after-update", "each loss is measured after the update", training, shift=1)
    for late, words in ((1, "one epoch too late"), (-1, "one epoch too early")):
        yield TrainingMistake("other-epoch", f"the parameters are those of {words}", training, late=late)
    samples = _samples(problem)
    for scale, words in ((2.0, "doubled"), (0.5, "halved"), (float(samples), "the sum over the samples"),
                         (1.0 / samples, "divided by the number of samples once more")):  # fmt: skip
        yield TrainingMistake(
            "loss-scaled", f"the losses are {words}; the training is right", training, scale=scale
        )
    yield from _of_batches(training, samples)
    yield from _of_optimizer(training)
    if training.optimizer.name == "sgd":
        yield from _of_plain_steps(problem, training)
    for rule in RULES.values():
        if rule is not CORRECT and not rule.refuses(problem, training):
            yield TrainingMistake(rule.name, rule.says, training, rule)


def _samples(problem: Problem) -> int:
    return len(getattr(problem, "x", (0,)))


def _rates(problem: Problem, training: TrainingSpec) -> list[tuple[float, str]]:
    found = [
        (2.0, "2 times as long"),
        (0.5, "half as long"),
        (10.0, "10 times as long"),
        (0.1, "a tenth as long"),
    ]
    m = training.batch or _samples(problem)
    if m > 1:
        found += [
            (float(m), f"{m} times as long (m, the samples of a batch)"),
            (1.0 / m, f"1/{m} as long (1/m)"),
        ]
    momentum = settings_of(training.optimizer).get("momentum")
    if momentum:
        found.append(
            (1.0 - float(momentum), "that of a dampened momentum: (1 − momentum) times the gradient")
        )
    return found


def _of_batches(training: TrainingSpec, samples: int) -> Iterator[TrainingMistake]:
    other = "sum" if training.reduction == "mean" else "mean"
    changed, m = replace(training, reduction=other), training.batch or samples
    words = f"the {other} over a batch, not the {training.reduction}"
    yield TrainingMistake("reduction", words, changed)
    back = 1.0 / m if other == "sum" else float(m)
    yield TrainingMistake(
        "reduction", f"{words}, in the gradients; the losses are right", changed, scale=back
    )
    if samples > 1 and training.batch != 1:
        yield TrainingMistake("batch", "an update after every sample", replace(training, batch=1))
    if samples > 1 and training.batch not in (None, samples):
        yield TrainingMistake("batch", "one update an epoch, over all samples", replace(training, batch=None))
    if training.shuffle is not None:
        yield TrainingMistake(
            "not-shuffled", "the samples stay in the order of the file", replace(training, shuffle=None)
        )
    if training.l2 > 0.0:
        yield TrainingMistake("no-l2", "the l2 term is missing", replace(training, l2=0.0))
        yield TrainingMistake("l2-doubled", "the l2 term is doubled", replace(training, l2=2.0 * training.l2))


def _of_optimizer(training: TrainingSpec) -> Iterator[TrainingMistake]:
    own = training.optimizer
    settings = settings_of(own)

    def changed(name: str, **others: float | bool) -> TrainingSpec:
        known = settings_of(OptimizerSpec(name))
        kept = {key: value for key, value in {**settings, **others}.items() if key in known}
        return replace(training, optimizer=OptimizerSpec(name, tuple(kept.items())))

    if own.name != "sgd":
        yield TrainingMistake(
            "plain-descent", f"plain gradient descent instead of {own.name}", changed("sgd")
        )
    if own.name != "momentum":
        yield TrainingMistake("momentum", "a momentum of 0.9 that nobody asked for", changed("momentum"))
    else:
        nesterov = bool(settings.get("nesterov", False))
        words = "plain momentum, not Nesterov's" if nesterov else "Nesterov's momentum, not the plain one"
        yield TrainingMistake("nesterov", words, changed("momentum", nesterov=not nesterov))
    if own.name == "adamw":
        decay = float(settings.get("weight_decay", 0.01))
        as_l2 = replace(changed("adam"), l2=training.l2 + decay)
        yield TrainingMistake(
            "adamw-as-l2", "the decay goes through the gradient: Adam with l2 instead of AdamW", as_l2
        )
        yield TrainingMistake("no-decay", "the weights do not decay: Adam instead of AdamW", changed("adam"))
    if own.name == "adam":
        words = "Adam's moments are not corrected for their start at 0"
        yield TrainingMistake("no-bias-correction", words, training, update=_uncorrected)
        words = "Adam divides by the second moment itself, not by its root"
        yield TrainingMistake("no-root", words, training, update=_rootless)
    if own.name == "momentum":
        words = "the velocity is not kept: each step is the momentum times the last gradient, plus this one"
        yield TrainingMistake("velocity-not-kept", words, training, update=_forgetful)
    if own.name in ("adam", "adamw"):
        for setting, value in (("epsilon", 1e-7), ("beta2", 0.99), ("beta1", 0.99)):
            yield TrainingMistake("setting", f"{setting} is {value:g}", changed(own.name, **{setting: value}))


def _of_plain_steps(problem: Problem, training: TrainingSpec) -> Iterator[TrainingMistake]:
    """Gradients that are never reset, and parameters that are left as they are."""
    words = "the gradients are not reset: each is added to all before it"
    yield TrainingMistake("not-reset", words, training, update=_added_up, states=1)
    if not isinstance(problem, NetworkSpec) or len(problem.layers) < 2:
        return
    ends = np.cumsum([layer.weights.size + np.size(layer.bias if layer.bias is not None else ())
                      for layer in problem.layers])  # fmt: skip
    for layer, start, end in zip(problem.layers, [0, *ends], ends, strict=False):
        words = f"the parameters of layer {layer.name} are never updated"
        yield TrainingMistake("layer-not-updated", words, training, update=partial(_but, start, end))
    if len(ends) > 2:
        words = "only the output layer is updated"
        yield TrainingMistake("layer-not-updated", words, training, update=partial(_but, 0, ends[-2]))


def _added_up(states: list[Array], g: Array, t: int, s: Mapping[str, float]) -> tuple[list[Array], Array]:
    return [states[0] + g], states[0] + g


def _but(
    start: int, end: int, states: list[Array], g: Array, t: int, s: Mapping[str, float]
) -> tuple[list[Array], Array]:
    step = g.copy()
    step[start:end] = 0.0
    return states, step


def _moments(states: list[Array], g: Array, s: Mapping[str, float]) -> list[Array]:
    return [
        s["beta1"] * states[0] + (1.0 - s["beta1"]) * g,
        s["beta2"] * states[1] + (1.0 - s["beta2"]) * g * g,
    ]


def _uncorrected(states: list[Array], g: Array, t: int, s: Mapping[str, float]) -> tuple[list[Array], Array]:
    m, v = _moments(states, g, s)
    return [m, v], m / (np.sqrt(v) + s["epsilon"])


def _rootless(states: list[Array], g: Array, t: int, s: Mapping[str, float]) -> tuple[list[Array], Array]:
    m, v = _moments(states, g, s)
    return [m, v], m / (1.0 - s["beta1"] ** t) / (v / (1.0 - s["beta2"] ** t) + s["epsilon"])


def _forgetful(states: list[Array], g: Array, t: int, s: Mapping[str, float]) -> tuple[list[Array], Array]:
    return [g], s["momentum"] * states[0] + g
