"""The wrong rules: each is wrong in its own way, in values only, and refused where it makes no sense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.engine.build import Problem
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.run import Run
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, Operation, OptimizerSpec, TrainingSpec
from bpstep.engine.steps import Step
from tests.helpers.array_programs import formula_trainings, formulas
from tests.helpers.problems import mazur, network, networks, trainings

FOR_EXPRESSIONS = {"correct", "overwrite", "no-derivative"}


def article(activation: str = "sigmoid") -> NetworkSpec:
    """The 2-3-2-1 network of Bernacki and Włodarczyk: neurons a1 a2 a3 (1 2 3), b1 b2 (4 5), c1 (6)."""
    w1 = [[0.5, -0.3], [0.8, 0.2], [-0.4, 0.9]]
    w2 = [[0.3, -0.6, 0.7], [0.9, 0.4, -0.2]]
    w3 = [[0.6, -0.8]]
    layers = (activation, w1, None), (activation, w2, None), (activation, w3, None)
    return network(*layers, x=[[1.0, 0.5]], t=[[1.0]])


def finals(problem: Problem, rule: str, training: TrainingSpec | None = None) -> dict[str, float]:
    """What stands in every cell at the end of a run under a rule."""
    run = Run(problem, training or TrainingSpec(0.5), rule=RULES[rule])
    return {str(step.cell): step.value for step in run.steps()}


def steps_of(problem: Problem, rule: str, cell: str, training: TrainingSpec | None = None) -> list[Step]:
    """The steps that write a cell under a rule."""
    run = Run(problem, training or TrainingSpec(0.5), rule=RULES[rule])
    return [step for step in run.steps() if str(step.cell) == cell]


# --- what all rules share ----------------------------------------------------------------------------


def same_order(problem: Problem, training: TrainingSpec, name: str) -> None:
    if RULES[name].refuses(problem, training):
        return
    right, wrong = Run(problem, training), Run(problem, training, rule=RULES[name])
    assert [(s.op, s.cell, s.part, s.when) for s in right.steps()] == [
        (s.op, s.cell, s.part, s.when) for s in wrong.steps()
    ]


#: What only a program over arrays, or a loop, can get wrong.
FOR_PROGRAMS = ("truncated", "constant-statistics", "softmax-diagonal", "max-to-all", "transpose-forgotten")


@given(networks(), trainings(), st.sampled_from(sorted(RULES)))
@settings(max_examples=80)
def test_a_rule_changes_no_order(problem: NetworkSpec, training: TrainingSpec, name: str) -> None:
    same_order(problem, training, name)


@given(formulas(), formula_trainings(), st.sampled_from(sorted(RULES)))
@settings(max_examples=40)
def test_a_rule_changes_no_order_of_an_expression(
    problem: ExpressionSpec, training: TrainingSpec, name: str
) -> None:
    same_order(problem, training, name)


@pytest.mark.parametrize("name", sorted(set(RULES) - {"correct", *FOR_PROGRAMS}))
def test_a_wrong_rule_changes_values_and_no_forward_step(name: str) -> None:
    run = Run(mazur(), TrainingSpec(0.5))
    if name == "logistic-everywhere":
        layers = tuple(replace(layer, activation="tanh") for layer in mazur().layers)
        run = Run(replace(mazur(), layers=layers), TrainingSpec(0.5))
    wrong = Run(run.setup.problem, run.setup.training, rule=RULES[name])
    pairs = [(a.value, b.value) for a, b in zip(run.steps(), wrong.steps(), strict=True)]
    assert pairs[:19] == [(a, a) for a, _ in pairs[:19]]
    assert any(a != b for a, b in pairs[19:])


def test_every_rule_says_what_it_does() -> None:
    assert next(iter(RULES)) == "correct"
    assert set(RULES) >= {
        "article", "no-derivative", "output-derivative-missing", "derivative-of-output", "logistic-everywhere",
        "overwrite", "swapped-sign", "early-update", "wrong-weights", "bias-forgotten", *FOR_PROGRAMS,
    }  # fmt: skip
    assert len({rule.says for rule in RULES.values()}) == len(RULES)
    assert Run(mazur(), TrainingSpec()).setup.rule is CORRECT


# --- the article's rule ------------------------------------------------------------------------------


def gradient_ratios(problem: NetworkSpec) -> dict[str, float]:
    """The article's gradient over the right one, of every weight."""
    right, wrong = finals(problem, "correct"), finals(problem, "article")
    return {cell: wrong[cell] / right[cell] for cell in right if cell.startswith("d(w[")}


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_article_is_right_at_the_output_and_wrong_before(activation: str) -> None:
    right = finals(article(activation), "correct")
    ratios = gradient_ratios(article(activation))
    assert ratios["d(w[b1->c1])"] == ratios["d(w[b2->c1])"] == 1.0
    slope = right["d(y[c1], e[c1])"]
    for wire in ("a1->b1", "a2->b1", "a3->b1", "a1->b2", "a2->b2", "a3->b2"):
        assert ratios[f"d(w[{wire}])"] == pytest.approx(1.0 / slope, rel=1e-14)
    first = [ratios[f"d(w[x1->a{k}])"] for k in (1, 2, 3)]
    for k in (1, 2, 3):
        assert ratios[f"d(w[x2->a{k}])"] == pytest.approx(first[k - 1], rel=1e-14)
    assert (
        min(abs(p - q) for p, q in ((first[0], first[1]), (first[0], first[2]), (first[1], first[2]))) > 0.01
    )
    if activation == "sigmoid":
        assert min(abs(ratio) for ratio in ratios.values()) >= 1.0
        assert 1.0 / slope >= 4.0


def test_the_article_is_right_on_linear_neurons_to_the_last_bit() -> None:
    assert finals(article("linear"), "correct") == finals(article("linear"), "article")


def test_the_article_passes_back_the_derivative_by_the_output() -> None:
    """d1 = w14 d4 + w15 d5."""
    (one, two) = steps_of(article(), "article", "d(y[a1])")
    assert one.formula == "d(y[a1]) += d(y[b1]) * w[a1->b1]"
    assert two.formula == "d(y[a1]) += d(y[b2]) * w[a1->b2]"


# --- the others --------------------------------------------------------------------------------------


def test_no_derivative() -> None:
    cells = finals(article(), "no-derivative")
    for n in ("a1", "b2", "c1"):
        assert cells[f"d(y[{n}], e[{n}])"] == 1.0
        assert cells[f"d(e[{n}])"] == cells[f"d(y[{n}])"]


def test_no_derivative_of_softmax_is_the_identity() -> None:
    problem = network(("softmax", [[1.0], [2.0]], None), x=[[1.0]], t=[[0.0, 1.0]], cost="squared-error")
    cells = finals(problem, "no-derivative")
    locals_ = [cells[f"d(y[a{k}], e[a{j}])"] for k in (1, 2) for j in (1, 2)]
    assert locals_ == [1.0, 0.0, 0.0, 1.0]
    assert cells["d(e[a1])"] == cells["d(y[a1])"]


def test_output_derivative_missing() -> None:
    right, cells = finals(article(), "correct"), finals(article(), "output-derivative-missing")
    assert cells["d(y[c1], e[c1])"] == 1.0
    for n in ("a1", "a2", "a3", "b1", "b2"):
        assert cells[f"d(y[{n}], e[{n}])"] == right[f"d(y[{n}], e[{n}])"]


def test_derivative_of_output() -> None:
    cells = finals(article(), "derivative-of-output")
    for n in ("a1", "b2", "c1"):
        again = 1.0 / (1.0 + np.exp(-cells[f"y[{n}]"]))
        assert cells[f"d(y[{n}], e[{n}])"] == pytest.approx(again * (1.0 - again), rel=1e-15)


@pytest.mark.parametrize("activation", ["tanh", "relu", "linear", "sigmoid"])
def test_logistic_everywhere(activation: str) -> None:
    right, cells = finals(article(activation), "correct"), finals(article(activation), "logistic-everywhere")
    for n in ("a1", "b2", "c1"):
        assert cells[f"d(y[{n}], e[{n}])"] == cells[f"y[{n}]"] * (1.0 - cells[f"y[{n}]"])
    assert (cells == right) == (activation == "sigmoid")


def test_overwrite() -> None:
    """Within a sample, over the samples of a batch, and by l2: the last contribution is all there is."""
    problem = network(
        ("sigmoid", [[0.5], [0.2]], None), ("sigmoid", [[0.4, 0.6]], [0.1]), x=[[1], [2]], t=[[0], [1]]
    )
    training = TrainingSpec(0.1, batch=2, l2=0.01)
    for cell in ("d(y[a1])", "d(w[x1->a1])", "d(w[a2->b1])", "d(b[b1])"):
        for step in steps_of(problem, "overwrite", cell, training):
            assert step.value == step.product
            assert step.sign == "="
    (_, _, decay) = steps_of(problem, "overwrite", "d(w[x1->a1])", training)
    assert decay.value == 0.01 * 0.5
    one, two = (step for step in steps_of(problem, "overwrite", "d(b[b1])", training))
    assert (two.was, two.part) == (one.value, (2, 2))


def test_overwrite_in_an_expression() -> None:
    """y = x·x: the operand that comes last wins, and the derivative is half of what it should be."""
    square = ExpressionSpec(("x",), (3.0,), (Operation("y", "mul", ("x", "x")),), "y")
    assert finals(square, "correct")["d(x)"] == 6.0
    assert finals(square, "overwrite")["d(x)"] == 3.0


def test_swapped_sign() -> None:
    """Every derivative has the other sign, and the update still subtracts: it climbs."""
    right, wrong = (
        Run(article(), TrainingSpec(0.5), rule=RULES[name]) for name in ("correct", "swapped-sign")
    )
    for a, b in zip(right.steps(), wrong.steps(), strict=True):
        if a.op == "contribute":
            assert b.value == -a.value
        if a.op == "update":
            assert a.was == b.was
            assert b.value - b.was == pytest.approx(a.was - a.value, rel=1e-12)
    costs = [
        Run(article(), TrainingSpec(0.5, epochs=2), rule=RULES["swapped-sign"]).numbers(k).loss
        for k in (0, 1)
    ]
    assert costs[1] > costs[0]


def test_early_update() -> None:
    """A delta goes back through w - lr d(w), which is the very number that the update writes later."""
    for step in steps_of(mazur(), "early-update", "d(y[h1])") + steps_of(mazur(), "early-update", "d(y[h2])"):
        assert step.local is not None
        assert step.upstream is not None
        wire = f"w[{step.local.cell.by.of}->{step.local.cell.of.of}]"  # type: ignore[union-attr]
        (updated,) = steps_of(mazur(), "early-update", wire)
        assert step.local.value == updated.value
        assert step.product == step.upstream.value * updated.value
    right, wrong = finals(mazur(), "correct"), finals(mazur(), "early-update")
    assert wrong["w[h1->o1]"] == right["w[h1->o1]"]
    assert wrong["w[i1->h1]"] != right["w[i1->h1]"]


def test_early_update_leaves_frozen_weights() -> None:
    problem = mazur()
    frozen = replace(
        problem, layers=(problem.layers[0], replace(problem.layers[1], frozen=frozenset({"weights"})))
    )
    assert finals(frozen, "early-update") == finals(frozen, "correct")


def test_wrong_weights() -> None:
    """h1 hears from o2 over the wire of h2 to o1."""
    (_, two) = steps_of(mazur(), "wrong-weights", "d(y[h1])")
    assert two.local is not None
    assert str(two.local.cell) == "d(e[o2], y[h1])"
    assert two.local.value == 0.45
    right, wrong = finals(mazur(), "correct"), finals(mazur(), "wrong-weights")
    assert wrong["w[h1->o1]"] == right["w[h1->o1]"]


def test_bias_forgotten() -> None:
    right, wrong = finals(mazur(), "correct"), finals(mazur(), "bias-forgotten")
    for cell in right:
        if cell.startswith("d(b["):
            assert wrong[cell] == 0.0
        elif cell.startswith("b["):
            assert wrong[cell] == {"h": 0.35, "o": 0.6}[cell[2]]
        else:
            assert wrong[cell] == right[cell]


# --- refusals ----------------------------------------------------------------------------------------

SOFTMAX = network(("softmax", [[1.0], [2.0]], None), x=[[1.0]], t=[[0.0, 1.0]])
NARROW = network(
    ("sigmoid", [[1.0], [2.0], [3.0]], None), ("sigmoid", [[1.0, 2.0, 3.0]], None), x=[[1]], t=[[1]]
)
TWO = replace(mazur(), x=np.array([[0.0, 1.0], [1.0, 0.0]]), t=np.array([[0.0, 1.0], [1.0, 0.0]]))


@pytest.mark.parametrize(
    ("rule", "problem", "training", "reason"),
    [
        ("derivative-of-output", SOFTMAX, TrainingSpec(0.5), "softmax"),
        ("early-update", mazur(), TrainingSpec(), "learning rate"),
        ("early-update", TWO, TrainingSpec(0.5, batch=2), "one sample"),
        ("early-update", TWO, TrainingSpec(0.5, batch=None), "one sample"),
        ("early-update", mazur(), TrainingSpec(0.5, optimizer=OptimizerSpec("adam")), "plain gradient descent"),
        ("wrong-weights", NARROW, TrainingSpec(0.5), "as many neurons as sources"),
        ("bias-forgotten", article(), TrainingSpec(0.5), "no biases"),
    ],
)  # fmt: skip
def test_a_rule_that_does_not_apply_says_why(
    rule: str, problem: Problem, training: TrainingSpec, reason: str
) -> None:
    assert reason in RULES[rule].refuses(problem, training)


@pytest.mark.parametrize("name", [name for name in RULES if name not in FOR_PROGRAMS])
def test_which_rules_apply(name: str) -> None:
    expression = ExpressionSpec(("x",), (3.0,), (Operation("y", "exp", ("x",)),), "y", parameters=("x",))
    assert bool(RULES[name].refuses(expression, TrainingSpec(0.5))) == (name not in FOR_EXPRESSIONS)
    assert RULES[name].refuses(mazur(), TrainingSpec(0.5)) == ""
    assert RULES[name].refuses(TWO, TrainingSpec(0.5, batch=1)) == ""
