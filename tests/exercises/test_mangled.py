"""Whatever an exercise file holds: a line with its place, or an exercise that can be begun; never a traceback.

The fuzzer (`python -m tests.fuzz --only exercises`) tries many thousands of such files.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.exercises.loading import exercise_folder, load_path
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load
from bpstep.view.say.answers import answer_lines
from tests.fuzz.mangling import mangled

SHIPPED = [path.read_text("utf-8") for path in sorted(exercise_folder().glob("*.toml"))]
_PLACE = re.compile(r"^[^:]+:\d+:\d+: ")


def test_a_mangled_file_is_lines_or_an_exercise(tmp_path: Path) -> None:
    chance, begun = random.Random(5), 0
    for number in range(160):
        folder = tmp_path / str(number)
        folder.mkdir()
        text = mangled(chance.choice(SHIPPED), chance)
        (folder / "one.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        exercises, problems = load_path(folder)
        for problem in problems:
            assert _PLACE.match(str(problem)), text
            assert str(problem).isprintable(), text
        for exercise in exercises:
            begun += _begun(folder, exercise.id)
    assert begun > 12, "many of them can be begun all the same"


def _begun(folder: Path, name: str) -> bool:
    """Begin an exercise, and go through it as somebody who does not know much; False where it can not be begun."""
    session = Console(load("chain-rule"))
    session.tutor = ExerciseTutor(session, folder=folder)
    for line in (f"exercise {name} seed=1", "hint", "hint", "hint", "answer 0.5", "answer right", "reveal"):
        told, failed = _told(session, line)
        assert all(text.isprintable() for text in told)
        if failed and line.startswith("exercise"):
            return False
    return True


def _told(session: Console, line: str) -> tuple[list[str], bool]:
    """What a command tells, and whether it failed."""
    try:
        return [text for text, _ in answer_lines(session, session.execute(line))], False
    except CommandError as error:
        return error.message.split("\n"), True


GOOD = (exercise_folder() / "07-output-delta.toml").read_text("utf-8")
VARIED = '"w[h1->o1]" = { low = -0.5, high = 1.0, step = 0.25 }'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (VARIED, '"step" = { low = 0, high = 1, step = 0.5 }', "vary.step: there is no such weight"),
        (VARIED, '"x" = { low = 0, high = 1, step = 0.5 }', "vary.x: "),
        (VARIED, '"1 +" = { low = 0, high = 1, step = 0.5 }', "vary.1 +: "),
        (VARIED, '"w[h1->o9]" = { low = 0, high = 1, step = 0.5 }', "there is no such weight"),
        (VARIED, '"b[i1]" = { low = 0, high = 1, step = 0.5 }', "there is no such weight"),
        (VARIED, '"delta[o1]" = { low = 0, high = 1, step = 0.5 }', "there is no such weight"),
        (VARIED, '"w[h1->o1]" = { low = -1e308, high = 1e308, step = 1 }', "expected at most 1 000 000 values"),
        (VARIED, '"w[h1->o1]" = { low = 0, high = inf, step = 1 }', "high: found inf; expected a finite number"),
        (VARIED, f'"w[h1->o1]" = {{ low = 0, high = {"9" * 400}, step = 1 }}', "digits; expected a finite number"),
        (VARIED, '"w[h1->o1]" = { low = 0, high = 1, step = 1e-12 }', "expected at most 1 000 000 values"),
        ('hints = ["The', r'hints = ["\u001b[31mThe', r"hints[0]: the character \x1b is not allowed"),
        ('prompt = "What', r'prompt = "\u202eWhat', r"the character \u202e is not allowed"),
        ('ask = "delta[o1]"\nprompt', r'ask = ["\u001b"]' + "\nprompt", r"the character \x1b is not allowed"),
        ('at = "cost"', 'at = "cost > 0"', "is no cell"),
        ('at = "cost"', 'at = "d(w[h1->o1], y[h1])"', "there is no cell"),
        ('kind = "value"\nask = "delta[o1]"', 'kind = "check"\nask = "delta[o1]"', "is no gradient of a parameter"),
        ('kind = "value"\nask = "delta[o1]"', f'kind = "order"\nask = {["cost"] * 13}', "expected at most 12"),
        ('kind = "value"\nask', 'kind = "train"\nupdates = 9\nloss_below = 1e400\nask', "expected a number above 0"),
        ('at = "cost"', 'at = "update"', "is shown already"),
        ('kind = "value"\nask', 'kind = "train"\nupdates = 2001\nloss_below = 1\nask', "a whole number from 1 to 2000"),
        ('title = "The', f'skills = {["x"] * 13}\ntitle = "The', "the list has 13 elements; expected at most 12"),
    ],
)  # fmt: skip
def test_what_an_author_got_wrong_is_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    assert old in GOOD
    text = GOOD.replace('skills = ["upstream", "local-derivative", "product"]\n', "").replace(old, new, 1)
    (tmp_path / "one.toml").write_text(text, "utf-8")
    assert main(["exercises", "check", "--path", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert _PLACE.match(error)


def test_what_is_wrong_with_a_file_is_told_before_its_exercise_is_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.toml").write_text(GOOD.replace(VARIED, VARIED.replace("o1", "o9")), "utf-8")
    assert main(["exercise", "output-delta", "--path", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "vary.w[h1->o9]: there is no such weight" in err


@pytest.mark.parametrize(
    ("item", "says"),
    [('kind = "order"\nask = ["delta[h1]", "y[h1]"]', "too large for a question of order"),
     ('kind = "train"\nupdates = 2000\nloss_below = 1e-9', "too many to grade")],
)  # fmt: skip
def test_what_asks_for_too_much_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], item: str, says: str
) -> None:
    head = 'format = 1\nid = "much"\ntitle = "Much"\nscenario = "deep-784-128-10"\n\n[[item]]\n'
    (tmp_path / "one.toml").write_text(head + item, "utf-8")
    assert main(["exercises", "check", "--path", str(tmp_path)]) == 1
    assert says in capsys.readouterr().err
