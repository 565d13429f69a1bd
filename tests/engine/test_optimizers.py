"""The optimizers are PyTorch's: its own runs, and the algorithms of its documentation written out for one number.

Sources: the pages of ``torch.optim.SGD``, ``Adam`` and ``AdamW`` (maximize and amsgrad off, dampening 0), and what
PyTorch computed (torch_runs.json, written by torch_runs.py).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bpstep.engine.optimizers import OPTIMIZERS, settings_of
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, Operation, OptimizerSpec, TrainingSpec
from bpstep.engine.steps import Step
from tests.helpers.problems import mazur, network

#: Takes a parameter, and then gradients; gives back the parameter after each.
Torch = Callable[[float, list[float]], Iterator[float]]


def sgd(momentum: float = 0.0, nesterov: bool = False, lr: float = 0.1) -> Torch:
    def run(theta: float, gradients: list[float]) -> Iterator[float]:
        buffer = 0.0
        for t, g in enumerate(gradients, start=1):
            step = g
            if momentum != 0:
                buffer = momentum * buffer + g if t > 1 else g
                step = g + momentum * buffer if nesterov else buffer
            theta = theta - lr * step
            yield theta

    return run


def adam(
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, decoupled: float = 0.0, lr: float = 0.1
) -> Torch:
    """Adam; with ``decoupled`` weight decay, AdamW."""

    def run(theta: float, gradients: list[float]) -> Iterator[float]:
        m = v = 0.0
        for t, g in enumerate(gradients, start=1):
            theta = theta - lr * decoupled * theta
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
            theta = theta - lr * m_hat / (math.sqrt(v_hat) + eps)
            yield theta

    return run


CASES: dict[str, tuple[OptimizerSpec, Torch]] = {
    "sgd": (OptimizerSpec("sgd"), sgd()),
    "momentum": (OptimizerSpec("momentum"), sgd(momentum=0.9)),
    "momentum 0.5": (OptimizerSpec("momentum", (("momentum", 0.5),)), sgd(momentum=0.5)),
    "nesterov": (OptimizerSpec("momentum", (("nesterov", True),)), sgd(momentum=0.9, nesterov=True)),
    "adam": (OptimizerSpec("adam"), adam()),
    "adam, other settings": (
        OptimizerSpec("adam", (("beta1", 0.5), ("beta2", 0.9), ("epsilon", 0.1))),
        adam(beta1=0.5, beta2=0.9, eps=0.1),
    ),
    "adamw": (OptimizerSpec("adamw"), adam(decoupled=0.01)),
    "adamw 0.3": (OptimizerSpec("adamw", (("weight_decay", 0.3),)), adam(decoupled=0.3)),
}


def history(run: Run) -> tuple[dict[str, float], dict[str, list[float]], dict[str, list[float]]]:
    """Per parameter: where it started, its gradients, and what each update made of it."""
    starts: dict[str, float] = {}
    gradients: dict[str, list[float]] = {}
    made: dict[str, list[float]] = {}
    latest: dict[str, float] = {}
    for step in run.steps():
        if step.op == "contribute":
            latest[str(step.cell)] = step.value
        elif step.op == "update":
            name = str(step.cell)
            assert step.was is not None
            starts.setdefault(name, step.was)
            gradients.setdefault(name, []).append(latest[f"d({name})"])
            made.setdefault(name, []).append(step.value)
    return starts, gradients, made


def compare(spec: OptimizerSpec, torch: Torch, problem: NetworkSpec | ExpressionSpec) -> None:
    starts, gradients, made = history(Run(problem, TrainingSpec(0.1, epochs=6, optimizer=spec)))
    assert len(starts) > 0
    for name, start in starts.items():
        assert len(made[name]) == 6
        assert made[name] == pytest.approx(list(torch(start, gradients[name])), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_a_network(case: str) -> None:
    compare(*CASES[case], mazur())


@pytest.mark.parametrize("case", CASES)
def test_an_expression(case: str) -> None:
    made = (
        Operation("u", "mul", ("a", "x")),
        Operation("v", "sin", ("u",)),
        Operation("y", "mul", ("v", "b")),
    )
    compare(*CASES[case], ExpressionSpec(("x", "a", "b"), (1.5, 0.3, -2.0), made, "y", parameters=("b", "a")))


TORCH_RUNS = json.loads(Path(__file__).with_name("torch_runs.json").read_text(encoding="utf-8"))["runs"]
TORCH_SETTINGS = {
    "sgd": (0.5, OptimizerSpec("sgd")),
    "momentum": (0.5, OptimizerSpec("momentum")),
    "nesterov": (0.5, OptimizerSpec("momentum", (("nesterov", True),))),
    "adam": (0.01, OptimizerSpec("adam")),
    "adamw": (0.01, OptimizerSpec("adamw", (("weight_decay", 0.1),))),
}


@pytest.mark.parametrize("name", TORCH_RUNS)
def test_a_thousand_updates_end_where_pytorch_ended(name: str) -> None:
    rate, spec = TORCH_SETTINGS[name]
    run = Run(mazur(), TrainingSpec(rate, epochs=1000, optimizer=spec))
    for updates, parameters in TORCH_RUNS[name].items():
        assert run.snapshot(int(updates)).parameters == pytest.approx(parameters, rel=1e-10), updates


def test_a_planted_mistake_is_seen() -> None:
    """Another momentum, or a weight decay too many: the comparison is no formality."""
    with pytest.raises(AssertionError):
        compare(OptimizerSpec("momentum"), sgd(momentum=0.8), mazur())
    with pytest.raises(AssertionError):
        compare(OptimizerSpec("adam"), adam(decoupled=0.01), mazur())


def test_defaults() -> None:
    """As in formats, 1.5, which are PyTorch's (momentum apart, whose default there is none at all)."""
    assert settings_of(OptimizerSpec("sgd")) == {}
    assert settings_of(OptimizerSpec("momentum")) == {"momentum": 0.9, "nesterov": 0.0}
    assert settings_of(OptimizerSpec("adam")) == {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    adamw = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01}
    assert settings_of(OptimizerSpec("adamw")) == adamw


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("frozen", [{"weights"}, {"bias"}, {"weights", "bias"}])
def test_frozen_parameters_are_left_alone(name: str, frozen: set[str]) -> None:
    """Gradients yes; states, updates and weight decay no.  The rest is updated as if nothing were frozen."""
    problem = mazur()
    held = replace(problem, layers=(replace(problem.layers[0], frozen=frozenset(frozen)), problem.layers[1]))
    training = TrainingSpec(0.1, l2=0.1, optimizer=OptimizerSpec(name))
    free, run = Run(problem, training), Run(held, training)
    kinds = {"w": "weights", "b": "bias"}

    def is_held(step: Step) -> bool:
        cell = step.cell if step.op == "update" else step.cell.of
        return step.when.layer == "hidden" and kinds[getattr(cell, "kind", "")] in frozen

    learning = [s for s in free.steps() if s.op in ("state", "update")]
    expected = [(s.op, s.cell, s.value) for s in learning if not is_held(s)]
    assert [(s.op, s.cell, s.value) for s in run.steps() if s.op in ("state", "update")] == expected
    assert [s.value for s in run.steps() if s.when.phase == "backward"] == [
        s.value for s in free.steps() if s.when.phase == "backward"
    ]
    update = run.batch(0).update
    assert update is not None
    start = run.numbers(0).parameters
    if "weights" in frozen:
        assert update.parameters[:4].tobytes() == start[:4].tobytes()
    if "bias" in frozen:
        assert update.parameters[4:6].tobytes() == start[4:6].tobytes()


def test_all_gradients_come_from_the_old_weights() -> None:
    run = Run(mazur(), TrainingSpec(0.5))
    deltas = [step.local.value for step in run.steps() if str(step.cell) == "d(y[h1])" if step.local]
    assert deltas == [0.4, 0.5]


def test_one_update_by_hand() -> None:
    """Adam's first step is the learning rate in the direction of the gradient, whatever its size."""
    problem = network(("linear", [[3.0]], None), x=[[1.0]], t=[[1.0]])
    steps = list(Run(problem, TrainingSpec(0.1, optimizer=OptimizerSpec("adam"))).steps())
    first, second, update = steps[-3:]
    assert (first.formula, first.value) == (
        "m(w[x1->a1]) = (1 - beta1) * d(w[x1->a1])",
        pytest.approx(0.2),
    )
    assert (second.value, second.was) == (pytest.approx(0.004), None)
    assert update.value == pytest.approx(2.9)
    assert update.was == 3.0
