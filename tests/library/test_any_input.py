"""Whatever a program hands over, it gets an answer or a `ValueError` that can be read; never another error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import bpstep


class Elsewhere:
    """A tensor of a library that does not give its numbers away."""

    def __array__(self, *given: object, **named: object) -> None:
        raise RuntimeError("can't convert a device tensor to numpy")


#: What nobody means, and what somebody might.
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 3, 1e400, float("nan"), 1j, "", "x", "\x1b[31m", "out,in", b"x", [], {}, (), object(), object,
    [None], [[]], [[1, 2], [3]], ["tanh"], ["tanh", 3], {"name": "adam"}, {"name": None}, {1: 2}, [1.0, 2.0],
    np.zeros((0, 2)), np.ones((2, 2)), np.array([[1.0, np.nan]]), np.array(["a"]), np.array(None), np.ones((2, 2, 2)),
    [np.ones((2, 2))], [np.ones((2, 2)), np.ones((3, 3))], 10**400, Elsewhere(), [Elsewhere()],
    lambda *given: None, iter([1]),
)  # fmt: skip
NETWORK: dict[str, Any] = {
    "weights": [np.ones((2, 2)), np.ones((1, 2))], "biases": [np.ones(2), None], "activations": ["tanh", "sigmoid"],
    "x": [[1.0, 2.0]], "t": [[0.5]], "cost": "half-squared-error", "layout": "out,in", "names": ["a", "b"],
    "learning_rate": 0.5, "batch": 1, "reduction": "mean", "epochs": 1, "shuffle": 1, "l2": 0.0, "optimizer": "sgd",
    "title": "t",
}  # fmt: skip


def said(do: Any, *given: Any, **named: Any) -> Any:
    """What comes of a call; of one that is refused, its message, which has to be readable."""
    try:
        return do(*given, **named)
    except ValueError as error:
        message = str(error)
    assert message
    assert all(line.isprintable() for line in message.split("\n")), repr(message)
    return None


@pytest.mark.parametrize("name", NETWORK)
def test_no_argument_of_network_breaks_it(name: str) -> None:
    for junk in JUNK:
        made = said(bpstep.network, **{**NETWORK, name: junk})
        if made is not None:
            assert len(made.to_dicts()) == len(made)


def test_no_source_no_name_and_no_step_breaks_a_run() -> None:
    run = bpstep.load("mazur-2-2-2")
    for junk in JUNK:
        said(bpstep.load, junk)
        said(bpstep.load, "mazur-2-2-2", seed=junk)
        said(bpstep.load, "mazur-2-2-2", epochs=junk)
        said(run.__getitem__, junk)
        said(run.step, junk)
        said(run.until, junk)
        said(run.to_dicts, junk)
        said(run.to_dicts, 1, junk)


def test_no_numbers_break_a_comparison() -> None:
    run = bpstep.load("mazur-2-2-2")
    for junk in JUNK:
        said(bpstep.compare, run, junk)
        said(bpstep.compare, junk, {"dW1": 1.0})
        said(bpstep.compare, run, {"delta[h1]": junk})
        said(bpstep.compare, run, {junk if isinstance(junk, str | int | float | None) else "x": 1.0})
        for name in ("layout", "relative", "epoch"):
            said(bpstep.compare, run, {"delta[o1]": run["delta[o1]"]}, **{name: junk})


def test_nothing_breaks_a_check() -> None:
    for junk in JUNK:
        if callable(junk):
            continue  # it is a function of the program, and what it raises is its own
        said(bpstep.check, lambda x: 1.0, junk, junk)
        said(bpstep.check, lambda x, junk=junk: junk, 1.0, 1.0)
        said(bpstep.check, lambda x, junk=junk: (1.0, junk), [1.0, 2.0])
        said(bpstep.check, lambda x: 1.0, {"a": junk}, {"a": junk})
        said(bpstep.check, lambda x: 1.0, [np.ones(2)], junk)
