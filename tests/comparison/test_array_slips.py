"""Programs over arrays as students write them, each slip in the place where it is made: at an array, not at a cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import bpstep


def softmax(z: Any) -> Any:
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def bptt(slip: str = "") -> dict[str, Any]:
    x = [np.array(v, float) for v in ([0, 0], [1, 0], [0, 1], [1, 1], [0, 1])]
    t, b, c = np.array([0, 1.0]), np.array([0.1, 0, -0.1]), np.zeros(2)
    U = np.array([[0.5, -0.3], [0.2, 0.4], [-0.6, 0.1]])
    W = np.array([[0.3, 0.2, -0.4], [-0.1, 0.5, 0.2], [0.4, -0.3, 0.6]])
    V = np.array([[0.7, -0.2, 0.3], [-0.4, 0.6, 0.1]])
    h = [np.zeros(3)]
    for k in range(1, 5):
        h.append(np.tanh(U @ x[k] + W @ h[k - 1] + b))
    dv = softmax(V @ h[4] + c) - t
    dU, dW, db, dh = np.zeros_like(U), np.zeros_like(W), np.zeros_like(b), V.T @ dv
    for k in range(4, 0, -1):
        dz = dh * (1 - h[k] ** 2) if slip != "no slope at the last moment" or k < 4 else dh
        u, w = np.outer(dz, x[k]), np.outer(dz, h[k - 1])
        replaced = slip == "= for +="
        dU, dW, db = (u, w, dz) if replaced else (dU + u, dW + w, dz if slip == "= for += at b" else db + dz)
        dh = dz if slip == "W forgotten" else W.T @ dz
    if slip == "dW transposed":
        dW = dW.T
    return {
        "dU": dU,
        "dW": dW,
        "dV": np.outer(dv, h[4]),
        "db": db / 4 if slip == "db averaged" else db,
        "dc": dv,
    }


def attention(slip: str = "") -> dict[str, Any]:
    X, t = np.array([[1, 0], [0, 1], [1, 1.0]]), np.array([[0, 0], [1, 0], [0, 1.0]])
    WQ, WK, WV = (
        np.array(w) for w in ([[0.5, -0.2], [0.3, 0.8]], [[0.4, 0.6], [-0.3, 0.5]], [[1, -0.5], [0.2, 0.7]])
    )
    Q, K, V = X @ WQ, X @ WK, X @ WV
    P = softmax(np.where(np.tril(np.ones((3, 3))) > 0, Q @ K.T / np.sqrt(2), -1e9))
    dA = P @ V - t
    dP = dA @ V.T
    dS = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    if slip == "softmax left out":
        dS = dP * (P > 0)
    if slip != "scale forgotten":
        dS = dS / np.sqrt(2)
    if slip == "scale twice":
        dS = dS / np.sqrt(2)
    dWQ, dWK, dWV = X.T @ (dS @ K), X.T @ (dS.T @ Q), X.T @ (P.T @ dA)
    if slip == "sign of dWK":
        dWK = -dWK
    return {
        "dWQ": dWQ.T if slip == "dWQ transposed" else dWQ,
        "dWK": dWK,
        "dWV": 0 * dWV if slip == "no dWV" else dWV,
    }


def convolution(slip: str = "") -> dict[str, Any]:
    X = np.array([[1, 0, 2, 1], [0, 1, 1, 0], [2, 1, 0, 1], [1, 0, 1, 2.0]])
    K, t = np.array([[0.5, -0.25], [0.25, -0.5]]), np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0.0]])
    places = [(i, j) for i in range(3) for j in range(3)]
    v = np.array([(X[i : i + 2, j : j + 2] * K).sum() for i, j in places]).reshape(3, 3)
    dv = (np.tanh(v) - t) * (1 - np.tanh(v) ** 2)
    dK, dX = np.zeros((2, 2)), np.zeros((4, 4))
    for i, j in places:
        window = np.s_[i : i + 2, j : j + 2]
        dK += dv[i, j] * X[window]
        dX[window] = dv[i, j] * K + (0 if slip == "windows replaced" else dX[window])
    return {"dK": dK[::-1, ::-1] if slip == "dK flipped" else dK, "dX": dX}


SLIPS = [
    (bptt, "= for +=", "overwrite, at the parameters only"),
    (bptt, "= for += at b", "overwrite, at b only"),
    (bptt, "db averaged", "averaged, at b only"),
    (bptt, "dW transposed", "gradient-transposed, at W only"),
    (bptt, "no slope at the last moment", "no-derivative, in h4 only"),
    (bptt, "W forgotten", "not-multiplied, where W is used"),
    (attention, "softmax left out", "no-derivative, in softmax only"),
    (attention, "scale forgotten", "no-derivative, in div only"),
    (attention, "scale twice", "derivative-twice, in div only"),
    (attention, "sign of dWK", "gradient-factor -1, at WK only"),
    (convolution, "dK flipped", "gradient-turned, at K only"),
    (convolution, "windows replaced", "overwrite, at X only"),
]


@pytest.mark.parametrize(
    ("program", "slip", "name"), SLIPS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_slip_is_named_with_the_array_at_which_it_is_made(
    program: Callable[[str], dict[str, Any]], slip: str, name: str
) -> None:
    run = bpstep.load(program.__name__)
    if slip in ("= for +=", "scale twice", "dK flipped"):
        assert bpstep.compare(run, program("")).ok
    report = bpstep.compare(run, program(slip))
    assert report.to_dict()["verdict"] == "mistake"
    assert name in [match.title for match in report._report.finding.matches]


def test_two_gradients_that_are_wrong_by_themselves_are_told_as_two() -> None:
    """Each is where something begins; together they give all that is wrong, and neither gives what the other does."""
    numbers = bptt()
    report = bpstep.compare(bpstep.load("bptt"), {**numbers, "db": 0 * numbers["db"], "dW": numbers["dW"].T})
    said = str(report)
    assert "gradient-forgotten, at b only" in said
    assert "gradient-transposed, at W only" in said
    assert "all 9 of your wrong numbers" in said
    assert "same from" not in said


def test_what_only_follows_from_other_wrong_numbers_is_no_part() -> None:
    """A delta that became 0 by an unknown mistake makes all behind it 0: nothing was forgotten there."""
    W1, W2 = [[0.3, -0.2], [0.5, 0.1], [-0.4, 0.6]], [[0.2, 0.7, -0.3], [0.4, -0.5, 0.6]]
    softmax_net = bpstep.network(
        [np.array(W1), np.array(W2)], [None, None], ["tanh", "softmax"],
        cost="cross-entropy", x=[[0.5, -1.2], [1.5, 0.2]], t=[[1, 0], [0, 1]],
    )  # fmt: skip
    arrays = {f"d(y[l2_{k}])": np.full(2, -0.4 * k) for k in (1, 2)}
    arrays |= {f"delta[l2_{k}]": np.zeros(2) for k in (1, 2)} | {
        f"d(y[l1_{k}])": np.zeros(2) for k in (1, 2, 3)
    }
    report = bpstep.compare(softmax_net, arrays)
    assert report.mistake == "", "no-weights gives the zeros of layer l1, by accident"


def test_numbers_that_are_wrong_where_the_right_ones_are_0_have_no_factor_in_common() -> None:
    """Two of four agree, the others stand for 0: it was said that all are 1 times the right ones."""
    run = bpstep.network(
        [np.eye(2)], [None], ["softmax"], cost="cross-entropy", x=[[1, 2], [3, 5]], t=[[1, 0], [0, 1]]
    )
    right = np.array([[run["d(y[l1_1])"], 0.0], [0.0, -0.5 / 0.880797]])
    report = bpstep.compare(run, {"da1": np.where(right == 0.0, 0.3, right)}, relative=1e-3)
    assert not report.ok
    assert "times the right ones" not in str(report)


def test_weights_after_the_update_are_called_so() -> None:
    run = bpstep.load("mazur-2-2-2")
    weights = {"hidden": [[0.15, 0.2], [0.25, 0.3]], "output": [[0.4, 0.45], [0.5, 0.55]]}
    after = {
        f"W{k}": np.array(array) - 0.5 * run.grad[name].weights
        for k, (name, array) in enumerate(weights.items(), 1)
    }
    assert "those after the update" in str(bpstep.compare(run, after))
    assert "those after the update" not in str(bpstep.compare(run, {**after, "W1": 1.1 * after["W1"]}))
    assert bpstep.compare(run, after, epoch=1).ok


def test_no_number_is_written_as_minus_zero() -> None:
    run = bpstep.load("mazur-2-2-2")
    said = str(bpstep.compare(run, {"delta[h1]": -0.0, "delta[h2]": -0.0}))
    assert "yours 0 " in said
    assert "-0 " not in said
