"""Programs with one wrong line: the text, run as NumPy, gives the numbers that are shown beside it; mending the line,
and no other, makes all of them right; and nothing names the line before the learner does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bpstep.comparison.net import Net, net_of
from bpstep.comparison.sheet import sheet_of
from bpstep.debugger.answers import Asked, Graded, Held
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.exercises.checking import check_path
from bpstep.exercises.kind import Posed
from bpstep.exercises.kinds.code import CODE, broken_line
from bpstep.exercises.listing import ListingError, Program, program_of
from bpstep.exercises.loading import load_path
from bpstep.exercises.miswritten import MISWRITTEN, Broken, broken_programs
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.catalogue import scenario_folder
from bpstep.scenario.loader import load, loads
from tests.helpers.leaks import everything

EXERCISES = [one for one in load_path()[0] if one.items[0].kind == "code"]
IDS = [one.id for one in EXERCISES]

DEEP = """format = 1
title = "All that a program can hold"

[network]
inputs = ["a", "b"]
cost = "{cost}"

[[network.layer]]
neurons = ["g", "h"]
activation = "relu"
weights = [[0.5, -0.7], [-0.9, 0.8]]
bias = [0.3, -0.2]

[[network.layer]]
neurons = ["k", "l"]
activation = "tanh"
weights = [[0.4, -0.6], [0.9, 0.3]]
bias = [0.1, 0.2]

[[network.layer]]
neurons = ["o", "p"]
activation = "{last}"
weights = [[0.4, -0.5], [-0.8, 0.6]]
bias = [-0.1, 0.4]

[[sample]]
input = [0.6, -1.1]
target = [0, 1]

[[sample]]
input = [1.3, 0.9]
target = [1, 0]

[training]
batch = "full"
learning_rate = 0.5
"""

#: Costs with an activation that they go with, and one with none.
ENDS = (("cross-entropy", "softmax"), ("binary-cross-entropy", "sigmoid"), ("half-squared-error", "linear"))
NETS = ["mazur-2-2-2", "article-2-3-2-1", "xor", "softmax", "dead-relu", "batch-or-online", *ENDS]


@cache
def run_of(name: str | tuple[str, str]) -> Any:
    scenario = load(name) if isinstance(name, str) else loads(DEEP.format(cost=name[0], last=name[1]), "deep")
    return Session(scenario).run


@cache
def net(name: str | tuple[str, str]) -> Net:
    found = net_of(run_of(name), 0)
    biases = [
        None if one.bias is None else one.bias + 0.3 for one in found.layers
    ]  # of 0, a bias is not missed
    layers = tuple(replace(one, bias=b) for one, b in zip(found.layers, biases, strict=True))
    return replace(found, layers=layers)


@cache
def broken(name: str | tuple[str, str]) -> list[Broken]:
    return broken_programs(net(name), MISWRITTEN)


def executed(program: Program, net: Net) -> Mapping[str, np.ndarray]:
    """What the text of a program gives, as NumPy reads it.  It is made of bpstep's own table, and of nothing else."""

    def softmax(z: np.ndarray) -> np.ndarray:
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    names: dict[str, Any] = {
        "np": np, "X": net.x, "T": net.t, "softmax": softmax, "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "relu": lambda z: np.maximum(z, 0),
    }  # fmt: skip
    for k, layer in enumerate(net.layers, 1):
        names |= {f"W{k}": layer.weights, f"b{k}": layer.bias}
    exec("\n".join(map(str, program.lines)), names)
    return {line.name: np.asarray(names[line.name]) for line in program.lines}


def same(theirs: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray], name: str) -> bool:
    # a bias gradient that NumPy would broadcast has the shape that the program gives it
    return theirs[name].shape == right[name].shape and np.allclose(theirs[name], right[name], 1e-9, 1e-12)


@pytest.mark.parametrize("name", NETS)
def test_the_right_program_gives_the_engines_numbers(name: str | tuple[str, str]) -> None:
    sheet = sheet_of(run_of(name), 0)
    assert sheet.net is not None
    program = program_of(sheet.net)
    found = executed(program, sheet.net)
    right = {line.name: sheet.slots[line.key].right for line in program.lines}
    assert [line.name for line in program.lines if not same(found, right, line.name)] == []


@pytest.mark.parametrize("name", NETS)
def test_a_wrong_line_gives_the_numbers_beside_it_and_mending_it_alone_the_right_ones(
    name: str | tuple[str, str],
) -> None:
    assert broken(name)
    for one in broken(name):
        what = f"{one.program.lines[one.number - 1]} ({one.hypothesis.title})"
        theirs = executed(one.program, one.net)
        assert [n for n in theirs if not same(theirs, one.theirs, n)] == [], what
        if not one.wrong_lines:
            continue  # no number shows it: no variant asks about it
        lines = list(one.program.lines)
        lines[one.number - 1] = one.right_program.lines[one.number - 1]
        mended = executed(Program(tuple(lines)), one.net)
        assert [n for n in mended if not same(mended, one.right, n)] == [], what
        numbers = range(1, len(lines) + 1)
        assert [number for number in numbers if one.mended(number)] == [one.number], what
        assert one.wrong_lines[0] == one.number, what
        assert not any(one.is_wrong(line.name) for line in one.program.reads(one.number)), what


def test_every_row_of_the_table_is_played_by_some_net() -> None:
    assert {one.hypothesis.mistake.name for name in NETS for one in broken(name)} == set(MISWRITTEN)


# --- the six --------------------------------------------------------------------------------------------------


def posed(exercise: Exercise, seed: int) -> Posed:
    return posed_item(exercise, 0, variant_of(exercise, seed), seed)


def test_six_of_them_are_on_the_path() -> None:
    assert len(EXERCISES) == 6


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_seeds_draw_other_numbers_and_another_line_and_no_hint_names_it(exercise: Exercise) -> None:
    lines, tables = set(), set()
    for seed in range(12):
        one = posed(exercise, seed)
        found, table = broken_line(one), CODE.question(one)
        lines.add(found.number)
        tables.add(tuple(table))
        assert all(len(row) <= 76 for row in table[1:]), "it is seen at 80 columns"
        marked = [row for row in table if row.endswith("✗")]
        assert marked, "what is wrong is shown"
        assert all(row.split()[-3] != row.split()[-2] for row in marked), "and looks so"
        principle, cleared, _ = hints = list(CODE.hints(one))
        assert not re.search(r"\d", principle)
        assert not any(str(found.right_program.lines[found.number - 1]) in hint for hint in hints)
        assert not any(found.hypothesis.says in line for line in [*table, *hints])
        runs = [(int(a), int(b or a)) for a, b in re.findall(r"\b(\d+)\b(?: to (\d+)\b)?", cleared)]
        out = {number for first, last in runs for number in range(first, last + 1)}
        assert found.number not in out
        assert len(out) <= len(found.program.lines) - 2, "more than one line is left"
    assert len(lines) > 1
    assert len(tables) > 2


def asked(name: str, seed: int, folder: Path) -> tuple[Console, Broken]:
    session = Console(load("mazur-2-2-2"))
    session.folder = folder
    tutor = session.tutor = ExerciseTutor(session)
    question = session.execute(f"exercise {name} seed={seed}")
    assert isinstance(question, Asked)
    assert tutor.posed is not None
    return session, broken_line(tutor.posed)


def answered(session: Console, text: str) -> Graded:
    found = session.execute(f"answer {text}")
    assert isinstance(found, Graded)
    return found


def test_a_wrong_answer_is_told_why_it_is_not_that_line(tmp_path: Path) -> None:
    session, found = asked("which-line", 4, tmp_path)
    assert found.number == 8
    assert answered(session, "7").says == ("What line 7 gives, da3, is right.",)
    assert answered(session, "line 11").says == (
        "dz2 is wrong, but what line 11 reads is wrong already: da2.",
    )
    for text in ("", "0", "16", "dz3", "8.0", "8e0", "line", "³"):
        assert answered(session, text).verdict == "not-graded", text
    right = answered(session, " Line 8 ")
    assert right.verdict == "correct"
    assert right.says[0].startswith("right: with dz3 = da3 * a3 * (1 - a3) in line 8 every number is right.")


def test_no_command_compares_the_numbers_while_the_line_is_asked_for(tmp_path: Path) -> None:
    session, found = asked("from-gradients-alone", 3, tmp_path)
    theirs = {name: array.tolist() for name, array in found.theirs.items()}
    (tmp_path / "theirs.json").write_text(json.dumps(theirs), "utf-8")
    lines = (
        "compare theirs.json",
        "break wrong",
        "show yours",
        "diff article",
        "check",
        "explain",
        "show story",
    )
    for line in lines:
        try:
            told = str(session.execute(line))
        except CommandError as error:
            told = error.message
        assert found.hypothesis.says not in told, line
        assert found.hypothesis.mistake.name not in told.replace(line, ""), line
    with pytest.raises(CommandError, match="where these numbers went wrong is what is asked"):
        session.execute("compare theirs.json")
    answered(session, str(found.number))
    scenario = session.scenario
    report = Console(scenario).execute(f"compare {tmp_path / 'theirs.json'}")
    assert isinstance(report, Held)
    assert found.hypothesis.title in {one.title for one in report.report.finding.matches}


@pytest.mark.parametrize(("name", "seed"), [("which-line", 4), ("the-line-of-softmax", 4)])
def test_nothing_names_the_line_while_it_is_asked_for(name: str, seed: int, tmp_path: Path) -> None:
    session, found = asked(name, seed, tmp_path)
    parameter = str(session.setup.graph.parameters[0].cell(0))
    secrets = (
        found.hypothesis.says,
        found.hypothesis.title,
        str(found.right_program.lines[found.number - 1]),
    )
    for line, text in everything(session, f"d({parameter})", parameter, tmp_path):
        assert [secret for secret in secrets if secret in text] == [], line
        assert session.tutor is not None
        assert session.tutor.compares, line


# --- the lesson ---------------------------------------------------------------------------------------------


def test_the_numbers_of_the_lesson_are_those_of_the_program_that_its_story_tells_of() -> None:
    net, scenario = net_of(Session(load("whose-fault")).run, 0), load("whose-fault")
    (found,) = broken_programs(net, ["wrong-weights"])
    wrong, right = (one.lines[found.number - 1] for one in (found.program, found.right_program))
    assert f"{wrong}, which should be {right}." in " ".join(scenario.story.split())
    written = json.loads((scenario_folder() / "whose-fault.json").read_text("utf-8"))
    given = executed(found.program, net)
    assert [name for name in written if not np.allclose(written[name], given[name], 1e-12, 0.0)] == []
    assert set(given) - set(written) == {"da2"}


def test_a_session_finds_the_numbers_that_lie_beside_its_scenario(tmp_path: Path) -> None:
    session = Console(load("whose-fault"))
    session.folder = tmp_path
    held = session.execute("compare whose-fault.json")
    assert isinstance(held, Held)
    assert "wrong-weights" in held.report.mistake
    (tmp_path / "whose-fault.json").write_text('{"dW2": [[1, 2], [3, 4]]}', "utf-8")
    held = session.execute("compare whose-fault.json")
    assert isinstance(held, Held)
    assert held.report.read == 4, "one's own comes first"


# --- authors --------------------------------------------------------------------------------------------------

FILE = """format = 1
id = "a-line"
title = "A line"
scenario = "mazur-2-2-2"

[[item]]
kind = "code"
ask = ["dW2", "dW1"]
wrong = ["article"]
"""

DEEP_SOFTPLUS = DEEP.format(cost="squared-error", last="linear")


@pytest.mark.parametrize(("old", "new", "message"), [
    ('"dW1"]', '"dW9"]', 'there is no array "dW9"; expected z1, a1, z2, a2, da2,'),
    ('"article"', '"artcle"', '"artcle" is no wrong rule; did you mean "article"?'),
    ('"article"', '"not-reset"', '"not-reset" is no wrong rule'),
    ('"article"', '"bias-other-axis"', "none of these mistakes shows in the arrays that are asked about"),
    ('"mazur-2-2-2"', '"chain-rule"', "a program is that of a network; this is an expression"),
    ('"mazur-2-2-2"', '"vanishing"', "this net is no short program: its program has 40 lines; expected at most 18"),
    ('"mazur-2-2-2"', '"xor-direct"', "does not read the layer before it alone"),
    ('ask = ["dW2", "dW1"]\n', "", "expected an array, such as dW1"),
])  # fmt: skip
def test_what_can_not_be_asked_is_told_with_file_and_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    (tmp_path / "one.toml").write_text(FILE.replace(old, new), "utf-8")
    problems = [str(problem) for problem in check_path(tmp_path, seeds=(1,))[1]]
    assert len(problems) == 1
    assert message in problems[0]
    assert re.match(r"one\.toml:\d+:", problems[0])


def test_a_cost_without_a_line_is_no_short_program() -> None:
    with pytest.raises(ListingError, match="the cost is squared-error; expected half-squared-error, or one"):
        program_of(net_of(Session(loads(DEEP_SOFTPLUS, "deep")).run, 0))
