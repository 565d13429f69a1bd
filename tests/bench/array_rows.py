"""Programs over arrays beside the same by hand in NumPy: a recurrent net over characters, a convolution of a digit.

The gradients of both are compared before the time is taken: a peer that computes something else is no peer.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from rows import Row

if TYPE_CHECKING:
    from bpstep.engine.run import Run

__all__ = ["array_rows"]

#: The sizes of min-char-rnn: characters, hidden units, steps through time.
CHARACTERS, HIDDEN, STEPS = 65, 100, 25

Gradients = dict[str, np.ndarray]


def _opened(define: list[str], inputs: dict[str, np.ndarray], parameters: list[str]) -> Run:
    from bpstep.engine.run import Run
    from bpstep.scenario.loader import stated

    tables = {
        "define": define,
        "parameters": parameters,
        "inputs": {name: array.tolist() for name, array in inputs.items()},
    }
    scenario = stated({"format": 1, "title": "benchmark", "expression": tables}, "benchmark")
    return Run(scenario.problem, scenario.training)


def _pass(run: Run) -> float:
    from bpstep.engine.passes import compute

    start = time.perf_counter()
    compute(run.setup, 0.0, (0,), run.history.snapshots[0].parameters, run.given)
    return time.perf_counter() - start


def _agree(run: Run, peer: Gradients) -> None:
    numbers = run.numbers(0)
    for name, expected in peer.items():
        vector = next(vector for vector in numbers.graph.vectors if vector.layer == name)
        np.testing.assert_allclose(
            numbers.derivative(vector.id).reshape(expected.shape), expected, 1e-9, 1e-12
        )


def _compared(what: str, run: Run, peer: Callable[[], Gradients]) -> Row:
    def timed() -> float:
        start = time.perf_counter()
        peer()
        return time.perf_counter() - start

    _agree(run, peer())
    _pass(run)
    pairs = [(_pass(run), timed()) for _ in range(40)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = ours / theirs
    return Row(what, f"{ours * 1e3:.2f} ms", f"{theirs * 1e3:.2f} ms", f"{ratio:.1f}", "10×", ratio <= 10.0)


def _characters() -> tuple[Run, Callable[[], Gradients]]:
    rng = np.random.default_rng(1)
    shapes = {"U": (HIDDEN, CHARACTERS), "W": (HIDDEN, HIDDEN), "V": (CHARACTERS, HIDDEN)}
    inputs = {name: 0.01 * rng.normal(size=shape) for name, shape in shapes.items()}
    inputs |= {"b": np.zeros(HIDDEN), "c": np.zeros(CHARACTERS), "h0": np.zeros(HIDDEN)}
    one_hot = np.eye(CHARACTERS)[rng.integers(0, CHARACTERS, STEPS + 1)]
    for t in range(1, STEPS + 1):
        inputs[f"x{t}"], inputs[f"t{t}"] = one_hot[t - 1], one_hot[t]
    define = [
        f"for t in 1..{STEPS}: h{{t}} = tanh(U @ x{{t}} + W @ h{{t-1}} + b)",
        f"for t in 1..{STEPS}: E{{t}} = cross_entropy(softmax(V @ h{{t}} + c), t{{t}})",
        "E = " + " + ".join(f"E{t}" for t in range(1, STEPS + 1)),
    ]

    def by_hand() -> Gradients:
        u, w, v, b, c = (inputs[name] for name in "UWVbc")
        h, p = {0: inputs["h0"]}, {}
        for t in range(1, STEPS + 1):
            h[t] = np.tanh(u @ inputs[f"x{t}"] + w @ h[t - 1] + b)
            powers = np.exp(v @ h[t] + c)
            p[t] = powers / powers.sum()
        d = {name: np.zeros_like(inputs[name]) for name in "UWVbc"}
        onward = np.zeros(HIDDEN)
        for t in range(STEPS, 0, -1):
            error = p[t] - inputs[f"t{t}"]
            d["V"] += np.outer(error, h[t])
            d["c"] += error
            delta = (1.0 - h[t] * h[t]) * (v.T @ error + onward)
            d["b"] += delta
            d["U"] += np.outer(delta, inputs[f"x{t}"])
            d["W"] += np.outer(delta, h[t - 1])
            onward = w.T @ delta
        return d

    return _opened(define, inputs, list("UWVbc")), by_hand


def _digit() -> tuple[Run, Callable[[], Gradients]]:
    rng = np.random.default_rng(2)
    x, k = rng.random((1, 28, 28)), 0.2 * rng.normal(size=(6, 1, 5, 5))
    windows = np.lib.stride_tricks.sliding_window_view

    def by_hand() -> Gradients:
        columns = windows(x[0], (5, 5)).reshape(-1, 25)
        h = np.tanh(columns @ k.reshape(6, 25).T)
        d = 1.0 - h * h
        padded = np.pad(d.T.reshape(6, 24, 24), ((0, 0), (4, 4), (4, 4)))
        turned = windows(padded, (5, 5), axis=(1, 2)).transpose(1, 2, 0, 3, 4).reshape(784, -1)
        return {
            "K": (d.T @ columns).reshape(k.shape),
            "X": (turned @ k[:, 0, ::-1, ::-1].reshape(-1)).reshape(x.shape),
        }

    return _opened(["y = sum(tanh(conv(X, K)))"], {"X": x, "K": k}, ["K"]), by_hand


def array_rows() -> list[Row]:
    recurrent, by_hand = _characters()
    rows = [_compared("a pass of min-char-rnn's sizes / NumPy by hand", recurrent, by_hand)]
    convolution, by_columns = _digit()
    rows.append(_compared("LeNet-5's first convolution, 28×28 / NumPy by columns", convolution, by_columns))
    return [*rows, _described("a step of min-char-rnn's sizes, described", recurrent),
            _described("a step of the convolution, described", convolution)]  # fmt: skip


def _described(what: str, run: Run) -> Row:
    steps = random.Random(3).sample(range(1, run.length + 1), 2000)
    for number in steps[:100]:
        run.step(number)
    start = time.perf_counter()
    for number in steps:
        run.step(number)
    each = (time.perf_counter() - start) / len(steps)
    return Row(what, f"{each * 1e6:.0f} µs", "", "", "50 µs", each <= 50e-6)
