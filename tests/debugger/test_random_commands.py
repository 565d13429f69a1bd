"""Whatever was typed: `restart` and the log of the session lead to the same place, and so does a saved script."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.errors import CommandError
from bpstep.debugger.script import parse_script, session_log
from bpstep.debugger.session import Session
from bpstep.replay import new_session
from bpstep.scenario.loader import load

MORE = ["train", "predict"]
LEVELS = st.sampled_from(["op", "neuron", "layer", "phase", "sample", "epoch"])
CELLS = {
    "mazur-2-2-2": [
        "w[i1->h1]",
        "b[o1]",
        "y[i2]",
        "t[o1]",
        "lr",
        "y[h1]",
        "delta[h1]",
        "d(w[i1->h1])",
        "cost",
    ],
    "xor": ["w[x1->h1]", "b[o1]", "y[x2]", "t[o1]", "lr", "y[h1]", "delta[h1]", "d(w[x1->h1])", "loss"],
    "chain-rule": ["x", "v", "y", "d(x)", "d(y, u)"],
}
STRUCTURE = [
    "cost = squared-error", "activation hidden = tanh", "optimizer = adam", "optimizer = momentum nesterov=true",
    "rule = article", "rule = overwrite", "digits = 6", "notation = nielsen",
]  # fmt: skip


@st.composite
def lines(draw: st.DrawFn, scenario: str) -> str:
    """One command; now and then one that fails."""
    cell = draw(st.sampled_from(CELLS[scenario]))
    kind = draw(
        st.sampled_from(
            ["step", "back", "goto", "until", "set", "structure", "stop", "go", "ask", "undo", *MORE]
        )
    )
    if kind in ("step", "back"):
        return f"{kind} {draw(LEVELS)} {draw(st.integers(1, 7))}"
    if kind == "goto":
        return draw(st.sampled_from(["goto start", "goto 7", "goto 30", "goto epoch 2", "goto 999999999"]))
    if kind == "until":
        return f"until {draw(st.sampled_from([cell, 'backward', 'note', 'epoch > 1']))}"
    if kind == "set":
        return f"set {cell} = {draw(st.sampled_from(['0.3', '-1', cell + ' * 2', '1/0', 'nothing']))}"
    if kind == "structure":
        return f"set {draw(st.sampled_from(STRUCTURE))}"
    if kind == "stop":
        return draw(
            st.sampled_from([f"break {cell}", f"watch {cell}", "break local if value < 0.2", "delete 1"])
        )
    if kind == "go":
        return draw(st.sampled_from(["continue", "rcontinue", "! goto 3", "! set lr = 0.9", "restart"]))
    if kind == "undo":
        return "undo"
    if kind == "train":
        return draw(
            st.sampled_from(["train 2", "train", "fork b", "switch main", "switch b", "fork", "runs"])
        )
    if kind == "predict":
        return draw(
            st.sampled_from(["predict on", "predict off", "answer 0.5", "answer y[h1]", "hint", "reveal"])
        )
    return draw(st.sampled_from([f"print {cell}", f"why {cell}", f"info {cell}", "stops", "edits", "stps"]))


def state(session: Session) -> tuple[object, ...]:
    readings = []
    for name in session.known_cells():
        from bpstep.scenario.arithmetic import parse_cell

        reading = session.read(parse_cell(name, session.names))
        value = None if reading is None or reading.value is None else np.float64(reading.value).tobytes()
        readings.append((name, value, reading and reading.state))
    stops = tuple((stop.number, stop.text) for stop in session.stops.stops)
    return (
        session.position,
        session.length,
        session.options,
        stops,
        session.run.edits and True,
        session.branch,
        sorted(session.kept),
        tuple(readings),
    )


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_log_leads_to_the_same_place(data: st.DataObject) -> None:
    scenario = data.draw(st.sampled_from(list(CELLS)))
    session = Session(load(scenario))
    session.execute("goto epoch 1")
    for line in data.draw(st.lists(lines(scenario), min_size=1, max_size=12)):
        try:
            session.execute(line)
        except CommandError:
            continue
    there, log = state(session), list(session.log)
    session.execute("restart")
    assert session.position == 0
    assert not session.run.edits
    for line in log:
        session.execute(line)
    assert state(session) == there
    script = parse_script(session_log(session, Path()), "saved.bps", Path())
    assert script.check() == []
    replayed = new_session(script)
    assert list(script.run(replayed)) == []
    assert state(replayed) == there
