"""Arrays become a network whose numbers are theirs, however they lie; and what can not be one is said in a line."""

from __future__ import annotations

import tomllib
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.cli import main
from bpstep.comparison.entries import entries_of
from bpstep.comparison.sheet import sheet_of
from bpstep.engine.run import Run
from bpstep.importing.arrays import imported
from bpstep.scenario.loader import load, stated

SIZES = st.lists(st.integers(1, 4), min_size=2, max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    SIZES,
    st.booleans(),
    st.sampled_from(("W{}", "w_{}", "weights[{}]", "{}.weight", "net.{}.weight")),
    st.data(),
)
def test_the_network_computes_what_the_arrays_do(
    sizes: list[int], turned: bool, name: str, data: st.DataObject
) -> None:
    rng = np.random.default_rng(len(sizes))
    layers = [(rng.normal(size=(n, m)), rng.normal(size=n)) for m, n in pairwise(sizes)]
    x, t = rng.normal(size=(3, sizes[0])), rng.normal(size=(3, sizes[-1]))
    first, step = (0, 2) if "." in name else (data.draw(st.integers(0, 1)), 1)
    pairs = []
    for k, (w, b) in enumerate(layers):
        of = name.format(first + k * step)
        bias = of.replace("weight", "bias") if "." in name else f"b{first + k}"
        pairs += [(of, w.T if turned else w), (bias, data.draw(st.sampled_from((b, b[:, None], b[None, :]))))]
    entries = entries_of(data.draw(st.permutations([*pairs, ("X", x), ("T", t)])))
    layout = "in,out" if turned else "out,in"
    found = imported(entries, "net", ["tanh"] * len(layers), layout=layout)
    sheet = sheet_of(Run(*_of(found.document)))
    a = x
    for k, (w, b) in enumerate(layers):
        a = np.tanh(a @ w.T + b)
        assert np.allclose(sheet.slots["y", k].right, a, rtol=1e-12, atol=0)
    assert np.array_equal(sheet.slots["t", 0].right, t)
    sure = imported(entries, "net", ["tanh"] * len(layers))
    if not any("leave it open" in text for text in sure.taken):
        assert sure.document == found.document


def _of(document: dict[str, object]):  # type: ignore[no-untyped-def]
    scenario = stated(document, "net")
    return scenario.problem, scenario.training


def _write(path: Path, **arrays: object) -> str:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return str(path)


def test_a_file_is_written_that_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    name = _write(
        tmp_path / "weights.npz", W1=rng.normal(size=(2, 3)), b1=np.zeros(3), W2=rng.normal(size=(3, 1))
    )
    out = tmp_path / "mine.toml"
    assert main(["import", name, "--activations", "tanh,sigmoid", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "2-3-1, tanh and sigmoid; half-squared-error" in told
    assert "weights taken as in,out, by their shapes" in told
    assert "made up" in told
    assert load(str(out)).problem.layers[1].bias is None  # type: ignore[union-attr]
    before = out.read_text()
    assert main(["import", name, "--activations", "tanh,sigmoid", "--out", str(out)]) == 2
    assert "is left as it is" in capsys.readouterr().err
    assert out.read_text() == before
    assert main(["import", name, "--activations", "tanh,sigmoid"]) == 0
    assert tomllib.loads(capsys.readouterr().out) == tomllib.loads(before)


def test_safetensors_are_read_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed").save_file
    weights = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)
    tensors = {f"net.{k}.weight": weights[:, :2] if k == 0 else weights[:2].T.copy() for k in (0,)}
    tensors |= {"net.10.weight": np.ones((1, 4), np.float32), "net.2.weight": np.ones((4, 3), np.float32)}
    save_file(tensors, tmp_path / "m.safetensors")
    assert main(["import", str(tmp_path / "m.safetensors"), "--activations", "ReLU,LeakyReLU,identity"]) == 0
    layers = tomllib.loads(capsys.readouterr().out)["network"]["layer"]
    assert layers[0]["weights"] == weights.astype(float).tolist()
    assert [layer["activation"] for layer in layers] == ["relu", "leaky-relu", "linear"]
    for cut in (9, 40, len((tmp_path / "m.safetensors").read_bytes()) - 1):
        (tmp_path / "cut.safetensors").write_bytes((tmp_path / "m.safetensors").read_bytes()[:cut])
        assert main(["import", str(tmp_path / "cut.safetensors"), "--activations", "tanh"]) == 2
        assert capsys.readouterr().err.count("\n") == 1


BAD = {
    "no_weights": ({"lr": 0.1}, "tanh", "there are no weights in it: lr ()"),
    "bias_alone": ({"W1": np.ones((1, 1)), "b2": [1.0]}, "tanh,tanh", "b2 has no weights beside it"),
    "count": ({"W1": np.ones((2, 3)), "W2": np.ones((1, 2))}, "tanh", "1 activation for 2 layers (W1 and W2)"),
    "unknown": ({"W1": np.ones((2, 3))}, "sigmoidal", 'is no activation; did you mean "sigmoid"?'),
    "chain": ({"W1": np.ones((2, 3)), "W2": np.ones((4, 5))}, "tanh,tanh",
              "W2 (4, 5) has 5 sources for the 2 neurons of W1 (2, 3); taken as in,out"),
    "bias": ({"W1": np.ones((2, 3)), "b1": np.ones(4)}, "tanh", "b1 (4,) does not fit W1 (2, 3)"),
    "twice": ({"W1": np.ones((2, 3)), "w_1": np.ones((2, 3))}, "tanh", "W1 and w_1 are both of one layer"),
    "mixed": ({"W1": np.ones((2, 3)), "a.weight": np.ones((2, 2))}, "tanh,tanh", "by numbers and by modules"),
    "cube": ({"W1": np.ones((2, 3, 2))}, "tanh", "expected a matrix"),
    "empty": ({"W1": np.ones((0, 3))}, "tanh", "expected a matrix"),
    "nan": ({"W1": np.array([[np.nan]])}, "tanh", "W1[1, 1] is nan"),
    "objects": ({"W1": np.array([[None]], dtype=object)}, "tanh", "not unpickled"),
    "half": ({"W1": np.ones((2, 3)), "X": np.ones((1, 3))}, "tanh", "expected both X and T, or neither"),
    "samples": ({"W1": np.ones((2, 3)), "X": np.ones((4, 3)), "T": np.ones((5, 2))}, "tanh",
                "X has 4 samples and T 5"),
    "width": ({"W1": np.ones((2, 3)), "X": np.ones((4, 5)), "T": np.ones((4, 2))}, "tanh", "expected 3 numbers"),
    "large": ({"W1": np.ones((2000, 1000))}, "tanh", "larger than 8 MB"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_network_is_said_in_one_line(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arrays, activations, says = BAD[case]
    name = _write(tmp_path / "w.npz", **arrays)
    assert main(["import", name, "--activations", activations]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err


def test_what_is_no_cost_and_what_is_a_pickle_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = _write(tmp_path / "w.npz", W1=np.ones((2, 3)))
    assert main(["import", name, "--activations", "tanh", "--cost", "mse"]) == 2
    err = capsys.readouterr().err
    assert '"mse" is no cost; expected one of ' in err
    assert err.endswith('; did you mean "mean-squared-error"?\n')
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("m/data.pkl", b"\x80\x02}q\x00.")
    assert main(["import", str(tmp_path / "m.pt"), "--activations", "tanh"]) == 2
    assert "a pickle of PyTorch, which is not opened" in capsys.readouterr().err
