"""Folding: whatever is folded, the rows add up to the derivative; the count falls from by hand to one sweep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.answers import AllPaths
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.folding import Folded, fold_of, foldable, next_fold
from bpstep.engine.cells import var
from bpstep.engine.specs import ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.engine.ways import multiplications
from bpstep.engine.work import work_of
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.view.panes.folds import draw
from bpstep.view.say.answers import answer_lines
from tests.helpers.array_programs import formulas
from tests.helpers.problems import networks
from tests.helpers.shipped import SMALL


def opened(name: str) -> Console:
    return Console(load(name))


def page(session: Console, line: str) -> Folded:
    answer = session.execute(line)
    assert isinstance(answer, AllPaths)
    return answer.folded


@pytest.mark.parametrize("name", SMALL)
def test_nothing_folded_is_by_hand_and_everything_is_reverse_mode(name: str) -> None:
    session = opened(name)
    work = work_of(session.setup.graph)
    assert page(session, "fold").by_hand == work.by_hand
    folded = page(session, "fold all")
    assert folded.now == folded.least
    if name != "xor-direct":  # which asks for the gradients of its inputs, too
        assert folded.least == work.reverse
    assert page(session, "unfold all").now == work.by_hand


@given(st.one_of(networks(), formulas()), st.data())
@settings(max_examples=60)
def test_the_rows_of_a_page_add_up_whatever_is_folded(
    problem: NetworkSpec | ExpressionSpec, data: st.DataObject
) -> None:
    session = Console(Scenario("s", "s", problem, TrainingSpec()))
    graph = session.setup.graph
    pages = [v.cell(0) for v in (*graph.parameters, *graph.given) if v not in graph.constants]
    cell = data.draw(st.sampled_from(pages))
    names = foldable(session.moment)
    session.folded = tuple(data.draw(st.permutations(names))[: data.draw(st.integers(0, len(names)))])
    with np.errstate(all="ignore"):
        folded = fold_of(session.moment, cell, session.folded)
        assert folded is not None
        if folded.found.total is None or not np.isfinite(folded.found.total):
            return
        total = sum(row.product for row in folded.rows)
        size = sum(abs(row.product) for row in folded.rows)
        assert total == pytest.approx(folded.found.total, rel=1e-9, abs=1e-9 * size)
    assert sum(row.paths for row in folded.rows) == folded.found.count
    for bracket in folded.brackets:
        assert len({row.tail[0] for row in folded.rows[bracket.first : bracket.last + 1]}) == 1
        assert bracket.name not in session.folded
    assert len({bracket.name for bracket in folded.brackets}) == len(folded.brackets), "one bracket a neuron"


@given(networks())
@settings(max_examples=30)
def test_every_fold_that_is_offered_saves_or_costs_nothing(problem: NetworkSpec) -> None:
    session = Console(Scenario("s", "s", problem, TrainingSpec()))
    counts = [multiplications(session.setup.graph)]
    while next_fold(session.moment, session.folded) is not None:
        session.execute("fold")
        folded = fold_of(session.moment, session.setup.graph.parameters[0].cell(0), session.folded)
        assert folded is not None
        counts.append(folded.now)
    if not problem.input_gradients:
        assert counts[-1] == work_of(session.setup.graph).reverse
    assert sorted(counts, reverse=True) == counts


def test_the_eight_paths_of_the_story_fold_into_one_line() -> None:
    session = opened("where-is-the-back-propagation")
    folded = page(session, "paths w[x1->a1]")
    assert [(b.name, b.first, b.last, b.tails) for b in folded.brackets] == [("o", 0, 7, 1)]
    seen = []
    while next_fold(session.moment, session.folded) is not None:
        folded = page(session, "fold")
        seen.append((folded.now, len(folded.rows)))
    assert seen[0][0] < folded.by_hand == 578
    assert seen[-1] == (42, 1)
    assert [rows for _, rows in seen] == [8, 8, 8, 6, 4, 3, 2, 1, 1]
    assert {str(cell) for cell, _ in folded.names} == {f"d(e[{n}])" for n in foldable(session.moment)}


def test_what_is_kept_is_what_back_propagation_finds() -> None:
    session = opened("where-is-the-back-propagation")
    folded = page(session, "fold all")
    session.execute("goto end")
    for cell, value in folded.names:
        assert value == pytest.approx(session.moment.value(cell), rel=1e-12)


def test_a_page_says_in_words_what_a_fold_does() -> None:
    session = opened("where-is-the-back-propagation")
    text = "\n".join(line for line, _ in answer_lines(session, session.execute("paths w[x1->a1]")))
    assert "by hand 578 · one sweep 42" in text
    assert "+0.05044  is the sum: ∂E/∂w(x1→a1)" in text
    assert "counts 516 by hand" in text
    assert max(map(len, text.split("\n"))) <= 78
    text = "\n".join(line for line, _ in answer_lines(session, session.execute("fold delta[d1]")))
    assert "worked out once, and kept:  δ(d1) = +0.09390" in text


@pytest.mark.parametrize(
    ("lines", "says"),
    [(["fold x1"], 'there is no tail of "x1"'), (["unfold"], "nothing is folded"),
     (["fold o", "fold o"], "o is folded already"), (["fold all", "fold"], "one backward sweep"),
     (["fold o", "unfold d1"], "d1 is not folded")],
)  # fmt: skip
def test_what_can_not_be_folded(lines: list[str], says: str) -> None:
    session = opened("where-is-the-back-propagation")
    *before, last = lines
    for line in before:
        session.execute(line)
    with pytest.raises(CommandError, match=says):
        session.execute(last)


def test_a_page_of_what_nobody_uses_is_a_page_without_paths() -> None:
    session = Console(load("embedding"))
    session.page = var("M[1,1]")
    found = fold_of(session.moment, session.page)
    assert found is not None
    assert found.rows == ()
    assert "M[1,1]" in draw(session, found, 0, 80, 24).text()
