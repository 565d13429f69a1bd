"""A network of a program's own arrays: the engine's numbers, NumPy's numbers, and shapes that are told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bpstep
from bpstep.engine.run import Run as EngineRun
from bpstep.engine.specs import NetworkSpec, TrainingSpec
from bpstep.view.formats.html import escaped
from tests.helpers.problems import networks

W1, W2 = np.array([[0.5, -0.25], [0.75, 0.5], [-1.0, 0.1]]), np.array([[1.0, -0.5, 0.25]])
B1, B2 = np.array([0.1, -0.2, 0.3]), np.array([0.05])
X, T = np.array([[1.0, 2.0], [0.0, -1.0], [0.5, 0.5], [-1.0, 1.0]]), np.array([[1.0], [0.0], [1.0], [0.5]])


def test_gradients_are_those_of_a_few_lines_of_numpy() -> None:
    run = bpstep.network([W1, W2], [B1, B2], ["tanh", "sigmoid"], x=X, t=T, learning_rate=0.5)
    y1 = np.tanh(X @ W1.T + B1)
    y2 = 1 / (1 + np.exp(-(y1 @ W2.T + B2)))
    delta2 = (y2 - T) * y2 * (1 - y2) / len(X)
    delta1 = delta2 @ W2 * (1 - y1**2)
    assert run["loss"] == pytest.approx(float(((y2 - T) ** 2).sum() / 2 / len(X)))
    for layer, delta, before in (("l1", delta1, X), ("l2", delta2, y1)):
        np.testing.assert_allclose(run.grad[layer].weights, delta.T @ before, rtol=1e-12)
        np.testing.assert_allclose(run.grad[layer].bias, delta.sum(axis=0), rtol=1e-12)  # type: ignore[arg-type]
    run.until("end")
    np.testing.assert_allclose(run.parameters["l2"].weights, W2 - 0.5 * delta2.T @ y1, rtol=1e-12)


@given(networks(), st.booleans(), st.sampled_from(["mean", "sum"]))
@settings(max_examples=25)
def test_any_stack_of_layers_has_the_engines_steps(
    problem: NetworkSpec, turned: bool, reduction: str
) -> None:
    layers = [layer for layer in problem.layers if len(layer.sources) == 1]
    if len(layers) < len(problem.layers) or problem.input_gradients:
        return
    matrices = [layer.weights for layer in layers]
    run = bpstep.network(
        [matrix.T for matrix in matrices] if turned else matrices,
        [layer.bias for layer in layers],
        [layer.activation for layer in layers],
        layout="in,out" if turned else "out,in",
        names=[layer.name for layer in layers],
        x=problem.x, t=problem.t, cost=problem.cost, reduction=reduction, learning_rate=0.1, epochs=2,
    )  # fmt: skip
    spec = TrainingSpec(0.1, batch=None, reduction=reduction, epochs=2)
    frozen_or_not = NetworkSpec(problem.inputs, tuple(layers), problem.cost, problem.x, problem.t)
    engine = EngineRun(frozen_or_not, spec)
    mine, right = run.grad, engine.numbers(0)
    for vector in right.graph.parameters:
        array = mine[vector.layer].weights if vector.kind == "w" else mine[vector.layer].bias
        assert array is not None
        assert array.tobytes() == np.ascontiguousarray(right.derivative(vector.id)).tobytes()


def test_what_it_makes_is_a_scenario_file() -> None:
    run = bpstep.network([W1, W2], [B1, None], "relu", x=X, t=T, names=["hidden", "out"])
    again = bpstep.load(run.to_toml())
    assert again.to_toml() == run.to_toml()
    assert again.grads == run.grads
    assert (run.grad["out"].bias, "d(b[out_1])" in run.grads) == (None, False)


def test_a_sample_may_come_without_its_axis() -> None:
    one = bpstep.network([W1, W2], x=X[0], t=T[0])
    assert one.grads == bpstep.network([W1, W2], x=X[:1], t=T[:1]).grads
    several = bpstep.network([[[0.5]]], x=[1, 2, 3], t=[0, 1, 0])
    assert several.grads == bpstep.network([[[0.5]]], x=[[1], [2], [3]], t=[[0], [1], [0]]).grads


def test_what_is_hardly_meant_is_a_warning() -> None:
    run = bpstep.network([W1, W2], x=X, t=T * 5, activations="sigmoid")
    (warning,) = run.warnings
    assert repr(run).endswith("; 1 warning>")
    assert escaped(f"warning: {warning}") in run._repr_html_()


def test_numbers_of_numpy_are_numbers() -> None:
    mine = made(learning_rate=np.float32(0.5), batch=np.int64(2), epochs=np.uint8(3), l2=np.float64(0.25),
                optimizer={"name": "adam", "beta1": np.float32(0.5)})  # fmt: skip
    plain = made(learning_rate=0.5, batch=2, epochs=3, l2=0.25, optimizer={"name": "adam", "beta1": 0.5})
    assert mine.to_toml() == plain.to_toml()
    assert len(bpstep.load("xor", seed=np.int32(3), epochs=np.int64(2))) == len(bpstep.load("xor", epochs=2))


def made(**changes: Any) -> bpstep.Run:
    arguments: dict[str, Any] = {"weights": [W1, W2], "biases": [B1, B2], "x": X, "t": T, **changes}
    return bpstep.network(**arguments)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"weights": []}, "weights: found no array; expected one a layer"),
        ({"weights": 3}, "weights: found 3; expected a list, one a layer"),
        ({"weights": W1}, "weights[0] has the shape (2,); expected two axes, (neurons, sources)"),
        ({"weights": [W1, [[1, 2], [3]]]}, "weights[1] is no array of numbers"),
        ({"weights": [W1, [["a"]]]}, "weights[1] holds text; expected numbers"),
        ({"weights": [W1, [[1, 2, np.nan]]]}, "weights[1][0, 2] is nan; expected finite numbers"),
        (
            {"weights": [W1, W2[:, :2]]},
            "weights[1] has the shape (1, 2); expected (1, 3), (neurons, sources), for weights[0] has 3 neurons",
        ),
        ({"weights": [W1.T, W2.T]}, 'with layout="in,out" all of them fit'),
        ({"layout": "in,out"}, 'with layout="out,in" all of them fit'),
        ({"layout": "columns"}, "layout: found 'columns'; expected one of out,in or in,out"),
        ({"biases": [B1]}, "biases: found 1; expected 2, one a layer"),
        ({"biases": [B1, B1]}, "biases[1] has the shape (3,); expected (1,), one a neuron"),
        ({"x": X.T}, "x has the shape (2, 4); expected (samples, 2); x.T would fit"),
        ({"x": X[:3]}, "t has 4 samples; expected 3, as many as x"),
        ({"t": 5j}, "t holds complex numbers; expected numbers"),
        ({"activations": "sigmoidd"}, 'activations[0]: found "sigmoidd"; expected one of linear, sigmoid'),
        ({"activations": ["tanh"]}, "activations: found 1; expected 2, one a layer"),
        ({"names": ["a", "a"]}, 'names[1]: the layer name "a" is taken'),
        ({"cost": "mse"}, 'cost: found "mse"'),
        ({"cost": "binary-cross-entropy", "t": T + 1}, "cost: "),
        ({"learning_rate": "fast"}, 'learning_rate: found "fast"; expected a finite number'),
        ({"batch": 0}, "batch: found 0"),
        ({"optimizer": {"name": "adam", "beta3": 1}}, "optimizer.beta3: unknown key"),
        ({"title": "\x1b[31m"}, "\\x1b"),
    ],
)
def test_what_does_not_fit_is_one_clear_line(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=r"\A[ -~½−…→′]+(\n.+)*\Z") as caught:
        made(**changes)
    assert says in str(caught.value).splitlines()[0]
    assert "network.layer" not in str(caught.value)
