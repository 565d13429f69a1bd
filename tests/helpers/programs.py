"""Programs over arrays that courses ask about, each with the value that NumPy computes from the same formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bpstep.engine.specs import Array

__all__ = ["PROGRAMS", "drawn"]

V = dict[str, Array]


def drawn(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).normal(size=shape).round(3).tolist()


def softmax(a: Array, axis: int = -1) -> Array:
    powers = np.exp(a - a.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def normal(a: Array, axis: int) -> Array:
    distance = a - a.mean(axis=axis, keepdims=True)
    return np.asarray(distance / np.sqrt((distance**2).mean(axis=axis, keepdims=True) + 1e-5))


def rnn(v: V) -> Any:
    h = v["h0"]
    for t in range(1, 4):
        h = np.tanh(v["U"] @ v[f"x{t}"] + v["W"] @ h + v["b"])
    return -(v["target"] * np.log(softmax(v["V"] @ h))).sum()


def attention(v: V) -> Any:
    scores = (v["X"] @ v["Q"]) @ (v["X"] @ v["K"]).T / math.sqrt(2)
    weights = softmax(np.where(v["mask"] != 0, scores, -1e9))
    return (((weights @ v["X"]) - v["T"]) ** 2).sum()


def strided(v: V) -> Any:
    x = np.pad(v["X"], ((0, 0), (1, 1), (1, 1)))
    found = np.zeros((3, 3, 3))
    for o, i, j in np.ndindex(3, 3, 3):
        found[o, i, j] = (x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] * v["K"][o]).sum()
    return np.tanh(found).sum()


def lstm(v: V) -> Any:
    h, c = v["h0"], v["c0"]
    for t in range(1, 4):
        g = v["W"] @ np.concatenate([h, v["X"][t - 1]])
        i, f, o, n = (g[2 * k : 2 * k + 2] for k in range(4))
        c = c / (1 + np.exp(-f)) + np.tanh(n) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
    return h.sum()


#: What is defined, the inputs, and the value of the output by NumPy.
PROGRAMS: dict[str, tuple[list[str], dict[str, Any], Callable[[V], Any]]] = {
    "rnn": (
        [
            "for t in 1..3: h{t} = tanh(U @ x{t} + W @ h{t-1} + b)",
            "p = softmax(V @ h3)",
            "E = cross_entropy(p, target)",
        ],
        {
            "x1": [1, 0], "x2": [0, 1], "x3": [0.5, -1], "target": [0, 1], "h0": [0, 0, 0], "b": [0.1, 0.2, -0.3],
            "U": drawn(1, 3, 2), "W": drawn(2, 3, 3), "V": drawn(3, 2, 3),
        },
        rnn,
    ),
    "lstm, several statements in a pass": (
        [
            "for t in 1..3: g{t} = W @ concat(h{t-1}, X[{t}]); i{t} = sigmoid(g{t}[1..2]); "
            "f{t} = sigmoid(g{t}[3..4]); o{t} = sigmoid(g{t}[5..6]); n{t} = tanh(g{t}[7..]); "
            "c{t} = f{t} * c{t-1} + i{t} * n{t}; h{t} = o{t} * tanh(c{t})",
            "E = sum(h3)",
        ],
        {"W": drawn(4, 8, 5), "X": drawn(5, 3, 3), "h0": [0.1, 0.2], "c0": [0.3, -0.1]},
        lstm,
    ),
    "attention": (
        [
            "S = (X @ Q) @ (X @ K).T / sqrt(2)", "A = softmax(where(mask, S, -1e9))",
            "E = squared_error(A @ X, T)",
        ],
        {
            "X": drawn(6, 3, 4), "Q": drawn(7, 4, 2), "K": drawn(8, 4, 2), "T": drawn(9, 3, 4),
            "mask": [[1, 0, 0], [1, 1, 0], [1, 1, 1]],
        },
        attention,
    ),
    "conv with channels, stride and padding": (
        ["E = sum(tanh(conv(X, K, stride=2, padding=1)))"],
        {"X": drawn(10, 2, 4, 4), "K": drawn(11, 3, 2, 2, 2)},
        strided,
    ),
    "conv of a line": (
        ["E = sum(conv(x, k)^2)"], {"x": drawn(12, 6), "k": drawn(13, 3)},
        lambda v: (np.correlate(v["x"], v["k"]) ** 2).sum(),
    ),
    "conv of a line with channels": (
        ["E = sum(conv(x, k)^2)"], {"x": drawn(12, 2, 5), "k": drawn(13, 1, 2, 3)},
        lambda v: (sum(np.correlate(v["x"][c], v["k"][0, c]) for c in range(2)) ** 2).sum(),
    ),
    "pools": (
        ["E = sum(max_pool(X, 2)) + sum(mean_pool(X, 3, stride=1) * sum_pool(X, size=2, stride=3)[1, 1])"],
        {"X": drawn(14, 4, 4)},
        lambda v: (
            sum(v["X"][2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max() for i, j in np.ndindex(2, 2))
            + sum(v["X"][i : i + 3, j : j + 3].mean() for i, j in np.ndindex(2, 2)) * v["X"][:2, :2].sum()
        ),
    ),
    "a pool with a size for each axis": (
        ["E = sum(max_pool(X, 1, 2)^2)"], {"X": drawn(15, 2, 3, 4)},
        lambda v: (v["X"].reshape(2, 3, 2, 2).max(axis=3) ** 2).sum(),
    ),
    "batch normalisation": (
        ["E = sum(batch_norm(A, gain, shift)^2)"],
        {"A": drawn(16, 4, 3), "gain": drawn(17, 3), "shift": drawn(18, 3)},
        lambda v: ((normal(v["A"], 0) * v["gain"] + v["shift"]) ** 2).sum(),
    ),
    "layer normalisation": (
        ["E = sum(layer_norm(A, 2, 1)^3)"], {"A": drawn(19, 2, 2, 3)},
        lambda v: ((normal(v["A"], -1) * 2 + 1) ** 3).sum(),
    ),
    "over axes": (
        ["s = sum(A, axis=1) * mean(A, axis=1)", "E = sum(s + max(A, axis=1) - var(A, axis=1)) / var(A) + max(A)"],
        {"A": drawn(20, 3, 4)},
        lambda v: (
            (v["A"].sum(0) * v["A"].mean(0) + v["A"].max(0) - v["A"].var(0)).sum() / v["A"].var() + v["A"].max()
        ),
    ),
    "softmax over an axis": (
        ["E = sum(softmax(A, axis=1) * log_softmax(A, axis=1)) + sum(log_softmax(A)[1])"],
        {"A": drawn(21, 3, 4)},
        lambda v: (
            (softmax(v["A"], 0) * np.log(softmax(v["A"], 0))).sum() + np.log(softmax(v["A"])[0]).sum()
        ),
    ),
    "embedding": (
        ["X = rows(E, ids)", "y = sum(X[2] * X[3]) + sum(rows(E, 1))"],
        {"E": drawn(22, 4, 3), "ids": [4, 2, 2]},
        lambda v: (v["E"][1] * v["E"][1]).sum() + v["E"][0].sum(),
    ),
    "nested loops": (
        [
            "for i in 1..2: for j in {i}..{i+1}: m{i}_{j} = A[{i}, {j}] * 2; n{i}_{j} = m{i}_{j} + {i*j}",
            "y = n1_1 * n1_2 * n2_2 * n2_3",
        ],
        {"A": drawn(23, 2, 3)},
        lambda v: (
            (2 * v["A"][0, 0] + 1) * (2 * v["A"][0, 1] + 2) * (2 * v["A"][1, 1] + 4) * (2 * v["A"][1, 2] + 6)
        ),
    ),
    "shapes": (
        [
            "B = reshape(A.T, 3, 2, 2)", "C = concat(B[.., 2], B[.., 1], axis=2)",
            "s = stack(C[1], C[3, 1..4], axis=2)",
            "y = sum(s @ s.T) + sum(detach(A)[2])",
        ],
        {"A": drawn(24, 4, 3)},
        lambda v: (
            (lambda b: (lambda c: (lambda s: (s @ s.T).sum())(np.stack([c[0], c[2]], 1)))(
                np.concatenate([b[:, 1], b[:, 0]], 1)
            ))(v["A"].T.reshape(3, 2, 2)) + v["A"][1].sum()
        ),
    ),
    "functions of one number": (
        ["y = sum(gelu(a) + silu(a) + erf(a) + leaky_relu(a)) + sum(max(a, 0) + min(b, a))"],
        {"a": drawn(25, 2, 1), "b": drawn(26, 3)},
        lambda v: sum(
            x * (1 + math.erf(x / math.sqrt(2))) / 2 + x / (1 + math.exp(-x)) + math.erf(x) + max(x, 0.01 * x)
            for x in v["a"].flat
        ) + (np.maximum(v["a"], 0) + np.minimum(v["b"], v["a"])).sum(),
    ),
    "costs": (
        [
            "E = half_squared_error(y, t) + squared_error(y, t) + mean_squared_error(y, t) + absolute_error(y, t)",
            "F = binary_cross_entropy(sigmoid(y), t) + cross_entropy(softmax(y), t) + E",
        ],
        {"y": drawn(27, 3), "t": [0, 1, 0.5]},
        lambda v: (
            ((v["y"] - v["t"]) ** 2).sum() * (1.5 + 1 / 3) + np.abs(v["y"] - v["t"]).sum()
            - (v["t"] * np.log(1 / (1 + np.exp(-v["y"]))) + (1 - v["t"]) * np.log(1 / (1 + np.exp(v["y"])))).sum()
            - (v["t"] * np.log(softmax(v["y"]))).sum()
        ),
    ),
    "leading axes": (
        ["E = sum(A @ B) * sum((A @ x)^2)"],
        {"A": drawn(28, 2, 1, 3, 2), "B": drawn(29, 3, 2, 1), "x": drawn(30, 2)},
        lambda v: (v["A"] @ v["B"]).sum() * ((v["A"] @ v["x"]) ** 2).sum(),
    ),
}  # fmt: skip
