"""Whatever is printed, number = number only where that is so: every line of every answer and view, worked out anew."""

from __future__ import annotations

import random
import re
from contextlib import suppress

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import parse
from bpstep.debugger.view_names import SHOWN
from bpstep.scenario.loader import load, loads
from bpstep.view.say.exports import attach
from bpstep.view.say.plain import plain_lines
from tests.fuzz.printed import false_equations
from tests.helpers.shipped import SMALL

_ASKED = ("why", "info", "by-hand", "paths", "explain", "step", *(f"show {view}" for view in SHOWN))
_SLOW = {"show check", "show work", "show decision"}


@pytest.mark.parametrize("name", SMALL)
def test_every_line_is_true(name: str) -> None:
    chance = random.Random(name)
    session = Console(load(name))
    attach(session)
    for digits in (2, 4, 12):
        session.execute(f"set digits = {digits}")
        for _ in range(2):
            session.execute(f"goto {chance.randint(1, min(session.length, 2000))}")
            cells = [session.step.cell if session.step else "", chance.choice(session.scope.known_cells())]
            lines = [line for line in _ASKED if line not in _SLOW]
            for line in [
                *lines,
                *(f"{word} {cell}" for word in ("why", "paths", "by-hand") for cell in cells),
            ]:
                try:
                    text = "\n".join(plain_lines(session, session.execute(line), 80))
                except CommandError:
                    continue
                assert not list(false_equations(text, digits)), f"{line} at step {session.position}"


def test_the_reader_of_equations_reads_them() -> None:
    true = "+6.684e−4  = 0.05000 × 0.2413 × 0.4000 × 0.1868 × 0.7414"
    assert not list(false_equations(true, 4))
    for false in (
        true.replace("6.684", "6.784"),
        "w(h1→o1)     0.3589    = η · ∂E/∂w(h1→o1) = 0.5000 × +0.08217  54",
        "  0.6 - 0.5 * (-0.0381) = 0.618049",
        "├─ f′(l)   +0.9237    = 1 − y(l)² = 1 − −0.2761²      101",
    ):
        assert list(false_equations(false, 4)) == [false]


def test_a_number_is_not_cut_where_names_are_long() -> None:
    names = ["a_neuron_with_a_long_name", "another_neuron_beside_it", "the_output_of_the_net"]
    session = Console(loads(_LONG_NAMES.format(*names), "long.toml"))
    attach(session)
    for digits in (2, 4, 12):
        session.execute(f"set digits = {digits}")
        for position in range(1, session.length + 1):
            session.position = position
            for line in ("show chain", "why", "show step"):
                text = "\n".join(plain_lines(session, session.execute(line), 80))
                assert not list(false_equations(text, digits)), f"{line} at step {position}"


_LONG_NAMES = """
format = 1
title = "long names"
[network]
inputs = 2
cost = "half-squared-error"
[[network.layer]]
neurons = ["{0}", "{1}"]
activation = "tanh"
weights = [[0.7123456, -0.912345678], [0.5234567, -0.6234567]]
bias = 0.123456789
[[network.layer]]
neurons = ["{2}"]
activation = "sigmoid"
weights = [[0.7654321, 0.1987654]]
bias = true
[[sample]]
input = [0.123456789, 1.987654321]
target = [0.25]
[training]
learning_rate = 0.1
"""


@pytest.mark.parametrize("name", SMALL)
def test_a_page_by_hand_can_be_typed(name: str) -> None:
    """Each line of `by-hand`, and all of them put together, typed at the prompt, is what the page says."""
    session = Console(load(name))
    attach(session)
    session.execute("set digits = 12")
    session.execute("until update" if session.setup.updates else "goto end")
    session.position -= bool(session.setup.updates)
    graph = session.setup.graph
    vectors = [vector for vector in (*graph.parameters, *graph.given) if vector not in graph.constants]
    for vector in vectors[:6]:
        with suppress(CommandError):  # what nobody uses has no page
            page = "\n".join(plain_lines(session, session.execute(f"by-hand {vector.cell(0)}"), 80))
            assert not re.search(r"\(\([^()]*\)\)", page), page
            for line in page.partition("its derivative")[0].split("\n")[2:]:
                cell, _, right = line.partition(" = ")
                right = right.partition("   = ")[0]
                if right:
                    typed, said = (parse(session.scope, text).value(session.moment) for text in (right, cell))
                    assert typed == pytest.approx(said, rel=1e-8, abs=1e-11), line
