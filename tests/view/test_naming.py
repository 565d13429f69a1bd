"""Names that are shortened stay different, wherever there is a way to shorten them so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.debugger.session import Session
from bpstep.debugger.why import why
from bpstep.engine.cells import d, e
from bpstep.scenario.loader import loads
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.naming import SHORT, fitted, told_apart
from bpstep.view.panes import network, program, step, tables
from bpstep.view.panes.why import draw_rows, why_rows
from bpstep.view.scene.frame import Frame
from bpstep.view.words.arrived import arrived, draw_bars

LONG = """
format = 1
title = "Long names"
[network]
inputs = ["temperature_inside", "temperature_outside"]
cost = "half-squared-error"
[[network.layer]]
neurons = ["hidden_representation_neuron_1", "hidden_representation_neuron_2"]
activation = "sigmoid"
weights = [[0.15, 0.2], [0.25, 0.3]]
[[network.layer]]
neurons = ["output_representation_left", "output_representation_right"]
activation = "sigmoid"
weights = [[0.4, 0.45], [0.5, 0.55]]
[[sample]]
input = [0.05, 0.1]
target = [0.01, 0.99]
"""
INPUTS = ("temperature_inside", "temperature_outside")
NEURONS = (
    "hidden_representation_neuron_1", "hidden_representation_neuron_2",
    "output_representation_left", "output_representation_right",
)  # fmt: skip


@given(
    st.text("ab_", max_size=30),
    st.lists(st.text("xyz", min_size=1, max_size=4), min_size=2, max_size=6, unique=True),
    st.integers(7, 20),
)
def test_what_differs_at_the_end_stays_different(begin: str, ends: list[str], width: int) -> None:
    names = tuple(begin + end.rjust(4, "-") for end in ends)
    shown = [told_apart(name, names, width) for name in names]
    assert len(set(shown)) == len(shown)
    assert max(map(len, shown)) <= width


def test_no_two_neurons_of_a_picture_are_called_the_same() -> None:
    frame = Frame.of(Session(loads(LONG, "long")))
    for width, height in ((60, 9), (80, 10), (80, 12), (120, 12), (60, 5)):
        text = network.draw(frame, width, height).text()
        shown = [word for word in text.replace("─", " ").split() if word.startswith(("temp", "t…", "h"))]
        shown = [word for word in shown if "…" in word]
        assert len(set(shown)) == len(shown), text


def test_a_wide_table_of_weights_has_their_names_whole() -> None:
    frame = Frame.of(Session(loads(LONG, "long")))
    assert "…" in tables.draw(frame, 85, 9, "weights").text()
    wide = tables.draw(frame, 220, 9, "weights").text()
    assert "w(temperature_outside→hidden_representation_neuron_2)" in wide


NAMES = st.lists(st.from_regex(r"[ab]{6,20}[xyz]{1,4}", fullmatch=True), min_size=2, max_size=5, unique=True)


@given(NAMES, st.integers(14, 60))
def test_texts_that_differ_in_their_names_stay_different(names: list[str], width: int) -> None:
    long = tuple(names)
    texts = [f"∂E/∂w(i1→{name})" for name in names]
    shown = [fitted(text, long, width) for text in texts]
    assert max(map(len, shown)) <= width
    room = width - len("∂E/∂w(i1→)")
    tell_apart = len({told_apart(name, long, room) for name in names}) == len(names)
    assert len(set(shown)) == len(shown) or room < SHORT or not tell_apart


def alike(names: list[str]) -> int:
    """In how many characters at the beginning names are the same."""
    return next(at for at, letters in enumerate(zip_longest(*names)) if len({*letters}) > 1)


SHORTENED = re.compile(r"\b([a-z]\w*)…(\w*)")


def panes(frame: Frame, width: int, height: int) -> Iterator[str]:
    """Everything that names neurons, in this width: the text of each pane."""
    yield network.draw(frame, width, height).text()
    yield program.draw(frame, max(34, width // 3), height, max(1, frame.position - 8)).text()
    for view in ("weights", "nodes", "matrix"):
        yield tables.draw(frame, width, height, view).text()
    yield step.draw(frame, width, height).text().partition("\n")[2]
    session = frame.session
    tree = why(session.moment, d(e(NEURONS[0])))
    pulls, canvas, rows = arrived(session, tree), Canvas(max(72, width), height), why_rows(tree)
    draw_rows(session, rows, canvas, 0, len(rows) + 1)
    if pulls is not None:
        draw_bars(session, pulls, canvas, len(rows) + 2, 4)
    yield canvas.text()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_whatever_is_shortened_stands_for_one_neuron(width: int) -> None:
    """In cards, program, tables, formulas, the tree of `why` and its bars, however narrow they are."""
    session = Session(loads(LONG, "long"))
    session.position = session.length
    names = [*INPUTS, *NEURONS]
    for place in (1, 4, session.length // 2, session.length - 6, session.length):
        session.position = place
        for text in panes(Frame.of(session), width, 30):
            for begin, end in SHORTENED.findall(text):
                begun = [name for name in names if name.startswith(begin)]
                at_end = [name for name in begun if name.endswith(end)]
                if not begun:
                    continue  # a word that is no name
                shared = len(begun[0]) if len(begun) == 1 else alike(begun)
                behind = [name for name in begun if end and name.startswith(end, shared)]
                assert 1 in (len(at_end), len(behind)), (begin, end, text)
