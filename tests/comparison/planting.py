"""Random nets, as bpstep runs them and as the oracle does, and mistakes planted in the oracle.

What is planted is drawn from bpstep's own table, so that no row goes untested; what it *does* is the oracle's affair.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.mistakes import Hypothesis
from bpstep.comparison.sheet import Sheet, sheet_of
from bpstep.engine.run import Run
from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec, TrainingSpec
from tests.comparison.oracle import Net, Slip, learn

#: Rows that need a net which the oracle does not know: a layer that is read by several.
NOT_IN_A_CHAIN = {"skip-dropped"}

OUTPUTS = (
    ("sigmoid", "half-squared-error"), ("sigmoid", "binary-cross-entropy"), ("softmax", "cross-entropy"),
    ("softmax", "half-squared-error"), ("tanh", "squared-error"), ("linear", "mean-squared-error"),
    ("sigmoid", "absolute-error"), ("relu", "half-squared-error"),
)  # fmt: skip
HIDDEN = ("sigmoid", "tanh", "relu", "sigmoid", "tanh", "relu", "leaky-relu", "linear", "softplus")


@dataclass
class World:
    """One net and one batch, for both sides."""

    run: Run
    batch: int
    net: Net
    X: np.ndarray
    T: np.ndarray
    earlier: tuple[np.ndarray, np.ndarray] | None

    def sheet(self) -> Sheet:
        return sheet_of(self.run, self.batch)

    def numbers(self, slips: tuple[Slip, ...] = ()) -> dict[str, np.ndarray]:
        """What the oracle computes."""
        before = learn(self.net, *self.earlier) if self.earlier else None
        problem = self.run.setup.problem
        rows = np.array(self.run.rows(self.batch))
        shifted = {step: problem.t[(rows + step) % len(problem.t)] for step in (1, -1)}
        with np.errstate(all="ignore"):
            return learn(self.net, self.X, self.T, slips, before, shifted)


def random_world(rng: np.random.Generator) -> World:
    depth = int(rng.integers(1, 5))
    sizes = [int(rng.integers(1, 6)) for _ in range(depth + 1)]
    f, cost = OUTPUTS[rng.integers(len(OUTPUTS))]
    if f == "softmax":
        sizes[-1] = int(rng.integers(2, 6))
    activations = [str(rng.choice(HIDDEN)) for _ in range(depth - 1)] + [f]
    m = int(rng.choice([1, 1, 2, 3, 4, 5]))
    batches = 2 if rng.random() < 0.15 else 1
    W = [rng.normal(size=(n, k)) for k, n in itertools.pairwise(sizes)]
    b = [rng.normal(size=n) if rng.random() < 0.9 else None for n in sizes[1:]]
    X = rng.normal(size=(m * batches, sizes[0]))
    T = rng.random(size=(m * batches, sizes[-1]))
    if cost == "cross-entropy" and rng.random() < 0.5:
        T = np.eye(sizes[-1])[rng.integers(sizes[-1], size=len(X))]
    l2 = 0.1 if rng.random() < 0.2 else 0.0
    mean = bool(rng.random() < 0.8)
    names = [INPUTS, *(f"l{k}" for k in range(1, depth + 1))]
    layers = tuple(
        LayerSpec(
            names[k + 1],
            tuple(f"n{k + 1}_{j}" for j in range(len(W[k]))),
            activations[k],
            (names[k],),
            W[k],
            b[k],
        )
        for k in range(depth)
    )
    problem = NetworkSpec(tuple(f"x{j}" for j in range(sizes[0])), layers, cost, X, T)
    training = TrainingSpec(0.0 if batches > 1 else 0.5, batch=m, reduction="mean" if mean else "sum", l2=l2)
    net = Net(W, b, activations, cost, mean, l2, training.learning_rate)
    last = (batches - 1) * m
    earlier = (X[:m], T[:m]) if batches > 1 else None
    return World(Run(problem, training), batches - 1, net, X[last:], T[last:], earlier)


def slip_of(hypothesis: Hypothesis) -> Slip:
    """The switch of the oracle that a hypothesis is about."""
    layer = None if hypothesis.everywhere else tuple(k + 1 for k in hypothesis.layers)
    value = hypothesis.words if hypothesis.mistake.name == "l2-times" else hypothesis.value
    return Slip(hypothesis.mistake.name, layer, value)


def plantable(sheet: Sheet) -> list[Hypothesis]:
    assert sheet.net is not None
    return [one for one in hypotheses(sheet.net) if one.mistake.name not in NOT_IN_A_CHAIN]


KEYS = {"a": "y", "z": "e", "da": "d(y)", "dz": "d(e)", "dW": "d(w)", "db": "d(b)"}


def enter(sheet: Sheet, numbers: dict[str, np.ndarray], kinds: tuple[str, ...] = ("dW", "db")) -> bool:
    """Put the oracle's numbers into a sheet; False where one is not finite."""
    for name, array in numbers.items():
        kind, layer = name.rstrip("0123456789"), int(name.lstrip("abdWz"))
        if kind in kinds:
            if not np.isfinite(array).all():
                return False
            sheet.put((KEYS[kind], layer - 1), (), array)
    return True
