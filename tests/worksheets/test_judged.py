"""Questions about somebody else's numbers, on paper: what stands on the sheet is enough to answer them, and the key's
answers are graded as the key says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bpstep.engine.rules import RULES
from bpstep.exercises.kind import Posed
from bpstep.exercises.loading import load_path
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.worksheets.blocks import Formulas, Text
from bpstep.worksheets.documents import sheet_document
from bpstep.worksheets.parts import Part, Question
from bpstep.worksheets.sheets import Sheet, left_out, of_exercises

EXERCISES = {exercise.id: exercise for exercise in load_path()[0]}
SEED = 5


def judged(name: str, kind: str) -> Iterator[tuple[Part, Question, Posed]]:
    """The questions of a kind as two students have them, each with the question as it is asked on the screen."""
    exercise = EXERCISES[name]
    assert not left_out([exercise])
    for sheet in of_exercises([exercise], variants=2, seed=SEED):
        seed = SEED + sheet.number - 1
        scenario = variant_of(exercise, seed)
        places = [place for place, item in enumerate(exercise.items) if item.kind == kind]
        posed = [posed_item(exercise, place, scenario, seed) for place in places]
        asked = [
            (part, question)
            for part in sheet.parts
            for question in part.questions
            if question.lines[0] in [one.item.prompt for one in posed]
        ]
        assert numbers_of(sheet) == list(range(1, len(exercise.items) + 1))
        yield from ((part, question, one) for (part, question), one in zip(asked, posed, strict=True))


def numbers_of(sheet: Sheet) -> list[int]:
    return sorted({question.number for part in sheet.parts for question in part.questions})


def check_graded(question: Question, posed: Posed) -> None:
    assert posed.kind.grade(posed, question.solution[0]).verdict == "correct"
    assert question.wrong
    for wrong in question.wrong:
        assert posed.kind.grade(posed, wrong.value).verdict == "wrong"


@pytest.mark.parametrize("name", ["judge-a-gradient", "check-another", "a-row-of-the-jacobian"])
def test_a_gradient_can_be_judged_by_the_two_losses_on_the_sheet(name: str) -> None:
    for _, question, posed in judged(name, "check"):
        posed.kind.grade(posed, "1e-3")
        check_graded(question, posed)
        told = question.lines[1].replace("−", "-")
        found = re.search(r" = ([^ ]+)\. With .* result is ([^ ]+), smaller by h ([^ ]+)\.$", told)
        assert found is not None, told
        value, above, below = map(float, found.groups())
        quotient = (above - below) / 2e-3
        assert (abs(quotient - value) <= 1e-3 * abs(value) + 1e-9) == (question.solution[0] == "right"), told


@pytest.mark.parametrize("name", ["find-another", "find-on-tanh", "find-it-in-a-norm"])
def test_a_wrong_run_stands_on_the_sheet_with_the_rules_that_may_have_made_it(name: str) -> None:
    for part, question, posed in judged(name, "wrong-rule"):
        check_graded(question, posed)
        listed = {line.partition(":")[0] for line in question.lines[2:]}
        assert listed == set(posed.item.wrong or RULES)
        assert question.solution[0].split()[0] in listed
        found = re.search(r"is (−?[\d.e−]+) and should be (−?[\d.e−]+)$", question.how)
        assert found is not None
        wrong, right = found.groups()
        shown = [entry for table in part.tables for row in table.rows for entry in row]
        assert any(isinstance(entry, str) and _is_same(entry, wrong) for entry in shown), (
            wrong,
            "is to be seen",
        )
        assert not _is_same(wrong, right)


def _is_same(entry: str, text: str) -> bool:
    try:
        one, other = (float(number.replace("−", "-")) for number in (entry, text))
    except ValueError:
        return False
    return abs(one - other) <= 1e-3 * abs(other)


def test_no_line_of_a_question_is_cut_by_a_page() -> None:
    for name in ("find-another", "judge-a-gradient"):
        made = tuple(of_exercises([EXERCISES[name]], variants=1, seed=SEED))
        for block in sheet_document(made, 1):
            if isinstance(block, Formulas):
                assert max(map(len, block.lines), default=0) <= 90, block
            assert not isinstance(block, Text) or block.text
