"""Every kind of file gives the same numbers; whatever is wrong with one is one line and exit 2, and nothing is run."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bpstep.cli import main
from bpstep.comparison.entries import NumbersError, entries_of
from bpstep.comparison.reading import MOST_BYTES, read_numbers
from bpstep.comparison.report import Report, compare_numbers
from bpstep.engine.run import Run
from bpstep.scenario.loader import load
from tests.comparison.oracle import Net, learn

SCENARIO = "mazur-2-2-2"


def right(scenario: str = SCENARIO) -> dict[str, np.ndarray]:
    """The right numbers, by the oracle."""
    problem = load(scenario).problem
    W, b = [layer.weights for layer in problem.layers], [layer.bias for layer in problem.layers]
    rows = len(problem.x) if load(scenario).training.batch is None else 1
    net = Net(W, b, [layer.activation for layer in problem.layers], problem.cost)
    return learn(net, problem.x[:rows], problem.t[:rows])


def held(numbers: dict[str, object], scenario: str = SCENARIO, **settings: object) -> Report:
    found = load(scenario)
    return compare_numbers(Run(found.problem, found.training), entries_of(numbers.items()), **settings)


def written(kind: str, folder: Path) -> Path:
    """A file of the right numbers."""
    numbers = right()
    path = folder / f"mine.{kind}"
    if kind == "json":
        path.write_text(json.dumps({name: array.tolist() for name, array in numbers.items()}))
    elif kind == "npz":
        np.savez(path, **numbers)
    elif kind == "mat":
        pytest.importorskip("scipy.io").savemat(path, {**numbers, "grads": {"dW1": numbers["dW1"]}})
    else:
        cells = {f"d(b[{name}])": x for name, x in zip(("o1", "o2"), numbers["db2"], strict=True)}
        point, sign = (",", ";") if kind == "csv" else (".", "\t")
        lines = [
            f"value{sign}cell",
            *(f"{str(x).replace('.', point)}{sign}{name}" for name, x in cells.items()),
        ]
        path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("kind", ["json", "npz", "mat", "csv", "tsv"])
def test_every_kind_of_file_is_read(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(kind, tmp_path)
    assert main(["compare", SCENARIO, str(path)]) == 0
    assert "agree" in capsys.readouterr().out


def test_arrays_of_their_own_files_and_traces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("dW1", "db1"):
        np.save(tmp_path / f"{name}.npy", np.asfortranarray(right()[name]))
    assert main(["compare", SCENARIO, str(tmp_path / "dW1.npy"), str(tmp_path / "db1.npy")]) == 0
    assert "6 numbers read: all 6 agree" in capsys.readouterr().out
    main(["trace", "xor", "--rule", "no-derivative", "--epochs", "1"])
    (tmp_path / "trace.jsonl").write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["compare", "xor", str(tmp_path / "trace.jsonl")]) == 1
    assert "no-derivative, in all layers" in capsys.readouterr().out


ROW = {"dW1": [[0.0, 0.0], [0.0, 0.0]]}


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("echo unpickled",)


def _zip(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def _npy(array: object) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def _promising(shape: str) -> bytes:
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    head += " " * (64 - (10 + len(head) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + b"\0" * 80


BAD: dict[str, tuple[object, str]] = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \n\t\n", "the file is empty"),
    "no names": ({"foo": 1.0, "bar": [2]}, "nothing in it fits: foo"),
    "no layer": ({"dW7": [[1.0]]}, "no such layer"),
    "shape": ({"dW1": [[1, 2, 3]]}, "dW1 (1, 3): expected (2, 2)"),
    "nan": ({"dW1": [[0, float("nan")], [0, 0]]}, "dW1[1, 2] is nan"),
    "infinite": ({"db1": [float("inf"), 1]}, "db1[1] is infinite"),
    "ragged": ({"dW1": [[1, 2], [3]]}, '"dW1" is ragged'),
    "ragged deeper": ({"dW1": [[1, 2], [3, [4]]]}, '"dW1" is ragged'),
    "text": ({"dW1": "hello"}, '"dW1" holds text'),
    "truth": ({"dW1": [[True, False]]}, "a truth value"),
    "null": ({"dW1": None}, '"dW1" holds nothing'),
    "huge number": (b'{"db1": [1' + b"0" * 400 + b", 1]}", "no float can hold"),
    "too many digits": (b'{"db1": [1' + b"0" * 5000 + b", 1]}", "too many digits"),
    "a list": ([1, 2], "a list without names"),
    "a number": (b"3.5", "no header"),
    "no JSON": (b'{"dW1": [1, }', "no JSON at line 1, column 13"),
    "deep": (b'{"dW1": ' + b"[" * 100000, "nested too deeply"),
    "twice": ({"delta[h1]": 0.1, "d(e[h1])": 0.2}, "delta[h1] is given twice"),
    "twice as arrays": (b'{"dW1": [[1, 2], [3, 4]], "dW1": [[1, 2], [3, 5]]}', "dW1 is given twice"),
    "control characters": ({"dW1\x1b[2J\u202e": "x"}, "\\x1b[2J\\u202e"),
    "csv header": (b"a,b\n1,2\n", "no header"),
    "csv number": (b"cell,value\ndelta[h1],abc\n", "line 2: the value is"),
    "csv short": (b"cell,value\ndelta[h1]\n", "line 2 has 1 column;"),
    "csv sample": (b"cell,value,sample\ndelta[h1],1,x\n", "line 2: the sample is"),
    "binary": (b"\x00\xff\xfe\x01" * 20, "of no kind that can be read"),
    "pickle": (_npy(np.array([Evil()], dtype=object)), "Python objects, which are not unpickled"),
    "pickle in an archive": (_zip("dW1.npy", _npy(np.array([Evil()], dtype=object))), "not unpickled"),
    "promise": (_promising("(10, 1000000000000)"), "ends too early"),
    "negative": (_promising("(-1, 10)"), "is no array"),
    "promise in an archive": (_zip("dW1.npy", _promising("(99999999999,)")), "ends too early"),
    "bomb": (_zip("dW1.npy", b"\0" * (MOST_BYTES + 1)), "unpacks to more than"),
    "broken archive": (b"PK\x03\x04nonsense", "a broken archive"),
    "no arrays": (_zip("a.txt", b"a"), "without arrays"),
    "complex": (_npy(np.array([1j])), "complex numbers"),
    "words": (_npy(np.array(["a"])), "holds text"),
    "new MAT": (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "version 7.3"),
    "trace": (b'{"format": "bpstep-trace"}\n{"step": 1}\n', "line 2 is no step of a trace"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_line_and_exit_2(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content, message = BAD[name]
    path = tmp_path / "mine"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    assert main(["compare", SCENARIO, str(path)]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert err.rstrip("\n").isprintable()
    assert "unpickled\n" not in err.replace("not unpickled", "")


def test_a_gigabyte_is_refused_by_its_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.json"
    with open(path, "wb") as file:
        file.truncate(2**30)
    assert main(["compare", SCENARIO, str(path)]) == 2
    assert "the file has 1024 MB" in capsys.readouterr().err
    assert main(["compare", SCENARIO, str(tmp_path / "not there.json")]) == 2
    assert "No such file" in capsys.readouterr().err
    assert main(["compare", SCENARIO, str(tmp_path)]) == 2


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Piped:
        buffer = io.BytesIO(json.dumps({"db1": right()["db1"].tolist()}).encode())

    monkeypatch.setattr("sys.stdin", Piped())
    assert main(["compare", SCENARIO, "-"]) == 0


# --- names and layouts --------------------------------------------------------------------------------


def renamed(numbers: dict[str, np.ndarray], how: str) -> dict[str, np.ndarray]:
    """The same numbers as people name and lay them."""
    W = {name: array for name, array in numbers.items() if name.startswith(("dW", "db"))}
    if how == "from 0":
        return {f"{name[:2]}{int(name[2:]) - 1}": array for name, array in W.items()}
    if how == "pytorch":
        what = {"dW": "weight", "db": "bias"}
        return {f"net.{2 * (int(name[2:]) - 1)}.{what[name[:2]]}.grad": array for name, array in W.items()}
    if how == "pytorch names":
        what, module = {"dW": "weight", "db": "bias"}, {"1": "fc_in", "2": "fc_out"}
        return {
            f"{module[name[2:]]}.{what[name[:2]]}.grad": W[name] for name in sorted(W, key=lambda n: n[2:])
        }
    if how == "grad suffix":
        return {f"{name[1:]}_grad": array for name, array in W.items()}
    if how == "by layer":
        layers = {"1": "hidden", "2": "output"}
        return {f"{name[:2]}_{layers[name[2:]]}": array for name, array in W.items()}
    if how == "turned":
        return {name: array.T if name.startswith("dW") else array[:, None] for name, array in W.items()}
    if how == "columns are samples":
        kinds = ("a", "z", "da", "dz")
        return {name: a.T for name, a in numbers.items() if name.rstrip("0123456789") in kinds}
    return numbers


@pytest.mark.parametrize(
    "how",
    [
        "plain",
        "from 0",
        "pytorch",
        "pytorch names",
        "grad suffix",
        "by layer",
        "turned",
        "columns are samples",
    ],
)
@pytest.mark.parametrize("scenario", [SCENARIO, "xor"])
def test_names_and_layouts_of_all_kinds_are_recognised(how: str, scenario: str) -> None:
    numbers = renamed(right(scenario), how)
    report = held(numbers, scenario)
    assert report.ok
    assert not report.unread
    assert report.read == sum(array.size for array in numbers.values())


def test_outputs_have_their_own_count() -> None:
    """Weights from 0 and outputs from 1, where a0 are the inputs; or both from 0."""
    n = right()
    assert held({"dW0": n["dW1"], "dW1": n["dW2"], "a0": n["a0"], "a1": n["a1"], "a2": n["a2"]}).ok
    assert held({"dW0": n["dW1"], "dW1": n["dW2"], "a0": n["a1"], "a1": n["a2"]}).ok
    assert held({"z1": n["z1"], "a0": n["a0"], "a1": n["a1"]}).ok


def test_what_fits_nothing_is_listed_with_what_was_expected() -> None:
    numbers = right()
    report = held({"dW1": numbers["dW1"], "dW2": numbers["dW2"][:, :1], "foo": [1.0], "delta[nobody]": 1.0})
    assert (report.wrong, report.misshapen, report.ok) == (0, 1, False)
    assert held({"dW1": numbers["dW1"], "foo": [1.0]}).ok
    assert "dW2 (2, 1): expected (2, 2)" in report.unread
    assert any(line.startswith("foo (1,): no name of a cell") for line in report.unread)
    assert any(line.startswith("delta[nobody]: there is no such cell") for line in report.unread)


def test_layout_decides_what_the_shape_leaves_open() -> None:
    turned = {"dW1": right()["dW1"].T}
    assert not held(turned, layout="out,in").ok
    assert held(turned, layout="in,out").ok
    found = held(turned)
    assert found.ok
    assert "dW1 taken as in,out" in found.taken[0]


def test_how_exact_the_numbers_are_is_seen_and_said() -> None:
    numbers = right()
    for kind, says in (
        (np.float64, "double"), (np.float32, "float32"),
        (lambda a: np.vectorize(lambda x: float(f"{x:.5g}"))(a), "rounded to 5 digits"),
        (lambda a: np.round(a, 6), "rounded to 6 decimals"),
    ):  # fmt: skip
        report = held({"dW1": kind(numbers["dW1"]).astype(float), "dW2": kind(numbers["dW2"]).astype(float)})
        assert (report.precision.says, report.ok) == (says, True)


def test_single_precision_is_named_where_more_is_asked_for() -> None:
    numbers = right()
    single = {name: numbers[name].astype(np.float32).astype(float) for name in ("dW1", "db1", "a1")}
    assert held(single).ok
    report = held(single, relative=1e-12)
    assert report.mistake == "rounded-to-float32"
    assert report.finding.matches[0].explained == report.wrong
    assert (
        held(dict.fromkeys(("dW1", "dW2"), np.ones((2, 2))), relative=1e-12).mistake != "rounded-to-float32"
    )


def test_read_numbers_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"b": 1, "a": {"x": [2]}}')
    assert [(entry.name, entry.numbers.tolist()) for entry in read_numbers(str(path))] == [
        ("b", 1.0),
        ("a.x", [2.0]),
    ]


def test_a_mangled_file_is_read_or_told(tmp_path: Path) -> None:
    """Bytes changed, cut out and put in: numbers, or one line that says what is wrong."""
    chance = random.Random(5)
    path, told = tmp_path / "mine", []
    good = [written(kind, tmp_path).read_bytes() for kind in ("json", "npz", "csv", "mat")]
    good += [
        _npy(right()["dW1"]),
        b'{"format": "bpstep-trace"}\n{"phase": "x", "cell": "b", "sample": 1, "value": 1}',
    ]
    for _ in range(200):
        data = bytearray(chance.choice(good))
        for _ in range(chance.choice([1, 1, 2, 4])):
            at = chance.randrange(len(data))
            piece = bytes(data[at - 30 : at]) if chance.random() < 0.5 else chance.choice(PIECES)
            data[at : at + chance.choice([0, 1, 9])] = piece
        path.write_bytes(data)
        try:
            found = read_numbers(str(path))
        except NumbersError as error:
            told.append(str(error))
        else:
            assert all(np.isfinite(entry.numbers).all() for entry in found)
    assert told
    assert all(line.isprintable() for line in told)


PIECES = (
    b"NaN",
    b"1e999",
    b"null",
    b"[",
    b"{",
    b'"',
    b"9" * 400,
    b"true",
    b"\x1b[2J",
    b";",
    b"\xff",
    b"\0\0",
)


def test_a_gradient_for_every_sample_is_added_up_as_the_loss_does() -> None:
    """Leading axes of samples: of a gradient, and of numbers of all samples where the batch has one."""
    n, x = right("xor"), load("xor").problem.x
    each = {
        "dW2": np.einsum("sj,si->sji", n["dz2"], n["a1"]) * len(x), "db2": n["dz2"] * len(x),
        "dW1": np.einsum("sj,si->sji", n["dz1"], x) * len(x),
    }  # fmt: skip
    report = held(each, "xor")
    assert report.ok
    assert report.read == 7
    assert any("its 4 samples are averaged" in line for line in report.taken)
