"""What can not be read, or is too large, gets its line before any work is done; what is large and accepted is fast."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bpstep.engine.specs import NetworkSpec
from bpstep.reach import Reach
from bpstep.scenario import loader, samples
from bpstep.scenario.loader import ScenarioError, load, loads

NET = """\
format = 1
title = "A net"
[network]
inputs = 2
cost = "half-squared-error"
[[network.layer]]
neurons = 1
activation = "linear"
init = { scheme = "uniform", seed = 1 }
"""
SAMPLE = "[[sample]]\ninput = [1, 2]\ntarget = [1]\n"


def lines(text: str, folder: Path = Path()) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads(text, "f.toml", reach=Reach(folder))
    return str(caught.value).split("\n")


def line_of(name: str | Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(name)
    (found,) = caught.value.problems
    assert (found.line, found.column) >= (1, 1)
    return str(found)


def test_what_is_no_file_of_text(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_bytes(b"\xef\xbb\xbf \n\n")
    (tmp_path / "utf16.toml").write_bytes("format = 1\n".encode("utf-16"))
    (tmp_path / "late.toml").write_bytes(b"format = 1\ntitle = 'a\xe9'\n")
    with open(tmp_path / "huge.toml", "wb") as file:
        file.truncate(2**40)
    assert line_of(tmp_path / "empty.toml").endswith("empty.toml:1:1: the file is empty; expected a scenario")
    assert "the file is not UTF-8; expected a text file" in line_of(tmp_path / "utf16.toml")
    assert "late.toml:2:1: the file is not UTF-8" in line_of(tmp_path / "late.toml")
    assert "the file is larger than 8 MB; expected a scenario" in line_of(tmp_path / "huge.toml")
    assert "can not read the file: Is a directory; expected a scenario" in line_of(tmp_path)
    assert "can not read the file: No such file" in line_of(tmp_path / "none.toml")
    assert "can not read the file: Not a directory" in line_of(tmp_path / "empty.toml" / "x.toml")


NO_NAMES = ["", "x" * 5000, "x" * 5000 + ".toml", "a\0b", "a\0b.toml", "\u202e", "\udc80.toml", "."]


@pytest.mark.parametrize("name", NO_NAMES, ids=range(len(NO_NAMES)))
def test_what_is_no_name_of_a_file(name: str) -> None:
    assert line_of(name).isprintable()


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no endless file here")
def test_an_endless_file_is_not_read_to_its_end() -> None:
    assert "larger than 8 MB" in line_of("/dev/zero")


def test_a_pipe_is_read(tmp_path: Path) -> None:
    """``bpstep repl <(make-a-scenario)``: what has no size beforehand."""
    read, write = os.pipe()
    os.write(write, (NET + SAMPLE).encode())
    os.close(write)
    try:
        assert load(f"/dev/fd/{read}").title == "A net"
    finally:
        os.close(read)


def test_line_ends_and_byte_order_marks(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_bytes(b"\xef\xbb\xbf" + (NET + SAMPLE).replace("\n", "\r\n").encode())
    assert load(tmp_path / "f.toml").title == "A net"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("inputs = 2", "inputs = 1000000000",
         "f.toml:4:1: network.inputs: found 1000000000; expected a list of names, or a count from 1 on, and at most"),
        ("neurons = 1", "neurons = 99999", "network.layer[0].neurons: more than 100,000 inputs and neurons in all"),
        ("neurons = 1", "neurons = 30000\nactivation = 'relu'\ninit = { scheme = 'he-normal', seed = 2 }\n"
         "[[network.layer]]\nneurons = 700", "f.toml:10:1: network.layer[1]: more than 20,000,000 weights in all"),
        ("[[network.layer]]", "[[network.layer]]\n" * 5001, "f.toml:6:1: network.layer: the list has 5,001 elements;"),
        ("seed = 1", "seed = 99999999999999999999", "seed: found 99999999999999999999; expected a seed"),
        ("seed = 1", "seed = 1, low = -1e308, high = 1e308", "network.layer[0].init.low: low is too far from high"),
        ('"uniform"', '"normal", mean = 1.79e308, std = 1e308', "init: it draws numbers that are not finite"),
        ('"A net"', "1" * 5000, "f.toml:2:9: a number of more than 4300 digits; expected fewer"),
        ('"A net"', "[" * 3000 + "]" * 3000, "f.toml:1:1: the file nests too deeply"),
        ("title", "a." * 20_000 + "title", "f.toml:2:1: more than 100 keys joined by dots; expected fewer"),
    ],
)  # fmt: skip
def test_what_is_too_large(old: str, new: str, line: str) -> None:
    assert line in lines(NET.replace(old, new, 1) + SAMPLE)[0]


def expression(*define: str) -> str:
    quoted = ", ".join(f'"{statement}"' for statement in define)
    return f'format = 1\ntitle = "x"\n[expression]\ndefine = [{quoted}]\n[expression.inputs]\nx = 1.5\n'


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("y = x + 9^9^9^9", "f.toml:4:23: expression.define[0]: this constant is inf; expected a finite one"),
        ("y = x / (1 - 1) * 0^-1", "this constant is inf; expected a finite one"),
        ("y = x + ln(-1)", "this constant is nan; expected a finite one"),
        ("y = x + 1e400", 'the number "1e400" is too large'),
        ("y = " + "(" * 101 + "x" + ")" * 101, "more than 100 levels of nesting"),
        ("y = " + "exp(" * 101 + "x" + ")" * 101, "more than 100 levels of nesting"),
        ("y = " + "-" * 101 + "x", "more than 100 levels of nesting"),
        ("y = " + "^".join("x" * 102), "more than 100 levels of nesting"),
        ("y = " + "+".join("x" * 11_000), "an expression has at most 20000 characters"),
    ],
)
def test_what_is_too_much_for_an_expression(statement: str, line: str) -> None:
    (found,) = lines(expression(statement))
    assert line in found


def test_what_is_large_and_accepted() -> None:
    """A chain of thousands of operations, a product of thousands of factors, a deep nest, a tower of powers."""
    chain = [f"y{k} = sin(y{k - 1})" if k else "y0 = sin(x)" for k in range(3000)]
    product, nest, tower = "*".join("x" * 3000), "(" * 99 + "x*x" + ")" * 99, "^".join("x" * 90)
    for define in (chain, [f"y = {product}"], [f"y = {nest}"], [f"y = {tower}"]):
        assert loads(expression(*define), "f.toml").kind == "expression"
    (found,) = lines(expression(*[f"y{k} = x" + "*x" * 9000 for k in range(3)]))
    assert "expression.define[2]: more than 20,000 operations in all; expected fewer" in found


CSV = 'samples = "data.csv"\n' + NET


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "f.toml:1:1: samples: data.csv: the file is empty; expected a CSV file with a header"),
        (b"x1|x2|l1_1\n1|2|3\n", 'data.csv:1:1: the names are separated by "|"; expected commas'),
        (b"x1;x2;l1_1\n1;2\n", "data.csv:2:1: 2 fields; expected 3"),
        (b"x1;x2;l1_1\n1;1.234,5;3\n", 'data.csv:2:3: found "1.234,5"; expected a finite number'),
        (b"x1\tx2\tl1_1\n1\tzwei\t3\n", 'data.csv:2:3: found "zwei"; expected a finite number'),
        (b"x1,x2,l1_1\n1,2\n", "data.csv:2:1: 2 fields; expected 3"),
        (b"x1,x2,l1_1\n1,2,3,\n", "data.csv:2:1: 4 fields; expected 3"),
        (b"x1,x2,l1_1\n1,,3\n", "data.csv:2:3: an empty field; expected a finite number"),
        (b"x1,x2,l1_1\n1,1_0,3\n", 'data.csv:2:3: found "1_0"; expected a finite number'),
        (b"x1,x2,l1_1\n1,1e999,3\n", 'data.csv:2:3: found "1e999"; expected a finite number'),
        ("x1,x2,l1_1\n1,\u0661,3\n".encode(), 'data.csv:2:3: found "\u0661"; expected a finite number'),
        (b"x1,x2,l1_1\n1,\x1b[31m,3\n", 'data.csv:2:3: found "\\x1b[31m"; expected a finite number'),
        (b"x1,x2,l1_1\n\xff\n", "f.toml:1:1: samples: data.csv: the file is not UTF-8; expected a text file"),
        (b"x1,x2,l1_1\r\n\r\n", "data.csv:1:1: there are no samples; expected a header and a line per sample"),
        (b"1,2,3\n4,5,6\n", 'data.csv:1:1: "1" is neither an input nor an output'),
        (b",,\n,,\n", "data.csv:1:1: the header lacks x1, x2, l1_1; expected every input and output"),
        (b'x1,x2,l1_1\n1,"2,3\n', "data.csv:2:1: 2 fields; expected 3"),
    ],
)  # fmt: skip
def test_a_csv_that_is_none(tmp_path: Path, data: bytes, line: str) -> None:
    (tmp_path / "data.csv").write_bytes(data)
    assert lines(CSV, tmp_path)[0] == line or lines(CSV, tmp_path)[0].startswith(line)


def test_a_csv_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "data.csv").mkdir()
    assert "samples: data.csv: can not read the file: Is a directory" in lines(CSV, tmp_path)[0]
    assert (
        "samples: /dev/zero: the file is larger than"
        in lines(CSV.replace("data.csv", "/dev/zero"), tmp_path)[0]
    )


def test_the_lines_of_a_csv_are_alike_and_so_are_its_problems(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x1,x2,l1_1\n" + "1,two,3\n" * 1000)
    found = lines(CSV, tmp_path)
    assert found[0] == 'data.csv:2:3: found "two"; expected a finite number'
    assert len(found) == 21
    assert found[-1].endswith("... and 980 more")


def test_so_many_numbers_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MOST_NUMBERS", 30)
    (tmp_path / "data.csv").write_text("x1,x2,l1_1\n" + "1,2,3\n" * 11)
    assert lines(CSV, tmp_path) == ["data.csv:1:1: more than 30 numbers; expected fewer lines"]


@pytest.mark.parametrize("plain", [True, False])
def test_a_plain_table_is_read_as_line_by_line(
    plain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NumPy reads a table at once where it can; the floats are those that Python makes of each field."""
    rng = np.random.default_rng(5)
    numbers = rng.normal(size=(200, 3)) * 10.0 ** rng.integers(-300, 300, (200, 3))
    rows = [[repr(x) for x in row] for row in numbers.tolist()]
    rows += [["1.", ".5", " 7 "], ["-0", "1e5", "+3"], ["0.1", "2e-324", "123456789012345678901234567890"]]
    body = "\r\n".join(",".join(row) for row in rows)
    last = "" if plain else '"0",0,0'
    (tmp_path / "data.csv").write_bytes(f"x1,x2,l1_1\n{body}\n\n{last}".encode())
    if plain:
        monkeypatch.setattr(samples._Reader, "numbers", lambda *_: pytest.fail("it was read line by line"))
    problem = loads(CSV, "f.toml", reach=Reach(tmp_path)).problem
    assert isinstance(problem, NetworkSpec)
    found = np.hstack([problem.x, problem.t])[: len(rows)]
    assert found.tolist() == [[float(cell) for cell in row] for row in rows]


def test_the_bounds_of_a_file_are_looked_at_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "MOST_BYTES", 2**20)
    (tmp_path / "f.toml").write_text("#" * (2**20 + 1))
    monkeypatch.setattr("builtins.open", lambda *_: pytest.fail("it was opened"))
    assert "the file is larger than 1 MB" in line_of(tmp_path / "f.toml")
