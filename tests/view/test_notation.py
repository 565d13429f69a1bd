"""The letters of several books beside each other, and the step at hand in each."""

from __future__ import annotations

import pytest

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.scenario.loader import load
from bpstep.scenario.notations import NOTATIONS
from bpstep.view.say.answers import answer_lines


def said(session: Console, line: str) -> str:
    return "\n".join(text for text, _ in answer_lines(session, session.execute(line)))


def test_two_books_stand_side_by_side_with_the_step_at_hand() -> None:
    session = Console(load("mazur-2-2-2"))
    session.execute("until delta[h1]")
    text = said(session, "notation compare nielsen")
    assert "bpstep      nielsen" in text
    assert "  bpstep    δ(h1) += ∂E/∂y(h1) · f′(h1)" in text
    assert "  nielsen   δ(h1) += ∂C/∂a(h1) · σ′(h1)" in text
    assert session.log == ["until delta[h1]"], "looking is no change"
    assert all(f"  {name} " in said(session, "notation compare") for name in NOTATIONS)


def test_a_notation_is_set_by_its_name_and_a_log_says_so() -> None:
    session = Console(load("mazur-2-2-2"))
    session.execute("notation ng")
    assert session.options.notation == "ng"
    assert session.log == ["notation ng"]
    with pytest.raises(CommandError, match="unknown notation"):
        session.execute("notation compare n")
