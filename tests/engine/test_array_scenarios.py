"""The built-in programs over arrays against autograd: every input's derivative, written by hand in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
import pytest
from autograd import grad
from numpy.testing import assert_allclose

from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec
from bpstep.scenario.loader import load

Inputs = dict[str, Any]


def logistic(a: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-a))


def softmax(a: Any) -> Any:
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


def half(y: Any, t: Any) -> Any:
    return 0.5 * np.sum((y - t) ** 2)


def bptt(n: Inputs) -> Any:
    h = n["h0"]
    for t in range(1, 5):
        h = np.tanh(n["U"] @ n[f"x{t}"] + n["W"] @ h + n["b"])
    return -np.sum(n["target"] * np.log(softmax(n["V"] @ h + n["c"])))


def lstm(n: Inputs) -> Any:
    both = np.concatenate([n["x"], n["h0"]])
    f, i, o = (logistic(n[f"W{gate}"] @ both + n[f"b{gate}"]) for gate in "fio")
    s = f * n["s0"] + i * np.tanh(n["Wg"] @ both + n["bg"])
    return half(o * np.tanh(s), n["target"])


def gru(n: Inputs) -> Any:
    z, r = (logistic(n[f"U{gate}"] @ n["x"] + n[f"W{gate}"] @ n["h0"] + n[f"b{gate}"]) for gate in "zr")
    new = np.tanh(n["Un"] @ n["x"] + n["Wn"] @ (r * n["h0"]) + n["bn"])
    return half((1.0 - z) * new + z * n["h0"], n["target"])


def convolved(x: Any, k: Any, stride: int = 1) -> Any:
    """(channels, rows, columns) and (kernels, channels, rows, columns); nothing lies over the edge."""
    rows, columns = (1 + (x.shape[axis] - k.shape[axis + 1]) // stride for axis in (1, 2))
    return np.stack(
        [
            np.stack(
                [
                    np.stack([
                        np.sum(x[:, r * stride : r * stride + k.shape[2], c * stride : c * stride + k.shape[3]] * one)
                        for c in range(columns)
                    ])
                    for r in range(rows)
                ]
            )
            for one in k
        ]
    )  # fmt: skip


def convolution(n: Inputs) -> Any:
    return half(np.tanh(convolved(n["X"][None], n["K"][None, None])[0]), n["target"])


def channels(n: Inputs) -> Any:
    padded = np.pad(n["X"], ((0, 0), (1, 1), (1, 1)), mode="constant")
    return half(np.maximum(convolved(padded, n["K"], 2) + n["b"], 0.0), n["target"])


def normalised(a: Any, n: Inputs, axis: int) -> Any:
    mean = np.mean(a, axis=axis, keepdims=True)
    spread = np.mean((a - mean) ** 2, axis=axis, keepdims=True)
    return half(n["gain"] * (a - mean) / np.sqrt(spread + 1e-5) + n["shift"], n["target"])


def attention(n: Inputs) -> Any:
    q, k, v = (n["X"] @ n[f"W{letter}"] for letter in "QKV")
    scores = np.where(n["mask"] != 0, q @ k.T / np.sqrt(2.0), -1e9)
    return half(softmax(scores) @ v, n["target"])


def embedding(n: Inputs) -> Any:
    return half(np.sum(np.tanh(n["M"][np.array([1, 4, 1])] @ n["W"]), axis=1), n["target"])


def residual(n: Inputs) -> Any:
    y = n["x"] + n["W2"] @ np.maximum(n["W1"] @ n["x"], 0.0)
    return half(y + n["W4"] @ np.maximum(n["W3"] @ y, 0.0), n["target"])


def neuron(n: Inputs) -> Any:
    return np.tanh(n["x1"] * n["w1"] + n["x2"] * n["w2"] + n["b"])


BY_HAND: dict[str, Callable[[Inputs], Any]] = {
    "bptt": bptt, "lstm-cell": lstm, "gru-cell": gru, "convolution": convolution, "convolution-channels": channels,
    "batch-norm": lambda n: normalised(n["A"], n, 0), "layer-norm": lambda n: normalised(n["A"], n, 1),
    "attention": attention, "embedding": embedding, "residual": residual, "micrograd-neuron": neuron,
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_every_derivative_is_that_of_autograd(name: str) -> None:
    scenario = load(name)
    problem = scenario.problem
    assert isinstance(problem, ExpressionSpec)
    inputs = {
        key: np.asarray(value, dtype=float) for key, value in zip(problem.inputs, problem.values, strict=True)
    }
    numbers = Run(problem, scenario.training).numbers(0)
    assert float(numbers.values[numbers.graph.root.id].item()) == pytest.approx(
        float(BY_HAND[name](inputs)), rel=1e-12
    )
    for vector in numbers.graph.gathered:
        key = vector.layer
        if key in inputs:
            expected = grad(lambda value, key=key: BY_HAND[name]({**inputs, key: value}))(inputs[key])
            found = numbers.derivative(vector.id).reshape(vector.dims)
            assert_allclose(found, expected, rtol=1e-9, atol=1e-13, err_msg=key)
