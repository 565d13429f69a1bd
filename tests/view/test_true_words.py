"""What is said is true of this scenario, and every cell has a name of its own: in every scenario, notation, character
set and optimizer, at a step of every kind.

Notations are tried with one that nobody has, whose letters occur nowhere else: where a letter of bpstep's own shows
through, a formula has not gone through the notation; and what a book shows is what nobody shows, letter for letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine.cells import Cell
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.passes import compute
from bpstep.engine.rules import RULES
from bpstep.engine.specs import ExpressionSpec, NetworkSpec
from bpstep.engine.steps import Step
from bpstep.scenario.model import Scenario
from bpstep.scenario.notations import NOTATIONS, Notation, letter_of_setting
from bpstep.view.drawing.glyphs import GLYPH_SETS
from bpstep.view.panes.gathering import Maker, gathering
from bpstep.view.say.plain import plain_lines
from bpstep.view.say.views import lines_of, view
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.brief import brief
from bpstep.view.words.cases import general_formula
from bpstep.view.words.inline import inline, names_of
from bpstep.view.words.narrate import sentence
from tests.helpers.moments import EVERY, forward_mode, moments, moments_of, opened_at
from tests.helpers.problems import expression_trainings, expressions, networks, trainings

NOBODYS = Notation("nobody", "Ж", "Ю", "Д", "Ф", "Л", "Ц", "Щ", "Ъ", net_mark="†")
BOOKS = dict(NOTATIONS)
LETTERS = list(NOBODYS.letters)
#: The settings of optimizers: they have letters of their own, where a book has them for nothing else.
SETTINGS = dict.fromkeys(name for row in OPTIMIZERS.values() for name in row.defaults)
#: A letter of bpstep's own, where it stands for a cell: not in a word, a number, a typed name, or as an exponent.
OWN = re.compile(r"(?<![\w\[.^])(?:e|y|t|E|δ|η|s|f)(?=[(′·²]| [·=+−/]|/∂|\)|$)", re.MULTILINE)
#: The name of a cell in nobody's letters.
NAME = re.compile(r"[∂]*[ЖЮДФЛЦЩЪ]†?′?(?:\((?:[^()]|\([^()]*\))*\))?")


@pytest.fixture(autouse=True)
def nobodys_notation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NOTATIONS, "nobody", NOBODYS)


def spelt(session: Console, notation: str, glyphs: str = "full") -> None:
    session.options = replace(session.options, notation=notation, glyphs=glyphs)


def as_written_in(notation: Notation, text: str) -> str:
    """A text in nobody's letters, in those of a book."""
    for name in SETTINGS:
        text = re.sub(
            rf"(?<!\w){letter_of_setting(name, NOBODYS)}(?!\w)", letter_of_setting(name, notation), text
        )
    for name in LETTERS:
        text = text.replace(getattr(NOBODYS, name), getattr(notation, name))
    return text


def formulas(session: Console) -> Iterator[str]:
    """What is said of a step, however wide the screen is."""
    step = session.step
    assert step is not None
    yield inline(Frame.of(session), step)
    yield general_formula(Frame.of(session), step)
    yield sentence(Frame.of(session), step)
    yield brief(step, symbols_of(session))
    yield from (line for line, _ in lines_of(session, "algorithm", 10_000))


@pytest.mark.parametrize("name", EVERY)
def test_a_book_says_what_nobody_says_letter_for_letter(name: str) -> None:
    session = opened_at(name)
    for position in moments(name):
        session.position = position
        spelt(session, "nobody")
        nobodys = list(formulas(session))
        for notation in BOOKS.values():
            spelt(session, notation.name)
            for said, meant in zip(formulas(session), nobodys, strict=True):
                assert said == as_written_in(notation, meant)
                found = set(NAME.findall(meant))
                assert len({as_written_in(notation, symbol) for symbol in found}) == len(found), said


@pytest.mark.parametrize("name", [name for name in EVERY if opened_at(name).setup.is_network])
def test_no_letter_of_our_own_shows_through(name: str) -> None:
    session = opened_at(name)
    spelt(session, "nobody")
    views = ["explain", "step", "chain", "legend", "algorithm", "nodes", "weights", "network", "program"]
    for number, position in enumerate((0, *moments(name))):
        session.position = position
        for shown in views if number % 12 == 0 else views[:3]:
            text = view(session, shown, 200).text()
            assert not OWN.findall(text), (shown, text)
        if number % 12 == 0 and session.step is not None:
            for command in ("why", "info", "paths", "by-hand"):
                assert not OWN.findall(answer(session, f"{command} {session.step.cell}"))


def answer(session: Console, line: str) -> str:
    """What a command answers; nothing where it does not apply."""
    try:
        return "\n".join(plain_lines(session, session.execute(line), 100))
    except CommandError:
        return ""


@pytest.mark.parametrize("name", EVERY)
def test_no_two_cells_of_a_step_have_one_name(name: str) -> None:
    for commands in ((), forward_mode(name)):
        check_names_in_all_notations(name, commands)


AMONG = ("mazur-2-2-2", "softmax", "chain-rule", "one-sample-l2")
#: Rules of programs over arrays apply to none of these.
APPLYING = [
    name
    for name, rule in RULES.items()
    if any(not rule.refuses(of.problem, of.training) for of in (opened_at(one, ()).scenario for one in AMONG))
]
CHANGES = (*(f"set rule = {rule}" for rule in APPLYING), *(f"set optimizer = {name}" for name in OPTIMIZERS))


@pytest.mark.parametrize("change", CHANGES)
def test_nor_under_any_rule_or_optimizer(change: str) -> None:
    applies = 0
    for name in AMONG:
        with suppress(CommandError):
            check_names_in_all_notations(name, (change,))
            applies += 1
    assert applies


def check_names_in_all_notations(name: str, commands: tuple[str, ...]) -> None:
    session = opened_at(name, commands)
    for position in moments(name, commands):
        session.position = position
        for notation in BOOKS:
            for glyphs in GLYPH_SETS:
                spelt(session, notation, glyphs)
                check_names(session)


def check_names(session: Console) -> None:
    s, step = symbols_of(session), session.step
    assert step is not None
    write = GLYPH_SETS[session.options.glyphs].translate
    named: dict[str, Cell] = {write(s(step.cell)): step.cell}
    for factor, name in zip(step.inputs, names_of(Frame.of(session), step, s), strict=True):
        if name != "1":
            assert named.setdefault(write(name), factor.cell) == factor.cell, inline(Frame.of(session), step)


# --- the rule that a step is a case of ------------------------------------------------------------------------


def right_of(formula: str) -> str:
    """What stands behind the sign."""
    return re.split(r" (?:=|\+=|−=) ", formula, maxsplit=1)[1]


def instance(session: Console, step: Step) -> str:
    """The right-hand side of the general formula, for the neurons of a step."""
    s = symbols_of(session)
    text = re.sub(r"^Σ[ijk] ", "", right_of(general_formula(Frame.of(session), step)))
    places = {"i": "", "j": step.when.node, "k": step.when.node}
    local = step.cell if step.op == "local" else step.local and step.local.cell
    if local and isinstance(local.of, Cell) and isinstance(local.by, Cell):
        places |= {"k": str(local.of.of or local.by.of), "i": str(local.by.of)}
    for index, name in places.items():
        text = re.sub(rf"(?<=[(→]){index}(?=[)→])", name, text)
    if step.when.phase == "update":
        parameter = step.cell.of if step.op == "state" else step.cell
        assert isinstance(parameter, Cell)
        text = re.sub(r"(?<!\w)w(?![\w(])", s(parameter), text)
    return text.replace(s.slope(f"{s.notation.net}({step.when.node})"), s.slope(step.when.node))


EXACT = ("apply", "local", "contribute", "state", "update")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "name", ["mazur-2-2-2", "softmax", "xor", "deep-softmax", "one-sample-l2", "summed-kink"]
)
def test_a_step_is_a_case_of_its_general_formula(name: str, optimizer: str) -> None:
    commands = (f"set optimizer = {optimizer}",)
    session, seen = opened_at(name, commands), set()
    for position in moments(name, commands):
        session.position = position
        step = session.step
        assert step is not None
        special = step.because or (step.op == "state" and step.was is None)
        if step.op not in EXACT or special or ends_in_a_term_that_vanishes(step):
            continue
        said, wanted = right_of(inline(Frame.of(session), step)), instance(session, step)
        assert agree(said, wanted), (said, wanted)
        seen.add(step.op)
    assert {"apply", "local", "contribute", "update"} <= seen


def agree(said: str, wanted: str) -> bool:
    """Whether a step says what its rule wants: in a softmax layer, with every place written out or one of two cases;
    of the penalty, with the 1 that the loss begins with; in a batch, with the slope of the cost by its name."""
    if said.startswith("exp(") or " for " in wanted:
        return said.partition(" / ")[0] in wanted
    in_batch = said.startswith("∂loss/∂E · ∂E/∂") and wanted.startswith("∂loss/∂E · ")
    return said in (wanted, f"1 · {wanted}") or in_batch or said.endswith(" · 0")


def ends_in_a_term_that_vanishes(step: Step) -> bool:
    """Whether a target of 0 or 1 has left something of the cost out."""
    targets = [factor.value for factor in step.inputs if factor.cell.kind == "t"]
    of_cost = step.op == "local" and isinstance(step.cell.of, Cell) and step.cell.of.kind == "cost"
    return of_cost and (not targets or targets[0] in (0.0, 1.0))


# --- ledgers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_a_number_in_a_ledger_is_the_one_that_its_contribution_reads(name: str) -> None:
    shown = 0
    for commands in ((), forward_mode(name)):
        session = opened_at(name, commands)
        for position in moments(name, commands):
            session.position = position
            step = session.step
            found = gathering(Frame.of(session), step) if step is not None else None
            if step is None or found is None:
                continue
            make = Maker.of(Frame.of(session), step, found, session.options.digits)
            for place in range(min(found.total, 6)):
                contribution = make.contribution(place)
                for factor in (*contribution.inputs, contribution.local, contribution.upstream):
                    value = None if factor is None else make.value_now(contribution, factor)
                    assert value is None or factor is None or value == factor.value, (position, factor.cell)
                    shown += value is not None
    assert shown > 10


# --- any scenario --------------------------------------------------------------------------------------------------


@given(st.one_of(networks(), expressions()), st.data())
@settings(max_examples=15)
def test_random_scenarios_are_told(problem: NetworkSpec | ExpressionSpec, data: st.DataObject) -> None:
    training = data.draw(trainings() if isinstance(problem, NetworkSpec) else expression_trainings())
    session = Console(Scenario("random", "random", problem, training))
    spelt(session, data.draw(st.sampled_from(sorted(BOOKS))), data.draw(st.sampled_from(sorted(GLYPH_SETS))))
    for position in moments_of(session)[:: data.draw(st.integers(1, 3))]:
        session.position = position
        check_names(session)
        for name in ("explain", "step", "chain"):
            assert view(session, name, 90).text()
    for name in ("program", "network", "legend", "algorithm"):
        assert view(session, name, 90).text()


@pytest.mark.parametrize("line", ["set w[i1->h1] = 7", "set y[i2] = 3", "set t[o1] = 1", "set lr = 2"])
def test_what_an_update_did_is_told_where_it_alone_did_it(line: str) -> None:
    """A number that is set by hand behind the forward pass moves the loss, too: then nothing is said of the update."""
    told = set()
    for position in range(0, 48, 3):
        session = opened_at("mazur-2-2-2", position=position)
        session.execute(line)
        session.position = session.length
        numbers = session.run.batch(0).numbers
        given = [numbers.values[vector.id] for vector in numbers.graph.given]
        again = compute(numbers.setup, numbers.rate, numbers.rows, numbers.parameters, given)
        says = any("These updates together" in text for text, _ in _explained(session))
        assert not says or numbers.loss == pytest.approx(again.loss), position
        told.add(says)
    assert told == ({True} if "lr" in line else {True, False})


def _explained(session: Console) -> list[tuple[str, str]]:
    return list(lines_of(session, "explain", 200))
