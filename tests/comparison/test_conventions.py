"""Right numbers pass however a course arranges them, and a mistake has the same name in every arrangement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bpstep
from bpstep.cli import main
from bpstep.comparison.entries import entries_of
from bpstep.comparison.report import Report, compare_numbers
from bpstep.comparison.stubs import stub
from bpstep.engine.run import Run
from bpstep.scenario.loader import load
from tests.comparison.oracle import Slip
from tests.comparison.planting import World, plantable, random_world, slip_of

Numbers = dict[str, Any]


def held(world: World, numbers: Mapping[str, Any]) -> Report:
    return compare_numbers(world.run, entries_of(numbers.items()), batch=world.batch)


def layers(world: World) -> range:
    return range(1, len(world.net.W) + 1)


def gradients(n: Numbers) -> Numbers:
    return {name: array for name, array in n.items() if name[:2] in ("dW", "db")}


def own_costs(world: World, n: Numbers) -> Numbers:
    """As in Ng's course: dZ and dA of each sample's own cost, the mean over the samples in dW and db."""
    m = len(world.X) if world.net.mean else 1
    return {name: array * m if name[:2] in ("dz", "da") else array for name, array in n.items()}


def in_columns(world: World, n: Numbers) -> Numbers:
    """A column a sample, biases as columns."""
    kinds = ("a", "z", "da", "dz")
    turned = {name: array.T for name, array in n.items() if name.rstrip("0123456789") in kinds}
    upright = {name: array[:, np.newaxis] for name, array in n.items() if name.startswith("db")}
    return {**n, **turned, **upright, "W1": world.net.W[0]}


def in_out(world: World, n: Numbers) -> Numbers:
    """Weights with a row a source, as in x @ W."""
    weights = {f"W{k}": W.T for k, W in enumerate(world.net.W, 1)}
    return {**weights, **{name: array.T for name, array in gradients(n).items() if name.startswith("dW")}}


def last_column(world: World, n: Numbers) -> Numbers:
    return {f"dW{k}": np.column_stack([n[f"dW{k}"], n[f"db{k}"]]) for k in layers(world) if f"db{k}" in n}


def first_column(world: World, n: Numbers) -> Numbers:
    return {
        f"Theta{k}_grad": np.column_stack([n[f"db{k}"], n[f"dW{k}"]]) for k in layers(world) if f"db{k}" in n
    }


def last_row(world: World, n: Numbers) -> Numbers:
    return {name: array.T for name, array in last_column(world, n).items()}


def a_list(world: World, n: Numbers) -> Numbers:
    return {"nabla_w": [n[f"dW{k}"] for k in layers(world)]}


def plain_lists(world: World, n: Numbers) -> Numbers:
    return {"dW": [n[f"dW{k}"].tolist() for k in layers(world)]}


def a_dictionary(world: World, n: Numbers) -> Numbers:
    return {"grads": {name[1:]: array for name, array in gradients(n).items()}}


def every_sample(world: World, n: Numbers) -> Numbers:
    """A gradient a sample, of its own cost, a row of it a source."""
    m = len(world.X) if world.net.mean else 1
    outputs = {1: world.X, **{k + 1: n[f"a{k}"] for k in layers(world)}}
    weights = {f"W{k}": W.T for k, W in enumerate(world.net.W, 1)}
    return weights | {f"dW{k}": np.einsum("ni,nj->nji", n[f"dz{k}"] * m, outputs[k]) for k in layers(world)}


def some_rounded(world: World, n: Numbers) -> Numbers:
    """Weights' gradients from a program, those of biases as they were printed."""
    printed = np.vectorize(lambda x: float(f"{x:.4g}"), otypes=[float])
    return {name: printed(array) if name.startswith("db") else array for name, array in gradients(n).items()}


WAYS: list[Callable[[World, Numbers], Numbers]] = [
    own_costs, in_columns, in_out, last_column, first_column, last_row, a_list, plain_lists, a_dictionary, every_sample,
    some_rounded,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_right_numbers_pass_in_every_arrangement(way: Callable[[World, Numbers], Numbers]) -> None:
    rng = np.random.default_rng(21)
    seen = 0
    while seen < 8:
        world = random_world(rng)
        if way is every_sample and world.net.l2:
            continue  # what a sample gives has no part in the l2 term
        n = world.numbers()
        numbers = way(world, n)
        if (len(world.net.W) == 1 and way in (a_list, plain_lists)) or not numbers:
            continue
        if not all(np.isfinite(array).all() for array in n.values()):
            continue
        report = held(world, numbers)
        assert report.ok, (report.taken, report.unread)
        assert not report.unread
        seen += 1


def test_a_mistake_has_its_name_where_each_sample_has_its_own_cost() -> None:
    """The factor m itself is left out: there the two conventions are two names for the same numbers."""
    rng = np.random.default_rng(22)
    seen = 0
    while seen < 15:
        world = random_world(rng)
        if len(world.X) == 1 or not world.net.mean or world.earlier:
            continue
        every = [one for one in plantable(world.sheet()) if "factor" not in one.mistake.name]
        one = every[rng.integers(len(every))]
        n = {name: array for name, array in world.numbers((slip_of(one),)).items() if name[0] == "d"}
        if not all(np.isfinite(array).all() for array in n.values()):
            continue
        plain, own = held(world, n), held(world, own_costs(world, n))
        if plain.ok or all(not array.any() for array in n.values()):
            continue
        assert one.title in [match.title for match in own.finding.matches], (one.title, own.mistake)
        assert any("its own cost" in text for text in own.taken)
        seen += 1


def test_a_gradient_that_lies_the_other_way_round_than_its_weights_is_wrong() -> None:
    """Of square weights the shape says nothing: the weights themselves do, or another layer's."""
    run = bpstep.load("mazur-2-2-2")
    weights = {"W1": [[0.15, 0.2], [0.25, 0.3]], "W2": [[0.4, 0.45], [0.5, 0.55]]}
    turned = {f"dW{k}": run.grad[name].weights.T for k, name in enumerate(("hidden", "output"), 1)}
    assert bpstep.compare(run, weights | turned).mistake == "gradient-transposed, in all layers"
    across = {name: np.transpose(array) for name, array in weights.items()}
    assert bpstep.compare(run, across | turned).ok
    xor = bpstep.load("xor")
    mixed = {"dW1": xor.grad["hidden"].weights.T, "dW2": xor.grad["output"].weights}
    report = bpstep.compare(xor, mixed)
    assert report.mistake == "gradient-transposed, in layer hidden only"
    assert bpstep.compare(xor, {name: array.T for name, array in mixed.items()}).mistake == report.mistake


def test_a_skeleton_says_how_its_weights_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So an outer product that was taken the wrong way round does not pass in a square layer."""
    monkeypatch.chdir(tmp_path)
    text = stub(Run(load("mazur-2-2-2").problem, load("mazur-2-2-2").training), "mazur-2-2-2", "numpy")
    delta = "dz2 = (a2 - T) * a2 * (1 - a2)"
    for product, code in (("dz2.T @ a1", 0), ("a1.T @ dz2", 1)):
        own = text.replace("dz2 = None", delta).replace("dW2 = None", f"dW2 = {product}")
        exec(compile(own, "mine.py", "exec"), {})
        assert main(["compare", "mazur-2-2-2", "mine.json"]) == code


def test_one_cost_for_a_batch_is_its_loss() -> None:
    run = bpstep.load("xor")
    assert bpstep.compare(run, {"cost": run["loss"]}).ok
    report = bpstep.compare(run, {"cost": 2 * run["loss"]})
    assert [number.name for number in report.first] == ["loss"]


def test_a_program_over_arrays_may_have_its_samples_otherwise(tmp_path: Path) -> None:
    """Samples along the last axis, and derivatives of each sample's own cost."""
    X, T = np.array([[1, 2, -1], [0.5, -1, 2], [-1, 0.3, 0.2]]), np.array([[0.5, 0], [1, -0.5], [0, 1.0]])
    W = np.array([[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]])
    tables = [
        f"[[sample]]\n[sample.values]\nx = {x}\nt = {t}" for x, t in zip(X.tolist(), T.tolist(), strict=True)
    ]
    text = f"""format = 1
title = "three samples"
[expression]
define = ["h = tanh(W @ x)", "E = half_squared_error(h, t)"]
parameters = ["W"]
[expression.inputs]
W = {W.tolist()}
{chr(10).join(tables)}
[training]
learning_rate = 0.1
batch = "full"
"""
    (tmp_path / "three.toml").write_text(text, "utf-8")
    run = bpstep.load(str(tmp_path / "three.toml"))
    h = np.tanh(X @ W.T)
    dW = ((h - T) * (1 - h * h)).T @ X / 3
    for numbers in ({"h": h, "d_h": (h - T) / 3}, {"h": h.T, "d_h": h - T}, {"h": h, "d_h": (h - T).T}):
        assert bpstep.compare(run, {**numbers, "dW": dW}).ok
    summed = bpstep.compare(run, {"d_h": h - T, "dW": 3 * dW})
    assert "cost-factor" in summed.mistake


def test_a_slip_is_not_taken_for_a_convention() -> None:
    """Where the gradients are too large as well, nobody averaged: that is the mistake."""
    rng = np.random.default_rng(23)
    seen = 0
    while seen < 10:
        world = random_world(rng)
        if len(world.X) == 1 or not world.net.mean or world.earlier or world.net.l2:
            continue
        n = world.numbers((Slip("cost-factor", None, float(len(world.X))),))
        report = held(world, {name: array for name, array in n.items() if name[0] == "d"})
        assert "cost-factor" in report.mistake, report.mistake
        seen += 1
