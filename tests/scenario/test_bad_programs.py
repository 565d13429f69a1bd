"""A program over arrays that has a mistake: one line, with the statement, the operation and both shapes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bpstep.cli import main
from bpstep.reach import Reach
from bpstep.scenario.loader import ScenarioError, loads, stated

U = [[1, 2], [3, 4], [5, 6]]


def lines(define: str | list[str], inputs: dict[str, Any], **more: Any) -> list[str]:
    """What is wrong with a program; "" in the place of the file's name, line and column."""
    expression: dict[str, Any] = {"define": define, "inputs": inputs}
    expression |= {key: more.pop(key) for key in ("output", "parameters", "labels") if key in more}
    with pytest.raises(ScenarioError) as caught:
        stated({"format": 1, "title": "t", "expression": expression, **more}, "f.toml")
    return [line.removeprefix("f.toml:1:1: ") for line in str(caught.value).split("\n")]


@pytest.mark.parametrize(
    ("define", "inputs", "line"),
    [
        # shapes
        (
            "E = sum(U @ x1)",
            {"x1": [1, 2, 3]},
            "U @ x1: (3, 2) @ (3): the 2 columns of U meet the 3 cells of x1",
        ),
        (
            "E = sum(tanh(U @ x + b))",
            {"x": [1, 2], "b": [1, 2]},
            "U @ x + b: (3) + (2): the 3 cells of U @ x meet the 2 cells of b",
        ),
        ("E = 2 @ U", {}, "2 @ U: expected a variable, not the constant 2"),
        (
            "E = sum(x @ U)",
            {"x": 3},
            "x @ U: a number @ (3, 2): x is one number, and @ joins arrays; expected *",
        ),
        ("E = sum(reshape(U, 4, 2))", {}, "reshape(U, 4, 2): (3, 2): U has 6 cells, and (4, 2) has 8"),
        (
            "E = sum(reshape(U, 1.5, 4))",
            {},
            "reshape(U, 1.5, 4): an axis of the new shape is 1.5; expected a whole number from 1 on",
        ),
        (
            "E = sum(concat(U, y))",
            {"y": [1, 2]},
            "concat(U, y): (3, 2), (2): U and y differ in their number of axes",
        ),
        (
            "E = sum(concat(U, y, axis=2))",
            {"y": [[1, 2]]},
            "concat(U, y, axis=2): (3, 2), (1, 2): the 3 rows of U meet the one row of y",
        ),
        (
            "E = sum(concat(x, x, U))",
            {"x": 1},
            "concat(x, x, U): a number, a number, (3, 2): a single number has no axis to be laid along; "
            "expected stack(a, b)",
        ),
        ("E = sum(stack(U, y))", {"y": [1, 2]}, "stack(U, y): (3, 2), (2): U and y differ in their shape"),
        (
            "E = sum(layer_norm(U, g, 0))",
            {"g": [1, 2, 3]},
            "layer_norm(U, g, 0): (3, 2), (3): the 2 columns of U meet the 3 cells of g",
        ),
        (
            "E = sum(layer_norm(x, U, 0))",
            {"x": [1, 2]},
            "layer_norm(x, U, 0): (2), (3, 2): U and 0 do not go along with x",
        ),
        (
            "E = sum(layer_norm(U, 1, 0, eps=-1))",
            {},
            "layer_norm(U, 1, 0, eps=-1): eps is -1; expected a number from 0 on",
        ),
        (
            "E = sum(squared_error(U, t))",
            {"t": [1, 2]},
            "squared_error(U, t): (3, 2), (2): expected a target for each cell of U, in its shape",
        ),
        # windows
        (
            "E = sum(conv(U, k))",
            {"k": [[1, 2, 3]]},
            "conv(U, k): (3, 2), (1, 3): a window of 3 does not fit into the 2 columns of U",
        ),
        (
            "E = sum(conv(U, k, padding=1))",
            {"k": [[1] * 5]},
            "conv(U, k, padding=1): (3, 2), (1, 5): a window of 5 does not fit into the 2 columns of U "
            "with 1 on either side",
        ),
        (
            "E = sum(conv(U, k))",
            {"k": [[[1, 2]]]},
            "conv(U, k): (3, 2), (1, 1, 2): 3 channels of U and 1 of k",
        ),
        (
            "E = sum(conv(U, U, stride=0))",
            {},
            "conv(U, U, stride=0): stride is 0; expected a whole number from 1 on",
        ),
        (
            "E = sum(max_pool(U, 3))",
            {},
            "max_pool(U, 3): (3, 2): a window of 3 does not fit into the 2 columns of U",
        ),
        ("E = sum(max_pool(U))", {}, "max_pool(U): expected the size of the window, once"),
        (
            "E = sum(max_pool(U, 2, size=2))",
            {},
            "max_pool(U, 2, size=2): expected the size of the window, once",
        ),
        ("E = sum(max_pool(U, 2.5))", {}, "max_pool(U, 2.5): size is 2.5; expected a whole number from 1 on"),
        # indices and axes
        ("E = sum(U[4])", {}, "U[4]: (3, 2): 4 lies behind the 3 rows of U"),
        ("E = U[1, 3]", {}, "U[1, 3]: (3, 2): 3 lies behind the 2 columns of U"),
        ("E = sum(U[2..4])", {}, "U[2..4]: (3, 2): 4 lies behind the 3 rows of U"),
        ("E = sum(U[3..2])", {}, "U[3..2]: (3, 2): 3..2 goes backwards"),
        ("E = U[1, 1, 1]", {}, "U[1, 1, 1]: (3, 2): U has 2 axes, not 3 for the indices"),
        ("E = x[1] * U[1, 1]", {"x": 2}, "x[1]: a number: x has no axes, not 1 for the index"),
        ("E = 3[1] * sum(U)", {}, "3[1]: a constant has no cells"),
        (
            "E = sum(softmax(U, axis=3))",
            {},
            "softmax(U, axis=3): (3, 2): there is no axis 3; U has axes 1 to 2",
        ),
        ("E = sum(sum(U, axis=0))", {}, "sum(U, axis=0): (3, 2): there is no axis 0; U has axes 1 to 2"),
        ("E = softmax(x) * sum(U)", {"x": 1}, "softmax(x): a number: x is one number; expected an array"),
        # rows, targets and masks
        (
            "E = sum(rows(U, ids))",
            {"ids": [1, 4]},
            "rows(U, ids): (3, 2), (2): 4 is no row; U has rows 1 to 3",
        ),
        (
            "E = sum(rows(U, ids))",
            {"ids": [1, 2.5]},
            "rows(U, ids): (3, 2), (2): 2.5 is no row; U has rows 1 to 3",
        ),
        (
            "E = sum(rows(U, 2 * x))",
            {"x": 1},
            "rows(U, 2 * x): 2 * x says which rows; expected a list in [expression.inputs]",
        ),
        (
            "E = squared_error(U, U + 1)",
            {},
            "squared_error(U, U + 1): the target is U + 1; expected an input that is no parameter, or detach(...)",
        ),
        (
            "E = squared_error(U, 1)",
            {},
            "squared_error(U, 1): the target is 1; expected an input that is no parameter, or detach(...)",
        ),
        (
            "E = sum(where(2 * U, U, 0))",
            {},
            "where(2 * U, U, 0): the mask is 2 * U; expected an input that is no parameter, or detach(...)",
        ),
        (
            "E = binary_cross_entropy(sigmoid(U[1]), t)",
            {"t": [0, 2]},
            "binary_cross_entropy(sigmoid(U[1]), t): binary-cross-entropy needs targets from 0 to 1",
        ),
        ("E = sum(2) + sum(U)", {}, "sum(2): expected a variable, not the constant 2"),
    ],
)
def test_a_mistake_names_the_statement_and_the_operation(
    define: str, inputs: dict[str, Any], line: str
) -> None:
    given = {"U": U} if "U" in define else {}
    assert lines([define], {**given, **inputs}) == [f"expression.define[0]: E = … : {line}"]


@pytest.mark.parametrize(
    ("define", "column", "line"),
    [
        (
            "for t in 1..: h{t} = 2 * h{t-1}",
            12,
            'the loop over "t" has no end; expected "for i in 1..4: h{i} = ..."',
        ),
        ("for t in 4..1: h{t} = 2 * h{t-1}", 9, 'the loop over "t" goes backwards, from 4 to 1'),
        ("for t in 1..30000: h{t} = 2 * h{t-1}", 9, 'the loop over "t" has more than 20,000 passes'),
        ("for t in 1..4", 13, 'expected ":" and a statement behind the loop over "t"'),
        ("for t in 1..4:", 14, 'expected ":" and a statement behind the loop over "t"'),
        ("for t: h1 = h0", 4, 'expected a loop such as "for i in 1..4: h{i} = ..."'),
        ("for t in 4: h1 = h0", 9, 'expected a loop such as "for i in 1..4: h{i} = ..."'),
        ("for t in 1..2: for t in 1..2: h{t} = h0", 19, 'a loop over "t" stands in another one over it'),
        ("for t in 1..2: h{t} = h{s}", 24, 'there is no loop over "s" around this'),
        ("for t in 1..2: h{t} = h{t-2}", 24, "t-2 is -1 where t = 1; expected a number from 0 on"),
        ("for t in -1..2: h{t} = h0", 9, "found -1; expected a number from 0 on"),
        (
            "for t in 1..99999999999999999999: h{t} = h0",
            12,
            "found 99999999999999999999; expected a number below 1,000,000,000",
        ),
        (
            "for t in 1..2: h{t*10000000000} = h0",
            17,
            "found t*10000000000 where t = 1; expected a number below 1,000,000,000",
        ),
        (
            "for t in 1..2: h{t} = h{t/2}",
            25,
            "expected whole numbers and variables of loops, with + - * between them",
        ),
        ("for t in 1..2: h{t} = h{t", 23, 'a "{" without a "}"'),
        ("for t in 1..2: h{t} = h0}", 24, 'a "}" without a "{"'),
        ("for t in 1..2: h = 2 * h0", 15, '"h" is defined twice'),
        ("for t in 1..2: h{t} = 2 * g{t-1}", 26, '"g0" is used but never defined'),
        ("for t in 1..2: h{t} = 2 * (h{t-1}", 33, 'expected ")" to close the parenthesis, found the end'),
        (f"{'for a in 1..1: ' * 11}y = h0", 154, "more than 10 loops within each other"),
    ],
)
def test_a_loop_that_can_not_be_written_out_is_a_line(define: str, column: int, line: str) -> None:
    define = (
        "".join(f"for a{k} in 1..1: " for k in range(11)) + "y = h0" if "more than 10" in line else define
    )
    column = define.index("for a10") + 4 if "more than 10" in line else column
    text = f"format = 1\ntitle = 't'\n[expression]\ndefine = '{define}'\ninputs = {{ h0 = 1 }}\n"
    with pytest.raises(ScenarioError) as caught:
        loads(text, "f.toml")
    assert str(caught.value) == f"f.toml:4:{column + 11}: expression.define: {line}"


def test_a_mistake_in_a_loop_is_told_once_and_what_follows_from_it_not_at_all() -> None:
    define = ["for t in 1..9: h{t} = U @ h{t-1}", "y = sum(h9 @ x)"]
    assert lines(define, {"U": U, "h0": [1, 2], "x": [1]}) == [
        "expression.define[0]: h2 = … : U @ h1: (3, 2) @ (3): the 2 columns of U meet the 3 cells of h1"
    ]


@pytest.mark.parametrize(
    ("inputs", "line"),
    [
        ({"A": [[1, 2], [3]]}, "expression.inputs.A[1]: 1 number; expected 2, as in the first row"),
        ({"A": [[[1], [2]], [[3]]]}, "expression.inputs.A[1]: 1 list; expected 2, as in the first row"),
        ({"A": [[1, 2], [3, 4], 5]}, "expression.inputs.A[2]: found 5; expected a row of finite numbers"),
        ({"A": [1, 2, [3]]}, "expression.inputs.A[2]: found a list; expected a finite number"),
        ({"A": [1, "x"]}, 'expression.inputs.A[1]: found "x"; expected a finite number'),
        ({"A": [[[[[1]]]]]}, "expression.inputs.A: lists of lists 5 deep; expected at most 4 axes"),
        ({"A": []}, "expression.inputs.A: the list is empty; expected a row of finite numbers"),
        (
            {"A": True},
            "expression.inputs.A: found true; expected a finite number, a list of them, or a table that draws",
        ),
        (
            {"A": {"shape": [2], "scheme": "normal"}},
            'expression.inputs.A: the scheme "normal" needs a seed, so that everybody gets the same weights',
        ),
        (
            {"A": {"scheme": "normal", "seed": 1}},
            "expression.inputs.A.shape: is missing; expected the sizes of one to four axes",
        ),
        (
            {"A": {"shape": [2000, 2000], "scheme": "normal", "seed": 1}},
            "expression.inputs.A: more than 2,000,000 cells of inputs in all; expected fewer",
        ),
    ],
)
def test_an_input_that_is_no_array_is_a_line(inputs: dict[str, Any], line: str) -> None:
    assert lines("y = sum(A)", inputs) == [line]


ONE = {"shape": [200, 200], "scheme": "constant", "value": 1}


@pytest.mark.parametrize(
    ("define", "inputs", "more", "line"),
    [
        (
            "E = sum(A @ B)",
            {"A": ONE, "B": ONE},
            {},
            "expression.define: 8,040,000 scalar operations a sample; expected at most 2,000,000",
        ),
        (
            ["C = concat(A, B).T", "D = reshape(C @ C.T, 400, 100)", "E = sum(D[1..2, 1])"],
            {"A": ONE, "B": ONE},
            {},
            "expression.define: 16,000,002 scalar operations a sample; expected at most 2,000,000",
        ),
        (
            "E = 2 * A",
            {"A": [1, 2]},
            {},
            'expression.define: the output "E" has the shape (2); expected one cell',
        ),
        (
            ["q = A[1]", "E = A[2]"],
            {"A": [1, 2]},
            {},
            'expression.define[0]: "q" has no way to the output "E"',
        ),
        (
            ["B = rows(A, n)", "E = sum(B) + n"],
            {"A": [1, 2], "n": 1},
            {},
            'expression.define[1]: "n" says which rows are taken, so it is no number of the program',
        ),
        (
            "E = sum(A)",
            {"A": [1, 2]},
            {"labels": {"A": ["a"]}},
            "expression.labels.A: 1 word; expected 2, one per cell",
        ),
        ("E = sum(A)", {"A": [1, 2]}, {"labels": {"B": ["a"]}}, 'expression.labels.B: "B" is no variable'),
        (
            "E = sum(A)",
            {"A": [1, 2]},
            {"training": {"batch": 2}},
            "training.batch: an expression does not take it; it takes learning_rate, epochs, optimizer",
        ),
    ],
)
def test_what_is_wrong_with_the_whole_is_a_line(
    define: Any, inputs: dict[str, Any], more: dict[str, Any], line: str
) -> None:
    assert lines(define, inputs, **more) == [line]


def test_what_grows_without_end_is_a_line() -> None:
    doubled = [
        "a0 = concat(A, A)",
        *(f"a{k} = concat(a{k - 1}, a{k - 1})" for k in range(1, 40)),
        "E = sum(a39)",
    ]
    assert lines(doubled, {"A": [1, 2]}) == [
        "expression.define[19]: a19 = … : concat(a18, a18): (1048576), (1048576): "
        "it has 2 097 152 cells; expected at most 2,000,000"
    ]
    ones = " + ".join(["1"] * 4000)
    assert lines([f"for t in 1..20000: x{{t}} = x0 * ({ones})", "E = x1"], {"x0": 1}) == [
        "expression.define: with loops written out more than 500,000 characters; expected fewer"
    ]
    assert lines(["for t in 1..200: for s in 1..200: x{t}_{s} = x0", "E = x1_1"], {"x0": 1}) == [
        "expression.define: more than 20,000 statements; expected fewer"
    ]


@pytest.mark.parametrize(
    ("samples", "line"),
    [
        ([{"x": 1}, {"y": 1}], "sample[1].values.y: the first sample has no such name"),
        (
            [{"x": 1}, {"x": [1, 2]}],
            "sample[1].values.x: its shape is (2); expected a number, as in the first sample",
        ),
        ([{"x": [[1], [1, 2]]}], "sample[0].values.x[1]: 2 numbers; expected 1, as in the first row"),
        (
            [{"x": 1, "w": 2}],
            'sample[0].values.w: "w" stands in [expression.inputs] too; expected one of them',
        ),
        ([{"x": 1, "z": 2}], 'sample[0].values.z: "z" has no way to the output "E"'),
    ],
)
def test_samples_that_differ_are_a_line(samples: list[dict[str, Any]], line: str) -> None:
    found = lines("E = w * x", {"w": 1}, sample=[{"values": values} for values in samples])
    assert line in found


def test_a_sample_without_any_of_its_keys_is_told_those_of_both_kinds() -> None:
    """One line: nothing is said of keys that only a network has."""
    found = lines("E = (w * x - t)^2", {"w": 1}, sample=[{"x": 1, "t": 1}])
    told = "sample[0]: has none of its keys; expected input and target, or, of an expression, [sample.values]"
    assert told in found
    assert not any("sample[0]." in line for line in found)


def test_a_parameter_is_the_same_for_all_samples() -> None:
    (line,) = lines("E = w * x", {"w": 1}, parameters=["x"], sample=[{"values": {"x": 1}}])
    assert (
        line == 'expression.parameters[0]: "x" is given by every sample, and a parameter is the same for all'
    )


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            "x[1],x[3],t\n1,2,3\n",
            's.csv:1:1: of "x" cells are missing; expected one column for each of its cells',
        ),
        (
            "x[1],x[1],t\n1,2,3\n",
            's.csv:1:1: of "x" a cell stands twice; expected one column for each of its cells',
        ),
        (
            "x[0],t\n1,2\n",
            's.csv:1:1: "x[0]" is no cell; expected a name, with indices such as x[1] where it has several',
        ),
        ("x[1],x[2],t\n1,2\n", "s.csv:2:1: 2 fields; expected 3"),
        ("", "f.toml:3:1: samples: s.csv: the file is empty; expected a CSV file with a header"),
        ("x[1],x[2],t\n", "s.csv:1:1: there are no samples; expected a header and a line per sample"),
    ],
)
def test_a_table_of_samples_that_is_broken_is_a_line(table: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(table, encoding="utf-8")
    text = (
        'format = 1\ntitle = "t"\nsamples = "s.csv"\n[expression]\ndefine = "E = squared_error(sum(x), t)"\n'
    )
    with pytest.raises(ScenarioError) as caught:
        loads(text, "f.toml", reach=Reach(tmp_path))
    assert str(caught.value) == line


def test_a_program_with_a_mistake_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        'format = 1\ntitle = "t"\n[expression]\ndefine = "y = sum(U @ x)"\n'
        "[expression.inputs]\nU = [[1, 2]]\nx = [1]\n",
        encoding="utf-8",
    )
    assert main(["check", str(path)]) == 2
    assert "y = … : U @ x: (1, 2) @ (1): the 2 columns of U meet the one cell of x" in capsys.readouterr().err
