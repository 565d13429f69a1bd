"""Names that are shortened stay different, wherever there is a way to shorten them so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bpstep.debugger.session import Session
from bpstep.scenario.loader import loads
from bpstep.view.drawing.naming import told_apart
from bpstep.view.panes import network, tables
from bpstep.view.scene.frame import Frame

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
[[sample]]
input = [0.05, 0.1]
target = [0.01, 0.99]
"""


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
