"""The whole path of exercises on the screen at 80x24, by keys alone, in one session: what is asked is seen whole, so is
what it is worked out from, and what comes of each answer."""

from __future__ import annotations

import random
import re

from textual.pilot import Pilot

from bpstep.debugger.console import Console
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.exercises.reading import read_for
from bpstep.exercises.trainings import commands_of
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load
from bpstep.tui.app import BpstepApp
from bpstep.tui.ask_cover import AskCover
from bpstep.tui.field import Field
from bpstep.tui.stepper import Stepper
from bpstep.view.drawing.numbers import NumberFormat
from tests.helpers.screens import running, text_of

EXERCISES = load_path()[0]
#: The variant that is asked; the share of the questions, but the first ones, at which a mistake is made; and of those
#: at which a hint is looked at.
SEED, _MISTAKES, _HINTS = 5, 0.3, 0.25


def squeezed(text: str) -> str:
    """Text without what lines it is broken into."""
    return re.sub(r"\s+", "", text)


class Screen:
    """The screen of a learner."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self.pilot, self._text = pilot, ""
        assert isinstance(pilot.app.screen, Stepper)
        self.stepper = pilot.app.screen

    @property
    def tutor(self) -> ExerciseTutor:
        assert isinstance(self.stepper.session.tutor, ExerciseTutor)
        return self.stepper.session.tutor

    @property
    def cover(self) -> AskCover:
        assert isinstance(self.stepper.cover, AskCover)
        return self.stepper.cover

    @property
    def text(self) -> str:
        """What stands on the screen since the last key."""
        if not self._text:
            self._text = text_of(self.pilot)
        return self._text

    async def type(self, line: str) -> None:
        field = self.pilot.app.focused
        assert isinstance(field, Field)
        field.value = line
        await self.press("enter")

    async def press(self, key: str) -> None:
        await self.pilot.press(key)
        self._text = ""

    @property
    def result(self) -> list[str]:
        """What came of the last answer, as far as it is to be read without turning the page."""
        texts = [text for text, _ in self.cover.result]
        if "you gave  " in self.text:  # the factor that is missing is drawn
            texts = [text for text in texts if not text.lstrip().startswith("You gave ")]
        return texts[:2] if "PgDn reads on" in self.text else texts

    def sees(self, *texts: str) -> bool:
        shown = squeezed(self.text)
        return all(squeezed(text) in shown for text in texts)


def not_seen(screen: Screen) -> list[str]:
    """Of what an answer is worked out from, what is neither on the screen nor named there to be printed."""
    session, tutor = screen.stepper.session, screen.tutor
    assert tutor.posed is not None
    text, question = screen.text.replace("−", "-"), " ".join(screen.cover.question)
    numbers, missing = NumberFormat(session.options.digits), []
    shown, hidden = read_for(session, tutor.posed.cell)
    for factor in shown:
        exact = abs(factor.value)
        forms = {
            numbers.value(exact).strip(),
            f"{exact:.4g}",
            f"{exact:#.4g}",
            f"{exact:.3g}",
            f"{exact:.2e}".replace("e-0", "e-"),
        }
        is_named = "print" in question and str(factor.cell) in question
        if not is_named and not any(re.search(rf"(?<!\d){re.escape(form)}", text) for form in forms):
            missing.append(f"{factor.cell} = {factor.value:g}")
    said = question.replace("−", "-")
    return missing + [str(one.cell) for one in hidden if not re.search(rf"(?<!\d){one.value:g}(?!\d)", said)]


async def go_through(screen: Screen, exercise: Exercise, chance: random.Random) -> list[str]:
    """Every question of an exercise: a wrong answer, a hint, the right answer; what is not seen of all that."""
    missing: list[str] = []
    for place, item in enumerate(exercise.items):
        at, here = f"{exercise.id}, question {place + 1}", f"question {place + 1} of {len(exercise.items)}"

        def look(what: str, *texts: str, at: str = at, missing: list[str] = missing) -> None:
            if not screen.sees(*texts):
                missing.append(f"{at}: {what} is not seen: {texts}")

        kind, posed = KINDS[item.kind], screen.tutor.posed
        assert posed is not None, at
        assert screen.tutor.place == place, at
        look("the question", here, *(kind.question(posed) if item.kind != "order" else [item.prompt]))
        look("what the field asks for", screen.tutor.wants)
        if item.kind == "value":
            missing += [f"{at}: {one} is not seen" for one in not_seen(screen)]
        mistakes = [one for one in kind.bad(posed) if one.text and one.text != "0"]
        if mistakes and (place == 0 or chance.random() < _MISTAKES):
            await screen.type(chance.choice(mistakes).text)
            look("the verdict", *screen.result, "not ")
            if chance.random() < _HINTS:
                await screen.press("f2")
                look("a hint", *screen.result, "hint 1 of")
        await answer_rightly(screen, exercise, place)
        look("what comes of the right answer", *screen.result, f"{exercise.id} · {here}", "right")
    if not screen.sees(f"{exercise.title}: done.", "Enter next exercise"):
        missing.append(f"{exercise.id} does not lead on")
    return missing


async def answer_rightly(screen: Screen, exercise: Exercise, place: int) -> None:
    """What is right, after what has to be done for it."""
    kind, posed = KINDS[exercise.items[place].kind], screen.tutor.posed
    assert posed is not None
    if kind.name == "train":
        known = posed_item(exercise, place, variant_of(exercise, SEED), SEED)
        KINDS["train"].solution(known)
        for line in commands_of(known.learner.run):
            screen.stepper.session.execute(line)
        await screen.type("")
        return
    if kind.name == "check":
        await screen.type("1e-5")
    await screen.type(kind.solution(posed))


async def test_the_path_is_gone_through_on_the_screen() -> None:
    app = BpstepApp(Console(load("one-neuron")))
    app.tells_story = False
    chance = random.Random(SEED)
    async with running(app, (80, 24)) as pilot:
        screen = Screen(pilot)
        missing = []
        for exercise in EXERCISES:
            screen.stepper.action_submit(f"exercise {exercise.id} seed={SEED}")
            await pilot.pause()
            screen._text = ""
            missing += await go_through(screen, exercise, chance)
        assert not missing, "\n".join(missing)
        await screen.press("enter")
        assert screen.tutor.posed is not None or screen.sees("of the path are done"), "a key leads on"


async def test_on_the_smallest_screen_a_long_question_leaves_room_for_the_verdict() -> None:
    app = BpstepApp(Console(load("one-neuron")))
    app.tells_story = False
    async with running(app, (60, 20)) as pilot:
        screen = Screen(pilot)
        screen.stepper.action_submit(f"exercise what-comes-first seed={SEED}")
        await pilot.pause()
        assert screen.sees("In which order can these be computed?", "6")
        await screen.type("6 5 4 3 2 1")
        assert screen.sees("not right", *screen.result)
