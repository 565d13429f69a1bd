"""Tables as they lie about: semicolons and decimal commas, a column of classes, inputs made alike; older bpsteps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bpstep.engine.specs import NetworkSpec
from bpstep.reach import Reach
from bpstep.scenario.loader import ScenarioError, loads
from bpstep.scenario.problems import nearest
from bpstep.scenario.requirements import REQUIREMENT, unmet, version_here

NET = """format = 1
title = "Flowers"
{head}
[network]
inputs = ["long", "wide"]
cost = "cross-entropy"
[[network.layer]]
neurons = {outputs}
activation = "softmax"
init = {{ scheme = "uniform", seed = 1 }}
"""

TABLE = [[5.1, 1.4, "setosa"], [4.9, 1.25, "setosa"], [7.0, 4.7, "versicolor"], [6.3, 6.0, "virginica"]]
ALL = '["setosa", "versicolor", "virginica"]'


def written(separator: str, point: str) -> str:
    rows = [
        [str(cell).replace(".", point) if isinstance(cell, float) else str(cell) for cell in row]
        for row in TABLE
    ]
    lines = [["long", "wide", "species"], *rows]
    return "".join(separator.join(line) + "\n" for line in lines)


def problem(folder: Path, samples: str, outputs: str = ALL, csv: str = "") -> NetworkSpec:
    (folder / "iris.csv").write_text(csv or written(",", "."), "utf-8")
    text = NET.format(head=f"samples = {samples}", outputs=outputs)
    found = loads(text, "f.toml", reach=Reach(folder)).problem
    assert isinstance(found, NetworkSpec)
    return found


def refused(folder: Path, samples: str, outputs: str = ALL, csv: str = "") -> list[str]:
    with pytest.raises(ScenarioError) as error:
        problem(folder, samples, outputs, csv)
    return str(error.value).split("\n")


LABELLED = '{ file = "iris.csv", label = "species" }'


@pytest.mark.parametrize(("separator", "point"), [(",", "."), (";", "."), (";", ","), ("\t", ",")])
def test_a_table_is_the_same_however_its_fields_are_parted(
    separator: str, point: str, tmp_path: Path
) -> None:
    found = problem(tmp_path, LABELLED, csv=written(separator, point))
    assert found.x.tolist() == [row[:2] for row in TABLE]
    assert found.t.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize(("separator", "point"), [(";", ","), (";", "."), ("\t", ",")])
@pytest.mark.parametrize("plain", [True, False])
def test_numbers_alone_are_read_the_same_at_once_and_line_by_line(
    separator: str, point: str, plain: bool, tmp_path: Path
) -> None:
    rows = [["long", "wide", "o"], ["1.5", "2.25", "0"], ["-3e-2", ".5", "1" if plain else '"1"']]
    csv = "".join(separator.join(row).replace(".", point) + "\n" for row in rows)
    (tmp_path / "d.csv").write_text(csv, "utf-8")
    text = NET.format(head='samples = "d.csv"', outputs='["o"]').replace("softmax", "sigmoid")
    found = loads(text.replace("cross-entropy", "squared-error"), "f.toml", reach=Reach(tmp_path)).problem
    assert isinstance(found, NetworkSpec)
    assert found.x.tolist() == [[1.5, 2.25], [-0.03, 0.5]]
    assert found.t.tolist() == [[0], [1]]


def test_classes_go_to_the_outputs_of_their_names_or_in_order(tmp_path: Path) -> None:
    turned = problem(tmp_path, LABELLED, '["virginica", "setosa", "versicolor"]')
    assert turned.t.argmax(axis=1).tolist() == [1, 1, 2, 0]
    assert problem(tmp_path, LABELLED, "3").t.argmax(axis=1).tolist() == [0, 0, 1, 2]
    numbered = (
        written(",", ".").replace("setosa", "10").replace("versicolor", "9").replace("virginica", "100")
    )
    assert problem(tmp_path, LABELLED, "3", numbered).t.argmax(axis=1).tolist() == [1, 1, 0, 2]


def test_two_classes_need_one_output(tmp_path: Path) -> None:
    two = written(",", ".").replace("virginica", "versicolor")
    assert problem(tmp_path, LABELLED, "1", two).t.tolist() == [[0], [0], [1], [1]]
    assert problem(tmp_path, LABELLED, '["setosa"]', two).t.tolist() == [[1], [1], [0], [0]]


def test_standardized_inputs_have_the_mean_0_and_the_deviation_1(tmp_path: Path) -> None:
    samples = '{ file = "iris.csv", label = "species", standardize = true }'
    x = problem(tmp_path, samples).x
    assert np.allclose(x.mean(axis=0), 0.0)
    assert np.allclose(x.std(axis=0), 1.0)
    same = written(",", ".").replace("1.4", "6.0").replace("1.25", "6.0").replace("4.7", "6.0")
    assert problem(tmp_path, samples, csv=same).x[:, 1].tolist() == [0.0] * 4


def test_other_columns_are_passed_over_where_there_is_a_label(tmp_path: Path) -> None:
    csv = "".join(f"{line},{k}\n" for k, line in enumerate(written(",", ".").splitlines()))
    assert problem(tmp_path, LABELLED, csv=csv).x.tolist() == [row[:2] for row in TABLE]


@pytest.mark.parametrize(
    ("samples", "outputs", "change", "says"),
    [
        ('{ file = "iris.csv", label = "specie" }', ALL, ("", ""), 'and the label; did you mean "species"?'),
        (LABELLED, "2", ("", ""), 'f.toml:3:32: samples.label: the column "species" has 3 classes (setosa, versicolor'),
        (LABELLED, "2", ("", ""), "virginica); expected 2, one per output"),
        (LABELLED, "1", ("", ""), "expected 2, for one output"),
        (LABELLED, ALL, ("5.1", "5,1"), "iris.csv:2:1: 4 fields; expected 3"),
        (LABELLED, ALL, ("5.1", "x"), 'iris.csv:2:1: found "x"; expected a finite number'),
        (LABELLED, ALL, ("virginica", ""), "iris.csv:5:9: an empty field; expected the name of a class"),
        (LABELLED, ALL, ("wide", "long"), '"long" stands twice'),
        ('{ label = "species" }', ALL, ("", ""), "samples.file: is missing"),
        ('{ path = "iris.csv" }', ALL, ("", ""), 'did you mean "file"?'),
        ('{ file = "iris.csv", standardize = 1 }', ALL, ("", ""), "expected true or false"),
        ('{ file = "none.csv" }', ALL, ("", ""), "can not read the file"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_has_its_place(
    samples: str, outputs: str, change: tuple[str, str], says: str, tmp_path: Path
) -> None:
    found = refused(tmp_path, samples, outputs, written(",", ".").replace(*change) if change[0] else "")
    assert any(says in line for line in found), found
    assert not any("None" in line for line in found)


# --- other names, other versions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ('"cross-entropy"', '"mse"', "mean-squared-error"),
        ('"cross-entropy"', '"BCE"', "binary-cross-entropy"),
        ('"softmax"', '"ReLU"', "relu"),
        ('"softmax"', '"LeakyReLU"', "leaky-relu"),
        ('"uniform"', '"he"', "he-normal"),
        ('"uniform"', '"glorot_uniform"', "xavier-uniform"),
        ("neurons", "units", "neurons"),
        ("cost", "loss", "cost"),
        ("[network]", "[training]\nlr = 0.5\n[network]", "learning_rate"),
        ("[network]", '[training]\noptimizer = "Adam"\n[network]', "adam"),
    ],
)
def test_who_tries_a_name_of_other_programs_is_told_the_right_one(
    old: str, new: str, meant: str, tmp_path: Path
) -> None:
    text = NET.format(head=f"samples = {LABELLED}", outputs=ALL)
    (tmp_path / "iris.csv").write_text(written(",", "."), "utf-8")
    with pytest.raises(ScenarioError) as error:
        loads(text.replace(old, new, 1), "f.toml", reach=Reach(tmp_path))
    assert f'did you mean "{meant}"?' in str(error.value)


def test_no_name_elsewhere_stands_for_nothing_here() -> None:
    """Every name that is answered with is one that some file or command may hold."""
    from bpstep.engine.activations import ACTIVATIONS
    from bpstep.engine.costs import COSTS
    from bpstep.engine.optimizers import OPTIMIZERS
    from bpstep.scenario.elsewhere import ELSEWHERE
    from bpstep.scenario.schema import json_schema
    from bpstep.scenario.schemes import SCHEMES

    text = str(json_schema())
    known = {*ACTIVATIONS, *COSTS, *OPTIMIZERS, *SCHEMES}
    for tried, meant in ELSEWHERE.items():
        assert tried == tried.lower().replace("-", "").replace("_", "")
        for name in meant:
            assert name in known or f"'{name}'" in text, name
            assert nearest(tried, [name, "zzz"]) == name


def test_a_file_for_another_bpstep_is_refused_with_that_alone() -> None:
    text = NET.format(head='requires = ">=99"\nfuture = 1', outputs="3")
    with pytest.raises(ScenarioError) as error:
        loads(text, "f.toml")
    assert str(error.value) == (
        f"f.toml:3:1: requires: the file needs bpstep >=99, and this is {version_here()}; "
        "expected another version of it"
    )


@pytest.mark.parametrize(
    ("requirement", "version", "is_unmet"),
    [
        (">=0.2", "0.2.0", False), (">=0.2", "0.1.9", True), ("==0.2", "0.2.0", False), ("<0.3,>=0.2", "0.3", True),
        ("!=0.2", "0.2", True), (">0.9", "0.10", False), (">=0.2", "0.2.0rc1", False), ("<=1", "1.0.0.0", False),
        ("0.2", "0.1", False), ("", "0.1", False),
    ],
)  # fmt: skip
def test_versions_are_compared_by_their_numbers(requirement: str, version: str, is_unmet: bool) -> None:
    assert unmet(requirement, version) is is_unmet
    assert REQUIREMENT
