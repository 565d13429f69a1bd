"""Every built-in program over arrays against PyTorch: the same net in PyTorch's own words, value and derivatives.

Each function below is what somebody would write with ``torch`` and ``torch.nn.functional``, on the inputs of the
scenario.  It puts what it names into the same table: so the derivative by every input and by every array that the
author gave a name is held against ``.grad``, in every cell.  Where a wrong rule of bpstep is what ``detach`` does in
PyTorch, it is held against PyTorch with the ``detach`` in it.

Runs where PyTorch is installed; autograd is the oracle everywhere (test_array_scenarios.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from bpstep.engine.passes import Pass
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.loader import load, stated

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'bpstep[torch]'")
F = torch.nn.functional

#: A tensor of PyTorch; its types are not here where it is not.
Tensor = Any
Loss = Callable[["Named"], Tensor]


class Named(dict[str, Any]):
    """The arrays of a program by name; one that is put in keeps its derivative."""

    def __setitem__(self, name: str, value: Tensor) -> None:
        if value.requires_grad:
            value.retain_grad()
        super().__setitem__(name, value)


def half(y: Tensor, target: Tensor) -> Tensor:
    return 0.5 * F.mse_loss(y, target, reduction="sum")


# --- through time -------------------------------------------------------------------------------------------


def bptt(n: Named, handed_on: Callable[[Tensor], Tensor] = lambda h: h) -> Tensor:
    for t in range(1, 5):
        n[f"h{t}"] = torch.tanh(
            F.linear(n[f"x{t}"], n["U"]) + F.linear(handed_on(n[f"h{t - 1}"]), n["W"]) + n["b"]
        )
    n["p"] = torch.softmax(F.linear(n["h4"], n["V"], n["c"]), dim=0)
    return -torch.dot(n["target"], torch.log(n["p"]))


def char_rnn(n: Named) -> Tensor:
    for t in range(1, 26):
        n[f"h{t}"] = torch.tanh(n["U"] @ n[f"x{t}"] + n["W"] @ n[f"h{t - 1}"] + n["b"])
        n[f"E{t}"] = F.cross_entropy(n["V"] @ n[f"h{t}"] + n["c"], n[f"t{t}"])
    return torch.stack([n[f"E{t}"] for t in range(1, 26)]).sum()


def lstm(n: Named) -> Tensor:
    both = torch.cat([n["x"], n["h0"]])
    for gate in "fio":
        n[gate] = torch.sigmoid(F.linear(both, n[f"W{gate}"], n[f"b{gate}"]))
    n["g"] = torch.tanh(F.linear(both, n["Wg"], n["bg"]))
    n["s"] = n["f"] * n["s0"] + n["i"] * n["g"]
    n["h"] = n["o"] * torch.tanh(n["s"])
    return half(n["h"], n["target"])


def lstm_of_the_course(n: Named, handed_on: Callable[[Tensor], Tensor] = lambda h: h) -> Tensor:
    for t in range(1, 5):
        both = torch.cat([handed_on(n[f"a{t - 1}"]), n[f"x{t}"]])
        for gate in "fio":
            n[f"{gate}{t}"] = torch.sigmoid(F.linear(both, n[f"W{gate}"], n[f"b{gate}"]))
        n[f"g{t}"] = torch.tanh(F.linear(both, n["Wc"], n["bc"]))
        n[f"c{t}"] = n[f"f{t}"] * handed_on(n[f"c{t - 1}"]) + n[f"i{t}"] * n[f"g{t}"]
        n[f"a{t}"] = n[f"o{t}"] * torch.tanh(n[f"c{t}"])
    return sum(torch.dot(n[f"y{t}"], n[f"a{t}"]) for t in range(1, 5))


def gru(n: Named) -> Tensor:
    for gate in "zr":
        n[gate] = torch.sigmoid(n[f"U{gate}"] @ n["x"] + n[f"W{gate}"] @ n["h0"] + n[f"b{gate}"])
    n["n"] = torch.tanh(n["Un"] @ n["x"] + n["Wn"] @ (n["r"] * n["h0"]) + n["bn"])
    n["h"] = torch.lerp(n["n"], n["h0"], n["z"])
    return half(n["h"], n["target"])


# --- windows --------------------------------------------------------------------------------------------------


def convolution(n: Named) -> Tensor:
    n["v"] = F.conv2d(n["X"][None, None], n["K"][None, None])[0, 0]
    n["y"] = torch.tanh(n["v"])
    return half(n["y"], n["target"])


def channels(n: Named) -> Tensor:
    n["v"] = F.conv2d(n["X"][None], n["K"], stride=2, padding=1)[0]
    n["y"] = F.relu(n["v"] + n["b"])
    return half(n["y"], n["target"])


def max_pool(n: Named) -> Tensor:
    n["m"] = F.max_pool2d((n["X"] * n["w"])[None], 2)[0]
    n["y"] = torch.tanh(n["m"])
    return half(n["y"], n["target"])


def lenet(n: Named) -> Tensor:
    n["c"] = torch.tanh(F.conv2d(n["X"][None], n["K"], n["b"].flatten())[0])
    n["s"] = F.avg_pool2d(n["c"], 2)
    return half(n["s"], n["target"])


# --- normalisation, attention, the rest -------------------------------------------------------------------------


def batch_norm(n: Named) -> Tensor:
    n["Y"] = F.batch_norm(n["A"], None, None, n["gain"], n["shift"], training=True, eps=1e-5)
    return half(n["Y"], n["target"])


def layer_norm(n: Named) -> Tensor:
    n["Y"] = F.layer_norm(n["A"], n["gain"].shape, n["gain"], n["shift"], eps=1e-5)
    return half(n["Y"], n["target"])


def norm_of_constants(n: Named, axis: int) -> Tensor:
    mean, var = n["A"].mean(axis, keepdim=True), n["A"].var(axis, correction=0, keepdim=True)
    n["Y"] = n["gain"] * (n["A"] - mean.detach()) / torch.sqrt(var.detach() + 1e-5) + n["shift"]
    return half(n["Y"], n["target"])


def attention(n: Named) -> Tensor:
    for letter in "QKV":
        n[letter] = n["X"] @ n[f"W{letter}"]
    scores = n["Q"] @ n["K"].mT / 2**0.5
    n["S"] = scores.masked_fill(n["mask"] == 0, -1e9)
    n["P"] = torch.softmax(n["S"], dim=1)
    n["A"] = n["P"] @ n["V"]
    theirs = F.scaled_dot_product_attention(n["Q"], n["K"], n["V"], is_causal=True)
    assert_allclose(n["A"].detach(), theirs.detach(), rtol=1e-12)
    return half(n["A"], n["target"])


def embedding(n: Named) -> Tensor:
    looked_up = F.embedding(torch.tensor([1, 4, 1]), n["M"])  # the words 2, 5, 2, counted from 0
    n["h"] = torch.tanh(looked_up @ n["W"])
    n["y"] = n["h"].sum(dim=1)
    return half(n["y"], n["target"])


def residual(n: Named) -> Tensor:
    n["y"] = n["x"] + F.linear(F.relu(F.linear(n["x"], n["W1"])), n["W2"])
    n["z"] = n["y"] + F.linear(F.relu(F.linear(n["y"], n["W3"])), n["W4"])
    return half(n["z"], n["target"])


def neuron(n: Named) -> Tensor:
    n["n"] = n["x1"] * n["w1"] + n["x2"] * n["w2"] + n["b"]
    n["o"] = n["n"].tanh()
    return n["o"]


#: The built-in programs over arrays, in PyTorch.
IN_PYTORCH: dict[str, Loss] = {
    "bptt": bptt, "char-rnn": char_rnn, "lstm-cell": lstm, "errata-lstm": lstm_of_the_course, "gru-cell": gru,
    "convolution": convolution, "convolution-channels": channels, "max-pool": max_pool, "lenet": lenet,
    "batch-norm": batch_norm, "layer-norm": layer_norm, "attention": attention, "embedding": embedding,
    "residual": residual, "micrograd-neuron": neuron,
}  # fmt: skip

#: The same under a wrong rule that PyTorch can make by leaving something out of its graph.
DETACHED: dict[tuple[str, str], Loss] = {
    ("bptt", "truncated"): lambda n: bptt(n, torch.Tensor.detach),
    ("errata-lstm", "truncated"): lambda n: lstm_of_the_course(n, torch.Tensor.detach),
    ("batch-norm", "constant-statistics"): lambda n: norm_of_constants(n, 0),
    ("layer-norm", "constant-statistics"): lambda n: norm_of_constants(n, 1),
}


@cache
def problem_of(name: str) -> ExpressionSpec:
    problem = load(name).problem
    assert isinstance(problem, ExpressionSpec)
    return problem


def computed(name: str, loss: Loss, updates: int = 0) -> tuple[float, Named]:
    """The loss that PyTorch computes after some updates, and the table of arrays with their derivatives."""
    problem, rate = problem_of(name), load(name).training.learning_rate
    given = {
        key: torch.tensor(np.asarray(value, dtype=float), requires_grad=True)
        for key, value in zip(problem.inputs, problem.values, strict=True)
    }
    optimizer = torch.optim.SGD([given[key] for key in problem.parameters or problem.inputs], lr=rate or 0.0)
    for _ in range(updates):
        optimizer.zero_grad()
        loss(Named(given)).backward()
        optimizer.step()
    for tensor in given.values():
        tensor.grad = None
    named = Named(given)
    total = loss(named)
    total.backward()
    return total.item(), named


def compare(numbers: Pass, total: float, named: Named) -> set[str]:
    """Value and derivative of each array that both know, side by side; says which these are."""
    assert float(numbers.values[numbers.graph.root.id].item()) == pytest.approx(total, rel=1e-12)
    seen = set()
    for vector in numbers.graph.vectors:
        theirs = named.get(vector.layer)
        if theirs is None:
            continue
        values = numbers.values[vector.id].reshape(vector.dims)
        assert_allclose(values, theirs.detach().numpy(), rtol=1e-9, atol=1e-13, err_msg=vector.layer)
        if vector in numbers.graph.gathered and theirs.grad is not None:
            found = numbers.derivative(vector.id).reshape(vector.dims)
            assert_allclose(found, theirs.grad.numpy(), rtol=1e-9, atol=1e-13, err_msg=f"d({vector.layer})")
            seen.add(vector.layer)
    return seen


def test_all_of_them_are_here() -> None:
    for name in builtin_names():
        problem = load(name).problem
        assert name in IN_PYTORCH or not (isinstance(problem, ExpressionSpec) and problem.has_arrays)


@pytest.mark.parametrize("name", IN_PYTORCH)
def test_every_value_and_every_derivative_is_pytorchs(name: str) -> None:
    """At the start, and after the updates of a training."""
    training = load(name).training
    run = Run(problem_of(name), training)
    for updates in {0, training.epochs - 1}:
        seen = compare(run.numbers(updates), *computed(name, IN_PYTORCH[name], updates))
        assert set(problem_of(name).parameters) <= seen


@pytest.mark.parametrize(("name", "rule"), DETACHED)
def test_a_rule_that_leaves_out_a_way_back_is_a_detach(name: str, rule: str) -> None:
    training = load(name).training
    run = Run(problem_of(name), training, rule=RULES[rule])
    compare(run.numbers(0), *computed(name, DETACHED[name, rule]))
    with pytest.raises(AssertionError):
        compare(Run(problem_of(name), training).numbers(0), *computed(name, DETACHED[name, rule]))


#: Programs in which cells tie, or stand at a kink; what each is in PyTorch.
AT_A_KINK: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "sum(w * max_pool(X, 2))": lambda x, w: (w * F.max_pool2d(x[None], 2)[0]).sum(),
    "max(X) * w[1,2]": lambda x, w: torch.amax(x) * w[0, 1],
    "sum(max(X, axis=2)) * w[1,2]": lambda x, w: torch.amax(x, 1).sum() * w[0, 1],
    "sum(w * relu(X[1..2, 1..2]))": lambda x, w: (w * F.relu(x[:2, :2])).sum(),
    "sum(w * leaky_relu(X[1..2, 1..2]))": lambda x, w: (w * F.leaky_relu(x[:2, :2])).sum(),
    "sum(w * abs(X[1..2, 1..2]))": lambda x, w: (w * torch.abs(x[:2, :2])).sum(),
    "sum(w * max(X[1..2, 1..2], 0))": lambda x, w: (w * torch.maximum(x[:2, :2], torch.zeros(()))).sum(),
    "absolute_error(X[1..2, 1..2], w)": lambda x, w: F.l1_loss(x[:2, :2], w, reduction="sum"),
}


@pytest.mark.parametrize("define", AT_A_KINK)
def test_what_ties_or_stands_at_a_kink_is_pytorchs_convention(define: str) -> None:
    x, w = [[0, 2, 2, 1], [2, -1, 1, 2], [0, 0, 2, 2], [0, 0, 1, 2]], [[0, 0.5], [2, -1.5]]
    expression = {"define": f"E = {define}", "inputs": {"X": x, "w": w}}
    scenario = stated({"format": 1, "title": "ties", "expression": expression}, "ties")
    named = Named({"X": torch.tensor(x, dtype=torch.float64), "w": torch.tensor(w, dtype=torch.float64)})
    for tensor in named.values():
        tensor.requires_grad_(True)
    total = AT_A_KINK[define](named["X"], named["w"])
    total.backward()
    compare(Run(scenario.problem, scenario.training).numbers(0), total.item(), named)
