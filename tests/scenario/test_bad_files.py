"""A broken file gives every problem at once, with its line and column and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.reach import Reach
from bpstep.scenario.arithmetic import Name, parse_expression, postorder
from bpstep.scenario.functions import name_problem
from bpstep.scenario.loader import ScenarioError, load, loads
from bpstep.scenario.template import TEMPLATE

NETWORK = """\
format = 1
title = "A net"
[network]
inputs = ["x1", "x2"]
cost = "half-squared-error"
[[network.layer]]
name = "hidden"
neurons = ["h1", "h2"]
activation = "sigmoid"
weights = [[0.1, 0.2], [0.3, 0.4]]
bias = [0.5, 0.6]
[[network.layer]]
neurons = ["o1"]
activation = "sigmoid"
weights = [[0.7, 0.8]]
[[sample]]
input = [1, 2]
target = [1]
[training]
learning_rate = 0.5
"""

EXPRESSION = """\
format = 1
title = "A function"
[expression]
define = ["v = x^2", "y = sin(v)"]
[expression.inputs]
x = 1.2
"""


def problems(text: str, folder: Path = Path()) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads(text, "f.toml", reach=Reach(folder))
    return str(caught.value).split("\n")


@pytest.mark.parametrize("line", ['samples = "x.csv"', "values = [1]", "value = 3", "inputs = [1, 2]"])
def test_a_sample_with_one_key_too_many_is_still_one_of_a_network(line: str) -> None:
    """What else stands in it is not called unknown."""
    found = problems(NETWORK.replace("target = [1]", f"target = [1]\n{line}"))
    assert [text.partition(" ")[2].partition(":")[0] for text in found] == [
        f"sample[0].{line.partition(' ')[0]}"
    ]


NOTE = '[[note]]\nat = "delta[h1]"\nsay = "Hello."\nwhen = "{}"\n'


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("local[h1] <", "note[0].when: "),
        ("local[h9] < 1", 'there is no cell "local[h9]" in this scenario'),
    ],
)
def test_the_condition_of_a_note_is_read_with_the_file(when: str, found: str) -> None:
    (line,) = problems(NETWORK.replace("[training]", NOTE.format(when) + "[training]"))
    assert found in line


def test_both_bases_are_sound() -> None:
    assert loads(NETWORK, "f.toml").kind == "network"
    assert loads(EXPRESSION, "f.toml").kind == "expression"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("format = 1", "format = 2", "f.toml:1:1: format: found 2; expected 1, the format that this bpstep knows"),
        ("format = 1\n", "", "f.toml:1:1: format: is missing; expected 1, the format that this bpstep knows"),
        ('title = "A net"', 'titel = "A net"', 'f.toml:2:1: titel: unknown key; did you mean "title"?'),
        ('title = "A net"', 'title = "a\\u001b[31mb"', "f.toml:2:11: title: the character \\x1b is not allowed"),
        ('title = "A net"', 'title = " "', "f.toml:2:1: title: it is empty"),
        ('inputs = ["x1", "x2"]', "inputs = true", "f.toml:4:1: network.inputs: found true; expected a list of names"),
        ('inputs = ["x1", "x2"]', "inputs = 0", "f.toml:4:1: network.inputs: found 0; expected a list of names"),
        ('["x1", "x2"]', '["x1", "x1"]', 'f.toml:4:17: network.inputs[1]: the name "x1" is used twice'),
        ('["x1", "x2"]', '["x1", "pi"]', 'f.toml:4:17: network.inputs[1]: "pi" is reserved'),
        ('["x1", "x2"]', '["x1", "2x"]', 'f.toml:4:17: network.inputs[1]: "2x" is no name'),
        ("half-squared-error", "half-squared", 'did you mean "half-squared-error"?'),
        ('activation = "sigmoid"\nweights = [[0.1', 'activation = "sigmoit"\nweights = [[0.1',
         'f.toml:9:1: network.layer[0].activation: found "sigmoit"; expected one of linear, sigmoid'),
        ("[[0.1, 0.2], [0.3, 0.4]]", "[[0.1, 0.2]]", "f.toml:10:1: network.layer[0].weights: 1 row; expected 2"),
        ("[[0.1, 0.2], [0.3, 0.4]]", "[[0.1], [0.3, 0.4]]",
         "f.toml:10:12: network.layer[0].weights[0]: 1 number; expected 2, one per source (x1, x2)"),
        ("0.2]", "nan]", "f.toml:10:18: network.layer[0].weights[0][1]: found nan; expected a finite number"),
        ("0.2]", "true]", "found true; expected a finite number"),
        ("bias = [0.5, 0.6]", "bias = [0.5]", "f.toml:11:1: network.layer[0].bias: 1 number; expected 2"),
        ("bias = [0.5, 0.6]", 'bias = "no"', 'network.layer[0].bias: found "no"; expected a list of finite numbers'),
        ("bias = [0.5, 0.6]", 'frozen = ["wieghts"]', 'frozen[0]: found "wieghts"; expected one of weights, bias; did'),
        ('name = "hidden"', 'name = "inputs"', 'the layer name "inputs" is taken'),
        ('name = "hidden"', 'name = "hidden"\nfrom = ["hidden"]', 'there is no layer "hidden" before this one'),
        ('name = "hidden"', 'name = "hidden"\nfrom = ["inputs", "inputs"]', 'the layer "inputs" is named twice'),
        ('neurons = ["o1"]', 'neurons = ["o1"]\nfrom = ["inputs"]', 'the layer "hidden" is used by no later layer'),
        ("weights = [[0.7, 0.8]]", "", "f.toml:12:1: network.layer[1]: neither weights nor init"),
        ("weights = [[0.7, 0.8]]", 'weights = [[0.7, 0.8]]\ninit = { scheme = "constant", value = 1 }',
         "both weights and init"),
        ("weights = [[0.7, 0.8]]", 'init = { scheme = "uniform" }', "needs a seed"),
        ("weights = [[0.7, 0.8]]", 'init = { scheme = "unifrom", seed = 1 }', 'did you mean "uniform"?'),
        ("weights = [[0.7, 0.8]]", 'init = { scheme = "constant" }', 'the scheme "constant" needs a value'),
        ("weights = [[0.7, 0.8]]", 'init = { scheme = "he-normal", seed = 1, low = 0 }', "does not know it"),
        ("input = [1, 2]", "input = [1]", "f.toml:17:1: sample[0].input: 1 number; expected 2, one per input"),
        ("target = [1]", "target = [1, 2]", "f.toml:18:1: sample[0].target: 2 numbers; expected 1"),
        ("[[sample]]\ninput = [1, 2]\ntarget = [1]\n", "", "no samples; expected [[sample]], or samples and the path"),
        ("learning_rate = 0.5", "learning_rate = true", "f.toml:20:1: training.learning_rate: found true"),
        ("learning_rate = 0.5", 'batch = "half"', 'training.batch: found "half"; expected "full", or samples'),
        ("learning_rate = 0.5", "epochs = 0", "training.epochs: found 0; expected a whole number from 1 on"),
        ("learning_rate = 0.5", 'optimizer = { name = "adam", momentum = 1 }', 'the optimizer "adam" does not know'),
        ("learning_rate = 0.5", 'optimizer = "adan"', "training.optimizer: found"),
        ("[training]", '[[note]]\nat = "delta[h9]"\nsay = "x"\n[training]', 'there is no cell "delta[h9]"'),
        ("[training]", '[[note]]\nat = "state"\nsay = "x"\n[training]', 'no step of this scenario is a "state"'),
        ("[training]", '[[note]]\nat = "d(y[x1])"\nsay = "x"\n[training]', 'there is no cell "d(y[x1])"'),
        ("[training]", '[[note]]\nat = "start"\nsay = "{y[h1}"\n[training]', 'f.toml:21:13: note[0].say: in {y[h1}'),
        ("[training]", '[[note]]\nat = "start"\nepoch = 2\nsay = "x"\n[training]', "there is 1 epoch"),
        ("[training]\nlearning_rate = 0.5", '[[note]]\nat = "update"\nsay = "x"', "no phase \"update\""),

        ("target = [1]", "target = [1]\nweight = 2", "f.toml:19:1: sample[0].weight: unknown key"),
    ],
)  # fmt: skip
def test_networks(old: str, new: str, line: str) -> None:
    assert old in NETWORK
    assert any(line in problem for problem in problems(NETWORK.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("sin(v)", "sin(w)", 'f.toml:4:31: expression.define[1]: "w" is used but never defined'),
        ("v = x^2", "v = y^2", 'f.toml:4:16: expression.define[0]: "y" is used before it is defined'),
        ("y = sin(v)", "v = sin(v)", '"v" is defined twice'),
        ("y = sin(v)", "y = 3", '"y" is a constant'),
        ("y = sin(v)", "sin(v)", "expected a statement such as"),
        ("y = sin(v)", "y = sin(v", 'expected ")" to close sin(...)'),
        ("y = sin(v)", "cost = sin(v)", '"cost" is reserved'),
        ("y = sin(v)", "y = sin(x)", '"v" has no way to the output "y"'),
        ("x = 1.2", "x = 1.2\nz = 1", 'f.toml:7:1: expression.inputs.z: "z" has no way to the output "y"'),
        ("x = 1.2", "x = inf", "expression.inputs.x: found inf; expected a finite number"),
        ("[expression.inputs]", 'output = "q"\n[expression.inputs]', 'expression.output: "q" is not defined'),
        ("[expression.inputs]", 'parameters = ["q"]\n[expression.inputs]', '"q" is no input'),
        (
            "[expression]",
            "[training]\nbatch = 1\n[expression]",
            "training.batch: an expression does not take it",
        ),
        (
            "x = 1.2",
            "x = 1.2\n[[sample]]\ninput = []\ntarget = []",
            "f.toml:8:1: sample[0].input: an expression does not take it; expected [sample.values]",
        ),
    ],
)
def test_expressions(old: str, new: str, line: str) -> None:
    assert old in EXPRESSION
    assert any(line in problem for problem in problems(EXPRESSION.replace(old, new, 1)))


def test_all_problems_come_together_in_the_order_of_the_file() -> None:
    broken = (
        NETWORK.replace("0.2]", "true]").replace("target = [1]", "target = []").replace("0.5\n", '"fast"\n')
    )
    found = problems(broken.replace('["o1"]', '["h1"]'))
    assert len(found) == 4
    lines = [int(problem.split(":")[1]) for problem in found]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("csv", "line"),
    [
        ("x1,x2,o1\n1,2\n", "data.csv:2:1: 2 fields; expected 3"),
        ("x1,x2,o1\n1,zwei,3\n", 'data.csv:2:3: found "zwei"; expected a finite number'),
        ("x1,x3,o1\n1,2,3\n", 'data.csv:1:4: "x3" is neither an input nor an output'),
        ("x1,x1,o1\n1,2,3\n", '"x1" stands twice'),
        ("x1,o1\n1,2\n", "data.csv:1:1: the header lacks x2"),
        ("x1,x2,o1\n", "data.csv:1:1: there are no samples"),
        ("x1,x2,o1\n1,nan,3\n", 'found "nan"; expected a finite number'),
    ],
)
def test_a_csv_has_lines_of_its_own(tmp_path: Path, csv: str, line: str) -> None:
    (tmp_path / "data.csv").write_text(csv)
    text = 'samples = "data.csv"\n' + NETWORK.replace("[[sample]]\ninput = [1, 2]\ntarget = [1]\n", "")
    assert any(line in problem for problem in problems(text, tmp_path))


def test_a_csv_stands_in_for_samples(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("o1,x2,x1\n1,2,1\n")
    text = 'samples = "data.csv"\n' + NETWORK.replace("[[sample]]\ninput = [1, 2]\ntarget = [1]\n", "")
    problem, plain = loads(text, "f.toml", reach=Reach(tmp_path)).problem, loads(NETWORK, "f.toml").problem
    assert problem.x.tolist() == plain.x.tolist()  # type: ignore[union-attr]
    assert problem.t.tolist() == plain.t.tolist()  # type: ignore[union-attr]
    assert (
        "nothing.csv: can not read the file" in problems(text.replace("data.csv", "nothing.csv"), tmp_path)[0]
    )


def test_what_is_no_scenario(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"title = '\xff'")
    cases = [
        (tmp_path / "latin.toml", "is not UTF-8"),
        (tmp_path, "can not read the file"),
        (tmp_path / "missing.toml", "can not read the file"),
        (Path("mazur"), 'did you mean "mazur-2-2-2"?'),
    ]
    for path, message in cases:
        with pytest.raises(ScenarioError) as caught:
            load(path)
        assert message in str(caught.value)
    assert problems("a = [1,\n b = 2")[0].startswith("f.toml:2:")


def test_what_can_be_a_name_can_be_typed() -> None:
    """Letters of any script are fine; a mark that stands on a letter, or a small 2, is none."""
    for char in map(
        chr, (*range(0x80, 0x600), *range(0x900, 0xA00), 0x200D, 0x202E, 0x2160, 0xFE0F, 0x1D400)
    ):
        for name in (char, f"a{char}"):
            if not name_problem(name):
                tree = parse_expression(f"{name} + 1", names=(name,))
                assert [node.name for node in postorder(tree) if isinstance(node, Name)] == [name]
    assert name_problem("a\u0301")
    assert name_problem("x²")
    assert not name_problem("größe_2")


@given(st.data())
@settings(max_examples=150)
def test_no_mutation_of_a_file_raises_anything_else(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([TEMPLATE, NETWORK, EXPRESSION]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        piece = data.draw(
            st.sampled_from(["", "[", "]", "{", '"', "=", "1", "-", "true", "\n", "x", ".", "\x00", "é"])
        )
        text = text[:at] + piece + text[at + data.draw(st.integers(0, 6)) :]
        if not text:
            return
    found = None
    try:
        loads(text, "f.toml")
    except ScenarioError as error:
        found = error
    if found is not None:
        assert found.problems
        assert all(str(problem).isprintable() for problem in found.problems)
