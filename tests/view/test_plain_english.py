"""Everything that is printed, read through for what no one would write: 21th, 1 steps, neither … and, twice of, −0.

Read are all views and the answers of all commands that show something, at steps of every kind, and the trace of every
scenario; and in the source every count that stands before a noun.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bpstep
from bpstep.debugger.choices import LISTS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine.rules import RULES
from bpstep.view.drawing.glyphs import GLYPH_SETS
from bpstep.view.say.exports import attach
from bpstep.view.say.plain import plain_lines
from bpstep.view.say.trace import write_trace
from bpstep.view.say.views import VIEWS, view
from tests.helpers.moments import EVERY, moments, opened_at

#: Words that end in s and may stand behind a 1.
NO_PLURALS = "is|as|has|was|plus|minus|times|its|this|always|loss|class|less|bias|unless|s"
NOUNS = (
    "step|epoch|sample|path|update|question|item|layer|neuron|weight|gradient|contribution|signal|sweep|line|command|"
    "problem|exercise|row|number|field|character|level|cell|rule|run|scenario|parameter|column|multiplication|file|way"
)
WRONG = {
    "ordinal": re.compile(r"(?<![\d.])\d*(?:(?<!1)[123]th|1[123](?:st|nd|rd)|[04-9](?:st|nd|rd))\b"),
    "one and many": re.compile(rf"(?<![\w.,−/-])1 (?!(?:{NO_PLURALS})\b)[a-z]+[a-rt-z]s\b"),
    "many and one": re.compile(rf"(?<![\w.,−/-])(?:[02-9]|\d\d+|\d{{1,3}}(?: \d{{3}})+) (?:{NOUNS})\b(?!-)"),
    "neither … and": re.compile(r"\bneither\b[^.;]*\band\b"),
    "twice of": re.compile(r"\btwice of\b"),
    "minus nought": re.compile(r"(?<![\we.])[-−]0(?:\.0*)?(?![\d.e])"),
    "plus minus": re.compile(r"\+ [-−](?=\d)|[+−] \+(?=\d)"),
    "no value": re.compile(r"\bNone\b"),
    "all of one": re.compile(r"\ball 1\b|\b1 [a-z]+, (?:one for )?each\b"),
    "a change of nothing": re.compile(r"\b(?:fall|fell|rise|rose) (?:0(?![.\d])|nan|[−-]?inf)"),
}


def faults(text: str) -> list[tuple[str, str]]:
    return [
        (name, line) for line in text.split("\n") for name, pattern in WRONG.items() if pattern.search(line)
    ]


@pytest.mark.parametrize(
    "text",
    ["the 21th", "a 3th part", "the 12nd", "1 problems", "of 1 updates", "3 path to", "neither [a] and [b]",
     "twice of 0.6", "ratio −0", "0.5 + (-0)", "−0.000", "= -0", "0.2 + -1 × ln(0.5)", "0.5 × 0.1 + +0.4", "None",
     "all 1 agree", "1 sweep, one for each of the inputs", "1 product, each with", "it fell 0",
     "predicted rise nan!, it rose −inf!"],
)  # fmt: skip
def test_the_patterns_find_what_they_are_for(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    ["the 21st of 22", "11th, 112th", "1 problem, 2 problems", "1e−05", "h-0", "−0.5", "1 × 2", "0.1 epochs",
     "1 is the sum", "neither a nor b; c and d", "0.2 − 1 × ln(0.5)", "+0.5 + (−1)",
     "all 12 agree", "2 sweeps, one for each", "it fell 0.001"],
)  # fmt: skip
def test_the_patterns_find_nothing_else(text: str) -> None:
    assert not faults(text)


# --- what is printed --------------------------------------------------------------------------------------


def answers(session: Console) -> Iterator[str]:
    """What the commands that show something say of this moment."""
    step = session.step
    assert step is not None
    cells = [step.cell, *(factor.cell for factor in step.inputs[:2])]
    words = ("print", "info", "why", "paths", "by-hand")
    lines = [f"{word} {cell}" for cell in cells for word in words]
    lines += [f"check {cell}" for cell in cells if cell.kind in ("w", "b")]
    for line in (
        *lines,
        "stops",
        "edits",
        "runs",
        "expect step = 0",
        "until step == 1000000",
        "goto 1000000000",
    ):
        try:
            yield "\n".join(plain_lines(session, session.execute(line), 80))
        except CommandError as error:
            yield str(error)


def shown(session: Console) -> Iterator[str]:
    """All views, and the lists to choose from."""
    real_size = session.setup.graph.parameter_count > 1000
    for name in VIEWS:
        if name != "story" and not (real_size and name in ("check", "diff")):
            yield view(session, name, 100).text()
    for title, make in LISTS.values():
        yield "\n".join(
            [title, *(f"{choice.label}\n{choice.says}\n{choice.why_not}" for choice in make(session.scope))]
        )


@pytest.mark.parametrize("scenario", EVERY)
def test_views_answers_and_traces(scenario: str) -> None:
    session = opened_at(scenario)
    attach(session)
    positions = moments(scenario)
    for number, position in enumerate(positions):
        session.position = position
        texts = [view(session, name, 100).text() for name in ("explain", "step", "chain")[number % 2 :]]
        if number == len(positions) // 2:
            texts += [*shown(session), *answers(session)]
        assert not [(position, found) for text in texts for found in faults(text)]
    if session.length < 3000:
        trace = io.StringIO()
        write_trace(session.scenario, session.run, "text", trace)
        assert not faults(trace.getvalue())


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "correct"])
def test_wrong_rules(rule: str) -> None:
    for name in ("mazur-2-2-2", "chain-rule"):
        try:
            session = opened_at(name, (f"set rule = {rule}",))
        except CommandError:
            continue
        for number, position in enumerate(moments(name, (f"set rule = {rule}",))):
            session.position = position
            text = view(session, ("explain", "step", "chain")[number % 3], 100).text()
            assert not faults(text), position


NOUGHTS = ("set w[h1->o1] = -1 * 0", "set y[i1] = 0 * (-1)", "set b[h1] = 0", "set w[i1->h2] = 0 - 0")


def test_nought_has_no_minus() -> None:
    commands = (*NOUGHTS, "diff bias-forgotten")
    session = opened_at("mazur-2-2-2", commands)
    attach(session)
    for number, position in enumerate(moments("mazur-2-2-2", commands)):
        session.position = position
        session.execute(f"set glyphs = {tuple(GLYPH_SETS)[number % len(GLYPH_SETS)]}")
        texts = [
            view(session, name, 100).text() for name in ("explain", "step", "chain", "program", "network")
        ]
        texts += answers(session)
        assert not [(position, found) for text in texts for found in faults(text)]
    assert not faults(view(session, "diff", 100).text())


# --- what would be printed ----------------------------------------------------------------------------------

SOURCE = sorted(Path(bpstep.__file__).parent.rglob("*.py"))


def bare_counts(source: str) -> Iterator[str]:
    """Counts before a plural, or an ending, that would stay as they are if the count were 1."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, text in zip(node.values, node.values[1:], strict=False):
            if not isinstance(value, ast.FormattedValue) or not isinstance(text, ast.Constant):
                continue
            said = ast.unparse(value.value)
            is_bound = re.fullmatch(r"_?[A-Z_]+", said) or "MOST" in said
            if not is_bound and re.match(rf"(?:th|st|nd|rd)\b| (?:{NOUNS})s\b", str(text.value)):
                yield f"{node.lineno}: {said}{text.value}"


#: Counts that are never 1, by what stands behind them.
NEVER_ONE = ("signals come back", "ways, which add up", "files; expected one", "contributions", "layers",
             "samples", "gradients are too many", "rows are more", "rows in all", "steps is too large")  # fmt: skip


@pytest.mark.parametrize("path", SOURCE, ids=lambda path: path.stem)
def test_counts_go_with_their_nouns_in_the_source(path: Path) -> None:
    found = list(bare_counts(path.read_text(encoding="utf-8")))
    assert [text for text in found if not any(f" {never}" in text for never in NEVER_ONE)] == []
