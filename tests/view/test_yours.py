"""A learner's own numbers beside the right ones: what is marked is what the comparison says, wherever it stands."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bpstep.comparison.net import THE_INPUTS
from bpstep.comparison.sheet import sheet_of
from bpstep.comparison.wording import report_lines
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.scenario.loader import load
from bpstep.view.drawing.canvas import Canvas, row_text
from bpstep.view.drawing.layout import folded_lines
from bpstep.view.panes import network, program, tables
from bpstep.view.say.answers import answer_lines
from bpstep.view.say.exports import attach
from bpstep.view.say.plain import plain_lines
from bpstep.view.say.views import view, whole
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.spelling import symbols_of
from tests.helpers.held import report_on, session_with, verdicts
from tests.helpers.leaks import TRIED, told_by

SCENARIOS = [
    "mazur-2-2-2",
    "xor",
    "softmax",
    "article-2-3-2-1",
    "residual-chain",
    "fan-out",
    "chain-rule",
    "adam",
]
CASES = [(scenario, seed) for scenario in SCENARIOS for seed in (1, 2)]


def end_of_pass(session: Console) -> int:
    """The position at which all numbers of the first batch are there, and no parameter is updated yet."""
    timeline = session.run.timeline
    end = timeline.start_of_batch(1)
    while end > 0 and session.run.step(end).when.phase == "update":
        end -= 1
    return end


def signs(told: list[bool | None]) -> str:
    """The marks of some numbers: ✗ where one is wrong, ✓ where it is not, nothing where there is none."""
    return "".join("" if wrong is None else "✗" if wrong else "✓" for wrong in told)


def whole_lines(session: Console, name: str, width: int) -> list[str]:
    return [row_text(row) for row in whole(session, name, width)]


def marks_in(text: str) -> str:
    return "".join(character for character in text if character in "✓✗")


@pytest.mark.parametrize(("scenario", "seed"), CASES)
def test_the_listing_marks_what_the_comparison_says(scenario: str, seed: int) -> None:
    session = session_with(scenario, seed)
    assert session.held is not None
    told, run = verdicts(session.held), session.run
    session.position = end = run.timeline.start_of_batch(1)
    lines = [
        line
        for line in map(row_text, program.whole(Frame.of(session), 60))
        if line.strip()[:1].isdigit() or "▶" in line[:3]
    ]
    lines = [line for line in lines if "── " not in line and "▶ forward" not in line][:end]
    assert len(lines) == end
    for number, line in enumerate(lines, 1):
        step, row = run.step(number), run.place(number).sample
        is_compared = step.is_final and step.when.phase != "update"
        assert marks_in(line) == signs([told.get((step.cell, row)) if is_compared else None]), line


@pytest.mark.parametrize(("scenario", "seed"), CASES)
def test_tables_and_cards_mark_what_the_comparison_says(scenario: str, seed: int) -> None:
    session = session_with(scenario, seed)
    assert session.held is not None
    told = verdicts(session.held)
    session.position = end_of_pass(session)
    frame, row = Frame.of(session), session.moment.place.sample
    s, problem = symbols_of(session), session.setup.problem

    def expected(*of: Cell) -> str:
        return signs([told.get((cell, row)) for cell in of])

    if not isinstance(problem, NetworkSpec):
        names = [*problem.inputs, *(operation.name for operation in problem.operations)]
        for name, line in zip(names, whole_lines(session, "variables", 80)[2:], strict=True):
            assert marks_in(line) == expected(cells.var(name), cells.d(cells.var(name)))
        return
    parameters = {s(v.cell(j)): v.cell(j) for v in frame.setup.graph.parameters for j in range(v.size)}
    seen = 0
    for line in whole_lines(session, "weights", 100)[2:]:
        cell = parameters[line[2:11].strip()]
        assert marks_in(line) == expected(cell, cells.d(cell)), line
        seen += 1
    assert seen == len(parameters)
    neurons = [(layer, name) for layer in problem.layers for name in layer.neurons]
    for (_, name), line in zip(neurons, whole_lines(session, "nodes", 80)[2:], strict=True):
        net, output = cells.e(name), cells.y(name)
        of = (net, output, cells.local(output, net), cells.d(output), cells.d(net))
        assert marks_in(line) == expected(*of), line
    picture = network.draw(frame, 85, 12).text()
    if picture.count("╰─ f′") + picture.count("┗━ f′") == len(neurons):  # all of them are cards
        of = [cell for _, n in neurons for cell in (cells.e(n), cells.y(n), cells.d(cells.e(n)), cells.d(cells.y(n)),
                                                    cells.local(cells.y(n), cells.e(n)))]  # fmt: skip
        of += [cells.y(name) for name in problem.inputs] + [cells.t(name) for name in problem.outputs]
        of += [cells.COST]
        # At the step that writes its gradient that stands in the place of a weight.
        last = session.run.step(session.position).cell
        of += [cells.d(cell) if cells.d(cell) == last else cell for cell in parameters.values()]
        assert sorted(marks_in(picture)) == sorted(expected(*of))


@pytest.mark.parametrize(("scenario", "seed"), CASES)
def test_every_number_of_a_learner_has_its_row(scenario: str, seed: int) -> None:
    session = session_with(scenario, seed)
    report = session.held
    assert report is not None
    lines = whole_lines(session, "yours", 80)[2:]
    assert len(lines) == report.read
    assert "".join(map(marks_in, lines)).count("✗") == report.wrong


@pytest.mark.parametrize(("scenario", "seed"), CASES)
def test_from_wrong_to_wrong_and_back(scenario: str, seed: int) -> None:
    session = session_with(scenario, seed)
    assert session.held is not None
    told, run = verdicts(session.held), session.run
    steps = (run.step(number) for number in range(1, end_of_pass(session) + 1))
    wrong = [s.number for s in steps if s.is_final and told.get((s.cell, run.place(s.number).sample))]
    there = []
    for _ in wrong:
        session.execute("step wrong")
        there.append(session.position)
    with pytest.raises(CommandError, match="no later number disagrees"):
        session.execute("step wrong")
    assert there == wrong
    back = []
    session.position = session.length
    while back[-1:] != wrong[:1]:
        session.execute("back wrong")
        back.append(session.position)
    assert back == wrong[::-1]
    if wrong:
        session.position = 0
        session.execute("break wrong")
        session.execute("continue")
        assert session.position == wrong[0]


@pytest.mark.parametrize("scenario", ["mazur-2-2-2", "xor", "fan-out"])
def test_a_mark_is_given_only_to_the_number_that_was_compared(scenario: str) -> None:
    session = session_with(scenario, 3)
    assert session.held is not None
    before = {
        number: session.run.step(number) for number in range(1, session.run.timeline.start_of_batch(1) + 1)
    }
    some = session.run.setup.graph.given[0].cell(0)
    session.execute("goto 0")
    session.execute(f"set {some} = {some} + 0.25")
    marks, run = session.marks, session.run
    assert marks is not None
    same = 0
    for number, step in before.items():
        now = run.step(number)
        if marks.of_step(run, now) is not None:
            assert now.value == pytest.approx(step.value, rel=1e-8)
            same += 1
        assert marks.of_step(run, step) is None or step.when.phase != "update"
    assert 0 < same < len(before)
    session.execute("undo")
    assert any(session.marks.disagrees(session.run, step) for step in before.values())  # type: ignore[union-attr]
    if session.length > run.timeline.start_of_batch(1):
        session.execute("goto end")
        assert not Frame.of(session).yours
        assert marks_in(view(session, "program", 60).text()) == ""


def test_the_step_has_both_numbers_and_so_has_what_is_printed(tmp_path: Path) -> None:
    numbers = tmp_path / "mine.json"
    numbers.write_text(json.dumps({"delta[h1]": 0.03635030642, "d(y[h1])": 0.0363503064}), "utf-8")
    session = Console(load("mazur-2-2-2"))
    session.execute(f'compare "{numbers}"')
    assert session.position == 37
    text = view(session, "step", 80).text()
    assert "✗ yours is 4.144 × the right one" in text
    assert [line.split() for line in text.split("\n") if "yours  " in line] == [
        ["yours", "+0.03635✓", "+0.03635✗"]
    ]
    for line in ("print delta[h1]", "info delta[h1]", "back", "step"):
        told = "\n".join(plain_lines(session, session.execute(line), 80))
        assert ("yours +0.0363503   right +0.00877135   ratio 4.144" in told) == (line != "back"), line
    assert "+0.008771✗ +0.03635" in "\n".join(
        text for text, _ in answer_lines(session, session.execute("why"), 100)
    )
    for width, both in ((85, True), (80, False)):
        told = [text for text, _ in answer_lines(session, session.execute("why"), width)]
        assert ("+0.008771✗ +0.03635" in told[1]) == both
        assert "+0.008771✗" in told[1]
    session.options = replace(session.options, glyphs="ascii")
    assert "X yours is 4.144" in "\n".join(plain_lines(session, session.execute("show step"), 80))
    session.execute("back 37")
    session.execute("goto 2")
    assert "yours" not in view(session, "step", 80).text()  # nothing of this step was given


#: What moves on, or ends the question.
_GOES_ON = {name for name, command in COMMANDS.items() if command.moves} | {
    "predict", "restart", "source", "!", "diff", "train", "switch", "answer", "set", "undo", "compare",
}  # fmt: skip


@pytest.mark.parametrize("position", [36, 22])
def test_while_anything_is_asked_nothing_tells_which_number_is_wrong(position: int, tmp_path: Path) -> None:
    """Two learners, of whom one has the number that is asked for right: what they see is the same."""
    told = []
    for right in (True, False):
        session = Console(load("mazur-2-2-2"))
        sheet = sheet_of(session.run)
        numbers = {
            key: slot.right * (1.0 if right else 4.0) for key, slot in sheet.slots.items() if key[0] == "d(e)"
        }
        session.held = report_on(session.run, {key: np.array(array) for key, array in numbers.items()})
        attach(session)
        session.folder = tmp_path
        session.blocks = {"nothing": "nothing"}
        (tmp_path / "NUMBERS.json").write_text('{"delta[h1]": 5}', "utf-8")
        session.execute("break delta[o1]")
        session.execute(f"goto {position}")
        session.execute("predict on")
        asked = session.asked
        assert session.marks is None
        found = {}
        for make in (make for name, make in TRIED.items() if name not in _GOES_ON):
            for line in make(str(asked), "w[i1->h1]"):
                found[line] = told_by(session, line)
                assert session.asked == asked, line
        for line in ("step wrong", "back wrong"):
            with pytest.raises(CommandError, match=r"waits until the question is answered"):
                session.execute(line)
        assert session.asked == asked
        told.append(found)
    assert told[0] == told[1]


def test_where_there_is_nothing_to_compare_nothing_is_marked() -> None:
    session = Console(load("mazur-2-2-2"))
    session.execute("goto 40")
    with pytest.raises(CommandError, match="nothing has been compared yet"):
        session.execute("step wrong")
    canvas = Canvas(80, 10)
    canvas.blit(0, 0, tables.draw(Frame.of(session), 80, 10, "weights"))
    assert marks_in(canvas.text()) == ""
    for name in ("yours", "compare"):
        assert "nothing has been compared yet" in view(session, name, 80).text()


@pytest.mark.parametrize("scenario", ["xor", "fan-out"])
def test_what_is_kept_from_frame_to_frame_has_the_marks_of_its_moment(scenario: str) -> None:
    """Drawn with what the frame before knew, or anew: the same, when samples change and when numbers are compared."""
    session = session_with(scenario, 1)
    first, second = session.held, session_with(scenario, 2).held
    frame = Frame.of(session)
    length = session.run.timeline.start_of_batch(1)
    for turn, position in enumerate([*range(0, length, 5), length // 2, length // 2, length // 2]):
        session.held = None if turn % 7 == 6 else second if turn % 5 == 4 else first
        session.position = position
        frame = Frame.of(session, frame)
        anew = Frame.of(session)
        assert _panes(frame) == _panes(anew)


def test_the_same_number_in_two_samples_has_two_marks() -> None:
    session = Console(load("xor"))
    inputs = sheet_of(session.run).slots["y", THE_INPUTS].right.copy()
    assert inputs[0, 0] == inputs[1, 0]
    inputs[1, 0] = 0.5
    session.held = report_on(session.run, {("y", THE_INPUTS): inputs})
    session.position = 4
    before = Frame.of(session)
    assert "✗" not in network.draw(before, 85, 12).text()
    session.execute("step sample")
    session.position += 4
    assert "✗" in network.draw(Frame.of(session, before), 85, 12).text()


def _panes(frame: Frame) -> list[str]:
    listing = program.draw(frame, 60, 30, max(1, frame.position - 9)).text()
    table = tables.draw(frame, 85, 12, "weights" if frame.setup.is_network else "variables").text()
    return [listing, table, network.draw(frame, 85, 12).text()]


def test_a_sum_that_happens_to_have_its_last_value_is_not_marked() -> None:
    session = Console(load("mazur-2-2-2"))
    session.held = report_on(session.run, {("e", 0): sheet_of(session.run).slots["e", 0].right})
    session.position = 40
    yours, reading = Frame.of(session).yours, session.read(cells.e("h1"))
    assert reading is not None
    assert yours.of(reading) is not None
    assert [yours.of(replace(reading, state=state)) for state in ("partial", "stale", "overridden")] == [
        None
    ] * 3


def test_steps_whose_numbers_were_changed_are_passed_by() -> None:
    session = Console(load("mazur-2-2-2"))
    sheet = sheet_of(session.run)
    session.held = report_on(session.run, {("d(e)", k): sheet.slots["d(e)", k].right * 2 for k in (0, 1)})
    session.execute("set w[h2->o2] = 0.1")
    session.execute("step wrong")
    assert str(session.step.cell) == "d(e[o1])"  # type: ignore[union-attr]
    with pytest.raises(CommandError, match="no later number"):
        session.execute("step wrong")
    session.execute("undo")
    session.execute("step wrong")
    assert str(session.step.cell) == "d(e[o2])"  # type: ignore[union-attr]


def test_stops_at_wrong_numbers_ahead_of_a_question_are_not_shown() -> None:
    session = session_with("mazur-2-2-2", 1)
    session.execute("break wrong")
    session.execute("step 10")
    ahead = session.stops_between(11, session.length)
    assert ahead
    attach(session)
    session.execute("predict on")
    assert session.stops_between(11, session.length) == frozenset()
    session.execute("predict off")
    assert session.stops_between(11, session.length) == ahead


def test_the_ledger_marks_what_it_is_made_of_and_what_it_comes_to() -> None:
    session = Console(load("mazur-2-2-2"))
    sheet = sheet_of(session.run)
    given = {key: sheet.slots[key].right.copy() for key in (("d(y)", 0), ("w", 1), ("d(w)", 0))}
    given["d(y)", 0][0, 0] = 5.0
    session.held = report_on(session.run, given)
    session.position = 35
    lines = view(session, "chain", 100).text().split("\n")
    assert [line.split()[6] for line in lines if "via o" in line] == ["0.4000✓", "0.5000✓"]
    assert any("+0.03635✗" in line and "2 of 2" in line for line in lines)
    session.position = 37
    assert "+0.03635✗ ×" in view(session, "chain", 100).text()
    session.position = 49
    assert "✓" in view(session, "chain", 100).text()  # the gradient that the update uses


#: The rows of a report have their label in so many columns.
_LABEL = 14


@pytest.mark.parametrize("width", [44, 60, 76])
@pytest.mark.parametrize(("scenario", "seed"), CASES)
def test_a_row_of_the_report_goes_on_below_its_text_and_not_below_its_label(
    scenario: str, seed: int, width: int
) -> None:
    report = session_with(scenario, seed).held
    assert report is not None
    labelled = [line for line in report_lines(report) if re.match(r"\S.{0,12}  ", line)]
    assert labelled or report.ok
    for line in labelled:
        first, *rest = (text for text, _ in folded_lines([(line, "text")], width))
        text_at = _LABEL
        assert all(row[:text_at].isspace() and not row[text_at].isspace() for row in rest), (first, rest)
        assert max(map(len, (first, *rest))) <= width
