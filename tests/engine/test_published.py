"""What others have published: every figure that the engine can express holds to its published digits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bpstep.debugger.moment import Moment
from bpstep.engine.index import Index
from bpstep.engine.rules import RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.scenario.arithmetic import parse_cell
from bpstep.scenario.statements import compile_statements
from tests.helpers.problems import mazur, network

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((Path(__file__).parent / "published.json").read_text("utf-8"))
}


def value(run: Run, cell: str, position: int | None = None) -> float:
    """A cell at a position; at the end of the run where none is given."""
    index = Index(run.setup)
    names = frozenset(name for kind, name in index.rows if kind == "var")
    moment = Moment(run, run.length if position is None else position)
    found = moment.value(parse_cell(cell, names))
    assert found is not None, f"{cell} is unset"
    return found


def check(case: str, figures: dict[str, float]) -> None:
    """Every named figure of a case, to its published digits."""
    expected, tolerance = CASES[case]["expected"], CASES[case]["suggested_abs_tolerance"]
    assert set(figures) == set(expected), "every published figure of a case, and no other"
    for name, found in figures.items():
        assert found == pytest.approx(float(expected[name]), abs=tolerance[name], rel=1e-15), name


def frozen_biases(problem: NetworkSpec) -> NetworkSpec:
    return replace(problem, layers=tuple(replace(x, frozen=frozenset({"bias"})) for x in problem.layers))


def test_mazur_step() -> None:
    run = Run(frozen_biases(mazur()), TrainingSpec(0.5))
    check(
        "mazur-step1",
        {
            "net_h1": value(run, "e[h1]"), "out_h1": value(run, "y[h1]"), "out_h2": value(run, "y[h2]"),
            "net_o1": value(run, "e[o1]"), "out_o1": value(run, "y[o1]"), "out_o2": value(run, "y[o2]"),
            "E_o1": value(run, "cost", 17), "E_o2": run.step(18).product or 0.0, "E_total": value(run, "cost"),
            "dE_dout_o1": value(run, "d(y[o1])"), "dout_o1_dnet_o1": value(run, "local[o1]"),
            "delta_o1": value(run, "delta[o1]"), "dnet_o1_dw5": value(run, "d(e[o1], w[h1->o1])"),
            "dEo2_dout_h1": run.step(35).product or 0.0, "dE_dw5": value(run, "d(w[h1->o1])"),
            "dEo1_dout_h1": value(run, "d(y[h1])", 34), "dE_dout_h1": value(run, "d(y[h1])"),
            "dout_h1_dnet_h1": value(run, "local[h1]"), "dE_dw1": value(run, "d(w[i1->h1])"),
            "w1_new": value(run, "w[i1->h1]"), "w2_new": value(run, "w[i2->h1]"),
            "w3_new": value(run, "w[i1->h2]"), "w4_new": value(run, "w[i2->h2]"),
            "w5_new": value(run, "w[h1->o1]"), "w6_new": value(run, "w[h2->o1]"),
            "w7_new": value(run, "w[h1->o2]"), "w8_new": value(run, "w[h2->o2]"),
        },
    )  # fmt: skip


def test_mazur_after_ten_thousand_rounds() -> None:
    run = Run(frozen_biases(mazur()), TrainingSpec(0.5, epochs=10_000))
    check(
        "mazur-many-rounds-simultaneous",
        {"E_before": run.numbers(0).loss, "E_after_9999": run.numbers(9999).loss},
    )


def test_mazur_as_its_later_figures_were_made() -> None:
    run = Run(frozen_biases(mazur()), TrainingSpec(0.5, epochs=10_001), rule=RULES["early-update"])
    last = run.numbers(10_000)
    y = last.values[last.graph.operations[-2].head.id][0]
    check(
        "mazur-many-rounds-sequential",
        {
            "E_after_1": run.numbers(1).loss,
            "out_o1_after_10000": float(y[0]),
            "out_o2_after_10000": float(y[1]),
        },
    )


def of_case(
    case: str, x: list[list[float]], t: list[list[float]], cost: str = "half-squared-error"
) -> NetworkSpec:
    """The two-layer network of a case."""
    setup = CASES[case]["setup"]
    names = {"logistic": "sigmoid"}
    one, two = (names.get(a, a) for a in setup["activations"])
    b1, b2 = (None if setup[key] == "none" else setup[key] for key in ("b1", "b2"))
    return network((one, setup["W1"], b1), (two, setup["W2"], b2), x=x, t=t, cost=cost)


def test_hmkcode() -> None:
    run = Run(of_case("hmkcode-linear-2-2-1", [[2, 3]], [[1]]), TrainingSpec(0.05, epochs=2))
    one = run.length // 2
    check(
        "hmkcode-linear-2-2-1",
        {
            "h1": value(run, "y[a1]", one), "h2": value(run, "y[a2]", one),
            "prediction": value(run, "y[b1]", one), "error": value(run, "cost", one),
        },
    )  # fmt: skip
    weights = {"w1": "x1->a1", "w2": "x2->a1", "w3": "x1->a2", "w4": "x2->a2", "w5": "a1->b1", "w6": "a2->b1"}
    figures = {name: value(run, f"w[{wire}]", one) for name, wire in weights.items()}
    figures |= {"delta": value(run, "delta[b1]", one), "prediction_after": value(run, "y[b1]")}
    check("hmkcode-linear-2-2-1-update", figures)


def test_rashid() -> None:
    run = Run(of_case("rashid-3-3-3-forward", [[0.9, 0.1, 0.8]], [[0, 0, 0]]), TrainingSpec())
    figures = {}
    for k in (1, 2, 3):
        figures |= {f"x_hidden_{k}": value(run, f"e[a{k}]"), f"o_hidden_{k}": value(run, f"y[a{k}]")}
        figures |= {f"x_out_{k}": value(run, f"e[b{k}]"), f"o_out_{k}": value(run, f"y[b{k}]")}
    check("rashid-3-3-3-forward", figures)


def test_trask() -> None:
    setup = CASES["trask-xor-3-4-1-alpha-0.01"]["setup"]
    syn0, syn1 = np.array(setup["syn0_initial"]), np.array(setup["syn1_initial"])
    problem = network(
        ("sigmoid", syn0.T.tolist(), None),
        ("sigmoid", syn1.T.tolist(), None),
        x=setup["inputs"],
        t=[[t] for t in setup["targets"]],
    )
    run = Run(problem, TrainingSpec(0.01, batch=None, reduction="sum", epochs=60_000))
    figures = {}
    for batch in range(0, 60_000, 10_000):
        numbers = run.numbers(batch)
        y = numbers.values[numbers.graph.operations[-2].head.id]
        figures[f"mean_abs_error_before_update_{batch + 1}"] = float(np.mean(np.abs(y - problem.t)))
    update = run.batch(59_999).update
    assert update is not None
    w0, w1 = update.parameters[:12].reshape(4, 3), update.parameters[12:]
    figures |= {f"syn0_{i}_{j}_after_60000": float(w0[j, i]) for i in range(3) for j in range(4)}
    figures |= {f"syn1_{j}_after_60000": float(w1[j]) for j in range(4)}
    check("trask-xor-3-4-1-alpha-0.01", figures)


def test_nielsen() -> None:
    figures = {}
    for start in ("start_1", "start_2"):
        at = CASES["nielsen-neuron"]["setup"][start]
        problem = network(("sigmoid", [[at["w"]]], [at["b"]]), x=[[1]], t=[[0]])
        run = Run(problem, TrainingSpec(0.15, epochs=300))
        figures[f"{start}_initial"] = value(run, "y[a1]", run.length // 300)
        figures[f"{start}_final"] = value(run, "y[a1]")
    del figures["start_2_final"]  # not published
    check("nielsen-neuron", figures)


def test_statquest() -> None:
    s = CASES["statquest-b3"]["setup"]
    problem = network(
        ("softplus", [[s["w1"]], [s["w2"]]], [s["b1"], s["b2"]]),
        ("linear", [[s["w3"], s["w4"]]], [s["b3"]]),
        x=[[x] for x in s["inputs"]], t=[[t] for t in s["targets"]], cost="squared-error",
    )  # fmt: skip
    frozen = tuple(
        replace(layer, frozen=frozenset(parts))
        for layer, parts in zip(problem.layers, ({"weights", "bias"}, {"weights"}), strict=True)
    )
    run = Run(replace(problem, layers=frozen), TrainingSpec(0.1, batch=None, reduction="sum", epochs=30))
    epoch = run.length // 30
    check(
        "statquest-b3",
        {
            "SSR_at_0": run.numbers(0).loss,
            "slope_at_0": value(run, "d(b[b1])", epoch),
            "step_1": -value(run, "b[b1]", epoch),
            "b3_1": value(run, "b[b1]", epoch),
            "slope_1": value(run, "d(b[b1])", 2 * epoch),
            "b3_2": value(run, "b[b1]", 2 * epoch),
            "b3_final": value(run, "b[b1]"),
        },
    )


def test_ng_exercise_4() -> None:
    setup = CASES["ng-ex4-debug-lambda-0"]["setup"]
    theta1, theta2 = np.array(setup["Theta1"]), np.array(setup["Theta2"])
    problem = network(
        ("sigmoid", theta1[:, 1:].tolist(), theta1[:, 0].tolist()),
        ("sigmoid", theta2[:, 1:].tolist(), theta2[:, 0].tolist()),
        x=setup["inputs"],
        t=np.eye(3)[np.array(setup["targets_labels"]) - 1].tolist(),
        cost="binary-cross-entropy",
    )
    gradient = Run(problem, TrainingSpec(batch=None)).numbers(0).gradient
    w1, b1, w2, b2 = np.split(gradient, np.cumsum([15, 5, 15]))
    one = np.column_stack([b1, w1.reshape(5, 3)]).ravel(order="F")
    two = np.column_stack([b2, w2.reshape(3, 5)]).ravel(order="F")
    check("ng-ex4-debug-lambda-0", {f"g{k + 1}": float(g) for k, g in enumerate([*one, *two])})


def test_goodfellow_xor() -> None:
    x = [[0, 0], [0, 1], [1, 0], [1, 1]]
    numbers = Run(of_case("goodfellow-xor-relu", x, [[0], [1], [1], [0]]), TrainingSpec(batch=None)).numbers(
        0
    )
    hidden, out = (
        numbers.values[o.head.id] for o in (numbers.graph.operations[1], numbers.graph.operations[3])
    )
    figures = {f"h_{s}_{k}": float(hidden[s, k]) for s in range(4) for k in range(2)}
    check("goodfellow-xor-relu", {**figures, **{f"out_{s}": float(out[s, 0]) for s in range(4)}})


def expression(statements: list[str], inputs: dict[str, float]) -> Run:
    operations, problems = compile_statements(statements, list(inputs))
    assert not problems
    spec = ExpressionSpec(tuple(inputs), tuple(inputs.values()), tuple(operations), operations[-1].name)
    return Run(spec, TrainingSpec())


@pytest.mark.parametrize(
    ("case", "statements", "cells"),
    [
        ("cs231n-add-mul", ["q = x + y", "f = q*z"],
         {"q": "q", "f": "f", "dq": "d(q)", "dx": "d(x)", "dy": "d(y)", "dz": "d(z)"}),
        ("cs231n-mul", ["f = x*y"], {"f": "f", "dx": "d(x)", "dy": "d(y)"}),
        ("cs231n-max-circuit", ["p = x*y", "m = max(z, w)", "s = p + m", "f = 2*s"],
         {"v_xy": "p", "v_max": "m", "v_sum": "s", "v_f": "f", "g_f": "d(f)", "g_sum": "d(s)", "g_xy": "d(p)",
          "g_max": "d(m)", "g_x": "d(x)", "g_y": "d(y)", "g_z": "d(z)", "g_w": "d(w)"}),
        ("micrograd-lecture-L", ["e = a*b", "d = e + c", "L = d*f"],
         {"e": "e", "d": "d", "L": "L", "dL_da": "d(a)", "dL_db": "d(b)", "dL_dc": "d(c)", "dL_dd": "d(d)",
          "dL_de": "d(e)", "dL_df": "d(f)"}),
        ("jax-tanh", ["y = tanh(x)"], {"grad": "d(x)"}),
        ("micrograd-lecture-neuron", ["n = x1*w1 + x2*w2 + b", "o = tanh(n)"],
         {"n": "n", "o": "o", "dn": "d(n)", "dx1": "d(x1)", "dw1": "d(w1)", "dx2": "d(x2)", "dw2": "d(w2)",
          "db": "d(b)"}),
    ],
)  # fmt: skip
def test_expressions(case: str, statements: list[str], cells: dict[str, str]) -> None:
    run = expression(statements, CASES[case]["setup"]["at"])
    check(case, {name: value(run, cell) for name, cell in cells.items()})


def test_micrograd_sanity_check() -> None:
    """PyTorch gives -20 and 46."""
    run = expression(
        ["z = 2*x + 2 + x", "q = relu(z) + z*x", "h = relu(z*z)", "y = h + q + q*x"], {"x": -4.0}
    )
    assert (value(run, "y"), value(run, "d(x)")) == (-20.0, 46.0)
