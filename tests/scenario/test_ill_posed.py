"""What is hardly meant is warned of, with place and remedy, wherever a scenario is loaded; what is meant is not."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.console import Console
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.costs import COSTS
from bpstep.reach import Reach
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.ill_posed import doubts
from bpstep.scenario.loader import load, loads
from bpstep.scenario.template import TEMPLATE
from tests.helpers.mangle import EVERY_EXPRESSION_KEY, EVERY_NETWORK_KEY, EVERY_PROGRAM_KEY

NET = """\
format = 1
title = "A net"
[network]
inputs = 2
cost = "COST"
[[network.layer]]
neurons = 2
activation = "ACTIVATION"
init = { scheme = "uniform", seed = 1 }
[[sample]]
input = [1, 2]
target = [1, 0]
[[sample]]
input = [2, 1]
target = [0, 1]
[training]
learning_rate = 0.5
"""


def net(cost: str = "half-squared-error", activation: str = "sigmoid") -> str:
    return NET.replace("COST", cost).replace("ACTIVATION", activation)


def warnings(text: str, folder: Path = Path()) -> list[str]:
    return [str(warning) for warning in loads(text, "f.toml", reach=Reach(folder)).warnings]


@pytest.mark.parametrize("name", builtin_names())
def test_nothing_that_is_shipped_is_ill_posed(name: str) -> None:
    assert load(name).warnings == ()


def test_nor_what_the_manual_says() -> None:
    for text in (TEMPLATE, EVERY_NETWORK_KEY, EVERY_EXPRESSION_KEY, EVERY_PROGRAM_KEY):
        assert warnings(text) == []


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_cost_and_outputs_that_do_not_go_together(cost: str, activation: str) -> None:
    """Logarithms want outputs from 0 to 1; a cost that sees one target alone wants outputs that share what there is."""
    binary = ("sigmoid", "softmax")
    fits = {
        "binary-cross-entropy": binary,
        "mean-binary-cross-entropy": binary,
        "cross-entropy": ("softmax",),
    }
    found = warnings(net(cost, activation))
    if activation in fits.get(cost, ACTIVATIONS):
        assert found == []
    else:
        assert len(found) == 1
        assert found[0].startswith(f"f.toml:5:1: network.cost: {cost} ")
        assert f"; expected {COSTS[cost].goes_with} outputs" in found[0]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        (
            net("cross-entropy").replace("target = [1, 0]", "target = [1, 1]"),
            "f.toml:5:1: network.cost: cross-entropy does not see an output whose target is 0",
            'or the cost "binary-cross-entropy" (which Nielsen calls cross-entropy)',
        ),
        (
            net("cross-entropy", "softmax").replace("target = [0, 1]", "target = [1, 1]"),
            "f.toml:15:1: sample[1].target: the targets of sample 2 sum to 2, and softmax outputs to 1",
            "expected targets that sum to 1",
        ),
        (
            net("half-squared-error", "softmax").replace("[1, 0]", "[0, 0]").replace("[0, 1]", "[0, 0]"),
            "f.toml:12:1: sample[0].target: the targets of sample 1 sum to 0",
            "(the same holds of 1 more sample); expected targets that sum to 1",
        ),
        (
            net("half-squared-error", "sigmoid").replace("[0, 1]", "[0, 3]"),
            "f.toml:15:1: sample[1].target: sigmoid outputs lie between 0 and 1: the target 3 of sample 2",
            "expected targets between 0 and 1, or linear outputs",
        ),
        (
            net("absolute-error", "relu").replace("[0, 1]", "[-0.5, 1]"),
            "f.toml:15:1: sample[1].target: relu outputs lie above 0: the target -0.5 of sample 2",
            "expected targets above 0, or linear outputs",
        ),
        (
            net("cross-entropy", "softmax").replace("[0, 1]", "[-1, 2]"),
            "f.toml:15:1: sample[1].target: a target of sample 2 is below 0, so that cross-entropy falls without end",
            "expected targets from 0 to 1",
        ),
        (
            net(activation="softmax").replace("ns = 2", "ns = 1").replace(", 0]", "]").replace("[0, 1]", "[1]"),
            "f.toml:8:1: network.layer[0].activation: softmax of one neuron is always 1",
            'expected "sigmoid", or more neurons',
        ),
        (
            net().replace("0.5\n", "-0.5\n"),
            "f.toml:17:1: training.learning_rate: with -0.5 every update goes uphill",
            "expected a number above 0",
        ),
        (
            net() + 'optimizer = { name = "adam", beta2 = 1 }\n',
            "f.toml:18:30: training.optimizer.beta2: with 1 what is past never fades",
            "expected a number from 0 to below 1",
        ),
        (
            EVERY_EXPRESSION_KEY.replace('parameters = ["x"]\n', ""),
            "f.toml:13:1: training.learning_rate: there is nothing to update",
            "the names of the inputs that are learnt",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_where_and_what_to_do(text: str, start: str, end: str) -> None:
    (found,) = warnings(text)
    assert found.startswith(start)
    assert found.endswith(end)


def test_targets_in_a_table_are_warned_of_where_the_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x1,x2,l1_1,l1_2\n1,2,1,1\n")
    text = 'samples = "data.csv"\n' + net("cross-entropy", "softmax").split("[[sample]]")[0]
    (found,) = warnings(text, tmp_path)
    assert found.startswith("f.toml:1:1: samples: the targets of sample 1 sum to 2")


def test_doubts_need_no_file() -> None:
    xor = load("xor")
    assert doubts(xor.problem, xor.training) == []


@pytest.mark.parametrize("words", [["check"], ["work"], ["diff", "--rule", "article"], ["trace"], ["repl"]])
def test_every_command_warns_once_and_goes_on(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    file = tmp_path / "n.toml"
    file.write_text(net("cross-entropy"))
    assert main([words[0], str(file), *words[1:]]) in (0, 1)
    out, err = capsys.readouterr()
    assert err.count("warning: ") == 1
    assert "n.toml:5:1: network.cost: cross-entropy" in err
    assert "warning" not in out


def test_scripts_and_sessions_warn_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "n.toml").write_text(net("cross-entropy"))
    (tmp_path / "n.bps").write_text("load n.toml\nstep\n")
    assert main(["replay", str(tmp_path / "n.bps")]) == 0
    assert capsys.readouterr().err.count("warning: ") == 1
    session = Console(load("xor"))
    answer = session.execute(f"load {tmp_path}/n.toml")
    assert len(answer.warnings) == 1  # type: ignore[attr-defined]
    assert not session.execute("load xor").warnings  # type: ignore[attr-defined]


def test_a_change_by_hand_is_warned_of_where_it_makes_a_new_doubt() -> None:
    session = Console(load("xor"))
    said = session.execute("set cost = cross-entropy").text  # type: ignore[attr-defined]
    assert said.split("\n")[1].startswith("warning: cross-entropy does not see an output whose target is 0")
    assert "warning" not in session.execute("set cost = squared-error").text  # type: ignore[attr-defined]
    assert "warning" not in session.execute("set optimizer = momentum").text  # type: ignore[attr-defined]
    assert "what is past never fades" in session.execute("set optimizer = momentum momentum=1").text  # type: ignore[attr-defined]
