"""A planted mistake is named; where nobody has made one, none is.  `figures` measures the same on thousands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bpstep.comparison.entries import entries_of
from bpstep.comparison.precision import Tolerance
from bpstep.comparison.report import compare_numbers, judged
from bpstep.comparison.table import MISTAKES
from bpstep.engine.run import Run
from bpstep.engine.specs import INPUTS, LayerSpec, NetworkSpec, TrainingSpec
from tests.comparison.figures import false_names, first_cells, plant
from tests.comparison.planting import NOT_IN_A_CHAIN, enter, plantable, random_world, slip_of

FEW = 12


@pytest.mark.parametrize(
    ("relative", "digits"),
    [(None, 0), (1e-3, 0), (1e-2, 0), (1e-3, 4)],
    ids=["double", "1e-3", "1e-2", "4 digits"],
)
def test_one_mistake_is_named_from_the_gradients_alone(relative: float | None, digits: int) -> None:
    found = plant(np.random.default_rng(7), FEW, relative=relative, digits=digits)
    assert found.named >= 0.97, found.missed


def test_two_at_once_are_named() -> None:
    found = plant(np.random.default_rng(8), 3, pairs=True)
    assert found.named >= 0.9, found.missed


def test_every_row_of_the_table_is_planted_and_named() -> None:
    """Rows are drawn until each has been seen wrong in some net, and is among those that the report names."""
    rng = np.random.default_rng(9)
    left = {row.name for row in MISTAKES} - NOT_IN_A_CHAIN
    for _ in range(400):
        if not left:
            return
        world = random_world(rng)
        sheet = world.sheet()
        one = next((h for h in plantable(sheet) if h.mistake.name in left), None)
        if one is None or not enter(
            sheet, world.numbers((slip_of(one),)), ("a", "z", "da", "dz", "dW", "db")
        ):
            continue
        report = judged(sheet)
        if not report.ok:
            assert one.title in [match.title for match in report.finding.matches], (one.title, report.mistake)
            left.discard(one.mistake.name)
        elif one.mistake.name == "relu-at-zero":
            left.discard(one.mistake.name)  # it shows only where a net input is 0 exactly
    assert not left


def test_no_mistake_is_named_where_there_is_none() -> None:
    found = false_names(np.random.default_rng(3), 22)
    assert not found["FALSE"]
    assert all(
        kind.endswith(": right") for kind in found if kind.startswith(("right", "float32", "6 digits", "4"))
    )


def test_with_every_number_the_first_wrong_one_is_the_first_that_was_computed_wrongly() -> None:
    right, seen = first_cells(np.random.default_rng(4), 15)
    assert right == seen


def test_a_skip_connection_that_is_not_summed_is_named() -> None:
    """x → h → g → o, and h → o: what comes back to h comes from g and from o."""
    rng = np.random.default_rng(6)
    x, t = rng.normal(size=(3, 2)), rng.normal(size=(3, 1))
    Wh, Wg, Wo = rng.normal(size=(3, 2)), rng.normal(size=(2, 3)), rng.normal(size=(1, 5))
    layers = (
        LayerSpec("h", ("h1", "h2", "h3"), "tanh", (INPUTS,), Wh),
        LayerSpec("g", ("g1", "g2"), "tanh", ("h",), Wg),
        LayerSpec("o", ("o1",), "linear", ("g", "h"), Wo),
    )
    run = Run(NetworkSpec(("x1", "x2"), layers, "half-squared-error", x, t), TrainingSpec(0.1, batch=None))
    h = np.tanh(x @ Wh.T)
    g = np.tanh(h @ Wg.T)
    do = (g @ Wo[:, :2].T + h @ Wo[:, 2:].T - t) / 3
    dg = (do @ Wo[:, :2]) * (1 - g * g)
    for dropped, back in (("", dg @ Wg + do @ Wo[:, 2:]), ("1", do @ Wo[:, 2:]), ("2", dg @ Wg)):
        dh = back * (1 - h * h)
        gradients = {"dW1": dh.T @ x, "dW2": dg.T @ h, "dW3": do.T @ np.hstack([g, h])}
        report = compare_numbers(run, entries_of(gradients.items()))
        assert report.ok is (dropped == "")
        assert report.mistake == (f"skip-dropped {dropped}, in layer h only" if dropped else "")


def test_what_few_and_inexact_numbers_meet_by_accident_is_not_believed() -> None:
    """One weight, wrong at random, within a hundredth: of some hundred mistakes one often fits."""
    rng = np.random.default_rng(14)
    layer = LayerSpec("o", ("o1",), "sigmoid", (INPUTS,), np.array([[0.7]]))
    problem = NetworkSpec(("x1",), (layer,), "half-squared-error", np.array([[1.3]]), np.array([[0.2]]))
    run = Run(problem, TrainingSpec(0.5))
    perhaps = 0
    for wrong in np.exp(rng.normal(size=40)):
        report = compare_numbers(run, entries_of([("dW1", [[0.2 * wrong]])]), relative=1e-2)
        assert not report.finding.matches
        perhaps += bool(report.finding.possible)
    assert perhaps > 1, "or there was nothing to disbelieve"


def test_a_number_that_is_not_finite_agrees_with_none() -> None:
    values = np.array([np.inf, -np.inf, np.nan, 1.0])
    assert Tolerance(1e-2, 1.0).agree(values, np.ones(4), 1.0).tolist() == [False, False, False, True]
    assert not Tolerance(1e-2).agree(np.array([np.inf]), np.array([np.inf]), 1.0).any()


def test_tiny_numbers_that_were_rounded_away_are_no_forgotten_seed() -> None:
    layer = LayerSpec("o", ("o1",), "sigmoid", (INPUTS,), np.array([[12.0]]))
    problem = NetworkSpec(("x1",), (layer,), "half-squared-error", np.array([[1.0]]), np.array([[0.2]]))
    run = Run(problem, TrainingSpec(0.5))
    assert compare_numbers(run, entries_of([("dW1", [[0.0]])])).finding.verdict == "none"
    large = Run(replace(problem, x=np.array([[0.1]])), TrainingSpec(0.5))
    found = compare_numbers(large, entries_of([("dW1", [[0.0]])]))
    assert "seed-forgotten" in [match.title for match in found.finding.matches]
