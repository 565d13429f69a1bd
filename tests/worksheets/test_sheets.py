"""Worksheets: a key is read back into the grader, a sheet gives nothing away, the same seed makes the same sheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest

from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec
from bpstep.exercises.grading import grade_value, rule_values
from bpstep.exercises.loading import load_path
from bpstep.exercises.needs import Needs
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.scenario.catalogue import scenario_folder
from bpstep.scenario.loader import load, loads
from bpstep.view.drawing.numbers import shortest
from bpstep.worksheets.blocks import Block, Entry, Filled, Formulas, Gap, Table, Text
from bpstep.worksheets.documents import key_document, sheet_document
from bpstep.worksheets.html import as_html
from bpstep.worksheets.latex import as_latex
from bpstep.worksheets.markdown import as_markdown
from bpstep.worksheets.numbers import Draws, tolerance_truth
from bpstep.worksheets.parts import Part
from bpstep.worksheets.picture import RADIUS, label_width
from bpstep.worksheets.sheets import Sheet, default_blanks, of_exercises, of_scenario
from bpstep.worksheets.shown import HIDDEN, Shown

SCENARIOS = ("mazur-2-2-2", "chain-rule", "fan-out", "xor-direct", "softmax", "dead-relu")
WIDE = """format = 1
title = "Wide"
[network]
inputs = {inputs}
cost = "half-squared-error"
[[network.layer]]
neurons = {neurons}
activation = "tanh"
init = {{ scheme = "uniform", seed = 1 }}
bias = true
[[network.layer]]
neurons = 1
activation = "linear"
init = {{ scheme = "uniform", seed = 2 }}
[[sample]]
input = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3]
target = [1]
"""
#: Programs over arrays: of one, two and four axes; looked up, where some cells are never used.
OVER_ARRAYS = ("residual", "embedding", "convolution-channels")
EXERCISES = {exercise.id: exercise for exercise in load_path()[0]}


@cache
def sheets(name: str, variants: int = 2, *, fade: bool = False) -> tuple[Sheet, ...]:
    """Some sheets of a scenario or an exercise, made once."""
    return new_sheets(name, variants, fade=fade)


def new_sheets(name: str, variants: int, *, fade: bool = False) -> tuple[Sheet, ...]:
    """The same, made now."""
    if name in EXERCISES:
        return tuple(of_exercises([EXERCISES[name]], variants=variants, seed=5, fade=fade))
    scenario = load(name)
    blanks = default_blanks(scenario)
    return tuple(of_scenario(scenario, blanks, variants=variants, seed=5, fade=fade))


# --- a key is read back into the grader ---------------------------------------------------------------


@dataclass
class Row:
    """What a key in Markdown says of one blank."""

    variant: int
    number: int
    right: str
    wrong: dict[str, str]


def read_back(key: str) -> Iterator[Row]:
    """The rows of a key, by its text alone."""
    variant, row = 0, None
    for line in key.replace("\\", "").splitlines():
        if heading := re.match(r"## Variant (\d+)", line):
            variant = int(heading[1])
        elif found := re.match(r"\| (\d*) \| (.*?) \| (\S+) \| (.*) \|$", line):
            if found[1]:
                if row is not None:
                    yield row
                row = Row(variant, int(found[1]), found[3].strip("*"), {})
            elif row is not None:
                row.wrong[found[3]] = found[4]
    if row is not None:
        yield row


def graded(session: Session, row: Row, truth: object, rules: dict[str, float]) -> None:
    """The grader says of every value of a row what the key says of it."""
    assert grade_value(session, truth, row.right, rules=rules).verdict == "correct"  # type: ignore[arg-type]
    assert len(row.wrong) >= 3, row
    for text, says in row.wrong.items():
        grade = grade_value(session, truth, text, rules=rules)  # type: ignore[arg-type]
        told = " ".join([*grade.says, *grade.diagnoses])
        named = re.findall(r"\(([a-z-]+(?:, [a-z-]+)*)\)$", says)
        assert grade.verdict == "wrong", (row, text)
        sentences = re.sub(r" \([a-z, -]+\)$", "", says).split(" Or: ")
        is_named = named and set(named[0].split(", ")) & {*grade.diagnoses}
        assert is_named or any(one in told for one in sentences), (row, text, told)


@pytest.mark.parametrize("name", ["mazur-2-2-2", "fan-out", "residual", "max-pool"])
def test_the_grader_says_of_every_value_of_a_key_what_the_key_says(name: str) -> None:
    found = sheets(name)
    rows = list(read_back("".join(as_markdown(key_document(found, name, 2)))))
    assert len(rows) == sum(len(part.blanks) for sheet in found for part in sheet.parts)
    scenario = load(name)
    cells = [blank.cell for blank in found[0].parts[0].blanks]
    draws = Draws(_alone(name), sorted(cells, key=lambda c: _written(name).index(c)), 5)
    sessions = {sheet.number: draws.variant(sheet.number) for sheet in found}
    for row in rows:
        session, cell = sessions[row.variant], cells[row.number - 1]
        truth = tolerance_truth(session, cell)
        if len(row.wrong) >= 3:
            graded(session, row, truth, rule_values(session, cell, truth.steps[-1].number))
    assert scenario.title == found[0].title


def _alone(name: str):  # type: ignore[no-untyped-def]
    from bpstep.worksheets.sheets import one_pass

    return one_pass(load(name))


@cache
def _written(name: str) -> list[object]:
    run = Session(_alone(name)).run
    return list(dict.fromkeys(run.step(n).cell for n in range(1, run.length + 1)))


@pytest.mark.parametrize("name", ["hidden-delta", "one-w-four-uses", "under-the-window"])
def test_the_key_of_an_exercise_is_right_where_the_exercise_is_begun_with_its_seed(name: str) -> None:
    """A key says how the very same numbers are opened: there its values are graded as it says."""
    (sheet,) = sheets(name, 1)
    key = "".join(as_markdown(key_document([sheet], "", 1)))
    opened = re.search(r"exercise (\S+) seed=(\d+)", key)
    assert opened is not None
    exercise, seed = EXERCISES[opened[1]], int(opened[2])
    rows = {row.number: row for row in read_back(key)}
    scenario = variant_of(exercise, seed)
    values = [place for place, item in enumerate(exercise.items) if item.kind == "value"]
    for number, place in enumerate(values, 1):
        posed = posed_item(exercise, place, scenario, seed)
        row = rows[number]
        assert posed.kind.grade(posed, row.right).verdict == "correct"
        assert all(posed.kind.grade(posed, text).verdict == "wrong" for text in row.wrong)


# --- a sheet gives nothing away -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "chain-rule",
        "softmax",
        "hidden-delta",
        "first-chain-rule",
        "a-batch",
        "forward-mode",
        "residual",
        "max-pool",
        "a-row-of-the-jacobian",
    ],
)
def test_a_sheet_shows_no_number_that_is_made_of_an_answer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the graph of the run, asked of each number that is shown: no answer is among the cells that it needs."""
    shown: list[tuple[Shown, Cell, str]] = []
    number = Shown.number

    def noted(self: Shown, cell: Cell) -> str:
        text = number(self, cell)
        shown.append((self, cell, text))
        return text

    monkeypatch.setattr(Shown, "number", noted)
    (sheet,) = new_sheets(name, 1)
    asked = {blank.cell for part in sheet.parts for blank in part.blanks}
    assert asked
    assert shown
    for page, cell, text in shown:
        reading = page.session.read(cell)
        if text not in ("", HIDDEN) and reading is not None and reading.state != "given":
            assert not asked & Needs(page.session).of(cell), (cell, text)


def test_each_gap_stands_in_a_table() -> None:
    for name in (*SCENARIOS, *OVER_ARRAYS, "hidden-delta", "under-the-window"):
        for part in sheets(name)[0].parts:
            entries = [entry for table in part.tables for row in table.rows for entry in row]
            gaps = sorted(entry.number for entry in entries if isinstance(entry, Gap))
            assert gaps == sorted(blank.number for blank in part.blanks)


def test_what_is_the_answer_already_is_hidden() -> None:
    """dy/du alone is d(u), where what comes back is 1."""
    (sheet,) = of_scenario(load("chain-rule"), "d(u)", variants=1, seed=3)
    (local,) = (table for table in sheet.parts[0].tables if table.title == "Local derivatives")
    assert dict(local.rows)["∂y/∂u"] == HIDDEN  # type: ignore[call-overload]
    assert dict(local.rows)["∂u/∂v"] != HIDDEN  # type: ignore[call-overload]


def test_a_faded_sheet_goes_from_worked_to_blank() -> None:
    (sheet,) = sheets("fan-out", 1, fade=True)
    gaps = [sum(bool(blank.number) for blank in part.blanks) for part in sheet.parts]
    whole = len(sheet.parts[0].blanks)
    assert gaps == [0, whole - round(whole / 2), whole]
    numbers = [blank.number for part in sheet.parts for blank in part.blanks if blank.number]
    assert sorted(numbers) == list(range(1, sum(gaps) + 1))
    filled = [
        entry
        for table in sheet.parts[0].tables
        for row in table.rows
        for entry in row
        if isinstance(entry, Filled)
    ]
    assert len(filled) == whole
    assert len({part.drawing.text for part in sheet.parts}) == 3


# --- arrays -----------------------------------------------------------------------------------------------


def _cells_of(part: Part) -> dict[tuple[str, str], Entry]:
    """What stands at each index of each array, by the titles and heads of the tables alone."""
    found: dict[tuple[str, str], Entry] = {}
    for table in part.tables:
        for name, *entries in table.rows:
            for head, entry in zip(table.heads[1:], entries, strict=True):
                if table.title == "Numbers":
                    found[str(name), head] = entry
                elif table.title.startswith("Rows of"):
                    found[str(name), f"[{head}]"] = entry
                else:
                    array, _, lead = table.title.removesuffix(", continued").partition("[")
                    found[array, f"[{lead.replace(']', ',')}{name},{head}]"] = entry
    return found


@pytest.mark.parametrize("name", OVER_ARRAYS)
def test_an_array_stands_in_a_sheet_with_each_number_at_its_place(name: str) -> None:
    """What a table says at a place is that cell's number, and a gap there is the blank of its derivative."""
    sheet = sheets(name)[0]
    (part,) = sheet.parts
    session = Session(part.scenario)
    session.position = session.length
    blanks = {blank.number: str(blank.cell) for blank in part.blanks}
    problem, places = part.scenario.problem, _cells_of(part)
    assert isinstance(problem, ExpressionSpec)
    for array, value in zip(problem.inputs, problem.values, strict=True):
        for index in np.ndindex(np.shape(value)) if np.size(value) > 1 else ():
            said = places[array, f"[{','.join(str(k + 1) for k in index)}]"]
            assert said == shortest(float(np.asarray(value)[index])), (array, index)
    gaps = {f"d({a.removeprefix('∂E/∂')}{k})": e for (a, k), e in places.items() if isinstance(e, Gap)}
    assert {cell: blanks[gap.number] for cell, gap in gaps.items()} == {
        cell: cell for cell in blanks.values()
    }


def test_what_is_no_number_to_learn_by_stays_as_it_is() -> None:
    """A picture of whole numbers and the targets are the author's on every sheet; weights are not."""
    first, second = (sheet.parts[0].scenario.problem for sheet in sheets("max-pool"))
    assert isinstance(first, ExpressionSpec)
    assert isinstance(second, ExpressionSpec)
    same = [np.array_equal(a, b) for a, b in zip(first.values, second.values, strict=True)]
    assert same == [name not in first.parameters for name in first.inputs]


# --- variants -------------------------------------------------------------------------------------------


def _seen(sheet: Sheet) -> list[object]:
    return [(part.tables, part.blanks, part.drawing) for part in sheet.parts]


def test_every_student_has_other_numbers_and_a_seed_always_the_same() -> None:
    first, second = of_scenario(load("xor-direct"), "delta[*]", variants=2, seed=5)
    assert first.parts[0].tables != second.parts[0].tables
    again = next(of_scenario(load("xor-direct"), "delta[*]", variants=2, seed=5))
    assert _seen(again) == _seen(first)
    other = next(of_scenario(load("xor-direct"), "delta[*]", variants=1, seed=6))
    assert _seen(other) != _seen(first)


def test_numbers_are_readable() -> None:
    """No value of a class set needs an exponent, and no step more than five digits."""
    for sheet in sheets("mazur-2-2-2"):
        for blank in sheet.parts[0].blanks:
            assert 1e-5 < abs(float(blank.value.replace("−", "-"))) < 1e4
            assert max(len(n.lstrip("0.")) for n in re.findall(r"\d+\.\d+", blank.lines[-1])) <= 6


# --- what is written --------------------------------------------------------------------------------------


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def documents(name: str) -> list[list[Block]]:
    made = sheets(name)
    return [list(sheet_document(made, 2)), list(key_document(made, name, 2))]


@pytest.mark.parametrize("name", [*SCENARIOS, "hidden-delta", "residual", "embedding"])
def test_every_format_holds_every_gap_and_is_well_formed(name: str) -> None:
    sheet, key = documents(name)
    gaps = {
        entry.number
        for block in sheet
        if isinstance(block, Table)
        for row in block.rows
        for entry in row
        if isinstance(entry, Gap)
    }
    for blocks in (sheet, key):
        page, paper, text = (
            "".join(as_html(blocks, "a < b")),
            "".join(as_latex(blocks)),
            "".join(as_markdown(blocks)),
        )
        balance = _Balance()
        balance.feed(page)
        assert balance.open == []
        assert paper.isascii()
        plain = re.sub(r"\\[{}\\]", "", paper)
        assert plain.count("{") == plain.count("}")
        assert paper.count(r"\begin{") == paper.count(r"\end{")
        for row in (line for line in text.splitlines() if line.startswith("|")):
            assert row.endswith("|")
    for number in gaps:
        assert f"({number})" in "".join(as_html(sheet, ""))
        assert f"\\blank{{{number}}}" in "".join(as_latex(sheet))


def test_every_sign_of_what_is_shipped_is_a_command_in_latex() -> None:
    """Whatever stands in a scenario or an exercise: ASCII, or a letter of a name, which any LaTeX knows."""
    texts = [path.read_text("utf-8") for path in scenario_folder().rglob("*.toml")]
    signs = "".join(sorted(set("".join(texts)) - set("\n\t"))) + "₁ᵀ⅓☃"
    written = "".join(as_latex([Text(signs)]))
    assert not [
        char for char in written if not char.isascii() and not unicodedata.name(char).startswith("LATIN")
    ]
    assert "$_{1}$$^{T}$$\\frac{1}{3}$[snowman]" in written


def test_no_table_is_longer_than_a_page() -> None:
    """Twelve neurons that hear twelve: the table of their 156 parameters is in pieces, and every gap is in one."""
    wide = WIDE.format(inputs=12, neurons=12)
    (sheet,) = of_scenario(loads(wide, "wide.toml"), "d(w[*])", variants=1, seed=1)
    tables = sheet.parts[0].tables
    assert max(len(table.rows) for table in tables) <= 24
    gaps = [entry for table in tables for row in table.rows for entry in row if isinstance(entry, Gap)]
    assert len(gaps) == len(set(gaps)) == 144 + 12


def test_a_page_parts_no_table_and_each_sheet_begins_on_a_new_one() -> None:
    page = "".join(as_html(documents("mazur-2-2-2")[0], ""))
    assert page.count('<div class="new">') == 1
    assert "size:" not in page.split("}")[0], "the printer's paper holds"
    assert re.search(r"table\.short \{[^}]*break-inside: avoid", page)


# --- bad input ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "blanks", "says"),
    [
        ("mazur-2-2-2", "delta[h3]", 'did you mean "delta[h2]"?'),
        ("mazur-2-2-2", "zz[*]", "expected cells such as"),
        ("mazur-2-2-2", " , ", "expected the cells to leave blank"),
        ("mazur-2-2-2", "y[i1]", "no step of mazur-2-2-2 writes"),
        ("deep-784-128-10", "delta[*]", "101 770 parameters"),
    ],
)
def test_what_can_not_be_asked_is_one_clear_line(name: str, blanks: str, says: str) -> None:
    with pytest.raises(CommandError) as error:
        next(of_scenario(load(name), blanks, variants=1, seed=1))
    assert says in error.value.message
    assert "\n" not in error.value.message


def test_a_penalty_is_no_sample() -> None:
    """With l2 a gradient of one sample has two contributions; no mistake is told about the mean of two samples."""
    scenario = load("mazur-2-2-2")
    penalized = replace(scenario, training=replace(scenario.training, l2=0.1))
    (sheet,) = of_scenario(penalized, "d(w[i1->h1])", variants=1, seed=1)
    assert "samples" not in " ".join(wrong.says for wrong in sheet.parts[0].blanks[0].wrong)


# --- what a sheet looks like --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["batch-norm", "attention", "residual"])
def test_what_a_program_makes_on_the_way_is_used_in_a_line_of_its_sheet(name: str) -> None:
    """So a reader who knows no name of a function can compute all of it."""
    scenario = load(name)
    problem = Session(scenario).setup.problem
    assert isinstance(problem, ExpressionSpec)
    assert scenario.stated is not None
    (sheet,) = sheets(name, 1)
    given, lines = scenario.stated.define, [line for part in sheet.parts for line in part.formulas]
    used = " ".join(line.partition("=")[2] for line in lines)
    made = {operation.name for operation in problem.operations} - {text.split()[0] for text in given}
    assert made
    for one in made:
        assert re.search(rf"\b{one}\b", used), one


@pytest.mark.parametrize("name", ["judge-a-gradient", "find-the-mistake", "which-line"])
def test_the_lines_of_a_question_stand_under_its_text(name: str) -> None:
    lines = [
        line
        for block in sheet_document(sheets(name), 2)
        if isinstance(block, Formulas) and block.lines[0].startswith("(")
        for line in block.lines
    ]
    assert len(lines) > 5
    for line in lines:
        assert re.match(r"\(\d+\) |     ", line), line
        assert len(line) <= 78, line


@pytest.mark.parametrize(
    "name", [name for name, one in EXERCISES.items() if one.items[0].kind == "wrong-rule"]
)
def test_a_key_to_a_wrong_rule_has_the_rules_of_its_sheet(name: str) -> None:
    for sheet in sheets(name):
        for question in (one for part in sheet.parts for one in part.questions if one.solution):
            told = {line.partition(":")[0] for line in question.lines if ": " in line}
            assert {answer.split()[0] for answer in question.solution} <= told
            assert {wrong.value.split()[0] for wrong in question.wrong} <= told


@pytest.mark.parametrize(
    "name", ["vanishing", "residual-chain", "where-is-the-back-propagation", "clipping", "attention"]
)
def test_a_picture_of_a_long_net_is_not_made_smaller_and_no_node_covers_a_weight(name: str) -> None:
    for sheet in sheets(name):
        for drawing in (part.drawing for part in sheet.parts):
            assert 0 < drawing.width < 1.12 * 178 / 25.4 * 72
            for wire in (wire for wire in drawing.wires if wire.bent):
                ends_y = drawing.nodes[wire.start].y, drawing.nodes[wire.end].y
                assert sum(ends_y) / 2 - 23 - 5.5 >= 0, "what stands on the arc is cut"
            straight = [wire for wire in drawing.wires if wire.label and not wire.bent]
            for wire in straight:
                ends = drawing.nodes[wire.start].x, drawing.nodes[wire.end].x
                for share in (wire.at, 1 - wire.at):
                    assert share * (ends[1] - ends[0]) >= RADIUS + label_width(wire.label) / 2
